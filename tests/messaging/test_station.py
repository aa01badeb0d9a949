"""A master station's client against the real broker and binding: nothing lost, nothing twice (BND-01, BND-12)."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pika
import pika.exceptions
import pytest

from kernel.chassis.bus.identity import key_pair
from kernel.contracts import topology
from kernel.contracts.binding import on_demand, readings
from kernel.model.actor import Actor
from services.binding.reporting import MAX_PAUSE_MS
from simkeep_station import NotAllowedError, Reading, ReadRequest, RefusedError, StationClient, Terminal
from simkeep_station.client import MAX_ROWS
from tests.messaging.client import BusClient
from tests.messaging.harness import ROOT, Process, until
from tests.messaging.stations import METHODS, TONIGHT, UNIT, World, card, client_of, night, terminal

CLERK = Actor("clerk", "县局资产管理员", UNIT, frozenset({"reading.ask"}))
WITHIN_SECONDS = 5
SERVICE_MEMORY_MIB = 300


@pytest.mark.req("BND-01", "BND-02", "BND-12")
def test_a_night_is_committed_when_the_client_returns_and_a_broken_row_costs_only_itself(world: World):
    world.know(0, 200)
    world.report_terminals(0, 200)
    kept: list[tuple[Any, dict[str, Any]]] = []
    rows = night(0, 200)
    rows[7] = Reading(terminal(7), TONIGHT, fault="E05")
    rows[8] = Reading(terminal(8), TONIGHT, iccid="8986")
    rows[9] = Reading("?", TONIGHT, iccid=card(9))

    with world.client() as client:
        client.on_refused = lambda row, refused: kept.append((row, refused))
        sums = client.report_readings(rows)

    assert sums == {"taken": 199, "repeated": 0, "refused": 1, "changed": 197}
    assert (world.stored(0, 200), world.bound(0, 200)) == (199, 197)
    assert [(row.terminal, refused["field"], refused["code"]) for row, refused in kept] == [
        ("?", "terminal", "terminal_malformed")
    ]
    assert kept[0][1]["message"]
    told = world.bench.one("binding", "SELECT sum(jsonb_array_length((payload::jsonb) -> 'cards')) FROM outbox")
    assert told == 197


@pytest.mark.req("BND-01", "BND-12")
def test_the_same_batch_and_half_of_it_again_change_nothing(world: World):
    world.know(1_000, 60)
    world.report_terminals(1_000, 60)
    rows = night(1_000, 60)
    wire = {"rows": [each.row() for each in rows]}

    with world.client() as client:
        first = client.call("binding.report_readings", wire, key="night-1")
        same_key = client.call("binding.report_readings", wire, key="night-1")
        half = client.report_readings(rows[::2])
        with pytest.raises(RefusedError) as other:
            client.call("binding.report_readings", {"rows": wire["rows"][:1]}, key="night-1")

    assert same_key == first
    assert (first["taken"], half) == (60, {"taken": 0, "repeated": 30, "refused": 0, "changed": 0})
    assert other.value.code == "idempotency_key_reused"
    assert (world.stored(1_000, 60), world.bound(1_000, 60)) == (60, 60)


@pytest.mark.req("BND-01", "BND-12")
def test_what_was_reported_before_the_readings_broke_off_is_committed(world: World):
    known = MAX_ROWS + 3
    world.know(20_000, known)
    world.report_terminals(20_000, known)

    def breaks_off() -> Iterator[Reading]:
        yield from night(20_000, known)
        raise ConnectionError("the terminal's line is down")

    with world.client() as client, pytest.raises(ConnectionError):
        client.report_readings(breaks_off())

    assert world.stored(20_000, known) == MAX_ROWS


DIES = """
import os, signal, sys
from datetime import datetime
from simkeep_station import Reading, StationClient

class Dies(StationClient):
    def _connect(self):
        super()._connect()
        channel, publish = self._channel, self._channel.basic_publish
        def once(*arguments, **named):
            channel._delivery_confirmation = False  # or it would wait for the confirm
            publish(*arguments, **named)
            os.kill(os.getpid(), signal.SIGKILL)
        channel.basic_publish = once

url, key, unit = sys.argv[1:4]
moment = datetime.fromisoformat(sys.argv[4])
rows = (line.split() for line in sys.stdin)
Dies(url, key, unit).report_readings(Reading(terminal, moment, iccid=iccid) for terminal, iccid in rows)
"""


@pytest.mark.req("BND-01", "BND-12")
def test_a_client_that_is_killed_between_send_and_confirm_sends_its_batch_again_and_nothing_counts_twice(world: World):
    world.know(2_000, 50)
    world.report_terminals(2_000, 50)
    rows = [Reading(terminal(2_000 + i), TONIGHT, iccid=card(2_000 + i)) for i in range(50)]
    secrets = (world.secrets["SIMKEEP_AMQP_URL"], world.secrets["SIMKEEP_ACTOR_PRIVATE_KEY"])

    dead = subprocess.run(
        [sys.executable, "-c", DIES, *secrets, UNIT, TONIGHT.isoformat()],
        input="\n".join(f"{row.terminal} {row.iccid}" for row in rows),
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'clients/station'}:{ROOT / 'clients/bus'}"},
        text=True,
        timeout=60,
        check=False,
    )
    with world.client() as client:
        sums = client.report_readings(rows)

    assert dead.returncode == -signal.SIGKILL
    assert sums["taken"] + sums["repeated"] == 50
    assert (world.stored(2_000, 50), world.bound(2_000, 50)) == (50, 50)


@pytest.mark.req("BND-01", "BND-12", "OPS-01")
def test_a_batch_in_whose_middle_the_service_is_killed_is_done_once_by_the_next(world: World):
    world.know(3_000, 40)
    world.report_terminals(3_000, 40)
    holder, victim = world.locked(), world.binding

    with world.client(timeout=10) as client, ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(client.report_readings, night(3_000, 40))
        until("the batch is in its middle", world.waiting_for_the_lock)
        victim.kill9()
        holder.close()
        world.bench.start("binding")
        sums = waiting.result(timeout=120)

    assert sums["taken"] == 40
    assert (world.stored(3_000, 40), world.bound(3_000, 40)) == (40, 40)


@pytest.mark.req("BND-01", "BND-12", "OPS-01")
def test_a_service_that_dies_after_its_commit_leaves_the_answer_to_the_next(world: World):
    world.know(4_000, 40)
    world.report_terminals(4_000, 40)
    world.binding.stop()
    doomed = world.bench.start("binding", SIMKEEP_CRASH_AT="command.after_commit")

    with world.client(timeout=10) as client, ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(client.report_readings, night(4_000, 40))
        until("it died", lambda: not doomed.alive())
        world.bench.start("binding")
        sums = waiting.result(timeout=120)

    assert sums == {"taken": 40, "repeated": 0, "refused": 0, "changed": 40}
    assert (world.stored(4_000, 40), world.bound(4_000, 40)) == (40, 40)


@pytest.mark.slow
@pytest.mark.req("BND-01", "BND-12", "OPS-01")
def test_a_restarted_broker_costs_a_station_nothing_but_time(world: World, rabbit):
    world.know(5_000, 400)
    world.report_terminals(5_000, 400)
    sent, rows = threading.Event(), night(5_000, 400)
    sums = {"taken": 0, "repeated": 0}

    def report() -> None:
        with world.client(timeout=10) as client:
            for start in range(0, 400, 20):
                done = client.report_readings(rows[start : start + 20])
                sums.update({name: sums[name] + done[name] for name in sums})
                sent.set()

    with ThreadPoolExecutor(1) as pool:
        reporting = pool.submit(report)
        assert sent.wait(60)
        rabbit.stop()
        rabbit.start()
        reporting.result(timeout=240)

    assert sums == {"taken": 400, "repeated": 0}
    assert (world.stored(5_000, 400), world.bound(5_000, 400)) == (400, 400)
    world.bench.wait_ready(world.binding)


@pytest.mark.slow
@pytest.mark.req("BND-01", "BND-12", "OPS-01")
def test_a_restarted_database_costs_a_station_nothing_but_time(world: World, postgres):
    world.know(5_500, 400)
    world.report_terminals(5_500, 400)
    sent, rows = threading.Event(), night(5_500, 400)
    sums = {"taken": 0, "repeated": 0}

    def report() -> None:
        with world.client(timeout=10) as client:
            for start in range(0, 400, 20):
                done = client.report_readings(rows[start : start + 20])
                sums.update({name: sums[name] + done[name] for name in sums})
                sent.set()

    with ThreadPoolExecutor(1) as pool:
        reporting = pool.submit(report)
        assert sent.wait(60)
        postgres.restart()
        reporting.result(timeout=240)

    assert sums == {"taken": 400, "repeated": 0}
    assert (world.stored(5_500, 400), world.bound(5_500, 400)) == (400, 400)
    world.bench.wait_ready(world.binding)


@pytest.mark.slow
@pytest.mark.req("BND-01", "BND-12", "OPS-01")
def test_a_batch_in_whose_middle_the_database_restarts_is_done_once(world: World, postgres):
    world.know(40_000, 200)
    world.report_terminals(40_000, 200)
    holder = world.locked()

    with world.client(timeout=10) as client, ThreadPoolExecutor(1) as pool:
        reporting = pool.submit(client.report_readings, night(40_000, 200))
        until("the batch stands in its middle", lambda: world.waiting_for_the_lock() == 1)
        postgres.restart()
        sums = reporting.result(timeout=240)

    holder.close()
    assert (sums["taken"], sums["refused"]) == (200, 0)
    assert (world.stored(40_000, 200), world.bound(40_000, 200)) == (200, 200)
    world.bench.wait_ready(world.binding)


@pytest.mark.req("BND-01", "BND-02", "BND-11")
def test_two_stations_that_report_the_same_terminals_at_once_end_in_one_reading_and_one_binding_each(world: World):
    world.know(41_000, 300)
    other = world.issuers.add("station_beside", METHODS, [UNIT])
    told = [Terminal(terminal(41_000 + i), "990101", "集中器", "running") for i in range(300)]
    rows = night(41_000, 300)

    def report(client: StationClient, batches: list[list[Reading]]) -> tuple[int, int]:
        with client:
            client.report_terminals(told, as_of=TONIGHT - timedelta(days=1))
            sums = [client.report_readings(batch) for batch in batches]
        return sum(it["taken"] for it in sums), sum(it["repeated"] for it in sums)

    parts = [rows[start : start + 50] for start in range(0, 300, 50)]
    try:
        with ThreadPoolExecutor(2) as pool:
            one = pool.submit(report, world.client(), parts)
            two = pool.submit(report, client_of(other), parts[::-1])
            ends = [one.result(timeout=120), two.result(timeout=120)]
    finally:
        world.issuers.revoke("station_beside")

    assert (sum(taken for taken, _ in ends), sum(repeated for _, repeated in ends)) == (300, 300)
    assert (world.stored(41_000, 300), world.bound(41_000, 300)) == (300, 300)


@pytest.mark.req("BND-01", "BND-12")
def test_an_empty_batch_is_refused_as_no_request_and_the_client_sends_none(world: World):
    with world.client() as client:
        with pytest.raises(RefusedError) as refused:
            client.call("binding.report_readings", {"rows": []})
        sums = client.report_readings([])

    assert refused.value.code == "request_invalid"
    assert {sums[name] for name in ("taken", "repeated", "refused", "changed")} == {0}


@pytest.mark.req("BND-01", "BND-12")
def test_half_a_surrogate_pair_in_a_batch_costs_only_its_row(world: World):
    world.know(900, 2)
    world.report_terminals(900, 2)
    good, broken = (each.row() for each in night(900, 2))
    rows = json.dumps({"rows": [good, broken | {"terminal": "\ud800"}]})
    body = f'{{"args": [{rows}], "kwargs": {{}}}}'.encode()
    station = Actor("station", "主站", UNIT, frozenset({readings.REPORT_READINGS.permission or ""}))

    bus = BusClient(world.bench.amqp_url)
    told = bus.call("binding", readings.REPORT_READINGS, None, body=body, actor=station, command_id="half a pair")
    bus.close()

    assert (told["taken"], [(it["row_no"], it["field"]) for it in told["refused"]]) == (1, [(2, "terminal")])


FOREIGN: dict[str, Callable[[Any], Any]] = {
    "an exchange": lambda ch: ch.basic_publish(topology.event_exchange("binding"), "cards_bound", b"{}"),
    "the default exchange": lambda ch: ch.basic_publish("", topology.rpc_queue("binding"), b"{}"),
    "a queue": lambda ch: ch.basic_get(topology.rpc_queue("binding")),
    "a queue's removal": lambda ch: ch.queue_delete(topology.rpc_queue("binding")),
    "a queue of another name": lambda ch: ch.queue_declare("mine"),
    "another's answers": lambda ch: ch.queue_declare(topology.reply_queue("gateway", "1"), exclusive=True),
    "a method": lambda ch: ch.basic_publish(topology.RPC_EXCHANGE, "binding.settle_binding", b"{}"),
    "another service": lambda ch: ch.basic_publish(topology.RPC_EXCHANGE, "inventory.get_card", b"{}"),
}


@pytest.mark.req("BND-12", "GTW-06", "GTW-07")
@pytest.mark.parametrize("what", FOREIGN)
def test_the_broker_refuses_a_station_all_that_is_not_its_own(world: World, what: str):
    with pika.BlockingConnection(pika.URLParameters(world.secrets["SIMKEEP_AMQP_URL"])) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        with pytest.raises(pika.exceptions.ChannelClosedByBroker) as refused:
            FOREIGN[what](channel)
    assert refused.value.reply_code == 403


@pytest.mark.req("BND-12", "GTW-06", "GTW-07")
def test_the_client_says_that_a_method_a_unit_or_a_signature_is_not_its_own(world: World):
    batch = {"rows": [each.row() for each in night(6_000, 1)]}
    foreign_key = {**world.secrets, "SIMKEEP_ACTOR_PRIVATE_KEY": key_pair()[0]}

    with world.client() as client, pytest.raises(NotAllowedError):
        client.call("binding.get_reads", {"read_id": 1})
    with world.client(unit="9902") as client, pytest.raises(NotAllowedError, match="unit_out_of_scope"):
        client.call("binding.report_readings", batch)
    with client_of(foreign_key) as client, pytest.raises(NotAllowedError, match="actor_missing"):
        client.call("binding.report_readings", batch)
    with world.client() as client:
        kept: list[dict[str, Any]] = []
        client.on_refused = lambda _, refused: kept.append(refused)
        client.report_terminals([Terminal(terminal(6_001), "990201", "集中器", "running")], as_of=TONIGHT)

    assert [(each["row_no"], each["field"]) for each in kept] == [(1, "unit")]
    assert world.stored(6_000, 2) == 0


@pytest.mark.req("BND-12", "GTW-06", "GTW-07")
def test_a_revoked_station_is_out_within_five_seconds(world: World):
    secrets = world.issuers.add("station_leaving", METHODS, [UNIT])
    client = client_of(secrets)
    until("it is known", lambda: asks(client))
    ended: list[float] = []

    def go_on() -> None:
        while asks(client):
            time.sleep(0.05)
        ended.append(time.monotonic())

    with ThreadPoolExecutor(1) as pool:
        going_on = pool.submit(go_on)
        world.issuers.revoke("station_leaving")
        revoked = time.monotonic()
        going_on.result(timeout=60)

    assert ended[0] - revoked < WITHIN_SECONDS


def asks(client: StationClient) -> bool:
    """Whether the station is let in."""
    try:
        client.call("binding.take_read_requests", {"limit": 1})
    except NotAllowedError:
        return False
    return True


@pytest.mark.req("BND-04", "BND-12")
def test_a_station_answers_reads_on_demand_and_says_what_did_not_answer(world: World, monkeypatch: pytest.MonkeyPatch):
    world.know(7_000, 3)
    world.report_terminals(7_000, 3)
    clerk = BusClient(world.bench.amqp_url)
    names = [terminal(7_000 + i) for i in range(3)]
    asked = clerk.call(
        "binding", on_demand.ASK_READS, on_demand.AskReads(terminals=names), actor=CLERK, command_id="ask-1"
    )

    def states() -> dict[str, str]:
        get = on_demand.GetReads(read_id=asked["read_id"])
        answers = clerk.call("binding", on_demand.GET_READS, get, actor=CLERK)["answers"]
        return {each["terminal"]: each["state"] for each in answers}

    def read(wanted: ReadRequest) -> Reading:
        content = {"fault": "timeout"} if wanted.terminal == names[2] else {"iccid": card(int(wanted.terminal[3:]))}
        return Reading(wanted.terminal, datetime.now(UTC), slot=wanted.slot, request_id=wanted.request_id, **content)

    assert set(states().values()) == {"waiting"}
    with world.client() as station:
        station.serve_reads(read, every=0.1, while_true=lambda: "waiting" in states().values())
    assert states() == {names[0]: "read", names[1]: "read", names[2]: "failed"}
    clerk.close()
    assert world.bound(7_000, 3) == 2


@pytest.mark.req("BND-11", "BND-12")
@pytest.mark.parametrize("size", [readings.MAX_ROWS + 1, 100_000])
def test_a_batch_that_is_too_large_is_refused_whole_with_the_limit(world: World, size: int):
    rows = [each.row() for each in night(8_000, 1)] * size

    with world.client() as client, pytest.raises(RefusedError) as refused:
        client.call("binding.report_readings", {"rows": rows})

    assert (refused.value.code, refused.value.params["limit"]) == ("batch_too_large", readings.MAX_ROWS)
    assert world.stored(8_000, 1) == 0


@pytest.mark.req("BND-01", "BND-12")
def test_a_batch_that_waited_asks_its_sender_to_wait_as_long(world: World, monkeypatch: pytest.MonkeyPatch):
    world.know(9_000, 10)
    slept: list[float] = []
    holder, held = world.locked(), 1.0

    with world.client() as client, ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(client.report_readings, night(9_000, 10))
        until("the batch waits", world.waiting_for_the_lock)
        time.sleep(held)
        monkeypatch.setattr("simkeep_station.client.time.sleep", slept.append)
        holder.close()
        waiting.result(timeout=60)

    assert held <= slept[-1] <= MAX_PAUSE_MS / 1000


def memory_mib(process: Process) -> float:
    status = Path(f"/proc/{process.popen.pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


@pytest.mark.slow
@pytest.mark.req("BND-01", "BND-12")
def test_ten_stations_at_once_are_slowed_and_neither_queue_nor_service_grows(world: World):
    stations, rows, batches = 10, 500, 2
    start = 100_000
    world.know(start, stations * rows)
    depths: list[int] = []
    memory: list[float] = []
    done = threading.Event()

    def watch() -> None:
        with pika.BlockingConnection(pika.URLParameters(world.bench.amqp_url)) as connection:
            channel = connection.channel()
            while not done.wait(0.1):
                found = channel.queue_declare(topology.rpc_queue("binding"), passive=True)
                depths.append(found.method.message_count)
                memory.append(memory_mib(world.binding))

    def report(station: int) -> int:
        mine = night(start + station * rows, rows)
        taken = 0
        with world.client(timeout=60) as client:
            for batch in range(batches):
                moved = [
                    Reading(each.terminal, each.read_at + timedelta(minutes=batch), iccid=each.iccid) for each in mine
                ]
                taken += client.report_readings(moved)["taken"]
        return taken

    with ThreadPoolExecutor(stations + 1) as pool:
        watching = pool.submit(watch)
        try:
            taken = sum(pool.map(report, range(stations)))
        finally:
            done.set()
        watching.result(timeout=30)

    assert taken == stations * rows * batches == world.stored(start, stations * rows)
    assert world.bound(start, stations * rows) == stations * rows
    assert max(depths) <= stations
    assert max(memory) < SERVICE_MEMORY_MIB
