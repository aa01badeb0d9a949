"""A list's rows, judged and kept as columns in memory, and the codes of those that the database has to look at in
temporary tables; whoever is killed leaves nothing of them."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count, islice
from typing import Any

import numpy as np

from kernel.chassis.data import binary_copy as binary
from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.files import Column, Layout, Rows
from kernel.chassis.files.batches import Batch
from kernel.model.serial import TEST_TYPE, Refused, Serial
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

    def where(self, chosen: np.ndarray | slice) -> "Lines":
        return Lines(self.row_nos[chosen], self.codes[chosen], self.extra[chosen])

    def by_code(self) -> "Lines":
        return self.where(np.argsort(self.codes, kind="stable"))


def _joined(parts: Sequence[Lines], extra: Any) -> Lines:
    kinds = (np.int32, np.int64, extra)
    columns = [[it.row_nos for it in parts], [it.codes for it in parts], [it.extra for it in parts]]
    return Lines(*(np.concatenate([np.empty(0, kind), *its]) for kind, its in zip(kinds, columns, strict=True)))


@dataclass(frozen=True)
class Part:
    """Rows of a list: the first code of each with which words it says, their further codes with their places."""

    first: Lines
    further: Lines

    def __len__(self) -> int:
        return len(self.first)

    @property
    def codes(self) -> np.ndarray:
        return np.concatenate([self.first.codes, self.further.codes])

    @property
    def row_nos(self) -> np.ndarray:
        """Of ``codes``."""
        return np.concatenate([self.first.row_nos, self.further.row_nos])

    def split(self, row_nos: np.ndarray) -> tuple["Part", "Part"]:
        """Those rows, and the others."""
        if not len(row_nos):
            return Part(self.first.where(np.zeros(len(self.first), bool)), self.further.where(slice(0))), self
        here, more = np.isin(self.first.row_nos, row_nos), np.isin(self.further.row_nos, row_nos)
        return (
            Part(self.first.where(here), self.further.where(more)),
            Part(self.first.where(~here), self.further.where(~more)),
        )


_NOTHING = Part(_joined([], np.int32), _joined([], np.int16))


def together(parts: Sequence[Part]) -> Part:
    """All their rows."""
    if len(parts) == 1:
        return parts[0]
    return Part(_joined([it.first for it in parts], np.int32), _joined([it.further for it in parts], np.int16))


class Seen:
    """All codes of a list so far."""

    def __init__(self) -> None:
        self._codes = np.empty(0, np.int64)

    def again(self, part: Part) -> np.ndarray:
        """The rows with a code that an earlier row has. ``part``: what follows in the list."""
        codes, row_nos = part.codes, part.row_nos
        order = np.lexsort((row_nos, codes))
        codes, row_nos = codes[order], row_nos[order]
        twice = np.isin(codes, self._codes) if self._reach(codes) else np.zeros(len(codes), bool)
        twice[1:] |= codes[1:] == codes[:-1]
        self._codes = np.concatenate([self._codes, codes])
        self._codes.sort(kind="stable")
        return np.unique(row_nos[twice])

    def _reach(self, codes: np.ndarray) -> bool:
        both = len(codes) and len(self._codes)
        return bool(both and codes[0] <= self._codes[-1] and codes[-1] >= self._codes[0])


@dataclass
class Staged:
    """``count``: rows of the list. ``unusual``: row > its code as it was written, where that is no plain IMEI.

    ``words``: what rows say beside their codes > its number.
    """

    count: int = 0
    unusual: dict[int, str] = field(default_factory=dict)
    words: dict[tuple[str, ...], int] = field(default_factory=lambda: defaultdict(count().__next__))
    _words_kept: int = 0
    _parts: list[Part] = field(default_factory=list)

    @property
    def rows(self) -> Part:
        """Those that stand in the temporary tables."""
        return together(self._parts or [_NOTHING])

    def shown(self, part: Part) -> list[str]:
        """These rows' first codes as they were written."""
        both = zip(part.first.row_nos.tolist(), part.first.codes.tolist(), strict=True)
        return [self.unusual.get(row) or written(code) for row, code in both]

    def keep(self, tx: Tx, part: Part) -> None:
        """Puts rows into the temporary tables."""
        self.keep_words(tx)
        if not len(part):
            return
        first, more = part.first, part.further
        made = binary.rows([first.row_nos, first.codes, first.extra], len(first))
        binary.copy_in(tx, "staged", "row_no, code, word", [made.tobytes()])
        if len(more):
            made = binary.rows([more.row_nos, more.extra, more.codes], len(more))
            binary.copy_in(tx, "staged_more", "row_no, place, code", [made.tobytes()])
        self._parts.append(part)

    def keep_words(self, tx: Tx) -> None:
        """Puts the words that were read since into their temporary table."""
        new = list(islice(self.words.items(), self._words_kept, None))
        self._words_kept += len(new)
        if new:
            with tx.raw.cursor() as cursor, cursor.copy("COPY words FROM STDIN WITH (NULL '')") as copy:
                for said, word in new:
                    copy.write_row((word, *said))

    def take(self, batch: Batch, refuse: Refuse) -> Part:
        """The batch's good rows. A row with a bad code is refused as a whole."""
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
        others = list(_others(row_nos[good], [codes[good] for codes in (first, *further)]))
        return Part(lines, _joined(others, np.int16))

    def _said(self, batch: Batch) -> np.ndarray:
        """Which words each row says."""
        said = zip(*(batch[name] for name in _WORDS), strict=True)
        return np.fromiter(map(self.words.__getitem__, said), np.int32, len(batch.row_nos))


def read(staged: Staged, rows: Rows, refuse: Refuse, progress: Callable[[int], None]) -> Iterator[Part]:
    """The good rows, batch by batch; the others are refused."""
    for batch in rows:
        for fault in batch.faults:
            refuse(fault.row_no, fault.shown, fault.code, None)
        part = staged.take(batch, refuse)
        staged.count += len(batch)
        progress(staged.count)
        yield part


def begin(tx: Tx) -> Staged:
    """Makes the temporary tables."""
    tx.raw.execute(_TABLES)
    return Staged()


def stage(tx: Tx, staged: Staged, parts: Iterable[Part]) -> None:
    """Keeps all rows."""
    for part in parts:
        staged.keep(tx, part)
    tx.raw.execute("ANALYZE staged; ANALYZE staged_more; ANALYZE words")


def _codes(values: Sequence[str], *, blank: bool) -> tuple[np.ndarray, Wrong, Sequence[int]]:
    """int64, and the places of what is no plain IMEI. ``blank``: an empty cell is no fault."""
    judged = judge_many(values)
    found = judged.keys
    wrong: Wrong = {}
    for place, one in judged.others.items():
        other = _for_sale(values[place], one)
        found[place] = number_of(other) if isinstance(other, Serial) else _NO_CODE
        if isinstance(other, Refused) and not (blank and not values[place].strip()):
            wrong[place] = other
    return found, wrong, list(judged.others)


def _for_sale(value: str, judged: Serial | Refused) -> Serial | Refused:
    """A laboratory's code is refused: no device for sale has it."""
    is_test = isinstance(judged, Serial) and TEST_TYPE in judged.warnings
    return Refused(value, TEST_TYPE) if is_test else judged


def _others(row_nos: np.ndarray, columns: Sequence[np.ndarray]) -> Iterator[Lines]:
    """The codes of the columns after the first, each once a row, their places counted from 2."""
    place = np.full(len(row_nos), 2, dtype=np.int16)
    for number, codes in enumerate(columns[1:], start=1):
        new = codes != _NO_CODE
        for before in columns[:number]:
            new &= codes != before
        yield Lines(row_nos[new], codes[new], place[new])
        place[new] += 1
