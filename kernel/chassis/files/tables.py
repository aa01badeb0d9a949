"""The two kinds of file behind one face: a sample to find the head in, and batches of columns below it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import BinaryIO, Protocol

from kernel.chassis.files.batches import BATCH_ROWS, Batch, Fault, Notes
from kernel.chassis.files.cells import clean_column
from kernel.chassis.files.csv_text import DELIMITERS, Block, CsvText, Record, Records
from kernel.chassis.files.heads import Head, find_head
from kernel.chassis.files.layout import HEAD_ROWS, MAX_COLUMNS, Layout
from kernel.chassis.files.no_rows import sifted, sums_in
from kernel.chassis.files.package import Package, SheetPart
from kernel.chassis.files.sheet import Sheet, SheetRow, Texts
from kernel.contracts.files import FileChoice
from kernel.model.written import bare

SHOWN = 64
_SAMPLED_ROWS = 200


@dataclass(frozen=True)
class Sample:
    """One of the first rows. ``texts``: its cells."""

    row_no: int
    last_line: int
    texts: Sequence[str]
    hidden: bool = False


@dataclass(frozen=True)
class Raw:
    """Rows below the head before cleaning: ``hidden`` of them are hidden and not among the columns."""

    batch: Batch
    hidden: int = 0


class Table(Protocol):
    """What the reader needs of a file or of one of its sheets."""

    kind: str
    sample: Sequence[Sample]
    head: Head | None

    def raw(self, head: Head, layout: Layout, *, hidden_too: bool) -> Iterator[Raw]:
        """Everything below the head. Can be asked for again."""


class CsvTable:
    """A CSV. The separator is the one with which a head is found, else the one that is used most."""

    kind = "csv"

    def __init__(self, file: BinaryIO, layout: Layout, choice: FileChoice) -> None:
        self._text = CsvText(file)
        self.encoding = self._text.encoding
        self.delimiter, self.sample, self.head = self._best(layout, choice)

    def _best(self, layout: Layout, choice: FileChoice) -> tuple[str, Sequence[Sample], Head | None]:
        begin = "\n".join(self._text.sample_lines[:HEAD_ROWS])
        ways = sorted(DELIMITERS, key=begin.count, reverse=True)
        ways = [self._text.hinted] if self._text.hinted else [way for way in ways if way in begin] or [","]
        found: list[tuple[str, Sequence[Sample], Head | None]] = []
        for way in ways:
            records = self._text.sample(way, HEAD_ROWS)
            sample = [Sample(r.row_no, r.line_no + r.lines - 1, r.cells or [r.text[:SHOWN]]) for r in records]
            head = find_head(sample, layout, choice, frozenset())
            found.append((way, sample, head))
            if head is not None and head.refusal is None and head.row_no and head.exact:
                return found[-1]
        readable = [it for it in found if it[2] is not None and it[2].refusal is None]
        return next((it for it in readable if it[2] is not None and it[2].row_no), (readable or found)[0])

    def raw(self, head: Head, layout: Layout, *, hidden_too: bool) -> Iterator[Raw]:
        width = max((len(sample.texts) for sample in self.sample), default=1)
        if head.row_no:
            width = next((len(it.texts) for it in self.sample if it.row_no == head.row_no), width)
        for part in Records(self._text.lines(), self.delimiter).parts(width):
            batch = self._block(part, head) if isinstance(part, Block) else self._records(part, head)
            if batch is not None and len(batch):
                yield Raw(batch)

    def _block(self, block: Block, head: Head) -> Batch | None:
        begin = max(0, head.data_after + 1 - block.row_nos.start)
        if begin >= len(block.row_nos):
            return None
        columns = {name: block.column(place)[begin:] for name, place in head.places.items()}
        declared = set(head.places.values())
        others = [block.column(place)[begin:] for place in range(block.width) if place not in declared]
        doubtful = _doubtful(next(iter(columns.values()), ()), others[0] if others and 0 not in declared else ())
        beside = {place: [column[place] for column in others] for place in doubtful}
        return Batch(block.row_nos[begin:], block.line_nos[begin:], columns, beside=beside)

    def _records(self, records: Sequence[Record], head: Head) -> Batch:
        last = max(head.places.values(), default=0)
        good: list[Record] = []
        faults: list[Fault] = []
        for record in records:
            cells = record.cells
            if record.row_no <= head.data_after or (cells is not None and not any(map(str.strip, cells))):
                continue
            if cells is not None and len(cells) <= last and not _declared(cells, head):
                good.append(replace(record, cells=[*cells, *[""] * (last + 1 - len(cells))]))  # a foot without commas
            elif cells is None or len(cells) <= last or self._too_long(cells, head):
                faults.append(Fault(record.row_no, record.line_no, record.text[:SHOWN], "row_broken"))
            else:
                good.append(record)
        columns: dict[str, Sequence[str]] = {
            name: [record.cells[place] for record in good if record.cells is not None]
            for name, place in head.places.items()
        }
        beside = {place: _others(it.cells or (), head) for place, it in enumerate(good)}
        return Batch([it.row_no for it in good], [it.line_no for it in good], columns, faults, beside)

    def _too_long(self, cells: Sequence[str], head: Head) -> bool:
        """True for a row with texts beyond the head's last column."""
        return bool(head.row_no) and any(cell.strip() for cell in cells[max(len(head.texts), 1) :])


class SheetTable:
    """One sheet of a book."""

    kind = "xlsx"

    def __init__(self, package: Package, part: SheetPart, texts: Texts, layout: Layout, choice: FileChoice) -> None:
        self.part = part
        self._package = package
        self._texts = texts
        self._layout = layout
        self.sample, self.hidden_columns = self._sampled()
        self.head = find_head(self.sample, layout, choice, self.hidden_columns)

    @property
    def fits(self) -> bool:
        """True when it can be read as it is."""
        return self.head is not None and self.head.refusal is None

    @property
    def filled(self) -> bool:
        """True when below the head stands what looks like a value of each column that is known by its looks."""
        head, layout = self.head, self._layout
        if head is None:
            return False
        below = [row.texts for row in self.sample if row.row_no > head.data_after]
        return all(
            any(re.fullmatch(looks, bare(texts[place])) for texts in below if place < len(texts))
            for name, place in head.places.items()
            if (looks := layout.column(name).looks_like)
        )

    def _sampled(self) -> tuple[Sequence[Sample], frozenset[int]]:
        """The first rows by their number, among those that stand first in the file."""
        sheet = Sheet(self._package, self.part.part, self._texts)
        rows: list[SheetRow] = []
        for more in sheet.rows():
            rows += more
            if len(rows) >= _SAMPLED_ROWS:
                break
        rows.sort(key=lambda row: row.row_no)
        return [self._sample(row) for row in rows[:HEAD_ROWS]], sheet.hidden_columns

    @staticmethod
    def _sample(row: SheetRow) -> Sample:
        width = min(max((*row.cells, *row.problems), default=-1) + 1, MAX_COLUMNS)
        return Sample(row.row_no, row.row_no, [row.cells.get(place, "") for place in range(width)], row.hidden)

    def raw(self, head: Head, layout: Layout, *, hidden_too: bool) -> Iterator[Raw]:
        wanted = {place: layout.column(name).kind for name, place in head.places.items()}
        rows: list[SheetRow] = []
        hidden = 0
        for more in Sheet(self._package, self.part.part, self._texts, wanted).rows():
            for row in more:
                if row.row_no <= head.data_after:
                    continue
                if row.hidden and not hidden_too:
                    hidden += 1
                else:
                    rows.append(row)
            if len(rows) >= BATCH_ROWS or hidden >= BATCH_ROWS:
                yield Raw(self._batch(rows, head, layout), hidden)
                rows, hidden = [], 0
        if rows or hidden:
            yield Raw(self._batch(rows, head, layout), hidden)

    @staticmethod
    def _batch(rows: Sequence[SheetRow], head: Head, layout: Layout) -> Batch:
        faults = [_fault(row, head, layout) for row in rows if row.problems]
        if faults:
            rows = [row for row in rows if not row.problems]
        numbers = [row.row_no for row in rows]
        columns: dict[str, Sequence[str]] = {
            name: [row.cells.get(place, "") for row in rows] for name, place in head.places.items()
        }
        beside = {place: row.beside for place, row in enumerate(rows) if row.beside}
        return Batch(numbers, numbers, columns, faults, beside)


def _doubtful(first: Sequence[str], leading: Sequence[str]) -> set[int]:
    """Places of rows with nothing in the ``first`` declared column, and of sums in a file's ``leading`` other one."""
    found = sums_in(leading)
    if not all(first) or any(map(str.isspace, first)):
        found |= {place for place, text in enumerate(first) if not text.strip()}
    return found


def _declared(cells: Sequence[str], head: Head) -> bool:
    """True when a declared column holds anything."""
    return any(cells[place].strip() for place in head.places.values() if place < len(cells))


def _others(cells: Sequence[str], head: Head) -> list[str]:
    """The cells outside the declared columns; the first is "" where the row begins with a declared one."""
    declared = set(head.places.values())
    return ["" if place in declared else text for place, text in enumerate(cells)]


def _fault(row: SheetRow, head: Head, layout: Layout) -> Fault:
    name, place = next((name, place) for name, place in head.places.items() if place in row.problems)
    code, params = row.problems[place]
    shown = next((text for place in head.places.values() if (text := row.cells.get(place, "").strip())), "")
    return Fault(row.row_no, row.row_no, shown[:SHOWN], code, {**params, "column": layout.column(name).label})


def cleaned(batch: Batch, head: Head, layout: Layout, notes: Notes) -> Batch:
    """The rows of the batch with their columns clean, and every declared column there; what was corrected or left out
    is counted."""
    columns: dict[str, Sequence[str]] = {}
    for column in layout.columns:
        values = batch.columns.get(column.name)
        if values is None:
            columns[column.name] = [""] * len(batch.row_nos)
            continue
        columns[column.name], changed = clean_column(values, column.kind)
        notes.add("file_cells_cleaned", changed, column=column.label)
    return sifted(Batch(batch.row_nos, batch.line_nos, columns, batch.faults, batch.beside), head, notes)


def shown_cell(text: str) -> str:
    """A cell for a preview."""
    return bare(text)[:SHOWN]
