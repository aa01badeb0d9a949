"""Nothing lost, nothing twice: whatever dies, and whenever, both sides agree to the row afterwards."""

import contextlib
import threading
import time
import uuid

import amqp
import psycopg
import pytest

from kernel.chassis.bus import links
from kernel.chassis.bus.wire import ServiceError
from kernel.chassis.process.settings import BusSettings
from kernel.contracts import topology
from tests.messaging import contract
from tests.messaging.client import BusClient, NoAnswerError
from tests.messaging.harness import Bench, until

ROUNDS = 3


def add(client: BusClient, clerk, prefix: str, command_id: str, *, count: int = 20, timeout: float = 10):
    """One command, as the gateway would repeat it: with the same id until it is answered."""
    return client.call(
        "probe",
        contract.ADD_ENTRIES,
        contract.AddEntries(prefix=prefix, count=count),
        actor=clerk,
        command_id=command_id,
        timeout=timeout,
    )


@pytest.mark.req("OPS-01")
@pytest.mark.parametrize("point", ["command.after_commit", "relay.before_publish", "relay.after_publish"])
def test_killed_between_commit_and_publish_and_mark(bench: Bench, client_of, clerk, point: str):
    mirror = bench.start("mirror", wait=False)
    doomed = bench.start("probe", wait=False, SIMKEEP_CRASH_AT=point)
    bench.wait_ready(mirror, doomed)
    client = client_of(bench)

    with contextlib.suppress(NoAnswerError):
        add(client, clerk, "doomed", "doomed-1", timeout=1)
    until("the process was killed", lambda: not doomed.alive())
    bench.start("probe")
    repeated = add(client, clerk, "doomed", "doomed-1")
    until("all arrived", bench.settled)

    assert doomed.popen.returncode == -9
    assert repeated["count"] == 20
    assert bench.one("probe", "SELECT sum(version) FROM entries") == 20
    bench.assert_agreement()


@pytest.mark.req("OPS-01")
def test_killed_between_the_handlers_commit_and_its_acknowledgement(bench: Bench, client_of, clerk):
    doomed = bench.start("mirror", wait=False, SIMKEEP_CRASH_AT="handler.after_commit")
    probe = bench.start("probe", wait=False)
    bench.wait_ready(doomed, probe)

    add(client_of(bench), clerk, "ack", "ack-1", count=30)
    until("the process was killed", lambda: not doomed.alive())
    half_done = bench.one("mirror", "SELECT count(*) FROM inbox")
    bench.start("mirror")
    until("all arrived", bench.settled)

    assert half_done == 1
    bench.assert_agreement()


@pytest.mark.req("OPS-01")
def test_two_of_everything_while_the_servers_are_restarted_and_replicas_killed(
    bench: Bench, client_of, clerk, postgres, rabbit
):
    probes = [bench.start("probe", wait=False) for _ in range(2)]
    mirrors = [bench.start("mirror", wait=False) for _ in range(2)]
    bench.wait_ready(*probes, *mirrors)
    load = Load(bench, clerk)

    load.start()
    until("the load runs", lambda: load.answered > 20)
    rabbit.restart()
    load.must_go_on("after RabbitMQ was restarted")
    postgres.restart()
    load.must_go_on("after PostgreSQL was restarted")
    postgres.kill9()
    postgres.start()
    load.must_go_on("after PostgreSQL was killed")
    probes[0].kill9()
    mirrors[0].kill9()
    load.must_go_on("after one replica of each was killed")
    load.stop()
    until("all arrived", bench.settled)

    assert all(process.alive() for process in (probes[1], mirrors[1]))
    until("ready again", lambda: probes[1].ready() and mirrors[1].ready())
    assert bench.one("probe", "SELECT sum(version) FROM entries") == load.commands * Load.ENTRIES
    assert bench.one("probe", "SELECT count(*) FROM runs") == load.commands
    bench.assert_agreement()


class Load:
    """Commands one after the other from several clients; each is repeated with its id until it is answered."""

    ENTRIES = 3
    CLIENTS = 3

    def __init__(self, bench: Bench, clerk) -> None:
        self._bench = bench
        self._clerk = clerk
        self._stopping = threading.Event()
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(self.CLIENTS)]
        self.commands = 0
        self.answered = 0

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Returns when every command that was begun is answered."""
        self._stopping.set()
        for thread in self._threads:
            thread.join(60)
            assert not thread.is_alive()

    def must_go_on(self, when: str) -> None:
        reached = self.answered + 20
        until(f"the load goes on {when}", lambda: self.answered >= reached, seconds=90)

    def _run(self) -> None:
        client: BusClient | None = None
        while not self._stopping.is_set():
            name = uuid.uuid4().hex
            self.commands += 1
            while True:
                try:
                    client = client or BusClient(self._bench.amqp_url)
                    add(client, self._clerk, name, name, count=self.ENTRIES, timeout=3)
                    self.answered += 1
                    break
                except (NoAnswerError, ServiceError):
                    time.sleep(0.05)
                except (OSError, amqp.exceptions.AMQPError, AttributeError):
                    client = None
                    time.sleep(0.2)


@pytest.mark.req("OPS-01")
def test_one_relay_publishes_and_another_takes_over(bench: Bench, client_of, clerk):
    mirror = bench.start("mirror", wait=False)
    probes = [bench.start("probe", wait=False) for _ in range(2)]
    bench.wait_ready(mirror, *probes)

    def active() -> list:
        return [probe for probe in probes if probe.alive() and probe.metric("simkeep_relay_active ") == 1]

    first = until("one relay is active", active)
    assert len(first) == 1
    first[0].kill9()
    second = until("the other took over", lambda: [probe for probe in active() if probe is not first[0]])
    add(client_of(bench), clerk, "takeover", "takeover-1")
    until("all arrived", bench.settled)

    assert len(second) == 1
    bench.assert_agreement()


@pytest.mark.req("OPS-03")
def test_the_backlog_is_seen_while_nobody_gets_to_publish(bench: Bench, client_of, clerk):
    with psycopg.connect(bench.database_url, autocommit=True) as session:
        session.execute("SELECT pg_advisory_lock(hashtextextended('simkeep.relay.probe', 0))")
        probe = bench.start("probe")
        add(client_of(bench), clerk, "waits", "waits-1", count=7)

        until("the backlog is seen", lambda: probe.metric("simkeep_outbox_backlog") == 7)
        assert probe.metric("simkeep_outbox_oldest_unpublished_seconds") > 0
        assert probe.metric("simkeep_relay_active") == 0


def test_sigterm_lets_running_commands_end_and_exits_cleanly(bench: Bench, client_of, clerk):
    probe = bench.start("probe")
    client = client_of(bench)
    slow = contract.AddEntries(prefix="slow", sleep_seconds=1.5)

    call = client.send("probe", contract.ADD_ENTRIES, slow, actor=clerk, command_id="slow-1")
    in_the_middle = (
        "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction'"
    )
    until("it runs", lambda: bench.rows("probe", in_the_middle))
    code = probe.stop()

    assert client.answer(call)["count"] == 1
    assert code == 0


def test_a_service_waits_for_its_broker_and_lives_through_an_outage_of_its_database(
    bench: Bench, client_of, clerk, postgres, rabbit
):
    bench.declare("probe")
    rabbit.stop()
    probe = bench.start("probe", wait=False)
    until("it tries to connect", lambda: "bus connection lost" in probe.logged())
    waiting = probe.alive() and not probe.ready()
    rabbit.start()
    until("ready", probe.ready)
    client = client_of(bench)
    postgres.stop()
    until("not ready", lambda: not probe.ready())
    alive = probe.alive()
    with pytest.raises(ServiceError) as away:
        client.call("probe", contract.ASK, contract.Ask(), actor=clerk)
    postgres.start()
    until("ready", probe.ready)

    assert waiting
    assert alive
    assert away.value.code == "service_unavailable"
    assert client.call("probe", contract.ASK, contract.Ask(word="back"), actor=clerk)["word"] == "back"


@pytest.mark.req("OPS-04")
def test_a_fact_that_the_broker_gave_up_to_deliver_is_parked_for_a_person(quorum_bench: Bench, client_of, clerk):
    bench = quorum_bench
    mirror, probe = bench.start("mirror", wait=False), bench.start("probe", wait=False)
    bench.wait_ready(mirror, probe)
    mirror.stop()
    add(client_of(bench), clerk, "doomed", "doomed-1", count=1)
    until(
        "the fact is published",
        lambda: bench.one("probe", "SELECT count(*) FROM outbox WHERE published_at IS NULL") == 0,
    )

    deliveries = _give_back_until_it_is_gone(bench.amqp_url, topology.consumer_queue("mirror", "probe"))
    bench.start("mirror")
    parked = until(
        "the fact is parked", lambda: bench.one("mirror", "SELECT error FROM parked WHERE next_try_at IS NULL")
    )

    assert deliveries == topology.DELIVERY_LIMIT + 1
    assert "delivered too often" in parked
    assert bench.one("mirror", "SELECT count(*) FROM mirrored") == 0


def _give_back_until_it_is_gone(amqp_url: str, queue: str) -> int:
    """What a process does that dies at each delivery; how often it was delivered."""
    connection = links.connect(BusSettings(amqp_url=amqp_url), "test-gives-back")
    channel = connection.channel()
    taken: list[amqp.Message] = []
    channel.basic_qos(0, 1, False)
    channel.basic_consume(queue, callback=lambda message: (taken.append(message), links.requeue(message)))
    with contextlib.suppress(TimeoutError):
        while True:
            connection.drain_events(timeout=3)
    connection.close()
    return len(taken)
