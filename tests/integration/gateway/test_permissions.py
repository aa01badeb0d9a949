"""Every route by four people: anonymous, wrong unit, right unit without the role, right (GTW-02)."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.integration.gateway.conftest import CARRIER_KEY, LiveGateway
from tests.integration.gateway.peer import Peer

pytestmark = pytest.mark.req("GTW-02")

BULK = {"done": 1, "refused_count": 0, "refused": []}
GIVEN = {"allocation": {"id": 1, "from_unit": "9901", "to_unit": "990101", "card_count": 2}, "job_id": None}
RANGE = {
    "application_month": "2026-11",
    "carrier": "china_mobile",
    "card_spec": "plug_in",
    "start_iccid": "89860012345678900007",
    "end_iccid": "89860012345678999998",
    "to_unit": "990101",
}
STATE_COUNTS = {"items": [{"unit": "990101", "exact": False, "counts": {}, "total": 0}], "totals": {}, "total": 0}


@pytest.fixture(scope="module")
def settings_of_module() -> dict[str, Any]:
    return {"rpc_timeout_seconds": 4}  # services that are not there must not hold up /parking for long


@dataclass(frozen=True)
class Case:
    """``outsider``: names a unit that is not his; ``unprivileged``: in the right unit without the role."""

    method: str
    path: str
    rpc: str
    reply: dict[str, Any]
    right: str
    unprivileged: str | None
    outsider: str | None
    body: dict[str, Any] | None = None
    params: dict[str, Any] = field(default_factory=dict)
    status: int = 200


CASES = [
    Case("GET", "/cards", "list_cards", {"items": []}, "city1", None, "city2", params={"owner_unit": "990101"}),
    Case("POST", "/allocations", "allocate_cards", GIVEN, "city1", "viewer1", "city2", RANGE, status=201),
    Case("POST", "/allocations/preview", "preview_allocation", {"left_out": []}, "city1", "county1", "city2", RANGE),
    Case(
        "POST", "/requisitions", "issue_cards", {**BULK, "requisition_id": 1}, "county1", "viewer1", "city2",
        {"unit": "990101", "recipient": "王强", "phone": "13800000000", "iccids": ["89860012345678900007"]},
    ),
    Case(
        "GET", "/statistics/cards-by-state", "count_by_state", STATE_COUNTS, "viewer1", None, "city2",
        params={"unit": "990101"},
    ),
    Case("GET", "/statistics/cover", "count_cover", {"days": 90, "items": []}, "viewer1", None, "city2",
         params={"unit": "990101"}),
    Case("GET", "/statistics/trend", "count_trend", {"items": []}, "viewer1", None, "city2",
         params={"unit": "990101"}),
    Case(
        "POST", "/cards/redirect", "redirect", BULK, "county1", "viewer1", None,
        {"iccids": ["89860012345678900007"], "to": "in_stock"},
    ),
    Case(
        "POST", "/deliveries/7/stock-in", "stock_in", {"done": 5, "left_out": []}, "province", "city1", None,
    ),
    Case("POST", "/deliveries/pull", "pull_deliveries", {"job_id": "7d9f3c1e-6a52-4b0e-9f3d-0a4f5b8c2d11"},
         "province", "city1", None, {"carrier": "china_mobile"}, status=202),
]  # fmt: skip


def send(gateway: LiveGateway, case: Case, login: str | None) -> Any:
    client = gateway.login(login) if login else gateway.client()
    return client.request(case.method, case.path, json=case.body, params=case.params)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.method} {case.path}")
def test_four_actors(gateway: LiveGateway, inventory: Peer, case: Case) -> None:
    inventory.answers[case.rpc] = lambda _: dict(case.reply)

    anonymous = send(gateway, case, None)
    assert (anonymous.status_code, anonymous.json()["code"]) == (401, "not_signed_in")

    if case.outsider:
        outsider = send(gateway, case, case.outsider)
        assert (outsider.status_code, outsider.json()["code"]) == (403, "unit_out_of_scope")

    if case.unprivileged:
        unprivileged = send(gateway, case, case.unprivileged)
        assert (unprivileged.status_code, unprivileged.json()["code"]) == (403, "permission_denied")

    assert inventory.count(case.rpc) == 0
    right = send(gateway, case, case.right)
    assert right.status_code == case.status, right.text
    assert inventory.last(case.rpc).actor.id == case.right


LOCAL = [
    ("GET", "/people", None),
    ("POST", "/units", {"code": "990103", "name": "青石县供电公司"}),
    ("GET", "/api-keys", None),
    ("GET", "/audit-log", None),
    ("GET", "/parking", None),
]


@pytest.mark.parametrize(("method", "path", "body"), LOCAL)
def test_administration_is_for_administrators(gateway: LiveGateway, method: str, path: str, body: Any) -> None:
    assert gateway.client().request(method, path, json=body).status_code == 401
    assert gateway.login("county1").request(method, path, json=body).status_code == 403
    assert gateway.login("admin").request(method, path, json=body).status_code in (200, 201)


def test_an_administrator_of_one_city_reaches_nothing_of_another(gateway: LiveGateway) -> None:
    admin, admin2 = gateway.login("admin"), gateway.login("admin2")
    person = admin.get("/people", params={"login": "city1"}).json()["items"][0]

    assert [it["unit"][:4] for it in admin2.get("/people").json()["items"]] == ["9902"] * 2
    assert admin2.get(f"/people/{person['id']}").status_code == 404
    assert admin2.get("/people", params={"unit": "9901"}).status_code == 403
    assert admin2.patch(f"/people/{person['id']}", json={"name": "x"}, headers={"If-Match": '"1"'}).status_code == 404
    assert admin2.post("/units", json={"code": "990109", "name": "别处"}).status_code == 403
    assert admin2.get("/units/99").status_code == 403
    assert all(entry["unit"].startswith("9902") for entry in admin2.get("/audit-log").json()["items"])
    assert admin2.get("/units/tree").json()[0]["code"] == "9902"


def test_nobody_grants_more_than_he_holds(gateway: LiveGateway) -> None:
    body = {"login": "pushy", "name": "推", "unit": "9901", "roles": ["carrier"], "password": "long enough a password"}

    answer = gateway.login("admin").post("/people", json=body)

    assert (answer.status_code, answer.json()["code"]) == (403, "role_not_grantable")


@pytest.mark.req("IME-06")
def test_an_administrator_makes_a_login_for_a_vendors_contact_and_may_not_report_himself(gateway: LiveGateway) -> None:
    person = {"login": "vendor2", "name": "联系人", "unit": "99", "roles": ["vendor_contact"]}
    admin = gateway.login("admin")

    assert admin.post("/people", json=person | {"password": "long enough a password"}).status_code == 201
    assert admin.post("/serial-reports", files={"file": ("x.csv", b"x", "text/csv")}).status_code == 403
    assert gateway.login("county1").post("/people", json=person).status_code == 403


def test_a_carrier_pushes_its_own_cards_and_no_others(gateway: LiveGateway, inventory: Peer) -> None:
    inventory.answers["push_delivery"] = lambda _: {"job_id": "7d9f3c1e-6a52-4b0e-9f3d-0a4f5b8c2d11"}
    note = {
        "carrier": "china_mobile", "batch_no": "CM-1", "application_month": "2026-11", "card_spec": "plug_in",
        "cards": [{"iccid": "89860012345678900007"}],
    }  # fmt: skip
    carrier = gateway.client(CARRIER_KEY)

    own = carrier.post("/carrier-deliveries", json=note)
    foreign = carrier.post("/carrier-deliveries", json={**note, "carrier": "china_unicom"})
    person = gateway.login("admin").post("/carrier-deliveries", json=note)

    assert own.status_code == 202
    assert (foreign.status_code, foreign.json()["code"]) == (403, "carrier_not_yours")
    assert person.status_code == 403
    assert carrier.get("/cards").status_code == 403
    assert inventory.last("push_delivery").actor.permissions == {"delivery.push", "carrier:china_mobile"}


def test_keys_are_made_seen_and_revoked_by_administrators_of_their_unit_only(gateway: LiveGateway) -> None:
    body = {"name": "计量系统", "unit": "9901", "permissions": ["card.view"], "expires_at": "2099-12-31"}
    admin, clerk, elsewhere = gateway.login("admin"), gateway.login("city1"), gateway.login("admin2")
    made = admin.post("/api-keys", json=body)
    key = made.json()

    assert (made.status_code, key["expires_at"]) == (201, "2099-12-31T16:00:00+00:00")
    assert key["can"] == ["revoke", "pass_on"]
    for client, status in ((gateway.client(), 401), (clerk, 403)):
        assert client.get("/api-keys").status_code == status
        assert client.post("/api-keys", json=body).status_code == status
        assert client.delete(f"/api-keys/{key['prefix']}").status_code == status
    assert elsewhere.get("/api-keys").json()["items"] == []
    assert elsewhere.post("/api-keys", json=body).json()["code"] == "unit_out_of_scope"
    assert elsewhere.delete(f"/api-keys/{key['prefix']}").status_code == 404
    assert admin.delete(f"/api-keys/{key['prefix']}").status_code == 204
    revoked = next(it for it in admin.get("/api-keys").json()["items"] if it["prefix"] == key["prefix"])
    assert revoked["can"] == []


def test_a_revoked_key_is_refused_at_once(gateway: LiveGateway) -> None:
    admin = gateway.login("admin")
    body = {"name": "对接系统", "unit": "9901", "permissions": ["card.view"]}
    made = admin.post("/api-keys", json=body).json()
    client = gateway.client(made["key"])
    assert client.get("/auth/me").json()["permissions"] == ["card.view"]

    assert admin.delete(f"/api-keys/{made['prefix']}").status_code == 204

    assert client.get("/auth/me").status_code == 401
    listed = admin.get("/api-keys").json()["items"]
    assert all("key" not in item and "key_hash" not in item for item in listed)
    assert next(it for it in listed if it["prefix"] == made["prefix"])["revoked_at"]
