"""Notices in the portal: written with what they tell of, read by whoever of the unit holds the permission (WFL-03)."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, literal, select
from sqlalchemy.dialects.postgresql import insert

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.conditions import equals
from kernel.chassis.lists.spec import Asked, SelectList
from kernel.contracts.said import Said, word
from kernel.contracts.words_workflow import FORM_ACTIONS, FORM_STATES
from kernel.contracts.workflow.notices import (
    LIST_NOTICES,
    ListNotices,
    MarkedRead,
    MarkRead,
    NoticeView,
)
from kernel.model.actor import Actor
from services.workflow.lifecycles import STEPS, FormAction
from services.workflow.steps import ITSELF, next_parties
from services.workflow.tables import notification_reads, notifications

_N = notifications.c

TEXTS = {
    "window_closes": (
        "{month} 的开卡申请将于 {closes_at} 截止，本单位已填 {lines} 条",
        "Applications for {month} close at {closes_at}; your unit has {lines} lines",
    ),
    "handed_over": (
        "{month} 的开卡申请已汇总：{lines} 条，共 {quantity} 张",
        "The applications for {month} were handed over: {lines} lines, {quantity} cards",
    ),
    "form_moved": (
        "申请单 {number}：{by_name} 执行“{action_name}”，现为“{state_name}”{opinion}",
        "Form {number}: {by_name} did {action}; now {state}{opinion}",
    ),
    "form_not_issued": (
        "申请单 {number} 未能生成：{reason}",
        "Form {number} could not be made: {reason}",
    ),
    "signed_form_judged": (
        "申请单 {number} 的审核回传单：{verdict_name}{detail}",
        "The signed scan of form {number}: {verdict}{detail}",
    ),
    "cards_refused": (
        "申请单 {number} 上有 {count} 张卡不能销卡，请查看明细",
        "{count} cards of form {number} cannot follow; look at its cards",
    ),
    "usage_warned": (
        "流量规则“{name}”：{period} 有 {count} 张卡达到告警条件",
        "Usage rule “{name}”: {count} cards in {period}",
    ),
    "cards_reopened": (
        "申请单 {number} 上有 {count} 张已销卡在 {months} 仍有流量或费用，已重新办理销卡",
        "{count} terminated cards of form {number} had traffic or cost in {months}; their cases are open again",
    ),
    "month_reopened": (
        "{by_name} 重新开放了 {month} 的开卡申请，截止 {closes_at}，原因：{reason}",
        "{by_name} opened the applications for {month} again until {closes_at}: {reason}",
    ),
}


def notify(
    tx: Tx,
    kind: str,
    parties: Iterable[tuple[str, str]],
    *,
    now: datetime,
    number: str | None = None,
    params: dict[str, Any] | None = None,
) -> None:
    """Writes one notice per (unit, permission)."""
    rows = [
        {"unit": unit, "permission": permission, "kind": kind, "number": number, "params": params or {}, "at": now}
        for unit, permission in sorted(set(parties))
    ]
    if rows:
        tx.execute(notifications.insert(), rows)


def owner(form: Row[Any]) -> tuple[str, str]:
    """The party whose form it is."""
    return form.unit, STEPS[form.kind][FormAction.GENERATE].permission


def form_moved(
    tx: Tx, form: Row[Any], action: FormAction, *, to_state: str, by: Actor, now: datetime, opinion: str | None
) -> None:
    """Tells the form's owner and those whose turn it is; not the unit that did it, which knows."""
    parties = {*next_parties(form.kind, form.unit, to_state), owner(form)}
    params = moved_params(form.number, action, to_state=to_state, by_name=by.name, opinion=opinion)
    others = [party for party in parties if party[0] != by.unit]
    notify(tx, "form_moved", others, now=now, number=form.number, params=params)


def moved_params(number: str, action: str, *, to_state: str, by_name: str, opinion: str | None) -> dict[str, str]:
    """What the words of form_moved need; webhooks say the same sentence."""
    done, state = word(FORM_ACTIONS, action), word(FORM_STATES, to_state)
    return {
        "number": number,
        "by_name": by_name,
        "action": done.en,
        "action_name": done,
        "state": state.en,
        "state_name": state,
        "opinion": f"：{opinion}" if opinion else "",
    }


def mine(by: Actor) -> ColumnElement[bool]:
    """Notices meant for this actor."""
    return (_N.unit == by.unit) & _N.permission.in_(sorted(by.permissions))


def _read(by: Actor) -> ColumnElement[bool]:
    reads = notification_reads.c
    return select(reads.actor).where(reads.notification_id == _N.id, reads.actor == by.id).exists()


def unread_count(tx: Tx, by: Actor) -> int:
    """Notices that this actor has not marked as read."""
    return int(tx.execute(select(func.count()).select_from(notifications).where(mine(by), ~_read(by))).scalar_one())


def _matching(asked: Asked[ListNotices]) -> Select[Any]:
    query = select(notifications, _read(asked.by).label("read")).where(
        mine(asked.by), *equals(asked.request, {"kind": _N.kind})
    )
    return query.where(~_read(asked.by)) if asked.request.unread else query


def _items(asked: Asked[ListNotices], rows: Sequence[Row[Any]]) -> list[NoticeView]:
    return [
        NoticeView(
            id=row.id, kind=row.kind, text=words(row), number=row.number, at=row.at, read=row.read
        )
        for row in rows
    ]


NOTICES = SelectList(
    method=LIST_NOTICES, title="消息", matching=_matching, items=_items, key=_N.id, newest_first=True
)
list_notices = NOTICES.answer
"""The actor's notices, newest first."""


def words(row: Row[Any]) -> Said:
    """A notice's text."""
    zh, en = TEXTS[row.kind]
    return Said(zh.format(**row.params), en.format(**_in_english(row.params)))


def _in_english(params: dict[str, Any]) -> dict[str, Any]:
    """What is said of the service itself, of findings, and before an opinion; names and opinions stay as written."""
    said = dict(params)
    if "detail" in said:
        said["detail"] = said.get("detail_en", "")
    if said.get("by_name") == ITSELF.name:
        said["by_name"] = "the system"
    if str(said.get("opinion", "")).startswith("："):
        said["opinion"] = ": " + said["opinion"][1:]
    return said


def mark_read(tx: Tx, request: MarkRead, *, by: Actor, now: datetime) -> MarkedRead:
    """Marks the actor's own notices; others' ids are passed over, as if they did not exist."""
    chosen = select(_N.id, literal(by.id), literal(now, _N.at.type)).where(mine(by), ~_read(by))
    if request.ids is not None:
        chosen = chosen.where(_N.id.in_(request.ids))
    marked = (
        insert(notification_reads)
        .from_select(["notification_id", "actor", "at"], chosen)
        .on_conflict_do_nothing()
        .returning(notification_reads.c.notification_id)
    )
    return MarkedRead(done=len(tx.execute(marked).all()))
