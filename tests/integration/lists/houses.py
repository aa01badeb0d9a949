"""Data for every list: a few rows of each, made by the real acts where these are at hand.

A list that finds less than two rows here fails its tests: give it some.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine

from gateway.roles import permissions_of
from kernel.chassis.data.blobs import blob_store
from kernel.chassis.data.database import create_engine
from kernel.chassis.data.unit_of_work import UnitOfWork
from kernel.chassis.process.settings import BlobSettings, DatabaseSettings
from kernel.contracts.binding.carrier_counts import PushCarrierCounts
from kernel.contracts.binding.locks import LockCards, ReleaseLocks
from kernel.contracts.binding.mismatches import CorrectUnits
from kernel.contracts.binding.on_demand import AskReads
from kernel.contracts.binding.settling import HandleException, Settle, UndoSettlement
from kernel.contracts.binding.terminals import FullList, ReportTerminals
from kernel.contracts.documents.seals import RegisterSeal
from kernel.contracts.imei.acts import FreezeSerials
from kernel.contracts.imei.clerks import BindClerk
from kernel.contracts.imei.freezes import AppealFreeze
from kernel.contracts.imei.orders import ReserveSerial
from kernel.contracts.imei.redemption import RedeemSerial
from kernel.model.actor import Actor
from kernel.model.label_code import label_code
from services.binding import carrier_counts, corrections, locks, on_demand, settling
from services.binding.terminals import report_terminals
from services.documents import seals
from services.imei import appeals, clerks, freezing, redemption, reserving
from services.inventory.boxes import own_system
from tests.integration.binding.nights import NOW as NIGHTS_END
from tests.integration.binding.nights import STATION, Network, at, card, module, terminal
from tests.integration.binding.nights import row as night_row
from tests.integration.documents.desk import CLERK, FORM_KEY, Desk, small_content
from tests.integration.imei.shops import PROVINCE as PROVINCE_CLERK
from tests.integration.imei.shops import Shops
from tests.integration.inventory.stock import Stock
from tests.integration.inventory.world import NOW, PROVINCE, World, inventory_engine
from tests.integration.traffic.costs_office import Office as Tariffs
from tests.integration.traffic.meters import CARRIERS, Meters, day, iccid
from tests.integration.workflow.office import CITY, Office, clerk

UNITS = ("99", "9901", "990101", "990102", "9902", "990201")


def actor(unit: str, login: str = CLERK.id) -> Actor:
    """Somebody of ``unit`` who may do everything; in each service he has rows of his own."""
    return Actor(login, CLERK.name, unit, permissions_of(["province_clerk", "city_clerk", "county_clerk"], unit))


@dataclass(eq=False)
class House:
    """One service's rows. ``needs``: fields that take certain values only > what there is; required ones stand here."""

    engine: Engine
    now: datetime = NOW
    needs: dict[str, list[Any]] = field(default_factory=dict)


def _inventory(url: str, _: Path) -> House:
    world = World(inventory_engine(url))
    world.live(batches=6, size=40)
    with world.writing(actor(PROVINCE)) as tx:
        changes = tx.execute("SELECT id FROM changes ORDER BY id LIMIT 8").scalars().all()
        for number, change in enumerate(changes):
            at = NOW - timedelta(days=number // 2)
            tx.execute(
                "INSERT INTO requisitions (id, issued_at, unit, recipient, phone, card_count, recorded_by, change_id)"
                " VALUES (nextval('requisitions_id_seq'), :at, :unit, :who, '13800001111', :count, '王芳', :change)",
                {"at": at, "unit": UNITS[number % 6], "who": f"张{number % 3}", "count": number, "change": change},
            )
            tx.execute(
                """
                INSERT INTO allocations (id, allocated_at, carrier, card_spec, application_month, start_iccid,
                    end_iccid, from_unit, to_unit, card_count, operator, contact, recorded_by, change_id)
                VALUES (nextval('allocations_id_seq'), :at, :carrier, 'plug_in', :month, '8986000000000000000',
                    '8986000000000000009', '99', :unit, :count, '+张', '13800001111', '王芳', :change)
                """,
                {
                    "at": at,
                    "carrier": ("china_mobile", "china_telecom")[number % 2],
                    "month": ("2026-06", "2026-08")[number % 2],
                    "unit": UNITS[number % 6],
                    "count": number,
                    "change": change,
                },
            )
        tx.execute(
            "WITH made AS (INSERT INTO changes (action, at, by, by_name, by_unit, reference_kind, reference_id)"
            " SELECT 'issue', :at, 'x', '王芳', '99', 'requisition', id::text FROM requisitions RETURNING id)"
            " INSERT INTO run_log (card_id, version, change_id, to_state, to_unit)"
            " SELECT cards.id, 1000 + made.id, made.id, state, owner_unit FROM cards, made WHERE cards.id % 5 = 0",
            {"at": NOW},
        )
        deliveries = tx.execute("SELECT id FROM deliveries ORDER BY id").scalars().all()
        tx.execute(
            "INSERT INTO refused_rows (delivery_id, row_no, iccid, code, params)"
            " SELECT :delivery, n, '8986' || n, 'iccid_length', '{\"value\": \"8986\", \"length\": 5}'"
            " FROM generate_series(1, 7) AS n",
            {"delivery": deliveries[0]},
        )
        tx.execute(
            "INSERT INTO boxes (delivery_id, box_no, first_iccid, last_iccid, card_count, packed_at, packed_by)"
            " SELECT :delivery, n, 'a', 'b', 7, :at, '王芳' FROM generate_series(1, 7) AS n",
            {"delivery": deliveries[0], "at": NOW},
        )
        code = label_code(own_system(tx), "batch", deliveries[0])
    needs = {"delivery_id": [deliveries[0]], "code": [code], "kind": ["requisition"], "act_id": [2, 4, 6]}
    return House(world.engine, needs=needs)


def _workflow(url: str, _: Path) -> House:
    settings = DatabaseSettings(database_url=url)
    engines = {name: create_engine(name, "write", settings) for name in ("workflow", "inventory")}
    office = Office(engines["workflow"], Stock(engines["inventory"], 1))
    for number, unit in enumerate(("990101", "990102", "990101", "990201")):
        office.apply(unit, 10 + number, card_spec=("plug_in", "smd")[number % 2])
    office.hand_over()
    numbers = [office.seal(office.city_form(unit).number, clerk(unit)).number for unit in ("9901", "9902")]
    office.list_cards(office.scrapped(2, "9901"), by=CITY)
    office.list_cards(office.scrapped(3))
    office.scrapped(4)
    form = office.termination(office.scrapped(53))
    office.submit(form.number, clerk("990101"))
    office.issue(form.number)
    for verdict in ("differs", "unclear"):
        office.judge(form.number, office.upload(form.number, clerk("990101")), verdict)
    known = {"number": [form.number], **dict.fromkeys(("form", "city_form", "province_form"), numbers)}
    return House(engines["workflow"], office.now, known)


def _documents(url: str, folder: Path) -> House:
    engine = create_engine("documents", "job", DatabaseSettings(database_url=url))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SIMKEEP_BLOB_URL", folder.as_uri())
        patch.setenv("SIMKEEP_FORM_PRIVATE_KEY", FORM_KEY)
        desk = Desk(engine, url, blob_store(BlobSettings(blob_url=folder.as_uri())))
        for serial in (1, 2):
            content = small_content(serial)
            desk.issue(content)
            desk.issue(content.model_copy(update={"revision": 2}))
            desk.judged(content.number, b"no PDF")
            desk.judge(content.number, "unclear", "foreign_ink")
        for serial in (1, 2, 3):
            first = date(2026, 10 + serial % 2, serial)
            values = {"unit": f"9901{serial:02d}", "name": f"东江市{serial}", "valid_from": first}
            request = RegisterSeal(**values, upload=desk.put(b"no picture"))
            with desk.writing(CLERK) as tx:
                seals.register_seal(tx, request, by=CLERK, now=datetime.now(UTC))
            if serial > 1:
                desk.work()
    return House(engine, datetime.now(UTC))


def _traffic(url: str, folder: Path) -> House:
    engine = create_engine("traffic", "write", DatabaseSettings(database_url=url))
    meters = Meters(engine, blob_store(BlobSettings(blob_url=folder.as_uri())))
    meters.have_cards(8)
    meters.run("UPDATE cards SET terminal_asset_no = 'T' || id / 2")
    for number in range(1, 5):
        rows = [(iccid(card), day(number), 1 << (card + number)) for card in range(6 + number)]
        meters.push(rows, by=actor(("99", "9901", "990101", "99")[number - 1]))
        meters.report(rows[:number])
    meters.push([(iccid(0), day(1, 10), 5)])
    meters.have_cards(3, first=20)
    meters.run("UPDATE cards SET state = 'in_stock' WHERE id IN (1, 2, 3)")
    meters.report([(iccid(card), day(4), 1 << 31) for card in (4, 5, 6)])
    office = Tariffs(meters)
    for carrier in CARRIERS:
        office.tariff(carrier=carrier)
    office.rate("2026-11")
    office.rate("2026-11")
    entries = office.costs()
    lines = [f"{entry.iccid},{entry.amount + 1}" for entry in entries if entry.carrier == CARRIERS[0]]
    for month in ("2026-10", "2026-11"):
        office.bill("\n".join(["ICCID,费用", *lines]), month=month)
    for made in (_PULLS, _RULES, _WARNINGS, _POOLS, _DOUBTS):
        meters.run(made, at=meters.now)
    needs = {"carrier": [CARRIERS[0]], "month": ["2026-11"], "months": [1, 2]}
    return House(engine, meters.now, needs)


_PULLS = """
INSERT INTO pulls (carrier, unit, kind, subject, day, state, wanted, closes_at, next_at, planned_at)
SELECT (ARRAY['china_mobile', 'china_unicom'])[1 + n % 2], '99', (ARRAY['day', 'file'])[1 + n % 2], 'd' || n,
       CAST('2026-11-10' AS date) + n, (ARRAY['open', 'done', 'lost'])[1 + n % 3], 10 * n, :at, :at, :at
FROM generate_series(1, 8) AS n
"""
_POOLS = """
INSERT INTO pools (province, carrier, name, valid_from, size, joining_prorated, leaving_shrinks, overage,
                   created_by_name, created_at)
SELECT '99', (ARRAY['china_mobile', 'china_unicom'])[1 + n % 2], 'P' || n % 3, CAST('2026-01-01' AS date) + 31 * n,
       CASE WHEN n % 2 = 0 THEN 1 << 30 END, n % 3 = 0, true, (ARRAY['excess', 'usage', 'equal'])[1 + n % 3],
       '王芳', :at
FROM generate_series(1, 8) AS n
"""
_DOUBTS = """
WITH months AS (
    INSERT INTO own_counters (card_id, month, day, counter, bytes)
    SELECT id, '2026-11-01', '2026-11-04', 5, 0 FROM cards
)
INSERT INTO counter_doubts (card_id, day, before, counter, wrapped, reset, known)
SELECT id, '2026-11-04', 9, 5, 4294967292, 5, CASE WHEN id % 2 = 0 THEN 7 END FROM cards
"""
_RULES = """
INSERT INTO usage_rules (unit, name, kind, threshold, carrier, enabled, changed_by_name, changed_at)
SELECT (ARRAY['99', '9901', '990101'])[1 + n % 3], 'r' || n, (ARRAY['jump', 'silent_days'])[1 + n % 2], n,
       CASE WHEN n % 2 = 0 THEN 'china_mobile' END, n % 3 > 0, '王芳', :at FROM generate_series(1, 8) AS n
"""
_WARNINGS = """
INSERT INTO usage_warnings (rule_id, card_id, period, iccid, unit, value, limit_value, at)
SELECT usage_rules.id, cards.id, '2026-11', iccid, owner_unit, 5, 4, :at
FROM usage_rules JOIN cards ON (usage_rules.id + cards.id) % 3 = 0
"""
_FOUND = {
    "edits": "INSERT INTO edits (device_id, unit, at, field, before, after, by, by_name, reason)"
    " SELECT n, CASE n % 3 WHEN 0 THEN '9902' ELSE '990101' END, :at, (ARRAY['maker', 'model'])[1 + n % 2], 'x', 'y',"
    " 'x', '王芳', '补录' FROM generate_series(1, 7) AS n",
    "contacts": "INSERT INTO contacts (vendor, login, name, phone, mail, unit, state, registered_at, registered_by,"
    " registered_by_name) SELECT '厂商' || n % 3, 'c' || n, '张敏', '1', 'a@b.c', '99',"
    " (ARRAY['refused', 'revoked'])[1 + n % 2], :at, 'x', 'y' FROM generate_series(1, 7) AS n",
    "violations": "INSERT INTO violations (kind, device_id, code, happened_at, organisation, unit, ours, theirs,"
    " found_at, state) SELECT (ARRAY['clone', 'phantom'])[1 + n % 2], n, n, :at, 'shop-1',"
    " CASE n % 3 WHEN 0 THEN '9902' ELSE '990101' END, 'x', 'y', :at, 'open' FROM generate_series(1, 7) AS n",
    "tacs": "INSERT INTO tacs (tac, maker, model, changed_at, by_name) SELECT 890241024 + n, '厂' || n % 2, 'M' || n,"
    " :at, '王芳' FROM generate_series(1, 5) AS n",
    "reminders": "INSERT INTO reminders (organisation, unit, state, first_at, last_at, times, devices, oldest_at)"
    " SELECT 'shop-' || n, CASE n % 3 WHEN 0 THEN '9902' ELSE '990101' END, (ARRAY['open', 'read'])[1 + n % 2], :at,"
    " :at, n, n, :at FROM generate_series(1, 7) AS n",
    "spot_checks": "INSERT INTO spot_checks (organisation, unit, state, devices, reason, drawn_at, drawn_by_name)"
    " SELECT 'shop-' || n, CASE n % 3 WHEN 0 THEN '9902' ELSE '990101' END, (ARRAY['drawn', 'counted'])[1 + n % 2],"
    " n, '抽查', :at, '王芳' FROM generate_series(1, 7) AS n",
    "spot_check_devices": "INSERT INTO spot_check_devices (check_id, device_id, version, outcome)"
    " SELECT (SELECT min(id) FROM spot_checks), id, version, CASE n % 2 WHEN 0 THEN 'found' END"
    " FROM (SELECT id, version, row_number() OVER (ORDER BY id) AS n FROM devices) AS devices WHERE n <= 6",
    "swap_lists": "INSERT INTO swap_lists (number, organisation, unit, state, pairs, drafted_at, drafted_by_name)"
    " SELECT 'HJ-' || n, 'centre', CASE n % 3 WHEN 0 THEN '9902' ELSE '990101' END, (ARRAY['issued', 'passed'])"
    "[1 + n % 2], n, :at, '王芳' FROM generate_series(1, 6) AS n",
    "swap_pairs": "INSERT INTO swap_pairs (number, row_no, returned, replacement, outcome)"
    " SELECT 'HJ-1', n, n, n + 100, (ARRAY['done', 'serial_not_found', NULL])[1 + n % 3]"
    " FROM generate_series(1, 5) AS n",
    "ownership_moves": "INSERT INTO ownership_moves (device_id, from_province, to_province, list_id, row_no, state,"
    " asked_at, asked_by, asked_by_name) SELECT id, '97', '99', 1 + n % 2, n, (ARRAY['pending', 'refused'])[1 + n % 2],"
    " :at, 'x', '王芳' FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM devices) AS devices WHERE n <= 6",
    "registrations": "INSERT INTO registrations (code, registered_at, place, msisdn, received_at)"
    " SELECT codes.code, CAST(:at AS timestamptz) - n * interval '1 hour', '9901', '13800000000', :at"
    " FROM (SELECT code, row_number() OVER (ORDER BY code) AS n FROM codes) AS codes WHERE n <= 5"
    " UNION ALL SELECT 7000 + n, CAST(:at AS timestamptz) - n * interval '1 day', CASE n WHEN 1 THEN '9902' ELSE"
    " '990101' END, NULL, :at FROM generate_series(1, 4) AS n",
    "sanctions": "INSERT INTO sanctions (organisation, unit, step, state, violations, proposed_at, proposed_by,"
    " proposed_by_name) SELECT 'shop-' || n % 3, '990101', 'criticism',"
    " (ARRAY['imposed', 'dropped'])[1 + n % 2], n, :at, 'x', '王芳' FROM generate_series(1, 7) AS n",
}


def _imei(url: str, _: Path) -> House:
    engine = create_engine("imei", "write", DatabaseSettings(database_url=url))
    shops = Shops(engine)
    shops.open()
    serials = shops.have(*range(1, 13))
    shops.scan(serials[:5])
    shops.sell(serials[:2])
    shops.sell(serials[4:5])
    shops.now += timedelta(hours=1)
    shops.sell(shops.scan_new(31, 32, 33))
    for place, kind in enumerate(("airtime", "airtime", "terminal", "terminal")):
        order = {"kind": kind, "serial": serials[place], "organisation": "shop-1", "order_no": f"DD-{place % 3}"}
        shops.act(redemption.redeem, RedeemSerial(**order))
    more = shops.have(*range(21, 29))
    shops.scan(more)
    for place, one in enumerate(more[:4]):
        order = {"kind": "terminal", "serial": one, "organisation": "shop-1", "order_no": f"YL-{place % 2}"}
        shops.act(reserving.reserve, ReserveSerial(**order))
    causes = ("audit", "complaint")
    for place, one in enumerate(more[4:]):
        frozen = FreezeSerials(serials=[one], cause=causes[place % 2], reason="抽查")
        shops.act(freezing.freeze, frozen, PROVINCE_CLERK)
        shops.act(appeals.appeal, AppealFreeze(serial=one, grounds="本店销售", evidence="发票"))
    for login, shop in (("shop.one", "shop-1"), ("shop.two", "shop-2"), ("dealer.b", "dealer-b")):
        shops.act(clerks.bind, BindClerk(login=login, organisation=shop), PROVINCE_CLERK)
    for statement in _FOUND.values():
        shops.sql(statement, at=shops.now)
    shops.sql(
        "INSERT INTO lists (kind, state, province, source, sha256, request, rows, refused, entered, claimed, frozen,"
        " removed, at, by_name, reported_by)"
        " SELECT CASE n % 2 WHEN 0 THEN 'claim' ELSE 'push_down' END, 'published', '99', 'erp',"
        " 'x', '{}', n, 0, n, 0, 0, 0, :at, '王芳', :me FROM generate_series(1, 5) AS n",
        at=shops.now,
        me=CLERK.id,
    )
    needs: dict[str, list[Any]] = {"serial": serials[:3], "check_id": [1], "organisation": ["shop-1"]}
    return House(engine, needs={**needs, "number": ["HJ-1"], "parent": ["dealer-a"], "level": [1, 3, 4]})


def _binding(url: str, _: Path) -> House:
    """Three nights of a small network: replaced cards, faults, a contradiction, and what people did about them."""
    network = Network(create_engine("binding", "write", DatabaseSettings(database_url=url)))
    network.know(cards=range(1, 12), terminals=range(1, 10))
    network.report([night_row(number, at(0, number), card(number), imei=module(number)) for number in range(1, 9)])
    network.report(
        [night_row(number, at(1, number), card(number + (number < 4)), imei=module(number)) for number in range(1, 8)]
    )
    network.report([night_row(8, at(1, 9), None), night_row(9, at(1), card(5)), night_row(50, at(1), card(10))])
    network.report([night_row(1, at(2), None), night_row(2, at(2), None), night_row(4, at(2), card(20))])
    network.place(60, at(2), "9902")
    by = actor(PROVINCE)
    with UnitOfWork(network.engine).begin(by, "test") as tx:
        faults = tx.execute("SELECT id FROM exceptions WHERE kind = 'failed' ORDER BY id").scalars().all()
        for exception in faults:
            for step in (("in_hand", ""), ("closed", "已更换天线"), ("open", "又出现"), ("closed", "已处理")):
                asked = HandleException(exception_id=exception, state=step[0], note=step[1])
                settling.handle(tx, asked, by=by, now=NIGHTS_END)
        for reason in ("现场核实", "再次核实", "第三次"):
            asked = Settle(iccid=card(5), terminal=terminal(9), reason=reason)
            settled = settling.settle(tx, asked, by=by, now=NIGHTS_END)
        settling.undo(tx, UndoSettlement(settlement_id=settled.settlement_id, reason="误判"), by=by, now=NIGHTS_END)
        differing = tx.execute("SELECT id FROM unit_mismatches ORDER BY id LIMIT 3").scalars().all()
        for side, mismatches in (("terminal", differing[:2]), ("card", differing[2:])):
            asked = CorrectUnits(mismatches=list(mismatches), side=side, reason="现场核实")
            corrections.correct(tx, asked, by=by, now=NIGHTS_END)
        for asked_for in (range(1, 4), range(3, 9), range(9, 10)):
            on_demand.ask(tx, AskReads(terminals=[terminal(n) for n in asked_for]), by=by, now=NIGHTS_END)
        for name in ("full-1", "full-2"):
            named = [{"terminal": terminal(n), "unit": "990101", "kind": "x", "state": "running"} for n in (1, 2)]
            full = FullList(list_id=name, part=1, parts=1)
            report_terminals(tx, ReportTerminals(as_of=at(9), rows=named, full=full), by=STATION, now=NIGHTS_END)
        counts = [{"unit": unit, "cards": 9} for unit in ("9901", "9902", "990101")]
        asked = PushCarrierCounts(carrier="china_mobile", month="2026-11", rows=counts)
        carrier_counts.push(tx, asked, by=by, now=NIGHTS_END)
        asked = LockCards(iccids=[card(n) for n in range(1, 7)], hold="imei", reason="高风险")
        locks.lock_cards(tx, asked, by=by, now=at(1, 600))
        released = tx.execute("SELECT id FROM card_locks ORDER BY id LIMIT 2").scalars().all()
        locks.release_locks(tx, ReleaseLocks(locks=list(released), reason="轮换"), by=by, now=NIGHTS_END)
        tx.execute(
            "INSERT INTO carrier_pulls (carrier, unit, state, month, asked_at, asked_by_name, code, params)"
            " SELECT 'carrier-' || n, '99', 'failed', '2026-11', CAST(:now AS timestamptz), 'x',"
            "        'carrier_counts_failed', '{\"reason\": \"HTTP 500\"}' FROM generate_series(1, 4) AS n",
            {"now": NIGHTS_END},
        )
        held = tx.execute("SELECT id FROM terminal_lists WHERE state = 'held'").scalars().all()
        tx.commit()
    needs = {"exception_id": [faults[0]], "iccid": [card(2), card(5)], "number": [held[0]], "month": ["2026-11"]}
    needs |= {"nights": [1, 30], "imei": [module(2)]}
    return House(network.engine, at(1, 600), needs)


def _chassis(url: str, _: Path) -> House:
    """What every service has, in the schema of imei, which has no jobs of its own here."""
    engine = create_engine("imei", "write", DatabaseSettings(database_url=url))
    job = UUID(int=1)
    with UnitOfWork(engine).begin() as tx:
        tx.execute(
            """
            INSERT INTO jobs (id, kind, title, request, created_by, created_by_name, created_unit, permissions,
                              created_at)
            SELECT CAST(lpad(to_hex(n), 32, '0') AS uuid), CASE n % 2 WHEN 0 THEN 'export' ELSE 'check' END, '任务',
                   '{}', CASE n % 3 WHEN 0 THEN :me ELSE 'other' END, 'x', CASE n % 2 WHEN 0 THEN '9901' ELSE '99' END,
                   '[]', timestamptz '2026-11-20 00:00+00' + (n / 3) * interval '1 second'
            FROM generate_series(1, 9) AS n
            """,
            {"me": CLERK.id},
        )
        tx.execute(
            "INSERT INTO job_rows (job_id, row_no, key, code, params)"
            " SELECT :job, n, 'k' || n, 'range_empty', '{}' FROM generate_series(1, 5) AS n",
            {"job": job},
        )
        tx.execute(
            """
            INSERT INTO parked (message_id, source, type, body, attempts, error, parked_at, next_try_at)
            SELECT CAST(lpad(to_hex(n), 32, '0') AS uuid), CASE n % 2 WHEN 0 THEN 'inventory' ELSE 'workflow' END,
                   'x', '{}', 1, 'e', timestamptz '2026-11-20 00:00+00' + (n / 3) * interval '1 second',
                   CASE n % 4 WHEN 0 THEN now() END
            FROM generate_series(1, 9) AS n
            """
        )
        tx.commit()
    return House(engine, needs={"job_id": [job]})


HOUSES: MappingProxyType[str, Callable[[str, Path], House]] = MappingProxyType(
    {
        "inventory": _inventory,
        "workflow": _workflow,
        "documents": _documents,
        "traffic": _traffic,
        "imei": _imei,
        "binding": _binding,
        "chassis": _chassis,
    }
)
"""Service > what fills its tables."""
