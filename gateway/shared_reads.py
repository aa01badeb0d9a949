"""Reads of the same kind that requests share, without any of them getting an answer older than itself."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Generic, LiteralString, TypeVar

import psycopg
from sqlalchemy.exc import OperationalError

from gateway import database

READ_SECONDS = 12.0
"""Longer than the statement may take: only a connection that leads nowhere any more takes this long."""

K = TypeVar("K")
V = TypeVar("V")


class Shared(Generic[K, V]):
    """One read at a time; whoever asks meanwhile is answered by the next, which takes all that wait.

    ``read``: keys > what it finds of them. Its errors reach all who wait for it, and nobody later.
    """

    def __init__(self, read: Callable[[list[K]], Awaitable[dict[K, V]]]) -> None:
        self._read = read
        self._waiting: dict[K, asyncio.Future[V | None]] = {}
        self._reading: asyncio.Task[None] | None = None

    async def ask(self, key: K) -> V | None:
        """What a read that begins after this moment finds; None: nothing."""
        answer = self._waiting.get(key)
        if answer is None:
            answer = self._waiting[key] = asyncio.get_running_loop().create_future()
            answer.add_done_callback(_seen)
        if self._reading is None:
            self._reading = asyncio.create_task(self._read_while_asked())
        return await asyncio.shield(answer)  # who gives up must not take it from the others

    async def _read_while_asked(self) -> None:
        try:
            while self._waiting:
                asked, self._waiting = self._waiting, {}
                await self._answer(asked)
        finally:
            self._reading = None

    async def _answer(self, asked: "dict[K, asyncio.Future[V | None]]") -> None:
        try:
            found = await self._read(list(asked))
        except Exception as error:
            for answer in asked.values():
                answer.set_exception(error)
            return
        for key, answer in asked.items():
            answer.set_result(found.get(key))


def _seen(answer: "asyncio.Future[V | None]") -> None:
    """Nobody may be left to fetch an error; asyncio would complain of it."""
    if not answer.cancelled():
        answer.exception()


class PreparedRead:
    """One statement on a connection that is kept for it: a small part of what a read through the pool costs.

    ``statement`` takes an array of keys; the first column of its rows is the key.
    """

    def __init__(self, statement: LiteralString) -> None:
        self._statement = statement
        self._connection: psycopg.AsyncConnection[Any] | None = None

    async def __call__(self, wanted: list[Any]) -> dict[Any, Any]:
        """Key > row. Raises sqlalchemy's OperationalError, as every read does, while the database is away."""
        try:
            async with asyncio.timeout(READ_SECONDS):
                rows = await self._rows(wanted)
        except (psycopg.OperationalError, TimeoutError) as error:
            await self.close()
            raise OperationalError(self._statement, None, error) from error
        return {row[0]: row for row in rows}

    async def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    async def _rows(self, wanted: list[Any]) -> list[Any]:
        if self._connection is not None:
            try:
                return await self._fetch(self._connection, wanted)
            except psycopg.OperationalError:
                if not self._connection.closed:
                    raise
                await self.close()  # it broke since the last time: once more, on a new one
        self._connection = await database.connection()
        return await self._fetch(self._connection, wanted)

    async def _fetch(self, connection: "psycopg.AsyncConnection[Any]", wanted: list[Any]) -> list[Any]:
        cursor = await connection.execute(self._statement, (wanted,), prepare=True)
        return await cursor.fetchall()
