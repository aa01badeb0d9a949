"""People: who may log in, where he belongs, what he may do. Nobody grants or touches more than he holds himself."""

from typing import Any
from uuid import UUID, uuid4

from pydantic import ConfigDict, Field, field_validator
from sqlalchemy import Select, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway import passwords
from gateway.api_keys import end_keys_of
from gateway.identity import User
from gateway.paging import plain
from gateway.roles import FOR_OUTSIDERS, ROLES, permissions_of
from gateway.sessions import revoke_sessions_of
from gateway.tables import people
from gateway.units import require_unit
from kernel.contracts.paging import PageRequest
from kernel.contracts.plain import Plain
from kernel.model.errors import DomainError

LOGIN = r"^[a-z0-9][a-z0-9._-]{1,49}$"

_COLUMNS = (
    people.c.id, people.c.login, people.c.name, people.c.unit, people.c.roles, people.c.phone, people.c.active,
    people.c.version, people.c.created_at, people.c.last_login_at,
)  # fmt: skip


class _Body(Plain):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class NewPerson(_Body):
    """``login`` in lower case; ``password`` at least 10 characters."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "login": "zhang.min",
                    "name": "张敏",
                    "unit": "990101",
                    "roles": ["county_clerk"],
                    "phone": "13800000000",
                    "password": "ten characters or more",
                }
            ]
        }
    )
    login: str = Field(pattern=LOGIN)
    name: str = Field(min_length=1, max_length=50)
    unit: str
    roles: list[str] = Field(min_length=1, max_length=10)
    phone: str | None = Field(default=None, max_length=30)
    password: str = Field(min_length=passwords.MIN_LENGTH, max_length=passwords.MAX_LENGTH)

    @field_validator("login", mode="before")
    @classmethod
    def _lower(cls, value: Any) -> Any:
        return value.strip().lower() if isinstance(value, str) else value


class PersonChange(_Body):
    """Only the fields that are sent change. A new password or ``active: false`` ends the person's logins at once.

    ``active: false`` also ends the API keys he answers for; those that must live are given to somebody else before.
    """

    name: str | None = Field(default=None, min_length=1, max_length=50)
    unit: str | None = None
    roles: list[str] | None = Field(default=None, min_length=1, max_length=10)
    phone: str | None = Field(default=None, max_length=30)
    password: str | None = Field(default=None, min_length=passwords.MIN_LENGTH, max_length=passwords.MAX_LENGTH)
    active: bool | None = None


class PeopleQuery(PageRequest):
    """``unit``: its subtree; ``name`` and ``login``: any part."""

    unit: str | None = None
    name: str | None = None
    login: str | None = None
    active: bool | None = None


def listing(by: User, asked: PeopleQuery) -> "Select[Any]":
    """The people of ``by``'s subtree that match."""
    query = select(*_COLUMNS).where(people.c.removed_at.is_(None), people.c.unit.startswith(by.unit))
    if asked.unit is not None:
        query = query.where(people.c.unit.startswith(asked.unit))
    if asked.name:
        query = query.where(people.c.name.contains(asked.name, autoescape=True))
    if asked.login:
        query = query.where(people.c.login.contains(asked.login.lower(), autoescape=True))
    if asked.active is not None:
        query = query.where(people.c.active == asked.active)
    return query


def view(person: dict[str, Any], by: User) -> dict[str, Any]:
    """Adds ``can``: what ``by`` may do with the person."""
    mine = person["login"] == by.login
    person["can"] = [] if mine else ["disable" if person["active"] else "enable", "remove"]
    return person


async def get(connection: AsyncConnection, by: User, person_id: UUID) -> dict[str, Any]:
    """DomainError person_not_found when there is none in ``by``'s subtree."""
    query = select(*_COLUMNS).where(
        people.c.id == person_id, people.c.removed_at.is_(None), people.c.unit.startswith(by.unit)
    )
    row = (await connection.execute(query)).mappings().one_or_none()
    if row is None:
        raise DomainError("person_not_found", login=str(person_id))
    return view(plain(row), by)


async def create(connection: AsyncConnection, by: User, person: NewPerson, password_hash: str) -> dict[str, Any]:
    """Raises login_taken, unit_out_of_scope, unit_unknown, role_unknown or role_not_grantable."""
    by.require_within(person.unit)
    check_roles(by, person.roles, person.unit)
    await require_unit(connection, person.unit, "unit")
    values = person.model_dump(exclude={"password"}) | {"id": uuid4(), "password_hash": password_hash}
    try:
        row = await connection.execute(insert(people).values(**values).returning(*_COLUMNS))
    except IntegrityError as error:
        raise DomainError("login_taken", login=person.login) from error
    return view(plain(row.mappings().one()), by)


async def change(
    connection: AsyncConnection,
    by: User,
    person_id: UUID,
    change: PersonChange,
    *,
    version: int,
    password_hash: str | None,
) -> dict[str, Any]:
    """Raises version_stale when somebody edited the person since ``version``."""
    before = await _touchable(connection, by, person_id)
    values = change.model_dump(exclude_unset=True, exclude={"password"})
    values = {name: value for name, value in values.items() if value is not None or name == "phone"}
    if "unit" in values:
        by.require_within(values["unit"])
        await require_unit(connection, values["unit"], "unit")
    if "roles" in values or "unit" in values:
        check_roles(by, values.get("roles", before["roles"]), values.get("unit", before["unit"]))
    if values.get("active") is False and before["login"] == by.login:
        raise DomainError("own_account")
    if password_hash is not None:
        values["password_hash"] = password_hash
    ended = password_hash is not None or values.get("active") is False
    if ended:
        values["token_version"] = people.c.token_version + 1
    changed = await connection.execute(
        update(people)
        .where(people.c.id == person_id, people.c.version == version)
        .values(**values, version=people.c.version + 1)
        .returning(*_COLUMNS)
    )
    row = changed.mappings().one_or_none()
    if row is None:
        raise DomainError("version_stale")
    if ended:
        await revoke_sessions_of(connection, person_id, "password changed or account disabled")
    if values.get("active") is False:
        await end_keys_of(connection, before["login"])
    return view(plain(row), by)


async def remove(connection: AsyncConnection, by: User, person_id: UUID, version: int) -> None:
    """The row stays for the audit log; the login may be given out again."""
    person = await _touchable(connection, by, person_id)
    if person["login"] == by.login:
        raise DomainError("own_account")
    removed = await connection.execute(
        update(people)
        .where(people.c.id == person_id, people.c.version == version)
        .values(removed_at=func.now(), active=False, token_version=people.c.token_version + 1)
    )
    if removed.rowcount == 0:
        raise DomainError("version_stale")
    await revoke_sessions_of(connection, person_id, "account removed")
    await end_keys_of(connection, person["login"])


async def set_own_password(connection: AsyncConnection, by: User, password_hash: str, *, token_version: int) -> None:
    """Ends all of the person's logins, this one too.

    ``token_version``: as it was when the present password was looked at. Raises session_ended when somebody has set
    another one since, or disabled the person: whoever knows the former password does not take the account back.
    """
    changed = await connection.execute(
        update(people)
        .where(people.c.login == by.login, people.c.removed_at.is_(None), people.c.token_version == token_version)
        .values(password_hash=password_hash, token_version=people.c.token_version + 1, version=people.c.version + 1)
        .returning(people.c.id)
    )
    person_id = changed.scalar_one_or_none()
    if person_id is None:
        raise DomainError("session_ended")
    await revoke_sessions_of(connection, person_id, "password changed")


async def name_and_unit_of(connection: AsyncConnection, login: str) -> tuple[str, str]:
    """Of whoever has the login; both empty when nobody has."""
    query = select(people.c.name, people.c.unit).where(people.c.login == login, people.c.removed_at.is_(None))
    row = (await connection.execute(query)).one_or_none()
    return (row.name, row.unit) if row else ("", "")


def check_roles(by: User, roles: list[str], unit: str) -> None:
    """Whoever grants a role must hold everything that it gives at ``unit``, but for what is for outsiders only."""
    for role in roles:
        if role not in ROLES:
            raise DomainError("role_unknown", role=role, allowed=", ".join(ROLES))
        if not _holds(by, [role], unit):
            raise DomainError("role_not_grantable", role=role)


def _holds(by: User, roles: list[str], unit: str) -> bool:
    return permissions_of(roles, unit) - FOR_OUTSIDERS <= by.permissions


async def _touchable(connection: AsyncConnection, by: User, person_id: UUID) -> dict[str, Any]:
    person = await get(connection, by, person_id)
    if not _holds(by, person["roles"], person["unit"]):
        raise DomainError("role_not_grantable", role=", ".join(person["roles"]))
    return person
