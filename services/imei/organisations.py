"""库存组织 in four levels: terminal centre, sales units, dealers, shops. Each has a unit, which bounds who acts."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.columns import Column, number, unit_columns
from kernel.chassis.lists.conditions import equals, within
from kernel.chassis.lists.spec import Asked, SelectList
from kernel.contracts.imei.devices import LIST_ORGANISATIONS, AddOrganisation, ListOrganisations, Organisation
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from kernel.model.unit import Level, check_unit, is_within
from services.imei.tables import organisations

_O = organisations.c
LOWEST = 4


def find(tx: Tx, code: str) -> Any:
    """The organisation's row. Raises organisation_not_found."""
    row = tx.execute(select(organisations).where(_O.code == code)).one_or_none()
    if row is None:
        raise DomainError("organisation_not_found", value=code)
    return row


def own(tx: Tx, code: str, by: Actor) -> Any:
    """An organisation of the actor's subtree; any other is not found."""
    row = find(tx, code)
    if not is_within(row.unit, by.unit):
        raise DomainError("organisation_not_found", value=code)
    return row


def active(tx: Tx, code: str, by: Actor) -> Any:
    """One's own, for acts that goods or money follow. Raises organisation_suspended besides."""
    return _not_suspended(own(tx, code, by))


def _not_suspended(row: Any) -> Any:
    if row.suspended_at is not None:
        raise DomainError("organisation_suspended", value=row.code)
    return row


def of_province(tx: Tx, code: str, by: Actor) -> Any:
    """An active organisation of the actor's province; any other is not found. Raises organisation_suspended."""
    row = find(tx, code)
    if not is_within(row.unit, by.unit[: Level.PROVINCE]):
        raise DomainError("organisation_not_found", value=code)
    return _not_suspended(row)


def add(tx: Tx, request: AddOrganisation, *, by: Actor, now: datetime) -> Organisation:
    """One level below its parent. Raises organisation_not_found, organisation_too_low, organisation_exists."""
    check_unit(request.unit)
    level = 1
    if request.parent is not None:
        level = of_province(tx, request.parent, by).level + 1
    if level > LOWEST:
        raise DomainError("organisation_too_low")
    values = {**request.model_dump(), "level": level}
    added = tx.execute(
        "INSERT INTO organisations (code, name, level, parent, unit) VALUES (:code, :name, :level, :parent, :unit)"
        " ON CONFLICT DO NOTHING",
        values,
    )
    if not added.rowcount:
        raise DomainError("organisation_exists", value=request.code)
    return Organisation(**values)


def _matching(asked: Asked[ListOrganisations]) -> Select[Any]:
    same = equals(asked.request, {"level": _O.level, "parent": _O.parent})
    return select(organisations).where(within(_O.unit, asked.by.unit), *same)


ORGANISATIONS = SelectList(
    method=LIST_ORGANISATIONS,
    title="库存组织",
    resource="serial-organisations",
    matching=_matching,
    items=lambda _, rows: [Organisation(**row._mapping) for row in rows],
    key=_O.code,
    sorts={"code": _O.code},
    columns=(
        Column("code", "组织编码", kind="code"),
        Column("name", "组织名称"),
        number("level", "级别"),
        Column("parent", "上级组织", kind="code"),
        *unit_columns("unit", "单位"),
    ),
)
