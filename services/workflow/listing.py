"""What all lists of workflow have in common: sorting by name, keyset pages, counts, scope."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.listing import within
from kernel.chassis.lists.paging import KeyColumn, PageRows, fingerprint, page
from kernel.contracts.paging import PageRequest
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from kernel.model.unit import check_unit

Sorts = Mapping[str, ColumnElement[Any]]


def scope(column: ColumnElement[str], unit: str | None, by: Actor) -> ColumnElement[bool]:
    """The asked unit and everything below, or all of the actor's own. Raises unit_malformed, unit_out_of_scope."""
    if unit is None:
        return within(column, by.unit)
    by.require_within(check_unit(unit))
    return within(column, unit)


def contains(column: ColumnElement[Any], part: str | None) -> list[ColumnElement[bool]]:
    """Conditions for any part of a text; none when nothing is asked."""
    return [column.contains(part.replace("\x00", ""), autoescape=True)] if part else []


def begins(column: ColumnElement[Any], part: str | None) -> list[ColumnElement[bool]]:
    """Conditions for the whole or the beginning of a text."""
    return [column.startswith(part.replace("\x00", ""), autoescape=True)] if part else []


def equals(request: PageRequest, columns: Sorts) -> list[ColumnElement[bool]]:
    """Field of the request > column: equal where the field is given."""
    return [column == value for name, column in columns.items() if (value := getattr(request, name)) is not None]


def listed(
    tx: Tx,
    query: Select[Any],
    request: PageRequest,
    *,
    by: Actor,
    sorts: Sorts,
    key: ColumnElement[Any],
    descending: bool = False,
) -> PageRows:
    """A page of ``query``. The first of ``sorts`` is the default, then ``descending`` decides. Raises sort_unknown."""
    default = next(iter(sorts))
    if request.sort is not None and request.sort not in sorts:
        raise DomainError("sort_unknown", sort=request.sort, allowed=", ".join(sorts))
    down = descending if request.sort is None and request.order == "asc" else request.order == "desc"
    column = sorts[request.sort or default]
    order = [KeyColumn(key, descending=down)]
    if column is not key:
        order.insert(0, KeyColumn(column, descending=down))
    return page(
        tx,
        query,
        order=order,
        cursor=request.cursor,
        size=request.size,
        fingerprint=fingerprint(request, by.id, by.unit),
    )


def totals(tx: Tx, query: Select[Any], *sums: str) -> tuple[int, ...]:
    """How many rows match, and the sums of these columns over all of them."""
    found = query.subquery()
    added = [func.coalesce(func.sum(found.c[name]), 0) for name in sums]
    return tuple(int(value) for value in tx.execute(select(func.count(), *added).select_from(found)).one())
