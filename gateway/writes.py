"""Every write leaves a trace and happens once: audit log and Idempotency-Key (GTW-01, GTW-02).

Order: one transaction takes the key and writes the audit row (outcome unknown); the act; one transaction stores the
answer and the outcome. A gateway that dies between the two leaves a key whose lock runs out: the repeated request
then goes to the service under the same command id, which answers again without acting again.
"""

import asyncio
import hashlib
import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from fastapi import Response
from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from gateway.identity import User
from gateway.tables import Outcome, audit_log, idempotency
from kernel.model.errors import DomainError

KEY_HEADER = "Idempotency-Key"
INVALID = 422
REPLAYED_HEADER = "Idempotency-Replayed"
_KEPT_HEADERS = ("etag", "location", "content-type")
_POLL_SECONDS = 0.1


@dataclass(frozen=True)
class Write:
    """One write as it is asked for. ``action``: dotted verb; ``target``: what it is done to, for people to read."""

    user: User
    action: str
    target: str
    details: Mapping[str, Any]
    key: str | None
    fingerprint: bytes
    correlation_id: str
    address: str


@dataclass(frozen=True)
class Begun:
    """A write that may go ahead."""

    audit_id: int
    write: Write


def check_key(key: str | None) -> str | None:
    """The header's value, or DomainError idempotency_key_malformed."""
    if key is None:
        return None
    if not (8 <= len(key) <= 128 and key.isascii() and key.isprintable() and " " not in key):
        raise DomainError("idempotency_key_malformed")
    return key


class Writes:
    """The store of keys and audit rows."""

    def __init__(
        self, engine: AsyncEngine, *, secret: str, keep_hours: int, lock_seconds: float, wait_seconds: float
    ) -> None:
        self._engine = engine
        self._secret = secret.encode()
        self._keep = timedelta(hours=keep_hours)
        self._lock = timedelta(seconds=lock_seconds)
        self._wait_seconds = wait_seconds

    def fingerprint(self, method: str, path: str, body: bytes) -> bytes:
        """What a key stands for: another address or body under the same key is another request.

        Keyed, because bodies hold passwords: a bare hash of them could be guessed from the table.
        """
        return hmac.new(self._secret, b"\n".join((method.encode(), path.encode(), body)), hashlib.sha256).digest()

    async def begin(self, write: Write) -> "Begun | Response":
        """Go ahead, or the answer that this key got before. A request still at work is waited for.

        Raises idempotency_key_reused (another body) or request_in_progress (waited long enough).
        """
        give_up = time.monotonic() + self._wait_seconds
        while True:
            async with self._engine.begin() as connection:
                found = await self._take(connection, write)
                if found is None:
                    return Begun(await _audit(connection, write, Outcome.UNKNOWN), write)
            if isinstance(found, Response):
                return found
            if time.monotonic() >= give_up:
                raise DomainError("request_in_progress")
            await asyncio.sleep(_POLL_SECONDS)

    async def _take(self, connection: AsyncConnection, write: Write) -> "Response | bool | None":
        """None: the key is ours now. A Response: the stored answer. True: somebody is at work."""
        if write.key is None:
            return None
        mine = (idempotency.c.owner == write.user.login) & (idempotency.c.key == write.key)
        await connection.execute(delete(idempotency).where(mine, idempotency.c.created_at < func.now() - self._keep))
        taken = await connection.execute(
            insert(idempotency)
            .values(
                owner=write.user.login, key=write.key, body_sha256=write.fingerprint,
                locked_until=func.now() + self._lock,
            )
            .on_conflict_do_nothing()
            .returning(idempotency.c.key)
        )  # fmt: skip
        if taken.one_or_none() is not None:
            return None
        row = (await connection.execute(select(idempotency).where(mine))).one_or_none()
        if row is None:
            return True
        if bytes(row.body_sha256) != write.fingerprint:
            raise DomainError("idempotency_key_reused")
        if row.status is not None:
            return Response(row.body, row.status, {**(row.headers or {}), REPLAYED_HEADER: "true"})
        overtaken = await connection.execute(
            update(idempotency)
            .where(mine, idempotency.c.status.is_(None), idempotency.c.locked_until < func.now())
            .values(locked_until=func.now() + self._lock)
        )
        return None if overtaken.rowcount else True

    async def finish(self, begun: Begun, response: Response, connection: AsyncConnection | None = None) -> None:
        """Stores the answer, in the act's own transaction when ``connection`` is given.

        An answer that may be better next time (5xx, 429) is not stored: the key is free for another try. A request
        that was wrong in itself (422) has done nothing: its key is free for the corrected one.
        """
        if connection is None:
            async with self._engine.begin() as own:
                await self._finish(own, begun, response)
        else:
            await self._finish(connection, begun, response)

    async def _finish(self, connection: AsyncConnection, begun: Begun, response: Response) -> None:
        status = response.status_code
        outcome = Outcome.DONE if status < 400 else Outcome.REFUSED if status < 500 else Outcome.FAILED
        await connection.execute(
            update(audit_log)
            .where(audit_log.c.id == begun.audit_id)
            .values(outcome=outcome, status=status, code=getattr(response, "problem_code", None))
        )
        if begun.write.key is None:
            return
        if status == INVALID:
            mine = (idempotency.c.owner == begun.write.user.login) & (idempotency.c.key == begun.write.key)
            await connection.execute(delete(idempotency).where(mine))
            return
        values: dict[str, Any] = {"locked_until": func.now()}
        if status < 500 and status != 429:
            headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
            values |= {"status": status, "headers": headers, "body": bytes(response.body)}
        await connection.execute(
            update(idempotency)
            .where(idempotency.c.owner == begun.write.user.login, idempotency.c.key == begun.write.key)
            .values(**values)
        )

    async def note(self, write: Write, outcome: Outcome, status: int) -> None:
        """An audit row for what is no write but must be known: logins, downloads of exports."""
        async with self._engine.begin() as connection:
            await _audit(connection, write, outcome, status)

    async def forget_old(self) -> None:
        """Housekeeping of keys past their time."""
        async with self._engine.begin() as connection:
            await connection.execute(delete(idempotency).where(idempotency.c.created_at < func.now() - self._keep))


async def _audit(connection: AsyncConnection, write: Write, outcome: Outcome, status: int | None = None) -> int:
    inserted = await connection.execute(
        audit_log.insert()
        .values(
            actor=write.user.login, actor_name=write.user.name, unit=write.user.unit, action=write.action,
            target=write.target, details=dict(write.details), outcome=outcome, status=status,
            address=write.address, correlation_id=write.correlation_id,
        )
        .returning(audit_log.c.id)
    )  # fmt: skip
    return int(inserted.scalar_one())
