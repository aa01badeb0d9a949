"""One transaction, and the facts it publishes: all of it is committed, or none of it happened.

Guarantee: an event given to ``publish`` leaves the service if and only if the transaction committed, at least once
and in the order of the outbox (see ``relay``). Order between two transactions that touch the same row holds when
each changes the row before it publishes: the second then waits for the first, and so gets a later outbox number.

Commit must be said. Leaving the block without it rolls back.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, cast
from uuid import uuid4

import psycopg
from sqlalchemy import Connection, CursorResult, Engine, Executable, TextClause, text

from kernel.contracts.envelope import Event
from kernel.model.actor import Actor

Parameters = Mapping[str, Any] | Sequence[Mapping[str, Any]]

_PUBLISH = text(
    "INSERT INTO outbox (message_id, type, version, payload) VALUES (:message_id, :type, :version, :payload)"
)
_SET_CONTEXT = text(
    "SELECT set_config('simkeep.correlation_id', :correlation_id, true), set_config('simkeep.actor', :actor, true)"
)


@lru_cache(maxsize=1024)
def _text(statement: str) -> TextClause:
    return text(statement)


class Tx:
    """One connection in one transaction. ``actor`` is None only where nobody acts (tests, housekeeping)."""

    __slots__ = ("_open", "_then", "_writable", "actor", "connection", "correlation_id")

    def __init__(
        self, connection: Connection, actor: Actor | None, correlation_id: str | None, *, writable: bool = True
    ) -> None:
        self.connection = connection
        self.actor = actor
        self.correlation_id = correlation_id
        self._open = True
        self._writable = writable
        self._then: list[Callable[[], None]] = []

    @property
    def actor_id(self) -> str | None:
        return self.actor.id if self.actor else None

    @property
    def raw(self) -> "psycopg.Connection[Any]":
        """psycopg's own connection inside this transaction, for COPY and server-side cursors. Never commit on it."""
        return cast("psycopg.Connection[Any]", self.connection.connection.driver_connection)

    def execute(self, statement: Executable | str, params: Parameters | None = None) -> CursorResult[Any]:
        """Runs one statement. A str is SQL with ``:name`` parameters."""
        executable = _text(statement) if isinstance(statement, str) else statement
        return self.connection.execute(executable, params)

    def publish(self, *events: Event) -> None:
        """Puts ``events`` into the outbox, in this order. Publish after the rows they speak of have changed."""
        if not self._writable:
            raise RuntimeError("a query cannot publish")
        if events:
            self.connection.execute(
                _PUBLISH,
                [
                    {
                        "message_id": uuid4(),
                        "type": event.TYPE,
                        "version": event.VERSION,
                        "payload": event.model_dump_json(),
                    }
                    for event in events
                ],
            )

    def set_context(self) -> None:
        """Tells PostgreSQL who acts and why, so that set-based inserts into the outbox carry it by default."""
        self.connection.execute(
            _SET_CONTEXT, {"correlation_id": self.correlation_id or "", "actor": self.actor_id or ""}
        )

    def commit(self) -> None:
        """Makes everything true. After it the transaction is closed."""
        if not self._open:
            raise RuntimeError("this transaction has ended")
        self._open = False
        self.connection.commit()
        for follow_up in self._then:
            follow_up()

    def once_committed(self, follow_up: Callable[[], None]) -> None:
        """Does ``follow_up`` when all of it is true, and never otherwise: for figures. It must not raise."""
        self._then.append(follow_up)


class UnitOfWork:
    """Opens transactions on ``engine``. Not for queries: see ``reading``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @contextmanager
    def begin(
        self, actor: Actor | None = None, correlation_id: str | None = None, *, context: bool = True
    ) -> Iterator[Tx]:
        """Yields a Tx; whatever is not committed by ``tx.commit()`` is rolled back.

        ``context=False`` leaves out the statement that tells PostgreSQL the actor, for callers that send it along
        with their own first statement.
        """
        with self._engine.connect() as connection:
            tx = Tx(connection, actor, correlation_id)
            if context and (actor or correlation_id):
                tx.set_context()
            yield tx


@contextmanager
def reading(
    engine: Engine, actor: Actor | None = None, correlation_id: str | None = None, *, consistent: bool = False
) -> Iterator[Tx]:
    """Yields a Tx that can only read. ``engine`` is one of purpose "read" (autocommit).

    ``consistent=True``: all statements see the database of one moment (REPEATABLE READ), at the price of two more
    round trips. Without it each statement sees what is committed when it starts.
    """
    with engine.connect() as connection:
        if consistent:
            connection.execution_options(isolation_level="REPEATABLE READ")  # changes this connection itself
        yield Tx(connection, actor, correlation_id, writable=False)
