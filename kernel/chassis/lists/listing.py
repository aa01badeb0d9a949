"""Lists of records: newest first, paged by their number, counted; scope by unit."""

from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.paging import KeyColumn, PageRows, fingerprint, page
from kernel.contracts.paging import PageRequest
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from kernel.model.unit import prefix_end


def within(column: ColumnElement[str], unit: str) -> ColumnElement[bool]:
    """``unit`` and everything below it."""
    return (column >= unit) & (column < prefix_end(unit))


def listed(
    tx: Tx, query: Select[Any], request: PageRequest, number: ColumnElement[int], *, by: Actor
) -> tuple[PageRows, int]:
    """A page of ``query`` and how many rows match; ``sort`` may be absent (newest first) or id."""
    if request.sort not in (None, "id"):
        raise DomainError("sort_unknown", sort=request.sort, allowed="id")
    newest_first = request.sort is None or request.order == "desc"
    rows = page(
        tx,
        query,
        order=[KeyColumn(number, descending=newest_first)],
        cursor=request.cursor,
        size=request.size,
        fingerprint=fingerprint(request, by.unit),
    )
    total = tx.execute(select(func.count()).select_from(query.subquery())).scalar_one()
    return rows, int(total)
