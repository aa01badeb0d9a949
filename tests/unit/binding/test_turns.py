"""A long batch leaves others their turn in the process that serves both (BND-01, BND-12)."""

import subprocess
import sys

import pytest

BATCH_AND_A_PAGE = """
from kernel.chassis.process import green
green.boot()
import eventlet
from datetime import UTC, datetime
from kernel.contracts.binding.readings import MAX_ROWS
from services.binding import intake

now = datetime(2026, 11, 20, tzinfo=UTC)
rows = [{"terminal": f"37B{i:08d}", "read_at": now.isoformat(), "fault": "E05"} for i in range(MAX_ROWS)]
turns = []

def page():
    while True:
        turns.append(1)
        eventlet.sleep(0)

eventlet.spawn(page)
assert len(intake.clean(None, rows, now=now).rows) == MAX_ROWS
print(len(turns))
"""


@pytest.mark.req("BND-12")
def test_others_have_their_turn_while_a_batch_is_cleaned() -> None:
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", BATCH_AND_A_PAGE], capture_output=True, text=True, check=True
    )

    assert int(ran.stdout) >= 10
