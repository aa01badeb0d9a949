"""Every route by four people: nobody, another unit's, the right unit's without the right, the right (GTW-02).

The routes come from the application itself: a new one is walked over as soon as it exists, and fails here when it has
no door, when nobody holds its permission, or when its path has a hole that HOLES does not know.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest

from gateway.doors import Guarded, all_routes
from gateway.roles import ROLES, at_unit
from kernel.contracts.method import EVERY_SERVICE
from kernel.model.errors import DomainError
from tests.integration.gateway.conftest import CARRIER_KEY, LiveGateway
from tests.integration.gateway.peer import Peer
from tests.sample_requests import sample

pytestmark = pytest.mark.req("GTW-02")

OPEN = {"POST /auth/login", "POST /auth/refresh", "POST /auth/logout", "GET /auth/me", "GET /public/forms/check"}
"""Routes without a door: the ways in and out, who one is, and the public check of a printed code."""
HOLES = {
    "iccid": "89860012345678901237", "delivery_id": "1", "application_id": "1", "line_id": "1", "person_id": "1",
    "number": "KS-202612-9901", "scan_id": "7d9f3c1e-6a52-4b0e-9f3d-0a4f5b8c2d11", "revision": "1", "page": "1",
    "side": "marked", "job_id": "inventory-7d9f3c1e-6a52-4b0e-9f3d-0a4f5b8c2d11", "name": "carriers", "code": "990101",
    "exception_id": "1", "kind": "allocation", "act_id": "1", "settlement_id": "1", "read_id": "1",
    "serial": "490154203237518", "list_id": "1", "appeal_id": "1", "violation_id": "1", "sanction_id": "1",
    "seal_id": "7d9f3c1e-6a52-4b0e-9f3d-0a4f5b8c2d11", "correction_id": "1", "contact_id": "1", "month": "2026-11",
    "login": "shop.clerk", "reminder_id": "1", "check_id": "1", "doubt_id": "1",
    "prefix": "0badcafe", "load_id": "1", "bill_id": "1", "rule_id": "1", "service": "inventory",
    "message_id": "7d9f3c1e-6a52-4b0e-9f3d-0a4f5b8c2d11",
}  # fmt: skip
UPLOADS = {"POST /deliveries", "POST /requisitions/upload", "POST /serial-lists", "POST /seals"}
"""They name units in forms with a file."""
LOGINS = {
    "viewer1": ("viewer", "9901"),
    "county1": ("county_clerk", "990101"),
    "admin": ("admin", "99"),
    "vendor1": ("vendor_contact", "99"),
}

ROUTES = all_routes()
GUARDED = [it for it in ROUTES if it.door is not None]
ASKING = [it for it in GUARDED if it.door and it.door.permission]
NAMING = [it for it in GUARDED if it.door and it.door.method and it.door.method.units]


def _name(route: Guarded) -> str:
    return f"{route.verb} {route.path}"


@pytest.fixture(scope="module")
def settings_of_module() -> dict[str, Any]:
    return {"rpc_timeout_seconds": 2}  # services that are not there must not hold up /parking for long


@pytest.fixture(scope="module")
def services(gateway: LiveGateway) -> Iterator[None]:
    """The services that routes call, which refuse whatever reaches them."""

    def refuse(_: Any) -> Any:
        raise DomainError("version_stale")

    names = ("inventory", "workflow", "documents", "binding", "traffic", "imei")
    peers = [Peer(gateway.amqp_url, name) for name in names]
    for peer in peers:
        peer.answers = defaultdict(lambda: refuse)
        peer.start()
    yield
    for peer in peers:
        peer.stop()


def send(gateway: LiveGateway, route: Guarded, login: str | None, **more: Any) -> Any:
    """The request of ``login``, of the carrier's key, or of nobody; whatever is not said is junk or missing."""
    client = gateway.login(login) if login not in (None, "carrier") else gateway.client()
    if login == "carrier":
        client.headers["X-API-Key"] = CARRIER_KEY
    return client.request(route.verb, route.path.format(**HOLES), **more)


def holds(login: str, permission: str) -> bool:
    role, unit = LOGINS[login]
    return permission in at_unit(ROLES[role], unit)


def test_only_these_routes_are_open() -> None:
    assert {_name(it) for it in ROUTES if it.door is None} == OPEN


@pytest.mark.parametrize("route", GUARDED, ids=_name)
def test_nobody_comes_in_without_login(gateway: LiveGateway, route: Guarded) -> None:
    answer = send(gateway, route, None)

    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")


@pytest.mark.parametrize("route", ASKING, ids=_name)
def test_a_right_is_asked_for_before_anything_is_read(gateway: LiveGateway, services: None, route: Guarded) -> None:
    assert route.door is not None
    permission = route.door.permission or ""
    without = next((login for login in LOGINS if not holds(login, permission)), "carrier")
    within = next((login for login in reversed(LOGINS) if holds(login, permission)), "carrier")

    refused = send(gateway, route, without)
    accepted = send(gateway, route, within)

    assert (refused.status_code, refused.json().get("code")) == (403, "permission_denied")
    assert refused.json()["params"] == {"permission": permission}
    assert accepted.status_code not in (401, 500)
    assert "permission_denied" not in accepted.text


@pytest.mark.parametrize("route", NAMING, ids=_name)
def test_nobody_names_a_unit_of_another_subtree(gateway: LiveGateway, services: None, route: Guarded) -> None:
    assert route.door is not None
    assert route.door.method is not None
    method = route.door.method
    if _name(route) in UPLOADS:
        fields = {name: str(value) for name, value in sample(method.request, method.units).items() if name != "file"}
        content: dict[str, Any] = {"data": fields, "files": {"file": ("a.csv", b"ICCID\n89860012345678901237\n")}}
    elif route.verb == "GET":
        content = {"params": sample(method.request, method.units)}
    else:
        content = {"json": sample(method.request, method.units)}
    other = "city2" if (method.permission or "") in ROLES["city_clerk"] else "admin2"

    answer = send(gateway, route, other, **content)

    assert (answer.status_code, answer.json().get("code")) == (403, "unit_out_of_scope")


@pytest.mark.parametrize("route", GUARDED, ids=_name)
def test_a_route_of_a_service_asks_what_its_method_asks(route: Guarded) -> None:
    assert route.door is not None
    if route.door.method is not None:
        assert route.door.permission == route.door.method.permission
        assert route.door.method.service != EVERY_SERVICE or route.path.startswith(("/jobs", "/exports", "/parking"))
