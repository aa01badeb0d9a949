"""Whose rows a page shows, and of which days."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, or_

from kernel.chassis.lists.columns import Column, unit_columns
from kernel.chassis.lists.conditions import Condition, begins, within
from kernel.chassis.lists.spec import Asked
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from kernel.model.period import business_date
from kernel.model.unit import Level, check_unit, is_within, prefix_end

MOST_DAYS = 92
_SPACES = re.compile(r"\s+")
UNITS = unit_columns("unit", "供电单位")


def asked_unit(unit: str | None, by: Actor) -> str:
    """The unit that is asked for, else the actor's own. Raises unit_malformed, unit_out_of_scope."""
    if unit is None:
        return by.unit
    by.require_within(check_unit(unit))
    return unit


def visible(column: ColumnElement[Any], asked: Asked[Any]) -> Condition:
    """Rows of the asked unit and below; with ``unit_exact`` of the unit itself. The province has those of no unit."""
    unit = asked_unit(getattr(asked.request, "unit", None), asked.by)
    condition = column == unit if getattr(asked.request, "unit_exact", None) else within(column, unit)
    return or_(condition, column.is_(None)) if len(unit) == Level.PROVINCE else condition


def asset_no_begins(column: ColumnElement[Any], part: str | None) -> list[Condition]:
    """How an asset number begins, as people type it: any case, full width, with spaces."""
    return begins(column, _SPACES.sub("", unicodedata.normalize("NFKC", part)).upper()) if part else []


def sees(unit: str | None, by: Actor) -> bool:
    """The actor sees what belongs to ``unit``."""
    return is_within(unit, by.unit) if unit else len(by.unit) == Level.PROVINCE


def asked_days(request: Any, now: datetime) -> tuple[date, date]:
    """The asked days, each end today's where it is not said. Raises DomainError too_many_days."""
    today = business_date(now)
    if getattr(request, "nights", None) is not None:
        return today - timedelta(days=request.nights - 1), today
    last = request.day_to or max(today, request.day_from or today)
    first = request.day_from or min(today, last)
    if (last - first).days >= MOST_DAYS:
        raise DomainError("too_many_days", field="day_from", limit=MOST_DAYS)
    return first, last


def counting(unit: str, first: date, last: date) -> Mapping[str, Any]:
    """Parameters of a statement that counts per child of ``unit`` and day; see ``COUNTED``."""
    return {
        "first_unit": unit,
        "unit_end": prefix_end(unit),
        "no_unit": "" if len(unit) == Level.PROVINCE else unit,
        "child": len(unit) + 2,
        "first": first,
        "last": last,
    }


COUNTED = """
(unit >= :first_unit AND unit < :unit_end OR unit = :no_unit)
AND day BETWEEN CAST(:first AS date) AND CAST(:last AS date)
"""
COUNTED_UNIT = "CASE WHEN unit = '' THEN :first_unit ELSE left(unit, :child) END"


def _own_or_below(line: Any) -> str:
    return "本级" if line.exact else "含下级"


UNIT_COLUMNS = (*UNITS, Column("scope", "范围", made=_own_or_below, width=10))
