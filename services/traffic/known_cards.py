"""All cards of the books in arrays, so that a night's rows find theirs without a join: 64 bytes a card.

Fetched by units and carriers, in a few rows that hold many cards each: one message a card would take longer than the
search.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kernel.chassis.data.unit_of_work import Tx
from services.traffic.merging import other_source
from services.traffic.months import MonthOfUsage

_WIDTH = 20
_CARDS = f"""
SELECT owner_unit, carrier, convert_to(string_agg(rpad(iccid, {_WIDTH}), ''), 'UTF8'), string_agg(int8send(id), '')
FROM cards WHERE octet_length(iccid) <= {_WIDTH} GROUP BY owner_unit, carrier
"""
_BEFORE = """
SELECT unit, carrier, string_agg(int8send(card_id), ''), string_agg(int8send(coalesce({own}, -1)), ''),
       string_agg(int8send({other}), '')
FROM usage_days WHERE day = '{day}' GROUP BY unit, carrier
"""
_IS_TOLD = "SELECT EXISTS (SELECT FROM usage_histogram WHERE month = :month AND source = :source)"
_OF_MONTH = """
SELECT string_agg(int8send(card_id), ''), string_agg(int8send({source}_month), '') FROM ({sums}) AS sums
WHERE {source}_month IS NOT NULL GROUP BY unit
"""
NO_SUM = -1
_MOST_GAPS = 8
"""When ids are no sparser than one in so many, a table of all between the first and the last is the quicker."""
Places = NDArray[np.int64]
HALF = 25


def halves(volumes: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """Their upper bits, then the lower HALF ones: no sum of a million of either is too large for 64 bits."""
    yield volumes >> HALF
    yield volumes & (1 << HALF) - 1


def exact_sum(volumes: NDArray[np.int64]) -> int:
    """Of volumes whose sum may not fit into 64 bits."""
    upper, lower = (int(half.sum()) for half in halves(volumes))
    return (upper << HALF) + lower


def _numbers(sent: bytes) -> NDArray[np.int64]:
    """What PostgreSQL's int8send wrote."""
    return np.frombuffer(sent, ">i8").astype(np.int64)


def _fetched(tx: Tx, sql: str, params: Any = None) -> list[Any]:
    """Rows with binary values."""
    with tx.raw.cursor(binary=True) as cursor:
        return cursor.execute(sql, params).fetchall()


def _before(tx: Tx, day: date, source: str) -> str:
    """What reads the sums that the rows of ``day`` carry."""
    other = other_source(source)
    told = tx.execute(_IS_TOLD, {"month": day.replace(day=1), "source": other}).scalar_one()
    return _BEFORE.format(day=day, own=f"{source}_month", other=f"coalesce({other}_month, -1)" if told else "NULL")


def _keys(iccids: NDArray[np.bytes_]) -> NDArray[np.uint64]:
    """A number to search by; two numbers may have the same one."""
    letters = iccids.view(np.uint8).reshape(len(iccids), _WIDTH)
    key = np.zeros(len(iccids), np.uint64)
    for place in range(_WIDTH):
        key = key * np.uint64(10) + (letters[:, place] - np.uint8(ord("0")))
    return key


class KnownCards:
    """Each card's ``ids``, and which of ``homes`` (unit, carrier) it belongs to; all by place.

    ``own``, ``other``: the month to date by the source and the other one that the rows of ``before``, a day and a
    source, carry; NO_SUM without one.
    ``listed``: whether it stands among the rows of that day. ``odd``: cards of which something is special. ``strange``:
    ids that stand among those rows and not in the books.
    """

    def __init__(self, tx: Tx, before: tuple[date, str] | None = None) -> None:
        self.homes: list[tuple[str, str]] = []
        iccids, ids, home = [b""], [np.empty(0, np.int64)], [np.empty(0, np.int32)]
        for unit, carrier, numbers, sent in _fetched(tx, _CARDS):
            iccids.append(numbers)
            ids.append(_numbers(sent))
            home.append(np.full(len(ids[-1]), len(self.homes), np.int32))
            self.homes.append((unit, carrier))
        sql = None if before is None else _before(tx, *before)
        with ThreadPoolExecutor(1) as fetcher:  # the database gathers sums while numbers are put in order here
            rows = None if sql is None else fetcher.submit(_fetched, tx, sql)
            self._arrange(iccids, ids, home)
            self.own = self.other = np.full(len(self), NO_SUM)
            self.listed, self.odd = np.zeros(len(self), bool), np.zeros(len(self), bool)
            self.strange: list[int] = []
            if rows is not None:
                self._know(rows.result())

    def _arrange(self, iccids: list[bytes], ids: list[NDArray[np.int64]], home: list[NDArray[np.int32]]) -> None:
        """Empties the lists: each takes as much memory as what is made of it."""
        by_number = np.frombuffer(b"".join(iccids), f"S{_WIDTH}")
        iccids.clear()
        keys = _keys(by_number)
        order = np.argsort(keys)
        self._keys = keys[order]
        del keys
        self.ids = np.concatenate(ids)[order]
        ids.clear()
        self.home = np.concatenate(home)[order]
        home.clear()
        self._iccids = by_number[order]

    def __len__(self) -> int:
        return len(self.ids)

    def places(self, iccids: Sequence[str]) -> Places:
        """Where each number stands, -1 for one that is not in the books so. Numbers are ASCII."""
        if not len(self):
            return np.full(len(iccids), -1)
        joined = "".join(iccids)
        if {*map(len, iccids)} != {_WIDTH}:
            joined = "".join([iccid.ljust(_WIDTH) for iccid in iccids])
        asked = np.frombuffer(joined.encode("ascii"), f"S{_WIDTH}")
        found = np.searchsorted(self._keys, _keys(asked))
        found[found == len(self)] = 0
        return np.where(self._iccids[found] == asked, found, -1)

    def places_of(self, ids: NDArray[np.int64]) -> Places:
        """The same by ids."""
        return self._by_id(ids)

    @cached_property
    def _by_id(self) -> Callable[[NDArray[np.int64]], Places]:
        first, end = int(self.ids.min(initial=0)), int(self.ids.max(initial=0)) + 1
        if end - first > len(self) * _MOST_GAPS:
            return self._search
        by_id = np.full(end - first + 1, -1, np.int32)
        by_id[self.ids - first] = np.arange(len(self), dtype=np.int32)

        def look(ids: NDArray[np.int64]) -> Places:
            near = ids - first
            near[(near < 0) | (near >= end - first)] = end - first
            return by_id[near].astype(np.int64)

        return look

    def _search(self, ids: NDArray[np.int64]) -> Places:
        order = np.argsort(self.ids).astype(np.int32)
        rank = np.searchsorted(self.ids, ids, sorter=order)
        rank[rank == len(self)] = 0
        found = order[rank].astype(np.int64)
        return np.where(self.ids[found] == ids, found, -1)

    def forget_numbers(self) -> None:
        """Gives their memory back; cards are found by ids only from here on."""
        self._keys, self._iccids = self._keys[:0], self._iccids[:0]

    def _know(self, rows: list[Any]) -> None:
        """Takes the sums that rows of a day carry. A card that stands there in another home is odd."""
        if not len(self):
            return
        self.other = self.own.copy()
        homes = {home: number for number, home in enumerate(self.homes)}
        while rows:
            unit, carrier, *sent = rows.pop()
            ids, own = map(_numbers, sent[:2])
            other_sums = np.full(len(ids), NO_SUM) if sent[2] is None else _numbers(sent[2])
            places = self.places_of(ids)
            known = places >= 0
            self.strange += ids[~known].tolist()
            places = places[known]
            self.own[places], self.other[places] = own[known], other_sums[known]
            self.listed[places] = True
            self.odd[places] |= self.home[places] != homes.get((unit, carrier), -1)

    def of_month(self, tx: Tx, month: MonthOfUsage, source: str) -> NDArray[np.int64]:
        """Each card's sum of another month, in all units, by place."""
        found = np.full(len(self), NO_SUM)
        sums = month.sums.replace(":month", "%(month)s").replace(":newest", "%(newest)s")
        for sent in _fetched(tx, _OF_MONTH.format(source=source, sums=sums), month.params):
            ids, its_sums = map(_numbers, sent)
            places = self.places_of(ids)
            places, its_sums = places[places >= 0], its_sums[places >= 0]
            found[places] = np.where(found[places] == NO_SUM, 0, found[places]) + its_sums
        return found

    def of_homes(self, fits: Any) -> NDArray[np.bool_]:
        """By place: does ``fits(unit, carrier)``?"""
        return np.array([bool(fits(*home)) for home in self.homes] or [False])[self.home]
