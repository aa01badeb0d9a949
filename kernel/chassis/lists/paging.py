"""Keyset paging (GTW-01): a page is found by the key of the row before it; the thousandth costs what the first costs.

A cursor is opaque and belongs to the filters and the order that it was made for; with others it is refused
(cursor_invalid). A row added or removed elsewhere neither repeats nor hides a row of the pages that follow.

Nulls come last in ascending and first in descending order, as in PostgreSQL's own indexes.
"""

import base64
import binascii
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

import orjson
from sqlalchemy import ColumnElement, Row, Select, and_, false, or_, tuple_

from kernel.chassis.data.unit_of_work import Tx
from kernel.contracts.paging import PageRequest
from kernel.model.errors import DomainError

LAST = "last"
"""As a request's cursor: the last page."""

Direction = Literal["n", "p"]
_MAX_CURSOR = 2000


@dataclass(frozen=True)
class KeyColumn:
    """One column of the order. The columns together must be unique; only ``nullable`` ones may be null."""

    column: ColumnElement[Any]
    descending: bool = False
    nullable: bool = False

    def reversed(self) -> "KeyColumn":
        return KeyColumn(self.column, not self.descending, self.nullable)

    @property
    def ordering(self) -> ColumnElement[Any]:
        return self.column.desc() if self.descending else self.column.asc()


@dataclass(frozen=True)
class PageRows:
    """``rows`` in the order asked for; a cursor is None when there is no such page."""

    rows: list[Row[Any]]
    next_cursor: str | None
    previous_cursor: str | None


@dataclass(frozen=True)
class Position:
    """Where a page begins: after the row with ``values`` (None: at the end) going forward or backward."""

    direction: Direction = "n"
    values: tuple[Any, ...] | None = None

    @property
    def backward(self) -> bool:
        return self.direction == "p"


def fingerprint(request: PageRequest, *more: str) -> str:
    """Stands for the filters and the order of ``request``: a cursor is good for no others. The size may change."""
    said = orjson.dumps([type(request).__name__, request.model_dump(mode="json", exclude={"cursor", "size"}), *more])
    return hashlib.sha256(said).hexdigest()[:16]


def read_cursor(cursor: str | None, order: Sequence[KeyColumn], fingerprint: str) -> Position:
    """Where ``cursor`` points. Raises DomainError cursor_invalid for one of another query or a made-up one."""
    if cursor is None:
        return Position()
    if cursor == LAST:
        return Position("p")
    try:
        if len(cursor) > _MAX_CURSOR:
            raise ValueError("too long")
        padded = cursor + "=" * (-len(cursor) % 4)
        marks, direction, values = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        if marks != fingerprint or direction not in ("n", "p") or len(values) != len(order):
            raise ValueError("of another query")
        return Position(direction, tuple(_value(key, value) for key, value in zip(order, values, strict=True)))
    except (ValueError, TypeError, binascii.Error) as error:
        raise DomainError("cursor_invalid") from error


def write_cursor(direction: Direction, values: Sequence[Any], fingerprint: str) -> str:
    """The cursor of the page after (``n``) or before (``p``) the row with these key values."""
    body = orjson.dumps([fingerprint, direction, list(values)])
    return base64.urlsafe_b64encode(body).rstrip(b"=").decode()


def _value(key: KeyColumn, value: Any) -> Any:
    if value is None:
        if not key.nullable:
            raise ValueError("null")
        return None
    kind = key.column.type.python_type
    if kind is datetime:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError("naive time")
        return moment
    if kind is date:
        return date.fromisoformat(value)
    if type(value) is not kind or (kind is str and "\x00" in value) or (kind is int and abs(value) >= 2**63):
        raise ValueError("other type")
    return value


def beyond(order: Sequence[KeyColumn], values: Sequence[Any]) -> ColumnElement[bool]:
    """Rows that come after the row with ``values`` in ``order``."""
    condition: ColumnElement[bool]
    alike = len({key.descending for key in order}) == 1
    if alike and not any(key.nullable for key in order):
        # A row comparison is one range condition on an index that has these columns.
        here = tuple_(*[key.column for key in order])
        there = tuple_(*values)
        condition = here < there if order[0].descending else here > there
        return condition
    steps = []
    for index, key in enumerate(order):
        same = [
            earlier.column.is_(None) if value is None else earlier.column == value
            for earlier, value in zip(order[:index], values[:index], strict=True)
        ]
        steps.append(and_(*same, _past(key, values[index])))
    return or_(*steps)


def _past(key: KeyColumn, value: Any) -> ColumnElement[bool]:
    """Rows whose one key column comes strictly after ``value``; null counts as the greatest."""
    if value is None:
        return key.column.isnot(None) if key.descending else false()
    beyond_value: ColumnElement[bool] = key.column < value if key.descending else key.column > value
    return or_(beyond_value, key.column.is_(None)) if key.nullable and not key.descending else beyond_value


def turned(order: Sequence[KeyColumn], position: Position) -> list[KeyColumn]:
    """The order in which rows are read: reversed when going backward."""
    return [key.reversed() for key in order] if position.backward else list(order)


def page(
    tx: Tx, select: Select[Any], *, order: Sequence[KeyColumn], cursor: str | None, size: int, fingerprint: str
) -> PageRows:
    """The page of ``select`` (which has no order of its own) that ``cursor`` points at; see the module.

    Rows carry the select's columns, and the key's as ``key_0`` ... behind them. A backward page that reaches the
    beginning is filled up from there, so that the first page is full from both sides.
    """
    position = read_cursor(cursor, order, fingerprint)
    keyed = select.add_columns(*[key.column.label(f"key_{index}") for index, key in enumerate(order)])

    def read(at: Position) -> list[Row[Any]]:
        reading = turned(order, at)
        statement = keyed.order_by(*[key.ordering for key in reading]).limit(size + 1)
        if at.values is not None:
            statement = statement.where(beyond(reading, at.values))
        return list(tx.execute(statement).all())

    rows = read(position)
    if position.backward and cursor != LAST and len(rows) <= size:
        position, rows = Position(), read(Position())
    return finish(rows, position, size, len(order), fingerprint)


def finish(rows: list[Row[Any]], position: Position, size: int, keys: int, fingerprint: str) -> PageRows:
    """Cuts the row too many, which only tells that there is another page, and makes the cursors.

    ``rows``: up to size + 1, in the order of reading, each with its ``keys`` key values at its end.
    """
    more, shown = len(rows) > size, rows[:size]
    if position.backward:
        shown.reverse()
    if not shown:
        return PageRows([], None, LAST if position.values is not None else None)
    has_next = more if not position.backward else position.values is not None
    has_previous = more if position.backward else position.values is not None
    return PageRows(
        shown,
        write_cursor("n", shown[-1][-keys:], fingerprint) if has_next else None,
        write_cursor("p", shown[0][-keys:], fingerprint) if has_previous else None,
    )
