"""The outermost layer, plain ASGI: correlation id, security headers, limits, metrics, and no exception leaks.

Written by hand instead of as middleware of the framework, which costs more than the rest of a short request.
"""

import os
import re
import time
from functools import lru_cache

import structlog
from prometheus_client import Histogram
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.bodies import JSON, MULTIPART, Body, BodyLimits, has_body, media_type_of, take_back_stored
from gateway.metrics import HTTP_SECONDS
from gateway.problems import problem_response
from kernel.chassis.process import logs
from kernel.model.errors import DomainError

log = logs.get(__name__)

CORRELATION_HEADER = "X-Correlation-Id"
_CORRELATION = re.compile(r"[A-Za-z0-9._-]{8,64}")
_BODY_TYPES = frozenset({JSON, MULTIPART})

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)
_ALWAYS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"SAMEORIGIN"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
)
_CACHE = (b"cache-control", b"no-store")
_HTTPS_ONLY = (b"strict-transport-security", b"max-age=31536000")
_CORRELATION_RAW = CORRELATION_HEADER.lower().encode()


class Edge:
    """Wraps the application. ``limits`` bound every body, whatever its type and method."""

    def __init__(self, app: ASGIApp, limits: BodyLimits) -> None:
        self._app = app
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        correlation_id = _correlation_id(headers)
        scope["correlation_id"] = correlation_id
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(correlation_id=correlation_id)
        started = time.perf_counter()
        status = 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                if 400 <= status < 500:
                    await take_back_stored(scope)
                _decorate(message, scope, correlation_id)
                _measure(scope, status, started)
            await send(message)

        async def refuse(error: DomainError) -> None:
            await problem_response(error, trace_id=correlation_id, instance=scope["path"])(scope, receive, sending)

        try:
            if "\x00" in scope["path"]:
                said = {"field": "path", "pointer": "path:", "message": "不能含有空字符（NUL）"}
                await refuse(DomainError("request_invalid", errors=[said | {"message_en": "Must not contain NUL"}]))
                return
            if has_body(headers):
                if media_type_of(headers) not in _BODY_TYPES:
                    await refuse(DomainError("media_type_unsupported", allowed="application/json"))
                    return
                receive = Body(scope, headers, receive, self._limits)
            await self._app(scope, receive, sending)
        except Exception:
            log.exception("request failed", path=scope["path"], method=scope["method"])
            if status:
                raise
            await refuse(DomainError("internal_error"))
        finally:
            if status >= 500 and scope["path"].startswith("/api/"):
                log.warning("answered", path=scope["path"], method=scope["method"], status=status)


def _correlation_id(headers: Headers) -> str:
    given = headers.get(CORRELATION_HEADER, "")
    return given if _CORRELATION.fullmatch(given) else os.urandom(16).hex()


def _decorate(message: Message, scope: Scope, correlation_id: str) -> None:
    """Adds what the answer does not say itself. Works on the raw pairs: this is done for every request."""
    headers: list[tuple[bytes, bytes]] = message["headers"]
    said = {name for name, _ in headers}
    headers.append((_CORRELATION_RAW, correlation_id.encode()))
    headers.extend(pair for pair in _ALWAYS if pair[0] not in said)
    if _CACHE[0] not in said and scope["path"].startswith("/api/"):
        headers.append(_CACHE)
    if scope.get("scheme") == "https":
        headers.append(_HTTPS_ONLY)


def _measure(scope: Scope, status: int, started: float) -> None:
    template = getattr(scope.get("route"), "path", None) or "(none)"
    _timer(scope["method"], template, status).observe(time.perf_counter() - started)


@lru_cache(maxsize=4096)
def _timer(method: str, template: str, status: int) -> Histogram:
    """One route's histogram, kept: finding it among its labels costs more than observing."""
    return HTTP_SECONDS.labels(method, template, str(status))
