"""A short run of `./simkeep fuzz`; the long one is for before a release (GTW-01)."""

import json
from pathlib import Path

import pytest

from tests.fuzzing import fuzz
from tests.running_stack import RunningStack

SECONDS = 25


@pytest.mark.req("GTW-01")
def test_what_nobody_would_ask_is_answered_as_the_document_says(running_stack: RunningStack, tmp_path: Path) -> None:
    report = tmp_path / "fuzz.ndjson"

    found = fuzz(running_stack.base_url, "county1", running_stack.password, SECONDS, report=report)

    asked = [line for line in report.read_text().splitlines() if "ScenarioFinished" in json.loads(line)]
    assert len(asked) > 20
    assert found == 0
