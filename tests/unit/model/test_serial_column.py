"""A column of serials is judged as each of its values would be (IME-01)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.model.iccid import luhn_digit
from kernel.model.serial import Refused, Serial, parse
from kernel.model.serial_column import judge_many

pytestmark = pytest.mark.req("IME-01", "IME-17")

DIGITS = st.text("0123456789", min_size=14, max_size=14)
GOOD = DIGITS.map(lambda body: body + luhn_digit(body))
VALUES = st.one_of(
    GOOD,
    st.text("0123456789", min_size=15, max_size=15),
    st.text("0123456789ABCDEFabcdef -:：１２", max_size=20),
    DIGITS.map(lambda body: "35" + body[2:]).map(lambda body: body + luhn_digit(body)),
)


@given(st.lists(VALUES, max_size=30))
def test_a_column_gets_the_answers_of_its_single_values(values: list[str]) -> None:
    judged = judge_many(values)

    for place, value in enumerate(values):
        alone = parse(value)
        if judged.plain[place]:
            assert isinstance(alone, Serial)
            assert (alone.number, alone.warnings, alone.text) == (int(judged.keys[place]), (), value)
        else:
            assert judged.others[place] == alone


def test_a_wrong_check_digit_is_told_with_the_right_one() -> None:
    judged = judge_many(["490154203237518", "490154203237517"])

    assert judged.plain.tolist() == [True, False]
    assert judged.others[1] == Refused("490154203237517", "serial_check_digit", "490154203237518")
