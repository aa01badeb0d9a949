"""What JSON holds and PostgreSQL or the calendar cannot is refused with the field's name, on every route (GTW-01)."""

import json
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field, ValidationError

from gateway.app import create_app
from gateway.bodies import check_depth
from gateway.problems import validation_errors
from kernel.contracts.method import Request
from kernel.contracts.plain import MAX_DEPTH, Plain, RawRow
from kernel.model.errors import DomainError

pytestmark = pytest.mark.req("GTW-01")


class Part(Plain):
    name: str


class Asked(Request):
    text: str | None = None
    long: Annotated[str, Field(min_length=1)] = "x"
    texts: list[str] = Field(default_factory=list)
    pairs: dict[str, str] = Field(default_factory=dict)
    number: int = 0
    bounded: int = Field(default=1, ge=1, le=1000)
    amount: Decimal | None = None
    day: date | None = None
    moment: datetime | None = None
    anything: dict[str, Any] = Field(default_factory=dict)
    type: str = "a field with the name of a word of pydantic's"
    part: Part | None = None
    parts: list[Part] = Field(default_factory=list)


def deep(levels: int) -> Any:
    return [deep(levels - 1)] if levels else 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("text", "a\x00b"),
        ("text", "\ud800"),
        ("long", "\x00"),
        ("texts", ["fine", "a\x00"]),
        ("pairs", {"a\x00": "b"}),
        ("pairs", {"a": "b\x00"}),
        ("number", 2**63),
        ("number", -(2**63) - 1),
        ("number", 10**100),
        ("bounded", 2**64),
        ("day", "9999-12-31"),
        ("day", "0001-01-01"),
        ("moment", "9999-12-31T23:59:59Z"),
        ("moment", "0001-01-01T00:00:00+08:00"),
        ("anything", {"a": {"b": ["\x00"]}}),
        ("anything", {"a": "\udfff"}),
        ("anything", {"a": 2**70}),
        ("anything", {"a": deep(MAX_DEPTH + 1)}),
        ("type", "\x00"),
        ("part", {"name": "\x00"}),
        ("parts", [{"name": "fine"}, {"name": "\x00"}]),
    ],
)
def test_what_cannot_be_stored_is_refused_with_its_field(field: str, value: Any) -> None:
    with pytest.raises(ValidationError) as refused:
        Asked.model_validate({field: value})

    assert {error["loc"][0] for error in refused.value.errors()} == {field}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("number", "1_000"), ("number", "٣"), ("bounded", "1_0"), ("amount", "1_000"), ("amount", "٣"),
        ("amount", "１２"), ("amount", "NaN"), ("day", "1764201600"), ("day", 1764201600), ("day", 0),
        ("day", "2026-W01-1"), ("moment", 1764201600), ("moment", "1764201600"),
    ],
)  # fmt: skip
def test_numbers_and_days_are_read_only_as_people_write_them(field: str, value: Any) -> None:
    with pytest.raises(ValidationError) as refused:
        Asked.model_validate({field: value})
    (told,) = validation_errors(refused.value.errors())

    assert told["field"] == field
    assert told["message"] != "内容不正确"


def test_numbers_in_text_are_taken_as_queries_have_them() -> None:
    asked = Asked.model_validate({"number": "12", "amount": "1.50", "day": "2026-11-27"})

    assert (asked.number, asked.amount, asked.day) == (12, Decimal("1.50"), date(2026, 11, 27))


def test_what_can_be_stored_is_taken() -> None:
    asked = Asked.model_validate(
        {
            "text": "张敏 \U0001f600", "number": 2**63 - 1, "day": "9998-12-31", "moment": "2026-11-26T00:00:00+08:00",
            "anything": {"a": deep(MAX_DEPTH - 2), "b": True, "c": None, "d": 1.5}, "parts": [{"name": "a"}],
        }
    )  # fmt: skip

    assert asked.number == 2**63 - 1


def models_of(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in getattr(annotation, "__args__", ()):
        yield from models_of(inner)


def asked_models(app: FastAPI) -> dict[str, type[BaseModel]]:
    """Every model of a query or a body, by route and name."""
    found = {}
    for route in _routes(app):
        fields = [*route.dependant.query_params, *route.dependant.body_params]
        for field in fields:
            for model in models_of(field.field_info.annotation):
                found[f"{sorted(route.methods)} {route.path} {model.__name__}"] = model
    return found


def _routes(app: FastAPI) -> list[APIRoute]:
    return [route for route in all_routes(app.routes) if isinstance(route, APIRoute)]


def all_routes(routes: Any) -> Iterator[Any]:
    for route in routes:
        yield route
        inner = getattr(route, "original_router", None) or getattr(route, "router", None)
        if inner is not None:
            yield from all_routes(inner.routes)


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> FastAPI:
    monkeypatch.setenv("SIMKEEP_TOKEN_SECRET", "t" * 48)
    monkeypatch.setenv("SIMKEEP_CALL_SECRET", "c" * 48)
    monkeypatch.setenv("SIMKEEP_DATABASE_URL", "postgresql://nobody:x@127.0.0.1:1/none")
    monkeypatch.setenv("SIMKEEP_GATEWAY_DATABASE_URL", "postgresql://nobody:x@127.0.0.1:1/none")
    monkeypatch.setenv("SIMKEEP_AMQP_URL", "amqp://nobody:x@127.0.0.1:1/")
    monkeypatch.setenv("SIMKEEP_BLOB_URL", tmp_path.as_uri())
    return create_app()


def test_every_route_asks_by_a_model_that_refuses_it(app: FastAPI) -> None:
    asked = asked_models(app)

    assert len(asked) > 60
    assert [name for name, model in asked.items() if not issubclass(model, Plain)] == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b'{"login": ' + b"[" * 1000 + b"]" * 1000 + b"}", "login"),
        (b'{"a": 1, "content": ' + b'{"a":' * 1000 + b"1" + b"}" * 1000 + b"}", "content"),
        (b"[" * 100_000, ""),
        (b'{"a]]]]": "[[[[[", "b": ' + b"[" * 1000 + b"]" * 1000 + b"}", "b"),
    ],
)
def test_json_that_lies_deep_is_refused_with_its_field(body: bytes, field: str) -> None:
    with pytest.raises(DomainError) as refused:
        check_depth(body)

    assert refused.value.params["errors"][0]["field"] == field


def test_json_that_is_wide_is_not_deep() -> None:
    rows = [{"iccid": '8986[[[[{{{\\"', "tags": [[], {}]} for _ in range(2000)]

    check_depth(json.dumps({"rows": rows}).encode())
    check_depth(b"[]" * 5000)  # no JSON, but that is for the parser to say


def test_a_time_without_its_offset_is_refused() -> None:
    """It would be compared with times that have one, or be taken for the time of whatever zone the server has."""
    with pytest.raises(ValidationError, match="offset from UTC"):
        Asked.model_validate({"moment": "2026-11-27T08:00:00"})

    assert Asked.model_validate({"moment": "2026-11-27T08:00:00+08:00"}).moment is not None


class Batch(Request):
    rows: list[RawRow]


@pytest.mark.parametrize("row", ['"\\ud800"', '{"a": ["\\udfff x"]}', '{"\\ud800": 1}'])
def test_half_a_character_in_a_row_of_a_batch_costs_its_row_only(row: str) -> None:
    """JSON's escapes can say it, UTF-8 cannot carry it on to the service, which judges row by row."""
    batch = Batch.model_validate(json.loads(f'{{"rows": [{row}, {{"a": "\\ud83d\\ude00 中"}}]}}'))

    sent = json.loads(batch.model_dump_json())

    assert sent["rows"][1] == {"a": "\U0001f600 中"}
    assert "\N{REPLACEMENT CHARACTER}" in json.dumps(sent["rows"][0], ensure_ascii=False)


def patterns_of(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        found = schema.get("pattern")
        if isinstance(found, str):
            yield found
        for part in schema.values():
            yield from patterns_of(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from patterns_of(part)


def test_no_pattern_takes_the_digits_of_other_scripts(app: FastAPI) -> None:
    """``\\d`` does: a month or a phone number would be kept in two forms."""
    found = list(patterns_of(app.openapi()))

    assert len(found) > 20
    assert [pattern for pattern in found if "\\d" in pattern] == []
