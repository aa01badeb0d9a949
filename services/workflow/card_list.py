"""查看明细: the frozen list with every card as it is now, and what changed since submission (TER-05, TER-09)."""

from collections import defaultdict
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, case, func, or_, select

from kernel.chassis.data.unit_of_work import Tx
from kernel.contracts.workflow.termination import FormCard, FormCardPage, ListFormCards, Reopening
from kernel.model.actor import Actor
from services.workflow import catalogue
from services.workflow.forms import find
from services.workflow.listing import begins, equals, listed, totals
from services.workflow.scrap_list import refusal_text
from services.workflow.tables import cards, form_cards, reopenings

_C, _K = form_cards.c, cards.c
# Once the carrier has answered, or the card is off the form, it goes its own way: nothing to warn an approver of.
_WATCHED = and_(_C.open, _C.answered_at.is_(None))
_DIFFERS = {
    "unit": and_(_WATCHED, _C.unit_then.isnot(None), _C.unit_then != _K.owner_unit),
    "state": and_(_WATCHED, _C.state_then.isnot(None), _C.state_then != _K.state),
}
_CHANGED = or_(*_DIFFERS.values())


def list_form_cards(
    tx: Tx, request: ListFormCards, *, by: Actor, now: datetime, language: str = "zh"
) -> FormCardPage:
    """Cards of a termination form, in its order. Raises form_not_found, sort_unknown, cursor_invalid."""
    form = find(tx, request.number, by)
    query = (
        select(
            form_cards,
            _K.msisdn,
            _K.carrier,
            _K.card_spec,
            _K.reason,
            _K.owner_unit,
            _K.state,
            *[case((differs, True), else_=False).label(f"{name}_differs") for name, differs in _DIFFERS.items()],
        )
        .join(cards, _K.iccid == _C.iccid)
        .where(_C.form_id == form.id, _C.removed_at.is_(None))
    )
    counts = tx.execute(
        select(_C.follow, func.count().label("n"), func.count().filter(_CHANGED).label("changed"))
        .join(cards, _K.iccid == _C.iccid)
        .where(_C.form_id == form.id, _C.removed_at.is_(None))
        .group_by(_C.follow)
    ).all()
    query = query.where(
        *equals(request, {"carrier": _K.carrier, "follow": _C.follow}), *begins(_C.iccid, request.iccid)
    )
    if request.changed is not None:
        query = query.where(_CHANGED if request.changed else ~_CHANGED)
    if request.reopened is not None:
        query = query.where(_C.reopened_at.isnot(None) if request.reopened else _C.reopened_at.is_(None))
    found = listed(tx, query, request, by=by, sorts={"row": _C.row_no, "iccid": _C.iccid}, key=_C.id)
    (total,) = totals(tx, query.with_only_columns(_C.id))
    evidence = _reopenings(tx, [row.id for row in found.rows])
    return FormCardPage(
        items=[_card(row, evidence[row.id], language) for row in found.rows],
        total=total,
        counts={row.follow: row.n for row in counts},
        changed=sum(row.changed for row in counts),
        next_cursor=found.next_cursor,
        previous_cursor=found.previous_cursor,
    )


def _reopenings(tx: Tx, ids: list[int]) -> defaultdict[int, list[Reopening]]:
    """By line, oldest first."""
    found: defaultdict[int, list[Reopening]] = defaultdict(list)
    for row in tx.execute(
        select(reopenings).where(reopenings.c.form_card_id.in_(ids)).order_by(reopenings.c.id)
    ).mappings():
        amounts = {name: None if row[name] is None else f"{row[name]:f}" for name in ("traffic_mb", "cost")}
        found[row["form_card_id"]].append(Reopening.model_validate(dict(row) | amounts))
    return found


def _card(row: Row[Any], evidence: list[Reopening], language: str) -> FormCard:
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
        refusal=refusal_text(row, language),
        answered_at=row.answered_at,
        cost=last.cost if last else None,
        reopened_month=last.month if last else None,
        reopened_traffic_mb=last.traffic_mb if last else None,
        reopened_remark=last.remark if last else None,
        reopened_by=last.by_name if last else None,
        reopened_at=last.at if last else None,
        reopenings=evidence,
    )
