"""Who sends this request: a person with an access token, or a system with an API key (GTW-02)."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hmac import compare_digest
from typing import Any
from uuid import UUID

from fastapi import Request
from sqlalchemy import func, or_, update
from sqlalchemy.ext.asyncio import AsyncEngine

from gateway.roles import CARRIER, at_unit, permissions_of
from gateway.shared_reads import PreparedRead, Shared
from gateway.tables import api_keys
from gateway.tokens import AccessTokens, api_key_prefix, sha256
from gateway.units import UnitTree
from kernel.model.actor import Actor, key_actor_id
from kernel.model.errors import DomainError
from kernel.model.unit import is_within

ACCESS_COOKIE = "simkeep_access"
"""Carries the access token for plain links (downloads, event streams) and for what a page asks before its scripts run;
believed for GET only: no forged form acts."""
ACCESS_PATH = "/api"

_USE_IS_NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class User:
    """``login`` of a system is ``key:<prefix>@<its owner>,<former owners>``.

    ``carrier``: whose deliveries a carrier's key may push.
    """

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
    """Turns a bearer token into a User. Nothing is remembered: who was disabled is refused in every replica at once.

    All requests that arrive while one look-up is under way share the next one. So an answer is never older than its
    request, and the database is asked at most twice at a time (people, keys), however many requests there are.
    """

    def __init__(self, engine: AsyncEngine, tokens: AccessTokens, units: UnitTree) -> None:
        self._engine = engine
        self._tokens = tokens
        self._units = units
        self._reads = PreparedRead(_PEOPLE), PreparedRead(_KEYS)
        self._people: Shared[UUID, Any] = Shared(self._reads[0])
        self._keys: Shared[str, Any] = Shared(self._reads[1])

    async def close(self) -> None:
        for read in self._reads:
            await read.close()

    async def user(self, token: str) -> User:
        """DomainError session_ended when the token is expired, forged, revoked or its owner is disabled or removed."""
        await self._units.load()
        prefix = api_key_prefix(token)
        return await (self._system(prefix, token) if prefix else self._person(token))

    async def _person(self, token: str) -> User:
        claims = self._tokens.read(token)
        row = await self._people.ask(claims.session)
        if row is None or row.login != claims.login or row.token_version != claims.version:
            raise DomainError("session_ended")
        return User(
            login=row.login,
            name=row.name,
            unit=row.unit,
            unit_name=self._units.name(row.unit) or "",
            roles=tuple(row.roles),
            permissions=permissions_of(row.roles, row.unit),
            session=str(claims.session),
        )

    async def _system(self, prefix: str, key: str) -> User:
        row = await self._keys.ask(prefix)
        now = datetime.now(UTC)
        if row is None or not compare_digest(row.key_hash, sha256(key)):
            raise DomainError("session_ended")
        if row.expires_at is not None and row.expires_at <= now:
            raise DomainError("session_ended")
        permissions = _of_key(row)
        if row.last_used_at is None or now - row.last_used_at > _USE_IS_NOTED_EVERY:
            await self._note_use(prefix)
        return User(
            login=key_actor_id(prefix, row.owner, (it for it in row.former_owners if it != row.owner)),
            name=row.name,
            unit=row.unit,
            unit_name=self._units.name(row.unit) or "",
            roles=(),
            permissions=permissions,
            carrier=row.carrier,
        )

    async def _note_use(self, prefix: str) -> None:
        """Roughly when; once for all the requests of that moment."""
        long_ago = func.now() - _USE_IS_NOTED_EVERY
        unnoted = or_(api_keys.c.last_used_at.is_(None), api_keys.c.last_used_at < long_ago)
        async with self._engine.begin() as connection:
            await connection.execute(
                update(api_keys).where(api_keys.c.prefix == prefix, unnoted).values(last_used_at=func.now())
            )


_PEOPLE = """
SELECT s.id, p.login, p.name, p.unit, p.roles, p.token_version
FROM sessions AS s JOIN people AS p ON p.id = s.person_id
WHERE s.id = ANY(%s) AND s.revoked_at IS NULL AND p.active AND p.removed_at IS NULL
"""
_KEYS = """
SELECT k.prefix, k.key_hash, k.name, k.unit, k.permissions, k.carrier, k.owner, k.expires_at, k.last_used_at,
    k.former_owners, p.roles, p.unit AS owner_unit, p.login AS owner_login
FROM api_keys AS k LEFT JOIN people AS p ON p.login = k.owner AND p.active AND p.removed_at IS NULL
WHERE k.prefix = ANY(%s) AND k.revoked_at IS NULL
"""


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
