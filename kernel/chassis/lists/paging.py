"""Keyset paging (GTW-01): a page is found by the key of the row before it; the thousandth costs what the first costs.

A cursor is opaque and belongs to the filters and the order that it was made for; with others it is refused
(cursor_invalid). A row added or removed elsewhere neither repeats nor hides a row of the pages that follow.

Nulls come last in ascending and first in descending order, as in PostgreSQL's own indexes. Key columns may be texts,
numbers (Decimal too), days, moments and UUIDs.

``page`` reads a page in a transaction. Whoever has another kind of connection takes the parts: ``read_cursor``,
``page_statement``, ``finish``.
"""

import base64
import binascii
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Literal
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, Row, Select, and_, false, func, literal, or_, select, tuple_

from kernel.chassis.data.unit_of_work import Tx
from kernel.contracts.paging import COUNT_CAP, PageRequest
from kernel.model.errors import DomainError

LAST = "last"
"""As a request's cursor: the last page."""

Direction = Literal["n", "p"]
_MAX_CURSOR = 4000
_MOST_DIGITS = 1000


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

    def is_only(self, cursor: str | None) -> bool:
        """Are these all rows there are? ``cursor``: where the page was asked to begin."""
        return cursor is None and self.next_cursor is None


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
    direction, values = unpack(cursor, fingerprint)
    try:
        if len(values) != len(order):
            raise ValueError("of another order")
        return Position(direction, tuple(_value(key, value) for key, value in zip(order, values, strict=True)))
    except (ValueError, TypeError, InvalidOperation) as error:
        raise DomainError("cursor_invalid") from error


def write_cursor(direction: Direction, values: Sequence[Any], fingerprint: str) -> str:
    """The cursor of the page after (``n``) or before (``p``) the row with these key values."""
    return pack(direction, values, fingerprint)


def pack(direction: Direction, values: Sequence[Any], fingerprint: str) -> str:
    """The one form that every cursor has: what it belongs to, the direction, and where it stands."""
    body = orjson.dumps([fingerprint, direction, list(values)], default=str)
    return base64.urlsafe_b64encode(body).rstrip(b"=").decode()


def unpack(cursor: str, fingerprint: str) -> tuple[Direction, list[Any]]:
    """What ``pack`` was given. Raises DomainError cursor_invalid for a cursor of something else or a made-up one."""
    try:
        if len(cursor) > _MAX_CURSOR:
            raise ValueError("too long")
        padded = cursor + "=" * (-len(cursor) % 4)
        marks, direction, values = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        if marks != fingerprint or direction not in ("n", "p") or not isinstance(values, list):
            raise ValueError("of another query")
    except (ValueError, TypeError, binascii.Error) as error:
        raise DomainError("cursor_invalid") from error
    return direction, values


def _value(key: KeyColumn, value: Any) -> Any:
    if value is None:
        if not key.nullable:
            raise ValueError("null")
        return None
    kind = key.column.type.python_type
    if kind in _FROM_TEXT:
        if not isinstance(value, str):
            raise ValueError("no text")
        return _FROM_TEXT[kind](value)
    if type(value) is not kind or (kind is str and "\x00" in value) or (kind is int and abs(value) >= 2**63):
        raise ValueError("other type")
    return value


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("naive time")
    return moment


def _decimal(text: str) -> Decimal:
    number = Decimal(text)
    if not number.is_finite() or abs(number.adjusted()) > _MOST_DIGITS:
        raise ValueError("no number of a column")
    return number


_FROM_TEXT = {datetime: _moment, date: date.fromisoformat, Decimal: _decimal, UUID: UUID}


def beyond(order: Sequence[KeyColumn], values: Sequence[Any]) -> ColumnElement[bool]:
    """Rows that come after the row with ``values`` in ``order``."""
    condition: ColumnElement[bool]
    alike = len({key.descending for key in order}) == 1
    if alike and not any(key.nullable for key in order):
        # A row comparison is one range condition on an index that has these columns.
        here = tuple_(*[key.column for key in order])
        there = tuple_(*[literal(value, key.column.type) for key, value in zip(order, values, strict=True)])
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

    def read(at: Position) -> list[Row[Any]]:
        return list(tx.execute(page_statement(select, order, at, size)).all())

    rows = read(position)
    if is_short(position, cursor, rows, size):
        position, rows = Position(), read(Position())
    return finish(rows, position, size, len(order), fingerprint)


def page_statement(
    select: Select[Any], order: Sequence[KeyColumn], at: Position, size: int, *, alike: int = 0
) -> Select[Any]:
    """What reads a page: one row too many, in the order of reading, the key's values at the end of each row.

    ``alike``: so many columns at the beginning of the order have one value in all rows, that of ``at``.
    """
    reading = turned(order, at)[alike:]
    keyed = select.add_columns(*[key.column.label(f"key_{index}") for index, key in enumerate(order)])
    statement = keyed.order_by(*[key.ordering for key in reading]).limit(size + 1)
    return statement if at.values is None else statement.where(beyond(reading, at.values[alike:]))


def is_short(at: Position, cursor: str | None, rows: Sequence[Any], size: int) -> bool:
    """True for a backward page that reached the beginning: it is read again from there, to be full."""
    return at.backward and cursor != LAST and len(rows) <= size


def counting(matching: Select[Any], cap: int = COUNT_CAP) -> Select[Any]:
    """Counts the rows of ``matching``, but never more than one beyond ``cap``."""
    few = matching.with_only_columns(literal(1).label("one"), maintain_column_froms=True).order_by(None)
    return select(func.count()).select_from(few.limit(cap + 1).subquery())


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
