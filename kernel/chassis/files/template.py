"""The file that a person downloads to fill in: the heads of a layout and one example row."""

import csv
import io
from typing import Literal

from kernel.chassis.files.layout import Layout
from kernel.chassis.lists.workbook import Workbook

_WIDTH = 24


def template(layout: Layout, kind: Literal["csv", "xlsx"] = "xlsx") -> bytes:
    """CSV with a byte order mark, so that every spreadsheet knows its encoding; XLSX with text cells."""
    heads = [column.label for column in layout.columns]
    example = [column.example for column in layout.columns]
    if kind == "csv":
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow(heads)
        writer.writerow(example)
        return text.getvalue().encode("utf-8-sig")
    out = io.BytesIO()
    with Workbook(out, layout.title, [(head, _WIDTH) for head in heads], [False] * len(heads)) as book:
        book.write([[value] for value in example])
    return out.getvalue()
