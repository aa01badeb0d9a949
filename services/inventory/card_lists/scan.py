"""Reading a page of cards: ranges of an index, in the order asked for, until the page is full.

The books tell which units, states and days hold matching cards at all, and the zones which stretches of ICCIDs. From
both comes a row of *segments*, disjoint and in the list's order; each is a few *groups*, one index range per unit and
state. Reading starts at the cursor's segment and ends with the page. So a page costs the same on thirty thousand and
on three million cards, and nothing is read only to be thrown away, save for conditions that only the card knows.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Literal

from sqlalchemy import Row

from kernel.chassis.data.unit_of_work import Tx
from services.inventory.books import Days
from services.inventory.card_lists.conditions import CardQuery, day_conditions, moments, other_conditions
from services.inventory.card_lists.zones import EVERYTHING, Interval

Path = Literal["iccid", "state_since", "stocked_in_at", "gather"]
BEGINNING = datetime(1, 1, 2, tzinfo=UTC)
END = datetime(9999, 12, 30, tzinfo=UTC)
_FIRST_ROWS = 200
_GROWTH = 4
_MAX_GROUPS = 4000

COLUMNS = (
    "iccid, imsi, msisdn, carrier, card_spec, application_month, delivery_id, owner_unit, issued_to_unit, recipient,"
    " recipient_phone, terminal_asset_no, state, scrapped_from, network_state, version, state_since, received_at,"
    " stocked_in_at, allocated_at, issued_at, bound_at, pending_scrap_at, terminated_at, last_operation_at"
)


@dataclass(frozen=True)
class Group:
    """An index range: ``unit``, ``state`` (None: any), ICCIDs [first, end), for times (first, end) as a pair."""

    unit: str
    state: str | None
    iccids: Interval = EVERYTHING
    first_at: datetime = BEGINNING
    end_at: datetime = END


@dataclass(frozen=True)
class Segment:
    """Groups read together; every card of a segment stands before every card of the next. ``path``: which index."""

    path: Path
    groups: tuple[Group, ...]


@dataclass(frozen=True)
class Order:
    """Key columns of the list, all in one direction."""

    columns: tuple[str, ...]
    descending: bool

    @property
    def names(self) -> str:
        return ", ".join(self.columns)

    @property
    def sql(self) -> str:
        return ", ".join(f"{column}{' DESC' if self.descending else ''}" for column in self.columns)


def read(
    tx: Tx, query: CardQuery, segments: Iterable[Segment], *, order: Order, limit: int, after: Sequence[Any] | None
) -> list[Row[Any]]:
    """The first ``limit`` cards of ``segments``, with the order's columns repeated at the end as key_0 ...

    ``after``: the key that gathered cards must lie beyond; the ranges of other segments begin there anyway.
    """
    rows: list[Row[Any]] = []
    room = max(1, _FIRST_ROWS // limit)
    for chunk in _chunks(segments, room):
        ranges, params = _ranges(query, chunk, order, limit - len(rows))
        keys = f"SELECT {order.names} {ranges}"
        if after is not None and chunk[0].path == "gather":
            condition, more = beyond(order, after, "card")
            keys, params = f"{keys} WHERE {condition}", params | more
        keys += f" ORDER BY {order.sql} LIMIT :limit"
        # Only the page's own cards are read whole.
        statement = (
            f"SELECT {COLUMNS}, {_keys(order)} FROM (SELECT iccid AS of_card FROM ({keys}) AS shown) AS page"
            f" JOIN cards ON cards.iccid = page.of_card ORDER BY {order.sql}"
        )
        rows += tx.execute(statement, params | {"limit": limit - len(rows)}).all()
        if len(rows) >= limit:
            break
    return rows


def count(tx: Tx, query: CardQuery, segments: Iterable[Segment], limit: int) -> int:
    """How many cards there are, but never more than ``limit``."""
    found = 0
    for chunk in _chunks(segments, _MAX_GROUPS):
        ranges, params = _ranges(query, chunk, None, limit)
        statement = f"SELECT count(*) FROM (SELECT 1 {ranges} LIMIT :limit) AS found"
        found += int(tx.execute(statement, params | {"limit": limit - found}).scalar_one())
        if found >= limit:
            break
    return found


def plain(
    tx: Tx, where: str, params: dict[str, Any], *, order: Order, limit: int, after: Sequence[Any] | None
) -> list[Row[Any]]:
    """The same without segments, for conditions that name few cards. They are gathered first and sorted then."""
    statement = f"SELECT {COLUMNS}, {_keys(order)} FROM (SELECT * FROM cards WHERE {where} OFFSET 0) AS cards"
    if after is not None:
        condition, more = beyond(order, after)
        statement, params = f"{statement} WHERE {condition}", params | more
    statement += f" ORDER BY {order.sql} LIMIT :limit"
    return list(tx.execute(statement, params | {"limit": limit}).all())


def beyond(order: Order, after: Sequence[Any], table: str = "cards") -> tuple[str, dict[str, Any]]:
    """Cards after the one with the key ``after``, as SQL. A null time stands behind every other."""
    sign = "<" if order.descending else ">"
    params = {f"after_{index}": value for index, value in enumerate(after)}
    columns = [f"{table}.{column}" for column in order.columns]
    if order.columns[0] != "stocked_in_at":
        names = ", ".join(f":{name}" for name in params)
        return f"({', '.join(columns)}) {sign} ({names})", params
    first, second = columns
    if after[0] is None:
        del params["after_0"]
        same = f"({first} IS NULL AND {second} {sign} :after_1)"
        return (f"({first} IS NOT NULL OR {same})" if order.descending else same), params
    later = f"({first}, {second}) {sign} (:after_0, :after_1)"
    return (later if order.descending else f"({first} IS NULL OR {later})"), params


def _chunks(segments: Iterable[Segment], room: int) -> Iterator[list[Segment]]:
    """Runs of segments with one path, each larger than the one before: most pages need only the first."""
    chunk: list[Segment] = []
    held = 0
    for segment in segments:
        if chunk and (segment.path != chunk[0].path or held + len(segment.groups) > room):
            yield chunk
            chunk, held, room = [], 0, min(room * _GROWTH, _MAX_GROUPS)
        chunk.append(segment)
        held += len(segment.groups)
        if held >= room or segment.path == "gather":
            # The next segment may have to be looked up, and often is not needed.
            yield chunk
            chunk, held, room = [], 0, min(room * _GROWTH, _MAX_GROUPS)
    if chunk:
        yield chunk


def _keys(order: Order) -> str:
    return ", ".join(f"{column} AS key_{index}" for index, column in enumerate(order.columns))


def _ranges(query: CardQuery, chunk: list[Segment], order: Order | None, room: int) -> tuple[str, dict[str, Any]]:
    """FROM clause of a chunk: one index range per group, each read no further than the page needs.

    A page of ``room`` cards comes from at most so many groups: those whose first cards stand first. When there are
    more groups, these are found out before, and only they are read on.
    """
    path = chunk[0].path
    groups = [group for segment in chunk for group in segment.groups]
    with_state = groups[0].state is not None
    other, params = other_conditions(query)
    fields: dict[str, tuple[str, list[Any]]] = {"at_unit": ("text", [group.unit for group in groups])}
    where = "cards.owner_unit = place.at_unit"
    if with_state:
        fields["at_state"] = ("text", [group.state for group in groups])
        where = f"cards.state = place.at_state AND {where}"
    elif not query.any_state:
        where += " AND cards.state = ANY(CAST(:states AS text[]))"
        params["states"] = list(query.stock.states or ())
    if path in ("iccid", "state_since", "stocked_in_at"):
        fields["from_iccid"] = ("text", [group.iccids[0] for group in groups])
        fields["to_iccid"] = ("text", [group.iccids[1] for group in groups])
    if path != "iccid":
        fields["from_at"] = ("timestamptz", [group.first_at for group in groups])
        fields["to_at"] = ("timestamptz", [group.end_at for group in groups])
    if path != "iccid" or any(group.iccids != EVERYTHING for group in groups):
        where += _range_condition(path, with_state)
    days, more = _day_filter(query, path, groups, fields)
    where, params = where + days, params | more
    params |= {f"place_{name}": array_literal(values) for name, (_, values) in fields.items()}
    names = ", ".join(fields)
    arrays = ", ".join(f"CAST(:place_{name} AS {kind}[])" for name, (kind, _) in fields.items())
    wanted = "1" if order is None else order.names
    places = f"unnest({arrays}) AS place ({names})"
    one = f"SELECT {wanted} FROM cards WHERE {where}{other}"
    if order is None or path == "gather":
        # Without this the planner would take the ranges for one join, and walk all cards of the unit in order.
        return f"FROM {places} CROSS JOIN LATERAL ({one} OFFSET 0) AS card", params
    one += f" ORDER BY {_within(path, order)}"
    if len(groups) > room:
        heads = f"{places} CROSS JOIN LATERAL ({one} LIMIT 1) AS head"
        ranked = ", ".join(f"head.{part}" for part in order.sql.split(", "))
        places = f"(SELECT place.* FROM {heads} ORDER BY {ranked} LIMIT :limit) AS place"
    return f"FROM {places} CROSS JOIN LATERAL ({one} LIMIT :limit) AS card", params


def array_literal(values: Iterable[str | datetime]) -> str:
    """PostgreSQL's literal of an array. The driver takes ten times as long over some hundred values."""
    return "{" + ",".join(_element(value) for value in values) + "}"


@lru_cache(maxsize=4096)
def _element(value: str | datetime) -> str:
    said = value if isinstance(value, str) else value.isoformat()
    return '"' + said.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _day_filter(
    query: CardQuery, path: Path, groups: list[Group], fields: dict[str, tuple[str, list[Any]]]
) -> tuple[str, dict[str, Any]]:
    """Conditions on days where the path does not lead along them already.

    They are wrapped so that no index can serve them: reading in the list's order and dropping some cards ends with the
    page, while fetching all cards of those days and sorting them does not.
    """
    since, opened = query.stock.since, query.stock.opened
    if path == "gather":
        by_since = any(since.values())
        rest = replace(query, stock=replace(query.stock, opened=opened if by_since else Days(), since={}))
        return day_conditions(rest)
    where, params = day_conditions(replace(query, stock=replace(query.stock, since={})))
    where = where.replace("cards.stocked_in_at", "coalesce(cards.stocked_in_at)")
    if not any(since.values()):
        return where, params
    if groups[0].state is None:
        more, more_params = day_conditions(replace(query, stock=replace(query.stock, opened=Days())))
        return where + more, params | more_params
    bounds = [moments(since.get(group.state or "", Days())) for group in groups]
    if any(start is not None for start, _ in bounds):
        fields["since_from"] = ("timestamptz", [start or BEGINNING for start, _ in bounds])
        where += " AND coalesce(cards.state_since, place.since_from) >= place.since_from"
    if any(end is not None for _, end in bounds):
        fields["since_to"] = ("timestamptz", [end or END for _, end in bounds])
        where += " AND coalesce(cards.state_since, place.since_to) < place.since_to"
    return where, params


def _range_condition(path: Path, with_state: bool) -> str:
    if path == "iccid":
        return " AND cards.iccid >= place.from_iccid AND cards.iccid < place.to_iccid"
    if path == "gather":
        column = "state_since" if with_state else "stocked_in_at"
        return f" AND cards.{column} >= place.from_at AND cards.{column} < place.to_at"
    return (
        f" AND (cards.{path}, cards.iccid) > (place.from_at, place.from_iccid)"
        f" AND (cards.{path}, cards.iccid) < (place.to_at, place.to_iccid)"
    )


def _within(path: Path, order: Order) -> str:
    down = " DESC" if order.descending else ""
    return f"cards.iccid{down}" if path == "iccid" else f"cards.{path}{down}, cards.iccid{down}"
