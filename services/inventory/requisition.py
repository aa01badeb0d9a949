"""领用: cards go from stock to a crew, by list or by range, each with its own answer (INV-04)."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import select

from kernel.chassis.listing import listed, within
from kernel.chassis.unit_of_work import Tx
from kernel.contracts.errors import text
from kernel.contracts.inventory.acts import (
    IssueAnswer,
    IssueCards,
    ListRequisitions,
    RefusedCard,
    RequisitionPage,
    RequisitionView,
)
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from kernel.model.number_range import NumberRange
from kernel.model.unit import check_unit, is_within
from services.inventory.allocation import IN_RANGE, range_params
from services.inventory.bulk import (
    SCOPE,
    Card,
    Refusal,
    choose,
    lifecycle_guard,
    scope_params,
    state_refusal,
)
from services.inventory.lifecycle import CardAction, CardState
from services.inventory.movement import Movement, Reference, Selection, by_ids, move_cards
from services.inventory.tables import requisitions

NAMED = 1000
"""How many refused cards of a range an answer names; the count tells of all."""

_OWNED_ABOVE = "starts_with(CAST(:unit AS text), cards.owner_unit)"

_NOT_ISSUED = f"""
SELECT iccid, state, owner_unit, count(*) OVER () AS found FROM cards
WHERE {IN_RANGE} AND {SCOPE}
  AND NOT EXISTS (SELECT FROM run_log WHERE card_id = cards.id AND run_log.version = cards.version
                  AND change_id = :change_id)
ORDER BY iccid LIMIT {NAMED}
"""

Move = Callable[[Selection], Movement]


def issue(tx: Tx, request: IssueCards, *, by: Actor, now: datetime, language: str = "zh") -> IssueAnswer:
    """in_stock > pending_install for ``unit``; the requisition keeps unit, recipient and phone.

    Cards that cannot go are named with their reason and stay. Raises unit_malformed, unit_out_of_scope, range_*,
    range_empty. No card issued: no requisition. Publishes cards_issued.
    """
    check_unit(request.unit)
    by.require_within(request.unit)
    requisition_id = tx.execute("SELECT nextval(pg_get_serial_sequence('requisitions', 'id'))").scalar_one()

    def move(selection: Selection) -> Movement:
        return move_cards(
            tx,
            CardAction.ISSUE,
            selection,
            by=by,
            now=now,
            reference=Reference("requisition", str(requisition_id)),
            sets={
                "issued_to_unit": request.unit,
                "recipient": request.recipient,
                "recipient_phone": request.phone,
            },
        )

    act = _issue_listed if request.iccids is not None else _issue_range
    moved, refused_count, refused = act(tx, request, move, by, language)
    if moved.count:
        _record(tx, request, requisition_id, moved, by=by, now=now)
    return IssueAnswer(
        done=moved.count,
        refused_count=refused_count,
        refused=refused,
        requisition_id=requisition_id if moved.count else None,
    )


def _owner_refusal(owner_unit: str, unit: str) -> Refusal | None:
    if is_within(unit, owner_unit):
        return None
    return "card_not_for_unit", {"owner_unit": owner_unit, "unit": unit}


def _issue_listed(
    tx: Tx, request: IssueCards, move: Move, by: Actor, language: str
) -> tuple[Movement, int, list[RefusedCard]]:
    chosen = choose(tx, request.iccids or (), by=by).check(lifecycle_guard(CardAction.ISSUE))

    def owned(card: Card) -> Refusal | None:
        return _owner_refusal(card.owner_unit, request.unit)

    chosen.check(owned)
    moved = move(by_ids(chosen.ids())) if chosen.able else Movement(None, 0)
    answer = chosen.answer(moved.count, language)
    return moved, answer.refused_count, answer.refused


def _issue_range(
    tx: Tx, request: IssueCards, move: Move, by: Actor, language: str
) -> tuple[Movement, int, list[RefusedCard]]:
    numbers = NumberRange.parse(request.start_iccid or "", request.end_iccid or "")
    params: dict[str, Any] = range_params(numbers)
    moved = move(Selection(f"{IN_RANGE} AND {_OWNED_ABOVE}", {**params, "unit": request.unit}))
    rows = tx.execute(_NOT_ISSUED, {**params, **scope_params(by), "change_id": moved.change_id or 0}).all()
    if not moved.count and not rows:
        raise DomainError("range_empty")
    refused = []
    for row in rows:
        refusal = _owner_refusal(row.owner_unit, request.unit) if row.state == CardState.IN_STOCK else None
        code, said = refusal or state_refusal(row.state, CardAction.ISSUE)
        refused.append(RefusedCard(iccid=row.iccid, code=code, message=text(code, said, language)))
    return moved, rows[0].found if rows else 0, refused


def _record(tx: Tx, request: IssueCards, requisition_id: int, moved: Movement, *, by: Actor, now: datetime) -> None:
    tx.execute(
        requisitions.insert().values(
            id=requisition_id,
            issued_at=now,
            unit=request.unit,
            recipient=request.recipient,
            phone=request.phone,
            card_count=moved.count,
            recorded_by=by.name,
            change_id=moved.change_id,
        )
    )


def list_requisitions(tx: Tx, request: ListRequisitions, *, by: Actor, now: datetime) -> RequisitionPage:
    """领用 records of the actor's subtree, newest first. ``recipient``: the whole or the beginning.

    Raises sort_unknown, cursor_invalid, unit_out_of_scope.
    """
    columns = requisitions.c
    unit = by.unit
    if request.unit is not None:
        unit = check_unit(request.unit)
        by.require_within(unit)
    query = select(requisitions).where(within(columns.unit, unit))
    if request.recipient:
        query = query.where(columns.recipient.startswith(request.recipient, autoescape=True))
    rows, total = listed(tx, query, request, columns.id, by=by)
    return RequisitionPage(
        items=[RequisitionView.model_validate(dict(row._mapping)) for row in rows.rows],
        total=total,
        next_cursor=rows.next_cursor,
        previous_cursor=rows.previous_cursor,
    )
