"""What each route of the API asks of its caller: read off the routes, which have it of their methods.

The portal shows a button when its user may call the route behind it; a test walks over all doors with four people.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from fastapi import APIRouter
from fastapi.routing import APIRoute

from gateway.calls import Door
from gateway.routers import TOPICS

_HOLE = re.compile(r"\{[^}]*\}")


@dataclass(frozen=True)
class Guarded:
    """A route and its door; None: anybody comes in, without login."""

    verb: str
    path: str
    door: Door | None


def guarded(router: APIRouter) -> Iterator[Guarded]:
    """The routes of one router; paths as below /api/v1."""
    for route in router.routes:
        if isinstance(route, APIRoute):
            doors = [it.call for it in route.dependant.dependencies if isinstance(it.call, Door)]
            for verb in sorted(route.methods or ()):
                yield Guarded(verb, route.path, doors[0] if doors else None)


def all_routes() -> list[Guarded]:
    """Every route below /api/v1."""
    return [it for topic in TOPICS for it in guarded(topic.router)]


@cache
def _by_address() -> dict[tuple[str, str], Guarded]:
    return {(it.verb, _HOLE.sub("{}", it.path)): it for it in all_routes()}


def permission_of(verb: str, path: str) -> str:
    """What a route asks for, its path as pages write it; "": only a login. Raises KeyError for a route that is not."""
    found = _by_address()[verb, _HOLE.sub("{}", path.partition("?")[0])]
    return (found.door.permission if found.door is not None else None) or ""
