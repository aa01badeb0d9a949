"""Lists whose rows come from several selects: a page reads what it needs of each, and no more (GTW-01).

``PartedList``: the selects stand one after the other in the list's order, such as a table a day. A page begins where
the cursor says and goes on until it is full; counting stops at the cap. ``MergedList``: rows of all of them lie between
one another; a page takes as many of each as it could need.

One SELECT over a union would have to read and sort all rows before the first of them is known.
"""

from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import merge
from itertools import chain, islice
from typing import Any, TypeVar

from sqlalchemy import Row, Select

from kernel.chassis.lists.columns import Column
from kernel.chassis.lists.files import Part
from kernel.chassis.lists.paging import (
    KeyColumn,
    PageRows,
    Position,
    counting,
    finish,
    is_short,
    page_statement,
    read_cursor,
)
from kernel.chassis.lists.spec import FETCH, Asked, SelectList, is_page, marks, picked, stream
from kernel.contracts.method import Reply
from kernel.contracts.paging import COUNT_CAP, PageRequest

P = TypeVar("P", bound=PageRequest)
A = TypeVar("A", bound=Reply)
Rows = Iterable[Row[Any]]


@dataclass(frozen=True, kw_only=True)
class Source:
    """``counted``: the same rows in a smaller select."""

    rows: Select[Any]
    counted: Select[Any]


@dataclass(frozen=True, kw_only=True)
class Stretch(Source):
    """Rows whose first key lies from ``first`` up to ``last``."""

    first: Any
    last: Any

    def before(self, value: Any, *, falling: bool) -> bool:
        """Do all its rows come before those with ``value``?"""
        return bool(self.first > value) if falling else bool(self.last < value)


@dataclass(frozen=True, kw_only=True)
class _ManySelects(SelectList[P, A]):
    """``matching``: the sources; no row is in two of them."""

    matching: Callable[[Asked[P]], Any]

    @abstractmethod
    def _read(
        self, asked: Asked[P], sources: Sequence[Any], order: Sequence[KeyColumn], at: Position
    ) -> list[Row[Any]]:
        """A page's rows and one too many, in the order of reading."""

    @abstractmethod
    def _all(self, asked: Asked[P], order: Sequence[KeyColumn]) -> Rows: ...

    def total(self, asked: Asked[P]) -> int | None:
        total = self._totals(asked, self.matching(asked))[0]
        return total if total <= COUNT_CAP else None

    def lines(self, asked: Asked[P], columns: Sequence[Column]) -> Iterator[Part]:
        if is_page(asked.request):
            yield picked(self.items(asked, self._page(asked, self.matching(asked)).rows), columns)
            return
        rows = iter(self._all(asked, self.order(asked.request)))
        while part := list(islice(rows, FETCH)):
            yield picked(self.items(asked, part), columns)

    def _page(self, asked: Asked[P], matching: Any) -> PageRows:
        request, order = asked.request, self.order(asked.request)
        prints = marks(self, request, asked.by)
        at = read_cursor(request.cursor, order, prints)
        rows = self._read(asked, matching, order, at)
        if is_short(at, request.cursor, rows, request.size):
            at, rows = Position(), self._read(asked, matching, order, Position())
        return finish(rows, at, request.size, len(order), prints)

    def _totals(self, asked: Asked[P], matching: Any) -> tuple[int, dict[str, int]]:
        total = 0
        for source in matching:
            if total <= COUNT_CAP:
                total += int(asked.tx.execute(counting(source.counted, COUNT_CAP - total)).scalar_one())
        return total, {}


@dataclass(frozen=True, kw_only=True)
class PartedList(_ManySelects[P, A]):
    """``matching``: stretches in rising order of the first key, which begins every order of the list."""

    def _all(self, asked: Asked[P], order: Sequence[KeyColumn]) -> Rows:
        for stretch in _in_order(self.matching(asked), falling=order[0].descending):
            yield from _streamed(asked, stretch, order)

    def _read(
        self, asked: Asked[P], sources: Sequence[Any], order: Sequence[KeyColumn], at: Position
    ) -> list[Row[Any]]:
        falling, size = order[0].descending != at.backward, asked.request.size
        rows: list[Row[Any]] = []
        for stretch in _in_order(sources, falling=falling):
            begun = at.values is not None and stretch.first <= at.values[0] <= stretch.last
            if at.values is not None and stretch.before(at.values[0], falling=falling):
                continue
            begin, alike = at if begun else Position(at.direction), int(stretch.first == stretch.last)
            statement = page_statement(stretch.rows, order, begin, size - len(rows), alike=alike)
            rows += asked.tx.execute(statement).all()
            if len(rows) > size:
                break
        return rows


def _in_order(stretches: Sequence[Stretch], *, falling: bool) -> Sequence[Stretch]:
    return stretches[::-1] if falling else stretches


@dataclass(frozen=True, kw_only=True)
class MergedList(_ManySelects[P, A]):
    """Texts in the order have the collation C, which is Python's order too."""

    def _all(self, asked: Asked[P], order: Sequence[KeyColumn]) -> Rows:
        return _merged([_streamed(asked, source, order) for source in self.matching(asked)], order)

    def _read(
        self, asked: Asked[P], sources: Sequence[Any], order: Sequence[KeyColumn], at: Position
    ) -> list[Row[Any]]:
        size = asked.request.size
        found = [asked.tx.execute(page_statement(it.rows, order, at, size)).all() for it in sources]
        reading = [key.reversed() for key in order] if at.backward else order
        return list(islice(_merged(found, reading), size + 1))


def _streamed(asked: Asked[Any], source: Source, order: Sequence[KeyColumn]) -> Rows:
    """All rows of a source, each with the order's values at its end."""
    keyed = source.rows.add_columns(*[key.column.label(f"key_{index}") for index, key in enumerate(order)])
    return chain.from_iterable(stream(asked.tx, keyed.order_by(*[key.ordering for key in order])))


def _merged(found: Sequence[Rows], reading: Sequence[KeyColumn]) -> Iterator[Row[Any]]:
    """Null is the greatest value."""

    def place(row: Row[Any]) -> list[tuple[bool, Any]]:
        return [(value is None, 0 if value is None else value) for value in row[-len(reading) :]]

    return merge(*found, key=place, reverse=reading[0].descending)
