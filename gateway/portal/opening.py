"""What each list page asks for first, as the browser needs it before anybody is known: ``early.js`` asks with it.

It says no more than the documentation of the API does: which route a page reads, with which parameters.
"""

import json
from typing import Any

from gateway.portal.pages import PAGES
from gateway.portal.spec import Field, Page, plain
from kernel.contracts.words import VOCABULARIES

NAME = "opening"
"""The module in which ``early.js`` finds it; no such file is on the disk."""

_OF_THE_PERSON = frozenset({"$name", "$unit", "$phone"})
"""Defaults that only the session knows: such a page's list has to wait for it."""


def script() -> str:
    """The module's text: the pages by key."""
    pages = {key: _asked(page) for key, page in PAGES.items() if page.source and page.open and not _waits(page)}
    return f"export const pages = {json.dumps(pages, ensure_ascii=False, separators=(',', ':'))};\n"


def _waits(page: Page) -> bool:
    return any(one.default in _OF_THE_PERSON for one in page.filters)


def _asked(page: Page) -> dict[str, Any]:
    every = {one.options for one in page.filters} | {one.options for one in page.columns}
    content = {
        "source": page.source, "fixed": page.fixed, "sort": page.sort, "paged": page.paged,
        "filters": [_parameter(one) for one in page.filters],
        "options": sorted(every - {""} - set(VOCABULARIES)), "about": page.about.source if page.about else "",
    }  # fmt: skip
    return {name: value for name, value in content.items() if value}


def _parameter(one: Field) -> dict[str, Any]:
    said: dict[str, Any] = plain(one)
    told = ("name", "until", "multiple", "default", *(("kind",) if one.kind == "iccids" else ()))
    return {name: said[name] for name in told if name in said}
