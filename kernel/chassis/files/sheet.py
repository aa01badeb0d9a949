"""The cells of one sheet as a stream, and the book's table of texts, packed: about 25 bytes per text.

Cells are read as they stand in the XML, so that a number that lost its digits is seen as what it is. Dimensions that a
sheet states are not believed; rows and cells may come in any order, with or without references.
"""

import re
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from kernel.chassis.files.batches import MAX_CELL, unreadable
from kernel.chassis.files.cells import serial_date
from kernel.chassis.files.layout import MAX_COLUMNS, Kind
from kernel.chassis.files.package import Package, local, new_parser, unescaped
from kernel.model.errors import DomainError

_SAFE_DIGITS = 15
_MAX_ROW = 1 << 30
_COLUMN = re.compile("[A-Za-z]{1,4}")

Problem = tuple[str, dict[str, str]]


class SheetRow(NamedTuple):
    """``cells``: column > text, of those that hold anything. ``problems``: column > what is wrong with its cell.

    ``beside``: texts of other columns: the first where the row begins with it, all of a row that has nothing else.
    """

    row_no: int
    hidden: bool
    cells: dict[int, str]
    problems: Mapping[int, Problem]
    beside: Sequence[str] = ()


_NO_PROBLEMS: Mapping[int, Problem] = {}


class Texts:
    """The book's table of texts, packed into one buffer. Phonetic guides (rPh) are no part of a text."""

    def __init__(self, package: Package, most_bytes: int) -> None:
        self._bytes = bytearray()
        self._ends = array("Q")
        self._listening = self._phonetic = False
        self._room = MAX_CELL
        part = package.related("sharedstrings")
        if part is None:
            return
        parser = new_parser()
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._data
        for _ in package.feed(part, parser):
            if len(self._bytes) + 8 * len(self._ends) > most_bytes:
                raise DomainError("file_too_large", limit=f"{most_bytes >> 20} MiB", of="texts")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "t":
            self._listening = not self._phonetic
        elif name == "rPh":
            self._phonetic = True
        elif ":" in name:
            self._start(local(name), attributes)

    def _end(self, name: str) -> None:
        if name == "t":
            self._listening = False
        elif name == "si":
            self._ends.append(len(self._bytes))
            self._room = MAX_CELL
        elif name == "rPh":
            self._phonetic = False
        elif ":" in name:
            self._end(local(name))

    def _data(self, text: str) -> None:
        if self._listening and self._room > 0:
            self._bytes += text[: self._room].encode()
            self._room -= len(text)

    def __getitem__(self, index: int) -> str:
        if not 0 <= index < len(self._ends):
            raise unreadable("text_table_damaged")
        begin = self._ends[index - 1] if index else 0
        return unescaped(self._bytes[begin : self._ends[index]].decode())


def number_text(raw: str) -> str:
    """A number cell as text: whole numbers of up to 15 digits exactly, longer ones as the 8.986E+18 they have become.

    A spreadsheet keeps 15 digits; a longer number's last ones are gone even where the file still prints zeros or noise.
    """
    if raw.isdecimal() and raw.isascii() and len(raw) <= _SAFE_DIGITS:
        return str(int(raw))
    try:
        value = float(raw)
    except ValueError:
        return raw
    if value.is_integer() and abs(value) < 10**_SAFE_DIGITS:
        return str(int(value))
    return f"{value:.15g}" if abs(value) < 10**_SAFE_DIGITS else re.sub(r"\.?0+E", "E", f"{value:.14E}")


@dataclass
class _Handlers:
    """expat's handlers for one sheet. ``rows``: complete rows not yet taken. ``wanted``: column > kind; None: all."""

    texts: Texts
    from_1904: bool
    wanted: Mapping[int, Kind] | None = None
    rows: list[SheetRow] = field(default_factory=list)
    hidden_columns: set[int] = field(default_factory=set)
    _cells: dict[int, str] = field(default_factory=dict)
    _problems: dict[int, Problem] = field(default_factory=dict)
    _beside: list[str] = field(default_factory=list)
    _places: dict[str, int] = field(default_factory=dict)
    _all_hidden: bool = False
    _hidden: bool = False
    _row_no: int = 0
    _column: int = -1
    _type: str = "n"
    _text: str = ""
    _formula: bool = False
    _listening: bool = False
    _phonetic: bool = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            reference = attributes.get("r")
            self._column = self._place(reference) if reference else self._column + 1
            self._type = attributes.get("t", "n")
            self._text, self._formula = "", False
        elif name == "v" or (name == "t" and not self._phonetic):
            self._listening = True
        elif name == "f":
            self._formula = True
        elif name == "row":
            self._begin_row(attributes)
        elif name == "rPh":
            self._phonetic = True
        elif name == "col":
            self._see_column(attributes)
        elif name == "sheetFormatPr":
            self._all_hidden = _is_true(attributes.get("zeroHeight"))
        elif ":" in name:
            self.start(local(name), attributes)

    def end(self, name: str) -> None:
        if name in ("v", "t"):
            self._listening = False
        elif name == "c":
            self._end_cell()
        elif name == "row":
            if self._problems or self._cells or self._beside:
                beside = self._beside if not self._cells else self._beside[:1]
                problems = self._problems or _NO_PROBLEMS
                self.rows.append(SheetRow(self._row_no, self._hidden, self._cells, problems, beside))
        elif name == "rPh":
            self._phonetic = False
        elif ":" in name:
            self.end(local(name))

    def data(self, text: str) -> None:
        if self._listening and len(self._text) < MAX_CELL:
            self._text += text[:MAX_CELL]

    def _end_cell(self) -> None:
        column = self._column
        if self.wanted is None:
            if column >= MAX_COLUMNS:
                return
        elif column not in self.wanted:
            if self._text and self._type != "e" and not self._cells:
                self._keep_beside(column)
            return
        if self._type == "e":
            self._problems[column] = "cell_error", {"value": self._text[:32]}
        elif self._text:
            value = self._value(column)
            if not value.isspace():
                self._cells[column] = value
        elif self._formula:
            self._problems[column] = "cell_formula_empty", {}

    def _keep_beside(self, column: int) -> None:
        value = self._value(column)
        if len(self._beside) < MAX_COLUMNS and value.strip():
            self._beside.append(value)

    def _value(self, column: int) -> str:
        text = self._text
        match self._type:
            case "s":
                if not (text.isdecimal() and text.isascii() and len(text) < _SAFE_DIGITS):
                    raise unreadable("text_table_damaged")
                return self.texts[int(text)]
            case "n":
                if self.wanted and self.wanted.get(column) is Kind.DATE:
                    return serial_date(text, from_1904=self.from_1904)
                return number_text(text.strip())
            case "b":
                return "TRUE" if text.strip() == "1" else "FALSE"
            case _:
                return unescaped(text)

    def _begin_row(self, attributes: dict[str, str]) -> None:
        given = attributes.get("r", "")
        number = int(given) if given.isdecimal() and len(given) < _SAFE_DIGITS else self._row_no + 1
        self._row_no = number if 0 < number < _MAX_ROW else self._row_no + 1
        stated = attributes.get("hidden")
        self._hidden = _is_true(stated) or attributes.get("ht") == "0" or (self._all_hidden and stated is None)
        self._cells, self._problems, self._beside, self._column = {}, {}, [], -1

    def _see_column(self, attributes: dict[str, str]) -> None:
        if not (_is_true(attributes.get("hidden")) or attributes.get("width") == "0"):
            return
        first, last = attributes.get("min", ""), attributes.get("max", "")
        if first.isdecimal() and last.isdecimal() and len(first) + len(last) < _SAFE_DIGITS:
            self.hidden_columns.update(range(int(first) - 1, min(int(last), MAX_COLUMNS)))

    def _place(self, reference: str) -> int:
        match = _COLUMN.match(reference)
        if match is None:
            return self._column + 1
        letters = match[0]
        place = self._places.get(letters)
        if place is None:
            place = 0
            for letter in letters.upper():
                place = place * 26 + ord(letter) - 64
            place -= 1
            if len(self._places) < MAX_COLUMNS:
                self._places[letters] = place
        return place


def _is_true(value: str | None) -> bool:
    return value is not None and value.lower() in ("1", "true", "on")


class Sheet:
    """Reading one sheet from its beginning. ``wanted``: the columns that are kept; None: the first 256."""

    def __init__(self, package: Package, part: str, texts: Texts, wanted: Mapping[int, Kind] | None = None) -> None:
        self._handlers = _Handlers(texts, package.from_1904, wanted)
        parser = new_parser()
        parser.StartElementHandler, parser.EndElementHandler = self._handlers.start, self._handlers.end
        parser.CharacterDataHandler = self._handlers.data
        self._steps = package.feed(part, parser)

    @property
    def hidden_columns(self) -> frozenset[int]:
        """Known once a row was read."""
        return frozenset(self._handlers.hidden_columns)

    def rows(self) -> Iterator[list[SheetRow]]:
        """The rows that hold anything, in the order of the file, in lists."""
        for _ in self._steps:
            if self._handlers.rows:
                rows, self._handlers.rows = self._handlers.rows, []
                yield rows
