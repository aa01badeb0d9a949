"""The catalogue of refusals: code > kind, Chinese and English text (ARCHITECTURE: Bad input).

Texts are ``str.format`` templates over the error's params; a code is put in words by its vocabulary (see ``words``).
A test proves that every code raised anywhere stands here and that every code here is raised somewhere. Each area adds
its own module ``errors_<area>``.
"""

from dataclasses import dataclass
from typing import Any

from kernel.contracts.words import fill
from kernel.model.errors import DomainError, Kind


@dataclass(frozen=True)
class Entry:
    """``zh`` and ``en``: what went wrong and the way out, for the person who sent the request."""

    kind: Kind
    zh: str
    en: str


CATALOGUE: dict[str, Entry] = {}


def register(entries: dict[str, Entry]) -> None:
    """Adds an area's codes; a code said twice is a programming error."""
    twice = CATALOGUE.keys() & entries.keys()
    if twice:
        raise ValueError(f"error codes registered twice: {sorted(twice)}")
    CATALOGUE.update(entries)


def text(code: str, params: dict[str, Any], language: str = "zh") -> str:
    """The catalogue's text for ``code`` with ``params`` filled in; a missing param shows as «?»."""
    entry = CATALOGUE[code]
    template = entry.en if language == "en" else entry.zh
    return fill(template, params, language)


def describe(error: DomainError, language: str = "zh") -> str:
    """Text of an error as raised."""
    return text(error.code, error.params, language)
