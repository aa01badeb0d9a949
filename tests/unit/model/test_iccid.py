import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.model.iccid import IccidRule, Severity, check, luhn_digit, luhn_valid
from kernel.model.iccid_column import check_many, luhn_valid_many

MOBILE = IccidRule(("898600", "898602", "898604", "898607"), letters={7: "ABCDE", 13: "AB"})
UNICOM = IccidRule(("898601", "898606", "898609"), luhn=Severity.WARNING)


MIXED = IccidRule(("8986", "898607"))


def an_iccid(body: str = "8986001234567890123") -> str:
    return body + luhn_digit(body)


@pytest.mark.req("INV-01")
def test_a_right_number_is_taken_as_it_stands():
    assert check(an_iccid(), MOBILE).error is None
    assert check(an_iccid("898600123456789012"), MOBILE).error is None


@pytest.mark.req("INV-01")
@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("", "iccid_blank"),
        ("   ", "iccid_blank"),
        ("8.986E+18", "iccid_scientific"),
        ("8.98600E+19", "iccid_scientific"),
        ("9E18", "iccid_scientific"),
        ("898600123456789012", "iccid_length"),
        ("898600123456789012345", "iccid_length"),
        ("8986001234567890123?", "iccid_characters"),
        ("898600A23456Z890123B", "iccid_characters"),
        (an_iccid("8986011234567890123"), "iccid_wrong_carrier"),
    ],
)
def test_a_wrong_number_is_refused_with_its_reason(raw: str, code: str):
    assert check(raw, MOBILE).error == code


@pytest.mark.req("INV-01")
def test_a_wrong_check_digit_is_an_error_or_a_warning_as_the_carrier_has_it():
    right = an_iccid("8986011234567890123")
    wrong = right[:-1] + str((int(right[-1]) + 1) % 10)

    strict = IccidRule(UNICOM.prefixes)

    assert check(wrong, strict).error == "iccid_check_digit"
    assert check(wrong, UNICOM).error is None
    assert check(wrong, UNICOM).warnings == ("iccid_check_digit",)


@pytest.mark.req("INV-01")
@pytest.mark.parametrize("raw", ["8986 0012 3456 7890 123", "８９８６００1234567890123", "\u3000898600-1234567890123"])
def test_spaces_and_full_width_digits_are_corrected_and_said_so(raw: str):
    sent = raw + luhn_digit("8986001234567890123")

    verdict = check(sent, MOBILE)

    assert verdict.iccid == an_iccid()
    assert verdict.error is None
    assert verdict.warnings == ("iccid_normalised",)


@pytest.mark.req("INV-01")
def test_letters_stand_only_where_the_carrier_puts_them():
    assert check("898600A2345678901234", MOBILE).error is None
    assert check("898600a2345678901234", MOBILE).warnings == ("iccid_normalised",)
    assert check("8986001A345678901234", MOBILE).error == "iccid_characters"


@pytest.mark.req("INV-01")
def test_a_leading_zero_and_the_last_digit_are_never_lost():
    zero = IccidRule(("089860",), luhn=Severity.OFF)

    assert check("08986001234567890120", zero).iccid == "08986001234567890120"


@given(st.text(alphabet="0123456789", min_size=18, max_size=19))
def test_the_check_digit_makes_a_number_valid_and_any_other_digit_does_not(body: str):
    digit = luhn_digit(body)

    assert luhn_valid(body + digit)
    assert not any(luhn_valid(body + other) for other in "0123456789" if other != digit)


@given(st.lists(st.text(alphabet="0123456789", min_size=20, max_size=20), max_size=30))
def test_judging_together_says_what_judging_alone_says(numbers: list[str]):
    assert luhn_valid_many(numbers).tolist() == [luhn_valid(number) for number in numbers]


ODD = st.one_of(
    st.text(max_size=22),
    st.text(alphabet="0123456789AB ", min_size=18, max_size=21),
    st.text(alphabet="0123456789", min_size=13, max_size=14).map(lambda tail: "898600" + tail),
    st.text(alphabet="0123456789", min_size=13, max_size=13).map(lambda tail: an_iccid("898607" + tail)),
)


@pytest.mark.req("INV-01")
@pytest.mark.parametrize("body", ["8986022334455667788", "8986003344556677889"])
def test_the_check_digit_counts_whichever_of_prefixes_of_different_length_a_number_has(body: str):
    rule = IccidRule(("89860", "8986022"))
    good = an_iccid(body)
    bad = body + str((int(good[-1]) + 1) % 10)

    assert check_many([good, bad], rule) == {1: check(bad, rule)}
    assert check(bad, rule).error == "iccid_check_digit"


@given(st.lists(ODD, max_size=30), st.sampled_from([MOBILE, UNICOM, IccidRule(("898603",), luhn=Severity.OFF), MIXED]))
def test_a_column_gets_the_same_verdicts_as_its_values_one_by_one(raw: list[str], rule: IccidRule):
    verdicts = check_many(raw, rule)
    for place, value in enumerate(raw):
        alone, verdict = check(value, rule), verdicts.get(place)
        if verdict is None:
            assert alone.error is None
            assert not alone.warnings
            assert alone.iccid == value
        else:
            assert verdict == alone
