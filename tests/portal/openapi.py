"""Reads what the gateway's OpenAPI document promises about a path."""

import re
from typing import Any

PREFIX = "/api/v1"
_HOLE = re.compile(r"\{[^}]*\}")


class Promises:
    """The OpenAPI document. Paths are compared without the names of their parameters."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._schemas = document["components"]["schemas"]
        self._paths = {_HOLE.sub("{}", path): operations for path, operations in document["paths"].items()}

    def operation(self, method: str, path: str) -> dict[str, Any] | None:
        """``path`` as pages write it, below /api/v1; None when there is none."""
        found: dict[str, Any] = self._paths.get(_HOLE.sub("{}", PREFIX + path), {})
        return found.get(method.lower())

    def parameters(self, operation: dict[str, Any]) -> set[str]:
        return {parameter["name"] for parameter in operation.get("parameters", ())}

    def needed(self, operation: dict[str, Any]) -> set[str]:
        """Parameters behind the path without which it refuses to answer."""
        behind = [parameter for parameter in operation.get("parameters", ()) if parameter["in"] == "query"]
        return {parameter["name"] for parameter in behind if parameter.get("required")}

    def sent(self, operation: dict[str, Any]) -> set[str] | None:
        """Names of the body's fields; None when any name is taken."""
        content = operation.get("requestBody", {}).get("content", {})
        if not content:
            return set()
        schema = self._resolve(next(iter(content.values()))["schema"])
        return set(schema["properties"]) if "properties" in schema else None

    def required(self, operation: dict[str, Any]) -> set[str]:
        content = operation.get("requestBody", {}).get("content", {})
        return set(self._resolve(next(iter(content.values()))["schema"]).get("required", ())) if content else set()

    def row_fields(self, operation: dict[str, Any]) -> set[str]:
        """Fields of one row of the answer: of ``items``, or of the list itself."""
        schema = self._answer(operation)
        rows = schema["properties"]["items"] if "properties" in schema else schema
        return set(self._resolve(rows["items"])["properties"])

    def answer_fields(self, operation: dict[str, Any]) -> set[str]:
        return set(self._answer(operation)["properties"])

    def _answer(self, operation: dict[str, Any]) -> dict[str, Any]:
        good = next(answer for status, answer in operation["responses"].items() if status.startswith("2"))
        return self._resolve(good["content"]["application/json"]["schema"])

    def _resolve(self, schema: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in schema:
            schema = self._schemas[schema["$ref"].rpartition("/")[2]]
        for choice in schema.get("anyOf", ()):
            if choice.get("type") != "null":
                return self._resolve(choice)
        return schema
