"""库存组织 in four levels: terminal centre, sales units, dealers, shops. Each has a unit, which bounds who acts."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, select

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.columns import Column, number, unit_columns
from kernel.chassis.lists.conditions import equals, within
from kernel.chassis.lists.spec import Asked, SelectList
from kernel.contracts.imei.devices import (
    LIST_ORGANISATIONS,
    AddOrganisation,
    GetTransferTargets,
    ListOrganisations,
    Organisation,
    TransferTarget,
    TransferTargets,
)
from kernel.model.actor import Actor, person_behind
from kernel.model.errors import DomainError
from kernel.model.unit import Level, check_unit, is_within, prefix_end
from services.imei.tables import organisations

_O = organisations.c
_ABOVE = organisations.alias("above")
LOWEST = 4
_TARGETS = """
SELECT code, name FROM organisations
WHERE unit >= :unit AND unit < :end AND suspended_at IS NULL AND level > 1
  AND (CAST(:own AS text[]) IS NULL OR level IN (SELECT level FROM organisations WHERE code = ANY(:own)))
ORDER BY level, code LIMIT 1000
"""
_HOUSE = """
WITH RECURSIVE house (code) AS (
    SELECT organisation FROM clerks WHERE province = :province AND login = :login
    UNION
    SELECT organisations.code FROM organisations JOIN house ON organisations.parent = house.code
)
"""
_OWN = f"""
{_HOUSE} SELECT * FROM organisations
WHERE code = :code AND (NOT EXISTS (SELECT FROM house) OR code IN (SELECT code FROM house))
"""
_BESIDE = f"""
{_HOUSE}, place AS (
    SELECT unit, suspended_at FROM organisations
    WHERE code = :code AND (NOT EXISTS (SELECT FROM house) OR code IN (SELECT code FROM house))
)
SELECT place.unit AS place_unit, place.suspended_at AS place_suspended_at, asked.*
FROM place LEFT JOIN ({{asked}}) AS asked ON true
"""


def _whose(by: Actor) -> dict[str, str]:
    return {"province": by.unit[: Level.PROVINCE], "login": person_behind(by.id)}


def house(tx: Tx, by: Actor) -> frozenset[str] | None:
    """The organisation in which the person works, with those below it; None: he works for his whole unit."""
    found = tx.execute(f"{_HOUSE} SELECT code FROM house", _whose(by)).scalars().all()
    return frozenset(found) or None


def of_house(column: ColumnElement[Any], asked: Asked[Any]) -> list[ColumnElement[bool]]:
    """Condition of a list: only rows of the organisations in which the caller works, if he is bound to one."""
    own = house(asked.tx, asked.by)
    return [] if own is None else [column.in_(sorted(own))]


def in_house(tx: Tx, code: str | None, by: Actor) -> bool:
    """Whether what lies in this organisation is the person's to see."""
    own = house(tx, by)
    return own is None or code in own


def find(tx: Tx, code: str) -> Any:
    """The organisation's row. Raises organisation_not_found."""
    row = tx.execute(select(organisations).where(_O.code == code)).one_or_none()
    if row is None:
        raise DomainError("organisation_not_found", value=code)
    return row


def own(tx: Tx, code: str, by: Actor) -> Any:
    """An organisation of the actor's subtree, in which he may work; any other is not found."""
    row = tx.execute(_OWN, {"code": code, **_whose(by)}).one_or_none()
    if row is None or not is_within(row.unit, by.unit):
        raise DomainError("organisation_not_found", value=code)
    return row


def active(tx: Tx, code: str, by: Actor) -> Any:
    """One's own, for acts that goods or money follow. Raises organisation_suspended besides."""
    return _not_suspended(own(tx, code, by))


def active_beside(tx: Tx, code: str, by: Actor, asked: str, params: Mapping[str, Any]) -> Sequence[Any]:
    """As ``active``, and the rows of the SQL ``asked``, in one statement; one row of nulls where it has none."""
    rows = tx.execute(_BESIDE.format(asked=asked), {**params, "code": code, **_whose(by)}).all()
    if not rows or not is_within(rows[0].place_unit, by.unit):
        raise DomainError("organisation_not_found", value=code)
    if rows[0].place_suspended_at is not None:
        raise DomainError("organisation_suspended", value=code)
    return rows


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


def targets(tx: Tx, request: GetTransferTargets, *, by: Actor) -> TransferTargets:
    """Who works in one organisation has only devices of it and below: those may go to its level and the ones below."""
    own = house(tx, by)
    province = by.unit[: Level.PROVINCE]
    rows = tx.execute(_TARGETS, {"unit": province, "end": prefix_end(province), "own": own and sorted(own)})
    return TransferTargets(items=[TransferTarget(code=row.code, name=row.name) for row in rows])


def add(tx: Tx, request: AddOrganisation, *, by: Actor, now: datetime) -> Organisation:
    """One level below its parent. Raises organisation_not_found, organisation_too_low, organisation_exists."""
    check_unit(request.unit)
    above = None if request.parent is None else of_province(tx, request.parent, by)
    level = 1 if above is None else above.level + 1
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
    return Organisation(**values, parent_name=above.name if above else None)


def _matching(asked: Asked[ListOrganisations]) -> Select[Any]:
    same = equals(asked.request, {"level": _O.level, "parent": _O.parent})
    query = select(organisations, _ABOVE.c.name.label("parent_name")).outerjoin(_ABOVE, _ABOVE.c.code == _O.parent)
    return query.where(within(_O.unit, asked.by.unit), *of_house(_O.code, asked), *same)


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
        Column("parent", "上级组织编码", kind="code"),
        Column("parent_name", "上级组织"),
        *unit_columns("unit", "单位"),
    ),
)
