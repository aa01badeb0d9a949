"""XLSX by its relations and cells, whoever wrote it."""

import io
import zipfile
from datetime import date

import openpyxl
import pytest
import xlsxwriter

from kernel.chassis.files import Limits, look
from kernel.contracts.errors import text
from kernel.contracts.files import FileChoice
from kernel.model.errors import DomainError
from tests.unit.files.books import (
    CARDS,
    HEAD,
    LIST,
    MADE,
    MAIN,
    NUMBERS,
    book,
    cell,
    one_sheet,
    plain,
    read,
    row,
    sheet,
)  # fmt: skip

pytestmark = pytest.mark.req("INV-01")
THREE = "".join(row(at + 2, NUMBERS[at]) for at in range(3))
TEXTS = f'<sst xmlns="{MAIN}"><si><t>ICCID</t></si><si><r><t>{NUMBERS[0][:8]}</t></r><r><t>{NUMBERS[0][8:]}</t></r>' + (
    f"<rPh><t>9</t></rPh></si><si><t>_x000D_{NUMBERS[1]}_x000D__x000A_</t></si></sst>"
)
SHARED = sheet(
    '<row r="1"><c r="A1" t="s"><v>0</v></c></row><row r="2"><c r="A2" t="s"><v>1</v></c></row>'
    '<row r="3"><c r="A3" t="s"><v>2</v></c></row>'
)


@pytest.mark.parametrize(
    ("names", "targets"),
    [
        ({}, {}),
        ({"xl/sharedStrings.xml": "XL/SharedStrings.XML"}, {"xl/sharedStrings.xml": "SharedStrings.xml"}),
        ({"xl/worksheets/sheet1.xml": "xl\\worksheets\\sheet1.xml"}, {}),
        ({"xl/worksheets/sheet1.xml": "data/my sheet.xml"}, {"xl/worksheets/sheet1.xml": "/data/my%20sheet.xml"}),
        ({"xl/worksheets/sheet1.xml": "s1.xml"}, {"xl/worksheets/sheet1.xml": "../s1.xml"}),
        (
            {"xl/workbook.xml": "buch.xml", "xl/_rels/workbook.xml.rels": "_rels/buch.xml.rels"},
            {"xl/workbook.xml": "/buch.xml", "xl/worksheets/sheet1.xml": "xl/worksheets/sheet1.xml",
             "xl/sharedStrings.xml": "/xl/sharedStrings.xml"},
        ),
    ],
    ids=["as usual", "capitals", "backslashes", "any name", "upwards", "another workbook"],
)  # fmt: skip
def test_parts_are_found_by_their_relations(names: dict[str, str], targets: dict[str, str]) -> None:
    batch, _ = read(book({"清单": SHARED}, texts=TEXTS, names=names, targets=targets))

    assert batch["iccid"] == NUMBERS[:2]


@pytest.mark.parametrize(
    "rows",
    [
        HEAD + row(4, NUMBERS[2]) + row(2, NUMBERS[0]) + row(3, NUMBERS[1]),
        row(3, NUMBERS[1]) + row(4, NUMBERS[2]) + HEAD + row(2, NUMBERS[0]),
    ],
)
def test_rows_out_of_order_keep_their_numbers(rows: str) -> None:
    batch, _ = read(one_sheet(rows))

    assert sorted(zip(batch.row_nos, batch["iccid"], strict=True)) == list(zip([2, 3, 4], NUMBERS, strict=False))


@pytest.mark.parametrize("said", ['<dimension ref="A1"/>', '<dimension ref="A1:XFD1048576"/>', ""])
def test_a_stated_dimension_is_not_believed(said: str) -> None:
    assert read(one_sheet(HEAD + THREE, before=said))[0]["iccid"] == NUMBERS[:3]


def test_cells_and_rows_without_references_are_counted() -> None:
    rows = "<row><c t='str'><v>序号</v></c><c t='str'><v>ICCID</v></c></row>" + "".join(
        f"<row><c><v>{at}</v></c><c t='str'><v>{NUMBERS[at]}</v></c></row>" for at in range(3)
    )

    batch, _ = read(one_sheet(rows))

    assert (batch["iccid"], batch.row_nos) == (NUMBERS[:3], [2, 3, 4])


def test_prefixed_names_and_the_strict_dialect_are_the_same_to_a_reader() -> None:
    rows = '<x:row r="1"><x:c r="A1" t="str"><x:v>ICCID</x:v></x:c></x:row>'
    rows += f'<x:row r="2"><x:c r="A2" t="str"><x:v>{NUMBERS[0]}</x:v></x:c></x:row>'
    strict = "http://purl.oclc.org/ooxml/spreadsheetml/main"
    content = f'<x:worksheet xmlns:x="{strict}"><x:sheetData>{rows}</x:sheetData></x:worksheet>'

    assert read(book({"a": content}))[0]["iccid"] == NUMBERS[:1]


@pytest.mark.parametrize(("from_1904", "serial"), [(False, 46327), (True, 44865)])
def test_a_date_is_the_same_day_in_either_calendar(from_1904: bool, serial: int) -> None:
    rows = row(1, "ICCID", "日期") + f'<row r="2">{cell("A2", NUMBERS[0])}<c r="B2"><v>{serial}</v></c></row>'
    workbook = f'<workbookPr date1904="{int(from_1904)}"/>'

    batch, _ = read(book({"a": sheet(rows)}, workbook=workbook))

    assert batch["day"] == ["2026-11-01"]


@pytest.mark.parametrize(
    ("raw", "text_of"), [("1234.5", "1234.5"), ("0.1", "0.1"), ("12345678901234", "12345678901234"), ("1E3", "1000")]
)
def test_a_number_cell_keeps_its_value(raw: str, text_of: str) -> None:
    rows = row(1, "ICCID", "用量") + f'<row r="2">{cell("A2", NUMBERS[0])}<c r="B2"><v>{raw}</v></c></row>'

    assert read(one_sheet(rows))[0]["amount"] == [text_of]


def test_hidden_rows_are_refused_until_somebody_has_chosen() -> None:
    rows = HEAD + row(2, NUMBERS[0]) + row(3, NUMBERS[1], attributes='hidden="1"') + row(4, NUMBERS[2])
    content = one_sheet(rows, after='<autoFilter ref="A1:A4"/>')

    with pytest.raises(DomainError) as refused:
        read(content)
    seen = look(io.BytesIO(content), CARDS)
    skipped, notes = read(content, choice=FileChoice(hidden_rows="skip"))

    assert (refused.value.code, refused.value.params) == ("file_rows_hidden", {"count": 1})
    assert (seen.rows, seen.hidden_rows, seen.problem and seen.problem.code) == (3, 1, "file_rows_hidden")
    assert (skipped["iccid"], notes.counts) == ([NUMBERS[0], NUMBERS[2]], {"file_rows_left_out": 1})
    assert read(content, choice=FileChoice(hidden_rows="read"))[0]["iccid"] == NUMBERS[:3]


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_a_hidden_sheet_is_read_only_when_it_was_chosen(state: str) -> None:
    content = book({"新": sheet(row(1, "说明")), "旧": sheet(HEAD + THREE)}, states={"旧": state})

    with pytest.raises(DomainError) as refused:
        read(content)

    assert (refused.value.code, refused.value.params["sheet"]) == ("file_sheet_hidden", "旧")
    assert read(content, choice=FileChoice(sheet="旧"))[0]["iccid"] == NUMBERS[:3]


def test_a_hidden_column_is_read_only_when_it_was_chosen() -> None:
    hidden = '<cols><col min="2" max="2" width="0" hidden="1"/></cols>'
    rows = row(1, "序号", "ICCID") + row(2, "1", NUMBERS[0])

    with pytest.raises(DomainError) as refused:
        read(one_sheet(rows, before=hidden))

    assert refused.value.code == "file_column_hidden"
    assert read(one_sheet(rows, before=hidden), choice=FileChoice(columns={"iccid": 2}))[0]["iccid"] == NUMBERS[:1]
    both = row(1, "ICCID", "ICCID") + row(2, NUMBERS[1], NUMBERS[0])
    assert read(one_sheet(both, before=hidden))[0]["iccid"] == [NUMBERS[1]]


def test_of_two_sheets_that_fit_one_must_be_chosen() -> None:
    content = book({"一月": sheet(HEAD + THREE), "二月": sheet(HEAD + row(2, NUMBERS[4]))})

    with pytest.raises(DomainError) as refused:
        read(content)

    assert (refused.value.code, refused.value.params["sheets"]) == ("file_sheets_several", "一月、二月")
    assert read(content, choice=FileChoice(sheet="二月"))[0]["iccid"] == [NUMBERS[4]]


def test_an_error_in_a_column_that_nobody_asked_for_costs_nothing() -> None:
    rows = row(1, "ICCID", "备注") + f'<row r="2">{cell("A2", NUMBERS[0])}<c r="B2" t="e"><v>#REF!</v></c></row>'

    batch, _ = read(one_sheet(rows))

    assert (batch["iccid"], batch.faults) == (NUMBERS[:1], [])


@pytest.mark.parametrize("kind", ["inline", "shared"])
def test_a_sheet_that_reaches_the_last_column_takes_no_memory(kind: str) -> None:
    wide = "".join(
        f'<row r="{at}"><c r="A{at}" t="str"><v>{NUMBERS[0]}</v></c>' + "<c/>" * 16_000 + "</row>"
        for at in range(2, 60)
    )
    content = one_sheet(HEAD + wide)
    if kind == "shared":
        content = book({"a": sheet(HEAD + wide)}, texts=TEXTS)

    import tracemalloc  # noqa: PLC0415  slows the process down, so only here

    tracemalloc.start()
    batch, _ = read(content, limits=Limits(ratio=10_000))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert len(batch) == 58
    assert peak < 30 << 20


def test_one_endless_value_is_refused_and_not_held() -> None:
    bomb = one_sheet(HEAD + f'<row r="2" spans="{"9" * (20 << 20)}"><c r="A2"/></row>')

    with pytest.raises(DomainError) as refused:
        read(bomb, limits=Limits(ratio=10_000))

    assert refused.value.code == "file_not_readable"


def test_a_table_of_texts_has_a_limit_of_its_own() -> None:
    texts = f'<sst xmlns="{MAIN}">' + "<si><t>ICCID and more</t></si>" * 100_000 + "</sst>"

    with pytest.raises(DomainError) as refused:
        read(book({"a": SHARED}, texts=texts), limits=Limits(text_bytes=1 << 20, ratio=10_000))

    assert refused.value.code == "file_too_large"


@pytest.mark.parametrize(
    ("folder", "kind"),
    [("word/document.xml", "DOCX"), ("xl/workbook.bin", "XLSB"), ("content.xml", "ODS"), ("a.csv", "ZIP")],
)
def test_another_kind_of_archive_is_called_by_its_name(folder: str, kind: str) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(folder, "x")

    with pytest.raises(DomainError) as refused:
        read(out.getvalue())

    assert (refused.value.code, refused.value.params["kind"]) == ("file_kind_refused", kind)


@pytest.mark.parametrize("program", ["openpyxl", "XlsxWriter"])
def test_books_of_libraries_give_their_cards_dates_and_numbers(program: str) -> None:
    out = io.BytesIO()
    if program == "openpyxl":
        made = openpyxl.Workbook()
        made.active.append(["卡号", "日期", "用量"])
        made.active.append([NUMBERS[0], date(2026, 11, 1), 12.5])
        made.active.merge_cells("D1:E1")
        made.save(out)
    else:
        with xlsxwriter.Workbook(out) as other:
            page = other.add_worksheet()
            page.write_row(0, 0, ["卡号", "日期", "用量"])
            page.write_string(1, 0, NUMBERS[0])
            page.write_datetime(1, 1, date(2026, 11, 1), other.add_format({"num_format": "yyyy-mm-dd"}))
            page.write_number(1, 2, 12.5)

    batch, _ = read(out.getvalue())

    assert (batch["iccid"], batch["day"], batch["amount"]) == (NUMBERS[:1], ["2026-11-01"], ["12.5"])


@pytest.mark.parametrize("path", sorted(MADE.glob("*.xlsx")), ids=lambda path: path.stem)
def test_books_of_other_programs_give_their_visible_cards(path: object) -> None:
    batch, notes = read(path, LIST, FileChoice(hidden_rows="skip"))  # type: ignore[arg-type]

    assert batch["iccid"] == NUMBERS[:3]
    assert batch.row_nos == [4, 5, 7]
    assert notes.counts["file_sheets_hidden"] == 1
    assert notes.counts["file_rows_left_out"] == 1


def test_what_a_person_is_told_says_no_code() -> None:
    seen = look(io.BytesIO(plain(2)), CARDS, choice=FileChoice(columns={"iccid": 7}))

    assert seen.problem is not None
    assert seen.problem.message == text("file_choice_wrong", {"value": "7"})
