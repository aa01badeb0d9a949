"""A month's distribution, counted from the arrays that its newest day was written from (TRF-02).

To count it from the day's table took a fifth of a night's load.
"""

from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from struct import pack
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kernel.chassis.data.binary_copy import cell, copying
from kernel.chassis.data.unit_of_work import Tx
from services.traffic.buckets import STARTS
from services.traffic.known_cards import HALF, NO_SUM, halves

_FORGET = "DELETE FROM usage_histogram WHERE month = :month AND source = :source"
_COLUMNS = "month, unit, carrier, source, at_least, cards, bytes, volumes"
_STARTS = np.array(STARTS)
_PARTS_AT_ONCE = 8000
_GROUPS_AT_ONCE = 500
_BIGINT = 20
"""PostgreSQL's number of the type."""
Home = tuple[str, str]


class Sums(NamedTuple):
    """Of each row of ``MonthOfUsage.sums`` the number of its home, of ``homes``, and its sum; NO_SUM for none."""

    homes: list[Home]
    home: NDArray[np.integer]
    sums: NDArray[np.int64]


def store(tx: Tx, month: date, source: str, rows: Sums) -> None:
    """Counts the month anew by a source."""
    tx.execute(_FORGET, {"month": month, "source": source})
    told = rows.sums != NO_SUM
    if not told.any():
        return
    home, sums = (rows.home, rows.sums) if told.all() else (rows.home[told], rows.sums[told])
    group = home.astype(np.int32) * len(STARTS) + np.searchsorted(_STARTS, sums, "right").astype(np.int32) - 1
    order = np.argsort(group, kind="stable")
    group, sums = group[order], sums[order]
    del order, home
    edges = np.flatnonzero(np.diff(group, prepend=-1, append=-1))
    upper, lower = (np.add.reduceat(half, edges[:-1]).tolist() for half in halves(sums))
    head = pack(">h", 8) + cell(month)
    of_home = [head + cell(unit) + cell(carrier) + cell(source) for unit, carrier in rows.homes]
    keys = (of_home[one // len(STARTS)] + cell(_STARTS[one % len(STARTS)]) for one in group[edges[:-1]].tolist())
    volumes = _arrays(sums, edges.tolist())
    with copying(tx, "usage_histogram", _COLUMNS) as send:
        waiting: list[bytes] = []
        for key, above, below, (cards, array) in zip(keys, upper, lower, volumes, strict=True):
            waiting += (key, pack(">ii", 4, cards), _numeric((above << HALF) + below), array)
            if len(waiting) >= _PARTS_AT_ONCE:
                send(b"".join(waiting))
                waiting = []
        send(b"".join(waiting))


def _arrays(sums: NDArray[np.int64], edges: list[int]) -> Iterator[tuple[int, bytes]]:
    """How many they are and the cell of their array, of the sums between one edge and the next."""
    for part in range(0, len(edges) - 1, _GROUPS_AT_ONCE):
        its_edges = edges[part : part + _GROUPS_AT_ONCE + 1]
        begin = its_edges[0]
        elements = np.empty(its_edges[-1] - begin, [("size", ">i4"), ("volume", ">i8")])
        elements["size"], elements["volume"] = 8, sums[begin : its_edges[-1]]
        for first, end in pairwise(its_edges):
            data = elements[first - begin : end - begin].tobytes()
            yield end - first, pack(">iiiiii", 20 + len(data), 1, 0, _BIGINT, end - first, 1) + data


def _numeric(value: int) -> bytes:
    """A whole number, not negative."""
    digits: list[int] = []
    while value:
        value, digit = divmod(value, 10_000)
        digits.append(digit)
    digits.reverse()
    return pack(f">i4H{len(digits)}H", 8 + 2 * len(digits), len(digits), max(len(digits) - 1, 0), 0, 0, *digits)
