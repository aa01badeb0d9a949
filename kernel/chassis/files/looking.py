"""A look at a file before anything is done with it: what a person sees, and can change, before it is taken."""

import time
from typing import BinaryIO

from kernel.chassis.files.batches import Limits
from kernel.chassis.files.layout import Layout
from kernel.chassis.files.reader import Opened, opened_file
from kernel.chassis.files.tables import CsvTable, SheetTable, cleaned, shown_cell
from kernel.contracts.files import ColumnSeen, ColumnWanted, FileChoice, FileLook, FileNote, SheetSeen
from kernel.model.errors import DomainError

_SHOWN_COLUMNS = 64
_SHOWN_VALUES = 3
COUNTED_ROWS = 200_000
COUNTED_SECONDS = 3.0
"""So many rows are counted, and so long; of a longer file the look says «at least»."""


def look(
    file: BinaryIO,
    layout: Layout,
    *,
    name: str | None = None,
    choice: FileChoice | None = None,
    limits: Limits | None = None,
) -> FileLook:
    """What ``open_rows`` would read with this choice. Raises only for what nobody can choose otherwise: a kind that is
    refused, damage, a file that is too large or empty."""
    choice, limits = choice or FileChoice(), limits or Limits()
    opened = opened_file(file, layout, name, choice, limits)
    try:
        return _seen(opened, layout, choice, limits)
    finally:
        opened.close()


def _seen(opened: Opened, layout: Layout, choice: FileChoice, limits: Limits) -> FileLook:
    table, sheet = opened.table, opened.table if isinstance(opened.table, SheetTable) else None
    rows, hidden, whole = _count(opened, layout, limits)
    problem = opened.refusal
    if problem is None and hidden and choice.hidden_rows is None:
        problem = DomainError("file_rows_hidden", count=hidden)
    if problem is None and not rows:
        problem = DomainError("file_empty")
    return FileLook(
        kind="csv" if sheet is None else "xlsx",
        encoding=table.encoding if isinstance(table, CsvTable) else None,
        delimiter=table.delimiter if isinstance(table, CsvTable) else None,
        sheets=[
            SheetSeen(name=it.part.name, hidden=it.part.hidden, fits=it.fits)
            for it in opened.tables
            if it.head is not None
        ],
        sheet=None if sheet is None else sheet.part.name,
        head_row=opened.head.row_no,
        rows=rows,
        rows_are="exact" if whole else "at_least",
        hidden_rows=hidden,
        wanted=[ColumnWanted(name=it.name, label=it.label, required=it.required) for it in layout.columns],
        columns=_columns(opened),
        notes=[FileNote.of(code, params) for code, params in opened.notes.items()],
        problem=None if problem is None else FileNote.of(problem.code, problem.params),
    )


def _columns(opened: Opened) -> list[ColumnSeen]:
    head, sample = opened.head, opened.table.sample
    roles = {place: name for name, place in head.places.items()}
    below = [row for row in sample if row.row_no > head.data_after][:_SHOWN_VALUES]
    hidden = opened.table.hidden_columns if isinstance(opened.table, SheetTable) else frozenset()
    width = max([len(head.texts), *(len(row.texts) for row in below)], default=0)
    return [
        ColumnSeen(
            number=place + 1,
            head=shown_cell(head.texts[place]) if place < len(head.texts) else "",
            values=[shown_cell(row.texts[place]) if place < len(row.texts) else "" for row in below],
            hidden=place in hidden,
            role=roles.get(place),
        )
        for place in range(width)
        if place < _SHOWN_COLUMNS or place in roles
    ]


def _count(opened: Opened, layout: Layout, limits: Limits) -> tuple[int, int, bool]:
    """Rows, hidden rows among them, and whether that is all; notes what cleaning corrects in them."""
    rows = hidden = 0
    give_up = time.monotonic() + COUNTED_SECONDS
    if opened.head.places:
        for raw in opened.table.raw(opened.head, layout, hidden_too=False):
            batch = cleaned(raw.batch, opened.head, layout, opened.notes)
            for fault in raw.batch.faults:
                opened.notes.add(fault.code, **fault.params)
            rows += len(batch) + raw.hidden
            hidden += raw.hidden
            if rows >= min(COUNTED_ROWS, limits.rows) or time.monotonic() > give_up:
                return rows, hidden, False
    return rows, hidden, True
