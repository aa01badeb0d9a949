"""Where a card was, from its readings alone (BND-03, BND-11)."""

import random
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.binding.timeline import CONTRADICTION, Place, Run, stays

NIGHT = datetime(2026, 11, 1, 18, tzinfo=UTC)
A, B, C = Place("TERMINAL-A", 1), Place("TERMINAL-B", 1), Place("TERMINAL-C", 1)


def night(number: float) -> datetime:
    return NIGHT + timedelta(days=number)


def run(place: Place, first: float, last: float, ended: float | None = None, refusal: str | None = None) -> Run:
    return Run(place, night(first), night(last), None if ended is None else night(ended), refusal)


@pytest.mark.req("BND-03")
def test_a_card_read_in_one_terminal_is_bound_there_from_its_first_reading():
    (stay,) = stays([run(A, 1, 9)])

    assert (stay.bound_from, stay.bound_to, stay.quarantine) == (night(1), None, None)


@pytest.mark.req("BND-11")
def test_a_card_moves_when_its_old_terminal_was_seen_with_another_card():
    old, new = stays([run(A, 1, 3, ended=4), run(B, 3.5, 5)])

    assert (old.bound_from, old.bound_to) == (night(1), night(3.5))
    assert (new.bound_from, new.bound_to, new.quarantine) == (night(3.5), None, None)


@pytest.mark.req("BND-03")
def test_a_card_that_two_terminals_go_on_reading_stays_and_the_newcomer_is_quarantined():
    old, new = stays([run(A, 1, 6), run(B, 4, 6)])

    assert old.is_current
    assert (new.bound_from, new.quarantine, new.against) == (None, CONTRADICTION, A)


@pytest.mark.req("BND-11")
def test_one_missed_night_of_the_old_terminal_moves_no_card_and_two_do():
    assert stays([run(A, 1, 3), run(B, 4, 4)])[1].quarantine == CONTRADICTION

    old, new = stays([run(A, 1, 3), run(B, 4, 5)])

    assert old.bound_to == night(4)
    assert new.is_current


@pytest.mark.req("BND-11")
def test_a_quarantined_run_gets_the_card_when_the_holder_is_seen_with_another():
    _, new = stays([run(A, 1, 5, ended=6), run(B, 4, 6)])

    assert (new.bound_from, new.bound_to, new.quarantine) == (night(6), None, None)


@pytest.mark.req("BND-03")
def test_a_persons_decision_moves_the_card_and_taking_it_back_restores_it():
    runs = [run(A, 1, 6), run(B, 4, 6)]

    old, new = stays(runs, [B])
    assert (old.bound_to, new.bound_from, new.quarantine) == (night(4), night(4), None)

    assert stays(runs, [B, A])[0].is_current
    assert stays(runs)[0].is_current


@pytest.mark.req("BND-03")
def test_a_card_that_may_be_nowhere_is_bound_nowhere_and_hinders_nobody():
    unknown, good = stays([run(A, 1, 6, refusal="card_unknown"), run(B, 4, 6)])

    assert (unknown.bound_from, unknown.quarantine) == (None, "card_unknown")
    assert good.is_current


@st.composite
def histories(draw: st.DrawFn) -> list[Run]:
    """Runs of one card in three terminals; those of one terminal follow each other."""
    runs: list[Run] = []
    for place in (A, B, C):
        at = 0.0
        for _ in range(draw(st.integers(0, 3))):
            first = at + draw(st.integers(0, 4)) + draw(st.sampled_from((0.0, 0.01, 0.02)))
            last = first + draw(st.integers(0, 3))
            goes_on = draw(st.booleans())
            ended = None if goes_on else last + draw(st.integers(1, 2))
            runs.append(run(place, first, last, ended))
            if ended is None:
                break
            at = ended + 1
    return runs


@pytest.mark.req("BND-11")
@given(histories(), st.randoms(use_true_random=False))
def test_the_order_of_the_runs_does_not_matter_and_a_card_is_in_one_place_at_a_time(
    runs: list[Run], order: random.Random
):
    shuffled = list(runs)
    order.shuffle(shuffled)

    result = stays(runs)

    assert stays(shuffled) == result
    bound = sorted(
        (stay.bound_from, stay.bound_to or datetime.max.replace(tzinfo=UTC)) for stay in result if stay.bound_from
    )
    assert all(start < end for start, end in bound)
    assert all(first[1] <= second[0] for first, second in pairwise(bound))
