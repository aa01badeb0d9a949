"""Files of rows, CSV and XLSX, as people really have them: one reader for all services.

A service declares its columns once::

    USAGE = Layout(
        "日用量",
        Column("iccid", "ICCID", ("iccid号", "sim卡号", "卡号"), looks_like=r"[0-9A-Z]{19,20}", example="8986..."),
        Column("day", "日期", ("统计日期",), kind=Kind.DATE, example="2026-11-01"),
        Column("mib", "用量(MB)", ("流量", "用量"), kind=Kind.NUMBER),
        Column("remark", "说明", required=False),
    )

and reads in a job (a job runs in a process of its own, with limits of memory and time)::

    with open_rows(stream, USAGE, name=ref.name, choice=choice) as rows:
        for batch in rows:                              # about 20,000 rows, columns of equal length
            batch["iccid"], batch["day"], batch.row_nos  # texts as the file has them, cleaned at their ends
            batch.faults                                # rows that cannot be read: row, line, code, params
        rows.notes                                      # what was corrected or left out, counted

A service process itself never parses: its eventlet hub would stand still. It asks ``in_child`` (a limited child):
``look`` for the preview that a person sees and can change (``kernel.contracts.files.FileLook`` and ``FileChoice``), and
``rows_of`` for lists of up to some ten thousand rows that are answered at once. ``template`` makes the file to fill in.

What the reader sees to: encodings, separators, quoted line breaks; parts of a book by their relations; the sheet by its
content, never a hidden one unasked; the head below title rows, by label and aliases, or the columns that were chosen;
hidden rows are refused until somebody has chosen; guards and invisible characters around a value; errors, formulas
without a value; limits of size, rows and memory. What a value means is the service's business.
"""

from kernel.chassis.files.batches import Batch, Fault, Limits, Notes
from kernel.chassis.files.layout import Column, Kind, Layout
from kernel.chassis.files.looking import look
from kernel.chassis.files.reader import Rows, open_rows

__all__ = ["Batch", "Column", "Fault", "Kind", "Layout", "Limits", "Notes", "Rows", "look", "open_rows"]
