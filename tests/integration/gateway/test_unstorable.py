"""Over HTTP: what cannot be stored and forged cursors are 422 with the field, never a failure (GTW-01)."""

import base64
import json
from typing import Any

import pytest

from tests.integration.gateway.conftest import LiveGateway

pytestmark = pytest.mark.req("GTW-01")

HARMFUL = ["a\x00b", "\ud800", 2**70, [[[[]]]], {"a": "\x00"}]


def fields_of(answer: Any) -> set[str]:
    return {error["field"] for error in answer.json()["errors"]}


@pytest.mark.parametrize("harmful", HARMFUL)
@pytest.mark.parametrize(
    ("method", "path", "body", "field"),
    [
        ("POST", "/auth/login", {"login": "county1", "password": "x"}, "login"),
        ("POST", "/auth/login", {"login": "county1", "password": "x"}, "password"),
        (
            "POST",
            "/people",
            {"login": "x.y", "name": "n", "unit": "99", "roles": ["admin"], "password": "x" * 10},
            "name",
        ),
        (
            "POST",
            "/people",
            {"login": "x.y", "name": "n", "unit": "99", "roles": ["admin"], "password": "x" * 10},
            "unit",
        ),
        ("POST", "/units", {"code": "9905", "name": "n"}, "name"),
        ("POST", "/api-keys", {"name": "n", "unit": "99", "permissions": ["card.view"]}, "name"),
        ("POST", "/api-keys", {"name": "n", "unit": "99", "permissions": ["card.view"]}, "carrier"),
        ("POST", "/requisitions", {"unit": "99", "recipient": "x", "phone": "13800000000", "iccids": []}, "recipient"),
    ],
)
def test_a_harmful_value_is_422_with_its_field(  # noqa: PLR0917
    gateway: LiveGateway, method: str, path: str, body: dict[str, Any], field: str, harmful: Any
) -> None:
    client = gateway.login("admin")
    content = json.dumps(body | {field: harmful})  # lone surrogates as escapes, which JSON allows

    answer = client.request(method, path, content=content, headers={"Content-Type": "application/json"})

    assert answer.status_code == 422, answer.text
    assert any(name.startswith(field) for name in fields_of(answer))


@pytest.mark.parametrize("ends", ["9999-12-31", "9999-12-31T23:59:59+00:00", "0001-01-01", "2026-12-31T08:00:00"])
def test_a_key_cannot_end_where_the_calendar_does(gateway: LiveGateway, ends: str) -> None:
    body = {"name": "n", "unit": "99", "permissions": ["card.view"], "expires_at": ends}

    answer = gateway.login("admin").post("/api-keys", json=body)

    assert (answer.status_code, fields_of(answer)) == (422, {"expires_at"})


def test_a_harmful_name_of_a_field_is_422(gateway: LiveGateway) -> None:
    content = json.dumps({"login": "county1", "password": "x", "\ud800\x00": 1})

    answer = gateway.client().post("/auth/login", content=content, headers={"Content-Type": "application/json"})

    assert answer.status_code == 422


@pytest.mark.parametrize("depth", [40, 1000, 20_000])
def test_json_a_thousand_deep_is_422_with_its_field(gateway: LiveGateway, depth: int) -> None:
    content = b'{"login": "county1", "password": ' + b"[" * depth + b"]" * depth + b"}"

    answer = gateway.client().post("/auth/login", content=content, headers={"Content-Type": "application/json"})

    assert (answer.status_code, fields_of(answer)) == (422, {"password"})


@pytest.mark.parametrize(
    "query",
    ["login=%00", "at_to=9999-12-31", "at_from=0001-01-01", "size=99999999999999999999", "cursor=%00"],
)
def test_a_harmful_query_is_422(gateway: LiveGateway, query: str) -> None:
    answer = gateway.login("admin").get(f"/audit-log?{query}")

    assert answer.status_code == 422, answer.text


@pytest.mark.parametrize(
    "path", ["/api-keys/%00", "/units/%00", "/jobs/%00", "/people/%00", "/options/%00", "/cards/%00/log", "/forms/a%00"]
)
def test_a_path_with_nul_is_422(gateway: LiveGateway, path: str) -> None:
    for method in ("GET", "DELETE", "PATCH", "POST"):
        answer = gateway.login("admin").request(method, path)
        assert (answer.status_code, fields_of(answer)) == (422, {"path"})


def forged() -> list[str]:
    values: list[Any] = [
        ["after", 2**63], ["after", "x\x00"], ["after", "x"], ["after", 1], ["after", None], ["after", [1]],
        ["after", {}], ["after", True], ["after", 1.5], {"inventory": ["x", -1]}, {"inventory": [1, 1]},
        {"inventory": ["x", 10**30]}, {}, [], None, "last", 7,
    ]  # fmt: skip
    texts = [json.dumps(value).encode() for value in values]
    return [base64.urlsafe_b64encode(it).decode().rstrip("=") for it in [*texts, b"\xff", b"[" * 5000]] + [
        "%",
        "é",
        "a",
    ]


@pytest.mark.parametrize("path", ["/audit-log", "/people", "/api-keys", "/failed-logins", "/jobs"])
def test_a_forged_cursor_is_never_a_failure(gateway: LiveGateway, path: str) -> None:
    client = gateway.login("admin")

    answers = {cursor: client.get(path, params={"cursor": cursor}) for cursor in forged()}

    assert {cursor: it.text for cursor, it in answers.items() if it.status_code >= 500 and path != "/jobs"} == {}
    assert {it.status_code for it in answers.values()} <= {200, 422, 503}
    refused = [it for it in answers.values() if it.status_code == 422]
    assert len(refused) >= len(answers) - 4
