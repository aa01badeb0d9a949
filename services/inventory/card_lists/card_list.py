"""查询, 领用 and every drill-down: lists of cards, and one card (INV-04, INV-05, GTW-01)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Row

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.columns import Column
from kernel.chassis.lists.files import Part
from kernel.chassis.lists.paging import LAST, KeyColumn, PageRows, Position, finish, read_cursor
from kernel.chassis.lists.spec import Asked, ListSpec, is_page, marks, picked
from kernel.contracts.inventory.cards import LIST_CARDS, CardPage, CardView, GetCard, ListCards
from kernel.contracts.paging import COUNT_CAP
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from kernel.model.iccid import normalise, spellings
from kernel.model.period import business_date
from kernel.model.unit import is_within
from services.inventory.card_lists import scan
from services.inventory.card_lists.card_file import CARD_COLUMNS, stream_cards
from services.inventory.card_lists.conditions import CardQuery, card_conditions, resolve, text_range
from services.inventory.card_lists.scan import COLUMNS, Order, array_literal
from services.inventory.card_lists.segments import Reading, by_number, places, segments
from services.inventory.catalogues import CATALOGUES
from services.inventory.lifecycle import CARD_LIFECYCLE, OFFERED, CardAction
from services.inventory.tables import STATES, cards

SORTS: dict[str, tuple[tuple[str, ...], bool]] = {
    "unit": (("owner_unit", "iccid"), False),
    "iccid": (("iccid",), False),
    "stocked_in_at": (("stocked_in_at", "iccid"), False),
    "state_since": (("state_since", "iccid"), False),
    "state_days": (("state_since", "iccid"), True),
}
"""Sort > key columns, and whether the sort runs against them: more days in a state, earlier since."""

@lru_cache(maxsize=512)
def can(state: str, permissions: frozenset[str]) -> tuple[str, ...]:
    """What a person with ``permissions`` can do with a card in ``state``."""
    offered = [OFFERED[CardAction(action)] for action in CARD_LIFECYCLE.actions_from(state) if action in OFFERED]
    return tuple(dict.fromkeys(word for word, method in offered if method.allows(permissions)))


@dataclass(frozen=True, kw_only=True)
class CardList(ListSpec[ListCards, CardPage]):
    """The list of cards. The conditions are those of ``conditions``; a page is found as ``segments`` tells."""

    def answer(self, tx: Tx, request: ListCards, *, by: Actor, now: datetime) -> CardPage:
        """A page of the cards that ``request`` asks for, with the total.

        The total is exact when the books know all conditions or the cards are few, else counted up to COUNT_CAP.
        Raises sort_unknown, cursor_invalid, unit_out_of_scope, month_malformed.
        """
        asked = Asked(tx, request, by, now)
        page, reading = self._page(asked)
        total, exact = (0, True) if reading is None else _total(tx, reading)
        return CardPage(
            items=_items(asked, page.rows),
            total=total,
            total_is="exact" if exact else "at_least",
            next_cursor=page.next_cursor,
            previous_cursor=page.previous_cursor,
        )

    def total(self, asked: Asked[ListCards]) -> int | None:
        reading = _reading(asked)
        total, exact = (0, True) if reading is None else _total(asked.tx, reading)
        return total if exact else None

    def lines(self, asked: Asked[ListCards], columns: Sequence[Column]) -> Iterator[Part]:
        if is_page(asked.request):
            yield picked(_items(asked, self._page(asked)[0].rows), columns)
            return
        yield from stream_cards(asked, columns, list_order(asked.request)[0])

    def _page(self, asked: Asked[ListCards]) -> tuple[PageRows, Reading | None]:
        """The page, and what was read; None when no card can match."""
        request, (_, keys) = asked.request, list_order(asked.request)
        own = marks(self, request, asked.by)
        position = read_cursor(request.cursor, keys, own)
        reading = _reading(asked)
        if reading is None:
            return PageRows([], None, None), None
        rows, position = _rows(asked.tx, reading, position, request)
        return finish(rows, position, request.size, len(keys), own), reading


def _reading(asked: Asked[ListCards]) -> Reading | None:
    """What is to be read; None when no card can match."""
    query = resolve(asked.tx, asked.request, by=asked.by, now=asked.now)
    if not query.stock.states:
        return None
    found, known = places(asked.tx, query)
    return Reading(query, found, known, list_order(asked.request)[0]) if known else None


def _items(asked: Asked[ListCards], rows: Sequence[Row[Any]]) -> list[CardView]:
    batches = _batch_numbers(asked.tx, {row.delivery_id for row in rows})
    today = business_date(asked.now)
    return [view(row, batches[row.delivery_id], asked.by, today) for row in rows]


def get_card(tx: Tx, request: GetCard, *, by: Actor, now: datetime) -> CardView:
    """One card of the actor's subtree. Raises card_not_found, also for a card elsewhere."""
    iccid = normalise(request.iccid)
    row = None
    if text_range(iccid)[0] == iccid:
        row = tx.execute(_ONE, {"iccid": iccid, "forms": array_literal(spellings(iccid))}).first()
    if row is None or not is_within(row.owner_unit, by.unit):
        raise DomainError("card_not_found", iccid=request.iccid)
    return view(row, row.batch_no, by, business_date(now))


_ONE = f"""
SELECT {COLUMNS}, (SELECT batch_no FROM deliveries WHERE id = cards.delivery_id) AS batch_no
FROM cards WHERE iccid = ANY(CAST(:forms AS text[])) ORDER BY iccid <> :iccid, iccid LIMIT 1
"""


def view(row: Row[Any], batch_no: str, by: Actor, today: date) -> CardView:
    """A card's row as the actor sees it today."""
    shown = row._mapping
    fields = {name: shown[name] for name in _TAKEN}
    return CardView(
        **fields,
        batch_no=batch_no,
        state_days=max(0, (today - business_date(row.state_since)).days),
        can=list(can(row.state, by.permissions)),
    )


_TAKEN = tuple(name for name in CardView.model_fields if name not in {"batch_no", "state_days", "can"})


def list_order(request: ListCards) -> tuple[Order, list[KeyColumn]]:
    """The order that ``request`` asks for. Raises sort_unknown."""
    sort = request.sort or "unit"
    if sort not in SORTS:
        raise DomainError("sort_unknown", sort=sort, allowed=", ".join(SORTS))
    columns, against = SORTS[sort]
    descending = (request.order == "desc") != against
    keys = [KeyColumn(cards.c[name], descending, nullable=name == "stocked_in_at") for name in columns]
    return Order(columns, descending), keys


def _rows(tx: Tx, reading: Reading, at: Position, request: ListCards) -> tuple[list[Row[Any]], Position]:
    """One row more than the page holds, in the order of reading, and where it was read from.

    A backward page that reaches the beginning is read again from there, so that the first page is full.
    """
    limit = request.size + 1
    rows = _read(tx, _turned(reading, at), limit)
    if at.backward and request.cursor != LAST and len(rows) < limit:
        at = Position()
        rows = _read(tx, _turned(reading, at), limit)
    return rows, at


def _turned(reading: Reading, at: Position) -> Reading:
    order = Order(reading.order.columns, reading.order.descending != at.backward)
    return replace(reading, order=order, after=at.values)


def _read(tx: Tx, reading: Reading, limit: int) -> list[Row[Any]]:
    query, order, after = reading.query, reading.order, reading.after
    if query.few or _numbers_are_few(tx, query):
        where, params = card_conditions(query)
        return scan.plain(tx, where, params, order=order, limit=limit, after=after)
    return scan.read(tx, query, segments(tx, reading), order=order, limit=limit, after=after)


def _numbers_are_few(tx: Tx, query: CardQuery) -> bool:
    """True when the MSISDN or IMSI alone leaves few enough cards to sort them."""
    if not query.numbered:
        return False
    return any(
        value is not None and _with_number(tx, column, value) <= COUNT_CAP
        for column, value in (("msisdn", query.msisdn), ("imsi", query.imsi))
    )


def _with_number(tx: Tx, column: str, prefix: str) -> int:
    first, end = text_range(prefix)
    few = f"SELECT count(*) FROM (SELECT 1 FROM cards WHERE {column} >= :first AND {column} < :end LIMIT :cap) AS few"
    return int(tx.execute(few, {"first": first, "end": end, "cap": COUNT_CAP + 1}).scalar_one())


def _total(tx: Tx, reading: Reading) -> tuple[int, bool]:
    """How many cards match, and whether that is exact."""
    query = reading.query
    if query.in_books:
        return reading.known.total(), True
    if (counted := _delivery_total(tx, query)) is not None:
        return counted, True
    if query.few or query.numbered or query.issued_to_unit is not None or query.delivery_id is not None:
        where, params = card_conditions(query)
        matching = f"SELECT count(*) FROM (SELECT 1 FROM cards WHERE {where} LIMIT :cap) AS matching"
        counted = int(tx.execute(matching, params | {"cap": COUNT_CAP + 1}).scalar_one())
    else:
        counted = scan.count(tx, query, by_number(tx, query, reading.found), COUNT_CAP + 1)
    return min(counted, COUNT_CAP), counted <= COUNT_CAP


def _delivery_total(tx: Tx, query: CardQuery) -> int | None:
    """What the delivery itself counts, when nothing but it and perhaps the state unqualified is asked for (INV-02)."""
    stock, states = query.stock, set(query.stock.states or ())
    plain = CardQuery(stock, delivery_id=query.delivery_id)
    if query.delivery_id is None or query != plain or stock.exact or stock.opened or any(stock.since.values()):
        return None
    row = tx.execute(
        "SELECT owner_unit, received_count, unqualified_count FROM deliveries WHERE id = :id", {"id": query.delivery_id}
    ).one()
    if not is_within(row.owner_unit, stock.unit):
        return None
    if states == {"unqualified"}:
        return int(row.unqualified_count)
    left_out = {*STATES} - states
    if left_out <= {"unqualified"}:
        return int(row.received_count - (row.unqualified_count if left_out else 0))
    return None


def _batch_numbers(tx: Tx, ids: set[int]) -> dict[int, str]:
    if not ids:
        return {}
    rows = tx.execute("SELECT id, batch_no FROM deliveries WHERE id = ANY(:ids)", {"ids": list(ids)})
    return {row.id: row.batch_no for row in rows}


CARDS = CardList(
    method=LIST_CARDS,
    title="卡片",
    resource="cards",
    columns=CARD_COLUMNS,
    words=CATALOGUES,
)
list_cards = CARDS.answer
"""The cards of the actor's subtree."""
