"""A fold that crosses a table's rules is no stroke behind them (DOC-03)."""

import pytest

from tests.documents_lab.trial import genuine_trial


@pytest.mark.req("DOC-03")
def test_a_faint_fold_across_two_rules_is_not_told_as_writing() -> None:
    verdict = genuine_trial("city_opening", 20000, 150, 12).verdict

    assert verdict.outcome == "passed", verdict.sentences()
