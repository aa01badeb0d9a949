"""Publishes what the outbox holds.

Guarantee: every committed event is published at least once, in the order of the outbox, and marked only after the
broker confirmed it. One relay per service works at a time (session advisory lock); when its process or connection
dies, another takes over within a poll. A crash between publishing and marking makes a repeat, which every consumer's
inbox drops. The relay stops at the first message that the broker does not confirm and begins again there; messages
behind it that were already on their way may then arrive twice, and once before it. Consumers compare versions.
"""

from time import monotonic, sleep
from typing import Any

import orjson
import psycopg
from nameko.extensions import DependencyProvider

from kernel.chassis.bus import links
from kernel.chassis.data.database import connect_arguments, service_url
from kernel.chassis.process import crashpoints, logs, metrics
from kernel.chassis.process.runtime import Chassis
from kernel.contracts import topology

_log = logs.get(__name__)

_UNPUBLISHED = """
SELECT id, message_id::text, type, version, payload::text, correlation_id, actor, occurred_at
FROM outbox WHERE published_at IS NULL ORDER BY id LIMIT %s
"""
_MARK = "UPDATE outbox SET published_at = now() WHERE id = ANY(%s)"
_BACKLOG = """
SELECT count(*), coalesce(extract(epoch FROM now() - min(occurred_at)), 0)
FROM (SELECT occurred_at FROM outbox WHERE published_at IS NULL ORDER BY id LIMIT 10000) AS waiting
"""
_LOCK = "SELECT pg_try_advisory_lock(hashtextextended(%s, 0))"
_MEASURE_EVERY_SECONDS = 5.0
_PAUSE_SECONDS = 0.5
_SILENT_TOO_LONG_SECONDS = 90.0


class NotConfirmedError(ConnectionError):
    """The broker did not take a message; publishing begins again at it."""


class Relay(DependencyProvider):  # type: ignore[misc]
    """Part of every service (see ``service.ChassisService``)."""

    chassis = Chassis()

    def setup(self) -> None:
        self._beat = monotonic()
        self._measured = 0.0
        self._finished = False
        self.chassis.health.register("relay", self._problem)

    def start(self) -> None:
        self._beat = monotonic()
        self.chassis.spawn(self._run, "relay")

    def stop(self) -> None:
        """Returns when the last batch is marked; what is left waits for the next relay."""
        self.chassis.begin_stop()
        give_up = monotonic() + 5
        while not self._finished and monotonic() < give_up:
            sleep(0.02)

    def _problem(self) -> str | None:
        silent = monotonic() - self._beat
        return f"relay: silent for {silent:.0f} s" if silent > _SILENT_TOO_LONG_SECONDS else None

    def _run(self) -> None:
        try:
            while not self.chassis.stopping():
                self._beat = monotonic()
                try:
                    with self._connect() as connection:
                        self._stand_by(connection)
                        self._publish_all(connection)
                except (psycopg.Error, links.LinkDownError, NotConfirmedError) as error:
                    if not self.chassis.stopping():
                        _log.warning("relay starts again", error=repr(error))
                        sleep(_PAUSE_SECONDS)
                finally:
                    metrics.RELAY_ACTIVE.set(0)
        finally:
            self._finished = True

    def _connect(self) -> "psycopg.Connection[Any]":
        name = self.chassis.service_name
        dsn = service_url(name).set(drivername="postgresql").render_as_string(hide_password=False)
        return psycopg.connect(dsn, autocommit=True, **connect_arguments(name, "relay"))

    def _stand_by(self, connection: "psycopg.Connection[Any]") -> None:
        """Returns when this process is the one that publishes, or when the container stops."""
        name = f"simkeep.relay.{self.chassis.service_name}"
        while not self.chassis.stopping():
            self._beat = monotonic()
            self._measure(connection)  # when nobody gets to publish, this is the only one who sees the backlog grow
            row = connection.execute(_LOCK, (name,)).fetchone()
            if row and row[0]:
                connection.execute(f'LISTEN "{self.chassis.service_name}_outbox"')
                metrics.RELAY_ACTIVE.set(1)
                _log.info("relay active")
                return
            sleep(self.chassis.settings.relay_poll_seconds)

    def _publish_all(self, connection: "psycopg.Connection[Any]") -> None:
        settings = self.chassis.settings
        while not self.chassis.stopping():
            self._beat = monotonic()
            published = self._publish_batch(connection, settings.relay_batch)
            self._measure(connection)
            if published < settings.relay_batch:
                for _ in connection.notifies(timeout=settings.relay_poll_seconds, stop_after=1):
                    pass

    def _publish_batch(self, connection: "psycopg.Connection[Any]", limit: int) -> int:
        rows = connection.execute(_UNPUBLISHED, (limit,)).fetchall()
        if not rows:
            return 0
        crashpoints.hit("relay.before_publish")
        source = self.chassis.service_name
        confirmed = self.chassis.confirmed.publish([_publication(source, row) for row in rows])
        crashpoints.hit("relay.after_publish")
        if confirmed:
            connection.execute(_MARK, ([row[0] for row in rows[:confirmed]],))
            metrics.OUTBOX_PUBLISHED.inc(confirmed)
        if confirmed < len(rows):
            raise NotConfirmedError(f"{len(rows) - confirmed} of {len(rows)} events not confirmed")
        return len(rows)

    def _measure(self, connection: "psycopg.Connection[Any]") -> None:
        if monotonic() - self._measured < _MEASURE_EVERY_SECONDS:
            return
        self._measured = monotonic()
        row = connection.execute(_BACKLOG).fetchone()
        if row:
            metrics.OUTBOX_BACKLOG.set(row[0])
            metrics.OUTBOX_OLDEST.set(float(row[1]))


def _publication(source: str, row: tuple[Any, ...]) -> links.Publication:
    """The envelope around a row; its payload is passed on as the text that was committed."""
    sequence, message_id, type_, version, payload, correlation_id, actor, occurred_at = row
    head = orjson.dumps(
        {
            "message_id": message_id,
            "source": source,
            "type": type_,
            "version": version,
            "sequence": sequence,
            "occurred_at": occurred_at,
            "correlation_id": correlation_id,
            "actor": actor,
        }
    )
    return links.Publication(
        head[:-1] + b',"payload":' + payload.encode() + b"}",
        topology.event_exchange(source),
        type_,
        {"content_type": "application/json", "content_encoding": "utf-8", "message_id": message_id, "type": type_},
    )
