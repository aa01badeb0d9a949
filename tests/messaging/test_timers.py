"""A due time is worked once, whatever the number of replicas and whatever was down."""

import pytest

from tests.messaging.harness import Bench, until


@pytest.mark.req("OPS-01")
def test_two_replicas_run_each_due_time_once_and_a_fresh_timer_does_not_run_for_the_past(bench: Bench):
    replicas = [bench.start("probe", wait=False) for _ in range(2)]
    bench.wait_ready(*replicas)

    until("ticks", lambda: bench.one("probe", "SELECT count(*) FROM ticks") >= 4)

    ticks = [row[0] for row in bench.rows("probe", "SELECT due_at FROM ticks ORDER BY due_at")]
    baselines = bench.rows("probe", "SELECT name FROM timers WHERE baseline ORDER BY name")
    first = bench.one("probe", "SELECT min(due_at) FROM timers WHERE name = 'tick'")
    assert len(ticks) == len(set(ticks))
    assert baselines == [("housekeeping",), ("partitions",), ("tick",)]
    assert first not in ticks
