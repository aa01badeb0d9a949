"""CSV as it really comes: UTF-8 with and without BOM, GBK, UTF-16; commas, semicolons, tabs; quoted line breaks.

Records follow RFC 4180. A quote that never closes breaks its own line and not the rest of the file. A record counts as
one row however many lines it has; both are counted, as a spreadsheet and as an editor count.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, repeat
from typing import BinaryIO

from kernel.chassis.files.batches import unreadable

_SAMPLE = 1 << 18
_CHUNK = 1 << 20
_MAX_LINE = 1 << 16
_MAX_RECORD_LINES = 500
_MAX_LOOKED_FOR_QUOTES = 1_000_000
_FILLING = "\0\x1a"
DELIMITERS = ",;\t|，；"
_SPACED = re.compile(r'" +[,;|]|[,;|] +"')
_EXCEL_HINT = re.compile(r'^"?sep=(.)"?$')

csv.field_size_limit(1 << 20)


@dataclass(frozen=True)
class Record:
    """One row of a file: its number as a spreadsheet counts, its first line, its cells; None: its quotes do not close.

    ``text``: the line as it stands. ``lines``: how many it has.
    """

    row_no: int
    line_no: int
    cells: list[str] | None
    text: str = ""
    lines: int = 1
    hidden: bool = False


def detect_encoding(sample: bytes) -> str:
    """Encoding of text that begins with ``sample``. Raises DomainError file_not_readable for what is no text."""
    for mark, name in (
        (codecs.BOM_UTF32_LE, "utf-32"),
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if sample.startswith(mark):
            return name
    sample = sample.rstrip(b"\0")
    if sample[1:200:2].count(0) > len(sample[:200]) // 3:
        return "utf-16-le"
    if sample[0:200:2].count(0) > len(sample[:200]) // 3:
        return "utf-16-be"
    if 0 in sample[:4096]:
        raise unreadable("not_text")
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8"


class CsvText:
    """A seekable file as records. ``hinted``: the separator that the file itself names («sep=;»)."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        sample = file.read(_SAMPLE)
        self.encoding = detect_encoding(sample)
        text = codecs.getincrementaldecoder(self.encoding)(errors="replace").decode(sample, len(sample) < _SAMPLE)
        lines = text.rstrip(_FILLING).replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd").split("\n")
        if len(sample) == _SAMPLE:
            lines.pop()
        if any(len(line) > _MAX_LINE for line in lines) or not lines:
            raise _too_long()
        self.sample_lines = lines
        first = next((line for line in lines if line.strip()), "").strip()
        hint = _EXCEL_HINT.match(first)
        self.hinted = hint[1] if hint else None

    def sample(self, delimiter: str, most: int) -> list[Record]:
        """The first ``most`` records that hold anything."""
        found: list[Record] = []
        records = Records([list(self.sample_lines)], delimiter)
        for record in records.one_by_one():
            hint = self.hinted is not None and not found and _EXCEL_HINT.match(record.text.strip())
            if not hint and (record.cells is None or any(cell.strip() for cell in record.cells)):
                found.append(record)
            if len(found) == most:
                break
        return found

    def lines(self) -> Iterator[list[str]]:
        """The whole file's lines in lists of about a megabyte; NUL, which no database takes, becomes U+FFFD.

        Those at the end, with which some programs fill their last block, are no text; nor is DOS's end of file.
        """
        self._file.seek(0)
        text = io.TextIOWrapper(self._file, encoding=self.encoding, errors="replace", newline=None)
        try:
            rest, nuls = "", 0
            while chunk := text.read(_CHUNK):
                body = chunk.rstrip(_FILLING)
                if body and nuls > _MAX_LINE:
                    raise _too_long()
                lines = (rest + "\ufffd" * (nuls if body else 0) + body.replace("\0", "\ufffd")).split("\n")
                nuls = len(chunk) - len(body) + (0 if body else nuls)
                rest = lines.pop()
                if len(rest) > _MAX_LINE:
                    raise _too_long()
                if lines:
                    yield lines
            if rest:
                yield [rest]
        finally:
            text.detach()


def _too_long() -> Exception:
    return unreadable("line_too_long")


class Records:
    """Lists of lines as records. ``parts`` gives them either as columns, where all is plain, or one by one."""

    def __init__(self, lines: Iterable[list[str]], delimiter: str) -> None:
        self._source = iter(lines)
        self._delimiter = delimiter
        self._line_no = 0
        self._row_no = 0
        self._width: int | None = None
        self._left = _MAX_LOOKED_FOR_QUOTES

    def parts(self, width: int) -> Iterator["list[Record] | Block"]:
        """``width``: cells of the head; rows of another width come one by one."""
        self._width = width
        for lines in self._source:
            block = self._block(lines, width)
            if block is not None:
                yield block
            else:
                yield list(self._each(lines))

    def one_by_one(self) -> Iterator[Record]:
        """Everything, whatever its width."""
        for lines in self._source:
            yield from self._each(lines)

    def _block(self, lines: list[str], width: int) -> "Block | None":
        delimiter = self._delimiter
        joined = delimiter.join(lines)
        if '"' not in joined:
            plain = {*map(str.count, lines, repeat(delimiter))} == {width - 1} and (width > 1 or all(lines))
            cells = joined.split(delimiter) if plain else None
        else:
            cells = self._quoted(lines, width)
        if cells is None:
            return None
        row_nos = range(self._row_no + 1, self._row_no + 1 + len(lines))
        block = Block(row_nos, self._line_no - self._row_no, cells, width)
        self._row_no += len(lines)
        self._line_no += len(lines)
        return block

    def _quoted(self, lines: list[str], width: int) -> list[str] | None:
        """The cells of lines that are whole records of one width."""
        if any(map(_SPACED.search, lines)):
            return None
        try:
            rows = list(csv.reader(lines, delimiter=self._delimiter, strict=True))
        except csv.Error:
            return None
        if len(rows) != len(lines) or {len(row) for row in rows} != {width}:
            return None
        return list(chain.from_iterable(rows))

    def _each(self, lines: list[str]) -> Iterator[Record]:
        place = 0
        while place < len(lines):
            line = lines[place]
            cells, used = self._split(lines, place)
            self._row_no += 1
            yield Record(self._row_no, self._line_no + 1, cells, line, used)
            place += used
            self._line_no += used

    def _split(self, lines: list[str], place: int) -> tuple[list[str] | None, int]:
        """Cells of the record that begins at ``place``, and its lines. More lines are fetched when it goes on."""
        line = lines[place]
        if '"' not in line:
            return line.split(self._delimiter), 1
        used = 0
        if _SPACED.search(line) and (cells := self._spaced(line)):
            return cells, 1

        def feed() -> Iterator[str]:
            nonlocal used
            while used < _MAX_RECORD_LINES and (used == 0 or self._left > 0):
                if place + used == len(lines) and not self._more(lines):
                    return
                used += 1
                self._left -= used > 1
                yield lines[place + used - 1] + "\n"

        try:
            cells = next(csv.reader(feed(), delimiter=self._delimiter, strict=True))
        except (csv.Error, StopIteration):
            return self._spaced(line), 1
        if used > 1 and self._width is not None and len(cells) != self._width:
            return None, 1  # a stray quote that found another one further down
        self._left += used - 1
        return cells, used

    def _spaced(self, line: str) -> list[str] | None:
        """The cells of a line with blanks between its quotes and separators; None: it has none, or more is wrong."""
        between = rf'"[ \t]*{re.escape(self._delimiter)}[ \t]*"'
        if self._delimiter == "\t" or not re.search(between, line):
            return None
        close = re.sub(between, f'"{self._delimiter}"', line.strip(" "))
        try:
            return next(csv.reader([close], delimiter=self._delimiter, strict=True))
        except (csv.Error, StopIteration):
            return None

    def _more(self, lines: list[str]) -> bool:
        more = next(self._source, None)
        lines.extend(more or ())
        return bool(more)


@dataclass(frozen=True)
class Block:
    """Whole rows of one width, cell after cell. ``shift``: lines that earlier records had more than one of."""

    row_nos: range
    shift: int
    cells: list[str]
    width: int

    def column(self, place: int) -> Sequence[str]:
        return self.cells[place :: self.width]

    @property
    def line_nos(self) -> range:
        return range(self.row_nos.start + self.shift, self.row_nos.stop + self.shift)
