"""Facts on their way: order, repeats, poison, parking and replay."""

import uuid

import amqp
import orjson
import pytest

from deploy.accounts import url_as
from kernel.chassis.bus import links
from kernel.chassis.bus.wire import ServiceError
from kernel.chassis.process.settings import BusSettings
from kernel.contracts import operations, topology
from tests.messaging import contract
from tests.messaging.conftest import SWITCHED_OFF
from tests.messaging.harness import Bench, until


def resend(bench: Bench, body: bytes, type_: str = "entry_added", times: int = 1) -> None:
    connection = links.connect(BusSettings(amqp_url=url_as("probe", bench.amqp_url)), "test-resend")
    channel = connection.channel()
    for _ in range(times):
        message = amqp.Message(body, delivery_mode=2, user_id="probe")
        # Confirmed: what is on its way to a quorum queue when its connection closes may be lost.
        channel.basic_publish_confirm(message, topology.event_exchange("probe"), type_)
    connection.close()


def envelope(key: object, version: int = 1, message_id: str | None = None, **payload: object) -> bytes:
    return orjson.dumps(
        {
            "message_id": message_id or str(uuid.uuid4()),
            "source": "probe",
            "type": "entry_added",
            "sequence": 0,
            "occurred_at": "2026-01-01T00:00:00Z",
            "payload": {"key": key, "version": version} | payload,
        }
    )


def parked_of(bench: Bench, key: str) -> list[tuple]:
    return bench.rows(
        "mirror",
        "SELECT message_id, attempts, error, next_try_at FROM parked WHERE encode(body, 'escape') LIKE %s",
        f"%{key}%",
    )


def park_poison(bench: Bench, client, clerk, key: str) -> uuid.UUID:
    """Its message id once it rests after all its tries."""
    client.call("probe", contract.ADD_POISON, contract.AddEntries(prefix=key), actor=clerk)
    rows = until("parked for a person", lambda: [row for row in parked_of(bench, key) if row[3] is None])
    return rows[0][0]


@pytest.mark.req("OPS-01")
def test_events_arrive_in_the_order_of_the_outbox_each_once(pair, client_of, clerk):
    client = client_of(pair)

    for batch in range(4):
        client.call("probe", contract.ADD_ENTRIES, contract.AddEntries(prefix=f"o{batch}", count=150), actor=clerk)
    until("all arrived", pair.settled)

    arrived = [row[0] for row in pair.rows("mirror", "SELECT sequence FROM arrivals ORDER BY n")]
    assert arrived == sorted(set(arrived))
    pair.assert_agreement()


def test_an_event_of_a_command_that_is_rolled_back_is_never_published(pair, client_of, clerk):
    client = client_of(pair)

    with pytest.raises(ServiceError):
        client.call("probe", contract.ADD_ENTRIES, contract.AddEntries(prefix="never", fail="so"), actor=clerk)

    assert pair.one("probe", "SELECT count(*) FROM outbox WHERE payload->>'key' LIKE 'never%%'") == 0


def test_the_correlation_id_and_the_actor_travel_with_the_event(pair, client_of, clerk):
    client_of(pair).call(
        "probe", contract.ADD_ENTRIES, contract.AddEntries(prefix="who"), actor=clerk, correlation_id="click-1"
    )

    found = pair.rows("probe", "SELECT correlation_id, actor FROM outbox WHERE payload->>'key' = 'who-0'")
    assert found == [("click-1", "clerk")]


def test_a_repeated_message_is_dropped(pair):
    body = envelope("repeated")

    resend(pair, body, times=5)
    until(
        "dropped",
        lambda: (
            pair.processes[0].metric('simkeep_events_total{outcome="duplicate",source="probe",type="entry_added"}') >= 4
        ),
    )

    assert pair.one("mirror", "SELECT seen FROM mirrored WHERE key = 'repeated'") == 1
    pair.rows("mirror", "DELETE FROM mirrored WHERE key = 'repeated' RETURNING 1")
    pair.rows("mirror", "DELETE FROM inbox WHERE message_id = %s RETURNING 1", orjson.loads(body)["message_id"])


def test_poison_is_tried_again_and_then_parked_while_others_pass(pair, client_of, clerk):
    client = client_of(pair)

    message_id = park_poison(pair, client, clerk, "arsenic")
    client.call("probe", contract.ADD_ENTRIES, contract.AddEntries(prefix="healthy"), actor=clerk)
    until("passed by", lambda: pair.one("mirror", "SELECT 1 FROM mirrored WHERE key = 'healthy-0'"))

    row = parked_of(pair, "arsenic")[0]
    assert row[:2] == (message_id, 3)
    assert "arsenic is poison" in row[2]


def test_a_parked_message_is_listed_replayed_and_then_gone(pair, client_of, clerk):
    client = client_of(pair)
    message_id = park_poison(pair, client, clerk, "belladonna")

    page = client.call("mirror", operations.LIST_PARKED, operations.ListParkedRequest(size=100), actor=clerk)
    listed = {item["message_id"]: item for item in page["items"]}
    pair.rows("mirror", "INSERT INTO antidotes VALUES ('belladonna') RETURNING 1")
    selection = operations.ParkedSelection(message_ids=[message_id])
    done = client.call("mirror", operations.REPLAY_PARKED, selection, actor=clerk)
    until("handled", lambda: pair.one("mirror", "SELECT seen FROM mirrored WHERE key = 'belladonna'"))

    assert listed[str(message_id)]["payload"] == {"key": "belladonna"}
    assert listed[str(message_id)]["attempts"] == 3
    assert done == {"done": 1, "unknown": []}
    assert parked_of(pair, "belladonna") == []
    pair.rows("mirror", "DELETE FROM mirrored WHERE key = 'belladonna' RETURNING 1")
    pair.rows("mirror", "DELETE FROM inbox WHERE message_id = %s RETURNING 1", message_id)


def test_a_replay_that_fails_again_is_parked_again(pair, client_of, clerk):
    client = client_of(pair)
    message_id = park_poison(pair, client, clerk, "cyanide")

    client.call("mirror", operations.REPLAY_PARKED, operations.ParkedSelection(message_ids=[message_id]), actor=clerk)

    until("tried and parked again", lambda: [r for r in parked_of(pair, "cyanide") if r[3] is None and r[1] == 3])


def test_a_dropped_message_is_gone_for_good(pair, client_of, clerk):
    client = client_of(pair)
    message_id = park_poison(pair, client, clerk, "digitalis")
    body = pair.one("mirror", "SELECT body FROM parked WHERE message_id = %s", message_id)
    selection = operations.ParkedSelection(message_ids=[message_id])

    client.call("mirror", operations.DROP_PARKED, selection, actor=clerk)
    resend(pair, bytes(body), "entry_poisoned")
    with pytest.raises(ServiceError) as again:
        client.call("mirror", operations.DROP_PARKED, selection, actor=clerk)

    assert again.value.code == "parked_not_found"
    until(
        "dropped",
        lambda: (
            pair.processes[0].metric('simkeep_events_total{outcome="duplicate",source="probe",type="entry_poisoned"}')
            >= 1
        ),
    )
    assert parked_of(pair, "digitalis") == []
    pair.rows("mirror", "DELETE FROM inbox WHERE message_id = %s RETURNING 1", message_id)


@pytest.mark.parametrize(
    "body",
    [b"", b"junk", b"[1]", b'{"message_id": "x"}', b"\xff\xfe\x00", orjson.dumps({"payload": {"key": "\x00"}})],
)
def test_what_cannot_be_read_is_parked_and_stops_nobody(pair, body):
    before = pair.one("mirror", "SELECT count(*) FROM parked")

    resend(pair, body or b" ")

    until("parked", lambda: pair.one("mirror", "SELECT count(*) FROM parked") == before + 1)
    assert pair.processes[0].alive()


def test_a_message_with_a_character_that_postgresql_cannot_store_is_parked(pair):
    resend(pair, envelope("zero\x00byte"))

    until("parked", lambda: pair.one("mirror", "SELECT count(*) FROM parked WHERE error LIKE %s", "%NUL%"))
    assert pair.processes[0].alive()


def test_a_message_of_an_unknown_shape_is_parked(pair):
    resend(pair, envelope(["no", "text"]))

    rows = until("parked", lambda: [row for row in parked_of(pair, "no") if "ValidationError" in row[2]])
    assert rows


def test_an_unknown_field_in_a_fact_is_ignored(pair):
    body = envelope("newer", colour="blue")

    resend(pair, body)

    until("handled", lambda: pair.one("mirror", "SELECT seen FROM mirrored WHERE key = 'newer'") == 1)


def told(bench: Bench, key: str) -> list[tuple]:
    """Probe's inbox rows of its own errand."""
    return bench.rows(
        "probe",
        "SELECT 1 FROM inbox JOIN outbox USING (message_id) WHERE type = 'entry_told' AND payload->>'key' = %s",
        key,
    )


@pytest.mark.req("WFL-03")
def test_while_an_errand_takes_its_time_nothing_else_waits_and_no_transaction_is_open(pair, client_of, clerk):
    client = client_of(pair)
    idle = """
        SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name LIKE 'simkeep-probe-write%%'
        AND state LIKE 'idle in transaction%%' AND xact_start < now() - interval '0.2 seconds'
    """

    client.call("probe", contract.TELL, contract.AddEntries(prefix="slow", sleep_seconds=4), actor=clerk)
    client.call("probe", contract.ADD_ENTRIES, contract.AddEntries(prefix="swift"), actor=clerk)
    until("mirrored meanwhile", lambda: pair.one("mirror", "SELECT 1 FROM mirrored WHERE key = 'swift-0'"))

    assert told(pair, "slow") == []
    assert pair.one("probe", idle) == 0
    until("told", lambda: told(pair, "slow"))


@pytest.mark.req("WFL-03")
def test_a_failing_errand_is_tried_again_and_a_hopeless_one_waits_at_once(pair, client_of, clerk):
    client = client_of(pair)
    for key, fails in (("deaf", "always"), ("rude", "hopelessly")):
        client.call("probe", contract.TELL, contract.AddEntries(prefix=key, fail=fails), actor=clerk)

    def parked() -> dict[str, dict]:
        page = client.call("probe", operations.LIST_PARKED, operations.ListParkedRequest(size=100), actor=clerk)
        return {item["payload"]["key"]: item for item in page["items"]}

    found = until("both wait for a person", lambda: parked() if len(parked()) == 2 else None)
    assert {key: (item["attempts"], item["error"]) for key, item in found.items()} == {
        "deaf": (3, "ConnectionError: deaf cannot be told"),
        "rude": (1, "HopelessError: rude is not wanted"),
    }
    ids = [uuid.UUID(item["message_id"]) for item in found.values()]
    client.call("probe", operations.DROP_PARKED, operations.ParkedSelection(message_ids=ids), actor=clerk)
    assert parked() == {}


def test_the_queue_of_an_errand_that_was_switched_off_is_removed(pair):
    connection = links.connect(BusSettings(amqp_url=pair.amqp_url), "test-looks")
    with pytest.raises(amqp.NotFound):
        connection.channel().queue_declare(SWITCHED_OFF, passive=True)
    connection.close()


def test_only_holders_of_the_permission_see_parked_messages(pair, client_of, onlooker):
    with pytest.raises(ServiceError) as refused:
        client_of(pair).call("mirror", operations.LIST_PARKED, operations.ListParkedRequest(), actor=onlooker)

    assert refused.value.code == "permission_denied"
