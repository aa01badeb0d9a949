"""Codes of labels (INV-11)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.model.errors import DomainError
from kernel.model.label_code import LENGTH, label_code, read_label

pytestmark = pytest.mark.req("INV-11")
OURS = 417


def refusal(text: str) -> str:
    with pytest.raises(DomainError) as refused:
        read_label(text, OURS)
    return refused.value.code


@given(st.sampled_from(["batch", "box"]), st.integers(0, 999_999_999))
def test_a_code_is_read_again_however_it_was_typed(kind: str, number: int):
    code = label_code(OURS, kind, number)

    assert len(code) == LENGTH
    for text in (code, f" {code}\r\n", f"{code[:5]} {code[5:11]}-{code[11:]}", f"\u200b{code}", f"'{code}"):
        assert read_label(text, OURS) == (kind, number)
    assert read_label(code.translate({ord(str(n)): chr(0xFF10 + n) for n in range(10)}), OURS) == (kind, number)


@given(st.integers(0, 999_999_999), st.integers(2, LENGTH - 1), st.integers(1, 9))
def test_a_wrong_digit_is_never_another_box(number: int, place: int, by: int):
    code = label_code(OURS, "box", number)
    wrong = code[:place] + str((int(code[place]) + by) % 10) + code[place + 1 :]

    assert refusal(wrong) == "label_misread"


@given(st.integers(0, 999_999_999), st.integers(2, LENGTH - 2))
def test_swapped_neighbours_are_never_another_box(number: int, place: int):
    code = label_code(OURS, "box", number)
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]

    if swapped != code:
        assert refusal(swapped) == "label_misread"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("89860012345678901237", "label_is_card"),
        ("8986001234567890123", "label_is_card"),
        ("", "label_not_ours"),
        ("https://example.com/box/1", "label_not_ours"),
        ("6901234567892", "label_not_ours"),
        ("箱 12", "label_not_ours"),
        ("SK1.KS-9901.1.1.1.AAAA", "label_not_ours"),
        (label_code(OURS, "box", 12)[:-1], "label_misread"),
        (label_code(OURS, "box", 12) + "0", "label_misread"),
        (label_code(OURS + 1, "box", 12), "label_other_system"),
    ],
)
def test_what_is_no_label_of_ours_is_told_apart(text: str, code: str):
    assert refusal(text) == code
