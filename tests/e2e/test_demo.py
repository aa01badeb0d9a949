"""The demo's data came through the public interfaces, and loading it again adds nothing (OPS-01)."""

import os
import subprocess
import sys
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest

from deploy.local import demo_forms
from deploy.local.demo_client import Demo
from kernel.model.period import BUSINESS_ZONE
from services.workflow.lifecycles import LIFECYCLES
from tests.running_stack import RunningStack

ROOT = Path(__file__).resolve().parents[2]


def picture(client: httpx.Client) -> dict[str, object]:
    """What the demo may add to."""
    lists = ("deliveries", "cards", "allocations", "requisitions", "tariffs", "usage-pools")
    totals = {path: client.get(path).json()["total"] for path in lists}
    return totals | {"states": client.get("dashboard").json()["counts"]}


@pytest.mark.slow
@pytest.mark.timeout(600)  # it may be the first to need the whole system, and waits for its start
@pytest.mark.req("OPS-01", "INV-01")
def test_the_demo_is_alive_on_every_level_and_loading_it_again_adds_nothing(running_stack: RunningStack) -> None:
    with closing(running_stack.login("province")) as province:
        before = picture(province)
        sources = {it["source"] for it in province.get("deliveries?size=100").json()["items"]}
        states = {it["state"] for it in province.get("deliveries?size=100").json()["items"]}

        environment = {**os.environ, **running_stack.env}
        # Forms would use up the month that the portal's stories apply for.
        argv = [sys.executable, "-m", "deploy.local.demo", "--without-forms", "--base-url", running_stack.base_url]
        subprocess.run(argv, cwd=ROOT, env=environment, check=True, timeout=280)

        assert picture(province) == before
    assert before["tariffs"]
    assert before["usage-pools"]
    assert sources == {"pull", "push", "upload"}
    assert {"received", "held", "stocked_in"} <= states
    for login in ("city1", "county1"):
        with closing(running_stack.login(login)) as client:
            counts = client.get("dashboard").json()["counts"]
            assert counts["in_stock"] > 0
            assert counts["pending_install"] > 0
            assert counts["pending_scrap"] > 0


def all_forms(client: httpx.Client) -> dict[str, tuple[str, str]]:
    """Kind and state of every form, by number."""
    forms = client.get("forms?size=200").raise_for_status().json()["items"]
    return {form["number"]: (form["kind"], form["state"]) for form in forms}


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.req("OPS-01", "WFL-02")
def test_the_demos_forms_show_every_state_of_every_kind_and_loading_them_again_adds_nothing(
    running_stack: RunningStack,
) -> None:
    # They use up the month that they apply for; the stories in the portal apply for the coming one.
    last_month = datetime.now(BUSINESS_ZONE).replace(day=1) - timedelta(days=3)
    with (
        closing(running_stack.login("province")) as province,
        Demo(running_stack.base_url, running_stack.password) as demo,
        running_stack.workflow_at(last_month),
    ):
        rules = province.get("activation/window").json()
        demo_forms.work(demo)
        shown = all_forms(province)
        demo_forms.work(demo)

        assert all_forms(province) == shown
        for name in ("opens_day", "closes_day", "minimum_cards"):
            assert province.get("activation/window").json()[name] == rules[name]
        applications = province.get("activation/applications?size=200").json()["items"]
    assert set(shown.values()) == {(kind, str(state)) for kind in LIFECYCLES for state in LIFECYCLES[kind].states}
    assert {line["state"] for line in applications} == {"submitted_to_city"}
