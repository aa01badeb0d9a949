"""When a process may be asked for work."""

import pytest

from kernel.chassis.process.health import Health


def asked(health: Health) -> str:
    answers: list[str] = []
    list(health.application({"PATH_INFO": "/health/ready"}, lambda status, _headers: answers.append(status)))
    return answers[0]


@pytest.mark.req("OPS-03")
def test_a_process_that_knows_no_part_yet_is_not_ready():
    health = Health("probe", starting=True)
    before = asked(health)
    health.register("bus", lambda: None)
    between = asked(health)
    health.starting = False

    assert (before[:3], between[:3], asked(health)[:3]) == ("503", "503", "200")


@pytest.mark.req("OPS-03")
def test_a_part_that_does_not_work_or_a_shutdown_makes_it_unready():
    health = Health("probe")
    ready = asked(health)
    health.register("relay", lambda: "no connection")
    broken = health.problems()
    health.draining = True

    assert ready[:3] == "200"
    assert broken == {"relay": "no connection"}
    assert "process" in health.problems()
