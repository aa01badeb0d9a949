"""The real thing: cards change in inventory while processes and the broker die, and binding's read model agrees."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import amqp
import pytest

from kernel.chassis.bus.wire import ServiceError
from kernel.chassis.data.database import create_engine
from kernel.chassis.process.settings import DatabaseSettings
from kernel.contracts.inventory import acts
from kernel.contracts.traffic.loads import REPORT_USAGE, ReportUsage
from tests.databases import fresh_database
from tests.integration.inventory.stock import CITY, Stock
from tests.integration.traffic.meters import PROVINCE, Meters, day, iccid
from tests.messaging.client import BusClient, NoAnswerError
from tests.messaging.harness import Bench, until

CARDS, HANDFUL, ROUNDS = 720, 60, 3


@pytest.fixture
def real_bench(postgres, hosts: Iterator[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    """Migrated schemas of the real services on the servers that may be killed here."""
    for name in ("INVENTORY", "BINDING"):
        monkeypatch.delenv(f"SIMKEEP_{name}_DATABASE_URL", raising=False)
    amqp_url = next(hosts)
    with fresh_database(postgres.url) as url:
        settings = {
            "SIMKEEP_DATABASE_URL": url,
            "SIMKEEP_BLOB_URL": f"file://{tmp_path / 'blobs'}",
            "SIMKEEP_TESTING": "1",
            "SIMKEEP_CRASH_AT": "",
            "SIMKEEP_RELAY_POLL_SECONDS": "0.3",
            "SIMKEEP_HEARTBEAT_SECONDS": "4",
            "EVENTLET_NO_GREENDNS": "yes",
        }
        bench = Bench(url, amqp_url, tmp_path, settings)
        try:
            yield bench
        finally:
            bench.stop_all()


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
    assert meters.run("SELECT attempts > 1 AS again FROM jobs")[0].again


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
