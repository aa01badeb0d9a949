"""Health, metrics, the catalogue of problems, and API documentation that needs no CDN."""

import asyncio
from functools import cache
from importlib.resources import files
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from gateway.calls import json_response
from gateway.context import Gateway
from gateway.problems import TITLES, status_of
from kernel.contracts.errors import CATALOGUE
from kernel.model.errors import DomainError

router = APIRouter(include_in_schema=False)
docs_router = APIRouter(include_in_schema=False)

_ASSETS = {"swagger-ui-bundle.js": "text/javascript", "swagger-ui.css": "text/css", "favicon.png": "image/png"}
_PAGE = """<!doctype html>
<html lang="zh"><head><meta charset="utf-8"><title>SimKeep API</title>
<link rel="stylesheet" href="/docs/assets/swagger-ui.css"><link rel="icon" href="/docs/assets/favicon.png"></head>
<body><div id="swagger-ui"></div>
<script src="/docs/assets/swagger-ui-bundle.js"></script><script src="/docs/assets/start.js"></script></body></html>
"""
_START = """window.ui = SwaggerUIBundle({
  url: '/openapi.json', dom_id: '#swagger-ui', deepLinking: true, docExpansion: 'none', validatorUrl: null,
});
"""


@router.get("/health/live")
async def live() -> Response:
    """The process serves requests; what it depends on is not asked."""
    return JSONResponse({"status": "ok"})


@router.get("/health/ready")
async def ready(request: Request) -> Response:
    """200 when broker and database answer, else 503 naming what is away."""
    gateway: Gateway = request.app.state.gateway
    parts = {"bus": gateway.bus.connected, "database": await gateway.database_answers()}
    return JSONResponse(
        {"status": "ok" if all(parts.values()) else "away", **parts}, 200 if all(parts.values()) else 503
    )


_FORWARDING = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """For Prometheus, which comes from a network named in the settings and not through the proxy of the world."""
    allowed = _networks(request.app.state.gateway.settings.metrics_from)
    if any(name in request.headers for name in _FORWARDING) or not _comes_from(request, allowed):
        raise DomainError("route_not_found")
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


@cache
def _networks(named: str) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(it.strip(), strict=False) for it in named.split(",") if it.strip())


def _comes_from(request: Request, networks: tuple[IPv4Network | IPv6Network, ...]) -> bool:
    try:
        address = ip_address(request.client.host if request.client else "")
    except ValueError:
        return False
    return any(address in network for network in networks)


@router.get("/problems")
async def problems() -> Response:
    """Every code that a problem document may carry."""
    return json_response({"items": [_entry(code) for code in sorted(CATALOGUE)]})


@router.get("/problems/{name}")
async def problem(name: str) -> Response:
    """What the ``type`` of a problem document points at."""
    code = name.replace("-", "_")
    if code not in CATALOGUE:
        raise DomainError("route_not_found")
    return json_response(_entry(code))


def _entry(code: str) -> dict[str, Any]:
    entry, status = CATALOGUE[code], status_of(code)
    return {"code": code, "status": status, "title": TITLES[status], "text": entry.zh, "text_en": entry.en}


@docs_router.get("/docs")
async def docs() -> Response:
    """Swagger UI from the installed wheel."""
    return HTMLResponse(_PAGE)


@docs_router.get("/docs/assets/{name}")
async def docs_asset(name: str) -> Response:
    """The UI's files; the starting script stands apart because the content security policy allows no inline one."""
    if name == "start.js":
        return Response(_START, media_type="text/javascript")
    if name not in _ASSETS:
        raise DomainError("route_not_found")
    try:
        content = (files("fastapi_offline") / "static" / name).read_bytes()
    except (ModuleNotFoundError, FileNotFoundError):
        return PlainTextResponse("not installed\n", 404)
    return Response(content, media_type=_ASSETS[name], headers={"Cache-Control": "public, max-age=86400"})


@docs_router.get("/openapi.json")
async def openapi(request: Request) -> Response:
    """The OpenAPI document. Writing it takes seconds of CPU: it is done once, and others are answered meanwhile."""
    app: FastAPI = request.app
    if app.state.document is None:
        app.state.document = asyncio.create_task(asyncio.to_thread(app.openapi))
    return json_response(await asyncio.shield(app.state.document))
