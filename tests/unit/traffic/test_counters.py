"""What a terminal's own counter says when it grows, runs over, is set back, stands at its end or is silent (TRF-03)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.traffic.counters import LIMIT, MOST_A_DAY, SATURATED, Judged, judge

pytestmark = pytest.mark.req("TRF-03")
MB = 1 << 20
NEAR_THE_END = LIMIT - 10 * MB


@pytest.mark.parametrize(
    ("before", "now", "known", "expected"),
    [
        (None, 5, None, Judged("first", None)),
        (5, None, None, Judged("missing", None)),
        (5, SATURATED, None, Judged("saturated", None)),
        (5, 5, None, Judged("grew", 0)),
        (5, 500 * MB, None, Judged("grew", 500 * MB - 5)),
        (2000 * MB, 7 * MB, None, Judged("reset", 7 * MB)),
        (NEAR_THE_END, 20 * MB, 29 * MB, Judged("wrapped", 30 * MB)),
        (NEAR_THE_END, 20 * MB, 20 * MB + 1, Judged("reset", 20 * MB)),
        (NEAR_THE_END, 20 * MB, 24 * MB, Judged("ambiguous", None)),
        (NEAR_THE_END, 20 * MB, 90 * MB, Judged("ambiguous", None)),
        (NEAR_THE_END, 20 * MB, None, Judged("ambiguous", None)),
        (2000 * MB, 1000 * MB, None, Judged("ambiguous", None)),
    ],
)
def test_each_outcome_is_told_apart_and_what_is_not_clear_is_nobodys_guess(
    before: int | None, now: int | None, known: int | None, expected: Judged
) -> None:
    assert judge(before, now, 1, known) == expected


@given(st.integers(0, LIMIT - 2), st.integers(0, MOST_A_DAY))
def test_what_was_used_is_found_again_or_a_person_is_asked(before: int, used: int) -> None:
    counted = judge(before, (before + used) % LIMIT, 1, used)

    assert counted in {
        Judged("grew", used),
        Judged("wrapped", used),
        Judged("ambiguous", None),
        Judged("saturated", None),
    }


@given(st.integers(1, LIMIT - 2), st.integers(0, MOST_A_DAY))
def test_a_reset_counter_never_counts_what_was_not_used(before: int, used: int) -> None:
    counted = judge(before, used, 1, used)

    assert counted.used is None or counted.used == used or used >= before
