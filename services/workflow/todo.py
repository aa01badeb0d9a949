"""What waits for a person: counts for the portal's menu and dashboard (WFL-03)."""

from datetime import datetime

from sqlalchemy import func, select

from kernel.chassis.data.unit_of_work import Tx
from kernel.contracts.said import Said, word
from kernel.contracts.words_workflow import FORM_KINDS, FORM_STATES
from kernel.contracts.workflow.notices import GetTodo, Todo, TodoItem
from kernel.model.actor import Actor
from kernel.model.unit import Level
from services.workflow import notices, window
from services.workflow.form_list import waits_for
from services.workflow.forms import visible
from services.workflow.lifecycles import (
    APPLICATION_STEP,
    OPENINGS,
    STEPS,
    FormAction,
    FormKind,
)
from services.workflow.tables import applications, city_lines, forms, hand_overs

_F = forms.c
_PLACES = {Level.PROVINCE: "province", Level.CITY: "city", Level.COUNTY: "county"}


def get_todo(tx: Tx, request: GetTodo, *, by: Actor, now: datetime) -> Todo:
    """Only what this actor himself may do next, by his level and permissions."""
    items = [*_applying(tx, by, now), *_summarising(tx, by), *_forms(tx, by)]
    return Todo(items=items, total=sum(item.count for item in items), unread=notices.unread_count(tx, by))


def _forms(tx: Tx, by: Actor) -> list[TodoItem]:
    counted = tx.execute(
        select(_F.kind, _F.state, func.count().label("n"), func.min(_F.state_since).label("since"))
        .where(visible(by), waits_for(by))
        .group_by(_F.kind, _F.state)
        .order_by(_F.kind, _F.state)
    )
    place = _PLACES.get(Level(len(by.unit)), "county") if by.unit else ""
    return [
        TodoItem(
            key=f"{row.kind}.{row.state}",
            label=_label(row.kind, row.state),
            page=f"{'activation' if row.kind in OPENINGS else 'termination'}_{place}",
            count=row.n,
            filters={"kind": [row.kind], "state": [row.state], "mine": True},
            since=row.since,
        )
        for row in counted
    ]


def _label(kind: str, state: str) -> Said:
    of, now = word(FORM_KINDS, kind), word(FORM_STATES, state)
    return Said(f"{of}：{now}", f"{of.en}: {now.en}")


def _applying(tx: Tx, by: Actor, now: datetime) -> list[TodoItem]:
    """A county that has no line yet while the window is open."""
    if len(by.unit) != Level.COUNTY or APPLICATION_STEP.permission not in by.permissions:
        return []
    rules, month = window.load(tx), window.month_open(tx, now)
    if window.closed(tx, rules, month, now):
        return []
    lines = tx.execute(
        select(func.count()).where(applications.c.unit == by.unit, applications.c.month == month)
    ).scalar_one()
    if lines:
        return []
    label = Said(f"{month} 开卡申请待填报", f"Card application for {month} to be filled in")
    since = window.period_of(tx, rules, month, now).start
    return [
        TodoItem(key="apply", label=label, page="activation_county", count=1, filters={"month": month}, since=since)
    ]


def _summarising(tx: Tx, by: Actor) -> list[TodoItem]:
    """Months of a city whose lines stand on no form yet."""
    permission = STEPS[FormKind.CITY_OPENING][FormAction.GENERATE].permission
    if len(by.unit) != Level.CITY or permission not in by.permissions:
        return []
    lines = city_lines.c
    months = tx.execute(
        select(lines.month, func.count().label("n"), func.min(hand_overs.c.due_at).label("since"))
        .outerjoin(hand_overs, hand_overs.c.month == lines.month)
        .where(lines.unit == by.unit, lines.form_id.is_(None))
        .group_by(lines.month)
        .order_by(lines.month)
    )
    return [
        TodoItem(
            key=f"city_lines.{row.month}",
            label=Said(f"{row.month} 市级汇总待生成申请单", f"City summary of {row.month} to be put on a form"),
            page="activation_city",
            count=row.n,
            filters={"month": row.month, "state": "submitted_to_city"},
            since=row.since,
        )
        for row in months
    ]
