"""The demo's data came through the public interfaces, and loading it again adds nothing (OPS-01)."""

import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.running_stack import RunningStack

ROOT = Path(__file__).resolve().parents[2]


def picture(client: httpx.Client) -> dict[str, object]:
    """What the demo may add to."""
    totals = {path: client.get(path).json()["total"] for path in ("deliveries", "cards", "allocations", "requisitions")}
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
    assert sources == {"pull", "push", "upload"}
    assert {"received", "held", "stocked_in"} <= states
    for login in ("city1", "county1"):
        with closing(running_stack.login(login)) as client:
            counts = client.get("dashboard").json()["counts"]
            assert counts["in_stock"] > 0
            assert counts["pending_install"] > 0
            assert counts["pending_scrap"] > 0
