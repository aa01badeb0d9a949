"""A few trials of the second laboratory: cheap ones, and ones whose verdict does not hang on a threshold.

The whole table is made by `python -m tests.second_lab`; docs/verification.md has its figures.
"""

from pathlib import Path

import pytest

from tests.second_lab.__main__ import plan
from tests.second_lab.bench import KINDS, build
from tests.second_lab.judging import judge
from tests.second_lab.results import Line, add, lines_in

HONEST = [("office_copier", 0), ("stapled", 0), ("wide_signatures", 0), ("single_jpeg", 0)]
FORGED = [("digit_reprinted", 0), ("unit_renamed", 0), ("no_seal", 0), ("form_field_over", 0), ("strips_exchanged", 0)]


@pytest.mark.req("DOC-03")
@pytest.mark.parametrize(("kind", "number"), HONEST)
def test_another_hand_s_genuine_paper_passes(kind: str, number: int) -> None:
    assert judge(build(kind, number)).verdict.outcome == "passed"


@pytest.mark.req("DOC-03", "DOC-04")
@pytest.mark.parametrize(("kind", "number"), FORGED)
def test_another_hand_s_forgery_does_not_pass(kind: str, number: int) -> None:
    outcome = judge(build(kind, number))

    assert outcome.verdict.outcome != "passed"
    assert outcome.right or outcome.verdict.outcome != "differs"


@pytest.mark.req("DOC-03")
@pytest.mark.parametrize(
    ("kind", "number"),
    [
        ("thin_line_through", 407),  # all the colour of its page is in the line
        ("dotted_through", 450),
        ("thin_line_through", 7),  # the scanner gives all print coloured fringes
        ("words_at_the_edge", 405),
        ("words_at_the_edge", 455),
        ("words_at_the_edge", 16),
        ("one_at_the_rule", 0),
        ("one_at_the_rule", 1),
        ("tiny_print", 0),
        ("tiny_print", 1),
        ("cross_beside_a_row", 0),
        ("six_made_eight_in_pencil", 0),
    ],
)
def test_a_mark_that_passed_once_is_seen(kind: str, number: int) -> None:
    assert judge(build(kind, number)).verdict.outcome == "unclear"


@pytest.mark.req("DOC-03")
@pytest.mark.parametrize(("kind", "number"), [("highlighted_row", 0), ("faded_seal", 5), ("two_pages_on_one_glass", 0)])
def test_a_paper_that_was_accused_once_is_not_accused(kind: str, number: int) -> None:
    assert judge(build(kind, number)).verdict.outcome == "unclear"


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        *(("clipped", 3), ("bound_volume", 4), ("open_lid", 6), ("stapled", 2)),
        # the page lies off the glass's edge, so that the scan ends within the sheet
        *(("clipped", 440), ("bound_volume", 441), ("open_lid", 440), ("in_a_file_fastener", 441), ("flagged", 440)),
        ("stapled", 605),
    ],
)
def test_clips_shadows_and_staples_at_the_edge_are_no_words(kind: str, number: int) -> None:
    assert judge(build(kind, number)).verdict.outcome == "passed"


@pytest.mark.req("DOC-04")
def test_a_second_seal_beside_the_first_may_not_lie_on_numbers() -> None:
    verdict = judge(build("red_digit_under_a_seal", 623)).verdict

    assert (verdict.outcome, verdict.findings[0].kind) == ("unclear", "seal_over_content")


def test_a_trial_is_the_same_bytes_each_time() -> None:
    assert build("flatbed", 3).upload == build("flatbed", 3).upload


def test_a_third_of_the_kinds_is_kept_apart_and_every_truth_has_some() -> None:
    untuned = [made for made in KINDS.values() if not made.tuned]
    apart = [made for made in untuned if made.kept_apart]

    assert 0.28 < len(apart) / len(untuned) < 0.45
    assert {made.truth for made in apart} == {"normal", "hard", "limit", "forged"}


def test_a_short_table_takes_each_kind_once_before_any_twice() -> None:
    trials = plan(genuine_count=5, forged_count=3, first=7)

    assert len({kind for kind, _ in trials}) == 8
    assert {number for _, number in trials} == {7}


def test_a_run_that_was_cut_short_goes_on_after_its_last_whole_line(tmp_path: Path) -> None:
    results = tmp_path / "results.jsonl"
    first, second = (Line("flatbed", number, "passed", right=False, seconds=1.5, findings=[]) for number in (1, 2))
    add(first, results)
    with results.open("a") as file:
        file.write('{"kind": "flat')

    assert lines_in(results) == [first]
    add(second, results)

    assert lines_in(results) == [first, second]
