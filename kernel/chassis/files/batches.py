"""What reading a file yields, and how much of it there may be."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kernel.model.errors import DomainError

BATCH_ROWS = 20_000
MAX_CELL = 32_767
"""Characters of one cell; a spreadsheet holds no more. What is longer is cut."""


@dataclass(frozen=True)
class Limits:
    """``rows``: data rows of one file. For XLSX: ``unpacked_bytes`` in all, unpacked to packed at most ``ratio``, and
    ``text_bytes`` of its table of texts, which is held in memory.

    A reader holds no more than that table and a few batches, whatever the file.
    """

    rows: int = 1_500_000
    unpacked_bytes: int = 1 << 30
    ratio: int = 150
    text_bytes: int = 256 << 20


@dataclass(frozen=True)
class Fault:
    """A row that cannot be read. ``row_no``: as a spreadsheet counts; ``line_no``: as an editor does.

    ``shown``: the row's first declared value, or the beginning of its text. ``code``, ``params``: of the catalogue.
    """

    row_no: int
    line_no: int
    shown: str
    code: str
    params: dict[str, Any] = field(default_factory=dict)


@dataclass
class Batch:
    """Columns of up to about ``BATCH_ROWS`` rows, all of the same length; "" where a cell is empty.

    ``beside``: place of a row > its cells outside the columns, of rows that may be none (``no_rows``).
    """

    row_nos: Sequence[int]
    line_nos: Sequence[int]
    columns: dict[str, Sequence[str]]
    faults: list[Fault] = field(default_factory=list)
    beside: Mapping[int, Sequence[str]] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Sequence[str]:
        return self.columns[name]

    def __len__(self) -> int:
        """Rows of the file that it tells of, the faulty ones too."""
        return len(self.row_nos) + len(self.faults)


@dataclass
class Notes:
    """What a person should know of a file that was read: code of the catalogue > count, and how each was cleaned."""

    counts: Counter[str] = field(default_factory=Counter)
    params: dict[str, dict[str, Any]] = field(default_factory=dict)

    def add(self, code: str, count: int = 1, **params: Any) -> None:
        """Counts; the params of the first time stay."""
        if count:
            self.counts[code] += count
            self.params.setdefault(code, params)

    def items(self) -> list[tuple[str, dict[str, Any]]]:
        """Code and params, ``count`` among them, in the order of their first time."""
        return [(code, {**self.params[code], "count": count}) for code, count in self.counts.items()]


class RowBudget:
    """Counts data rows and stops at the limit."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._seen = 0

    def spend(self, rows: int) -> None:
        """Raises DomainError file_too_large once more than the limit have been read."""
        self._seen += rows
        if self._seen > self._limit:
            raise DomainError("file_too_large", limit=f"{self._limit:,}", of="rows")


def unreadable(reason: str) -> DomainError:
    """``reason``: the true cause, a word of the vocabulary file_faults."""
    return DomainError("file_not_readable", reason=reason)
