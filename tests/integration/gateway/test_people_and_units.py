"""People and units: edited under their ETag, inside one's own subtree (GTW-01, GTW-02)."""

from typing import Any

import pytest

from tests.integration.gateway.conftest import PASSWORD, LiveGateway

pytestmark = pytest.mark.req("GTW-01", "GTW-02")


def new_person(gateway: LiveGateway, login: str, **changes: Any) -> Any:
    body = {"login": login, "name": "新人", "unit": "990101", "roles": ["county_clerk"], "password": PASSWORD} | changes
    return gateway.login("admin").post("/people", json=body)


def test_an_edit_needs_the_version_that_was_read(gateway: LiveGateway) -> None:
    person = new_person(gateway, "edited")
    admin = gateway.login("admin")
    address = f"/people/{person.json()['id']}"

    blind = admin.patch(address, json={"name": "甲"})
    good = admin.patch(address, json={"name": "甲"}, headers={"If-Match": person.headers["etag"]})
    stale = admin.patch(address, json={"name": "乙"}, headers={"If-Match": person.headers["etag"]})

    assert (blind.status_code, good.status_code, stale.status_code) == (428, 200, 409)
    assert stale.json()["code"] == "version_stale"
    assert good.headers["etag"] == admin.get(address).headers["etag"] != person.headers["etag"]


def test_a_disabled_person_is_out_at_once_and_comes_back_when_enabled(gateway: LiveGateway) -> None:
    person = new_person(gateway, "paused")
    admin, client = gateway.login("admin"), gateway.fresh_login("paused")
    address = f"/people/{person.json()['id']}"

    off = admin.patch(address, json={"active": False}, headers={"If-Match": person.headers["etag"]})

    assert client.get("/auth/me").status_code == 401
    assert off.json()["can"] == ["enable", "remove"]
    admin.patch(address, json={"active": True}, headers={"If-Match": off.headers["etag"]})
    assert gateway.fresh_login("paused").get("/auth/me").status_code == 200


def test_a_person_who_moves_sees_his_new_unit_at_once(gateway: LiveGateway) -> None:
    person = new_person(gateway, "mover")
    client = gateway.login("mover")
    admin = gateway.login("admin")

    admin.patch(f"/people/{person.json()['id']}", json={"unit": "9902"}, headers={"If-Match": person.headers["etag"]})

    assert client.get("/auth/me").json()["unit"] == "9902"
    assert [it["code"] for it in client.get("/units/tree").json()] == ["9902"]


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"login": "admin"}, 409, "login_taken"),
        ({"unit": "9909"}, 404, "unit_unknown"),
        ({"roles": ["emperor"]}, 422, "role_unknown"),
        ({"password": "short"}, 422, "request_invalid"),
        ({"login": "with space"}, 422, "request_invalid"),
        ({"surprise": 1}, 422, "request_invalid"),
    ],
)
def test_a_person_that_cannot_be_is_refused(
    gateway: LiveGateway, changes: dict[str, Any], status: int, code: str
) -> None:
    answer = new_person(gateway, **({"login": "impossible"} | changes))

    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_nobody_shuts_himself_out(gateway: LiveGateway) -> None:
    admin = gateway.login("admin")
    me = admin.get("/people", params={"login": "admin", "unit": "99"}).json()["items"][0]
    read = admin.get(f"/people/{me['id']}")

    answer = admin.patch(f"/people/{me['id']}", json={"active": False}, headers={"If-Match": read.headers["etag"]})

    assert (answer.status_code, answer.json()["code"]) == (409, "own_account")


def test_people_are_paged_by_cursor_both_ways(gateway: LiveGateway) -> None:
    admin = gateway.login("admin")
    everybody = [it["login"] for it in admin.get("/people", params={"size": 100}).json()["items"]]

    first = admin.get("/people", params={"size": 3}).json()
    second = admin.get("/people", params={"size": 3, "cursor": first["next_cursor"]}).json()
    back = admin.get("/people", params={"size": 3, "cursor": second["previous_cursor"]}).json()

    assert everybody == sorted(everybody)
    assert [it["login"] for it in first["items"] + second["items"]] == everybody[:6]
    assert back["items"] == first["items"]
    assert first["previous_cursor"] is None is back["previous_cursor"]
    assert first["total"] == len(everybody)
    assert admin.get("/people", params={"cursor": "nonsense"}).json()["code"] == "cursor_invalid"
    other = admin.get("/people", params={"size": 3, "name": "王", "cursor": first["next_cursor"]})
    assert other.json()["code"] == "cursor_invalid"
    assert admin.get("/people", params={"size": 1001}).status_code == 422


@pytest.mark.req("GTW-01")
@pytest.mark.parametrize("path", ["/people", "/audit-log"])
def test_the_last_page_is_one_step_away_and_leads_back(gateway: LiveGateway, path: str) -> None:
    admin = gateway.login("admin")
    walked, cursor = [], None
    while True:
        page = admin.get(path, params={"size": 3, **({"cursor": cursor} if cursor else {})}).json()
        walked += [item["login"] for item in page["items"]]
        if (cursor := page["next_cursor"]) is None:
            break

    last = admin.get(path, params={"size": 3, "cursor": "last"}).json()
    before = admin.get(path, params={"size": 3, "cursor": last["previous_cursor"]}).json()

    assert last["next_cursor"] is None
    assert [item["login"] for item in before["items"] + last["items"]] == walked[-6:]


def test_a_unit_is_made_renamed_and_deleted(gateway: LiveGateway) -> None:
    admin = gateway.login("admin")

    made = admin.post("/units", json={"code": "990105", "name": "旧名"})
    renamed = admin.patch("/units/990105", json={"name": "新名"}, headers={"If-Match": made.headers["etag"]})
    names = {it["value"]: it["label"] for it in admin.get("/options/units").json()}
    deleted = admin.delete("/units/990105", headers={"If-Match": renamed.headers["etag"]})

    assert (made.status_code, renamed.status_code, deleted.status_code) == (201, 200, 204)
    assert names["990105"] == "新名"
    assert "990105" not in {it["value"] for it in admin.get("/options/units").json()}


@pytest.mark.parametrize(
    ("code", "status", "refusal"),
    [
        ("9901", 409, "unit_taken"),
        ("99019901", 422, "unit_parent_missing"),
        ("99012", 422, "unit_malformed"),
        ("99ab", 422, "unit_malformed"),
        ("98", 403, "unit_out_of_scope"),
    ],
)
def test_a_unit_that_cannot_be_is_refused(gateway: LiveGateway, code: str, status: int, refusal: str) -> None:
    answer = gateway.login("admin").post("/units", json={"code": code, "name": "不可"})

    assert (answer.status_code, answer.json()["code"]) == (status, refusal)


def test_a_unit_with_people_stays(gateway: LiveGateway) -> None:
    admin = gateway.login("admin")
    read = admin.get("/units/990101")

    answer = admin.delete("/units/990101", headers={"If-Match": read.headers["etag"]})

    assert (answer.status_code, answer.json()["code"]) == (409, "unit_in_use")


def test_choices_come_in_the_language_asked_for(gateway: LiveGateway) -> None:
    client = gateway.login("county1")

    chinese = client.get("/options/card_states").json()
    english = client.get("/options/card_states", headers={"Accept-Language": "en-GB"}).json()

    assert chinese[2] == {"value": "in_stock", "label": "库存"}
    assert english[2] == {"value": "in_stock", "label": "In stock"}
    assert client.get("/options/nothing").status_code == 404


@pytest.mark.parametrize(
    ("request_line", "body", "status", "code"),
    [
        ("GET /nowhere", None, 404, "route_not_found"),
        ("PUT /units/tree", b"{}", 405, "method_not_allowed"),
        ("POST /units", b"{", 400, "request_malformed"),
        ("GET /cards?colour=red", None, 422, "request_invalid"),
        ("GET /jobs/no-such-thing", None, 422, "job_id_malformed"),
    ],
)
def test_the_edges_own_refusals_are_problems_too(
    gateway: LiveGateway, request_line: str, body: bytes | None, status: int, code: str
) -> None:
    method, path = request_line.split()

    answer = gateway.login("admin").request(method, path, content=body, headers={"Content-Type": "application/json"})

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'self'" in answer.headers["content-security-policy"]


def test_a_body_of_another_kind_is_415(gateway: LiveGateway) -> None:
    answer = gateway.login("admin").post("/units", content=b"<unit/>", headers={"Content-Type": "text/xml"})

    assert (answer.status_code, answer.json()["code"]) == (415, "media_type_unsupported")
