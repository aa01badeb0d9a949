"""Facts of other services, brought to the methods that handle them.

Guarantees (with ``inbox``): a fact whose queue exists when it is published is handled exactly once in effect. The
queue of a (consumer, source) pair is durable and has a single active consumer with one message at a time, so that
order holds whatever the number of replicas. A message is acknowledged only after its effect, or its parking, is
committed. While the database is away the message stays unacknowledged and is tried again in place.

An ``errand`` tells somebody outside: its handler runs in no transaction, in the one place of its own queue, and its
retries in a loop of their own. However slow the other side is, nothing else of the service waits for it.

A fact comes from who owns it: the broker vouches for the account that published (``user_id``), and what any other
account sent is parked, never applied (``inbox``).

Queues exist before the first fact: only the administrator makes them (``kernel.chassis.bus.declare``).
"""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cached_property, wraps
from time import monotonic, sleep
from typing import Any, TypeVar

import amqp
import eventlet
from nameko.exceptions import ContainerBeingKilled
from nameko.extensions import Entrypoint, SharedExtension, register_entrypoint

from kernel.chassis.bus import links
from kernel.chassis.bus.inbox import ERRAND_SECONDS, Inbox, Subscriber
from kernel.chassis.data.database import is_outage
from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.process import crashpoints, logs, measures, metrics
from kernel.chassis.process.runtime import Chassis
from kernel.contracts import topology
from kernel.contracts.envelope import Envelope, Event

_log = logs.get(__name__)
Method = TypeVar("Method", bound=Callable[..., None])
_OUTAGE_PAUSE_SECONDS = 0.5
_SILENT_TOO_LONG_SECONDS = 60.0
_MEASURE_EVERY_SECONDS = 15.0


def event_handler(source: str, *events: type[Event]) -> Callable[[Method], Method]:
    """The decorated method ``(self, tx, event, envelope)`` handles ``events`` of service ``source``.

    It runs inside the inbox's transaction and must not commit. It may meet facts late: apply only newer versions.
    """

    def decorate(function: Method) -> Method:
        @wraps(function)
        def handle(self: Any, work: Callable[[Callable[[Tx, Event, Envelope], None]], None]) -> None:
            work(lambda tx, fact, envelope: function(self, tx, fact, envelope))

        handle.subscription = (source, events)  # type: ignore[attr-defined]
        for event in events:
            register_entrypoint(handle, EventHandler(source, event))
        return handle  # type: ignore[return-value]

    return decorate


def errand(source: str, *events: type[Event], wanted: bool = True) -> Callable[[Method], Method]:
    """The decorated method ``(self, event, envelope)`` tells somebody outside of ``events`` of service ``source``.

    It runs outside of transactions, within ERRAND_SECONDS, at least once: after a crash it may meet a message again.
    No other handler may listen to ``source``. ``wanted=False``: there is neither a queue nor a handler, and ``declare``
    removes a queue that was there before.
    """

    def decorate(function: Method) -> Method:
        @wraps(function)
        def run(self: Any, work: Callable[[Callable[[Tx, Event, Envelope], None]], None]) -> None:
            work(lambda _tx, fact, envelope: function(self, fact, envelope))

        if not wanted:
            run.unwanted = source  # type: ignore[attr-defined]
            return run  # type: ignore[return-value]
        run.subscription = (source, events)  # type: ignore[attr-defined]
        for event in events:
            register_entrypoint(run, EventHandler(source, event, errand=True))
        return run  # type: ignore[return-value]

    return decorate


def topology_of(service_class: type) -> dict[str, list[str]]:
    """Source > types that a service class handles."""
    sources: dict[str, list[str]] = {}
    for name in dir(service_class):
        subscription = getattr(getattr(service_class, name), "subscription", None)
        if subscription is not None:
            source, events = subscription
            sources.setdefault(source, []).extend(event.TYPE for event in events)
    return sources


def unwanted_of(service_class: type) -> list[str]:
    """Sources of a service class whose errands are switched off."""
    found = {getattr(getattr(service_class, name), "unwanted", None) for name in dir(service_class)}
    return sorted(source for source in found - topology_of(service_class).keys() if source is not None)


def declare(
    channel: amqp.Channel, consumer: str, source: str, types: list[str], kind: topology.QueueType = "classic"
) -> None:
    """Creates a consumer's queue of one source with its bindings. Repeating it changes nothing."""
    queue = topology.consumer_queue(consumer, source)
    channel.exchange_declare(topology.event_exchange(source), "topic", durable=True, auto_delete=False)
    if kind == "quorum":
        dead, exchange = topology.dead_letter_queue(consumer, source), topology.dead_letter_exchange(consumer)
        channel.exchange_declare(exchange, "direct", durable=True, auto_delete=False)
        channel.queue_declare(dead, durable=True, auto_delete=False, arguments={"x-queue-type": "quorum"})
        channel.queue_bind(dead, exchange, queue)
    arguments = topology.fact_queue_arguments(kind, consumer, source)
    channel.queue_declare(queue, durable=True, auto_delete=False, arguments=arguments)
    for type_ in types:
        channel.queue_bind(queue, topology.event_exchange(source), type_)


class EventHub(SharedExtension):  # type: ignore[misc]
    """All event handlers of one service: their queues, their inbox and their retries."""

    chassis = Chassis()

    def __init__(self) -> None:
        self._entrypoints: dict[tuple[str, str], EventHandler] = {}
        self._sources: set[str] = set()
        self._inbox: Inbox | None = None
        self._beat = monotonic()
        self._measured = 0.0

    @cached_property
    def _measures(self) -> tuple[measures.Measure, ...]:
        return measures.measures_of(self.chassis.package)

    @property
    def inbox(self) -> Inbox:
        if self._inbox is None:
            chassis = self.chassis
            self._inbox = Inbox(chassis.service_name, chassis.unit_of_work, chassis.settings.retry_delays_seconds)
        return self._inbox

    def register(self, entrypoint: "EventHandler") -> None:
        source, event = entrypoint.source, entrypoint.event
        self.inbox.subscribe(Subscriber(source, event, entrypoint.detached, errand=entrypoint.errand))
        self._entrypoints[(source, event.TYPE)] = entrypoint
        if source not in self._sources:
            self._sources.add(source)
            self.chassis.events.add(
                links.Subscription(
                    queue=topology.consumer_queue(self.chassis.service_name, source),
                    prefetch=1,
                    on_message=lambda message: self._on_message(source, message),
                )
            )
            if self.chassis.settings.queue_type == "quorum":
                self._bury_dead_letters(source)

    def _bury_dead_letters(self, source: str) -> None:
        """What the broker gave up to deliver waits for a person, as everything that cannot be handled."""
        self.chassis.events.add(
            links.Subscription(
                queue=topology.dead_letter_queue(self.chassis.service_name, source),
                prefetch=1,
                on_message=lambda message: self.container.spawn_managed_thread(
                    lambda: self._on_dead_letter(source, message), identifier="dead-letter"
                ),
            )
        )

    def setup(self) -> None:
        self.chassis.health.register("retries", self._problem)

    def start(self) -> None:
        self._beat = monotonic()
        self.chassis.spawn(self._retry_loop, "event-retries")
        if self.inbox.errands:
            self.chassis.spawn(self._errand_loop, "errand-retries")

    def _problem(self) -> str | None:
        silent = monotonic() - self._beat
        return f"retries: silent for {silent:.0f} s" if silent > _SILENT_TOO_LONG_SECONDS else None

    def _on_message(self, source: str, message: amqp.Message) -> None:
        type_ = str(message.delivery_info["routing_key"])
        entrypoint = self._entrypoints.get((source, type_))
        if entrypoint is None:
            self._finish(source, "?", "ignored", message)
            return
        try:
            self.container.spawn_worker(
                entrypoint,
                (lambda handler: self._receive(source, type_, message, entrypoint.within_time(handler)),),
                {},
                handle_result=entrypoint.handle_result,
            )
        except ContainerBeingKilled:
            links.requeue(message)

    def _on_dead_letter(self, source: str, message: amqp.Message) -> None:
        """Parked, then acknowledged; given back while the database is away."""
        try:
            self.inbox.bury(source, bytes(message.body), sender=message.properties.get("user_id"))
        except Exception as error:
            if not is_outage(error):
                raise
            sleep(_OUTAGE_PAUSE_SECONDS)
            links.requeue(message)
            return
        self._finish(source, str(message.delivery_info["routing_key"]), "buried", message)

    def _receive(self, source: str, type_: str, message: amqp.Message, handler: Any) -> None:
        """Until the database has taken it, one way or the other; a stopping service gives it back."""
        body = bytes(message.body)
        sender = message.properties.get("user_id")
        seen: list[Envelope] = []

        def observed(tx: Tx, event: Event, envelope: Envelope) -> None:
            seen.append(envelope)
            handler(tx, event, envelope)

        with logs.context(event=type_, source=source):
            while True:
                try:
                    outcome = self.inbox.receive(source, body, observed, sender=sender)
                    break
                except Exception as error:
                    if not is_outage(error):
                        raise  # a bug of ours: the container dies, and the broker still has the message
                    if self.chassis.stopping():
                        links.requeue(message)
                        return
                    _log.warning("database away, event waits", error=repr(error.__class__))
                    sleep(_OUTAGE_PAUSE_SECONDS)
        if outcome == "handled":
            crashpoints.hit("handler.after_commit")
            metrics.EVENT_LAG.labels(source).observe((datetime.now(UTC) - seen[-1].occurred_at).total_seconds())
        self._finish(source, type_, outcome, message)

    def _finish(self, source: str, type_: str, outcome: str, message: amqp.Message) -> None:
        metrics.EVENTS.labels(source, type_, outcome).inc()
        links.ack(message)

    def _retry_loop(self) -> None:
        while not self.chassis.stopping():
            self._beat = monotonic()
            self._retry(errands=False)

    def _errand_loop(self) -> None:
        while not self.chassis.stopping():
            self._retry(errands=True)

    def _retry(self, *, errands: bool) -> None:
        """One that is due, or a pause."""
        try:
            if not errands:
                self._measure()
            outcome = self.inbox.retry_one(errands=errands)
        except Exception as error:
            if not is_outage(error):
                raise
            outcome = None
        if outcome is None:
            sleep(self.chassis.settings.retry_poll_seconds)
        else:
            metrics.EVENTS.labels("retry", "", outcome).inc()

    def _measure(self) -> None:
        if monotonic() - self._measured > _MEASURE_EVERY_SECONDS:
            self._measured = monotonic()
            with self.chassis.unit_of_work.begin() as tx:
                metrics.PARKED.set(tx.execute("SELECT count(*) FROM parked WHERE next_try_at IS NULL").scalar_one())
                measures.take(tx, self._measures)


class EventHandler(Entrypoint):  # type: ignore[misc]
    """Nameko's view of one ``event_handler`` or ``errand``."""

    hub = EventHub()

    def __init__(self, source: str, event: type[Event], *, errand: bool = False) -> None:
        super().__init__()
        self.source = source
        self.event = event
        self.errand = errand

    def setup(self) -> None:
        self.hub.register(self)

    def stop(self) -> None:
        self.hub.chassis.begin_stop()
        self.hub.chassis.events.cancel()

    def handle_result(self, worker_ctx: Any, result: Any, exc_info: Any) -> tuple[Any, Any]:
        """An error that reaches this point could neither be handled nor parked: the service must not limp on."""
        if exc_info is not None:
            raise RuntimeError("an event could be neither handled nor parked") from exc_info[1]
        return result, exc_info

    def detached(self, tx: Tx, event: Event, envelope: Envelope) -> None:
        """Runs the method on a service instance of its own, outside a worker: for retries."""
        service = self.container.service_cls()
        for provider in self.container.dependencies:
            setattr(service, provider.attr_name, provider.get_dependency(None))
        getattr(service, self.method_name)(lambda handler: self.within_time(handler)(tx, event, envelope))

    def within_time(self, handler: Any) -> Any:
        """An errand is ended when it takes too long, wherever it waits."""
        if not self.errand:
            return handler

        def bounded(*arguments: Any) -> None:
            with eventlet.Timeout(ERRAND_SECONDS, TimeoutError(f"not done within {ERRAND_SECONDS:g} s")):
                handler(*arguments)

        return bounded
