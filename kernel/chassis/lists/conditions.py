"""The conditions that most lists have; each is a list of SQL conditions, empty when nothing is asked."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, not_

from kernel.contracts.paging import PageRequest
from kernel.model.actor import Actor
from kernel.model.period import days
from kernel.model.unit import check_unit, prefix_end

Condition = ColumnElement[bool]


def within(column: ColumnElement[Any], unit: str) -> Condition:
    """``unit`` and everything below it."""
    return (column >= unit) & (column < prefix_end(unit))


def scope(column: ColumnElement[Any], unit: str | None, by: Actor) -> Condition:
    """The asked unit and everything below, or all of the actor's own. Raises unit_malformed, unit_out_of_scope."""
    if unit is None:
        return within(column, by.unit)
    by.require_within(check_unit(unit))
    return within(column, unit)


def contains(column: ColumnElement[Any], part: str | None) -> list[Condition]:
    """Any part of a text."""
    return [column.contains(part.replace("\x00", ""), autoescape=True)] if part else []


def begins(column: ColumnElement[Any], part: str | None) -> list[Condition]:
    """The whole or the beginning of a text."""
    return [column.startswith(part.replace("\x00", ""), autoescape=True)] if part else []


def equals(request: PageRequest, columns: Mapping[str, ColumnElement[Any]]) -> list[Condition]:
    """Field of the request > column: equal where the field is given."""
    return [column == value for name, column in columns.items() if (value := getattr(request, name)) is not None]


def whether(condition: Condition, wanted: bool | None) -> list[Condition]:
    """That the condition holds, or that it does not."""
    return [] if wanted is None else [condition if wanted else not_(condition)]


def between(column: ColumnElement[Any], least: Any, most: Any) -> list[Condition]:
    """From ``least`` up to ``most``, both included; None: no end."""
    found: list[Condition] = [] if least is None else [column >= least]
    return found if most is None else [*found, column <= most]


def on_days(column: ColumnElement[Any], first: date | None, last: date | None) -> list[Condition]:
    """A moment on these business days, both included."""
    period = days(first, last)
    found: list[Condition] = []
    if period.start is not None:
        found.append(column >= period.start)
    if period.end is not None:
        found.append(column < period.end)
    return found
