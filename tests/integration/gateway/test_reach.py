"""How far an administrator reaches, who sees what the gateway knows, and what ends with a login (GTW-02)."""

import threading
from typing import Any

import httpx
import pytest

from tests.integration.gateway.conftest import PASSWORD, LiveGateway, serve
from tests.integration.gateway.peer import Peer
from tests.integration.gateway.test_uploads import JOB, job

pytestmark = pytest.mark.req("GTW-02")


def test_a_citys_administrator_does_not_reach_the_whole_system(gateway: LiveGateway, inventory: Peer) -> None:
    inventory.answers["list_parked"] = lambda _: {"items": [], "total": 0}

    for login, expected in (("admin2", 403), ("county1", 403), ("admin", 200)):
        assert gateway.login(login).get("/parking", params={"service": "inventory"}).status_code == expected
        held = gateway.login(login).get("/auth/me").json()["permissions"]
        assert ({"parking.replay", "limits.set"} <= set(held)) == (expected == 200)
    assert gateway.client().get("/parking").status_code == 401


def test_a_citys_administrator_may_appoint_another_below_him(gateway: LiveGateway) -> None:
    body = {"login": "admin2b", "name": "副", "unit": "990201", "roles": ["admin"], "password": PASSWORD}
    elsewhere = body | {"login": "admin2c", "unit": "9901"}
    above = body | {"login": "admin2d", "unit": "99"}
    admin = gateway.login("admin2")

    assert admin.post("/people", json=body).status_code == 201
    assert [admin.post("/people", json=it).json()["code"] for it in (elsewhere, above)] == ["unit_out_of_scope"] * 2


def test_an_administrators_role_does_not_grow_by_moving_him_up(gateway: LiveGateway) -> None:
    body = {"login": "mover", "name": "调", "unit": "990201", "roles": ["admin"], "password": PASSWORD}
    admin = gateway.login("admin2")
    made = admin.post("/people", json=body)

    moved = admin.patch(f"/people/{made.json()['id']}", json={"unit": "99"}, headers={"If-Match": made.headers["etag"]})

    assert moved.json()["code"] == "unit_out_of_scope"


def test_administrators_see_the_failed_logins_of_their_people(gateway: LiveGateway) -> None:
    for login in ("city2", "county1", "no.such.person"):
        gateway.client(address="127.0.0.9").post("/auth/login", json={"login": login, "password": "a guess"})

    def seen(by: str) -> set[str]:
        return {it["login"] for it in gateway.login(by).get("/failed-logins").json()["items"]}

    assert seen("admin") >= {"city2", "county1", "no.such.person"}
    assert seen("admin2") == {"city2"}
    assert gateway.login("county1").get("/failed-logins").status_code == 403
    assert gateway.client().get("/failed-logins").status_code == 401
    (found,) = gateway.login("admin2").get("/failed-logins", params={"login": "CITY"}).json()["items"]
    assert (found["address"], found["status"], found["unit_name"]) == ("127.0.0.9", "401", "西岭市供电公司")


def test_an_event_stream_ends_with_the_session(gateway: LiveGateway, inventory: Peer) -> None:
    inventory.answers["get_job"] = lambda _: job("running", None)
    client = gateway.fresh_login("county1")
    ended = threading.Event()

    def watch() -> None:
        with client.stream("GET", f"/jobs/inventory-{JOB}/events") as stream:
            for _ in stream.iter_lines():
                begun.set()
        ended.set()

    begun = threading.Event()
    threading.Thread(target=watch, daemon=True).start()
    assert begun.wait(10)

    gateway.client(client.headers["Authorization"].removeprefix("Bearer ")).post("/auth/logout")

    assert ended.wait(10)


@pytest.mark.req("OPS-03")
def test_the_metrics_are_for_the_networks_in_the_settings(gateway: LiveGateway) -> None:
    def read(**headers: str) -> int:
        return httpx.get(f"{gateway.base_url}/metrics", headers=headers).status_code

    assert read() == 200
    for header in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"):
        assert read(**{header: "127.0.0.1"}) == 404  # it came through the proxy of the world

    closed = gateway.settings.model_copy(update={"metrics_from": "10.1.0.0/16"})
    serving = serve(closed)
    assert httpx.get(f"{next(serving)}/metrics").status_code == 404
    next(serving, None)


def addresses(gateway: LiveGateway, trace: str) -> list[tuple[Any, ...]]:
    return gateway.sql("SELECT address FROM audit_log WHERE correlation_id = %s", trace)


@pytest.mark.parametrize(
    ("proxies", "expected"), [("", "127.0.0.1"), ("127.0.0.1", "8.8.8.8"), ("10.0.0.1", "127.0.0.1")]
)
def test_a_forwarded_address_counts_only_from_a_proxy_in_the_settings(
    gateway: LiveGateway, proxies: str, expected: str
) -> None:
    trace = f"forwarded-{proxies or 'nobody'}"
    serving = serve(gateway.settings.model_copy(update={"trusted_proxies": proxies}))
    address = next(serving)

    headers = {"X-Forwarded-For": "8.8.8.8", "X-Correlation-Id": trace}
    body = {"login": "county1", "password": PASSWORD}
    assert httpx.post(f"{address}/api/v1/auth/login", json=body, headers=headers).status_code == 200

    assert addresses(gateway, trace) == [(expected,)]
    next(serving, None)
