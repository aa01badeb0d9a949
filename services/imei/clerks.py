"""店员: who works in one organisation. ``organisations.house`` says what he may see and touch (GTW-02, IME-07)."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.columns import Column, unit_columns
from kernel.chassis.lists.conditions import equals, scope
from kernel.chassis.lists.spec import Asked, SelectList
from kernel.contracts.imei.clerks import LIST_CLERKS, RELEASE_CLERK, BindClerk, Clerk, ListClerks, ReleaseClerk
from kernel.model.actor import Actor, person_behind
from kernel.model.errors import DomainError
from services.imei import organisations
from services.imei.audit_tables import clerks

_C = clerks.c
_BIND = """
INSERT INTO clerks (province, login, organisation, unit, bound_at, bound_by_name)
VALUES (left(:unit, 2), :login, :organisation, :unit, :now, :by_name)
ON CONFLICT (province, login) DO UPDATE SET organisation = excluded.organisation, unit = excluded.unit,
    bound_at = excluded.bound_at, bound_by_name = excluded.bound_by_name
WHERE left(clerks.unit, length(:own)) = :own RETURNING *
"""


def bind(tx: Tx, request: BindClerk, *, by: Actor, now: datetime) -> Clerk:
    """Raises organisation_not_found, clerk_own, clerk_elsewhere."""
    place = organisations.own(tx, request.organisation, by)
    login = request.login.strip().lower()
    if login == person_behind(by.id):
        raise DomainError("clerk_own", field="login")
    values = {"organisation": place.code, "login": login, "unit": place.unit, "now": now, "by_name": by.name}
    row = tx.execute(_BIND, {**values, "own": by.unit}).one_or_none()
    if row is None:
        raise DomainError("clerk_elsewhere", field="login", value=request.login)
    return _view(row, by)


def release(tx: Tx, request: ReleaseClerk, *, by: Actor) -> Clerk:
    """Raises clerk_not_found, clerk_own."""
    if request.login == person_behind(by.id):
        raise DomainError("clerk_own", field="login")
    found = select(clerks).where(_C.login == request.login, scope(_C.unit, None, by))
    row = tx.execute(found.with_for_update()).one_or_none()
    if row is None:
        raise DomainError("clerk_not_found", value=request.login)
    known = {"province": row.province, "login": row.login}
    tx.execute("DELETE FROM clerks WHERE province = :province AND login = :login", known)
    return _view(row, by)


def _view(row: Any, by: Actor) -> Clerk:
    able = RELEASE_CLERK.allows(by.permissions) and row.login != person_behind(by.id)
    return Clerk.model_validate({**row._mapping, "can": ["release"] if able else []})


def _matching(asked: Asked[ListClerks]) -> Select[Any]:
    return select(clerks).where(
        scope(_C.unit, asked.request.unit, asked.by),
        *equals(asked.request, {"organisation": _C.organisation}),
        *organisations.of_house(_C.organisation, asked),
    )


CLERKS = SelectList(
    method=LIST_CLERKS,
    title="库存组织人员",
    resource="serial-clerks",
    matching=_matching,
    items=lambda asked, rows: [_view(row, asked.by) for row in rows],
    key=(_C.login, _C.province),
    sorts={"login": _C.login},
    columns=(
        Column("login", "登录名"),
        Column("organisation", "库存组织", kind="code"),
        *unit_columns("unit", "单位"),
        Column("bound_at", "指定时间"),
        Column("bound_by_name", "指定人"),
    ),
)
