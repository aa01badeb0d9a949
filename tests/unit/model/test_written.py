"""What counts as a number, wherever people write one."""

from decimal import Decimal

import pytest

from kernel.chassis.files.cells import date_text, plain_number
from kernel.model.written import decimal

pytestmark = pytest.mark.req("TRF-01")


@pytest.mark.parametrize(
    ("said", "value"),
    [("1.5", "1.5"), ("+5", "5"), ("-0", "0"), ("5.", "5"), (".5", "0.5"), ("000005", "5"), ("1E+06", "1000000")],
)
def test_a_number_is_plain_digits_with_a_point(said: str, value: str) -> None:
    assert decimal(said) == Decimal(value)


@pytest.mark.parametrize(
    "said", ["1_000", "٣", "１２", "NaN", "inf", "Infinity", "", ".", "1,5", "0x10", "1 5", "²", "1e9999", "1e-999999"]
)
def test_what_only_python_takes_for_a_number_is_none(said: str) -> None:
    assert decimal(said) is None


@pytest.mark.parametrize(
    ("cell", "read"),
    [
        ("1,234.50", "1234.50"), ("1 234 567", "1234567"), ("1\u00a0234.5", "1234.5"), ("１２．５", "12.5"),
        ("－5", "-5"), ("1 5", "1 5"), ("1 000,5", "1 000,5"), ("1_000", "1_000"), ("٣", "٣"), ("10²", "10²"),
    ],
)  # fmt: skip
def test_full_width_digits_and_groups_of_three_are_read_and_nothing_else_is_pulled_together(
    cell: str, read: str
) -> None:
    assert plain_number(cell) == read


@pytest.mark.parametrize(
    ("cell", "read"),
    [
        ("２０２６-11-20", "2026-11-20"), ("2026/1/2", "2026-01-02"), ("٢٠٢٦-١١-٢٠", "٢٠٢٦-١١-٢٠"),
        ("2026-W47-5", "2026-W47-5"),
    ],
)  # fmt: skip
def test_a_date_is_year_month_and_day_in_plain_or_full_width_digits(cell: str, read: str) -> None:
    assert date_text(cell) == read
