"""The file that a person downloads to fill in: the heads of a layout and one example row."""

import base64
import csv
import io
from collections.abc import Callable
from typing import Literal

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.files.layout import Layout
from kernel.chassis.lists.workbook import Workbook
from kernel.contracts.files import FileTemplate, GetTemplate

_WIDTH = 24
_MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def template_of(layout: Layout) -> Callable[[Tx, GetTemplate], FileTemplate]:
    """The act that answers the file to fill in for ``layout``."""

    def get_template(tx: Tx, request: GetTemplate) -> FileTemplate:
        content = base64.b64encode(template(layout, request.kind)).decode()
        return FileTemplate(
            name=f"{layout.title}.{request.kind}", media_type=_MEDIA_TYPES[request.kind], content=content
        )

    return get_template


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
