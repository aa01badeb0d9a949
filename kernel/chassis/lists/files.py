"""Lines into files of any length in constant memory (GTW-04): CSV and XLSX.

``parts``: runs of some hundreds or thousands of lines, each the values of ``columns`` in their order, or the same by
column. A column of a part is made into cells at once. Identifiers are texts, so that a workbook cannot turn an ICCID
into 8.986E+18; a workbook begins a new sheet before one is full. Where a column is added up, the last line says so.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, Any, BinaryIO

from kernel.chassis.lists.columns import Column, guarded, texts
from kernel.chassis.lists.workbook import SHEET_ROWS, Workbook


class ByColumn:
    """Lines that were read column by column, and become lines only in the file. ``columns``: of equal length."""

    __slots__ = ("columns",)

    def __init__(self, columns: Sequence[Sequence[Any]]) -> None:
        self.columns = columns

    def __len__(self) -> int:
        return len(self.columns[0]) if self.columns else 0

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return zip(*self.columns, strict=True)


Part = Sequence[Sequence[Any]] | ByColumn
_BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"
_SUM = "合计"


class Sums:
    """What the columns that are added up come to so far."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._columns = columns
        self._sums: dict[int, Any] = {at: 0 for at, column in enumerate(columns) if column.total}

    def add(self, cells: Sequence[Sequence[Any]]) -> None:
        """``cells``: by column."""
        for at in self._sums:
            self._sums[at] += sum(value for value in cells[at] if value is not None)

    @property
    def line(self) -> list[Any] | None:
        """The last line; None when nothing is added up."""
        if not self._sums:
            return None
        cells = [self._sums.get(at) for at in range(len(self._columns))]
        word = next((at for at, column in enumerate(self._columns) if column.kind != "number"), None)
        if word is not None:
            cells[word] = _SUM
        return cells


def _by_column(parts: Iterable[Part], columns: Sequence[Column], sums: Sums) -> Iterator[tuple[int, list[list[Any]]]]:
    """Of each part how many lines it has, and its cells by column."""
    for part in parts:
        if not part:
            continue
        turned = part.columns if isinstance(part, ByColumn) else zip(*part, strict=True)
        cells = [texts(column, values) for column, values in zip(columns, turned, strict=True)]
        sums.add(cells)
        yield len(part), cells


def write_csv(parts: Iterable[Part], columns: Sequence[Column], out: IO[str], *, guard: bool = True) -> int:
    """Writes a head and the lines. Returns how many lines. ``guard``: see ``columns.guarded``.

    ``out`` is a text file opened with newline="" and UTF-8. The mark at its beginning makes Excel read UTF-8.
    """
    out.write(_BOM)
    writer = csv.writer(out)
    writer.writerow([column.title for column in columns])
    sums, count = Sums(columns), 0
    for lines, cells in _by_column(parts, columns, sums):
        written = [guarded(*pair) for pair in zip(columns, cells, strict=True)] if guard else cells
        out.write(plain) if (plain := _plain_lines(written, lines)) else writer.writerows(zip(*written, strict=True))
        count += lines
    if sums.line is not None:
        writer.writerow(sums.line)
    return count


def _plain_lines(cells: Sequence[list[Any]], lines: int) -> str | None:
    """The lines as ``csv`` would write them, in a third of its time; None when a cell needs quotes, or may."""
    if len(cells) < 2:
        return None  # an only cell that is empty is quoted
    texts_only = [_as_texts(values) for values in cells]
    written = "\r\n".join(map(",".join, zip(*texts_only, strict=True))) + "\r\n"
    found = (written.count(","), written.count("\r"), written.count("\n"), written.count('"'))
    return written if found == (lines * (len(cells) - 1), lines, lines, 0) else None


def _as_texts(values: list[Any]) -> list[str]:
    if set(map(type, values)) == {str}:
        return values
    return ["" if value is None else str(value) for value in values]


def write_xlsx(
    parts: Iterable[Part],
    columns: Sequence[Column],
    out: BinaryIO,
    sheet: str = "Sheet",
    limit: int = SHEET_ROWS,
) -> int:
    """As ``write_csv``, as a workbook, which knows texts from formulas."""
    sums, count = Sums(columns), 0
    heads = [(column.title, column.width) for column in columns]
    numbers = [column.kind == "number" for column in columns]
    with Workbook(out, sheet, heads, numbers, limit) as workbook:
        for lines, cells in _by_column(parts, columns, sums):
            workbook.write(cells)
            count += lines
        if sums.line is not None:
            workbook.write([[value] for value in sums.line])
    return count
