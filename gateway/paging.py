"""The gateway's own lists: the one keyset pager (``kernel.chassis.lists.paging``) on asynchronous connections."""

from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Select
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel.chassis.lists.paging import (
    KeyColumn,
    Position,
    counting,
    fingerprint,
    finish,
    is_short,
    page_statement,
    read_cursor,
)
from kernel.contracts.paging import COUNT_CAP, PageRequest


async def page(
    connection: AsyncConnection,
    query: "Select[Any]",
    key: "ColumnElement[Any]",
    asked: PageRequest,
    *,
    descending: bool,
) -> dict[str, Any]:
    """One page of ``query`` in the order of the unique column ``key``; items are plain dicts."""
    order = [KeyColumn(key, descending=descending)]
    marks = fingerprint(asked, str(key))
    at = read_cursor(asked.cursor, order, marks)
    rows = list(await connection.execute(page_statement(query, order, at, asked.size)))
    if is_short(at, asked.cursor, rows, asked.size):
        at = Position()
        rows = list(await connection.execute(page_statement(query, order, at, asked.size)))
    found = finish(rows, at, asked.size, len(order), marks)
    total = (await connection.execute(counting(query))).scalar_one()
    return {
        "items": [_without_key(plain(row._mapping)) for row in found.rows],
        "total": min(total, COUNT_CAP),
        "total_is": "exact" if total <= COUNT_CAP else "at_least",
        "next_cursor": found.next_cursor,
        "previous_cursor": found.previous_cursor,
    }


def plain(row: "RowMapping") -> dict[str, Any]:
    """A row as a dict that JSON can take: SQLAlchemy's labels are a subclass of str, which orjson refuses as keys."""
    return {str(name): value for name, value in row.items()}


def _without_key(item: dict[str, Any]) -> dict[str, Any]:
    del item["key_0"]
    return item
