"""What every route does: check the permission, call one method, answer. `Call` is the dependency that does it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any
from uuid import NAMESPACE_URL, uuid4, uuid5

import orjson
from fastapi import Depends, Request, Response
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.context import Gateway
from gateway.identity import User, current_user
from gateway.problems import answer_problem, trace_id_of
from gateway.rest import NESTED, version_of
from gateway.tables import Outcome
from gateway.writes import KEY_HEADER, Write, check_key
from kernel.contracts.method import EVERY_SERVICE, Method
from kernel.model.errors import DomainError

Shape = Callable[[Any], Any]
SignedIn = Annotated[User, Depends(current_user)]


def json_response(content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(orjson.dumps(content, default=str), status, headers, media_type="application/json")


def language_of(request: Request) -> str:
    """``en`` when the client prefers English, else ``zh``."""
    return "en" if request.headers.get("accept-language", "").lower().startswith("en") else "zh"


@dataclass(slots=True)
class Call:
    """One signed-in request that may use ``method``; None: it does something of the gateway's own."""

    request: Request
    user: User
    method: "Method[Any, Any] | None"
    gateway: Gateway = field(init=False)

    def __post_init__(self) -> None:
        self.gateway = self.request.app.state.gateway

    # -- questions -----------------------------------------------------------------------------------------------------

    async def ask(
        self,
        request: BaseModel,
        method: "Method[Any, Any] | None" = None,
        *,
        service: str | None = None,
        command_id: str | None = None,
    ) -> Any:
        """The service's reply, units named. Raises its refusals. ``method`` defaults to the route's.

        ``service``: whose of the methods that every service has.
        """
        method, service = self._meant(method, service)
        self.user.require(method.permission)
        method.require_scope(self.user.actor(), request)
        settings = self.gateway.settings
        result = await self.gateway.bus.call(
            service,
            method,
            request,
            actor=self.user.actor(),
            correlation_id=trace_id_of(self.request),
            command_id=command_id,
            timeout_seconds=settings.rpc_command_timeout_seconds if method.writes else settings.rpc_timeout_seconds,
            language=language_of(self.request),
        )
        return self.named(result)

    async def answer(self, request: BaseModel, shape: Shape | None = None) -> Response:
        """`ask`, as a 200. ``shape`` turns the reply into what REST promises."""
        result = await self.ask(request)
        return json_response(shape(result) if shape else result)

    def _meant(self, method: "Method[Any, Any] | None", service: str | None) -> "tuple[Method[Any, Any], str]":
        method = method or self.method
        if method is None:
            raise RuntimeError("this route calls no service method")
        service = service or method.service
        if service == EVERY_SERVICE:
            raise RuntimeError(f"{method.name}: say which service's")
        return method, service

    def named(self, result: Any) -> Any:
        """Puts unit names beside unit codes: in the reply itself, in its ``items`` and in what else it holds."""
        if isinstance(result, dict):
            units = self.gateway.units
            units.name_all((result,))
            for name in ("items", *NESTED):
                inner = result.get(name)
                if isinstance(inner, list) and inner and isinstance(inner[0], dict):
                    units.name_all(inner)
                elif isinstance(inner, dict):
                    units.name_all((inner,))
        return result

    # -- writes --------------------------------------------------------------------------------------------------------

    async def command(
        self,
        request: BaseModel,
        *,
        status: int = 200,
        target: str = "",
        shape: Shape | None = None,
        method: "Method[Any, Any] | None" = None,
        service: str | None = None,
    ) -> Response:
        """Sends a command once per Idempotency-Key, writes the audit log, answers ``status``."""
        method, service = self._meant(method, service)
        body = request.model_dump_json().encode()
        write = self._write(f"{service}.{method.name}", target, request.model_dump(mode="json"), body)

        async def act() -> Response:
            result = await self.ask(request, method, service=service, command_id=self._command_id(write.key))
            return _done(shape(result) if shape else result, status)

        return await self._once(write, act)

    async def act(
        self,
        action: str,
        target: str,
        body: BaseModel | None,
        act: Callable[[AsyncConnection], Awaitable[Response]],
        *,
        told_once: str | None = None,
    ) -> Response:
        """A write of the gateway's own: the act and its answer are one transaction.

        ``told_once``: a field of the answer that is told this once and kept nowhere; a repetition finds null there.
        """
        dumped = body.model_dump(mode="json", exclude_unset=True) if body is not None else {}
        write = self._write(action, target, dumped, orjson.dumps(dumped))
        begun = await self.gateway.writes.begin(write)
        if isinstance(begun, Response):
            return begun
        try:
            async with self.gateway.engine.begin() as connection:
                response = await act(connection)
                await self.gateway.writes.finish(begun, _without(response, told_once), connection)
        except DomainError as error:
            response = self._problem(error)
            await self.gateway.writes.finish(begun, response)
        self.gateway.units.forget()
        return response

    async def note(self, action: str, target: str, details: Mapping[str, Any]) -> None:
        """Writes an audit row for a read that must be known, such as the download of an export."""
        await self.gateway.writes.note(self._write(action, target, details, b""), Outcome.DONE, 200)

    async def _once(self, write: Write, act: Callable[[], Awaitable[Response]]) -> Response:
        begun = await self.gateway.writes.begin(write)
        if isinstance(begun, Response):
            return begun
        try:
            response = await act()
        except DomainError as error:
            response = self._problem(error)
        await self.gateway.writes.finish(begun, response)
        return response

    def _problem(self, error: DomainError) -> Response:
        return answer_problem(self.request, error)

    def _write(self, action: str, target: str, details: Mapping[str, Any], body: bytes) -> Write:
        request = self.request
        return Write(
            user=self.user,
            action=action,
            target=target,
            details=_brief(details),
            key=check_key(request.headers.get(KEY_HEADER)),
            fingerprint=self.gateway.writes.fingerprint(request.method, request.url.path, body),
            correlation_id=trace_id_of(request),
            address=request.client.host if request.client else "",
        )

    def _command_id(self, key: str | None) -> str:
        """The same for every repetition of one write, so that the service acts once even if our answer got lost."""
        if key is None:
            return str(uuid4())
        return str(uuid5(NAMESPACE_URL, f"{self.user.login}\n{key}\n{self.request.url.path}"))


def _done(content: Any, status: int) -> Response:
    """``status``, or 202 for what became a job."""
    if isinstance(content, dict) and "links" in content and "state" not in content:  # a job that is shown has a state
        return json_response(content, 202, {"Location": content["links"]["job"]})
    return json_response(content, status, version_of(content))


def _without(response: Response, field: str | None) -> Response:
    if field is None:
        return response
    kept = {**orjson.loads(response.body), field: None}
    return json_response(kept, response.status_code)


def _brief(details: Mapping[str, Any]) -> dict[str, Any]:
    """For the audit log: what was asked, without secrets, names of units and ten thousand card numbers."""
    kept: dict[str, Any] = {}
    for name, value in details.items():
        if name in ("password", "current_password", "key", "unit_names"):
            continue
        if isinstance(value, list) and len(value) > 20:
            kept[name] = {"count": len(value), "first": value[:20]}
        elif value is not None:
            kept[name] = value
    return kept


def calling(method: "Method[Any, Any]") -> Callable[..., Awaitable[Call]]:
    """Dependency: a `Call` of ``method`` by somebody who may; 401 or 403 before the body is looked at."""
    return Door(method.permission, method)


def permitted(permission: str | None = None) -> Callable[..., Awaitable[Call]]:
    """Dependency: a `Call` of the gateway itself, by somebody who holds ``permission``."""
    return Door(permission)


@dataclass(frozen=True)
class Door:
    """What stands before a route. A test walks over all routes and asks each door who comes in."""

    permission: str | None
    method: "Method[Any, Any] | None" = None

    async def __call__(self, request: Request) -> Call:
        user = await current_user(request)
        user.require(self.permission)
        return Call(request, user, self.method)
