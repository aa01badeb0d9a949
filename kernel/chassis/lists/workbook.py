"""Workbooks (XLSX) written some thousands of rows at a time, in little memory, for exports of a million rows.

A library that models every cell takes six times as long. What is written here is the least that the format asks for:
inline texts and numbers, a bold head that stays in view, widths. Cells and rows carry no references; they are counted.
Whether texts need escaping is looked up for a whole column of a part at once: most need none.
"""

import io
import re
from collections.abc import Sequence
from decimal import Decimal
from types import TracebackType
from typing import BinaryIO
from xml.sax.saxutils import quoteattr
from zipfile import ZIP_DEFLATED, ZipFile

SHEET_ROWS = 1_048_576
"""Rows of one sheet, the head included; Excel opens no more."""
SHEET_BYTES = 1_900_000_000
"""A sheet of 2 GiB would need extensions of the ZIP format that not every reader knows."""

_MAX_TEXT = 32_767
_BUFFERED = 256 * 1024
_COMPRESSION = 3
_SPECIAL = re.compile("[&<>\x00-\x08\x0b-\x1f\ufffe\uffff]|_x[0-9A-Fa-f]{4}_")
_TROUBLE = ("&", "<", ">", "_x", " |", "| ")
_MARKUP = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_STYLES = (
    f'{_DECLARATION}<styleSheet xmlns="{_MAIN}"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill '
    'patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border>'
    '<left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" '
    'fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" '
    'xfId="0"/><xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)

Cell = str | int | float | Decimal | None


class Workbook:
    """A context manager around a seekable file. ``heads``: text and width (in characters) of each column.

    ``numbers``: of each column, whether it holds numbers; the others hold texts.
    """

    def __init__(
        self,
        out: BinaryIO,
        title: str,
        heads: Sequence[tuple[str, int]],
        numbers: Sequence[bool],
        rows: int = SHEET_ROWS,
    ) -> None:
        self._zip = ZipFile(out, "w", ZIP_DEFLATED, compresslevel=_COMPRESSION)
        self._title = "".join(" " if sign in "[]:*?/\\" else sign for sign in title).strip("' ")[:25] or "Sheet"
        self._heads = heads
        self._numbers = numbers
        self._most_rows = rows
        self._names: list[str] = []
        self._sheet: io.BufferedWriter | None = None
        self._begin()

    def __enter__(self) -> "Workbook":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()
        if kind is None:
            self._frame()
        self._zip.close()

    def write(self, cells: Sequence[Sequence[Cell]]) -> None:
        """Rows more, given by column; on a further sheet when this one is full. Texts stay texts, never formulas."""
        rows, at = len(cells[0]) if cells else 0, 0
        while at < rows:
            if self._rows >= self._most_rows or self._bytes > SHEET_BYTES:
                self._end()
                self._begin()
            end = min(rows, at + self._most_rows - self._rows)
            self._put(_rows_xml([values[at:end] for values in cells], self._numbers))
            self._rows += end - at
            at = end

    def _begin(self) -> None:
        self._names.append(self._title if not self._names else f"{self._title} {len(self._names) + 1}")
        entry = self._zip.open(f"xl/worksheets/sheet{len(self._names)}.xml", "w")
        self._sheet = io.BufferedWriter(entry, _BUFFERED)  # type: ignore[arg-type]
        self._bytes = 0
        widths = "".join(
            f'<col min="{at}" max="{at}" width="{width}" customWidth="1"/>'
            for at, (_, width) in enumerate(self._heads, 1)
        )
        heads = "".join(f'<c s="1" t="inlineStr"><is><t>{_text(text)}</t></is></c>' for text, _ in self._heads)
        self._put(
            f'{_DECLARATION}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" '
            'topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetFormatPr '
            f'defaultRowHeight="15"/><cols>{widths}</cols><sheetData><row>{heads}</row>'
        )
        self._rows = 1

    def _put(self, text: str) -> None:
        if self._sheet is None:
            raise ValueError("the workbook is closed")
        self._bytes += self._sheet.write(text.encode())

    def _end(self) -> None:
        self._put("</sheetData></worksheet>")
        if self._sheet is not None:
            self._sheet.close()
        self._sheet = None

    def _frame(self) -> None:
        """What names the sheets and ties the parts together."""
        numbers = range(1, len(self._names) + 1)
        sheets = "".join(
            f'<sheet name={quoteattr(name)} sheetId="{at}" r:id="rId{at}"/>' for at, name in enumerate(self._names, 1)
        )
        ties = "".join(
            f'<Relationship Id="rId{at}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{at}.xml"/>'
            for at in numbers
        )
        parts = "".join(
            f'<Override PartName="/xl/worksheets/sheet{at}.xml" ContentType="{_TYPES}.worksheet+xml"/>'
            for at in numbers
        )
        self._part("xl/styles.xml", _STYLES)
        self._part(
            "xl/workbook.xml",
            f'{_DECLARATION}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{sheets}</sheets></workbook>',
        )
        self._part(
            "xl/_rels/workbook.xml.rels",
            f'{_DECLARATION}<Relationships xmlns="{_PACKAGE}/relationships">{ties}<Relationship Id="rId0" '
            f'Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
        )
        self._part(
            "_rels/.rels",
            f'{_DECLARATION}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
            f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        self._part(
            "[Content_Types].xml",
            f'{_DECLARATION}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" '
            'ContentType="application/xml"/><Override PartName="/xl/workbook.xml" '
            f'ContentType="{_TYPES}.sheet.main+xml"/><Override PartName="/xl/styles.xml" '
            f'ContentType="{_TYPES}.styles+xml"/>{parts}</Types>',
        )

    def _part(self, name: str, content: str) -> None:
        self._zip.writestr(name, content)


_TEXT_CELL = '<c t="inlineStr"><is><t>%s</t></is></c>'
_NO_TEXT = _TEXT_CELL % ""


def _rows_xml(cells: Sequence[Sequence[Cell]], numbers: Sequence[bool]) -> str:
    """Columns of equal length as rows. A column whose texts need nothing goes into the row's template as it is."""
    template, columns = "<row>", []
    for values, is_number in zip(cells, numbers, strict=True):
        plain = None if is_number else _plain(values)
        template += "%s" if plain is None else _TEXT_CELL
        columns.append([_cell(value) for value in values] if plain is None else plain)
    template += "</row>"
    return "".join([template % row for row in zip(*columns, strict=True)]).replace(_NO_TEXT, "<c/>")


def _plain(values: Sequence[Cell]) -> list[str] | None:
    """The texts, when none needs escaping, cutting or its outer spaces kept; else None."""
    try:
        texts = [value or "" for value in values]
        joined = "|".join(texts)  # type: ignore[arg-type]
    except TypeError:
        return None
    if not joined.isprintable() or any(sign in joined for sign in _TROUBLE) or joined != joined.strip():
        return None
    if len(joined) > _MAX_TEXT and max(map(len, texts)) > _MAX_TEXT:  # type: ignore[arg-type]
        return None
    return texts  # type: ignore[return-value]


def _cell(value: Cell) -> str:
    if value is None or value == "":
        return "<c/>"
    if isinstance(value, str):
        space = ' xml:space="preserve"' if value[0].isspace() or value[-1].isspace() or "\n" in value else ""
        return f'<c t="inlineStr"><is><t{space}>{_text(value)}</t></is></c>'
    if isinstance(value, bool):
        return f"<c><v>{int(value)}</v></c>"
    said = str(value)
    return f"<c><v>{said}</v></c>" if said[-1].isdigit() else _cell(said)  # the others are not finite


def _text(value: str) -> str:
    """As XML; what XML cannot hold in Excel's way, which is ``_x0007_`` for the bell."""
    return _SPECIAL.sub(_escaped, value[:_MAX_TEXT])


def _escaped(found: "re.Match[str]") -> str:
    sign = found[0]
    return _MARKUP.get(sign) or (f"_x005F{sign}" if len(sign) > 1 else f"_x{ord(sign):04X}_")
