"""The OpenAPI document and the shape of the routers (GTW-01)."""

import ast
import asyncio
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from gateway.app import create_app

ROUTERS = Path(__file__).resolve().parents[3] / "gateway" / "routers"
MAX_ROUTE_LINES = 15

pytestmark = pytest.mark.req("GTW-01")


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SIMKEEP_GATEWAY_DATABASE_URL", "postgresql://a:b@127.0.0.1:1/none")
        patch.setenv("SIMKEEP_BLOB_URL", tmp_path_factory.mktemp("blobs").as_uri())
        patch.setenv("SIMKEEP_TOKEN_SECRET", "t" * 40)
        patch.setenv("SIMKEEP_CALL_SECRET", "c" * 48)
        return create_app()


def test_the_document_covers_the_version_one_interface(app: FastAPI) -> None:
    paths = app.openapi()["paths"]

    assert all(path.startswith("/api/v1/") for path in paths)
    assert {
        "/api/v1/cards",
        "/api/v1/deliveries",
        "/api/v1/allocations/preview",
        "/api/v1/jobs/{job_id}/events",
    } <= set(paths)


def test_others_are_answered_while_the_document_is_written_and_it_is_written_once(
    app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_go, written = threading.Event(), app.openapi()
    times: list[bool] = []

    def slowly() -> dict[str, Any]:
        times.append(let_go.wait(30))
        return written

    async def ask() -> list[httpx.Response]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://gateway") as client:
            asked = [asyncio.create_task(client.get("/openapi.json")) for _ in range(2)]
            other = await client.get("/docs")
            let_go.set()
            return [other, *await asyncio.gather(*asked)]

    monkeypatch.setattr(app, "openapi", slowly)
    monkeypatch.setattr(app.state, "document", None)
    answers = asyncio.run(ask())

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert answers[1].json()["paths"].keys() == written["paths"].keys()
    assert times == [True]


def test_every_operation_says_what_it_is_in_chinese_and_names_its_problems(app: FastAPI) -> None:
    for path, operations in app.openapi()["paths"].items():
        for method, operation in operations.items():
            name = f"{method} {path}"
            assert operation["summary"], name
            assert not operation["summary"].isascii(), name
            assert "application/problem+json" in operation["responses"]["401"]["content"], name


def test_the_document_says_how_to_sign_in(app: FastAPI) -> None:
    document = app.openapi()

    assert set(document["components"]["securitySchemes"]) == {"accessToken", "apiKey"}
    assert document["security"]
    assert document["paths"]["/api/v1/auth/login"]["post"]["security"] == []


def test_bodies_of_acts_come_with_examples(app: FastAPI) -> None:
    document = app.openapi()
    acts = (
        "allocations", "requisitions", "cards/redirect", "deliveries/pull", "activation/applications",
        "activation/city-forms", "activation/province-forms", "termination/list", "termination/forms",
        "termination/reviews", "termination/forms/{number}/answers",
    )  # fmt: skip
    for path in (f"/api/v1/{act}" for act in acts):
        schema = document["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]
        assert schema.get("examples"), path


def test_a_route_authorises_calls_and_answers_in_fifteen_lines() -> None:
    long = []
    for path in ROUTERS.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.AsyncFunctionDef) and node.decorator_list:
                body = (node.end_lineno or 0) - node.body[0].lineno + 1
                if body > MAX_ROUTE_LINES:
                    long.append(f"{path.name}:{node.name} {body}")

    assert not long
