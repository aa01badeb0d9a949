"""Files that a spreadsheet opens as they were meant."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape

from kernel.chassis.lists import workbook
from kernel.chassis.lists.columns import Column, unguarded
from kernel.chassis.lists.files import ByColumn, write_csv, write_xlsx
from kernel.chassis.lists.spec import Statistic
from kernel.contracts.method import Method, Reply, Request
from kernel.model.errors import DomainError

COLUMNS = (
    Column("iccid", "ICCID"),
    Column("state", "状态", words={"in_stock": "在库"}),
    Column("at", "时间"),
    Column("count", "数量", kind="number"),
)
ICCID = "89860012345678901234"
ROWS = [(ICCID, "in_stock", datetime(2026, 1, 1, 16, 30, tzinfo=UTC), 7), (None, "odd", date(2026, 1, 2), None)]


def as_csv(rows, guard: bool = False, columns=COLUMNS) -> tuple[str, list[list[str]]]:
    out = io.StringIO(newline="")
    write_csv([rows], columns, out, guard=guard)
    text = out.getvalue()
    return text, list(csv.reader(io.StringIO(text.lstrip("\ufeff"))))


@pytest.mark.req("GTW-04")
def test_csv_begins_with_the_mark_that_makes_excel_read_chinese():
    text, table = as_csv(ROWS)

    assert text.startswith("\ufeff")
    assert table[0] == ["ICCID", "状态", "时间", "数量"]
    assert table[1] == [ICCID, "在库", "2026-01-02 00:30:00", "7"]
    assert table[2] == ["", "odd", "2026-01-02", ""]


@pytest.mark.req("GTW-03")
@pytest.mark.parametrize(
    "evil", ["=1+1", "+7", "-cmd", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", "＋7", "－cmd", "＠SUM(A1)"]
)
def test_csv_cells_cannot_become_formulas_of_half_or_full_width(evil):
    _, table = as_csv([(evil, None, None, None)], guard=True)

    assert table[1][0] == f"'{evil}"
    assert unguarded(table[1][0]) == evil


@pytest.mark.req("GTW-03")
@pytest.mark.parametrize("number", [ICCID, "1064912345678", "0012", "2026-12", "12E4", "8986001234567890123E"])
def test_no_number_loses_digits_in_a_spreadsheet_and_a_reader_gets_it_back(number):
    _, (_, (guarded, *_)) = as_csv([(number, None, None, None)], guard=True)
    _, (_, (plain, *_)) = as_csv([(number, None, None, None)])

    assert guarded == f"{number}\t"
    assert unguarded(guarded) == number
    assert plain == number


@pytest.mark.parametrize("plain", ["13800000000", "2026-12-31", "2026-12-31 08:00:00", "990101", "'s", "张强", "12 张"])
def test_what_a_spreadsheet_shows_rightly_is_left_as_it_is(plain):
    _, table = as_csv([(plain, None, None, None)], guard=True)

    assert table[1][0] == plain


CELLS = st.none() | st.text(st.sampled_from("a0 ,;'\"\r\n\t=卡"), max_size=4)


@pytest.mark.req("GTW-04")
@given(rows=st.lists(st.tuples(CELLS, CELLS, st.none() | st.integers() | st.decimals(allow_nan=False)), max_size=5))
@pytest.mark.parametrize("width", [1, 3])
def test_csv_is_as_the_standard_librarys_whatever_stands_in_it(width: int, rows: list[tuple]):
    columns = (Column("iccid", "ICCID"), Column("at", "时间"), Column("count", "数量", kind="number"))[:width]
    rows = [row[:width] for row in rows]
    expected = io.StringIO(newline="")
    csv.writer(expected).writerows([[column.title for column in columns], *rows])

    for part in (rows, ByColumn(list(zip(*rows, strict=True)))):
        out = io.StringIO(newline="")
        assert write_csv([part], columns, out, guard=False) == len(rows)
        assert out.getvalue() == "\ufeff" + expected.getvalue()


@pytest.mark.req("GTW-03")
def test_columns_that_are_added_up_have_a_last_line_that_says_so():
    columns = (*COLUMNS[:3], Column("count", "数量", kind="number", total=True), Column("days", "天数", kind="number"))
    parts = [[("a", None, None, 3, 1), ("b", None, None, None, 2)], [("c", None, None, -1, 3)]]
    out, book = io.StringIO(newline=""), io.BytesIO()

    counts = write_csv(parts, columns, out), write_xlsx(parts, columns, book)

    assert counts == (3, 3)
    assert out.getvalue().splitlines()[-1] == "合计,,,2,"
    last = list(openpyxl.load_workbook(book).active.iter_rows(values_only=True))[-1]
    assert last == ("合计", None, None, 2, None)


def test_negative_numbers_stay_numbers_in_csv():
    _, table = as_csv([("x", None, None, -5)])

    assert table[1][3] == "-5"


@pytest.mark.req("GTW-04")
def test_xlsx_keeps_identifiers_as_text_and_starts_a_sheet_when_one_is_full():
    out = io.BytesIO()

    count = write_xlsx([[(ICCID, "in_stock", None, n) for n in range(7)]], COLUMNS, out, "卡/片", limit=4)

    book = openpyxl.load_workbook(io.BytesIO(out.getvalue()))
    assert count == 7
    assert book.sheetnames == ["卡 片", "卡 片 2", "卡 片 3"]
    assert book["卡 片"]["A2"].value == ICCID
    assert book["卡 片"]["A2"].data_type == "s"
    assert book["卡 片"]["D2"].value == 0
    assert [sheet.max_row for sheet in book] == [4, 4, 2]
    assert [sheet["A1"].value for sheet in book] == ["ICCID"] * 3


def test_xlsx_text_that_looks_like_a_formula_or_a_link_stays_text():
    out = io.BytesIO()

    write_xlsx([[("=1+1", "http://evil", None, None)]], COLUMNS, out)

    sheet = openpyxl.load_workbook(io.BytesIO(out.getvalue())).active
    assert (sheet["A2"].value, sheet["A2"].data_type) == ("=1+1", "s")
    assert sheet["B2"].hyperlink is None


def test_an_empty_list_is_a_file_with_a_head():
    out = io.BytesIO()

    assert write_xlsx([], COLUMNS, out) == 0

    assert openpyxl.load_workbook(io.BytesIO(out.getvalue())).active["B1"].value == "状态"


class Filters(Request):
    unit: str | None = None


def spec() -> Statistic:
    return Statistic(method=Method("count", Filters, Reply, "card.view"), title="卡", columns=COLUMNS, act=Reply)


def test_columns_are_chosen_by_name_and_an_unknown_one_is_refused():
    chosen = spec().choose(["count", "iccid"])

    with pytest.raises(DomainError) as unknown:
        spec().choose(["colour"])

    assert [item.name for item in chosen] == ["count", "iccid"]
    assert unknown.value.code == "export_column_unknown"


def test_an_unknown_filter_is_refused_and_never_means_all():
    with pytest.raises(DomainError) as refused:
        spec().check({"untit": "99"})

    assert refused.value.params["errors"][0]["field"] == "filters.untit"


ODD = [" a b ", "<&>\"'", "行1\n行2\r", "\x07", "_x0007_", "=SUM(A1)", "", "ends in \ud7ff", "x" * 40_000]


def test_xlsx_brings_odd_text_back_as_it_was_and_cuts_what_excel_cannot_hold():
    out = io.BytesIO()
    write_xlsx([[(text, None, None, None)] for text in ODD], COLUMNS, out)

    sheet = openpyxl.load_workbook(io.BytesIO(out.getvalue())).active
    back = [unescape(sheet.cell(row, 1).value or "") for row in range(2, 2 + len(ODD))]

    assert back == [*ODD[:-1], "x" * 32_767]


def test_xlsx_is_a_whole_workbook_with_its_head_in_view_and_numbers_as_numbers():
    out = io.BytesIO()
    write_xlsx([[("a", "in_stock", None, n) for n in (3, 2.5, Decimal("1.25"), float("nan"))]], COLUMNS, out)

    sheet = openpyxl.load_workbook(io.BytesIO(out.getvalue())).active

    assert sheet.freeze_panes == "A2"
    assert sheet["A1"].font.bold
    assert not sheet["A2"].font.bold
    assert [sheet.cell(row, 4).value for row in range(2, 6)] == [3, 2.5, 1.25, "nan"]
    assert sheet.column_dimensions["A"].width == COLUMNS[0].width


def test_a_sheet_that_grows_too_large_in_bytes_is_followed_by_another(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(workbook, "SHEET_BYTES", 3000)
    out = io.BytesIO()

    assert write_xlsx([[(ICCID, "in_stock", None, n)] for n in range(40)], COLUMNS, out, "卡") == 40

    book = openpyxl.load_workbook(io.BytesIO(out.getvalue()))
    assert len(book.worksheets) > 1
    assert [row[3] for page in book.worksheets for row in page.iter_rows(min_row=2, values_only=True)] == [*range(40)]
