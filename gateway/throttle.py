"""Slows down whoever guesses passwords: counted per login and per address, in the database, for all replicas (GTW-02).

An attempt is written down *before* the password is looked at, so that a thousand parallel guesses count as a
thousand. A good login takes its own attempt and the login's failures back.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from gateway.tables import login_attempts
from kernel.model.errors import DomainError


@dataclass(frozen=True)
class Limits:
    """Failures allowed per window of ``window_seconds``."""

    per_login: int
    per_address: int
    window_seconds: int


async def attempt(engine: AsyncEngine, login: str, address: str, limits: Limits) -> int:
    """Counts one attempt and returns its id; DomainError login_throttled when there were too many before it."""
    async with engine.begin() as connection:
        inserted = await connection.execute(
            insert(login_attempts).values(login=login, address=address).returning(login_attempts.c.id)
        )
        attempt_id = int(inserted.scalar_one())
    async with engine.begin() as connection:
        by_login, by_address, oldest_seconds = await _failures_before(connection, attempt_id, login, address, limits)
        if by_login < limits.per_login and by_address < limits.per_address:
            return attempt_id
        await connection.execute(delete(login_attempts).where(login_attempts.c.id == attempt_id))
    raise DomainError("login_throttled", retry_after=max(1, int(limits.window_seconds - oldest_seconds)))


async def _failures_before(
    connection: AsyncConnection, attempt_id: int, login: str, address: str, limits: Limits
) -> tuple[int, int, float]:
    """(of the login, from the address, age in seconds of the oldest one counted)."""
    is_login, is_address = login_attempts.c.login == login, login_attempts.c.address == address
    counts = await connection.execute(
        select(
            func.count().filter(is_login),
            func.count().filter(is_address),
            func.extract("epoch", func.now() - func.min(login_attempts.c.attempted_at)),
        ).where(
            or_(is_login, is_address),
            login_attempts.c.id < attempt_id,
            login_attempts.c.attempted_at > _window_start(limits),
        )
    )
    by_login, by_address, oldest = counts.one()
    return by_login, by_address, float(oldest or 0)


def _window_start(limits: Limits) -> ColumnElement[datetime]:
    return func.now() - func.make_interval(0, 0, 0, 0, 0, 0, limits.window_seconds)


async def forgive(connection: AsyncConnection, login: str, attempt_id: int) -> None:
    """After a good login."""
    await connection.execute(
        delete(login_attempts).where(or_(login_attempts.c.id == attempt_id, login_attempts.c.login == login))
    )


async def forget_old(connection: AsyncConnection, limits: Limits) -> None:
    """Drops what no window counts any more."""
    await connection.execute(delete(login_attempts).where(login_attempts.c.attempted_at < _window_start(limits)))
