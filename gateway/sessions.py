"""Login, refresh, logout. A refresh token is used once; its second use ends the whole session (it was stolen).

The next token follows from the one before it and a secret: two tabs that refresh at the same moment with the same
cookie get the same next one. A session so never has two branches, and a thief always meets the owner.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import and_, delete, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from gateway import passwords, throttle
from gateway.metrics import LOGINS
from gateway.tables import people, refresh_tokens, sessions
from gateway.tokens import AccessTokens, new_refresh_token, sha256
from kernel.model.errors import DomainError

REUSE_GRACE = timedelta(seconds=10)
"""Two tabs of one browser refresh at the same moment, from one address, with the same cookie; that is no theft."""
_KNOWN_PAIRS = 20_000


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
        self, engine: AsyncEngine, tokens: AccessTokens, limits: throttle.Limits, refresh_seconds: int, secret: str
    ) -> None:
        self._engine = engine
        self._tokens = tokens
        self._limits = limits
        self._refresh = timedelta(seconds=refresh_seconds)
        self._secret = secret.encode()
        self._known: set[tuple[str, str]] = set()

    async def login(self, login: str, password: str, address: str) -> Issued:
        """Raises login_throttled or login_failed (the same for unknown, disabled and wrong password)."""
        login = login.strip().lower()
        async with passwords.turn(self._lane(login, address)):
            person = await self._checked(login, password, address)
            strong = not passwords.needs_rehash(person.password_hash)
            rehashed = None if strong else await passwords.rehash(password)
        async with self._engine.begin() as connection:
            values: dict[str, Any] = {"last_login_at": func.now()}
            if rehashed:
                values["password_hash"] = rehashed
            still = await connection.execute(update(people).where(_unchanged(person)).values(**values))
            if still.rowcount == 0:  # while his password was looked at, it was changed, or he was disabled
                LOGINS.labels("failed").inc()
                raise DomainError("login_failed")
            session = uuid4()
            await connection.execute(
                insert(sessions).values(
                    id=session, person_id=person.id, address=address, expires_at=func.now() + self._refresh
                )
            )
            issued = await self._issue(connection, session, person, new_refresh_token())
        LOGINS.labels("done").inc()
        return issued

    async def check_password(self, login: str, password: str, address: str) -> int:
        """Of somebody who is signed in: his token version now, which his password has with it. Throttled as a login is.

        Raises login_throttled or login_failed.
        """
        async with passwords.turn(self._lane(login, address)):
            return int((await self._checked(login, password, address)).token_version)

    def _lane(self, login: str, address: str) -> str:
        """Who was good from this address waits in a lane of his own, whatever else comes from there."""
        return f"{login}@{address}" if (login, address) in self._known else address

    async def _checked(self, login: str, password: str, address: str) -> Any:
        """The person whose password it is."""
        attempt = await throttle.attempt(self._engine, login, address, self._limits)
        async with self._engine.connect() as connection:
            person = (await connection.execute(_active_person(people.c.login == login))).one_or_none()
        good = await passwords.verify(person.password_hash if person else None, password)
        if not good or person is None:
            LOGINS.labels("failed").inc()
            raise DomainError("login_failed")
        async with self._engine.begin() as connection:
            await throttle.forgive(connection, attempt)
        if len(self._known) >= _KNOWN_PAIRS:
            self._known.clear()
        self._known.add((login, address))
        return person

    async def refresh(self, token: str, address: str) -> Issued:
        """The next pair of tokens. Raises session_ended; a token's second use also revokes the session."""
        async with self._engine.begin() as connection:
            query = (
                select(
                    refresh_tokens.c.session_id, refresh_tokens.c.used_at, refresh_tokens.c.used_from,
                    func.now().label("now"), people,
                )
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
            )  # fmt: skip
            row = (await connection.execute(query)).one_or_none()
            following = self._following(token)
            if row is not None and (
                row.used_at is None or await self._double_click(connection, row, following, address)
            ):
                await connection.execute(
                    update(refresh_tokens)
                    .where(refresh_tokens.c.token_hash == sha256(token), refresh_tokens.c.used_at.is_(None))
                    .values(used_at=func.now(), used_from=address)
                )
                await connection.execute(
                    update(sessions)
                    .where(sessions.c.id == row.session_id)
                    .values(expires_at=func.now() + self._refresh)
                )
                return await self._issue(connection, row.session_id, row, following)
            if row is not None:
                await _revoke(connection, row.session_id, "refresh token used twice")
                LOGINS.labels("refresh_reused").inc()
        raise DomainError("session_ended")

    async def _double_click(self, connection: AsyncConnection, row: Any, following: str, address: str) -> bool:
        """Whether the second use is honest: at once, from the same address, and the next token is still unused."""
        if row.now - row.used_at > REUSE_GRACE or row.used_from != address:
            return False
        query = select(refresh_tokens.c.used_at).where(refresh_tokens.c.token_hash == sha256(following))
        return (await connection.execute(query)).scalar_one() is None

    def _following(self, token: str) -> str:
        digest = hmac.new(self._secret, b"refresh\n" + token.encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")

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

    async def _issue(self, connection: AsyncConnection, session: UUID, person: Any, refresh: str) -> Issued:
        await connection.execute(
            upsert(refresh_tokens).values(token_hash=sha256(refresh), session_id=session).on_conflict_do_nothing()
        )
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


def _unchanged(person: Any) -> Any:
    """The person as he was when his password was looked at: each new password and each disabling counts one on."""
    return and_(people.c.id == person.id, people.c.token_version == person.token_version)


def _active_person(condition: Any) -> Any:
    return select(people).where(condition, people.c.active, people.c.removed_at.is_(None))
