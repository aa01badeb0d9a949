"""Devices that nobody had: rows and further codes by one COPY each, in the order of their keys.

What differs between the rows of a list is their codes, their row numbers, and which of the few makers and models they
have; everything else is the same bytes in each, or is not sent at all where the list has a shelf of its own.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from kernel.chassis.data import binary_copy as binary
from kernel.chassis.data.binary_copy import cell
from kernel.chassis.data.unit_of_work import Tx
from kernel.model.period import month_of
from services.imei.lifecycle import SerialAction, SerialState
from services.imei.lists.shelves import OWN, Shelf
from services.imei.lists.staging import Lines, Part
from services.imei.tac_table import DIGITS, FITS, differs

_SLICE = 20_000
_TAC_BITS = 4 * (14 - DIGITS)
_KINDS = """
CREATE TEMPORARY TABLE IF NOT EXISTS kinds (kind integer, code bigint, word integer) ON COMMIT DROP;
TRUNCATE kinds
"""
_NAMES = f"""
SELECT coalesce(words.maker, tacs.maker) AS maker, coalesce(words.model, tacs.model) AS model,
       {differs("words")} AS differs
FROM kinds JOIN words USING (word) LEFT JOIN tacs ON {FITS.format(code="kinds.code")} ORDER BY kind
"""
_WIDTHS: dict[str, Any] = {"entry": np.int64, "version": np.int32}
_COUNT = """
INSERT INTO device_counts (unit, state, pool, source, entered_month, devices)
VALUES (:province, :state, :pool, :source, :month, :devices)
"""
_ENTRY = """
INSERT INTO entries (change_id, at, action, to_state, unit) VALUES (:change_id, :at, :action, :state, :province)
"""


@dataclass(frozen=True)
class Change:
    """The act that the events of the list point at."""

    id: int
    at: datetime


@dataclass(frozen=True)
class Entry:
    """What all devices of a list have in common. ``claims``: they are claimed with it."""

    change: Change
    province: str
    pool: str
    source: str
    claims: bool

    @property
    def state(self) -> SerialState:
        return SerialState.CLAIMED if self.claims else SerialState.UNCLAIMED

    @property
    def alike(self) -> dict[str, Any]:
        """Column of ``devices`` > what they all have there."""
        moments = dict.fromkeys(("entered_at", "state_since"), self.change.at)
        places = dict.fromkeys(("province", "unit"), self.province)
        words = {"state": str(self.state), "pool": self.pool, "source": self.source}
        return {"entry": self.change.id, "version": 1, **words, **places, **moments}

    def note(self, tx: Tx, devices: int) -> None:
        """Writes what the first events of its devices have in common, and adds so many to the statistics; what becomes
        of them later is counted by a trigger."""
        act = {"change_id": self.change.id, "at": self.change.at, "state": self.state, "province": self.province}
        tx.execute(_ENTRY, {**act, "action": SerialAction.ENTER_CLAIMED if self.claims else SerialAction.ENTER})
        alike = {"province": self.province, "state": self.state, "pool": self.pool, "source": self.source}
        tx.execute(_COUNT, {**alike, "month": month_of(self.change.at), "devices": devices})


def enter(tx: Tx, part: Part, words: int, entry: Entry, shelf: Shelf | None = None) -> None:
    """Rows of new devices, in the order of their codes, on the list's shelf if it has one. ``words``: how many the list
    has."""
    lines = part.first
    alike = {} if shelf else {name: _cell(name, value) for name, value in entry.alike.items()}
    columns = ", ".join([*OWN[:2], *alike, *OWN[2:]])
    made = _devices(lines, *_named(tx, lines, words), [*alike.values()])
    binary.copy_in(tx, shelf.table if shelf else "devices", columns, made)
    if len(part.further):
        binary.copy_in(tx, "further_codes", "code, device_id, place", _codes(part))


def _cell(column: str, value: Any) -> bytes:
    return cell(_WIDTHS[column](value) if column in _WIDTHS else value)


def _slices(count: int) -> Iterator[slice]:
    return (slice(begin, begin + _SLICE) for begin in range(0, count, _SLICE))


def _named(tx: Tx, lines: Lines, words: int) -> tuple[np.ndarray, list[bytes]]:
    """Which kind each row is, and each kind's cells of maker, model and model_differs.

    A kind is what the list says of rows whose codes begin alike: the TAC table is asked once for each.
    """
    said = (lines.codes >> _TAC_BITS) * words + lines.extra
    _, first, kinds = np.unique(said, return_index=True, return_inverse=True)
    tx.raw.execute(_KINDS)
    numbers = np.arange(len(first), dtype=np.int32)
    made = binary.rows([numbers, lines.codes[first], lines.extra[first]], len(first))
    binary.copy_in(tx, "kinds", "kind, code, word", [made.tobytes()])
    return kinds, [b"".join(map(cell, row)) for row in tx.execute(_NAMES)]


def _devices(lines: Lines, kinds: np.ndarray, names: list[bytes], alike: list[bytes]) -> Iterator[bytes]:
    """Id and row, the cells that are ``alike``, maker, model and model_differs."""
    for part in _slices(len(lines)):
        ids, row_nos = lines.codes[part], lines.row_nos[part]
        whole: list[bytes] = [b""] * (2 * len(ids))
        whole[::2] = binary.pieces(binary.rows([ids, row_nos, *alike], len(ids), columns=len(OWN) + len(alike)))
        whole[1::2] = map(names.__getitem__, kinds[part].tolist())
        yield b"".join(whole)


def _codes(part: Part) -> Iterator[bytes]:
    """The further codes, each with its place and the first code of its row, which is the device's id."""
    lines, further = part.first, part.further
    by_row = np.argsort(lines.row_nos, kind="stable")
    devices = lines.codes[by_row[np.searchsorted(lines.row_nos, further.row_nos, sorter=by_row)]]
    for these in _slices(len(further)):
        codes = further.codes[these]
        yield binary.rows([codes, devices[these], further.extra[these]], len(codes)).tobytes()
