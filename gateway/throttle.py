"""Slows down whoever guesses passwords: counted in the database, for all replicas (GTW-02).

Counted are the failures of a login from one address, and, for an address from which that login never was good, also
all failures of the address and all failures of the login from such addresses. So a stranger who guesses slows down
himself and the places from which he guesses, and never a clerk where the clerk has worked before.

An attempt is written down *before* the password is looked at, so that a thousand parallel guesses count as a
thousand. A good login takes back its own attempt and the failures of the pair.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, exists, func, insert, or_, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from gateway.tables import known_addresses, login_attempts
from kernel.model.errors import DomainError

KNOWN_FOR = timedelta(days=180)
"""An address that was not used for so long is a stranger's again."""


@dataclass(frozen=True)
class Limits:
    """Failures allowed per window of ``window_seconds``. ``per_stranger``: of a login from addresses it never used."""

    per_pair: int
    per_address: int
    per_stranger: int
    window_seconds: int


@dataclass(frozen=True)
class Attempt:
    """``known``: the login was good from this address before."""

    id: int
    login: str
    address: str
    known: bool


async def attempt(engine: AsyncEngine, login: str, address: str, limits: Limits) -> Attempt:
    """Counts one attempt; DomainError login_throttled when there were too many before it."""
    async with engine.begin() as connection:
        inserted = await connection.execute(
            insert(login_attempts).values(login=login, address=address).returning(login_attempts.c.id)
        )
        attempt_id = int(inserted.scalar_one())
    async with engine.begin() as connection:
        known, oldest_seconds = await _standing(connection, attempt_id, login, address, limits)
        if oldest_seconds is None:
            return Attempt(attempt_id, login, address, known)
        await connection.execute(delete(login_attempts).where(login_attempts.c.id == attempt_id))
    raise DomainError("login_throttled", retry_after=max(1, int(limits.window_seconds - oldest_seconds)))


async def _standing(
    connection: AsyncConnection, attempt_id: int, login: str, address: str, limits: Limits
) -> tuple[bool, float | None]:
    """(whether the pair is known, None or, when there were too many, the age in seconds of the oldest counted)."""
    log = login_attempts.c
    is_known = exists().where(
        known_addresses.c.login == login,
        known_addresses.c.address == address,
        known_addresses.c.last_used_at > func.now() - KNOWN_FOR,
    )
    from_known = exists().where(known_addresses.c.login == log.login, known_addresses.c.address == log.address)
    is_login, is_address = log.login == login, log.address == address
    groups = (
        (and_(is_login, is_address), limits.per_pair, False),
        (is_address, limits.per_address, True),
        (and_(is_login, ~from_known), limits.per_stranger, True),
    )
    columns = [
        column
        for condition, _, _ in groups
        for column in (
            func.count().filter(condition),
            func.extract("epoch", func.now() - func.min(log.attempted_at).filter(condition)),
        )
    ]
    row = (
        await connection.execute(
            select(select(is_known).scalar_subquery(), *columns).where(
                or_(is_login, is_address), log.id < attempt_id, log.attempted_at > _window_start(limits)
            )
        )
    ).one()
    known = bool(row[0])
    for place, (_, limit, strangers_only) in enumerate(groups):
        count, oldest = row[1 + 2 * place], row[2 + 2 * place]
        if count >= limit and not (strangers_only and known):
            return known, float(oldest or 0)
    return known, None


def _window_start(limits: Limits) -> ColumnElement[datetime]:
    return func.now() - func.make_interval(0, 0, 0, 0, 0, 0, limits.window_seconds)


async def forgive(connection: AsyncConnection, good: Attempt) -> None:
    """After a good password: the pair's failures are forgotten and its address is known from now on."""
    await connection.execute(
        delete(login_attempts).where(
            or_(
                login_attempts.c.id == good.id,
                and_(login_attempts.c.login == good.login, login_attempts.c.address == good.address),
            )
        )
    )
    await connection.execute(
        upsert(known_addresses)
        .values(login=good.login, address=good.address, last_used_at=func.now())
        .on_conflict_do_update(index_elements=["login", "address"], set_={"last_used_at": func.now()})
    )


async def forget_old(connection: AsyncConnection, limits: Limits) -> None:
    """Drops what no window counts any more."""
    await connection.execute(delete(login_attempts).where(login_attempts.c.attempted_at < _window_start(limits)))
    await connection.execute(delete(known_addresses).where(known_addresses.c.last_used_at < func.now() - KNOWN_FOR))
