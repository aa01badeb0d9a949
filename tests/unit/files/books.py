"""Files as other programs write them, made by hand: every part of a book can be told otherwise."""

import io
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from kernel.chassis.files import Batch, Column, Kind, Layout, Limits, Notes, open_rows
from kernel.contracts.files import FileChoice
from kernel.model.iccid import luhn_digit

FILES = Path(__file__).parents[2] / "files"
CASES = FILES / "cases"
MADE = FILES / "made"

CARDS = Layout(
    "卡片",
    Column(
        "iccid", "ICCID", ("iccid号", "sim卡号", "卡号"), within=("iccid",), looks_like="[0-9]{19,20}", example="8986"
    ),
    Column("day", "日期", kind=Kind.DATE, required=False),
    Column("amount", "用量", kind=Kind.NUMBER, required=False),
)
LIST = Layout("清单", CARDS.columns[0], headless=True)
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def number(serial: int) -> str:
    """A card number with its right check digit."""
    body = f"898604992699{serial:07d}"
    return body + luhn_digit(body)


NUMBERS = [number(serial) for serial in range(1, 6)]


def cell(reference: str, text: str) -> str:
    return f'<c r="{reference}" t="inlineStr"><is><t>{text}</t></is></c>'


def row(at: int, *texts: str, attributes: str = "") -> str:
    cells = "".join(cell(f"{chr(65 + place)}{at}", text) for place, text in enumerate(texts))
    return f'<row r="{at}" {attributes}>{cells}</row>'


def sheet(rows: str, before: str = "", after: str = "") -> str:
    return f'<worksheet xmlns="{MAIN}">{before}<sheetData>{rows}</sheetData>{after}</worksheet>'


def book(
    sheets: Mapping[str, str],
    *,
    states: Mapping[str, str] | None = None,
    workbook: str = "",
    texts: str | None = None,
    names: Mapping[str, str] | None = None,
    targets: Mapping[str, str] | None = None,
) -> bytes:
    """Sheets by name. ``states``: of sheets; ``workbook``: XML before the sheets; ``names``: part > its name in the
    archive; ``targets``: part > how its relation names it."""
    states, names, targets = states or {}, names or {}, targets or {}
    listed, ties, parts = "", "", {}
    for at, (name, content) in enumerate(sheets.items(), 1):
        part = f"xl/worksheets/sheet{at}.xml"
        listed += f'<sheet name="{name}" sheetId="{at}" state="{states.get(name, "visible")}" r:id="rId{at}"/>'
        target = targets.get(part, f"worksheets/sheet{at}.xml")
        ties += f'<Relationship Id="rId{at}" Type="{OFFICE}/worksheet" Target="{target}"/>'
        parts[part] = content
    if texts is not None:
        target = targets.get("xl/sharedStrings.xml", "sharedStrings.xml")
        ties += f'<Relationship Id="rId99" Type="{OFFICE}/sharedStrings" Target="{target}"/>'
        parts["xl/sharedStrings.xml"] = texts
    parts["xl/workbook.xml"] = (
        f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">{workbook}<sheets>{listed}</sheets></workbook>'
    )
    parts["xl/_rels/workbook.xml.rels"] = f'<Relationships xmlns="{PACKAGE}">{ties}</Relationships>'
    target = targets.get("xl/workbook.xml", "xl/workbook.xml")
    parts["_rels/.rels"] = (
        f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="{target}"/>'
        "</Relationships>"
    )
    parts["[Content_Types].xml"] = "<Types/>"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, content in parts.items():
            archive.writestr(zipfile.ZipInfo(names.get(part, part)), content)
    return out.getvalue()


def one_sheet(rows: str, before: str = "", after: str = "") -> bytes:
    return book({"Sheet1": sheet(rows, before, after)})


HEAD = row(1, "ICCID")


def plain(count: int = 3) -> bytes:
    """A book with a head and so many cards."""
    return one_sheet(HEAD + "".join(row(at + 2, NUMBERS[at]) for at in range(count)))


def read(
    content: bytes | str | Path,
    layout: Layout = CARDS,
    choice: FileChoice | None = None,
    limits: Limits | None = None,
    name: str | None = None,
) -> tuple[Batch, Notes]:
    """The whole file as one batch, and what was noted."""
    if isinstance(content, Path):
        content = content.read_bytes()
    raw = content.encode() if isinstance(content, str) else content
    whole = Batch([], [], {column.name: [] for column in layout.columns})
    with open_rows(io.BytesIO(raw), layout, choice=choice, limits=limits, name=name) as rows:
        for batch in rows:
            _extend(whole.row_nos, batch.row_nos)
            _extend(whole.line_nos, batch.line_nos)
            for column in layout.columns:
                _extend(whole[column.name], batch[column.name])
            whole.faults.extend(batch.faults)
    return whole, rows.notes


def _extend(known: object, more: Iterable[object]) -> None:
    assert isinstance(known, list)
    known.extend(more)
