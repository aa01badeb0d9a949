"""A day's rows as PostgreSQL's binary COPY takes them, made of arrays without a loop over rows."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kernel.chassis.data.unit_of_work import Tx
from services.traffic.known_cards import NO_SUM, KnownCards, Places
from services.traffic.merging import other_source

_BEGIN = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_END = b"\xff\xff"
_EPOCH = date(2000, 1, 1)
Numbers = NDArray[np.int64]


class DayRows:
    """Writes rows of ``day`` for the load that ``own`` source told of it."""

    def __init__(self, send: Callable[[bytes], None], known: KnownCards, day: date, load_id: int) -> None:
        self._send, self._known = send, known
        self._day, self._load = (day - _EPOCH).days, load_id
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
            shape = kind >> len(columns)
            chosen = [column[of_kind] for column in columns]
            self._send(self._rows(shape, places[of_kind], homes[of_kind], chosen, missing))

    def _rows(
        self, shape: int, places: Places, homes: Any, columns: Sequence[Numbers], missing: Sequence[bool]
    ) -> bytes:
        """Rows whose texts have the same lengths and whose same columns are missing."""
        unit, carrier = self._shapes[shape]
        fields: list[tuple[str, int, Any]] = [
            (">i4", 4, self._day),
            (">i8", 8, self._known.ids[places]),
            (f"S{unit}", unit, self._text(0, unit)[homes]),
            (f"S{carrier}", carrier, self._text(1, carrier)[homes]),
            *[("", -1, None) if no else (">i8", 8, column) for column, no in zip(columns, missing, strict=True)],
        ]
        names = [("fields", ">i2")]
        for place, (kind, _, _) in enumerate(fields):
            names += [(f"length{place}", ">i4"), *([(f"value{place}", kind)] if kind else [])]
        rows = np.zeros(len(places), np.dtype(names))
        rows["fields"] = len(fields)
        for place, (kind, length, value) in enumerate(fields):
            rows[f"length{place}"] = length
            if kind:
                rows[f"value{place}"] = value
        return rows.tobytes()

    def _text(self, which: int, length: int) -> NDArray[np.bytes_]:
        """By home; those of another length are cut, and not asked for."""
        return np.array([texts[which][:length] for texts in self._texts], f"S{length}")


@contextmanager
def writing(tx: Tx, known: KnownCards, day: date, load: Any) -> Iterator[DayRows]:
    """Rows of ``load`` for ``day``, stored while they are written."""
    own, other = load.source, other_source(load.source)
    columns = f"day, card_id, unit, carrier, {own}_bytes, {own}_load, {own}_month, {other}_month"
    sql = f"COPY usage_days ({columns}) FROM STDIN (FORMAT binary)"
    with tx.raw.cursor() as cursor, cursor.copy(sql) as copy, _sending(copy.write) as send:
        send(_BEGIN)
        yield DayRows(send, known, day, load.id)
        send(_END)


@contextmanager
def _sending(send: Callable[[bytes], None]) -> Iterator[Callable[[bytes], None]]:
    """A ``send`` that does not wait for its own end but for the one before it: the database stores rows while the next
    ones are made."""
    sent: Future[None] | None = None

    def send_next(block: bytes) -> None:
        nonlocal sent
        if sent is not None:
            sent.result()
        sent = sender.submit(send, block)

    with ThreadPoolExecutor(1) as sender:
        yield send_next
        if sent is not None:
            sent.result()
