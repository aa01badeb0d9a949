"""CSV as it really comes: UTF-8 with and without BOM, GBK, UTF-16; commas, semicolons, tabs; broken lines.

A line is a row: no ICCID holds a line break, so a stray quote breaks its own line and not the rest of the file.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from kernel.model.errors import DomainError
from services.inventory.deliveries.columns import ROLES, Batch, Limits, RowBudget, find_columns

_SAMPLE = 1 << 18
_CHUNK = 1 << 20
_MAX_LINE = 1 << 16
_DELIMITERS = ",;\t"
_EXCEL_HINT = re.compile(r'^"?sep=(.)"?$')
_EXCEL_TEXT = re.compile(r'^="([^"]*)"$')


def detect_encoding(sample: bytes) -> str:
    """Encoding of text that begins with ``sample``. Raises DomainError file_not_readable for what is no text."""
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if sample.startswith(mark):
            return name
    if sample[1:200:2].count(0) > len(sample[:200]) // 3:
        return "utf-16-le"
    if sample[0:200:2].count(0) > len(sample[:200]) // 3:
        return "utf-16-be"
    if 0 in sample[:4096]:
        raise DomainError("file_not_readable", reason="binary content, 不是文本")
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8"


def detect_delimiter(head: str) -> str:
    """The separator that the head uses most; a head without any has one column."""
    return max(_DELIMITERS, key=head.count) if any(d in head for d in _DELIMITERS) else ","


def _split(line: str, delimiter: str) -> list[str] | None:
    """Fields of one line; None when its quotes do not close."""
    if '"' not in line:
        return line.split(delimiter)
    try:
        fields = next(csv.reader([line], delimiter=delimiter, strict=True))
    except (csv.Error, StopIteration):
        return None
    return [match[1] if (match := _EXCEL_TEXT.match(field)) else field for field in fields]


def _lines(text: io.TextIOWrapper) -> Iterator[list[str]]:
    """The file's lines in lists of about a megabyte; NUL, which no database takes, becomes U+FFFD."""
    rest = ""
    while chunk := text.read(_CHUNK):
        lines = (rest + chunk.replace("\0", "\ufffd")).split("\n")
        rest = lines.pop()
        if len(rest) > _MAX_LINE:
            raise DomainError("file_not_readable", reason=f"a line is longer than {_MAX_LINE} characters, 行过长")
        if lines:
            yield lines
    if rest:
        yield [rest]


class _Rows:
    """Turns lists of lines into batches of columns, counting lines from ``first``."""

    def __init__(self, head: str, delimiter: str, first: int) -> None:
        fields = _split(head, delimiter) or []
        self._delimiter = delimiter
        self._width = len(fields)
        self._places = [find_columns(fields)[role] for role in ROLES]
        self._next = first

    def batch(self, lines: Sequence[str]) -> Batch:
        first = self._next
        self._next += len(lines)
        delimiter, width = self._delimiter, self._width
        plain = {line.count(delimiter) for line in lines} == {width - 1} and (width > 1 or all(lines))
        cells = delimiter.join(lines)
        if plain and '"' not in cells:
            fields = cells.split(delimiter)
            iccids, imsis, msisdns = (fields[place::width] for place in self._places)
            return Batch(range(first, self._next), iccids, imsis, msisdns)
        return self._slowly(lines, first)

    def _slowly(self, lines: Sequence[str], first: int) -> Batch:
        a, b, c = self._places
        batch = Batch([], [], [], [])
        row_nos, iccids, imsis, msisdns = [], [], [], []
        for row_no, line in enumerate(lines, first):
            fields = _split(line, self._delimiter)
            if fields is not None and not any(field.strip() for field in fields):
                continue
            if fields is None or len(fields) < self._width or any(f.strip() for f in fields[self._width :]):
                batch.broken.append((row_no, line[:64]))
                continue
            row_nos.append(row_no)
            iccids.append(fields[a])
            imsis.append(fields[b])
            msisdns.append(fields[c])
        batch.row_nos, batch.iccids, batch.imsis, batch.msisdns = row_nos, iccids, imsis, msisdns
        return batch


def read_csv(file: BinaryIO, limits: Limits) -> Iterator[Batch]:
    """Batches of a seekable ``file``. Memory stays at a few batches, whatever the file's size."""
    sample = file.read(_SAMPLE)
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=detect_encoding(sample), errors="replace", newline=None)
    budget = RowBudget(limits.rows)
    rows: _Rows | None = None
    delimiter, line_no = "", 0
    for lines in _lines(text):
        while rows is None and lines:
            head = lines.pop(0)
            line_no += 1
            if hint := _EXCEL_HINT.match(head.strip()):
                delimiter = hint[1]
            elif head.strip():
                rows = _Rows(head, delimiter or detect_delimiter(head), line_no + 1)
        if rows is not None and lines:
            batch = rows.batch(lines)
            budget.spend(len(batch))
            yield batch
    text.detach()
