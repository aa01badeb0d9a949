"""A bus that trusts nobody: foreign facts, overheard tokens, and what each account may reach (GTW-07)."""

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import amqp
import pika
import pika.exceptions
import pytest

from deploy.accounts import ADMINISTRATOR, BROKER, url_as
from deploy.issuers import known_methods
from kernel.chassis.bus import links
from kernel.chassis.bus.declare import declare
from kernel.chassis.bus.wire import ServiceError
from kernel.chassis.process.settings import BusSettings
from kernel.contracts import operations, topology
from tests.messaging import contract
from tests.messaging.harness import Bench, until
from tests.messaging.test_events import envelope, parked_of

AddEntries, Ask = contract.AddEntries, contract.Ask


def tell(bench: Bench, body: bytes, user_id: str | None) -> None:
    """As the administrator, who alone could, on probe's exchange."""
    with pika.BlockingConnection(pika.URLParameters(bench.amqp_url)) as connection:
        properties = pika.BasicProperties(user_id=user_id, delivery_mode=2)
        channel = connection.channel()
        channel.confirm_delivery()
        channel.basic_publish(topology.event_exchange("probe"), "entry_added", body, properties)


@pytest.mark.req("GTW-07")
@pytest.mark.parametrize("user_id", [None, ADMINISTRATOR])
def test_a_fact_from_anyone_but_its_owner_is_parked_and_no_replay_applies_it(pair, client_of, clerk, user_id):
    key, client = f"forged-{uuid.uuid4().hex}", client_of(pair)
    mirror = pair.processes[0]
    counted = mirror.metric('simkeep_events_foreign_total{source="probe"}')

    tell(pair, envelope(key), user_id)
    rows = until("it is parked", lambda: parked_of(pair, key))
    with pytest.raises(ServiceError) as refused:
        client.call(
            "mirror", operations.REPLAY_PARKED, operations.ParkedSelection(message_ids=[rows[0][0]]), actor=clerk
        )

    assert rows[0][3] is None
    assert "not the owner" in rows[0][2]
    assert refused.value.code == "parked_foreign"
    assert pair.one("mirror", "SELECT count(*) FROM mirrored WHERE key = %s", key) == 0
    assert mirror.metric('simkeep_events_foreign_total{source="probe"}') == counted + 1


@pytest.mark.req("GTW-07", "OPS-04")
def test_a_forged_fact_does_not_stand_in_the_way_of_the_one_it_imitates(pair):
    key, message_id = f"imitated-{uuid.uuid4().hex}", str(uuid.uuid4())
    body = envelope(key, message_id=message_id)

    tell(pair, body, None)
    until("it is parked", lambda: parked_of(pair, key))
    with pika.BlockingConnection(pika.URLParameters(url_as("probe", pair.amqp_url))) as connection:
        properties = pika.BasicProperties(user_id="probe", delivery_mode=2)
        channel = connection.channel()
        channel.confirm_delivery()
        channel.basic_publish(topology.event_exchange("probe"), "entry_added", body, properties)

    until("the owner's is applied", lambda: pair.one("mirror", "SELECT 1 FROM mirrored WHERE key = %s", key))


class Eavesdropper:
    """The worst case: somebody who reads all calls and may publish from the gateway's own account, without its key."""

    def __init__(self, bench: Bench) -> None:
        self._reading = links.connect(BusSettings(amqp_url=bench.amqp_url), "test-ear")
        channel = self._reading.channel()
        channel.auto_decode = False
        queue = channel.queue_declare("", exclusive=True).queue
        channel.queue_bind(queue, topology.RPC_EXCHANGE, "probe.#")
        channel.basic_consume(queue, no_ack=True, callback=lambda message: setattr(self, "heard", message))
        self.heard: amqp.Message | None = None

    def overheard(self) -> amqp.Message:
        while self.heard is None:
            self._reading.drain_events(timeout=10)
        return self.heard

    def close(self) -> None:
        self._reading.close()


@pytest.fixture
def ear(pair: Bench) -> Iterator[Eavesdropper]:
    ear = Eavesdropper(pair)
    yield ear
    ear.close()


def again(client: Any, message: amqp.Message, method: str, body: bytes | None = None, **changed: Any) -> str:
    """Publishes an overheard call, with changes, on the client's connection; the id that its answer would have."""
    properties = {**message.properties, "reply_to": client.reply_to, **changed}
    headers = {**properties.pop("application_headers"), **properties.pop("headers", {})}
    copy = amqp.Message(body or message.body, application_headers=headers, **properties)
    client._channel.basic_publish(copy, topology.RPC_EXCHANGE, topology.rpc_routing_key("probe", method))
    return properties["correlation_id"]


@pytest.mark.req("GTW-07", "GTW-02")
def test_an_overheard_token_serves_no_other_method_body_id_or_ear(pair, client_of, clerk, ear):
    victim, thief = client_of(pair), client_of(pair)
    victim.call("probe", contract.ADD_ENTRIES, AddEntries(prefix="mine"), actor=clerk, command_id=uuid.uuid4().hex)
    message = ear.overheard()
    runs = pair.one("probe", "SELECT count(*) FROM runs")
    own = message.properties["reply_to"]

    other_body = message.body.replace(b"mine", b"ours")
    calls = {
        "another method": again(victim, message, "add_poison", reply_to=own, correlation_id="x1"),
        "another body": again(victim, message, "add_entries", other_body, reply_to=own, correlation_id="x2"),
        "another command": again(
            victim, message, "add_entries", headers={topology.HEADER_COMMAND: "n"}, correlation_id="x3"
        ),
        "another ear": again(thief, message, "add_entries", correlation_id="x4"),
    }
    listeners = {"another ear": thief}
    for what, call in calls.items():
        with pytest.raises(ServiceError) as refused:
            listeners.get(what, victim).answer(call)
        assert refused.value.code == "actor_missing", what
    assert pair.one("probe", "SELECT count(*) FROM runs") == runs


@pytest.mark.req("GTW-07", "GTW-02")
def test_an_overheard_command_sent_again_as_it_was_changes_nothing(pair, client_of, clerk, ear):
    victim = client_of(pair)
    request = AddEntries(prefix=f"again-{uuid.uuid4().hex}")
    first = victim.call("probe", contract.ADD_ENTRIES, request, actor=clerk, command_id=uuid.uuid4().hex)
    message = ear.overheard()

    call = again(victim, message, "add_entries")

    assert victim.answer(call) == first
    assert pair.one("probe", "SELECT version FROM entries WHERE key = %s", f"{request.prefix}-0") == 1


@pytest.mark.req("GTW-07", "GTW-02")
@pytest.mark.parametrize("user_id", [None, ADMINISTRATOR])
def test_an_overheard_call_from_another_account_is_nobodys(pair, client_of, clerk, ear, user_id):
    client_of(pair).call("probe", contract.ASK, Ask(), actor=clerk)
    message = ear.overheard()
    counted = pair.processes[1].metric('simkeep_rpc_refused_total{code="actor_missing",method="ask"}')

    with pika.BlockingConnection(pika.URLParameters(pair.amqp_url)) as connection:
        told = message.properties
        properties = pika.BasicProperties(
            user_id=user_id,
            reply_to=told["reply_to"],
            correlation_id=told["correlation_id"],
            headers={name: str(value) for name, value in told["application_headers"].items()},
        )
        channel = connection.channel()
        channel.confirm_delivery()
        channel.basic_publish(topology.RPC_EXCHANGE, "probe.ask", message.body, properties)

    until(
        "it is refused",
        lambda: pair.processes[1].metric('simkeep_rpc_refused_total{code="actor_missing",method="ask"}') == counted + 1,
    )


@pytest.mark.req("GTW-07")
@pytest.mark.parametrize(
    "reply_to",
    ["workflow.get_form", "reply.other_account.1", "#", "reply.gateway.xyz", "reply.gateway.", "reply.gateway.1.2"],
)
def test_an_answer_goes_to_the_asking_account_only_and_disturbs_nobody_elses(pair, client_of, clerk, reply_to):
    client, probe = client_of(pair), pair.processes[1]
    lost = probe.logged().count("bus connection lost")

    client.send("probe", contract.ASK, Ask(), actor=clerk, reply_to=reply_to)
    answers = [client.call("probe", contract.ASK, Ask(word="here"), actor=clerk)["word"] for _ in range(5)]

    assert answers == ["here"] * 5
    assert probe.logged().count("bus connection lost") == lost


class Door:
    """One account's connection, on which each refused act closes a channel only."""

    def __init__(self, url: str) -> None:
        self._connection = pika.BlockingConnection(pika.URLParameters(url))

    def refuses(self, act: Any) -> bool:
        """True for 403; False when the broker let it pass."""
        channel = self._connection.channel()
        channel.confirm_delivery()
        try:
            act(channel)
        except pika.exceptions.ChannelClosedByBroker as error:
            return bool(error.reply_code == 403)
        except pika.exceptions.UnroutableError:
            return False
        channel.close()
        return False

    def close(self) -> None:
        self._connection.close()


@pytest.fixture(scope="module")
def declared(rabbit, hosts: Iterator[str]) -> str:
    """The administrator's address of a host where everything of the real system is declared."""
    url = next(hosts)
    declare(topology.SERVICES, BusSettings(amqp_url=url))
    return url


QUEUES = sorted(
    {topology.rpc_queue(service) for service in topology.SERVICES}
    | {
        topology.consumer_queue(consumer, source)
        for consumer, source in (
            ("workflow", "inventory"), ("workflow", "documents"), ("inventory", "workflow"), ("documents", "workflow"),
            ("binding", "inventory"),
        )
    }
)  # fmt: skip
ACCOUNTS = [account.name for account in BROKER if not account.administrator]


EXCHANGES = [topology.event_exchange(service) for service in topology.SERVICES]
Act = Callable[[Any], Any]


def owner_of(queue: str) -> str:
    return queue.removeprefix("rpc-").partition(".from.")[0]


def on_exchanges(account: str) -> Iterator[tuple[str, Act]]:
    for exchange in (*EXCHANGES, "amq.topic", "amq.direct", "amq.fanout", ""):
        if exchange != topology.event_exchange(account):
            yield f"publish to {exchange!r}", lambda ch, it=exchange: ch.basic_publish(it, "card_moved", b"{}")
    for exchange in EXCHANGES:
        yield f"declare beside {exchange}", lambda ch, it=exchange: ch.exchange_declare(f"{it}.mine", "topic")


def on_queues(account: str) -> Iterator[tuple[str, Act]]:
    for queue in QUEUES:
        if owner_of(queue) != account:
            yield f"take from {queue}", lambda ch, it=queue: ch.basic_get(it)
            yield f"purge {queue}", lambda ch, it=queue: ch.queue_purge(it)
        yield f"declare beside {queue}", lambda ch, it=queue: ch.queue_declare(f"{it}.mine")
        yield f"delete {queue}", lambda ch, it=queue: ch.queue_delete(it)
        for exchange in (topology.RPC_EXCHANGE, *EXCHANGES):
            yield f"bind {queue} to {exchange}", lambda ch, it=queue, of=exchange: ch.queue_bind(it, of, "mine.too")
    for other in ACCOUNTS:
        if other != account:
            queue = topology.reply_queue(other, str(uuid.uuid4()))
            yield f"declare {queue}", lambda ch, it=queue: ch.queue_declare(it, exclusive=True)


def on_methods(account: str) -> Iterator[tuple[str, Act]]:
    """All methods of the contracts: only the gateway may ask."""
    for key in sorted(known_methods()) if account != topology.GATEWAY else ():
        yield f"call {key}", lambda ch, it=key: ch.basic_publish(topology.RPC_EXCHANGE, it, b"{}")


@pytest.mark.slow
@pytest.mark.req("GTW-07", "GTW-06")
@pytest.mark.parametrize("walk", [on_exchanges, on_queues, on_methods])
@pytest.mark.parametrize("account", ACCOUNTS)
def test_an_account_reaches_no_foreign_exchange_queue_or_method(
    declared: str, account: str, walk: Callable[[str], Iterator[tuple[str, Act]]]
):
    door = Door(url_as(account, declared))

    allowed = [what for what, act in walk(account) if not door.refuses(act)]

    door.close()
    assert not allowed


@pytest.mark.req("GTW-07")
@pytest.mark.parametrize(
    "key", ["#", "*.*", "inventory.#", "inventory.get_card", "reply.#", "reply.station.1", "reply.*.*"]
)
def test_the_gateways_own_queue_hears_nobodys_calls_and_no_other_callers_answers(declared: str, key: str):
    door = Door(url_as(topology.GATEWAY, declared))
    queue = topology.reply_queue(topology.GATEWAY, str(uuid.uuid4()))

    def overhear(channel: Any) -> None:
        channel.queue_declare(queue, exclusive=True)
        channel.queue_bind(queue, topology.RPC_EXCHANGE, key)

    assert door.refuses(overhear)
    door.close()


@pytest.mark.req("GTW-07")
@pytest.mark.parametrize("account", ACCOUNTS)
def test_nobody_speaks_in_anothers_name(declared: str, account: str):
    connection = pika.BlockingConnection(pika.URLParameters(url_as(account, declared)))
    channel = connection.channel()
    channel.confirm_delivery()
    other = next(name for name in ACCOUNTS if name != account)
    exchange, key = (
        (topology.RPC_EXCHANGE, "inventory.get_card")
        if account == topology.GATEWAY
        else (topology.event_exchange(account), "card_moved")
    )

    with pytest.raises(pika.exceptions.ChannelClosedByBroker) as refused:
        channel.basic_publish(exchange, key, b"{}", pika.BasicProperties(user_id=other))

    assert refused.value.reply_code == 406
    connection.close()
