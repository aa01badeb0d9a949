"""Login, refresh, logout, tokens that are expired, forged or of somebody who is gone, throttling (GTW-02)."""

import time
from datetime import UTC, datetime, timedelta

import httpx
import jwt
import pytest

from gateway.identity import ACCESS_COOKIE
from gateway.routers.auth import REFRESH_COOKIE
from tests.integration.gateway.conftest import CARRIER_KEY, PASSWORD, LiveGateway

pytestmark = pytest.mark.req("GTW-02")


@pytest.fixture(scope="module")
def settings_of_module() -> dict:
    return {"login_limit": 3, "login_window_seconds": 600, "login_address_limit": 100, "login_stranger_limit": 5}


def log_in(gateway: LiveGateway, login: str, password: str = PASSWORD, address: str | None = None) -> httpx.Response:
    """``address``: the client's, one of 127.0.0.0/8."""
    client = gateway.client(address=address)
    return client.post("/auth/login", json={"login": login, "password": password})


@pytest.fixture(autouse=True)
def _no_attempts(gateway: LiveGateway) -> None:
    gateway.sql("DELETE FROM login_attempts")


def test_a_login_tells_who_where_and_what_he_may_do(gateway: LiveGateway) -> None:
    answer = log_in(gateway, " COUNTY1 ")

    assert answer.status_code == 200
    user = answer.json()["user"]
    assert (user["login"], user["unit"], user["unit_name"]) == ("county1", "990101", "东江城区供电公司")
    assert "card.issue" in user["permissions"]
    assert "card.allocate" not in user["permissions"]


def test_the_refresh_token_is_a_cookie_that_scripts_and_other_sites_cannot_use(gateway: LiveGateway) -> None:
    cookies = log_in(gateway, "county1").headers.get_list("set-cookie")

    refresh = next(it for it in cookies if it.startswith(REFRESH_COOKIE))
    assert "HttpOnly" in refresh
    assert "SameSite=strict" in refresh
    assert "Path=/api/v1/auth" in refresh
    assert "secure" not in refresh.lower()  # plain http here; see cookie_secure


@pytest.mark.parametrize(("login", "password"), [("nobody", PASSWORD), ("viewer1", "wrong")])
def test_unknown_login_and_wrong_password_look_the_same(gateway: LiveGateway, login: str, password: str) -> None:
    answer = log_in(gateway, login, password)

    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "login_failed"
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_guessing_is_stopped_per_login_even_with_the_right_password(gateway: LiveGateway) -> None:
    for _ in range(3):
        assert log_in(gateway, "city2", "a guess").status_code == 401

    answer = log_in(gateway, "city2")

    assert answer.status_code == 429
    assert answer.json()["code"] == "login_throttled"
    assert 1 <= int(answer.headers["retry-after"]) <= 600
    assert log_in(gateway, "city1").status_code == 200


def test_a_stranger_cannot_lock_a_clerk_out_of_an_address_he_has_used(gateway: LiveGateway) -> None:
    assert log_in(gateway, "county1").status_code == 200

    guesses = [log_in(gateway, "county1", "a guess", f"127.0.0.{20 + turn}").status_code for turn in range(8)]

    assert guesses[:5] == [401] * 5
    assert set(guesses[5:]) == {429}  # whoever guesses from ever new addresses is slowed down together
    assert log_in(gateway, "county1").status_code == 200
    assert log_in(gateway, "county1", PASSWORD, "127.0.0.99").status_code == 429


def test_an_address_that_guesses_many_logins_is_stopped_but_not_who_works_there(gateway: LiveGateway) -> None:
    assert log_in(gateway, "county1", PASSWORD, "127.0.0.40").status_code == 200
    gateway.sql(
        "INSERT INTO login_attempts (login, address) SELECT 'guess' || it, '127.0.0.40' FROM generate_series(1, 100) it"
    )

    assert log_in(gateway, "viewer1", PASSWORD, "127.0.0.40").status_code == 429
    assert log_in(gateway, "county1", PASSWORD, "127.0.0.40").status_code == 200
    assert log_in(gateway, "viewer1", PASSWORD, "127.0.0.41").status_code == 200


def test_guessing_the_present_password_is_throttled_as_a_login_is(gateway: LiveGateway) -> None:
    client = gateway.fresh_login("county1")
    body = {"current_password": "a guess", "password": "another long one"}

    answers = [client.post("/auth/password", json=body).status_code for _ in range(4)]

    assert answers == [422, 422, 422, 429]
    assert client.get("/auth/me").status_code == 200


def test_a_good_login_forgives_the_failures_before_it(gateway: LiveGateway) -> None:
    for _ in range(2):
        log_in(gateway, "province", "a typo")

    assert log_in(gateway, "province").status_code == 200
    assert log_in(gateway, "province", "a typo").status_code == 401


def test_refreshing_gives_a_new_pair(gateway: LiveGateway) -> None:
    client = gateway.fresh_login("county1")
    before = client.cookies[REFRESH_COOKIE]

    answer = client.post("/auth/refresh")

    assert answer.status_code == 200
    assert client.cookies[REFRESH_COOKIE] != before
    assert answer.json()["user"]["login"] == "county1"


def test_a_stolen_refresh_token_ends_the_whole_session(gateway: LiveGateway) -> None:
    client = gateway.fresh_login("county1")
    stolen = client.cookies[REFRESH_COOKIE]
    access = client.post("/auth/refresh").json()["access_token"]
    gateway.sql("UPDATE refresh_tokens SET used_at = used_at - interval '1 minute' WHERE used_at IS NOT NULL")

    thief = gateway.client().post("/auth/refresh", headers={"Cookie": f"{REFRESH_COOKIE}={stolen}"})

    assert thief.status_code == 401
    assert client.post("/auth/refresh").status_code == 401
    time.sleep(2.1)
    assert gateway.client(access).get("/auth/me").status_code == 401


def test_a_thief_who_is_quick_gets_no_branch_of_his_own(gateway: LiveGateway) -> None:
    client = gateway.fresh_login("county1")
    stolen = {"Cookie": f"{REFRESH_COOKIE}={client.cookies[REFRESH_COOKIE]}"}
    assert client.post("/auth/refresh").status_code == 200

    from_elsewhere = gateway.client(address="127.0.0.7").post("/auth/refresh", headers=stolen)

    assert from_elsewhere.status_code == 401
    assert client.post("/auth/refresh").status_code == 401


def test_the_double_click_ends_when_the_next_token_was_used(gateway: LiveGateway) -> None:
    client = gateway.fresh_login("county1")
    old = {"Cookie": f"{REFRESH_COOKIE}={client.cookies[REFRESH_COOKIE]}"}
    assert [client.post("/auth/refresh").status_code for _ in range(2)] == [200, 200]

    assert gateway.client().post("/auth/refresh", headers=old).status_code == 401
    assert client.post("/auth/refresh").status_code == 401


def test_two_tabs_may_refresh_at_the_same_moment(gateway: LiveGateway) -> None:
    client = gateway.fresh_login("county1")
    cookie = {"Cookie": f"{REFRESH_COOKIE}={client.cookies[REFRESH_COOKIE]}"}

    answers = [gateway.client().post("/auth/refresh", headers=cookie) for _ in range(2)]

    assert [it.status_code for it in answers] == [200, 200]
    assert answers[0].cookies[REFRESH_COOKIE] == answers[1].cookies[REFRESH_COOKIE]


def test_after_logout_neither_token_works(gateway: LiveGateway) -> None:
    client = gateway.fresh_login("county1")
    refresh = client.cookies[REFRESH_COOKIE]
    assert client.get("/auth/me").status_code == 200

    assert client.post("/auth/logout").status_code == 204

    assert client.get("/auth/me").status_code == 401
    again = gateway.client().post("/auth/refresh", headers={"Cookie": f"{REFRESH_COOKIE}={refresh}"})
    assert again.status_code == 401


def token_with(gateway: LiveGateway, secret: str, algorithm: str = "HS256", **changes: object) -> str:
    real = log_in(gateway, "county1").json()["access_token"]
    claims = jwt.decode(real, options={"verify_signature": False})
    return jwt.encode({**claims, **changes}, secret, algorithm=algorithm)


@pytest.mark.parametrize(
    ("secret", "changes"),
    [
        ("t" * 48, {"exp": datetime.now(UTC) - timedelta(seconds=5)}),
        ("f" * 48, {}),
        ("t" * 48, {"sub": "admin"}),
        ("t" * 48, {"ver": 99}),
        ("t" * 48, {"iss": "somebody else"}),
    ],
    ids=["expired", "forged", "another person's session", "an older version", "another issuer"],
)
def test_a_token_that_is_not_what_we_issued_is_refused(gateway: LiveGateway, secret: str, changes: dict) -> None:
    answer = gateway.client(token_with(gateway, secret, **changes)).get("/auth/me")

    assert answer.status_code == 401
    assert answer.json()["code"] == "session_ended"


@pytest.mark.parametrize("token", ["", "garbage", "a.b.c", "sk_deadbeef_nothing", "sk_c0ffee00_guess"])
def test_garbage_is_refused(gateway: LiveGateway, token: str) -> None:
    answer = httpx.get(f"{gateway.base_url}/api/v1/auth/me", headers={"Authorization": f"Bearer {token}x"})

    assert answer.status_code == 401


def test_an_unsigned_token_is_refused(gateway: LiveGateway) -> None:
    answer = gateway.client(token_with(gateway, "", "none")).get("/auth/me")

    assert answer.status_code == 401


def test_the_token_of_a_removed_person_dies_with_him(gateway: LiveGateway) -> None:
    admin = gateway.fresh_login("admin")
    body = {"login": "leaver", "name": "离职者", "unit": "9901", "roles": ["viewer"], "password": PASSWORD}
    person = admin.post("/people", json=body)
    leaver = gateway.fresh_login("leaver")
    assert leaver.get("/auth/me").status_code == 200

    removed = admin.delete(f"/people/{person.json()['id']}", headers={"If-Match": person.headers["etag"]})

    assert removed.status_code == 204
    assert leaver.get("/auth/me").status_code == 401
    assert leaver.post("/auth/refresh").status_code == 401
    assert log_in(gateway, "leaver").status_code == 401


def test_changing_ones_password_ends_all_ones_logins(gateway: LiveGateway) -> None:
    admin = gateway.fresh_login("admin")
    body = {"login": "changer", "name": "改密者", "unit": "9901", "roles": ["viewer"], "password": PASSWORD}
    admin.post("/people", json=body)
    first, second = gateway.fresh_login("changer"), gateway.fresh_login("changer")

    wrong = first.post("/auth/password", json={"current_password": "no", "password": "another long one"})
    right = first.post("/auth/password", json={"current_password": PASSWORD, "password": "another long one"})

    assert (wrong.status_code, right.status_code) == (422, 204)
    assert second.get("/auth/me").status_code == 401
    gateway.fresh_login("changer", "another long one")


def test_the_access_cookie_opens_links_but_never_acts(gateway: LiveGateway) -> None:
    cookie = {"Cookie": f"{ACCESS_COOKIE}={log_in(gateway, 'admin').json()['access_token']}"}

    read = gateway.client().get("/auth/me", headers=cookie)
    write = gateway.client().post("/units", json={"code": "9903", "name": "南湖市供电公司"}, headers=cookie)

    assert (read.status_code, write.status_code) == (200, 401)


def test_an_api_key_signs_in_a_system(gateway: LiveGateway) -> None:
    by_bearer = gateway.client(CARRIER_KEY).get("/auth/me")
    by_header = gateway.client().get("/auth/me", headers={"X-API-Key": CARRIER_KEY})

    assert by_bearer.json() == by_header.json()
    assert by_bearer.json()["permissions"] == ["carrier:china_mobile", "delivery.push"]


def test_failed_and_good_logins_stand_in_the_audit_log(gateway: LiveGateway) -> None:
    log_in(gateway, "viewer1", "wrong again")
    log_in(gateway, "viewer1")

    rows = gateway.sql("SELECT outcome, unit FROM audit_log WHERE action = 'auth.login' ORDER BY id DESC LIMIT 2")

    assert rows == [("done", "9901"), ("refused", "9901")]
