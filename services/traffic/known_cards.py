"""All cards of the books in arrays, so that a night's rows find theirs without a join: 64 bytes a card.

Fetched by units and carriers, in a few rows that hold many cards each: one message a card would take longer than the
search.
"""

from collections.abc import Callable, Iterator, Sequence
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
FROM usage_days WHERE day = %s GROUP BY unit, carrier
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


def _keys(iccids: NDArray[np.bytes_]) -> NDArray[np.uint64]:
    """A number to search by; two numbers may have the same one."""
    letters = iccids.view(np.uint8).reshape(len(iccids), _WIDTH)
    key = np.zeros(len(iccids), np.uint64)
    for place in range(_WIDTH):
        key = key * np.uint64(10) + (letters[:, place] - np.uint8(ord("0")))
    return key


class KnownCards:
    """Each card's ``ids``, and which of ``homes`` (unit, carrier) it belongs to; all by place.

    ``own``, ``other``: the month to date by either source, NO_SUM without one, when ``know_before`` was called.
    ``listed``: whether it stands among the rows of that day. ``odd``: cards of which something is special. ``strange``:
    ids that stand among those rows and not in the books.
    """

    def __init__(self, tx: Tx) -> None:
        self.homes: list[tuple[str, str]] = []
        iccids, ids, home = [b""], [np.empty(0, np.int64)], [np.empty(0, np.int32)]
        with tx.raw.cursor(binary=True) as cursor:
            for unit, carrier, numbers, sent in cursor.execute(_CARDS):
                iccids.append(numbers)
                ids.append(_numbers(sent))
                home.append(np.full(len(ids[-1]), len(self.homes), np.int32))
                self.homes.append((unit, carrier))
        by_number = np.frombuffer(b"".join(iccids), f"S{_WIDTH}")
        del iccids
        keys = _keys(by_number)
        order = np.argsort(keys)
        self._keys, self._iccids = keys[order], by_number[order]
        self.ids, self.home = np.concatenate(ids)[order], np.concatenate(home)[order]
        self.own = self.other = np.full(len(order), NO_SUM)
        self.listed = np.zeros(len(order), bool)
        self.odd = np.zeros(len(order), bool)
        self.strange: list[int] = []

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

    def know_before(self, tx: Tx, day: date, source: str) -> None:
        """Reads the sums that the rows of ``day`` carry. A card that stands there in another home is odd."""
        self.other = self.own.copy()
        homes = {home: number for number, home in enumerate(self.homes)}
        sums = f"{other_source(source)}_month"
        other = f"coalesce({sums}, -1)" if self._is_told(tx, day, other_source(source)) else "NULL"
        with tx.raw.cursor(binary=True) as cursor:
            for unit, carrier, *sent in cursor.execute(_BEFORE.format(own=f"{source}_month", other=other), (day,)):
                ids, own = map(_numbers, sent[:2])
                other_sums = np.full(len(ids), NO_SUM) if sent[2] is None else _numbers(sent[2])
                places = self.places_of(ids)
                known = places >= 0
                self.strange += ids[~known].tolist()
                places = places[known]
                self.own[places], self.other[places] = own[known], other_sums[known]
                self.listed[places] = True
                self.odd[places] |= self.home[places] != homes.get((unit, carrier), -1)

    @staticmethod
    def _is_told(tx: Tx, day: date, source: str) -> bool:
        """Has the month any sum of the source?"""
        return bool(tx.execute(_IS_TOLD, {"month": day.replace(day=1), "source": source}).scalar_one())

    def of_month(self, tx: Tx, month: MonthOfUsage, source: str) -> NDArray[np.int64]:
        """Each card's sum of another month, in all units, by place."""
        found = np.full(len(self), NO_SUM)
        sums = month.sums.replace(":month", "%(month)s").replace(":newest", "%(newest)s")
        with tx.raw.cursor(binary=True) as cursor:
            for sent in cursor.execute(_OF_MONTH.format(source=source, sums=sums), month.params):
                ids, its_sums = map(_numbers, sent)
                places = self.places_of(ids)
                places, its_sums = places[places >= 0], its_sums[places >= 0]
                found[places] = np.where(found[places] == NO_SUM, 0, found[places]) + its_sums
        return found

    def of_homes(self, fits: Any) -> NDArray[np.bool_]:
        """By place: does ``fits(unit, carrier)``?"""
        return np.array([bool(fits(*home)) for home in self.homes] or [False])[self.home]
