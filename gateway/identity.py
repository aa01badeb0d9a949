"""Who sends this request: a person with an access token, or a system with an API key (GTW-02)."""

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from fastapi import Request
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from gateway.roles import CARRIER, at_unit, permissions_of
from gateway.tables import api_keys, people, sessions
from gateway.tokens import AccessTokens, api_key_prefix, sha256
from gateway.units import UnitTree
from kernel.model.actor import Actor, key_actor_id
from kernel.model.errors import DomainError
from kernel.model.unit import is_within

ACCESS_COOKIE = "simkeep_access"
"""Carries the access token for plain links (downloads, event streams); believed for GET only: no forged form acts."""

_CACHE_SIZE = 10_000


@dataclass(frozen=True, slots=True)
class User:
    """``login`` of a system is ``key:<prefix>@<its owner>``. ``carrier``: whose deliveries a carrier's key may push."""

    login: str
    name: str
    unit: str
    unit_name: str
    roles: tuple[str, ...]
    permissions: frozenset[str]
    session: str | None = None
    carrier: str | None = None

    def require(self, permission: str | None) -> None:
        """DomainError permission_denied unless he holds it."""
        if permission is not None and permission not in self.permissions:
            raise DomainError("permission_denied", permission=permission)

    def require_within(self, unit: str, field: str = "unit") -> None:
        """DomainError unit_out_of_scope unless ``unit`` lies in his subtree."""
        self.actor().require_within(unit, field)

    def actor(self) -> Actor:
        """As services know him. A carrier's key says whose it is by a permission ``carrier:<name>``."""
        return Actor(self.login, self.name, self.unit, self.permissions)


class Authenticator:
    """Turns a bearer token into a User. What it finds is remembered for ``ttl_seconds``, errors never."""

    def __init__(self, engine: AsyncEngine, tokens: AccessTokens, units: UnitTree, ttl_seconds: float) -> None:
        self._engine = engine
        self._tokens = tokens
        self._units = units
        self._ttl_seconds = ttl_seconds
        self._known: dict[str, tuple[User, float]] = {}
        self._asking: dict[str, asyncio.Task[User]] = {}

    def forget(self) -> None:
        """After a change to people, sessions or keys: everybody is looked up again."""
        self._known.clear()
        self._asking.clear()

    async def user(self, token: str) -> User:
        """DomainError session_ended when the token is expired, forged, revoked or its owner is disabled or removed."""
        known = self._known.get(token)
        if known is not None and known[1] > time.monotonic():
            return known[0]
        task = self._asking.get(token)
        if task is None:
            task = self._asking[token] = asyncio.create_task(self._look_up(token))
            task.add_done_callback(lambda done: self._asked(token, done))
        return await asyncio.shield(task)

    def _asked(self, token: str, task: "asyncio.Task[User]") -> None:
        if self._asking.get(token) is task:
            del self._asking[token]
        if not task.cancelled():
            task.exception()  # those who waited have it; nobody may be left to fetch it

    async def _look_up(self, token: str) -> User:
        asked = time.monotonic()
        await self._units.load()
        prefix = api_key_prefix(token)
        user, lifetime = await (self._system(prefix, token) if prefix else self._person(token))
        if self._asking.get(token) is asyncio.current_task():  # not forgotten meanwhile
            if len(self._known) >= _CACHE_SIZE:
                self._known.clear()
            self._known[token] = (user, asked + min(self._ttl_seconds, lifetime))
        return user

    async def _person(self, token: str) -> tuple[User, float]:
        claims = self._tokens.read(token)
        query = (
            select(people.c.login, people.c.name, people.c.unit, people.c.roles)
            .join(sessions, sessions.c.person_id == people.c.id)
            .where(
                sessions.c.id == UUID(claims.session),
                sessions.c.revoked_at.is_(None),
                people.c.login == claims.login,
                people.c.token_version == claims.version,
                people.c.active,
                people.c.removed_at.is_(None),
            )
        )
        async with self._engine.connect() as connection:
            row = (await connection.execute(query)).one_or_none()
        if row is None:
            raise DomainError("session_ended")
        user = User(
            login=row.login,
            name=row.name,
            unit=row.unit,
            unit_name=self._units.name(row.unit) or "",
            roles=tuple(row.roles),
            permissions=permissions_of(row.roles, row.unit),
            session=claims.session,
        )
        return user, claims.expires - time.time()

    async def _system(self, prefix: str, key: str) -> tuple[User, float]:
        now = datetime.now(UTC)
        query = (
            select(api_keys, people.c.roles, people.c.unit.label("owner_unit"), people.c.login.label("owner_login"))
            .outerjoin(people, (people.c.login == api_keys.c.owner) & people.c.active & people.c.removed_at.is_(None))
            .where(api_keys.c.prefix == prefix, api_keys.c.key_hash == sha256(key), api_keys.c.revoked_at.is_(None))
        )
        async with self._engine.begin() as connection:
            row = (await connection.execute(query)).one_or_none()
            if row is None or (row.expires_at is not None and row.expires_at <= now):
                raise DomainError("session_ended")
            permissions = _of_key(row)
            if row.last_used_at is None or (now - row.last_used_at).total_seconds() > 60:
                await connection.execute(update(api_keys).where(api_keys.c.prefix == prefix).values(last_used_at=now))
        user = User(
            login=key_actor_id(prefix, row.owner),
            name=row.name,
            unit=row.unit,
            unit_name=self._units.name(row.unit) or "",
            roles=(),
            permissions=permissions,
            carrier=row.carrier,
        )
        return user, (row.expires_at - now).total_seconds() if row.expires_at else 3600.0


def _of_key(row: Any) -> frozenset[str]:
    """What a key may do now: never more, nor elsewhere, than who answers for it. Raises session_ended when he is gone.

    A key from the seed has nobody who answers for it and keeps what it was given.
    """
    permissions = at_unit(frozenset(row.permissions), row.unit)
    if row.owner is not None:
        if row.owner_login is None or not is_within(row.unit, row.owner_unit):
            raise DomainError("session_ended")
        permissions &= permissions_of(row.roles, row.owner_unit) | CARRIER
    return permissions | {f"carrier:{row.carrier}"} if row.carrier is not None else permissions


def bearer_of(request: Request) -> str | None:
    """The token that a request carries: Authorization, X-API-Key, or for reads the access cookie."""
    header = request.headers.get("authorization")
    if header is not None:
        scheme, _, token = header.partition(" ")
        return token.strip() if scheme.lower() == "bearer" else None
    key = request.headers.get("x-api-key")
    if key is not None:
        return key
    return request.cookies.get(ACCESS_COOKIE) if request.method in ("GET", "HEAD") else None


async def current_user(request: Request) -> User:
    """Dependency: who is signed in. DomainError not_signed_in or session_ended otherwise."""
    token = bearer_of(request)
    if not token:
        raise DomainError("not_signed_in")
    authenticator: Authenticator = request.app.state.gateway.authenticator
    user = await authenticator.user(token)
    request.state.user = user
    return user
