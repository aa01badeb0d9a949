"""Keyset paging over the gateway's own tables, in the shape that every list of the API has."""

import base64
import binascii
from typing import Any

import orjson
from sqlalchemy import ColumnElement, RowMapping, Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel.contracts.paging import COUNT_CAP, PageRequest
from kernel.model.errors import DomainError

LAST = "last"
"""As a cursor: the last page, as in the services' lists."""


async def page(
    connection: AsyncConnection,
    query: "Select[Any]",
    key: "ColumnElement[Any]",
    asked: PageRequest,
    *,
    descending: bool,
) -> dict[str, Any]:
    """One page of ``query`` in the order of the unique column ``key``; items are plain dicts.

    A cursor is the key of the last (``after``) or first (``before``) row of the page it came from, or LAST.
    """
    backwards, position = _read(asked.cursor, key.type.python_type)
    falling = descending != backwards
    ordered = query.order_by(key.desc() if falling else key.asc()).limit(asked.size + 1)
    if position is not None:
        ordered = ordered.where(key < position if falling else key > position)
    rows = list((await connection.execute(ordered)).mappings())
    more = len(rows) > asked.size
    rows = rows[: asked.size]
    if backwards:
        rows.reverse()
    capped = query.with_only_columns(key).limit(COUNT_CAP + 1).order_by(None).subquery()
    total = (await connection.execute(select(func.count()).select_from(capped))).scalar_one()
    has_next, has_previous = (position is not None, more) if backwards else (more, position is not None)
    name = key.key or ""
    return {
        "items": [plain(row) for row in rows],
        "total": min(total, COUNT_CAP),
        "total_is": "exact" if total <= COUNT_CAP else "at_least",
        "next_cursor": _write("after", rows[-1][name]) if rows and has_next else None,
        "previous_cursor": _write("before", rows[0][name]) if rows and has_previous else None,
    }


def plain(row: "RowMapping") -> dict[str, Any]:
    """A row as a dict that JSON can take: SQLAlchemy's labels are a subclass of str, which orjson refuses as keys."""
    return {str(name): value for name, value in row.items()}


def _write(direction: str, position: Any) -> str:
    return base64.urlsafe_b64encode(orjson.dumps([direction, position])).decode().rstrip("=")


def _unstorable(position: Any) -> bool:
    return "\x00" in position if isinstance(position, str) else not -(2**63) <= position < 2**63


def _read(cursor: str | None, kind: type) -> tuple[bool, Any]:
    """``kind``: of the key. Raises cursor_invalid for what no answer has ever held."""
    if not cursor:
        return False, None
    if cursor == LAST:
        return True, None
    try:
        direction, position = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, TypeError) as error:
        raise DomainError("cursor_invalid") from error
    if direction not in ("after", "before") or type(position) is not kind or _unstorable(position):
        raise DomainError("cursor_invalid")
    return direction == "before", position
