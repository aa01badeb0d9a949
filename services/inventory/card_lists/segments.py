"""The row of segments of a list: which index ranges to read, in the order asked for (see ``scan``)."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby
from typing import Any, Literal

from kernel.chassis.data.unit_of_work import Tx
from kernel.model.period import business_date, days
from kernel.model.unit import is_within
from services.inventory import books
from services.inventory.books import NEVER_STOCKED_IN
from services.inventory.card_lists.conditions import CardQuery, moments, text_range
from services.inventory.card_lists.scan import BEGINNING, END, Group, Order, Segment
from services.inventory.card_lists.zones import EVERYTHING, Interval, Wanted, clip, intervals

GATHER_UP_TO = 2000
"""So few cards of certain days are fetched by day and sorted, instead of being looked for in the order of numbers.

A list in the order of units asks so unit by unit."""

_FIRST_LOOK, _LARGEST_LOOK = 60, 4000
"""Rows of days that are looked up at once: few for the first page's sake, then more each time."""

Places = Mapping[str, Sequence[str | None]]
"""Unit > the states in which it has matching cards; [None]: the state does not matter."""


def places(tx: Tx, query: CardQuery) -> tuple[Places, Counter[str]]:
    """Where the books know matching cards, and how many each unit has: at most so many when the query has other
    conditions too.
    """
    rows = books.sums(tx, query.stock, ("owner_unit", "state"))
    if query.issued_to_unit is not None:
        # Cards are issued by their owner to a unit at or below it.
        rows = [row for row in rows if is_within(query.issued_to_unit, row.owner_unit)]
    known: Counter[str] = Counter()
    found: dict[str, list[str | None]] = {}
    for row in sorted(rows, key=lambda row: (row.owner_unit, row.state)):
        known[row.owner_unit] += row.cards
        found.setdefault(row.owner_unit, []).append(row.state)
    if query.any_state and not any(query.stock.since.values()):
        return {unit: [None] for unit in found}, known
    return found, known


@dataclass(frozen=True)
class Reading:
    """What to read: ``found`` and ``known`` from ``places``, in ``order``, beyond the key ``after`` (None: all)."""

    query: CardQuery
    found: Places
    known: Counter[str]
    order: Order
    after: Sequence[Any] | None = None

    @property
    def start_day(self) -> date | None:
        """The business day of the key, when its leading column is a time."""
        return None if self.after is None or self.after[0] is None else business_date(self.after[0])


def segments(tx: Tx, reading: Reading) -> Iterator[Segment]:
    """The segments of a list."""
    query, leading = reading.query, reading.order.columns[0]
    if leading == "state_since":
        return _by_state_since(tx, reading)
    if leading == "stocked_in_at":
        return _by_stocked_in(tx, reading)
    dated = bool(query.stock.opened) or any(query.stock.since.values())
    if dated and reading.known.total() <= GATHER_UP_TO:
        return iter([_gathered(query, reading.found)])
    if dated and leading == "owner_unit":
        return _unit_by_unit(tx, reading)
    return _by_number(tx, reading)


def by_number(tx: Tx, query: CardQuery, found: Places) -> Iterator[Segment]:
    """All segments in the order of units and numbers, for counting."""
    return _by_number(tx, Reading(query, found, Counter(), Order(("owner_unit", "iccid"), descending=False)))


def _is_some(stock: books.Stock) -> bool:
    """True when the days are so bounded that the cards of most months fall away, which is worth finding out."""
    return any(
        days.first is not None or (days.last is not None and (stock.recent is None or days.last < stock.recent))
        for days in (stock.opened, *stock.since.values())
    )


def _stretches(tx: Tx, query: CardQuery) -> list[Interval]:
    """Stretches of ICCIDs that can hold matching cards."""
    stock = query.stock
    within = text_range(query.iccid) if query.iccid is not None else EVERYTHING
    kinds = None
    if _is_some(stock):
        rows = books.sums(tx, stock, ("carrier", "card_spec", "application_month"))
        kinds = {(row.carrier, row.card_spec, row.application_month) for row in rows}
    wanted = Wanted(stock.carrier, stock.card_spec, stock.application_month, query.delivery_id, kinds)
    if wanted == Wanted():
        return [within]
    return intervals(tx, wanted, within)


def _unit_by_unit(tx: Tx, reading: Reading) -> Iterator[Segment]:
    """Neighbouring units with few cards of those days are gathered together; in the others one looks by number."""
    order, after = reading.order, reading.after
    waiting: list[str] = []

    def gathered() -> Iterator[Segment]:
        if waiting:
            yield _gathered(reading.query, {unit: reading.found[unit] for unit in waiting})
            waiting.clear()

    for unit in sorted(reading.found, reverse=order.descending):
        if after is not None and _beyond([unit], order, after) is None:
            continue
        if sum(reading.known[one] for one in (*waiting, unit)) > GATHER_UP_TO:
            yield from gathered()
        if reading.known[unit] <= GATHER_UP_TO:
            waiting.append(unit)
        else:
            yield from _by_number(tx, replace(reading, found={unit: reading.found[unit]}))
    yield from gathered()


def _by_number(tx: Tx, reading: Reading) -> Iterator[Segment]:
    found, order, after = reading.found, reading.order, reading.after
    stretches = _stretches(tx, reading.query)
    if not found:
        return
    blocks = [sorted(found)] if order.columns[0] == "iccid" else [[unit] for unit in sorted(found)]
    if order.descending:
        stretches.reverse()
        blocks.reverse()
    for units in blocks:
        within = EVERYTHING if after is None else _beyond(units, order, after)
        if within is None:
            continue
        for stretch in stretches:
            if clipped := clip(stretch, within):
                yield Segment("iccid", _groups(found, units, clipped))


def _beyond(units: Sequence[str], order: Order, after: Sequence[Any]) -> Interval | None:
    """What of a block lies beyond the key: all, the part beyond its ICCID, or nothing."""
    rest = (EVERYTHING[0], after[-1]) if order.descending else (after[-1] + "\x01", EVERYTHING[1])
    if order.columns[0] == "iccid" or units[0] == after[0]:
        return rest
    ahead = units[0] < after[0] if order.descending else units[0] > after[0]
    return EVERYTHING if ahead else None


def _groups(found: Places, units: Iterable[str], stretch: Interval) -> tuple[Group, ...]:
    return tuple(Group(unit, state, stretch) for unit in units for state in found[unit])


def _gathered(query: CardQuery, found: Places) -> Segment:
    since = query.stock.since
    if any(since.values()):
        return Segment(
            "gather",
            tuple(
                _between(Group(unit, state), *moments(since.get(state, books.Days())))
                for unit, states in found.items()
                for state in states
                if state is not None
            ),
        )
    return Segment("gather", tuple(_between(Group(unit, None), *moments(query.stock.opened)) for unit in found))


def _between(group: Group, start: datetime | None, end: datetime | None) -> Group:
    return replace(group, first_at=start or BEGINNING, end_at=end or END)


def _by_state_since(tx: Tx, reading: Reading) -> Iterator[Segment]:
    for day, entries in _days(tx, reading, "since"):
        yield Segment("state_since", tuple(_day(Group(unit, state), day, reading) for unit, state in sorted(entries)))


def _day(group: Group, day: date, reading: Reading) -> Group:
    """``group`` on that day, beyond the key when the key is of the same day.

    Its bounds are pairs of time and ICCID, compared by the time first: beside an empty ICCID the time alone decides.
    """
    period = days(day, day)
    bounded = replace(_between(group, period.start, period.end), iccids=("", ""))
    if reading.after is None or reading.start_day != day:
        return bounded
    moment, iccid = reading.after
    if reading.order.descending:
        return replace(bounded, end_at=moment, iccids=("", iccid))
    return replace(bounded, first_at=moment, iccids=(iccid, ""))


Entries = set[tuple[str, str]]
"""(unit, state) of cards of a day; for the day of stocking in the state does not matter and is empty."""


def _days(tx: Tx, reading: Reading, column: Literal["since", "opened_on"]) -> Iterator[tuple[date, Entries]]:
    """Days that matching cards may have, in order from the key's on: those since the closing, and the closed ones."""
    fresh = _fresh_days(tx, reading.query, column)
    descending, start = reading.order.descending, reading.start_day

    def before(day: date, other: date) -> bool:
        return day > other if descending else day < other

    if start is not None:
        fresh = {day: entries for day, entries in fresh.items() if not before(day, start)}
    waiting = sorted(fresh, reverse=descending)
    for day, entries in _closed_days(tx, reading, column):
        while waiting and before(waiting[0], day):
            yield waiting[0], fresh[waiting.pop(0)]
        if waiting and waiting[0] == day:
            waiting.pop(0)
        yield day, entries | fresh.get(day, set())
    for day in waiting:
        yield day, fresh[day]


def _fresh_days(tx: Tx, query: CardQuery, column: str) -> dict[date, Entries]:
    where, params = books.conditions(query.stock)
    closed, state = (books.AGED, "state") if column == "since" else (books.CLOSED, "''")
    rows = tx.execute(
        f"SELECT DISTINCT {column} AS day, owner_unit, {state} AS state FROM ledger"
        f" WHERE day > coalesce({closed}, '-infinity') AND delta > 0 AND {column} IS NOT NULL AND {where}",
        params,
    )
    fresh: dict[date, Entries] = {}
    for row in rows:
        fresh.setdefault(row.day, set()).add((row.owner_unit, row.state))
    return fresh


def _closed_days(tx: Tx, reading: Reading, column: str) -> Iterator[tuple[date, Entries]]:
    """Days in the books at the closing, so many at once that a page seldom needs a second look."""
    stock, down = reading.query.stock, reading.order.descending
    # Either source lacks the other's day; without that condition it names some days too many.
    if column == "since":
        source, state = "ages WHERE", "state"
        where, params = books.conditions(replace(stock, opened=books.Days()))
    else:
        source, state = f"closings WHERE day = {books.CLOSED} AND level = 3 AND opened_on IS NOT NULL AND", "''"
        where, params = books.conditions(replace(stock, since={}))
    compared, direction = ("<=", " DESC") if down else (">=", "")
    start, limit = reading.start_day, _FIRST_LOOK
    while True:
        condition = "" if start is None else f" AND {column} {compared} :start_day"
        # With ties: the last day comes whole, however many units and states it has.
        rows = tx.execute(
            f"SELECT {column} AS of_day, owner_unit, {state} AS of_state FROM {source} {where}{condition}"
            f" GROUP BY 1, 2, 3 ORDER BY 1{direction} FETCH FIRST {limit} ROWS WITH TIES",
            params | ({} if start is None else {"start_day": start}),
        ).all()
        for day, group in groupby(rows, key=lambda row: row.of_day):
            yield day, {(row.owner_unit, row.of_state) for row in group}
        if len(rows) < limit:
            return
        start, compared = rows[-1].of_day, compared[0]
        limit = min(limit * 4, _LARGEST_LOOK)


def _by_stocked_in(tx: Tx, reading: Reading) -> Iterator[Segment]:
    """By day of stocking in; the cards that never were stand behind (ascending) or before all others."""
    descending = reading.order.descending
    among_unopened = reading.after is not None and reading.after[0] is None
    if descending and (reading.after is None or among_unopened):
        yield from _unopened(tx, reading)
    if descending or not among_unopened:
        for day, entries in _days(tx, reading, "opened_on"):
            units = sorted(unit for unit, _ in entries if unit in reading.found)
            if units:
                yield Segment("stocked_in_at", tuple(_day(Group(unit, None), day, reading) for unit in units))
    if not descending:
        yield from _unopened(tx, reading)


def _unopened(tx: Tx, reading: Reading) -> Iterator[Segment]:
    stock = reading.query.stock
    states = tuple(state for state in stock.states or () if state in NEVER_STOCKED_IN)
    held: Places = {
        unit: [state for state in states if kept == [None] or state in kept] for unit, kept in reading.found.items()
    }
    if not states:
        return
    beyond = reading.after[1:] if reading.after is not None and reading.after[0] is None else None
    yield from _by_number(
        tx,
        Reading(
            replace(reading.query, stock=replace(stock, states=states)),
            {unit: kept for unit, kept in held.items() if kept},
            reading.known,
            Order(("iccid",), reading.order.descending),
            beyond,
        ),
    )
