"""Devices that nobody had: rows, codes and events by one COPY each, in the order of their keys.

What differs between the rows of a list is their codes, their row numbers, and which of the few makers and models they
have; everything else is the same bytes in each.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from kernel.chassis.data import binary_copy as binary
from kernel.chassis.data.binary_copy import cell
from kernel.chassis.data.unit_of_work import Tx
from kernel.model.period import month_of
from services.imei.lifecycle import SerialAction, SerialState
from services.imei.lists.staging import Lines, Staged
from services.imei.tac_table import DIGITS, FITS, differs

_SLICE = 20_000
_TAC_BITS = 4 * (14 - DIGITS)
_NOT_NEW = "SELECT row_no FROM known UNION ALL SELECT row_no FROM refusals"
_KINDS = "CREATE TEMPORARY TABLE kinds (kind integer, code bigint, word integer) ON COMMIT DROP"
_NAMES = f"""
SELECT coalesce(words.maker, tacs.maker) AS maker, coalesce(words.model, tacs.model) AS model,
       {differs("words")} AS differs
FROM kinds JOIN words USING (word) LEFT JOIN tacs ON {FITS.format(code="kinds.code")} ORDER BY kind
"""
_COUNT = """
INSERT INTO device_counts (unit, state, pool, source, entered_month, devices)
VALUES (:province, :state, :pool, :source, :month, :devices)
"""
_DEVICE = "id, state, pool, province, unit, source, entered_at, state_since, version, maker, model, model_differs"
_EVENT = "device_id, version, change_id, at, action, from_state, to_state, unit, row_no"


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

    def count(self, tx: Tx, devices: int) -> None:
        """Adds them to the statistics; what becomes of them later is counted by a trigger."""
        alike = {"province": self.province, "state": self.state, "pool": self.pool, "source": self.source}
        tx.execute(_COUNT, {**alike, "month": month_of(self.change.at), "devices": devices})


def enter(tx: Tx, staged: Staged, entry: Entry) -> None:
    """The staged rows that are neither refused nor of a known device."""
    others = np.fromiter(tx.execute(_NOT_NEW).scalars(), np.int32)
    lines = staged.first.where(~np.isin(staged.first.row_nos, others)).by_code()
    binary.copy_in(tx, "devices", _DEVICE, _devices(lines, *_named(tx, lines, len(staged.words)), entry))
    if len(lines):
        entry.count(tx, len(lines))
    further = staged.further.where(~np.isin(staged.further.row_nos, others))
    binary.copy_in(tx, "codes", "code, device_id, place", _codes(lines, further))
    binary.copy_in(tx, "events", _EVENT, _events(lines, entry))


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


def _devices(lines: Lines, kinds: np.ndarray, names: list[bytes], entry: Entry) -> Iterator[bytes]:
    since = cell(entry.change.at)
    same = [cell(it) for it in (str(entry.state), entry.pool, entry.province, entry.province, entry.source)]
    same += [since, since, cell(np.int32(2 if entry.claims else 1))]
    for part in _slices(len(lines)):
        ids = lines.codes[part]
        whole: list[bytes] = [b""] * (2 * len(ids))
        whole[::2] = binary.pieces(binary.rows([ids, *same], len(ids), columns=_DEVICE.count(",") + 1))
        whole[1::2] = map(names.__getitem__, kinds[part].tolist())
        yield b"".join(whole)


def _codes(lines: Lines, further: Lines) -> Iterator[bytes]:
    """Each with its place and the first code of its row, which is the device's id."""
    by_row = np.argsort(lines.row_nos, kind="stable")
    owners = by_row[np.searchsorted(lines.row_nos, further.row_nos, sorter=by_row)]
    codes = np.concatenate([lines.codes, further.codes])
    devices = np.concatenate([lines.codes, lines.codes[owners]])
    places = np.concatenate([np.ones(len(lines), dtype=np.int16), further.extra])
    order = np.argsort(codes, kind="stable")
    for part in _slices(len(codes)):
        chosen = order[part]
        yield binary.rows([codes[chosen], devices[chosen], places[chosen]], len(chosen)).tobytes()


def _events(lines: Lines, entry: Entry) -> Iterator[bytes]:
    acts: list[tuple[SerialAction, SerialState | None, SerialState]]
    acts = [(SerialAction.ENTER, None, SerialState.UNCLAIMED)]
    if entry.claims:
        acts.append((SerialAction.CLAIM, SerialState.UNCLAIMED, SerialState.CLAIMED))
    change = [cell(np.int64(entry.change.id)), cell(entry.change.at)]
    for part in _slices(len(lines)):
        ids, row_nos = lines.codes[part], lines.row_nos[part]
        made = [
            binary.rows(
                [ids, cell(np.int32(version)), *change, *map(cell, (action, before, after, entry.province)), row_nos],
                len(ids),
            )
            for version, (action, before, after) in enumerate(acts, start=1)
        ]
        yield np.hstack(made).tobytes()
