"""XLSX in bounded memory, and what must not be opened at all: macro books, old .xls, zip bombs, XML with a DTD.

The sheet is parsed as a stream (expat). Of the book only its table of texts is held, packed: about 25 bytes per text.
Cells are read as they stand in the XML, so that a number that lost its digits is seen as what it is.
"""

import re
import zipfile
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO
from xml.parsers import expat

from kernel.model.errors import DomainError
from services.inventory.deliveries.columns import BATCH_ROWS, ROLES, Batch, Limits, RowBudget, find_columns

_CHUNK = 1 << 18
_SAFE_DIGITS = 15
_SMALL_ENTRY = 1 << 20
_MAX_ENTRIES = 1000
_MAX_ROW = 1 << 30
_MAX_COLUMNS = 64
_ROW_OF = re.compile(r"\d+")


def _unreadable(reason: str) -> DomainError:
    return DomainError("file_not_readable", reason=reason)


def open_book(file: BinaryIO, limits: Limits) -> zipfile.ZipFile:
    """The archive, once its directory is known to be harmless. Nothing is unpacked for that.

    Raises DomainError file_kind_refused, file_too_large or file_not_readable.
    """
    try:
        book = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise _unreadable("damaged archive, 压缩包损坏") from error
    entries = book.infolist()
    names = {entry.filename for entry in entries}
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise DomainError("file_kind_refused", kind="XLSM（含宏）")
    if "xl/workbook.bin" in names:
        raise DomainError("file_kind_refused", kind="XLSB")
    if "xl/workbook.xml" not in names:
        raise DomainError("file_kind_refused", kind="ODS" if "content.xml" in names else "ZIP")
    if any(entry.flag_bits & 1 for entry in entries):
        raise _unreadable("encrypted, 文件已加密")
    if len(entries) > _MAX_ENTRIES:
        raise _unreadable("too many parts, 压缩包条目过多")
    if sum(entry.file_size for entry in entries) > limits.unpacked_bytes:
        raise DomainError("file_too_large", limit=f"{limits.unpacked_bytes >> 20} MiB 解压后 unpacked")
    for entry in entries:
        if entry.file_size > _SMALL_ENTRY and entry.file_size > limits.ratio * max(entry.compress_size, 1):
            raise DomainError("file_too_large", limit=f"1:{limits.ratio} 压缩比 compression")
    with book.open("[Content_Types].xml") if "[Content_Types].xml" in names else book.open("xl/workbook.xml") as types:
        if b"macroEnabled" in types.read(_SMALL_ENTRY):
            raise DomainError("file_kind_refused", kind="XLSM（含宏）")
    return book


def _parser() -> expat.XMLParserType:
    def forbid(*_: object) -> None:
        raise _unreadable("XML DTD")

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = forbid
    parser.EntityDeclHandler = forbid
    return parser


def _feed(book: zipfile.ZipFile, name: str, parser: expat.XMLParserType) -> Iterator[None]:
    """Parses one part piece by piece, giving control back after each."""
    try:
        with book.open(name) as part:
            while piece := part.read(_CHUNK):
                parser.Parse(piece, False)
                yield
            parser.Parse(b"", True)
            yield
    except KeyError as error:
        raise _unreadable(f"{name} is missing, 缺少部件") from error
    except (expat.ExpatError, zipfile.BadZipFile, EOFError, OSError, NotImplementedError, ValueError) as error:
        if isinstance(error, zipfile.BadZipFile | expat.ExpatError):
            raise _unreadable("damaged content, 内容损坏") from error
        raise _unreadable(type(error).__name__) from error
    except Exception as error:
        if type(error).__module__ == "zlib":
            raise _unreadable("damaged content, 内容损坏") from error
        raise


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def visible_sheets(book: zipfile.ZipFile) -> list[str]:
    """Names of the parts that hold the visible sheets, in the book's order."""
    ids: list[str] = []
    targets: dict[str, str] = {}

    def on_sheet(name: str, attributes: dict[str, str]) -> None:
        if _local(name) == "sheet" and attributes.get("state", "visible") == "visible":
            ids.extend(value for key, value in attributes.items() if _local(key) == "id")

    def on_relation(name: str, attributes: dict[str, str]) -> None:
        if _local(name) == "Relationship" and attributes.get("Type", "").endswith("/worksheet"):
            target = attributes.get("Target", "")
            targets[attributes.get("Id", "")] = target[1:] if target.startswith("/") else f"xl/{target}"

    for part, handler in (("xl/workbook.xml", on_sheet), ("xl/_rels/workbook.xml.rels", on_relation)):
        parser = _parser()
        parser.StartElementHandler = handler
        for _ in _feed(book, part, parser):
            pass
    return [targets[own] for own in ids if own in targets]


class Texts:
    """The book's table of texts, packed into one buffer. Phonetic guides (rPh) are no part of a text."""

    def __init__(self, book: zipfile.ZipFile) -> None:
        self._bytes = bytearray()
        self._ends = array("Q")
        self._listening = self._phonetic = False
        if "xl/sharedStrings.xml" in book.NameToInfo:
            parser = _parser()
            parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
            parser.CharacterDataHandler = self._data
            for _ in _feed(book, "xl/sharedStrings.xml", parser):
                pass

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "t":
            self._listening = not self._phonetic
        elif name == "rPh":
            self._phonetic = True
        elif ":" in name:
            self._start(_local(name), attributes)

    def _end(self, name: str) -> None:
        if name == "t":
            self._listening = False
        elif name == "si":
            self._ends.append(len(self._bytes))
        elif name == "rPh":
            self._phonetic = False
        elif ":" in name:
            self._end(_local(name))

    def _data(self, text: str) -> None:
        if self._listening:
            self._bytes += text.encode()

    def __getitem__(self, index: int) -> str:
        begin = self._ends[index - 1] if index else 0
        return self._bytes[begin : self._ends[index]].decode()


def number_text(raw: str) -> str:
    """A number cell as text: whole numbers of up to 15 digits exactly, longer ones as the 8.986E+18 they have become.

    A spreadsheet keeps 15 digits; a longer number's last ones are gone even where the file still prints zeros or noise.
    """
    try:
        value = float(raw)
    except ValueError:
        return raw
    if value.is_integer() and abs(value) < 10**_SAFE_DIGITS:
        return str(int(value))
    return f"{value:.17g}" if abs(value) < 10**_SAFE_DIGITS else re.sub(r"\.?0+E", "E", f"{value:.14E}")


@dataclass
class _Sheet:
    """expat's handlers for one sheet. ``rows``: complete rows not yet taken: (row number, column > text)."""

    texts: Texts
    wanted: frozenset[int] | None = None
    rows: list[tuple[int, dict[int, str]]] = field(default_factory=list)
    merged: list[tuple[int, int]] = field(default_factory=list)
    _cells: dict[int, str] = field(default_factory=dict)
    _columns: dict[str, int] = field(default_factory=dict)
    _row_no: int = 0
    _column: int = -1
    _type: str = "n"
    _text: str = ""
    _listening: bool = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            reference = attributes.get("r")
            self._column = self._place(reference) if reference else self._column + 1
            self._type = attributes.get("t", "n")
            self._text = ""
        elif name in ("v", "t"):
            self._listening = True
        elif name == "row":
            self._row_no = self._row_number(attributes.get("r"))
            self._cells, self._column = {}, -1
        elif name == "mergeCell":
            ends = [int(number) for number in _ROW_OF.findall(attributes.get("ref", ""))[:2]]
            if ends:
                self.merged.append((ends[0], ends[-1]))
        elif ":" in name:
            self.start(_local(name), attributes)

    def end(self, name: str) -> None:
        if name in ("v", "t"):
            self._listening = False
        elif name == "c":
            if self._text and (self.wanted is None or self._column in self.wanted):
                self._cells[self._column] = self._value()
        elif name == "row":
            if any(text.strip() for text in self._cells.values()):
                self.rows.append((self._row_no, self._cells))
        elif ":" in name:
            self.end(_local(name))

    def data(self, text: str) -> None:
        if self._listening:
            self._text += text

    def _value(self) -> str:
        if self._type == "s":
            try:
                return self.texts[int(self._text)]
            except (ValueError, IndexError) as error:
                raise _unreadable("damaged text table, 文本表损坏") from error
        return number_text(self._text) if self._type == "n" else self._text

    def _row_number(self, given: str | None) -> int:
        number = int(given) if given and given.isdigit() else self._row_no + 1
        if not self._row_no < number < _MAX_ROW:
            raise _unreadable("rows out of order, 行号混乱")
        return number

    def _place(self, reference: str) -> int:
        letters = reference.rstrip("0123456789")
        if letters not in self._columns:
            place = 0
            for letter in letters[:4].upper():
                place = place * 26 + ord(letter) - 64
            self._columns[letters] = place - 1
        return self._columns[letters]


def _open_sheet(book: zipfile.ZipFile, part: str, texts: Texts) -> tuple[_Sheet, Iterator[None]]:
    sheet = _Sheet(texts)
    parser = _parser()
    parser.StartElementHandler, parser.EndElementHandler = sheet.start, sheet.end
    parser.CharacterDataHandler = sheet.data
    return sheet, _feed(book, part, parser)


@dataclass(frozen=True)
class _Head:
    """First row with anything in it. ``places``: role > column, unless ``refusal`` says why not."""

    part: str
    row_no: int
    places: dict[str, int]
    refusal: DomainError | None = None


def _head_of(book: zipfile.ZipFile, part: str, texts: Texts) -> _Head | None:
    """None when the sheet is empty. Unusable heads are told apart from merged ones."""
    sheet, steps = _open_sheet(book, part, texts)
    for _ in steps:
        if sheet.rows:
            break
    else:
        return None
    row_no, cells = sheet.rows[0]
    head = [cells.get(place, "") for place in range(min(max(cells) + 1, _MAX_COLUMNS))]
    try:
        return _Head(part, row_no, find_columns(head))
    except DomainError as error:
        for _ in steps:
            sheet.rows.clear()
        merged = any(first <= row_no + 1 and last >= row_no for first, last in sheet.merged)
        return _Head(part, row_no, {}, DomainError("file_head_merged") if merged else error)


def _choose(book: zipfile.ZipFile, texts: Texts) -> _Head:
    """The one sheet with a usable head. Raises what the first sheet deserves, or file_sheets_several."""
    heads = [head for part in visible_sheets(book) if (head := _head_of(book, part, texts))]
    good = [head for head in heads if head.refusal is None]
    if not heads:
        raise DomainError("file_empty")
    if not good and heads[0].refusal:
        raise heads[0].refusal
    if len(good) > 1:
        raise DomainError("file_sheets_several", count=len(good))
    return good[0]


def read_xlsx(file: BinaryIO, limits: Limits) -> Iterator[Batch]:
    """Batches of the one sheet of a seekable ``file`` that has the columns. Merged heads show at the sheet's end."""
    with open_book(file, limits) as book:
        texts = Texts(book)
        head = _choose(book, texts)
        a, b, c = (head.places[role] for role in ROLES)
        sheet, steps = _open_sheet(book, head.part, texts)
        sheet.wanted = frozenset((a, b, c))
        budget = RowBudget(limits.rows)
        last = False
        while not last:
            last = next(steps, StopIteration) is StopIteration
            if not last and len(sheet.rows) < BATCH_ROWS:
                continue
            rows = [(row_no, cells) for row_no, cells in sheet.rows if row_no > head.row_no]
            sheet.rows.clear()
            budget.spend(len(rows))
            if rows:
                yield Batch(
                    [row_no for row_no, _ in rows],
                    [cells.get(a, "") for _, cells in rows],
                    [cells.get(b, "") for _, cells in rows],
                    [cells.get(c, "") for _, cells in rows],
                )
        if any(first <= head.row_no <= final for first, final in sheet.merged):
            raise DomainError("file_head_merged")
