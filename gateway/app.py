"""Puts the gateway together: routes under /api/v1, documentation, health, the portal, and the edge around all."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig

from gateway import problems
from gateway.bodies import BodyLimits
from gateway.context import Gateway, build
from gateway.edge import Edge
from gateway.portal import install as install_portal
from gateway.rest import PREFIX
from gateway.routers import TOPICS, system
from gateway.settings import GatewaySettings

_NO_TELEMETRY: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False, "operation_spans": False}
"""FastAPI's own measuring costs more than a short request; gateway.edge measures what OPS-03 asks for."""

_DESCRIPTION = """SIM卡全生命周期管理接口。

登录：`POST /api/v1/auth/login` 取得 `access_token`，以 `Authorization: Bearer` 携带；系统对接使用接口密钥。
写操作请带 `Idempotency-Key`（24 小时内同一键同一内容得到同一应答）；修改须带 `If-Match`。
错误一律为 `application/problem+json`，`code` 稳定，见 `/problems`。
列表：`cursor`、`size`（至多 1000）、`sort`、`order`。"""


def create_app(settings: GatewaySettings | None = None, gateway: Gateway | None = None) -> FastAPI:
    """The ASGI application. Neither broker nor database need be there; RuntimeError names a missing setting."""
    settings = settings or GatewaySettings()
    gateway = gateway or build(settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with gateway.running():
            yield

    app = _Application(
        title="SimKeep",
        version="1.0.0",
        description=_DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        responses=_PROBLEMS,
        telemetry=_NO_TELEMETRY,
    )
    app.state.gateway = gateway
    app.state.document = None  # the OpenAPI document's task, once somebody has asked for it
    app.state.stopping = False  # event streams look at it, else the server would wait for them to end
    problems.install(app)
    for topic in TOPICS:
        app.include_router(topic.router, prefix=PREFIX)
    app.include_router(system.router)
    if settings.docs == "on":
        app.include_router(system.docs_router)
    install_portal(app)
    app.add_middleware(Edge, limits=_body_limits(settings))
    return app


def _body_limits(settings: GatewaySettings) -> BodyLimits:
    return BodyLimits(
        json_bytes=settings.json_limit_bytes,
        stranger_bytes=settings.stranger_limit_bytes,
        json_seconds=settings.body_seconds,
        upload_idle_seconds=settings.upload_idle_seconds,
        upload_seconds=settings.upload_seconds,
    )


class _Application(FastAPI):
    """FastAPI whose document says how to sign in; who asks is found by `gateway.calls`, not by FastAPI's own scheme."""

    def openapi(self) -> dict[str, Any]:
        document = super().openapi()
        document["components"]["securitySchemes"] = {
            "accessToken": {"type": "http", "scheme": "bearer", "description": "POST /api/v1/auth/login"},
            "apiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
        }
        document["security"] = [{"accessToken": []}, {"apiKey": []}]
        for path in ("login", "refresh"):
            document["paths"][f"{PREFIX}/auth/{path}"]["post"]["security"] = []
        return document


def _problem(description: str, code: str, status: int) -> dict[str, Any]:
    example = {
        "type": f"/problems/{code.replace('_', '-')}",
        "title": problems.TITLES[status],
        "status": status,
        "code": code,
        "detail": "…",
        "detail_en": "…",
        "params": {},
        "trace_id": "4f6c2f0b8a6d4c0e9d1b5a7e3c2f1a0b",
        "errors": [],
    }
    schema = {"type": "object", "required": ["type", "title", "status", "detail", "code", "trace_id"]}
    return {"description": description, "content": {problems.MEDIA_TYPE: {"schema": schema, "example": example}}}


_PROBLEMS: dict[int | str, dict[str, Any]] = {
    400: _problem("请求无法解析", "request_malformed", 400),
    401: _problem("未登录", "not_signed_in", 401),
    403: _problem("没有权限或超出单位范围", "permission_denied", 403),
    404: _problem("不存在", "card_not_found", 404),
    405: _problem("不支持的方法", "method_not_allowed", 405),
    408: _problem("请求发送过慢", "body_too_slow", 408),
    409: _problem("与当前状态冲突", "card_state_refused", 409),
    413: _problem("内容过大", "body_too_large", 413),
    415: _problem("不支持的内容类型", "media_type_unsupported", 415),
    422: _problem("请求内容有误", "request_invalid", 422),
    428: _problem("缺少前提条件（If-Match）", "precondition_required", 428),
    429: _problem("请求过于频繁", "login_throttled", 429),
    431: _problem("请求头过大", "head_too_large", 431),
    503: _problem("服务暂时不可用", "service_unavailable", 503),
    504: _problem("服务答复超时", "deadline_exceeded", 504),
}
