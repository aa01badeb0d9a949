import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.model.errors import DomainError
from kernel.model.iccid import luhn_digit
from kernel.model.number_range import NumberRange


def numbered(n: int) -> str:
    body = f"898600{n:013d}"
    return body + luhn_digit(body)


@pytest.mark.req("INV-03")
@pytest.mark.parametrize(
    ("start", "end", "code"),
    [
        (numbered(9), numbered(1), "range_reversed"),
        ("898600", numbered(1), "range_end_malformed"),
        (numbered(1), "", "range_end_malformed"),
        (numbered(1), "8986011234567890123" + "1", "range_across_issuers"),
        (numbered(1), numbered(2)[:-1], "range_across_issuers"),
    ],
)
def test_a_range_that_means_nothing_is_refused(start: str, end: str, code: str):
    with pytest.raises(DomainError) as refusal:
        NumberRange.parse(start, end)

    assert refusal.value.code == code


@pytest.mark.req("INV-03")
def test_both_ends_belong_to_the_range():
    numbers = NumberRange.parse(numbered(10), numbered(19))

    assert numbered(10) in numbers
    assert numbered(19) in numbers
    assert numbered(20) not in numbers
    assert numbered(15)[:-1] not in numbers
    assert numbers.span == 10


@given(st.integers(0, 10**12), st.integers(0, 10**6))
def test_the_span_counts_numbers_and_not_check_digits(first: int, more: int):
    assert NumberRange.parse(numbered(first), numbered(first + more)).span == more + 1


def test_a_range_with_letters_has_no_span():
    assert NumberRange.parse("898600A2345678901230", "898600A2345678901239").span is None
