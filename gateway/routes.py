"""Routes that only pass a request on are made from its method: one `Route` each, in the tables of `gateway.routers`.

Where each field of the method's request comes from:

* a hole of the path (``{iccid}``; ``{line_id}`` fills ``id`` when there is no field ``line_id``): the path;
* ``version`` of a command: If-Match, needed unless the field has a default;
* ``unit_names``: the gateway, which owns them (ADR 0012);
* all others: the query of a question, the JSON body of a command.

What comes back: the reply with unit names beside unit codes and its ETag; a job (202) where the method answers one.
Uploads, downloads, streams and whatever else needs a thought are written out as functions beside the tables.
"""

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cached_property
from string import Formatter
from typing import Annotated, Any, Literal, get_type_hints

from fastapi import APIRouter, Body, Depends, Query, Request, Response
from pydantic import BaseModel, create_model

from gateway.calls import Call, Shape, calling, json_response
from gateway.rest import LARGE, Accepted, accepted, if_match, if_match_given, named, or_job, parse, version_of
from kernel.contracts.method import Method
from kernel.contracts.plain import Plain

_FILLED = ("version", "unit_names")
_NOT_GIVEN: Any = object()


@dataclass(frozen=True)
class Route:
    """``about``: for the API documentation. ``example``: of the body.

    ``body``: its model, where REST says it in other words than the method's request (its fields fill the request's);
    ``bare``: it may be left out. ``reply`` and ``shape``: the model that REST promises, and the function that makes it
    of the method's reply. ``target``: what the audit log calls the thing, with fields of the request in braces, or a
    function of the request. ``beside``: adds to the answer of a question what another service knows.
    """

    verb: Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
    path: str
    method: "Method[Any, Any]"
    summary: str
    about: str
    example: dict[str, Any] | None = None
    body: type[BaseModel] | None = None
    beside: Callable[[Call, Any], Awaitable[None]] | None = None
    bare: bool = False
    status: int = 200
    reply: Any = None
    shape: Shape | None = None
    target: str | Callable[[Any], str] = ""
    tags: tuple[str, ...] = ()

    @cached_property
    def in_path(self) -> dict[str, str]:
        """Hole of the path > field of the request."""
        fields = self.method.request.model_fields
        holes = [hole for _, hole, _, _ in Formatter().parse(self.path) if hole]
        return {hole: hole if hole in fields else "id" for hole in holes}

    @property
    def becomes_job(self) -> bool:
        """True when every answer is a job."""
        field = self.method.reply.model_fields.get("job_id")
        return field is not None and field.is_required()

    @property
    def may_become_job(self) -> bool:
        """True when a large act answers a job instead."""
        return "job_id" in self.method.reply.model_fields and not self.becomes_job

    def given(self) -> type[BaseModel] | None:
        """Model of what the query or the body holds; None: nothing."""
        if self.body is not None:
            return self.body
        request = self.method.request
        elsewhere = {*self.in_path.values(), *(_FILLED if self.method.writes else ())} & set(request.model_fields)
        if not elsewhere and request.model_fields:
            return request
        kept = {name: field for name, field in request.model_fields.items() if name not in elsewhere}
        hints = get_type_hints(request, include_extras=True)
        fields: dict[str, Any] = {name: (hints[name], field) for name, field in kept.items()}
        base = type("PlainBody", (Plain,), {"model_config": request.model_config, "__module__": __name__})
        model: type[BaseModel] = create_model(f"{request.__name__}Body", __base__=base, **fields)
        return model if fields else None

    def asked(self, request: Request, call: Call, path: dict[str, Any], given: BaseModel | None) -> BaseModel:
        """The method's request."""
        if given is not None and type(given) is self.method.request:
            return given
        values = {self.in_path[hole]: value for hole, value in path.items()}
        if given is not None:
            values |= given.model_dump(exclude_unset=True)
        field = self.method.request.model_fields.get("version") if self.method.writes else None
        if field is not None:
            values["version"] = if_match(request) if field.is_required() else if_match_given(request)
        if "unit_names" in self.method.request.model_fields:
            values["unit_names"] = call.gateway.units.names_below(call.user.unit)
        asked: BaseModel = parse(self.method.request, values)
        return asked

    def promised(self) -> Any:
        """The model of the answer."""
        model: type[BaseModel] = self.method.reply
        return self.reply or (Accepted if self.becomes_job else named(model))

    def shaped(self) -> Shape:
        """What turns the method's reply into the answer."""
        service, shape = self.method.service, self.shape or (lambda reply: reply)
        if self.becomes_job:
            return self.shape or (lambda reply: accepted(service, reply))
        return or_job(service, shape) if self.may_become_job else shape

    def audited(self, asked: BaseModel) -> str:
        """What the audit log calls the thing."""
        return self.target.format_map(asked.model_dump()) if isinstance(self.target, str) else self.target(asked)


def serve(router: APIRouter, *routes: Route, prefix: str = "", tag: str = "") -> None:
    """Adds the routes to ``router``, in their order; ``prefix`` and ``tag``: where a router has several."""
    for route in routes:
        extra: dict[str, Any] = {"responses": LARGE} if route.may_become_job else {}
        router.add_api_route(
            prefix + route.path,
            _endpoint(route),
            methods=[route.verb],
            name=route.method.name,
            summary=route.summary,
            description=route.about,
            status_code=202 if route.becomes_job else route.status,
            response_model=route.promised(),
            tags=[tag] if tag else list(route.tags) or None,
            **extra,
        )


def _endpoint(route: Route) -> Callable[..., Any]:
    shape = route.shaped()
    status = 202 if route.becomes_job else route.status
    loads_units = "unit_names" in route.method.request.model_fields

    async def endpoint(request: Request, call: Call, body: Any = None, **path: Any) -> Response:
        if loads_units:
            await call.gateway.units.load()
        asked = route.asked(request, call, path, body)
        if route.method.writes:
            return await call.command(asked, status=status, target=route.audited(asked), shape=shape)
        answer = shape(await call.ask(asked))
        if route.beside is not None:
            await route.beside(call, answer)
        return json_response(answer, status, version_of(answer) if route.verb == "GET" else {})

    endpoint.__signature__ = inspect.Signature(_parameters(route))  # type: ignore[attr-defined]
    endpoint.__name__ = route.method.name
    endpoint.__doc__ = route.about
    return endpoint


def _parameters(route: Route) -> list[inspect.Parameter]:
    """What FastAPI reads of an endpoint: the holes of the path, the query or body, the door."""
    hints = get_type_hints(route.method.request, include_extras=True)
    found: list[tuple[str, Any, Any]] = [(hole, hints[field], _NOT_GIVEN) for hole, field in route.in_path.items()]
    found.append(("request", Request, _NOT_GIVEN))
    if (given := route.given()) is not None:
        place = Query() if route.verb == "GET" else Body(examples=[route.example] if route.example else None)
        annotation: Any = given | None if route.bare else given
        found.append(("body", Annotated[annotation, place], None if route.bare else _NOT_GIVEN))
    found.append(("call", Annotated[Call, Depends(calling(route.method))], _NOT_GIVEN))
    return [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            annotation=annotation,
            default=inspect.Parameter.empty if default is _NOT_GIVEN else default,
        )
        for name, annotation, default in found
    ]
