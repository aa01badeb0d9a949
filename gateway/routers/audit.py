"""操作审计: who did what to what, and how it ended (GTW-02)."""

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel
from sqlalchemy import Select, select

from gateway.calls import Call, json_response, permitted
from gateway.paging import page
from gateway.tables import Outcome, audit_log
from kernel.contracts.paging import PageRequest
from kernel.model.period import days

router = APIRouter(prefix="/audit-log", tags=["操作审计"])


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
    """``outcome`` unknown: the write was begun and its end never written down (the gateway was killed)."""

    id: int
    at: datetime
    login: str
    name: str
    unit: str
    unit_name: str | None
    action: str
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


@router.get("", response_model=AuditPage, summary="操作审计")
async def audit(
    query: Annotated[AuditQuery, Query()], call: Annotated[Call, Depends(permitted("audit.view"))]
) -> Response:
    """Writes, exports and logins of one's own subtree, newest first."""
    if query.unit is not None:
        call.user.require_within(query.unit)
    async with call.gateway.engine.connect() as connection:
        found = await page(connection, _listing(call.user.unit, query), audit_log.c.id, query, descending=True)
    return json_response(call.named(found))


def _listing(own_unit: str, asked: AuditQuery) -> "Select[Any]":
    log = audit_log.c
    query = select(
        log.id, log.at, log.actor.label("login"), log.actor_name.label("name"), log.unit, log.action,
        log.target.label("subject"), log.details, log.outcome, log.status, log.code, log.address,
        log.correlation_id.label("trace_id"),
    ).where(log.unit.startswith(asked.unit or own_unit))  # fmt: skip
    period = days(asked.at_from, asked.at_to)
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
    if period.start:
        query = query.where(log.at >= period.start)
    return query.where(log.at < period.end) if period.end else query
