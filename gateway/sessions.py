"""Login, refresh, logout. A refresh token is used once; its second use ends the whole session (it was stolen)."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from gateway import passwords, throttle
from gateway.metrics import LOGINS
from gateway.tables import people, refresh_tokens, sessions
from gateway.tokens import AccessTokens, new_refresh_token, sha256
from kernel.model.errors import DomainError

REUSE_GRACE = timedelta(seconds=10)
"""Two tabs of one browser refresh at the same moment with the same cookie; that is no theft."""


@dataclass(frozen=True, slots=True)
class Issued:
    """What a login or refresh hands out; the refresh token goes into the cookie only."""

    access_token: str
    refresh_token: str
    session: str
    login: str


class Sessions:
    """Acts on sessions; each is its own transaction."""

    def __init__(
        self, engine: AsyncEngine, tokens: AccessTokens, limits: throttle.Limits, refresh_seconds: int
    ) -> None:
        self._engine = engine
        self._tokens = tokens
        self._limits = limits
        self._refresh = timedelta(seconds=refresh_seconds)

    async def login(self, login: str, password: str, address: str) -> Issued:
        """Raises login_throttled or login_failed (the same for unknown, disabled and wrong password)."""
        login = login.strip().lower()
        attempt = await throttle.attempt(self._engine, login, address, self._limits)
        async with self._engine.connect() as connection:
            person = (await connection.execute(_active_person(people.c.login == login))).one_or_none()
        good = await passwords.verify(person.password_hash if person else None, password)
        if not good or person is None:
            LOGINS.labels("failed").inc()
            raise DomainError("login_failed")
        rehashed = await passwords.hash_password(password) if passwords.needs_rehash(person.password_hash) else None
        async with self._engine.begin() as connection:
            await throttle.forgive(connection, login, attempt)
            values: dict[str, Any] = {"last_login_at": func.now()}
            if rehashed:
                values["password_hash"] = rehashed
            await connection.execute(update(people).where(people.c.id == person.id).values(**values))
            session = uuid4()
            await connection.execute(
                insert(sessions).values(
                    id=session, person_id=person.id, address=address, expires_at=func.now() + self._refresh
                )
            )
            issued = await self._issue(connection, session, person)
        LOGINS.labels("done").inc()
        return issued

    async def refresh(self, token: str) -> Issued:
        """The next pair of tokens. Raises session_ended; a token's second use also revokes the session."""
        async with self._engine.begin() as connection:
            query = (
                select(refresh_tokens.c.session_id, refresh_tokens.c.used_at, func.now().label("now"), people)
                .join(sessions, sessions.c.id == refresh_tokens.c.session_id)
                .join(people, people.c.id == sessions.c.person_id)
                .where(
                    refresh_tokens.c.token_hash == sha256(token),
                    sessions.c.revoked_at.is_(None),
                    sessions.c.expires_at > func.now(),
                    people.c.active,
                    people.c.removed_at.is_(None),
                )
                .with_for_update(of=refresh_tokens)
            )
            row = (await connection.execute(query)).one_or_none()
            if row is not None and (row.used_at is None or row.now - row.used_at <= REUSE_GRACE):
                await connection.execute(
                    update(refresh_tokens)
                    .where(refresh_tokens.c.token_hash == sha256(token), refresh_tokens.c.used_at.is_(None))
                    .values(used_at=func.now())
                )
                await connection.execute(
                    update(sessions)
                    .where(sessions.c.id == row.session_id)
                    .values(expires_at=func.now() + self._refresh)
                )
                return await self._issue(connection, row.session_id, row)
            if row is not None:
                await _revoke(connection, row.session_id, "refresh token used twice")
                LOGINS.labels("refresh_reused").inc()
        raise DomainError("session_ended")

    async def logout(self, token: str | None, session: str | None) -> None:
        """Ends the session that the refresh token or the access token belongs to; silent when there is none."""
        async with self._engine.begin() as connection:
            if session is not None:
                await _revoke(connection, UUID(session), "logout")
            if token is not None:
                query = select(refresh_tokens.c.session_id).where(refresh_tokens.c.token_hash == sha256(token))
                row = (await connection.execute(query)).one_or_none()
                if row is not None:
                    await _revoke(connection, row.session_id, "logout")

    async def _issue(self, connection: AsyncConnection, session: UUID, person: Any) -> Issued:
        refresh = new_refresh_token()
        await connection.execute(insert(refresh_tokens).values(token_hash=sha256(refresh), session_id=session))
        access = self._tokens.issue(person.login, str(session), person.token_version)
        return Issued(access, refresh, str(session), person.login)

    async def forget_old(self) -> None:
        """Housekeeping: sessions long over (their tokens go with them) and attempts outside every window."""
        async with self._engine.begin() as connection:
            over = func.now() - timedelta(days=30)
            await connection.execute(
                delete(sessions).where(or_(sessions.c.expires_at < over, sessions.c.revoked_at < over))
            )
            await throttle.forget_old(connection, self._limits)


async def revoke_sessions_of(connection: AsyncConnection, person_id: UUID, because: str) -> None:
    """After a password change, a disabling or a removal."""
    await connection.execute(
        update(sessions)
        .where(sessions.c.person_id == person_id, sessions.c.revoked_at.is_(None))
        .values(revoked_at=func.now(), revoked_because=because)
    )


async def _revoke(connection: AsyncConnection, session: UUID, because: str) -> None:
    await connection.execute(
        update(sessions)
        .where(sessions.c.id == session, sessions.c.revoked_at.is_(None))
        .values(revoked_at=func.now(), revoked_because=because)
    )


def _active_person(condition: Any) -> Any:
    return select(people).where(condition, people.c.active, people.c.removed_at.is_(None))
