"""Refusals of the domain. They know a stable code and a kind, and nothing of HTTP (docs/adr/0008).

Every code stands in ``kernel.contracts.errors.CATALOGUE`` with its Chinese and English text.
"""

from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What sort of refusal it is; the gateway derives the HTTP status from it."""

    INVALID = "invalid"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    FORBIDDEN = "forbidden"
    UNAUTHENTICATED = "unauthenticated"
    TOO_LARGE = "too_large"
    TOO_MANY = "too_many"
    DEADLINE = "deadline"
    UNAVAILABLE = "unavailable"
    INTERNAL = "internal"


class DomainError(Exception):
    """A request is refused for a reason that its sender can understand and act on.

    ``code`` is a key of the error catalogue. ``params`` fill the catalogue's text and name the field or row;
    they must be JSON values. Raising one inside a unit of work rolls it back.
    """

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params = params

    def __repr__(self) -> str:
        return f"DomainError({self.code!r}, {self.params!r})"
