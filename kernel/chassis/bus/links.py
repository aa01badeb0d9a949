"""AMQP connections of a green process, each kept alive by one greenthread that never gives up.

Guarantees. A link that loses its broker says so at once (``problem``), connects again with growing pauses and
resumes. Nothing is declared here: ``problem`` and the log name a missing queue until ``declare`` has made it. Messages
that were delivered and not acknowledged come again: whoever consumes must expect repeats. ``Publisher`` may lose what
it sends (replies). ``ConfirmingPublisher`` reports exactly which of its messages the broker has taken.

Only the link's own greenthread reads from its socket; others only write, and py-amqp writes a frame at a time.
"""

import contextlib
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Event, Lock
from time import monotonic, sleep
from typing import Any, ClassVar

import amqp
from amqp.exceptions import AMQPError
from kombu.utils.url import parse_url

from kernel.chassis.process import logs
from kernel.chassis.process.settings import BusSettings

Spawn = Callable[..., Any]
_BROKEN = (AMQPError, OSError)
LOST = (*_BROKEN, AttributeError)
"""What writing to a broken connection raises; py-amqp says AttributeError when its transport has just gone."""

_log = logs.get(__name__)
_PAUSE_FIRST, _PAUSE_LAST = 0.2, 5.0
_CONNECT_SECONDS = 15
"""Of each step of the greeting: a broker that just makes other connections or virtual hosts may take more than five."""
PERSISTENT, TRANSIENT = 2, 1


class LinkDownError(ConnectionError):
    """The broker is not connected now."""


class _Connection(amqp.Connection):
    negotiate_capabilities: ClassVar[dict[str, bool]] = {
        "consumer_cancel_notify": True,
        "connection.blocked": True,
        "authentication_failure_close": True,
    }

    def connect(self, callback: Callable[[], None] | None = None) -> Any:
        """The broker shall say when it blocks us; only our reader may hear it.

        While the capability stands in ``client_properties``, py-amqp reads the socket inside basic_publish too.
        """
        answer = super().connect(callback)
        self.client_properties.get("capabilities", {}).pop("connection.blocked", None)
        return answer


def connect(settings: BusSettings, name: str) -> amqp.Connection:
    """An open connection, shown under ``name`` in the broker's lists. Usable without eventlet as well."""
    parts: dict[str, Any] = parse_url(settings.amqp_url)
    connection = _Connection(
        host=f"{parts['hostname'] or '127.0.0.1'}:{parts['port'] or (5671 if parts.get('ssl') else 5672)}",
        userid=parts["userid"] or "guest",
        password=parts["password"] or "guest",
        login_method="PLAIN",
        virtual_host=parts["virtual_host"] or "/",
        ssl=parts.get("ssl") or False,
        heartbeat=settings.heartbeat_seconds,
        connect_timeout=_CONNECT_SECONDS,
        client_properties={"connection_name": name, "product": "simkeep"},
    )
    connection.connect()
    return connection


class Link:
    """One connection. Subclasses open their channels in ``_opened`` and forget them in ``_lost``."""

    def __init__(self, name: str, settings: BusSettings) -> None:
        self.name = name
        self._settings = settings
        self._connection: amqp.Connection | None = None
        self._stopping = False
        self._beat = monotonic()
        self._last_error = ""
        self._blocked = False

    def start(self, spawn: Spawn) -> None:
        """``spawn`` is the container's: an error that is not a lost connection ends the whole service."""
        self._beat = monotonic()
        spawn(self._run, identifier=f"link-{self.name}")

    def stop(self) -> None:
        """Closes the connection; unacknowledged messages go back to their queues."""
        self._stopping = True
        self.reset()

    def problem(self) -> str | None:
        """None when connected and alive; else what is wrong, for the readiness check."""
        if self._connection is None:
            return f"{self.name}: not connected to RabbitMQ{self._last_error}"
        if self._blocked:
            return f"{self.name}: RabbitMQ takes no messages, its memory or disk alarm is on"
        silent = monotonic() - self._beat
        if silent > 3 * self._settings.heartbeat_seconds:
            return f"{self.name}: has not looked at its connection for {silent:.0f} s"
        return None

    def reset(self) -> None:
        """Breaks the connection so that the link's greenthread makes a new one."""
        connection = self._connection
        transport = getattr(connection, "_transport", None)
        if transport is not None and transport.sock is not None:
            with contextlib.suppress(OSError):  # it was broken already: exactly what we want
                transport.sock.shutdown(socket.SHUT_RDWR)

    def _opened(self, connection: amqp.Connection) -> None:
        raise NotImplementedError

    def _lost(self) -> None:
        raise NotImplementedError

    def _run(self) -> None:
        pause = _PAUSE_FIRST
        while not self._stopping:
            connection = None
            try:
                connection = connect(self._settings, self.name)
                connection.on_blocked, connection.on_unblocked = self._on_blocked, self._on_unblocked
                self._opened(connection)
                self._connection = connection
                pause = _PAUSE_FIRST
                _log.info("bus connected", link=self.name)
                self._pump(connection)
            except _BROKEN as error:
                self._last_error = f" ({error})"
                if not self._stopping:
                    _log.warning("bus connection lost", link=self.name, error=repr(error), retry_in=pause)
            finally:
                self._connection, self._blocked = None, False
                self._lost()
                if connection is not None:
                    connection.collect()
            if not self._stopping:
                sleep(pause)
                pause = min(pause * 2, _PAUSE_LAST)

    def _on_blocked(self, reason: str) -> None:
        self._blocked = True
        _log.error("bus blocked: RabbitMQ's memory or disk alarm is on", link=self.name)

    def _on_unblocked(self) -> None:
        self._blocked = False
        _log.info("bus no longer blocked", link=self.name)

    def _pump(self, connection: amqp.Connection) -> None:
        checked = monotonic()
        while not self._stopping:
            with contextlib.suppress(TimeoutError):
                connection.drain_events(timeout=1.0)
            self._beat = monotonic()
            if self._beat - checked >= 1.0:
                connection.heartbeat_tick(rate=2)
                checked = self._beat


@dataclass(eq=False)
class Subscription:
    """``on_message`` gets each amqp.Message of the queue and must acknowledge it."""

    queue: str
    prefetch: int
    on_message: Callable[[amqp.Message], None]
    channel: amqp.Channel | None = field(default=None, init=False)
    tag: str = field(default="", init=False)


class Consumer(Link):
    """Consumes several queues on one connection, each on a channel of its own."""

    def __init__(self, name: str, settings: BusSettings) -> None:
        super().__init__(name, settings)
        self._subscriptions: list[Subscription] = []
        self._cancelled = False

    @property
    def subscribed(self) -> bool:
        return bool(self._subscriptions)

    def add(self, subscription: Subscription) -> None:
        """Before ``start``."""
        self._subscriptions.append(subscription)

    def cancel(self) -> None:
        """No new messages from now on; those at work may still be acknowledged."""
        self._cancelled = True
        for subscription in self._subscriptions:
            with contextlib.suppress(*LOST):  # a lost connection consumes nothing
                if subscription.channel is not None:
                    subscription.channel.basic_cancel(subscription.tag, nowait=True)

    def _opened(self, connection: amqp.Connection) -> None:
        if self._cancelled:
            return
        for subscription in self._subscriptions:
            channel = connection.channel()
            channel.auto_decode = False
            channel.basic_qos(0, subscription.prefetch, False)
            subscription.channel = channel
            subscription.tag = f"{self.name}.{channel.channel_id}"
            channel.basic_consume(subscription.queue, consumer_tag=subscription.tag, callback=subscription.on_message)

    def _lost(self) -> None:
        for subscription in self._subscriptions:
            subscription.channel = None


def ack(message: amqp.Message) -> None:
    """Takes the message off its queue; on a lost connection nothing happens, and the message comes again."""
    try:
        message.channel.basic_ack(message.delivery_tag)
    except LOST as error:
        _log.info("message not acknowledged, it will come again", error=repr(error))


def requeue(message: amqp.Message) -> None:
    """Gives the message back to its queue, for another replica or for later."""
    with contextlib.suppress(*LOST):  # then the broker has it back already
        message.channel.basic_reject(message.delivery_tag, requeue=True)


class Publisher(Link):
    """Sends without confirms: what is written into a dying connection is lost. For replies."""

    _channel: amqp.Channel | None = None

    def publish(self, body: bytes, exchange: str, routing_key: str, **properties: Any) -> None:
        """Raises LinkDownError when there is no connection; after a failed write the link starts afresh."""
        channel = self._channel
        if channel is None:
            raise LinkDownError(self.name)
        try:
            message = amqp.Message(body, user_id=self._settings.account, **properties)
            channel.basic_publish(message, exchange, routing_key)
        except LOST as error:
            self.reset()
            raise LinkDownError(self.name) from error

    def _opened(self, connection: amqp.Connection) -> None:
        self._channel = connection.channel()

    def _lost(self) -> None:
        self._channel = None


@dataclass(frozen=True)
class Publication:
    """One message to be confirmed; always persistent."""

    body: bytes
    exchange: str
    routing_key: str
    properties: dict[str, Any] = field(default_factory=dict)


class _Confirms:
    """What is still open of one batch on one channel."""

    def __init__(self, first: int) -> None:
        self.first = first
        self.open: set[int] = set()
        self.refused: set[int] = set()
        self.sealed = False
        self.settled = Event()

    def settle(self, tag: int, multiple: bool, taken: bool) -> None:
        tags = {t for t in self.open if t <= tag} if multiple else {tag} & self.open
        self.open -= tags
        if not taken:
            self.refused |= tags
        if self.sealed and not self.open:
            self.settled.set()

    def seal(self) -> None:
        self.sealed = True
        if not self.open:
            self.settled.set()

    def leading(self, sent: int) -> int:
        """How many of the first ``sent`` messages were taken without a gap."""
        missing = self.open | self.refused
        return min((tag - self.first for tag in missing), default=sent)


class ConfirmingPublisher(Link):
    """Sends persistent messages and waits until the broker has taken responsibility for them."""

    _channel: amqp.Channel | None = None
    _next_tag = 1
    _current: _Confirms | None = None

    def __init__(self, name: str, settings: BusSettings, exchange: str) -> None:
        """``exchange``: where it publishes; the link counts as down while it is missing."""
        super().__init__(name, settings)
        self._exchange = exchange
        self._one_batch = Lock()

    def publish(self, batch: Sequence[Publication]) -> int:
        """Sends ``batch`` in order. Returns how many of its first messages the broker confirmed without a gap.

        Fewer than all: the rest may or may not have arrived and must be sent again. Raises LinkDownError when there was
        no connection to begin with.
        """
        with self._one_batch:
            channel = self._channel
            if channel is None:
                raise LinkDownError(self.name)
            confirms = self._current = _Confirms(self._next_tag)
            account = self._settings.account
            sent = 0
            try:
                for publication in batch:
                    confirms.open.add(self._next_tag)
                    self._next_tag += 1
                    sent += 1
                    channel.basic_publish(
                        amqp.Message(
                            publication.body, delivery_mode=PERSISTENT, user_id=account, **publication.properties
                        ),
                        publication.exchange,
                        publication.routing_key,
                    )
            except LOST:
                self.reset()
            confirms.seal()
            if not confirms.settled.wait(self._settings.confirm_timeout_seconds):
                self.reset()
            self._current = None
            return confirms.leading(sent)

    def _opened(self, connection: amqp.Connection) -> None:
        channel = connection.channel()
        channel.exchange_declare(self._exchange, "topic", passive=True)
        channel.confirm_select()
        channel.events["basic_ack"].add(lambda tag, multiple: self._settle(tag, multiple, True))
        channel.events["basic_nack"].add(lambda tag, multiple: self._settle(tag, multiple, False))
        self._next_tag = 1
        self._channel = channel

    def _settle(self, tag: int, multiple: bool, taken: bool) -> None:
        if self._current is not None:
            self._current.settle(tag, multiple, taken)

    def _lost(self) -> None:
        self._channel = None
        if self._current is not None:
            self._current.settled.set()
