"""The real thing: cards change in inventory while processes and the broker die, and binding's read model agrees."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import amqp
import pytest

from kernel.chassis.bus.wire import ServiceError
from kernel.chassis.data.database import create_engine
from kernel.chassis.process.settings import DatabaseSettings
from kernel.contracts.binding.mismatches import CORRECT_UNITS, LIST_CORRECTIONS, LIST_MISMATCHES, UNDO_CORRECTION
from kernel.contracts.binding.readings import REPORT_READINGS
from kernel.contracts.binding.terminals import REPORT_TERMINALS
from kernel.contracts.inventory import acts
from kernel.contracts.traffic.loads import REPORT_USAGE, ReportUsage
from kernel.model.actor import Actor
from tests.integration.inventory.stock import CITY, Stock
from tests.integration.traffic.meters import PROVINCE, Meters, day, iccid
from tests.messaging.client import BusClient, NoAnswerError
from tests.messaging.harness import Bench, until

CARDS, HANDFUL, ROUNDS = 720, 60, 3


def repeated(amqp_url: str, method, request, command_id: str):
    """Sends a command with its id until it is answered, as the gateway's callers do."""
    client: BusClient | None = None
    give_up = time.monotonic() + 120
    while time.monotonic() < give_up:
        try:
            client = client or BusClient(amqp_url)
            answer = client.call("inventory", method, request, actor=CITY, command_id=command_id, timeout=4)
            client.close()
            return answer
        except (NoAnswerError, ServiceError):
            time.sleep(0.1)
        except (OSError, amqp.exceptions.AMQPError, AttributeError):
            client = None
            time.sleep(0.3)
    raise AssertionError(f"{command_id} was never answered")


@pytest.mark.req("OPS-01", "TRF-01")
def test_a_load_of_usage_killed_before_its_commit_is_taken_once_by_another_worker(real_bench: Bench, monkeypatch):
    monkeypatch.delenv("SIMKEEP_TRAFFIC_DATABASE_URL", raising=False)
    service = real_bench.start("traffic", wait=False)
    doomed = real_bench.start("traffic", worker=True, wait=False, SIMKEEP_CRASH_AT="usage.before_commit")
    real_bench.wait_ready(service, doomed)
    meters = Meters(create_engine("traffic", "write", DatabaseSettings(database_url=real_bench.database_url)), None)
    meters.have_cards(6)
    client = BusClient(real_bench.amqp_url)
    rows = meters.page([(iccid(number), day(each), 1000) for number in range(6) for each in (1, 2)])

    accepted = client.call("traffic", REPORT_USAGE, ReportUsage(rows=rows), actor=PROVINCE, command_id="report-1")
    until("a run of the job died", lambda: "job's process died" in doomed.logged())
    half = meters.state()
    doomed.kill9()
    real_bench.start("traffic", worker=True)
    until("it is taken", lambda: meters.run("SELECT 1 FROM loads WHERE state = 'taken'"))
    again = client.call("traffic", REPORT_USAGE, ReportUsage(rows=rows), actor=PROVINCE, command_id="report-1")

    assert not any(half.values())
    assert again["load_id"] == accepted["load_id"]
    assert [row[3] for row in meters.state()["newest"]] == [2000] * 6
    assert meters.differences("2026-11") == []
    assert meters.run("SELECT bool_or(attempts > 1) AS again FROM jobs")[0].again  # a later job may stand first


@pytest.mark.slow
@pytest.mark.req("OPS-01", "INV-04", "INV-05")
def test_run_log_card_states_outbox_inbox_and_read_model_agree_after_kills(real_bench: Bench, rabbit):
    bench = real_bench
    doomed = bench.start("inventory", wait=False, SIMKEEP_CRASH_AT="relay.after_publish")
    # The one that will die comes first: a queue has one active consumer, the next takes over.
    bindings = [bench.start("binding", SIMKEEP_CRASH_AT="handler.after_commit"), bench.start("binding", wait=False)]
    bench.wait_ready(doomed, *bindings)
    engine = create_engine("inventory", "write", DatabaseSettings(database_url=bench.database_url))
    cards = Stock(engine, 70_007).stocked(CARDS, unit="9901").iccids
    until("inventory was killed between publishing and marking", lambda: not doomed.alive())
    inventory = [bench.start("inventory", wait=False), bench.start("inventory", wait=False)]
    bench.wait_ready(*inventory)

    work = Work(bench, cards)
    work.start()
    until("it works", lambda: work.done > 5)
    inventory[0].kill9()
    rabbit.restart()
    work.finish()
    until(
        "all published", lambda: bench.one("inventory", "SELECT count(*) FROM outbox WHERE published_at IS NULL") == 0
    )
    until("all received", lambda: messages(bench, "outbox") <= messages(bench, "inbox"))

    assert not bindings[0].alive(), "binding was killed between its commit and its acknowledgement"
    assert inventory[1].alive()
    assert bindings[1].alive()
    assert_agreement(bench, changes=CARDS * (3 + 2 * ROUNDS))
    engine.dispose()


class Work:
    """Issues and returns every handful of cards, several handfuls at once, each act by a command of its own."""

    def __init__(self, bench: Bench, cards: list[str]) -> None:
        self._bench = bench
        self._handfuls = [cards[start : start + HANDFUL] for start in range(0, len(cards), HANDFUL)]
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._errors: list[BaseException] = []
        self.done = 0

    def start(self) -> None:
        self._thread.start()

    def finish(self) -> None:
        self._thread.join(180)
        assert not self._thread.is_alive()
        assert not self._errors, self._errors

    def _run(self) -> None:
        with ThreadPoolExecutor(4) as pool:
            for error in pool.map(self._all_rounds, range(len(self._handfuls))):
                if error is not None:
                    self._errors.append(error)

    def _all_rounds(self, number: int) -> BaseException | None:
        iccids = self._handfuls[number]
        issue = acts.IssueCards(unit="9901", recipient="李强", phone="13800000000", iccids=iccids)
        give_back = acts.ReturnToStock(iccids=iccids, reason="竣工余卡")
        try:
            for turn in range(ROUNDS):
                for method, request in ((acts.ISSUE_CARDS, issue), (acts.RETURN_TO_STOCK, give_back)):
                    name = f"{number}-{turn}-{method.name}"
                    answer = repeated(self._bench.amqp_url, method, request, name)
                    assert answer["done"] == len(iccids), answer
                    self.done += 1
        except BaseException as error:
            return error
        return None


def messages(bench: Bench, table: str) -> int:
    return int(bench.one("inventory" if table == "outbox" else "binding", f"SELECT count(*) FROM {table}"))


def assert_agreement(bench: Bench, changes: int) -> None:
    """Cards = run log = outbox = inbox = read model, to the row."""
    columns = "iccid, owner_unit, carrier, card_spec, state, version"
    stock = bench.rows("inventory", f"SELECT {columns} FROM cards ORDER BY iccid")
    model = bench.rows("binding", f"SELECT {columns} FROM cards ORDER BY iccid")
    log = bench.one("inventory", "SELECT count(*) FROM run_log")
    last = bench.rows(
        "inventory",
        "SELECT iccid, (array_agg(to_state ORDER BY run_log.version DESC))[1], max(run_log.version), count(*)"
        " FROM run_log JOIN cards ON cards.id = card_id GROUP BY iccid ORDER BY iccid",
    )
    told = bench.one("inventory", "SELECT sum(json_array_length(payload->'iccids')) FROM outbox")
    sent = bench.rows("inventory", "SELECT message_id FROM outbox ORDER BY 1")
    received = bench.rows("binding", "SELECT message_id FROM inbox ORDER BY 1")

    assert len(stock) == CARDS
    assert stock == model
    assert log == told == changes == sum(row[5] for row in stock)
    assert [(row[0], row[4], row[5], row[5]) for row in stock] == last
    assert sent == received
    assert bench.one("binding", "SELECT count(*) FROM parked") == 0


STATION = Actor("station-1", "主站", "99", frozenset({"reading.report", "terminal.report"}))
CLERK = Actor("city-1", "市管理员", "9901", frozenset({"binding.settle", "report.view"}))
PLACE = "33U000000{}"


@pytest.mark.req("BND-08", "BND-03")
def test_cards_come_to_their_terminals_unit_and_back_over_the_bus(real_bench: Bench):
    bench = real_bench
    bench.wait_ready(bench.start("inventory", wait=False), bench.start("binding", wait=False))
    engine = create_engine("inventory", "write", DatabaseSettings(database_url=bench.database_url))
    stock = Stock(engine, 70_008)
    cards = stock.issued(3, unit="990101").iccids
    client = BusClient(bench.amqp_url)
    known = "SELECT count(*) FROM cards WHERE state = 'pending_install'"
    until("binding knows the cards", lambda: bench.one("binding", known) == 3)
    places = [PLACE.format(number) for number in range(3)]
    now = datetime.now(UTC)
    told = [{"terminal": place, "unit": "990102", "kind": "集中器", "state": "running"} for place in places]
    held = zip(places, cards, strict=True)
    read = [{"terminal": place, "read_at": now.isoformat(), "iccid": iccid} for place, iccid in held]

    def ask(method: Any, by: Actor, command: str | None = None, **request: Any) -> Any:
        return client.call("binding", method, method.request(**request), actor=by, command_id=command)

    ask(REPORT_TERMINALS, STATION, "terminals", as_of=now - timedelta(days=1), rows=told)
    ask(REPORT_READINGS, STATION, "readings", rows=read)
    until("inventory follows", lambda: stock.states(cards) == {"running": 3})
    differing = [it["mismatch_id"] for it in ask(LIST_MISMATCHES, CLERK)["items"]]
    ask(CORRECT_UNITS, CLERK, "correct", mismatches=differing, side="card", reason="现场核实")

    def states() -> set[str]:
        return {it["state"] for it in ask(LIST_CORRECTIONS, CLERK)["items"]}

    until("inventory answered", lambda: states() == {"done"})
    assert len(differing) == 3
    assert {stock.card(iccid)["owner_unit"] for iccid in cards} == {"990102"}
    assert stock.states(cards) == {"running": 3}
    until("binding knows the units", lambda: ask(LIST_MISMATCHES, CLERK)["items"] == [])
    assert [entry["reason"] for entry in stock.log(cards[0])][-1] == "现场核实"

    first = ask(LIST_CORRECTIONS, CLERK, iccid=cards[0])["items"][0]["correction_id"]
    ask(UNDO_CORRECTION, CLERK, "undo", correction_id=first, reason="误判")
    until("it is back", lambda: stock.card(cards[0])["owner_unit"] == "990101")
    until("and differs again", lambda: [it["iccid"] for it in ask(LIST_MISMATCHES, CLERK)["items"]] == [cards[0]])
    client.close()
    engine.dispose()
