import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.model.errors import DomainError
from kernel.model.iccid import IccidRule, Severity, luhn_digit
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
        (numbered(2)[:-1], numbered(1), "range_reversed"),
        ("8.986E+19", numbered(1), "range_end_scientific"),
        (numbered(1)[:-1] + "\u200b7", numbered(2), "range_end_characters"),
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
    assert numbers.span() == 10


@given(st.integers(0, 10**12), st.integers(0, 10**6))
def test_the_span_counts_numbers_and_not_check_digits(first: int, more: int):
    assert NumberRange.parse(numbered(first), numbered(first + more)).span() == more + 1


def test_a_range_with_letters_has_no_span():
    assert NumberRange.parse("898600A2345678901230", "898600A2345678901239").span() is None


@pytest.mark.req("INV-03")
def test_ends_without_check_digit_mean_the_cards_with_it_and_drop_neither_the_first_nor_the_last():
    numbers = NumberRange.parse(numbered(10)[:-1], numbered(19)[:-1])

    assert [n for n in range(30) if numbered(n) in numbers] == list(range(10, 20))
    assert [n for n in range(30) if numbered(n)[:-1] in numbers] == list(range(10, 20))
    assert numbers.span(longest=20) == 10


@pytest.mark.req("INV-03")
@pytest.mark.parametrize("start", [numbered(10)[:-1] + "F", " " + numbered(10), "'" + numbered(10), numbered(10)[:-1]])
def test_an_end_is_understood_in_any_spelling(start: str):
    numbers = NumberRange.parse(start, numbered(19))

    assert numbered(10) in numbers
    assert numbered(9) not in numbers
    assert numbers.span() == 10


@pytest.mark.req("INV-03")
def test_an_end_with_a_wrong_check_digit_is_refused_where_the_carrier_is_strict():
    wrong = numbered(10)[:-1] + str((int(numbered(10)[-1]) + 1) % 10)
    numbers = NumberRange.parse(numbered(1), wrong)

    with pytest.raises(DomainError) as refusal:
        numbers.require_check_digits(IccidRule(("898600",)))

    assert refusal.value.params == {"field": "end_iccid", "value": wrong, "expected": numbered(10)[-1]}
    numbers.require_check_digits(IccidRule(("898600",), luhn=Severity.WARNING))


@pytest.mark.req("INV-03")
def test_a_missing_number_is_named_as_the_card_that_would_have_it():
    numbers = NumberRange.parse(numbered(10), numbered(19))

    assert numbers.bounds(19) == (10, 19)
    assert numbers.number(12, 19) == numbered(12)
