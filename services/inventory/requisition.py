"""领用: cards go from stock to a crew, by list or by range, each with its own answer (INV-04)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Select, select

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.jobs.context import JobContext
from kernel.chassis.lists.columns import Column, number, unit_columns
from kernel.chassis.lists.conditions import begins, scope
from kernel.chassis.lists.spec import Asked, SelectList
from kernel.contracts.inventory.acts import (
    LIST_REQUISITIONS,
    IssueAnswer,
    IssueCards,
    ListRequisitions,
    RefusedCard,
    RequisitionView,
)
from kernel.contracts.said import say
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from kernel.model.number_range import NumberRange
from kernel.model.unit import check_unit, is_within
from services.inventory import large_acts
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
from services.inventory.range_gaps import IN_RANGE, Gaps, gaps, range_params, require_check_digits
from services.inventory.tables import requisitions

NAMED = 1000
"""How many refused cards of a range an answer names; the count tells of all."""

REQUISITION_JOB = "requisition"

_OWNED_ABOVE = "starts_with(CAST(:unit AS text), cards.owner_unit)"

_FOUND = f"""
SELECT count(*) FILTER (WHERE state = 'in_stock' AND {_OWNED_ABOVE}) AS able, count(*) AS found,
       coalesce(max(length(iccid)), 0) AS longest
FROM cards WHERE {IN_RANGE} AND {SCOPE}
"""

_NOT_ISSUED = f"""
SELECT iccid, state, owner_unit, count(*) OVER () AS found FROM cards
WHERE {IN_RANGE} AND {SCOPE}
  AND NOT EXISTS (SELECT FROM run_log JOIN changes ON changes.id = run_log.change_id
                  WHERE card_id = cards.id AND run_log.version = cards.version
                  AND changes.reference_kind = 'requisition' AND changes.reference_id = :requisition)
ORDER BY iccid LIMIT {NAMED}
"""

Move = Callable[[Selection], Movement]


def issue(tx: Tx, request: IssueCards, *, by: Actor, now: datetime) -> IssueAnswer:
    """in_stock > pending_install for ``unit``; the requisition keeps unit, recipient and phone. Very many cards are
    issued by a job.

    Cards that cannot go are named with their reason and stay. Raises unit_malformed, unit_out_of_scope, range_*,
    range_empty. No card issued: no requisition. Publishes cards_issued.
    """
    check_unit(request.unit)
    by.require_within(request.unit)
    if request.iccids is None:
        numbers = _numbers(tx, request)
        if large_acts.is_large(_found(tx, numbers, request, by).able):
            title = f"领用 {request.recipient} {numbers.start} - {numbers.end}"
            job_id = large_acts.begin(tx, REQUISITION_JOB, title, request, by)
            return IssueAnswer(done=0, refused_count=0, refused=[], requisition_id=None, job_id=job_id)
    return _issue(tx, request, move_cards, by=by, now=now).answer()


def run_requisition(job: JobContext) -> None:
    """The job of very many cards; those that cannot go are its refused rows, the first NAMED of them."""
    request = IssueCards.model_validate(job.request)
    with job.unit_of_work() as tx:
        job.actor.require_within(request.unit)
        issued = _issue(tx, request, large_acts.in_slices(job.progress), by=job.actor, now=job.now())
        for number, (iccid, (code, params)) in enumerate(issued.refused, start=1):
            job.refuse(number, iccid, code, **params)
        job.complete(tx, issued.answer())


@dataclass(frozen=True)
class _Issued:
    """What became of a request; ``refused``: ICCID as sent and why, of a range the first NAMED."""

    moved: Movement
    refused_count: int
    refused: list[tuple[str, Refusal]]
    requisition_id: int
    lacking: Gaps = field(default_factory=Gaps)

    def answer(self) -> IssueAnswer:
        return IssueAnswer(
            done=self.moved.count,
            refused_count=self.refused_count,
            refused=[
                RefusedCard(iccid=iccid, code=code, message=say(code, params))
                for iccid, (code, params) in self.refused
            ],
            requisition_id=self.requisition_id if self.moved.count else None,
            missing=self.lacking.missing,
            missing_first=self.lacking.first,
        )


def _issue(tx: Tx, request: IssueCards, move: large_acts.Move, *, by: Actor, now: datetime) -> _Issued:
    requisition_id = tx.execute("SELECT nextval(pg_get_serial_sequence('requisitions', 'id'))").scalar_one()
    to_crew = partial(
        move,
        tx,
        CardAction.ISSUE,
        by=by,
        now=now,
        reference=Reference("requisition", str(requisition_id)),
        sets={"issued_to_unit": request.unit, "recipient": request.recipient, "recipient_phone": request.phone},
    )
    act = _issue_listed if request.iccids is not None else _issue_range
    issued = act(tx, request, to_crew, requisition_id, by)
    if issued.moved.count:
        _record(tx, request, requisition_id, issued.moved, by=by, now=now)
    return issued


def _numbers(tx: Tx, request: IssueCards) -> NumberRange:
    numbers = NumberRange.parse(request.start_iccid or "", request.end_iccid or "")
    require_check_digits(tx, numbers)
    return numbers


def _found(tx: Tx, numbers: NumberRange, request: IssueCards, by: Actor) -> Any:
    """Cards of the range: able to go, found at all, and how many digits the longest has."""
    of_range = range_params(numbers, request.delivery_id)
    return tx.execute(_FOUND, {**of_range, **scope_params(by), "unit": request.unit}).one()


def _owner_refusal(owner_unit: str, unit: str) -> Refusal | None:
    if is_within(unit, owner_unit):
        return None
    return "card_not_for_unit", {"owner_unit": owner_unit, "unit": unit}


def _issue_listed(tx: Tx, request: IssueCards, to_crew: Move, requisition_id: int, by: Actor) -> _Issued:
    chosen = choose(tx, request.iccids or (), by=by).check(lifecycle_guard(CardAction.ISSUE))

    def owned(card: Card) -> Refusal | None:
        return _owner_refusal(card.owner_unit, request.unit)

    chosen.check(owned)
    moved = to_crew(by_ids(chosen.ids())) if chosen.able else Movement(None, 0)
    refused = [(raw, chosen.refusals[iccid]) for iccid, raw in chosen.sent.items() if iccid in chosen.refusals]
    return _Issued(moved, len(refused), refused, requisition_id)


def _issue_range(tx: Tx, request: IssueCards, to_crew: Move, requisition_id: int, by: Actor) -> _Issued:
    numbers = _numbers(tx, request)
    found = _found(tx, numbers, request, by)
    lacking = gaps(tx, numbers, found.found, found.longest, by=by, delivery_id=request.delivery_id)
    params = range_params(numbers, request.delivery_id)
    moved = to_crew(Selection(f"{IN_RANGE} AND {_OWNED_ABOVE}", {**params, "unit": request.unit}))
    rows = tx.execute(_NOT_ISSUED, {**params, **scope_params(by), "requisition": str(requisition_id)}).all()
    if not moved.count and not rows:
        raise DomainError("range_empty")
    refused: list[tuple[str, Refusal]] = []
    for row in rows:
        refusal = _owner_refusal(row.owner_unit, request.unit) if row.state == CardState.IN_STOCK else None
        refused.append((row.iccid, refusal or state_refusal(row.state, CardAction.ISSUE)))
    return _Issued(moved, rows[0].found if rows else 0, refused, requisition_id, lacking)


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


def _matching(asked: Asked[ListRequisitions]) -> Select[Any]:
    columns, request = requisitions.c, asked.request
    return select(requisitions).where(
        scope(columns.unit, request.unit, asked.by), *begins(columns.recipient, request.recipient)
    )


REQUISITIONS = SelectList(
    method=LIST_REQUISITIONS,
    title="领用记录",
    resource="requisitions",
    matching=_matching,
    items=lambda asked, rows: [RequisitionView.model_validate(dict(row._mapping)) for row in rows],
    key=requisitions.c.id,
    newest_first=True,
    columns=(
        Column("issued_at", "领用时间"),
        *unit_columns("unit", "领用单位"),
        Column("recipient", "领用人"),
        Column("phone", "联系电话"),
        number("card_count", "数量", total=True),
        Column("recorded_by", "经办人"),
    ),
)
list_requisitions = REQUISITIONS.answer
"""领用 records of the actor's subtree, newest first. ``recipient``: the whole or the beginning."""
