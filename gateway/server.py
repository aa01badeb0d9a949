"""The HTTP server: what the application never sees is bounded here, and whose X-Forwarded-For is believed is said here.

A head has a size and a time; a connection that sends nothing is closed; the rest of a body that nobody wants is taken
for a moment, so that the client can read why, then the connection is closed.
"""

import asyncio
import os
from dataclasses import dataclass
from typing import Any

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from gateway.problems import problem_response
from gateway.settings import GatewaySettings
from kernel.model.errors import DomainError

LINGER_SECONDS = 5.0
MAX_HEADERS = 100


@dataclass(frozen=True)
class HeadLimits:
    """Of the request line and all headers together."""

    size_bytes: int
    seconds: float


class GuardedProtocol(HttpToolsProtocol):
    """One connection. `guarded` makes the class for a pair of limits."""

    limits: HeadLimits

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._in_head = False
        self._head_bytes = 0
        self._refusal = DomainError("request_malformed")
        self._head_timer: asyncio.TimerHandle | None = self.loop.call_later(self.limits.seconds, self._head_is_late)
        self._linger_timer: asyncio.TimerHandle | None = None

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_head_timer()
        self._stop_lingering()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._in_head:
            self._head_bytes += len(data)
            if self._head_bytes > self.limits.size_bytes:
                self._refuse(self._too_large())
                return
        at_rest = self.cycle is None or (self.cycle.response_complete and not self.cycle.more_body)
        if self._head_timer is None and (self._in_head or at_rest):  # blank lines between requests count too
            self._head_timer = self.loop.call_later(self.limits.seconds, self._head_is_late)

    def on_message_begin(self) -> None:
        self._in_head = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._head_bytes = 0
        self._stop_head_timer()
        size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        if size > self.limits.size_bytes or len(self.headers) > MAX_HEADERS:
            self._refusal = self._too_large()
            raise ValueError("head too large")  # the parser stops and `send_400_response` says why
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._stop_lingering()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.cycle.more_body and not self.transport.is_closing():
            self._linger_timer = self.loop.call_later(LINGER_SECONDS, self.transport.close)

    def send_400_response(self, msg: str) -> None:
        self._refuse(self._refusal)

    def _too_large(self) -> DomainError:
        return DomainError("head_too_large", limit=self.limits.size_bytes, headers=MAX_HEADERS)

    def _head_is_late(self) -> None:
        if self._in_head:
            self._refuse(DomainError("head_too_slow"))
        else:
            self.transport.close()

    def _refuse(self, error: DomainError) -> None:
        """Answers in the parser's place and closes."""
        if self.transport.is_closing():
            return
        response = problem_response(error, trace_id=os.urandom(16).hex())
        head = [STATUS_LINE[response.status_code], b"connection: close\r\n"]
        head += [name + b": " + value + b"\r\n" for name, value in response.raw_headers]
        self.transport.write(b"".join([*head, b"\r\n", bytes(response.body)]))
        self.transport.close()

    def _stop_head_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _stop_lingering(self) -> None:
        if self._linger_timer is not None:
            self._linger_timer.cancel()
            self._linger_timer = None


def guarded(limits: HeadLimits) -> type[GuardedProtocol]:
    return type("GuardedProtocol", (GuardedProtocol,), {"limits": limits})


def server_config(app: FastAPI, settings: GatewaySettings, **changes: Any) -> uvicorn.Config:
    """How the gateway is served, everywhere. ``changes``: for tests, another port."""
    limits = HeadLimits(settings.head_limit_bytes, settings.head_seconds)
    options: dict[str, Any] = {
        "host": settings.http_host,
        "port": settings.http_port,
        "loop": "uvloop",
        "http": guarded(limits),
        "ws": "none",
        "log_config": None,
        "access_log": False,
        "server_header": False,
        "proxy_headers": bool(settings.trusted_proxies),
        "forwarded_allow_ips": settings.trusted_proxies,
        "timeout_keep_alive": 30,
        "timeout_graceful_shutdown": settings.http_drain_seconds,
    }
    return uvicorn.Config(app, **(options | changes))
