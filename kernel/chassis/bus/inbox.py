"""The receiving side of facts: each is handled once, whatever the bus repeats; none is thrown away.

Guarantees. The handler's writes and the inbox row are one transaction, so a repeated message finds its row and is
dropped. A message whose handler failed moves into ``parked`` (in the consumer's own schema, so that no broker setting
can lose it), is tried again after each of SIMKEEP_RETRY_DELAYS_SECONDS, and after the last one waits for a person
who replays or drops it. When the database itself is away, nothing counts as a failure: the message waits.

An *errand* is the exception: its handler talks to somebody outside (a webhook) and runs in no transaction, so that
nobody's slowness holds a connection or a lock. Its inbox row is written after it passed; a crash in between makes it
run again with the same message, so whoever is told must know messages by their ids. It is retried and parked as the
others are, by ``retry_one(errands=True)``, which nobody else waits for.

A fact is believed from its owner only. What another account published on his exchange, or what the broker vouches for
nobody, is parked at once with the account's name, counted and logged; neither retry nor replay ever applies it.

Order: messages of one source are handled in the order of their outbox. A retried one comes late, so handlers apply
only what is newer than what they have.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal, cast
from uuid import NAMESPACE_OID, UUID, uuid5

from pydantic import ValidationError

from kernel.chassis.data.database import is_outage
from kernel.chassis.data.unit_of_work import Tx, UnitOfWork
from kernel.chassis.process import logs, metrics
from kernel.contracts import topology
from kernel.contracts.envelope import Envelope, Event
from kernel.model.actor import system_actor

_log = logs.get(__name__)
Outcome = Literal["handled", "duplicate", "failed", "ignored", "foreign"]
Handler = Callable[[Tx, Event, Envelope], None]

_FIRST_TIME = """
WITH context AS MATERIALIZED (
    SELECT set_config('simkeep.correlation_id', :correlation_id, true), set_config('simkeep.actor', :actor, true)
)
INSERT INTO inbox (consumer, message_id) SELECT :consumer, CAST(:message_id AS uuid) FROM context
ON CONFLICT DO NOTHING
"""
_PARK = """
INSERT INTO parked (message_id, source, type, body, attempts, error, correlation_id, next_try_at, refused_sender)
VALUES (:message_id, :source, :type, :body, 1, :error, :correlation_id, now() + :delay, :refused_sender)
ON CONFLICT (message_id) DO NOTHING
"""
_DUE = """
SELECT message_id, source, type, body, attempts FROM parked
WHERE next_try_at <= now() AND refused_sender IS NULL
  AND (source || '.' || type = ANY(CAST(:errands AS text[]))) = :errand
ORDER BY next_try_at LIMIT 1 FOR UPDATE SKIP LOCKED
"""
_LEASE = "UPDATE parked SET next_try_at = now() + :lease WHERE message_id = :message_id"
_KNOWN = "SELECT 1 FROM inbox WHERE consumer = :consumer AND message_id = :message_id"
_AGAIN = """
UPDATE parked SET attempts = attempts + 1, error = :error, next_try_at = now() + :delay
WHERE message_id = :message_id AND attempts = :attempts
"""
_FORGET = "DELETE FROM parked WHERE message_id = :message_id"
_ERROR_LENGTH = 2000
ERRAND_SECONDS = 30.0
"""No errand may take longer."""
_ERRAND_LEASE = timedelta(seconds=3 * ERRAND_SECONDS)
_NO_TX = cast(Tx, None)


class HopelessError(Exception):
    """Raised by a handler when no further try can help: the message waits for a person at once."""


class ForeignFactError(HopelessError):
    """A fact that did not come from its owner's account."""


@dataclass(frozen=True)
class Subscriber:
    """One handled type of one source. ``errand``: its handler gets no transaction."""

    source: str
    event: type[Event]
    handler: Handler
    errand: bool = False


class Inbox:
    """The inbox of one service. Knows no broker: it is given bodies and says what became of them."""

    def __init__(self, consumer: str, unit_of_work: UnitOfWork, delays: tuple[float, ...]) -> None:
        self.consumer = consumer
        self._unit_of_work = unit_of_work
        self._delays = delays
        self._actor = system_actor(consumer)
        self._subscribers: dict[tuple[str, str], Subscriber] = {}

    def subscribe(self, subscriber: Subscriber) -> None:
        key = (subscriber.source, subscriber.event.TYPE)
        if key in self._subscribers:
            raise ValueError(f"{self.consumer}: two handlers for {key}")
        self._subscribers[key] = subscriber
        metrics.FOREIGN.labels(subscriber.source)  # shown as 0: a rise from nothing to 1 is none to Prometheus

    def types(self, source: str) -> list[str]:
        return sorted(type_ for of, type_ in self._subscribers if of == source)

    @property
    def errands(self) -> list[str]:
        """Handled in no transaction, as ``source.type``."""
        return sorted(f"{source}.{type_}" for (source, type_), of in self._subscribers.items() if of.errand)

    def receive(self, source: str, body: bytes, handler: Handler | None = None, *, sender: str | None) -> Outcome:
        """Handles a message, or parks it. Raises only when the database is away: then nothing has changed.

        ``handler`` replaces the subscribed one (the entrypoint of a fresh service instance). ``sender``: the account
        that the broker vouches for.
        """
        if sender != topology.account(source):
            self._park_foreign(source, body, sender)
            return "foreign"
        return self._receive(source, body, handler)

    def _receive(self, source: str, body: bytes, handler: Handler | None) -> Outcome:
        try:
            envelope = Envelope.model_validate_json(body)
        except ValidationError as error:
            unreadable = uuid5(NAMESPACE_OID, body.hex())
            self._park(source, body, error, message_id=unreadable, type_="?", correlation_id=None)
            return "failed"
        subscriber = self._subscribers.get((source, envelope.type))
        if subscriber is None:
            return "ignored"
        try:
            if subscriber.errand:
                return self._run_errand(subscriber, handler, envelope)
            with self._begin(envelope) as tx:
                if not self._first_time(tx, envelope):
                    return "duplicate"
                self._apply(subscriber, handler, tx, envelope)
                tx.commit()
            return "handled"
        except Exception as error:
            if is_outage(error):
                raise
            self._park(
                source,
                body,
                error,
                message_id=envelope.message_id,
                type_=envelope.type,
                correlation_id=envelope.correlation_id,
            )
            return "failed"

    def bury(self, source: str, body: bytes, *, sender: str | None) -> None:
        """Parks, for a person and with no further try, a message at which process after process has ended."""
        if sender != topology.account(source):
            self._park_foreign(source, body, sender)
            return
        hopeless = HopelessError("delivered too often: each process that took it ended before it was done")
        try:
            envelope = Envelope.model_validate_json(body)
        except ValidationError:
            known: dict[str, Any] = {
                "message_id": uuid5(NAMESPACE_OID, body.hex()),
                "type_": "?",
                "correlation_id": None,
            }
        else:
            known = {"message_id": envelope.message_id, "type_": envelope.type}
            known["correlation_id"] = envelope.correlation_id
        self._park(source, body, hopeless, **known)

    def retry_one(self, *, errands: bool = False) -> Outcome | None:
        """Tries the next due parked message, of errands or of all others. None: nothing is due."""
        failure: Exception | None = None
        with self._unit_of_work.begin(self._actor) as tx:
            row = tx.execute(_DUE, {"errands": self.errands, "errand": errands}).one_or_none()
            if row is None:
                return None
            if errands:
                tx.execute(_LEASE, {"message_id": row.message_id, "lease": _ERRAND_LEASE})
                tx.commit()
                return self._retry_errand(row)
            try:
                outcome = self._retry(tx, row)
                tx.execute(_FORGET, {"message_id": row.message_id})
                tx.commit()
                return outcome
            except Exception as error:
                if is_outage(error):
                    raise
                failure = error
        self._postpone(row, failure)
        return "failed"

    def _retry(self, tx: Tx, row: Any) -> Outcome:
        envelope = Envelope.model_validate_json(row.body)
        tx.correlation_id = envelope.correlation_id
        subscriber = self._subscribers[(row.source, envelope.type)]
        if not self._first_time(tx, envelope):
            return "duplicate"
        with logs.context(correlation_id=envelope.correlation_id, event=envelope.type):
            self._apply(subscriber, None, tx, envelope)
        return "handled"

    def _retry_errand(self, row: Any) -> Outcome:
        """No other process takes the message before its lease is over."""
        try:
            envelope = Envelope.model_validate_json(row.body)
            subscriber = self._subscribers[(row.source, envelope.type)]
            with logs.context(correlation_id=envelope.correlation_id, event=envelope.type):
                outcome = self._run_errand(subscriber, None, envelope)
        except Exception as error:
            if is_outage(error):
                raise
            self._postpone(row, error)
            return "failed"
        with self._unit_of_work.begin() as tx:
            tx.execute(_FORGET, {"message_id": row.message_id})
            tx.commit()
        return outcome

    def _run_errand(self, subscriber: Subscriber, handler: Handler | None, envelope: Envelope) -> Outcome:
        with self._unit_of_work.begin() as tx:
            known = {"consumer": self.consumer, "message_id": envelope.message_id}
            if tx.execute(_KNOWN, known).one_or_none() is not None:
                return "duplicate"
        self._apply(subscriber, handler, _NO_TX, envelope)
        with self._begin(envelope) as tx:
            self._first_time(tx, envelope)
            tx.commit()
        return "handled"

    def _begin(self, envelope: Envelope) -> Any:
        return self._unit_of_work.begin(self._actor, envelope.correlation_id, context=False)

    def _first_time(self, tx: Tx, envelope: Envelope) -> bool:
        parameters = {
            "correlation_id": envelope.correlation_id or "",
            "actor": self._actor.id,
            "consumer": self.consumer,
            "message_id": envelope.message_id,
        }
        return tx.execute(_FIRST_TIME, parameters).rowcount == 1

    @staticmethod
    def _apply(subscriber: Subscriber, handler: Handler | None, tx: Tx, envelope: Envelope) -> None:
        event = subscriber.event.model_validate(envelope.payload)
        (handler or subscriber.handler)(tx, event, envelope)

    def _park_foreign(self, source: str, body: bytes, sender: str | None) -> None:
        """Under an id of its own: a forged one must not stand in the way of the fact that it imitates."""
        metrics.FOREIGN.labels(source).inc()
        account = sender or ""
        error = ForeignFactError(f"published by the account {account!r}, which is not the owner of {source}'s facts")
        try:
            envelope = Envelope.model_validate_json(body)
            type_, correlation_id = envelope.type, envelope.correlation_id
        except ValidationError:
            type_, correlation_id = "?", None
        self._park(
            source,
            body,
            error,
            message_id=uuid5(NAMESPACE_OID, f"{source} {account} {body.hex()}"),
            type_=type_,
            correlation_id=correlation_id,
            refused_sender=account,
        )

    def _park(
        self,
        source: str,
        body: bytes,
        error: Exception,
        *,
        message_id: UUID,
        type_: str,
        correlation_id: str | None,
        refused_sender: str | None = None,
    ) -> None:
        _log.error("event failed", source=source, type=type_, message_id=str(message_id), exc_info=error)
        with self._unit_of_work.begin() as tx:
            tx.execute(
                _PARK,
                {
                    "message_id": message_id,
                    "source": source,
                    "type": _storable(type_),
                    "body": body,
                    "error": _describe(error),
                    "correlation_id": _storable(correlation_id) if correlation_id else None,
                    "delay": self._delay(0, error),
                    "refused_sender": refused_sender,
                },
            )
            tx.commit()

    def _postpone(self, row: Any, error: Exception | None) -> None:
        delay = self._delay(row.attempts, error)
        _log.error(
            "event failed again" if delay else "event parked",
            source=row.source,
            type=row.type,
            message_id=str(row.message_id),
            attempts=row.attempts + 1,
            exc_info=error,
        )
        with self._unit_of_work.begin() as tx:
            tx.execute(
                _AGAIN,
                {
                    "message_id": row.message_id,
                    "attempts": row.attempts,
                    "error": _describe(error),
                    "delay": delay,
                },
            )
            tx.commit()

    def _delay(self, failures: int, error: Exception | None) -> timedelta | None:
        """Pause after the given number of earlier failures; None: no further try, the message rests."""
        if isinstance(error, HopelessError):
            return None
        return timedelta(seconds=self._delays[failures]) if failures < len(self._delays) else None


def _describe(error: BaseException | None) -> str:
    return _storable(f"{type(error).__name__}: {error}")[:_ERROR_LENGTH]


def _storable(text: str) -> str:
    """PostgreSQL cannot keep the character zero."""
    return text.replace("\x00", "\N{REPLACEMENT CHARACTER}")
