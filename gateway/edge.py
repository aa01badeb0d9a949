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

from gateway.metrics import HTTP_SECONDS
from gateway.problems import problem_response
from gateway.uploads import too_large
from kernel.chassis.process import logs
from kernel.model.errors import DomainError

log = logs.get(__name__)

CORRELATION_HEADER = "X-Correlation-Id"
_CORRELATION = re.compile(r"[A-Za-z0-9._-]{8,64}")
_BODY_METHODS = frozenset({"POST", "PUT", "PATCH"})

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
    """Wraps the application. ``json_limit_bytes`` bounds every body that is no upload."""

    def __init__(self, app: ASGIApp, json_limit_bytes: int) -> None:
        self._app = app
        self._json_limit_bytes = json_limit_bytes

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
                _decorate(message, scope, correlation_id)
                _measure(scope, status, started)
            await send(message)

        async def refuse(error: DomainError) -> None:
            await problem_response(error, trace_id=correlation_id, instance=scope["path"])(scope, receive, sending)

        try:
            refusal = self._refusal(scope, headers)
            if refusal is not None:
                await refuse(refusal)
                return
            await self._app(scope, self._bounded(scope, headers, receive), sending)
        except Exception:
            log.exception("request failed", path=scope["path"], method=scope["method"])
            if status:
                raise
            await refuse(DomainError("internal_error"))
        finally:
            if status >= 500 and scope["path"].startswith("/api/"):
                log.warning("answered", path=scope["path"], method=scope["method"], status=status)

    def _refusal(self, scope: Scope, headers: Headers) -> DomainError | None:
        """What can be told from the head alone."""
        if scope["method"] not in _BODY_METHODS:
            return None
        length = headers.get("content-length")
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        has_body = (length is not None and length != "0") or "transfer-encoding" in headers
        if has_body and kind not in ("application/json", "multipart/form-data"):
            return DomainError("media_type_unsupported", allowed="application/json")
        declared = int(length) if length is not None and length.isdigit() else 0
        if kind != "multipart/form-data" and declared > self._json_limit_bytes:
            return too_large(self._json_limit_bytes)
        return None

    def _bounded(self, scope: Scope, headers: Headers, receive: Receive) -> Receive:
        """Counts a body that came without its length; uploads count for themselves."""
        if scope["method"] not in _BODY_METHODS or "content-length" in headers:
            return receive
        if headers.get("content-type", "").startswith("multipart/form-data"):
            return receive
        received = 0

        async def counting() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._json_limit_bytes:
                raise too_large(self._json_limit_bytes)
            return message

        return counting


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
