"""A list, declared once. The list method, its count, 导出当前, 导出全部 and the drill-down all come from it (GTW-01).

A service declares each of its lists where its topic stands, and names them all in ``services/<name>/exports.py``:

    def _matching(asked: Asked[ListForms]) -> Select:          # conditions and scope, said once
        return select(forms).where(scope(F.unit, asked.request.unit, asked.by), *begins(F.number, asked.request.number))

    FORMS = SelectList(
        method=LIST_FORMS,                                     # request, reply, permission
        title="申请单",
        resource="forms",                                      # the path of the list, and the name of its export
        matching=_matching,
        items=lambda asked, rows: [view(row, asked.by) for row in rows],
        key=F.id,                                              # unique; ends every order
        sorts={"drafted_on": F.drafted_on, "unit": F.unit},    # the first is the default
        newest_first=True,
        sums=("quantity",),
        columns=(Column("number", "申请单号"), *unit_columns("unit", "单位"), number("quantity", "数量", total=True)),
    )
    list_forms = FORMS.answer                                  # the act behind the method

    LISTS = (FORMS, ...)                                       # services/<name>/exports.py
    EXPORTS = exports_of(LISTS)

tests/integration/lists/test_every_list.py walks over all lists of all services: a list method without a declaration
fails there, and of every declared list the export must equal the list, whatever the conditions, the order and the page.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError
from sqlalchemy import ColumnElement, Executable, Row, Select, func, select

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.columns import Column, Words
from kernel.chassis.lists.files import Part
from kernel.chassis.lists.paging import KeyColumn, counting, fingerprint, page
from kernel.contracts.method import Method, Reply, Request
from kernel.contracts.paging import COUNT_CAP, PageRequest
from kernel.model.actor import Actor
from kernel.model.errors import DomainError

Q = TypeVar("Q", bound=Request)
P = TypeVar("P", bound=PageRequest)
A = TypeVar("A", bound=Reply)
FETCH = 2000
"""Rows of an export that are in memory at once."""


@dataclass(frozen=True)
class Asked(Generic[Q]):
    """One question to a list: who asks what, and when."""

    tx: Tx
    request: Q
    by: Actor
    now: datetime


@dataclass(frozen=True, kw_only=True)
class ListSpec(ABC, Generic[Q, A]):
    """What every list has. ``method``: whose request holds the conditions; ``title``: of the file and its job.

    ``resource``: under which name it is exported, with these ``columns``; a list without columns is not. ``words``:
    catalogue > what finds its words (code > name), for columns that name it.
    """

    method: Method[Q, A]
    title: str
    resource: str = ""
    columns: tuple[Column, ...] = ()
    words: Mapping[str, Callable[[Tx], Words]] = field(default_factory=dict)

    @abstractmethod
    def answer(self, tx: Tx, request: Q, *, by: Actor, now: datetime) -> A:
        """The reply of the list's method."""

    @abstractmethod
    def total(self, asked: Asked[Q]) -> int | None:
        """How many lines match; None when that is more than is worth counting."""

    @abstractmethod
    def lines(self, asked: Asked[Q], columns: Sequence[Column]) -> Iterator[Part]:
        """The lines in the list's order, some thousands at a time, each the values of ``columns``.

        Only the page that the request points at when it has a cursor or a size, else all that match.
        """

    @property
    def permission(self) -> str:
        """What the actor must hold, for the list and for its file."""
        return self.method.permission or ""

    @property
    def filters(self) -> type[BaseModel]:
        """The model of an export's conditions and order."""
        return self.method.request

    def choose(self, names: Sequence[str] | None) -> list[Column]:
        """The columns of these names in this order; the usual ones for None. Raises export_column_unknown."""
        if names is None:
            return [column for column in self.columns if column.usual]
        known = {column.name: column for column in self.columns}
        for name in names:
            if name not in known:
                raise DomainError("export_column_unknown", column=name)
        return [known[name] for name in names]

    def worded(self, columns: Iterable[Column], tx: Tx, units: Words) -> list[Column]:
        """``columns`` with the words of their catalogues in place."""
        found: dict[str, Words] = {"units": units}

        def look_up(catalogue: str) -> Words:
            if catalogue not in found:
                found[catalogue] = self.words[catalogue](tx)
            return found[catalogue]

        return [
            replace(column, words=look_up(column.words)) if isinstance(column.words, str) else column
            for column in columns
        ]

    def check(self, filters: Mapping[str, Any]) -> Any:
        """The filters as their model. Raises DomainError request_invalid."""
        try:
            return self.filters.model_validate(filters)
        except ValidationError as error:
            raise DomainError(
                "request_invalid",
                errors=[
                    {"field": ".".join(["filters", *map(str, item["loc"])]), "message": item["msg"]}
                    for item in error.errors(include_url=False, include_context=False, include_input=False)
                ],
            ) from error


def is_page(request: BaseModel) -> bool:
    """True when only the page shown is wanted (导出当前), not all that matches (导出全部)."""
    return bool(request.model_fields_set & {"cursor", "size"})


def exports_of(lists: Iterable[ListSpec[Any, Any]]) -> dict[str, ListSpec[Any, Any]]:
    """Resource > list, of those that have a file."""
    return {spec.resource: spec for spec in lists if spec.columns}


def picked(items: Iterable[Any], columns: Sequence[Column]) -> list[tuple[Any, ...]]:
    """The values of ``columns`` of each item."""
    takes = [column.value for column in columns]
    return [tuple([take(item) for take in takes]) for item in items]


def marks(spec: ListSpec[Any, Any], request: Any, by: Actor) -> str:
    """The fingerprint of this list's cursors: for these conditions and this order, asked by this actor."""
    return fingerprint(request, spec.method.name, by.id, by.unit)


Rows = Sequence[Row[Any]]
Sorts = Mapping[str, "ColumnElement[Any] | KeyColumn"]


@dataclass(frozen=True, kw_only=True)
class SelectList(ListSpec[P, A]):
    """A list that is one SELECT.

    ``matching``: all rows that match, without an order: the conditions of the request, and the scope of who asks.
    ``key``: a unique column, or columns that are unique together; it ends every order. ``sorts``: sort > column; the
    first is the default, and with ``newest_first`` it falls unless a sort is asked for. A column that may be null is
    a ``KeyColumn`` that says so.
    ``usual_sort``: the default for these conditions, where another than the first has an index for them.
    ``items``: rows as the reply shows them, and as the file's columns take them. ``sums``: columns that are added up
    over all that match. ``counted``: a smaller select with the same conditions, for counting and adding up.
    ``kept``: how many match, where the service keeps that number anyway; None: count them. It must be the list's own
    total. ``more``: further fields of the reply, from the sums by their names.
    """

    matching: Callable[[Asked[P]], Select[Any]]
    key: "ColumnElement[Any] | KeyColumn | tuple[ColumnElement[Any], ...]"
    items: Callable[[Asked[P], Rows], Iterable[Any]]
    sorts: Sorts = field(default_factory=dict)
    newest_first: bool = False
    usual_sort: Callable[[P], str | None] = lambda _: None
    sums: tuple[str, ...] = ()
    counted: Callable[[Asked[P]], Select[Any]] | None = None
    kept: Callable[[Asked[P]], int | None] = lambda _: None
    more: Callable[[Asked[P], Mapping[str, int]], Mapping[str, Any]] = lambda _, sums: sums

    def order(self, request: P) -> list[KeyColumn]:
        """The order that ``request`` asks for. Raises sort_unknown."""
        keys = self.key if isinstance(self.key, tuple) else (self.key,)
        sorts = {"id": keys[0]} if not self.sorts else self.sorts
        if request.sort is not None and request.sort not in sorts:
            raise DomainError("sort_unknown", sort=request.sort, allowed=", ".join(sorts))
        falling = request.order == "desc" or (request.sort is None and self.newest_first)
        first = sorts[request.sort or self.usual_sort(request) or next(iter(sorts))]
        return [_key(column, falling) for column in (first, *(key for key in keys if key is not first))]

    def answer(self, tx: Tx, request: P, *, by: Actor, now: datetime) -> A:
        """A page and how many match. Raises sort_unknown, cursor_invalid, and what ``matching`` raises."""
        asked = Asked(tx, request, by, now)
        matching = self.matching(asked)
        found = self._page(asked, matching)
        only = found.is_only(request.cursor) and not self.sums  # the first page holds all: what is there to count?
        total, sums = (len(found.rows), {}) if only else self._totals(asked, matching)
        return self.method.reply(
            items=list(self.items(asked, found.rows)),
            total=min(total, COUNT_CAP) if not self.sums else total,
            total_is="exact" if self.sums or total <= COUNT_CAP else "at_least",
            next_cursor=found.next_cursor,
            previous_cursor=found.previous_cursor,
            **self.more(asked, sums),
        )

    def total(self, asked: Asked[P]) -> int | None:
        kept = self.kept(asked)
        total = int(asked.tx.execute(counting(self._small(asked))).scalar_one()) if kept is None else kept
        return total if total <= COUNT_CAP else None

    def lines(self, asked: Asked[P], columns: Sequence[Column]) -> Iterator[Part]:
        matching = self.matching(asked)
        if is_page(asked.request):
            yield picked(self.items(asked, self._page(asked, matching).rows), columns)
            return
        statement = matching.order_by(*[key.ordering for key in self.order(asked.request)])
        for rows in stream(asked.tx, statement):
            yield picked(self.items(asked, rows), columns)

    def _page(self, asked: Asked[P], matching: Select[Any]) -> Any:
        return page(
            asked.tx,
            matching,
            order=self.order(asked.request),
            cursor=asked.request.cursor,
            size=asked.request.size,
            fingerprint=marks(self, asked.request, asked.by),
        )

    def _small(self, asked: Asked[P]) -> Select[Any]:
        return self.matching(asked) if self.counted is None else self.counted(asked)

    def _totals(self, asked: Asked[P], matching: Select[Any]) -> tuple[int, dict[str, int]]:
        """How many rows match, up to the cap, and the sums over all of them."""
        small = matching if self.counted is None else self.counted(asked)
        if not self.sums:
            kept = self.kept(asked)
            return (int(asked.tx.execute(counting(small)).scalar_one()) if kept is None else kept), {}
        rows = small.order_by(None).subquery()
        added = [func.coalesce(func.sum(rows.c[name]), 0) for name in self.sums]
        sums: Sequence[int]
        total, *sums = asked.tx.execute(select(func.count(), *added).select_from(rows)).one()
        return int(total), dict(zip(self.sums, map(int, sums), strict=True))


def _key(column: ColumnElement[Any] | KeyColumn, falling: bool) -> KeyColumn:
    return replace(column, descending=falling) if isinstance(column, KeyColumn) else KeyColumn(column, falling)


@dataclass(frozen=True, kw_only=True)
class Statistic(ListSpec[Q, A]):
    """A statistic: few lines, answered whole, exported as they are. ``act`` answers a reply with ``items``."""

    act: Callable[..., A]

    def answer(self, tx: Tx, request: Q, *, by: Actor, now: datetime) -> A:
        return self.act(tx, request, by=by, now=now)

    def total(self, asked: Asked[Q]) -> int | None:
        return None

    def lines(self, asked: Asked[Q], columns: Sequence[Column]) -> Iterator[Part]:
        reply: Any = self.answer(asked.tx, asked.request, by=asked.by, now=asked.now)
        items = iter(reply.items)
        while part := list(islice(items, FETCH)):
            yield picked(part, columns)

    def check(self, filters: Mapping[str, Any]) -> Any:
        """A statistic has no pages; what lists send to name one means nothing here."""
        return super().check({name: value for name, value in filters.items() if name not in PageRequest.model_fields})


def stream(tx: Tx, statement: Executable, params: Mapping[str, Any] | None = None) -> Iterator[Sequence[Row[Any]]]:
    """The rows of a statement through a server-side cursor, some thousands at a time.

    The size is said to ``partitions`` too: without it SQLAlchemy fetches everything at once.
    """
    options = {"stream_results": True, "yield_per": FETCH}
    yield from tx.connection.execute(statement, params, execution_options=options).partitions(FETCH)
