"""A valid request for any method, made from its own model: what the tests that walk over all methods send."""

from typing import Any

from pydantic import BaseModel

OUTSIDERS_UNIT = "990101"
_BY_NAME: dict[str, Any] = {
    "month": "2026-12", "application_month": "2026-12", "phone": "13800000000", "number": "KS-202612-9901",
    "iccid": "89860012345678901237", "iccids": ["89860012345678901237"], "sha256": "a" * 64, "sort": None,
    "start_iccid": "89860012345678900007", "end_iccid": "89860012345678900015", "carrier": "china_mobile",
    "card_spec": "plug_in", "limits": {"unqualified": 30}, "content": {}, "resource": "cards",
    "opens_day": 20, "closes_day": 22, "terminal": "33T0000001", "code": "0000-0000-0000-0000", "source": None,
    "mail": "someone@example.com",
    "ranges": "1, 5",
}  # fmt: skip
_BY_FORMAT = {"date": "2026-11-20", "date-time": "2026-11-20T08:00:00Z", "uuid": "7d9f3c1e-6a52-4b0e-9f3d-0a4f5b8c2d11"}
_ALSO = {"IssueCards": {"iccids": _BY_NAME["iccids"]}, "ImportUsage": {"carrier": "china_mobile"}}
"""Models that need more than their required fields."""


def sample(model: type[BaseModel], units: tuple[str, ...] = ()) -> dict[str, Any]:
    """Its required fields, and ``units``, each OUTSIDERS_UNIT."""
    schema = model.model_json_schema()
    made = _object(schema, schema.get("$defs", {}))
    return {**made, **_ALSO.get(model.__name__, {}), **dict.fromkeys(units, OUTSIDERS_UNIT)}


def _object(schema: dict[str, Any], known: dict[str, Any]) -> dict[str, Any]:
    fields = schema.get("properties", {})
    return {name: _value(name, fields[name], known) for name in schema.get("required", ())}


def _value(name: str, schema: dict[str, Any], known: dict[str, Any]) -> Any:  # noqa: PLR0911  one line per type
    if "$ref" in schema:
        schema = known[schema["$ref"].rpartition("/")[2]]
    if _BY_NAME.get(name) is not None and schema.get("type") != "integer":
        return _BY_NAME[name]
    if "enum" in schema or "const" in schema:
        return schema.get("const") or schema["enum"][0]
    if "anyOf" in schema:
        return _value(name, schema["anyOf"][0], known)
    if schema.get("type") == "array":
        return [_value(name.rstrip("s"), schema["items"], known)]
    if schema.get("type") == "object":
        return _object(schema, known)
    if schema.get("type") in ("integer", "number"):
        return max(1, schema.get("minimum", 1))
    if schema.get("type") == "boolean":
        return True
    return _BY_FORMAT.get(schema.get("format", ""), "x" * max(1, schema.get("minLength", 1)))
