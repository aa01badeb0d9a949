"""A day's rows, made of arrays without a loop over rows and stored while the next are made."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kernel.chassis.data.binary_copy import Cell, cell, copying, rows
from kernel.chassis.data.unit_of_work import Tx
from services.traffic.known_cards import NO_SUM, KnownCards, Places
from services.traffic.merging import other_source

Numbers = NDArray[np.int64]


class DayRows:
    """Writes rows of ``day`` for the load that ``own`` source told of it."""

    def __init__(self, send: Callable[[bytes], None], known: KnownCards, day: date, load_id: int) -> None:
        self._send, self._known = send, known
        self._day, self._load = cell(day), load_id
        self._texts = [tuple(text.encode() for text in home) for home in known.homes]
        shapes = [tuple(map(len, texts)) for texts in self._texts]
        self._shapes = sorted(set(shapes))
        self._shape_of_home = np.array([self._shapes.index(shape) for shape in shapes], np.int64)

    def figures(self, places: Places, sizes: Numbers) -> None:
        """Cards that have a figure of the day; the month to date follows."""
        own = self._known.own[places]
        self._write(places, (sizes, np.full(len(places), self._load), np.where(own == NO_SUM, 0, own) + sizes))

    def sums_only(self, places: Places) -> None:
        """Cards that have none, and a month to date."""
        nothing = np.full(len(places), NO_SUM)
        self._write(places, (nothing, nothing, self._known.own[places]))

    def _write(self, places: Places, numbers: Sequence[Numbers]) -> None:
        """``numbers``: bytes, load, and the month to date by the load's source; NO_SUM is NULL."""
        columns = [*numbers, self._known.other[places]]
        homes = self._known.home[places]
        kinds = self._shape_of_home[homes]
        for column in columns:
            kinds = kinds * 2 + (column == NO_SUM)
        for kind in np.unique(kinds).tolist():
            of_kind = kinds == kind
            missing = [bool(kind >> place & 1) for place in range(len(columns))][::-1]
            cells: list[Cell] = [self._day, self._known.ids[places[of_kind]]]
            cells += [self._text(which, kind >> len(columns))[homes[of_kind]] for which in range(2)]
            cells += [cell(None) if no else column[of_kind] for column, no in zip(columns, missing, strict=True)]
            self._send(rows(cells, len(homes[of_kind])).tobytes())

    def _text(self, which: int, shape: int) -> NDArray[np.bytes_]:
        """By home, unit or carrier; those of another length than the shape's are cut, and not asked for."""
        length = self._shapes[shape][which]
        return np.array([texts[which][:length] for texts in self._texts], f"S{length}")


@contextmanager
def writing(tx: Tx, known: KnownCards, day: date, load: Any) -> Iterator[DayRows]:
    """Rows of ``load`` for ``day``, stored while they are written."""
    own, other = load.source, other_source(load.source)
    columns = f"day, card_id, unit, carrier, {own}_bytes, {own}_load, {own}_month, {other}_month"
    with copying(tx, "usage_days", columns) as send:
        yield DayRows(send, known, day, load.id)
