"""What the acts of the audit log are called: those of services as their routes, the gateway's own by a vocabulary."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from fastapi import FastAPI
from fastapi.routing import APIRoute

from kernel.contracts.words_people import GATEWAY_ACTS


@cache
def summaries(app: FastAPI) -> dict[str, str]:
    """Name > Chinese summary of every route. A router that was included in another stands in it as one."""
    return {route.name: route.summary for route in _routes(app.routes) if route.summary}


def _routes(routes: Iterable[object]) -> Iterator[APIRoute]:
    for route in routes:
        if isinstance(route, APIRoute):
            yield route
        else:
            yield from _routes(getattr(getattr(route, "original_router", None), "routes", ()))


def said(app: FastAPI, action: str, language: str) -> str:
    """«分卡» for inventory.allocate_cards. In English the act's own name is its words."""
    if (word := GATEWAY_ACTS.get(action)) is not None:
        return word.en if language == "en" else word.zh
    name = action.rpartition(".")[2]
    plain = name.replace("_", " ").capitalize()
    return plain if language == "en" else summaries(app).get(name, plain)


def name_acts(app: FastAPI, entries: Sequence[dict[str, object]], language: str) -> None:
    """Puts ``action_name`` beside each ``action``."""
    for entry in entries:
        entry["action_name"] = said(app, str(entry["action"]), language)
