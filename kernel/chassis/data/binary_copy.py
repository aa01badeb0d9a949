"""Rows for COPY in PostgreSQL's binary format, made from whole columns at once."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime
from struct import pack

import numpy as np

from kernel.chassis.data.unit_of_work import Tx

_BEGIN = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_END = pack(">h", -1)
_NULL = pack(">i", -1)
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_FIRST_DAY = date(2000, 1, 1)

Cell = np.ndarray | bytes
"""Of a column: its integers in the width of the table's column, or its texts as bytes of one length (``S6``), all of
them that long; or one ``cell`` for all rows."""


def cell(value: str | bool | datetime | date | np.integer | None) -> bytes:
    """One value. Integers as NumPy's int16, int32 or int64, whichever the table's column is."""
    if value is None:
        return _NULL
    if isinstance(value, bool):
        return pack(">i?", 1, value)
    if isinstance(value, str):
        text = value.encode()
        return pack(">i", len(text)) + text
    if isinstance(value, datetime):
        since = value - _EPOCH
        return pack(">iq", 8, (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds)
    if isinstance(value, date):
        return pack(">ii", 4, (value - _FIRST_DAY).days)
    data: bytes = np.asarray(value, value.dtype.newbyteorder(">")).tobytes()
    return pack(">i", len(data)) + data


def rows(cells: Sequence[Cell], count: int, *, columns: int | None = None) -> np.ndarray:
    """uint8, shape (count, bytes of a row). ``columns``: of the row in all, when the caller appends some."""
    kinds: list[tuple[str, object]] = [("columns", ">i2")]
    for place, one in enumerate(cells):
        if isinstance(one, bytes):
            kinds.append((f"cell{place}", f"V{len(one)}"))
        else:
            kinds += [(f"size{place}", ">i4"), (f"cell{place}", one.dtype.newbyteorder(">"))]
    made = np.empty(count, dtype=kinds)
    made["columns"] = len(cells) if columns is None else columns
    for place, one in enumerate(cells):
        if isinstance(one, bytes):
            made[f"cell{place}"] = np.void(one)
        else:
            made[f"size{place}"], made[f"cell{place}"] = one.dtype.itemsize, one
    return made.view(np.uint8).reshape(count, made.dtype.itemsize)


def pieces(made: np.ndarray) -> list[bytes]:
    """Each of the ``rows`` by itself."""
    return np.ascontiguousarray(made).view(f"V{made.shape[1]}").ravel().tolist()  # type: ignore[no-any-return]


def copy_in(tx: Tx, table: str, columns: str, parts: Iterable[bytes]) -> None:
    """``parts``: whole rows, in the order of ``columns``."""
    with copying(tx, table, columns) as send:
        for part in parts:
            send(part)


@contextmanager
def copying(tx: Tx, table: str, columns: str) -> Iterator[Callable[[bytes], None]]:
    """What takes whole rows, in the order of ``columns``. The database stores some while the next are made: each call
    waits for the one before it only."""
    sent: Future[None] | None = None

    def send(rows: bytes) -> None:
        nonlocal sent
        if sent is not None:
            sent.result()
        sent = sender.submit(copy.write, rows)

    sql = f"COPY {table} ({columns}) FROM STDIN (FORMAT binary)"
    with tx.raw.cursor() as cursor, cursor.copy(sql) as copy, ThreadPoolExecutor(1) as sender:
        send(_BEGIN)
        yield send
        send(_END)
        if sent is not None:
            sent.result()
