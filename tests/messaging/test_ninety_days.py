"""Ninety days of usage come through the carriers' servers and the bus, with everything that goes wrong, and every page
says what was true (TRF-01 to TRF-06, TRF-08 to TRF-10)."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from deploy.issuers import Issuers, LocalBroker
from deploy.local.carriers import Fault
from kernel.chassis.data.blobs import blob_store
from kernel.chassis.data.database import create_engine
from kernel.chassis.data.unit_of_work import UnitOfWork
from kernel.chassis.process.settings import BlobSettings, DatabaseSettings
from kernel.contracts.traffic import anomalies, card_use, costs, days, distribution, loads, pools, tariffs
from kernel.model.actor import Actor
from kernel.model.period import BUSINESS_ZONE, business_date
from services.traffic import folding
from simkeep_station import StationClient
from tests.integration.traffic.carrier_field import Field, carriers_of
from tests.integration.traffic.meters import Meters
from tests.integration.traffic.ninety_days import MB, MOBILE, TELECOM, UNICOM, Key, Truth, a_truth, range_of
from tests.integration.traffic.plain_costs import PlainCard, PlainPool, PlainTariff
from tests.integration.traffic.plain_costs import costs as plainly
from tests.messaging.client import BusClient
from tests.messaging.harness import Bench, until

CARDS, ROUND_DAYS, BATCH_DAYS = 240, 7, 15
BOSS = Actor("boss", "省公司", "99", frozenset({"usage.view", "usage.load", "cost.manage"}))
STARTS = [0, 1, *(mb * MB for mb in (3, 17, 50, 111, 300))]
RANGES = "3,17,50,111,300"
STRANGER = "89860426019999999999"


def noon(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time(), BUSINESS_ZONE) + timedelta(hours=12)


@dataclass
class World:
    """The truth, the tables, and the bus over which pages are asked for."""

    truth: Truth
    meters: Meters
    bench: Bench
    bus: BusClient
    dice: random.Random

    def have_cards(self) -> None:
        begun, later = self.truth.months[0], self.truth.first + timedelta(days=40)
        rows = [
            (it.iccid, it.unit, it.carrier, it.spec, f"{later:%Y-%m}" if it.since else begun, it.state, it.terminal)
            for it in self.truth.cards.values()
        ]
        with self.bench.sql("traffic") as connection, connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO cards (iccid, version, owner_unit, carrier, card_spec, application_month, state,"
                " terminal_asset_no, changed_at) VALUES (%s, 1, %s, %s, %s, %s, %s, %s, '2020-01-01')",
                rows,
            )

    def move_cards(self, since: date, until_day: date) -> None:
        """Units and terminals change as they did in these days."""
        for card in self.truth.cards.values():
            for change, column in ((card.moves, "owner_unit"), (card.swaps, "terminal_asset_no")):
                if change is not None and since < change[0] <= until_day:
                    self.meters.run(
                        f"UPDATE cards SET {column} = :value, changed_at = :at WHERE iccid = :iccid",
                        value=change[1], at=noon(change[0]), iccid=card.iccid,
                    )  # fmt: skip

    def some(self, carrier: str, before: date, count: int) -> list[Key]:
        keys = [key for key in sorted(self.truth.carrier) if key[1] < before]
        return self.dice.sample([key for key in keys if self.truth.cards[key[0]].carrier == carrier], count)

    def correct(self, key: Key, more: int = 0) -> int:
        """Another figure of the card's day, of the size that the card has, and ``more`` bytes."""
        known = self.truth.carrier.get(key) or self.truth.station.get(key, 5)
        self.truth.carrier[key] = int(known * self.dice.uniform(0.6, 1.4)) + 1 + more
        return self.truth.carrier[key]

    def ask(self, method: Any, request: Any) -> Any:
        return self.bus.call("traffic", method, request, actor=BOSS)

    def every(self, method: Any, request: Any) -> Iterator[dict[str, Any]]:
        """All items of a list, page by page."""
        cursor = None
        while True:
            page = self.ask(method, request.model_copy(update={"cursor": cursor, "size": 1000}))
            yield from page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def done(self, *, seconds: float = 60) -> None:
        """Until every load and job has ended, and none was held."""
        busy = "SELECT count(*) FROM jobs WHERE state IN ('queued', 'running')"
        until("all jobs have ended", lambda: self.meters.run(busy)[0][0] == 0, seconds)
        not_taken = "SELECT id, source, carrier, state, reasons, preview FROM loads WHERE state <> 'taken'"
        assert self.meters.run(not_taken) == []

    def fold(self) -> list[date]:
        with UnitOfWork(self.meters.engine).begin() as tx:
            folded = folding.fold_all(tx, datetime.now(BUSINESS_ZONE))
            tx.commit()
        return folded


@pytest.fixture
def world(real_bench: Bench, tmp_path) -> Iterator[World]:
    first = business_date(datetime.now(BUSINESS_ZONE)) - timedelta(days=91)
    engine = create_engine("traffic", "write", DatabaseSettings(database_url=real_bench.database_url))
    meters = Meters(engine, blob_store(BlobSettings(blob_url=real_bench.settings["SIMKEEP_BLOB_URL"])))
    real_bench.declare("traffic")
    world = World(a_truth(first, CARDS), meters, real_bench, BusClient(real_bench.amqp_url), random.Random(2))
    world.have_cards()
    yield world
    world.bus.close()
    engine.dispose()


def load_from_carriers(world: World, field: Field) -> None:
    """Week by week, while cards move, carriers correct what they told, fill gaps, fail and tell the same twice."""
    truth, meters = world.truth, world.meters
    last = truth.first
    faults = [
        Fault("http_500", times=2),
        Fault("cut", times=1),
        Fault("truncated", times=1),
        Fault("http_429", times=1, seconds=0.1),
    ]
    while last < truth.days[-1] + timedelta(days=1):
        today = min(last + timedelta(days=ROUND_DAYS), truth.days[-1] + timedelta(days=1))
        world.move_cards(last, today)
        meters.now = noon(today) - timedelta(hours=1)
        for carrier in (UNICOM, TELECOM):
            for key in world.some(carrier, last, 3) if last > truth.first else []:
                field.book(carrier).correct(*key, world.correct(key))
            gaps = [(iccid, last) for iccid, card in truth.cards.items()
                    if card.carrier == carrier and not card.since and (iccid, last) not in truth.carrier]  # fmt: skip
            for key in gaps[:1] if last > truth.first else []:
                field.book(carrier).correct(*key, world.correct(key))
        meters.now = noon(today)
        field.server.faults[:] = [world.dice.choice(faults)]
        for carrier in (MOBILE, UNICOM, TELECOM):
            assert field.pull(carrier)["error"] is None
        again = [(iccid, last, truth.told[iccid, last]) for iccid, card in truth.cards.items()
                 if card.carrier == MOBILE and (iccid, last) in truth.told]  # fmt: skip
        assert meters.push(again, MOBILE, as_of=noon(last + timedelta(days=1))).replaced == 0
        last = today


def load_from_station(world: World, station: StationClient, most: int) -> dict[str, Any]:
    """Batches of some days; every other is told twice, in some a row stands twice, and one card is a stranger."""
    truth, accepted = world.truth, {}
    for start in range(0, most, BATCH_DAYS):
        told = truth.days[start : start + BATCH_DAYS]
        rows = [{"iccid": iccid, "day": str(day), "volume": str(size)}
                for (iccid, day), size in truth.station.items() if day in told]  # fmt: skip
        rows += [*rows[:start % 3], {"iccid": STRANGER, "day": str(told[0]), "volume": "7"}]
        for turn in range(2 if start % 2 == 0 else 1):
            name = f"report-{start}-{turn}"
            accepted[name] = station.call("traffic.report_usage", {"rows": rows}, key=name)
    return accepted


def correct_by_bus(world: World, keys: list[Key], more: int = 0) -> None:
    rows = world.meters.page([(*key, world.correct(key, more)) for key in keys])
    world.ask(loads.PUSH_USAGE, loads.PushUsage(carrier=MOBILE, rows=rows))
    world.done()


@pytest.mark.slow
@pytest.mark.req("TRF-01", "TRF-02", "TRF-03", "TRF-04", "TRF-05", "TRF-06", "TRF-08", "TRF-09", "TRF-10", "OPS-01")
def test_every_page_says_what_ninety_days_truly_were(world: World, rabbit, monkeypatch: pytest.MonkeyPatch) -> None:
    truth, bench = world.truth, world.bench
    own = {carrier: [it.iccid for it in truth.cards.values() if it.carrier == carrier]
           for carrier in (MOBILE, UNICOM, TELECOM)}  # fmt: skip
    with carriers_of(world.meters, monkeypatch, own, lambda iccid, day: truth.told.get((iccid, day))) as field:
        load_from_carriers(world, field)
    service = bench.start("traffic", wait=False)
    doomed = bench.start("traffic", worker=True, wait=False, SIMKEEP_CRASH_AT="usage.before_commit")
    issuers = Issuers(bench.amqp_url, DatabaseSettings(database_url=bench.database_url), LocalBroker(rabbit))
    secrets = issuers.add("station_of_days", ("traffic.report_usage",), ["99"])
    bench.wait_ready(service, doomed)

    before = world.meters.state()
    with StationClient(secrets["SIMKEEP_AMQP_URL"], secrets["SIMKEEP_ACTOR_PRIVATE_KEY"], "99") as station:
        told = load_from_station(world, station, BATCH_DAYS)
        until("a load was killed in its middle", lambda: "job's process died" in doomed.logged())
        doomed.kill9()
        assert world.meters.state() == before, "half a load counts for nothing"
        bench.start("traffic", worker=True)
        again = load_from_station(world, station, len(truth.days))
    assert told.items() <= again.items(), "a report that is sent again is the same load"
    world.done(seconds=180)
    assert world.fold(), "months that are over stand in one row per card"
    correct_by_bus(world, world.some(MOBILE, truth.days[20], 6) + world.some(MOBILE, truth.days[-1], 9))
    assert world.fold(), "what was unfolded for a correction is folded again"

    for month in truth.months:
        assert world.meters.differences(month) == []
        _months(world, month)
        _distribution(world, month)
    _days(world)
    _anomalies(world)
    _uses(world)
    _costs(world)


def _days(world: World) -> None:
    truth = world.truth
    said = {
        (it["iccid"], date.fromisoformat(it["day"])): (it["unit"], it["carrier"], it["carrier_bytes"],
                                                       it["terminal_bytes"])
        for it in world.every(days.LIST_USAGE_DAYS, days.ListUsageDays(day_from=truth.first))
    }  # fmt: skip
    assert said == {
        key: (truth.cards[key[0]].unit_on(key[1]), truth.cards[key[0]].carrier, truth.carrier.get(key),
              truth.station.get(key))
        for key in truth.figured()
    }  # fmt: skip


def _months(world: World, month: str) -> None:
    truth = world.truth
    cards = world.every(distribution.LIST_USAGE_MONTHS, distribution.ListUsageMonths(month=month))
    said = {(it["iccid"], it["unit"]): [it["carrier_month"], it["terminal_month"]] for it in cards}
    assert said == truth.sums(month)
    terminals = world.every(distribution.LIST_TERMINAL_MONTHS, distribution.ListTerminalMonths(month=month))
    assert {
        (it["terminal"], it["unit"]): (it["cards"], it["terminal_month"], it["carrier_month"]) for it in terminals
    } == truth.terminals(month)
    differ = world.every(anomalies.LIST_USAGE_DIFFERENCES, anomalies.ListUsageDifferences(month=month, percent=10))
    assert {(it["iccid"], it["unit"]): it["difference"] for it in differ} == truth.differ(month, 10, MB)


def _distribution(world: World, month: str) -> None:
    truth, names = world.truth, ("carrier_cards", "carrier_bytes", "terminal_cards", "terminal_bytes")
    for where in ({}, {"unit": "9901"}, {"carrier": UNICOM}, {"unit": "990202", "carrier": MOBILE}):
        asked = distribution.GetUsageDistribution(month=month, ranges=RANGES, **where)
        said = world.ask(distribution.GET_USAGE_DISTRIBUTION, asked)["items"]
        assert [tuple(it[name] for name in names) for it in said] == truth.distribution(month, STARTS, **where)
    units = world.ask(distribution.GET_USAGE_BY_UNIT, distribution.GetUsageByUnit(month=month))["items"]
    assert {it["unit"]: tuple(it[name] for name in names) for it in units} == truth.by_unit(month, 4)
    counted = [0 for _ in STARTS]
    used: dict[str, int] = {}
    for (terminal, _), (_, by_station, _) in truth.terminals(month).items():
        if by_station is not None:
            used[terminal] = used.get(terminal, 0) + by_station
    for size in used.values():
        counted[range_of(STARTS, size)] += 1
    asked = distribution.GetUsageDistribution(month=month, ranges=RANGES)
    terminals = world.ask(distribution.GET_TERMINAL_DISTRIBUTION, asked)["items"]
    assert [it["terminals"] for it in terminals] == counted


def _anomalies(world: World) -> None:
    truth = world.truth
    idle = world.every(anomalies.LIST_IDLE_USAGE, anomalies.ListIdleUsage())
    assert {it["iccid"]: (it["carrier_bytes"], it["terminal_bytes"]) for it in idle} == truth.idle(truth.days[-1])
    silent = world.every(anomalies.LIST_SILENT_CARDS, anomalies.ListSilentCards(months=2))
    assert {it["iccid"] for it in silent} == truth.silent(truth.months[-2:])
    assert truth.silent(truth.months[-2:])
    unknown = world.every(loads.LIST_UNKNOWN_USAGE, loads.ListUnknownUsage())
    assert {(it["iccid"], it["day"], it["usage_bytes"]) for it in unknown} == {
        (STRANGER, str(day), 7) for day in truth.days[::BATCH_DAYS]
    }


def _uses(world: World) -> None:
    truth, month = world.truth, world.truth.months[-1]
    overview = world.ask(card_use.GET_USAGE_OVERVIEW, card_use.GetUsageOverview())
    sums = [both for _, _, both in truth.within(month)]
    assert (overview["month"], overview["cards"]) == (month, sum(size is not None for size, _ in sums))
    assert overview["carrier_bytes"] == sum(size or 0 for size, _ in sums)
    assert overview["terminal_bytes"] == sum(size or 0 for _, size in sums)
    cards = list(truth.cards)[:20]
    figures = [*truth.carrier.items(), *truth.station.items()]
    last = {card: max((day for (it, day), size in figures if it == card and size), default=None) for card in cards}
    said = world.ask(card_use.GET_CARDS_USE, card_use.GetCardsUse(iccids=cards))["items"]
    assert {it["iccid"]: it["last_use"] for it in said} == {it: day and str(day) for it, day in last.items()}


PRICES = {
    (MOBILE, "plug_in"): PlainTariff(Decimal("2.005"), 30 * MB, Decimal("0.29"), Decimal("0.5")),
    (MOBILE, "smd"): PlainTariff(Decimal("1.333"), 60 * MB, Decimal("0.29"), None, "P1"),
    (UNICOM, "plug_in"): PlainTariff(Decimal("1.8"), 20 * MB, Decimal("0.137"), None, "P2", prorated=True),
    (UNICOM, "smd"): PlainTariff(Decimal(1), 0, Decimal("0.137"), None, "P2"),
    (TELECOM, "plug_in"): PlainTariff(Decimal("2.2"), 50 * MB, Decimal("0.000251"), None, "", prorated=True),
    (TELECOM, "smd"): PlainTariff(Decimal(0), 50 * MB, Decimal("0.25")),
}
POOLS = {(MOBILE, "P1"): PlainPool(4096 * MB, True, True, "usage")}


def _expected(truth: Truth, month: str) -> dict[str, int]:
    first = date.fromisoformat(f"{month}-01")
    length = ((first + timedelta(days=31)).replace(day=1) - first).days
    used, members = truth.used(month), []
    days_of = truth.days_of(month)
    for card in truth.cards.values():
        begun = f"{truth.first + timedelta(days=40):%Y-%m}" if card.since else truth.months[0]
        of_month = days_of.get(card.iccid, [])
        new = begun == month and bool(of_month)
        if begun <= month or used.get(card.iccid):
            joined = length - min(of_month).day + 1 if new else length
            members.append(PlainCard(card.iccid, card.carrier, card.spec, used.get(card.iccid, 0), joined, new))
    return plainly(members, PRICES, POOLS, length)


def _costs(world: World) -> None:
    """Two months are rated and the first is closed; a correction of it goes to the second one's bill."""
    truth = world.truth
    first, second = truth.months[:2]
    for (carrier, spec), it in PRICES.items():
        world.ask(tariffs.ADD_TARIFF, tariffs.AddTariff(
            carrier=carrier, card_spec=spec, valid_from=date(2020, 1, 1), monthly_fee=it.fee, included=it.included,
            per_mb=it.per_mb, silent_fee=it.silent_fee, pool=it.pool or None, prorated=it.prorated,
        ))  # fmt: skip
    for (carrier, name), pool in POOLS.items():
        agreed = pools.AgreePool(carrier=carrier, name=name, valid_from=date(2020, 1, 1), **pool.__dict__)
        world.ask(pools.AGREE_POOL, agreed)
    for month in (first, second):
        world.ask(tariffs.RATE_MONTH, tariffs.RateMonth(month=month))
        world.done()
    billed = {month: _expected(truth, month) for month in (first, second)}
    assert {month: _said(world, month, "billed") for month in billed} == billed
    world.ask(tariffs.CLOSE_MONTH, tariffs.CloseMonth(month=first))
    of_first_month = world.some(MOBILE, date.fromisoformat(f"{second}-01"), 20)
    paid_alone = [key for key in of_first_month if not PRICES[MOBILE, truth.cards[key[0]].spec].pool]
    correct_by_bus(world, paid_alone[:5], more=max(it.included for it in PRICES.values()))
    world.ask(tariffs.RATE_MONTH, tariffs.RateMonth(month=first, reason="运营商更正"))
    world.done()

    known = _expected(truth, first)
    assert known != billed[first]
    assert _said(world, first, "billed") == billed[first], "a closed month's bill never changes"
    assert _said(world, first, "known") == known
    moved = {iccid: known[iccid] - billed[first][iccid] for iccid in known}
    both = {iccid: billed[second].get(iccid, 0) + moved.get(iccid, 0) for iccid in {*billed[second], *moved}}
    assert _said(world, second, "billed") == {iccid: fen for iccid, fen in both.items() if iccid in billed[second]}
    for view, per_card in (("billed", billed[first]), ("known", known)):
        said = world.ask(costs.COUNT_CITY_COSTS, costs.CountCityCosts(month=first, view=view))
        cities: dict[str, int] = {}
        for iccid, fen in per_card.items():
            city = truth.cards[iccid].unit_on(truth.days[-1])[:4]
            cities[city] = cities.get(city, 0) + fen
        assert {it["unit"]: int(Decimal(it["cost"]) * 100) for it in said["items"]} == cities
        assert int(Decimal(said["totals"]["cost"]) * 100) == sum(per_card.values())


def _said(world: World, month: str, view: Any) -> dict[str, int]:
    found: dict[str, int] = {}
    for entry in world.every(costs.LIST_COSTS, costs.ListCosts(month=month, view=view)):
        found[entry["iccid"]] = found.get(entry["iccid"], 0) + int(Decimal(entry["amount"]) * 100)
    return found
