"""操作审计: who did what to what, and how it ended (GTW-02)."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel
from sqlalchemy import Select, String, cast, select

from gateway.acts_said import name_acts
from gateway.calls import Call, json_response, language_of, permitted
from gateway.paging import page
from gateway.tables import Outcome, audit_log
from kernel.contracts.paging import PageRequest
from kernel.model.period import days
from kernel.model.unit import Level

router = APIRouter(tags=["操作审计"])


class AuditQuery(PageRequest):
    """``unit``: its subtree; ``action``: the beginning, e.g. ``inventory.``; days are business days, both included."""

    unit: str | None = None
    login: str | None = None
    action: str | None = None
    subject: str | None = None
    outcome: Outcome | None = None
    trace_id: str | None = None
    at_from: date | None = None
    at_to: date | None = None


class Entry(BaseModel):
    """``action_name``: what the act is called.

    ``outcome`` unknown: the write was begun and its end never written down (the gateway was killed).
    """

    id: int
    at: datetime
    login: str
    name: str
    unit: str
    unit_name: str | None
    action: str
    action_name: str
    subject: str
    details: dict[str, Any]
    outcome: Outcome
    status: int | None
    code: str | None
    address: str | None
    trace_id: str


class AuditPage(BaseModel):
    items: list[Entry]
    total: int
    total_is: str
    next_cursor: str | None
    previous_cursor: str | None


@router.get("/audit-log", response_model=AuditPage, summary="操作审计")
async def audit(
    query: Annotated[AuditQuery, Query()], call: Annotated[Call, Depends(permitted("audit.view"))]
) -> Response:
    """Writes, exports and logins of one's own subtree, newest first."""
    if query.unit is not None:
        call.user.require_within(query.unit)
    async with call.gateway.engine.connect() as connection:
        found = await page(connection, _listing(call.user.unit, query), audit_log.c.id, query, descending=True)
    name_acts(call.request.app, found["items"], language_of(call.request))
    return json_response(call.named(found))


class FailedLoginsQuery(PageRequest):
    """``login``: the beginning; days are business days, both included."""

    login: str | None = None
    address: str | None = None
    at_from: date | None = None
    at_to: date | None = None


class FailedLogin(BaseModel):
    """``status`` 401: wrong login or password; 429: told to wait. ``unit`` empty: nobody has this login."""

    id: int
    at: datetime
    login: str
    name: str
    unit: str
    unit_name: str | None
    address: str | None
    status: Literal["401", "429"]


class FailedLoginPage(BaseModel):
    items: list[FailedLogin]
    total: int
    total_is: str
    next_cursor: str | None
    previous_cursor: str | None


@router.get("/failed-logins", response_model=FailedLoginPage, summary="登录失败")
async def failed_logins(
    query: Annotated[FailedLoginsQuery, Query()], call: Annotated[Call, Depends(permitted("people.manage"))]
) -> Response:
    """Of one's own people, newest first; a province also sees those under logins that nobody has."""
    async with call.gateway.engine.connect() as connection:
        found = await page(connection, _failures(call.user.unit, query), audit_log.c.id, query, descending=True)
    return json_response(call.named(found))


def _failures(own_unit: str, asked: FailedLoginsQuery) -> "Select[Any]":
    log = audit_log.c
    visible = log.unit.startswith(own_unit)
    if len(own_unit) == Level.PROVINCE:
        visible |= log.unit == ""
    query = select(
        log.id,
        log.at,
        log.actor.label("login"),
        log.actor_name.label("name"),
        log.unit,
        log.address,
        cast(log.status, String).label("status"),
    ).where(log.action == "auth.login", log.outcome == "refused", visible)
    if asked.login:
        query = query.where(log.actor.startswith(asked.login.lower(), autoescape=True))
    if asked.address:
        query = query.where(log.address == asked.address)
    return _between(query, asked.at_from, asked.at_to)


def _between(query: "Select[Any]", first: date | None, last: date | None) -> "Select[Any]":
    period = days(first, last)
    if period.start is not None:
        query = query.where(audit_log.c.at >= period.start)
    if period.end is not None:
        query = query.where(audit_log.c.at < period.end)
    return query


def _listing(own_unit: str, asked: AuditQuery) -> "Select[Any]":
    log = audit_log.c
    query = select(
        log.id, log.at, log.actor.label("login"), log.actor_name.label("name"), log.unit, log.action,
        log.target.label("subject"), log.details, log.outcome, log.status, log.code, log.address,
        log.correlation_id.label("trace_id"),
    ).where(log.unit.startswith(asked.unit or own_unit))  # fmt: skip
    if asked.login:
        query = query.where(log.actor == asked.login)
    if asked.action:
        query = query.where(log.action.startswith(asked.action, autoescape=True))
    if asked.subject:
        query = query.where(log.target.contains(asked.subject, autoescape=True))
    if asked.outcome:
        query = query.where(log.outcome == asked.outcome)
    if asked.trace_id:
        query = query.where(log.correlation_id == asked.trace_id)
    return _between(query, asked.at_from, asked.at_to)
