"""Whose list is exported: a request names any list, and one service is asked for it (GTW-03)."""

import re

import pytest

from gateway.doors import all_routes
from gateway.routers.exports import keeper_of
from kernel.contracts import topology

pytestmark = pytest.mark.req("GTW-03", "GTW-01")

PATHS = sorted({re.sub(r"/\{[^}]*\}", "", route.path).strip("/") for route in all_routes() if route.verb == "GET"})


@pytest.mark.parametrize("resource", [*PATHS, "nothing of this name", "*", "../jobs"])
def test_whatever_is_named_one_service_is_asked(resource: str) -> None:
    """Jobs and parked messages are every service's: nobody exports them, and inventory says so."""
    assert keeper_of(resource) in topology.SERVICES


def test_a_list_is_asked_of_who_keeps_it() -> None:
    kept = {name: keeper_of(name) for name in ("cards", "forms", "serials", "jobs", "parking")}

    assert kept == {
        "cards": "inventory", "forms": "workflow", "serials": "imei", "jobs": "inventory", "parking": "inventory",
    }  # fmt: skip
