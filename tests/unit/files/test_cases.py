"""The cases on which readers fell short: each gives the cards that a person sees in it, and says the rest."""

import io
from pathlib import Path

import pytest

from kernel.chassis.files import Batch, Layout, look, open_rows
from kernel.contracts.errors import text
from kernel.contracts.inventory.cards import Option
from services.inventory.carrier_rules import rule_from
from services.inventory.deliveries.check import Judge, Judged
from services.inventory.deliveries.columns import CARD_LIST, DELIVERY
from tests.unit.files.books import CASES, read

MOBILE = Option(value="china_mobile", label="中国移动", label_en="China Mobile")
RULE = rule_from({"prefixes": ["898600", "898602", "898604", "898607"], "luhn": "error"})


def judged(batch: Batch) -> Judged:
    return Judge(RULE, MOBILE).judge(batch)


@pytest.mark.req("INV-01")
@pytest.mark.parametrize(
    ("name", "cards"),
    [
        ("parts-named-with-capitals.xlsx", 5),
        ("escaped-carriage-return.xlsx", 5),
        ("title-rows-above-head.xlsx", 5),
        ("newline-in-quoted-remark.csv", 5),
        ("newline-in-quoted-head.csv", 5),
        ("invisible-characters.csv", 6),
        ("msisdn-with-country-code.csv", 6),
        ("list-stock.csv", 100),
    ],
)
def test_a_delivery_gives_all_its_cards_and_no_broken_row(name: str, cards: int) -> None:
    batch, _ = read(CASES / name, DELIVERY)

    found = judged(batch)

    assert (len(found.good), found.refused) == (cards, [])


@pytest.mark.req("INV-01")
def test_rows_are_counted_as_a_spreadsheet_and_as_an_editor_counts() -> None:
    remarks, _ = read(CASES / "newline-in-quoted-remark.csv", DELIVERY)
    heads, _ = read(CASES / "newline-in-quoted-head.csv", DELIVERY)
    titles, _ = read(CASES / "title-rows-above-head.xlsx", DELIVERY)

    assert (remarks.row_nos, remarks.line_nos) == ([2, 3, 4, 5, 6], [2, 3, 5, 6, 8])
    assert (heads.row_nos, heads.line_nos) == ([2, 3, 4, 5, 6], [5, 6, 7, 8, 9])
    assert titles.row_nos == [4, 5, 6, 7, 8]


@pytest.mark.req("INV-01")
def test_what_stands_around_a_number_is_taken_off_and_counted() -> None:
    batch, notes = read(CASES / "invisible-characters.csv", DELIVERY)

    assert all(iccid.isdigit() for iccid in batch["iccid"])
    assert notes.counts == {"file_cells_cleaned": 6}


@pytest.mark.req("INV-01")
def test_a_formula_without_value_and_an_error_value_are_named_as_such() -> None:
    batch, _ = read(CASES / "formulas-without-values.xlsx", DELIVERY)

    found = judged(batch)

    assert len(found.good) == 2
    said = [(it.row_no, text(it.code, it.params, "en")) for it in found.refused]
    assert [row_no for row_no, _ in said] == [2, 3]
    assert "formula without a value" in said[0][1]
    assert "error value #N/A" in said[1][1]


@pytest.mark.req("INV-12")
def test_a_msisdn_has_one_form_however_it_is_written() -> None:
    batch, _ = read(CASES / "msisdn-with-country-code.csv", DELIVERY)

    numbers = [line.rstrip("\n").split("\t")[3] for line in judged(batch).good]

    assert numbers == [f"106480000400{place}" for place in range(6)]


@pytest.mark.req("INV-12")
def test_check_digits_that_all_rows_lack_are_missing_and_not_wrong() -> None:
    short, _ = read(CASES / "mobile-without-check-digit.csv", DELIVERY)
    whole, _ = read(CASES / "mobile-with-check-digit.csv", DELIVERY)

    found = judged(short)

    assert (found.refused, found.warnings) == ([], {"iccid_check_digit_missing": 40})
    assert found.good == judged(whole).good


@pytest.mark.req("INV-04")
@pytest.mark.parametrize(
    ("name", "cards"),
    [
        ("list-utf16.txt", ["89860499269900060005", "89860499269900060013", "89860499269900060021"]),
        ("list-hidden-first-sheet.xlsx", ["89860499269900060153", "89860499269900060161", "89860499269900060179"]),
        ("list-head-in-second-column.csv", ["89860499269900060211", "89860499269900060229", "89860499269900060237"]),
    ],
)
def test_a_list_gives_exactly_its_visible_cards(name: str, cards: list[str]) -> None:
    batch, _ = read(CASES / name, CARD_LIST)

    assert batch["iccid"] == cards


@pytest.mark.req("INV-04")
def test_a_hidden_sheet_is_told_before_anything_is_done() -> None:
    seen = look(io.BytesIO((CASES / "list-hidden-first-sheet.xlsx").read_bytes()), CARD_LIST)

    assert [(it.name, it.hidden) for it in seen.sheets] == [("Sheet", True), ("清单", False)]
    assert (seen.sheet, seen.rows, seen.problem) == ("清单", 3, None)
    assert [note.code for note in seen.notes] == ["file_sheets_hidden"]


@pytest.mark.parametrize("path", sorted(CASES.iterdir()), ids=lambda path: path.name)
def test_a_look_says_of_every_case_what_reading_it_gives(path: Path) -> None:
    layout: Layout = CARD_LIST if path.name.startswith("list-") else DELIVERY
    seen = look(io.BytesIO(path.read_bytes()), layout)

    with open_rows(io.BytesIO(path.read_bytes()), layout) as rows:
        assert seen.rows == sum(len(batch) for batch in rows)
        assert seen.head_row == rows.head.row_no
    assert seen.problem is None
