"""A list's rows, judged and kept as columns in memory, their codes in temporary tables; whoever is killed leaves
nothing of them."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from typing import Any

import numpy as np

from kernel.chassis.data import binary_copy as binary
from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.files import Column, Layout, Rows
from kernel.chassis.files.batches import Batch
from kernel.model.serial import Refused, Serial
from kernel.model.serial_column import judge_many
from services.imei.codes import number_of, written

Refuse = Callable[[int, str, str, str | None], None]
"""Row, value, code of the catalogue, repair."""

_MORE = ("serial2", "serial3", "serial4")
SERIAL_LIST = Layout(
    "串码清单",
    Column(
        "serial",
        "串码",
        ("imei", "imei1", "meid", "esn", "串号", "终端串码", "终端串号", "主串码"),
        within=("串码", "imei", "meid"),
        looks_like=r"(?i)[0-9A-F]{14,16}",
        example="490154203237518",
    ),
    *(
        Column(name, f"串码{place}", (f"imei{place}", f"串号{place}"), required=False)
        for place, name in enumerate(_MORE, start=2)
    ),
    Column("maker", "厂商", ("品牌", "制造商", "终端厂商"), required=False),
    Column("model", "型号", ("机型", "终端型号"), required=False),
    Column("claimant", "补贴省份", ("省份", "补贴省"), required=False),
    Column("claimed_on", "补贴日期", ("核销日期",), required=False),
    headless=True,
)

_WORDS = ("maker", "model", "claimant", "claimed_on")
_TABLES = """
CREATE TEMPORARY TABLE staged (row_no integer, code bigint, word integer) ON COMMIT DROP;
CREATE TEMPORARY TABLE staged_more (row_no integer, place smallint, code bigint) ON COMMIT DROP;
CREATE TEMPORARY TABLE words (word integer, maker text, model text, claimant text, claimed_on text) ON COMMIT DROP;
CREATE TEMPORARY VIEW staged_codes AS
    SELECT row_no, 1::smallint AS place, code FROM staged UNION ALL SELECT row_no, place, code FROM staged_more;
CREATE TEMPORARY TABLE refusals (row_no integer, reason text, state text) ON COMMIT DROP
"""
_NO_CODE = -1
Wrong = dict[int, Refused]
"""Place in the batch > why what stands there is no code."""


@dataclass(frozen=True)
class Lines:
    """Rows with their codes, each an array of the same length. ``extra``: what else is known of each row, int32 or
    int16: which of the list's ``words`` it says, or the place of a further code."""

    row_nos: np.ndarray
    codes: np.ndarray
    extra: np.ndarray

    def __len__(self) -> int:
        return len(self.row_nos)

    def where(self, chosen: np.ndarray) -> "Lines":
        return Lines(self.row_nos[chosen], self.codes[chosen], self.extra[chosen])

    def by_code(self) -> "Lines":
        return self.where(np.argsort(self.codes, kind="stable"))


def _joined(parts: Sequence[Lines], extra: Any) -> Lines:
    kinds = (np.int32, np.int64, extra)
    columns = [[it.row_nos for it in parts], [it.codes for it in parts], [it.extra for it in parts]]
    return Lines(*(np.concatenate([np.empty(0, kind), *its]) for kind, its in zip(kinds, columns, strict=True)))


@dataclass
class Staged:
    """``count``: rows of the list. ``unusual``: row > its code as it was written, where that is no plain IMEI."""

    count: int = 0
    unusual: dict[int, str] = field(default_factory=dict)
    words: dict[tuple[str, ...], int] = field(default_factory=lambda: defaultdict(count().__next__))
    _first: list[Lines] = field(default_factory=list)
    _further: list[Lines] = field(default_factory=list)

    @cached_property
    def first(self) -> Lines:
        """The first code of each row."""
        return _joined(self._first, np.int32)

    @cached_property
    def further(self) -> Lines:
        return _joined(self._further, np.int16)

    def twice(self) -> np.ndarray:
        """Rows with a code that an earlier row has."""
        codes = np.concatenate([self.first.codes, self.further.codes])
        row_nos = np.concatenate([self.first.row_nos, self.further.row_nos])
        order = np.lexsort((row_nos, codes))
        again = np.nonzero(codes[order][1:] == codes[order][:-1])[0] + 1
        return np.unique(row_nos[order[again]])

    def shown(self, row_nos: Sequence[int]) -> list[str]:
        """These rows' first codes as they were written."""
        order = np.argsort(self.first.row_nos, kind="stable")
        places = order[np.searchsorted(self.first.row_nos, row_nos, sorter=order)]
        codes = self.first.codes[places].tolist()
        return [self.unusual.get(row) or written(code) for row, code in zip(row_nos, codes, strict=True)]

    def take(self, batch: Batch, refuse: Refuse) -> bytes:
        """The batch's good rows as the table ``staged`` takes them. A row with a bad code is refused as a whole."""
        first, wrong, unusual = _codes(batch["serial"], blank=False)
        further: list[np.ndarray] = []
        for name in _MORE:
            if any(batch[name]):
                codes, bad, _ = _codes(batch[name], blank=True)
                further.append(codes)
                wrong = bad | wrong
        for place, one in sorted(wrong.items()):
            refuse(batch.row_nos[place], one.raw, one.code, one.repair)
        self.unusual |= {batch.row_nos[place]: batch["serial"][place] for place in unusual if place not in wrong}
        good = np.ones(len(first), dtype=bool)
        good[list(wrong)] = False
        row_nos = np.fromiter(batch.row_nos, np.int32, len(first))
        lines = Lines(row_nos, first, self._said(batch)).where(good)
        self._first.append(lines)
        self._further += _others(row_nos[good], [codes[good] for codes in (first, *further)])
        return binary.rows([lines.row_nos, lines.codes, lines.extra], len(lines)).tobytes()

    def _said(self, batch: Batch) -> np.ndarray:
        """Which words each row says."""
        said = zip(*(batch[name] for name in _WORDS), strict=True)
        return np.fromiter(map(self.words.__getitem__, said), np.int32, len(batch.row_nos))


def stage(tx: Tx, rows: Rows, refuse: Refuse, progress: Callable[[int], None]) -> Staged:
    """Reads the list while the database stores its codes."""
    tx.raw.execute(_TABLES)
    staged = Staged()

    def parts() -> Iterator[bytes]:
        for batch in rows:
            for fault in batch.faults:
                refuse(fault.row_no, fault.shown, fault.code, None)
            yield staged.take(batch, refuse)
            staged.count += len(batch)
            progress(staged.count)

    binary.copy_in(tx, "staged", "row_no, code, word", parts())
    if len(more := staged.further):
        made = binary.rows([more.row_nos, more.extra, more.codes], len(more))
        binary.copy_in(tx, "staged_more", "row_no, place, code", [made.tobytes()])
    with tx.raw.cursor() as cursor, cursor.copy("COPY words FROM STDIN WITH (NULL '')") as copy:
        for said, word in staged.words.items():
            copy.write_row((word, *said))
    tx.raw.execute("ANALYZE staged; ANALYZE staged_more; ANALYZE words")
    return staged


def _codes(values: Sequence[str], *, blank: bool) -> tuple[np.ndarray, Wrong, Sequence[int]]:
    """int64, and the places of what is no plain IMEI. ``blank``: an empty cell is no fault."""
    judged = judge_many(values)
    found = judged.keys
    wrong: Wrong = {}
    for place, other in judged.others.items():
        found[place] = number_of(other) if isinstance(other, Serial) else _NO_CODE
        if isinstance(other, Refused) and not (blank and not values[place].strip()):
            wrong[place] = other
    return found, wrong, list(judged.others)


def _others(row_nos: np.ndarray, columns: Sequence[np.ndarray]) -> Iterator[Lines]:
    """The codes of the columns after the first, each once a row, their places counted from 2."""
    place = np.full(len(row_nos), 2, dtype=np.int16)
    for number, codes in enumerate(columns[1:], start=1):
        new = codes != _NO_CODE
        for before in columns[:number]:
            new &= codes != before
        yield Lines(row_nos[new], codes[new], place[new])
        place[new] += 1
