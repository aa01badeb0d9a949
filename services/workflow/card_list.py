"""查看明细: the frozen list with every card as it is now, and what changed since submission (TER-05, TER-09)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, case, func, or_, select

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.columns import Column, number, unit_columns
from kernel.chassis.lists.conditions import begins, equals
from kernel.chassis.lists.paging import KeyColumn
from kernel.chassis.lists.spec import Asked, SelectList
from kernel.contracts.words import chinese
from kernel.contracts.words_workflow import CHANGED_FIELDS
from kernel.contracts.workflow.termination import LIST_FORM_CARDS, FormCard, ListFormCards, Reopening
from services.workflow import catalogue
from services.workflow.forms import find
from services.workflow.listing import CARD, CARD_STATES, CATALOGUES, FOLLOWING
from services.workflow.scrap_list import refusal_text
from services.workflow.tables import card_terminals, cards, form_cards, reopenings

_C, _K, _T = form_cards.c, cards.c, card_terminals.c
# Once the carrier has answered, or the card is off the form, it goes its own way: nothing to warn an approver of.
_WATCHED = and_(_C.open, _C.answered_at.is_(None))
_DIFFERS = {
    "unit": and_(_WATCHED, _C.unit_then.isnot(None), _C.unit_then != _K.owner_unit),
    "state": and_(_WATCHED, _C.state_then.isnot(None), _C.state_then != _K.state),
}
_CHANGED = or_(*_DIFFERS.values())


def _of_form(asked: Asked[ListFormCards]) -> ColumnElement[bool]:
    form = find(asked.tx, asked.request.number, asked.by)
    return and_(_C.form_id == form.id, _C.removed_at.is_(None))


def _matching(asked: Asked[ListFormCards]) -> Select[Any]:
    request = asked.request
    query = (
        select(
            form_cards,
            _K.msisdn,
            _K.carrier,
            _K.card_spec,
            _K.reason,
            _K.owner_unit,
            _K.state,
            _T.terminal,
            _T.left_at,
            *[case((differs, True), else_=False).label(f"{name}_differs") for name, differs in _DIFFERS.items()],
        )
        .join(cards, _K.iccid == _C.iccid)
        .outerjoin(card_terminals, _T.iccid == _C.iccid)
        .where(
            _of_form(asked),
            *equals(request, {"carrier": _K.carrier, "follow": _C.follow}),
            *begins(_C.iccid, request.iccid),
        )
    )
    if request.changed is not None:
        query = query.where(_CHANGED if request.changed else ~_CHANGED)
    if request.reopened is not None:
        query = query.where(_C.reopened_at.isnot(None) if request.reopened else _C.reopened_at.is_(None))
    return query


def _items(asked: Asked[ListFormCards], rows: Sequence[Row[Any]]) -> list[FormCard]:
    evidence = _reopenings(asked.tx, [row.id for row in rows])
    return [_card(row, evidence[row.id]) for row in rows]


def _counts(asked: Asked[ListFormCards], _: Mapping[str, int]) -> dict[str, Any]:
    """Of all cards of the form, whatever is asked of them."""
    counts = asked.tx.execute(
        select(_C.follow, func.count().label("n"), func.count().filter(_CHANGED).label("changed"))
        .join(cards, _K.iccid == _C.iccid)
        .where(_of_form(asked))
        .group_by(_C.follow)
    ).all()
    return {"counts": {row.follow: row.n for row in counts}, "changed": sum(row.changed for row in counts)}


def _changes(card: FormCard) -> str:
    return "、".join(_CHANGES[name] for name in card.changed)


_CHANGES = chinese(CHANGED_FIELDS)

FORM_CARDS = SelectList(
    method=LIST_FORM_CARDS,
    title="销卡申请单明细",
    resource="forms/cards",
    matching=_matching,
    items=_items,
    key=_C.id,
    sorts={"row": KeyColumn(_C.row_no, nullable=bool(_C.row_no.nullable)), "iccid": _C.iccid},
    more=_counts,
    words=CATALOGUES,
    columns=(
        number("row", "序号", width=8),
        *CARD,
        Column("reason", "报废原因", width=30),
        *unit_columns("unit_then", "提交时单位"),
        Column("state_then", "提交时状态", words=CARD_STATES, width=12),
        *unit_columns("unit_now", "现单位"),
        Column("state_now", "现状态", words=CARD_STATES, width=12),
        Column("changed", "变化", made=_changes, width=14),
        Column("follow", "销卡进度", words=FOLLOWING, width=12),
        Column("refusal", "不能销卡的原因", width=30),
        Column("answered_at", "登记时间"),
        Column("terminal", "终端资产编号"),
        Column("terminal_left_at", "离开终端时间"),
        Column("last_traffic_at", "最近流量时间"),
        Column("reopened_month", "销卡后流量月份", width=14),
        Column("reopened_traffic_mb", "销卡后流量（MB）", width=14),
        Column("cost", "费用（元）", width=12),
        Column("reopened_remark", "销卡后流量说明", width=30),
        Column("reopened_by", "重新办理人", width=12),
        Column("reopened_at", "重新办理时间"),
    ),
)
list_form_cards = FORM_CARDS.answer
"""Cards of a termination form, in its order."""


def _reopenings(tx: Tx, ids: list[int]) -> defaultdict[int, list[Reopening]]:
    """By line, oldest first."""
    found: defaultdict[int, list[Reopening]] = defaultdict(list)
    for row in tx.execute(
        select(reopenings).where(reopenings.c.form_card_id.in_(ids)).order_by(reopenings.c.id)
    ).mappings():
        amounts = {name: None if row[name] is None else f"{row[name]:f}" for name in ("traffic_mb", "cost")}
        found[row["form_card_id"]].append(Reopening.model_validate(dict(row) | amounts))
    return found


def _card(row: Row[Any], evidence: list[Reopening]) -> FormCard:
    last = evidence[-1] if evidence else None
    return FormCard(
        row=row.row_no,
        iccid=row.iccid,
        msisdn=row.msisdn,
        carrier=row.carrier,
        card_spec=row.card_spec,
        reason=catalogue.printable_reason(row.reason),
        unit_then=row.unit_then or row.owner_unit,
        state_then=row.state_then or row.state,
        unit_now=row.owner_unit,
        state_now=row.state,
        changed=[name for name in _DIFFERS if row._mapping[f"{name}_differs"]],
        follow=row.follow,
        refusal_code=row.refusal_code if row.follow == "refused" else None,
        refusal=refusal_text(row),
        answered_at=row.answered_at,
        terminal=row.terminal,
        terminal_left_at=row.left_at,
        cost=last.cost if last else None,
        reopened_month=last.month if last else None,
        reopened_traffic_mb=last.traffic_mb if last else None,
        reopened_remark=last.remark if last else None,
        reopened_by=last.by_name if last else None,
        reopened_at=last.at if last else None,
        reopenings=evidence,
    )
