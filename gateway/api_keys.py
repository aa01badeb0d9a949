"""API keys for systems: shown once when made, kept as a hash, told apart by their prefix (GTW-02)."""

from datetime import date, datetime
from typing import Any

from pydantic import ConfigDict, Field, field_validator
from sqlalchemy import Select, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.identity import User
from gateway.paging import plain
from gateway.roles import CARRIER, PERMISSIONS, permissions_of
from gateway.tables import api_keys, people
from gateway.tokens import new_api_key, sha256
from gateway.units import require_unit
from kernel.contracts.plain import Plain
from kernel.model.actor import people_behind
from kernel.model.errors import DomainError
from kernel.model.period import days
from kernel.model.unit import is_within

_COLUMNS = (
    api_keys.c.prefix, api_keys.c.name, api_keys.c.unit, api_keys.c.permissions, api_keys.c.carrier,
    api_keys.c.created_by, api_keys.c.owner, api_keys.c.created_at, api_keys.c.expires_at,
    api_keys.c.revoked_at, api_keys.c.last_used_at,
)  # fmt: skip


class NewApiKey(Plain):
    """A carrier's key holds ``delivery.push`` and its ``carrier``; it can report for no other."""

    model_config = ConfigDict(
        extra="forbid",
        str_strip_whitespace=True,
        json_schema_extra={
            "examples": [
                {"name": "中国移动推送", "unit": "99", "permissions": ["delivery.push"], "carrier": "china_mobile"}
            ]
        },
    )
    name: str = Field(min_length=1, max_length=100)
    unit: str
    permissions: list[str] = Field(min_length=1, max_length=50)
    carrier: str | None = Field(default=None, max_length=64)
    expires_at: datetime | None = None
    """A moment, or a day: then to its end, in business time."""

    @field_validator("expires_at", mode="before")
    @classmethod
    def _end_of_the_day(cls, said: Any) -> Any:
        try:
            return days(None, date.fromisoformat(said)).end
        except (TypeError, ValueError, OverflowError):  # the last day of the calendar has none after it
            return said


class NewOwner(Plain):
    """``login``: who answers for the key from now on."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)
    login: str = Field(min_length=1, max_length=50)


def listing(by: User) -> "Select[Any]":
    return select(*_COLUMNS).where(api_keys.c.unit.startswith(by.unit))


def view(key: dict[str, Any]) -> dict[str, Any]:
    """The row with ``can``."""
    return {**key, "can": [] if key["revoked_at"] else ["revoke", "pass_on"]}


async def create(connection: AsyncConnection, by: User, key: NewApiKey) -> dict[str, Any]:
    """The new key with its secret, which is never shown again. Its maker answers for it.

    Beyond his own permissions an administrator may grant only what no person holds: a carrier's.
    """
    by.require_within(key.unit)
    await require_unit(connection, key.unit, "unit")
    for permission in key.permissions:
        if permission not in PERMISSIONS:
            raise DomainError("permission_unknown", permission=permission)
        if permission not in by.permissions | CARRIER:
            raise DomainError("permission_denied", permission=permission)
    prefix, secret = new_api_key()
    values = key.model_dump() | {"prefix": prefix, "key_hash": sha256(secret)}
    owner, *formerly = people_behind(by.login)
    values |= {"created_by": by.login, "owner": owner, "former_owners": formerly}
    row = await connection.execute(insert(api_keys).values(**values).returning(*_COLUMNS))
    return view(plain(row.mappings().one())) | {"key": secret}


async def pass_on(connection: AsyncConnection, by: User, prefix: str, login: str) -> dict[str, Any]:
    """Another person answers for the key from now on. Raises api_key_not_found, person_not_found, api_key_owner_unfit.

    He belongs to ``by``'s subtree, and to a unit that contains the key's, and holds what the key holds. Whoever
    answered for it until now may have kept the key, so that he stands behind what it does as well.
    """
    mine = (api_keys.c.prefix == prefix) & api_keys.c.unit.startswith(by.unit) & api_keys.c.revoked_at.is_(None)
    key = (await connection.execute(select(api_keys).where(mine).with_for_update())).one_or_none()
    if key is None:
        raise DomainError("api_key_not_found", prefix=prefix)
    login = login.lower()
    query = select(people.c.unit, people.c.roles).where(
        people.c.login == login, people.c.active, people.c.removed_at.is_(None), people.c.unit.startswith(by.unit)
    )
    person = (await connection.execute(query)).one_or_none()
    if person is None:
        raise DomainError("person_not_found", login=login)
    held = permissions_of(person.roles, person.unit)
    if not is_within(key.unit, person.unit) or not set(key.permissions) <= held | CARRIER:
        raise DomainError("api_key_owner_unfit", login=login, prefix=prefix)
    formerly = list(dict.fromkeys(it for it in (*key.former_owners, key.owner) if it is not None))
    row = await connection.execute(
        update(api_keys).where(mine).values(owner=login, former_owners=formerly).returning(*_COLUMNS)
    )
    return view(plain(row.mappings().one()))


async def end_keys_of(connection: AsyncConnection, login: str) -> None:
    """Whoever answered for them is gone."""
    await connection.execute(
        update(api_keys).where(api_keys.c.owner == login, api_keys.c.revoked_at.is_(None)).values(revoked_at=func.now())
    )


async def revoke(connection: AsyncConnection, by: User, prefix: str) -> None:
    """Ends a key at once. DomainError api_key_not_found when there is none in ``by``'s subtree, or it has ended."""
    revoked = await connection.execute(
        update(api_keys)
        .where(api_keys.c.prefix == prefix, api_keys.c.unit.startswith(by.unit), api_keys.c.revoked_at.is_(None))
        .values(revoked_at=func.now())
    )
    if revoked.rowcount == 0:
        raise DomainError("api_key_not_found", prefix=prefix)
