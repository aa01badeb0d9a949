"""分卡: a number range goes to a unit below, all of it or none of it (INV-03)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, or_, select

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.jobs.context import JobContext
from kernel.chassis.lists.columns import Column, number, unit_columns
from kernel.chassis.lists.conditions import equals, scope, within
from kernel.chassis.lists.spec import Asked, SelectList
from kernel.contracts.inventory.acts import (
    LIST_ALLOCATIONS,
    AllocateCards,
    AllocationAnswer,
    AllocationPreview,
    AllocationRange,
    AllocationView,
    LeftOut,
    ListAllocations,
    PreviewAllocation,
)
from kernel.contracts.said import say
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from kernel.model.number_range import NumberRange
from kernel.model.period import check_month
from kernel.model.unit import check_unit, is_within
from services.inventory import large_acts
from services.inventory.bulk import FIRST, SCOPE, scope_params
from services.inventory.catalogues import CATALOGUES, KIND_COLUMNS, carrier_name, check_card_spec, check_carrier
from services.inventory.lifecycle import CardAction
from services.inventory.movement import Movement, Reference, Selection, move_cards
from services.inventory.range_gaps import IN_RANGE, Gaps, gaps, range_params, require_check_digits
from services.inventory.tables import allocations

ATTEMPTS = 3
"""How often a range is judged anew when another act was at its cards meanwhile."""

RULES = (
    ("card_not_in_stock", "cards.state <> 'in_stock'"),
    ("card_other_month", "cards.application_month <> :month"),
    ("card_other_carrier", "cards.carrier <> :carrier"),
    ("card_other_spec", "cards.card_spec <> :card_spec"),
    ("card_other_owner", "cards.owner_unit <> :from_unit"),
)
"""Why a card cannot be allocated (INV-03); of several reasons the first counts."""

_REASON = "CASE " + " ".join(f"WHEN {breach} THEN '{code}'" for code, breach in RULES) + " END"

_JUDGE = f"""
SELECT reason, owner_unit, count(*) AS found, max(length(iccid)) AS longest,
       min(iccid) AS first_iccid, max(iccid) AS last_iccid,
       CASE WHEN reason IS NOT NULL THEN (array_agg(iccid ORDER BY iccid))[1:{FIRST}] END AS first
FROM (SELECT iccid, owner_unit, {_REASON} AS reason FROM cards WHERE {IN_RANGE} AND {SCOPE}) AS judged
GROUP BY reason, owner_unit
"""

_ALLOCABLE = f"{IN_RANGE} AND ({_REASON}) IS NULL"


@dataclass(frozen=True)
class _Plan:
    """A checked request: which cards, from whom, to whom."""

    numbers: NumberRange
    from_unit: str
    to_unit: str
    params: dict[str, Any]


@dataclass(frozen=True)
class _Findings:
    """What stands in the range, as far as the actor may see it."""

    allowed: int
    left_out: dict[str, tuple[int, list[str]]]
    by_unit: dict[str, int]
    first: str | None
    last: str | None
    longest: int

    @property
    def total(self) -> int:
        return self.allowed + self.offending

    @property
    def offending(self) -> int:
        return sum(count for count, _ in self.left_out.values())


def preview(tx: Tx, request: PreviewAllocation, *, by: Actor) -> AllocationPreview:
    """Dry run from the actor's own unit: exactly what allocate would move now. Raises what allocate raises of a request
    that is wrong in itself."""
    plan = _plan(tx, request, by.unit, by)
    found = _judge(tx, plan, by)
    lacking = _lacking(tx, plan, found, by)
    return AllocationPreview(
        allowed=found.allowed > 0 and not found.offending,
        would_move=0 if found.offending else found.allowed,
        span=lacking.span,
        missing=lacking.missing,
        missing_first=lacking.first,
        first_iccid=found.first,
        last_iccid=found.last,
        by_unit=found.by_unit,
        left_out=[
            LeftOut(code=code, message=say(code, {}), count=count, first=first)
            for code, (count, first) in found.left_out.items()
        ],
    )


ALLOCATION_JOB = "allocation"


def allocate(tx: Tx, request: AllocateCards, *, by: Actor, now: datetime) -> AllocationAnswer:
    """Gives all cards of the range to ``to_unit``, or refuses and moves none. A large range is moved by a job, which
    judges it once more. The record names the numbers of the range that are no known card.

    Raises allocation_refused (with the offending cards by reason and the first ten of each), range_empty, range_*,
    unit_malformed, unit_out_of_scope, unit_not_below, month_malformed, carrier_unknown, card_spec_unknown. Of two
    clerks at once, one moves the range and the other is refused. Publishes cards_allocated.
    """
    plan = _plan(tx, request, request.from_unit or by.unit, by, request.delivery_id)
    found = _judge(tx, plan, by)
    if not found.offending and large_acts.is_large(found.allowed):
        title = f"分卡 {carrier_name(tx, request.carrier)} {plan.numbers.start} - {plan.numbers.end}"
        return AllocationAnswer(job_id=large_acts.begin(tx, ALLOCATION_JOB, title, request, by))
    return AllocationAnswer(allocation=_allocate(tx, request, plan, found, move_cards, by=by, now=now))


def run_allocation(job: JobContext) -> None:
    """The job of a large range."""
    request = AllocateCards.model_validate(job.request)
    with job.unit_of_work() as tx:
        plan = _plan(tx, request, request.from_unit or job.actor.unit, job.actor, request.delivery_id)
        found, move = _judge(tx, plan, job.actor), large_acts.in_slices(job.progress)
        job.complete(tx, _allocate(tx, request, plan, found, move, by=job.actor, now=job.now()))


def _allocate(
    tx: Tx, request: AllocateCards, plan: _Plan, found: _Findings, move: large_acts.Move, *, by: Actor, now: datetime
) -> AllocationView:
    for attempt in range(ATTEMPTS):
        if attempt:
            found = _judge(tx, plan, by)
        if found.offending:
            break
        if not found.allowed:
            raise DomainError("range_empty")
        lacking = _lacking(tx, plan, found, by)
        if allocation := _move(tx, request, plan, found.allowed, move, by=by, now=now):
            return _with_gaps(allocation, lacking)
    raise DomainError("allocation_refused", count=found.offending, reasons=_reasons(found))


def _lacking(tx: Tx, plan: _Plan, found: _Findings, by: Actor) -> Gaps:
    of_delivery = plan.params["of_delivery"]
    return gaps(tx, plan.numbers, found.total, found.longest, by=by, delivery_id=of_delivery)


def _with_gaps(allocation: AllocationView, lacking: Gaps) -> AllocationView:
    return allocation.model_copy(update={"missing": lacking.missing, "missing_first": lacking.first})


def _move(
    tx: Tx, request: AllocateCards, plan: _Plan, expected: int, move: large_acts.Move, *, by: Actor, now: datetime
) -> AllocationView | None:
    """None, and nothing moved, when somebody was at these cards between the judgement and the locks."""
    allocation_id = tx.execute("SELECT nextval(pg_get_serial_sequence('allocations', 'id'))").scalar_one()
    attempt = tx.connection.begin_nested()
    moved = move(
        tx,
        CardAction.ALLOCATE,
        Selection(_ALLOCABLE, plan.params),
        by=by,
        now=now,
        reference=Reference("allocation", str(allocation_id)),
        sets={"owner_unit": plan.to_unit},
    )
    if moved.count != expected:
        attempt.rollback()
        return None
    attempt.commit()
    return _record(tx, request, plan, moved, allocation_id=allocation_id, by=by, now=now)


def _reasons(found: _Findings) -> list[dict[str, Any]]:
    return [{"code": code, "count": count, "first": first} for code, (count, first) in found.left_out.items()]


def _plan(tx: Tx, request: AllocationRange, from_unit: str, by: Actor, delivery_id: int | None = None) -> _Plan:
    check_unit(from_unit, "from_unit")
    by.require_within(from_unit, "from_unit")
    check_unit(request.to_unit, "to_unit")
    by.require_within(request.to_unit, "to_unit")
    if request.to_unit == from_unit or not is_within(request.to_unit, from_unit):
        raise DomainError("unit_not_below", field="to_unit", unit=request.to_unit, own_unit=from_unit)
    numbers = NumberRange.parse(request.start_iccid, request.end_iccid)
    require_check_digits(tx, numbers)
    params = {
        **range_params(numbers, delivery_id),
        "month": check_month(request.application_month, "application_month"),
        "carrier": check_carrier(tx, request.carrier),
        "card_spec": check_card_spec(tx, request.card_spec),
        "from_unit": from_unit,
    }
    return _Plan(numbers, from_unit, request.to_unit, params)


def _judge(tx: Tx, plan: _Plan, by: Actor) -> _Findings:
    allowed, left_out, by_unit = 0, dict[str, tuple[int, list[str]]](), dict[str, int]()
    rows = tx.execute(_JUDGE, {**plan.params, **scope_params(by)}).all()
    for row in rows:
        by_unit[row.owner_unit] = by_unit.get(row.owner_unit, 0) + row.found
        if row.reason is None:
            allowed += row.found
        else:
            count, first = left_out.get(row.reason, (0, []))
            left_out[row.reason] = count + row.found, sorted([*first, *row.first])[:FIRST]
    return _Findings(
        allowed,
        dict(sorted(left_out.items(), key=lambda item: -item[1][0])),
        dict(sorted(by_unit.items())),
        min((row.first_iccid for row in rows), default=None),
        max((row.last_iccid for row in rows), default=None),
        max((row.longest for row in rows), default=0),
    )


def _record(
    tx: Tx, request: AllocateCards, plan: _Plan, moved: Movement, *, allocation_id: int, by: Actor, now: datetime
) -> AllocationView:
    row = tx.execute(
        allocations.insert()
        .values(
            id=allocation_id,
            allocated_at=now,
            application_month=request.application_month,
            carrier=request.carrier,
            card_spec=request.card_spec,
            start_iccid=plan.numbers.start,
            end_iccid=plan.numbers.end,
            from_unit=plan.from_unit,
            to_unit=plan.to_unit,
            card_count=moved.count,
            operator=request.operator or by.name,
            contact=request.contact,
            recorded_by=by.name,
            change_id=moved.change_id,
        )
        .returning(allocations)
    ).one()
    return AllocationView.model_validate(dict(row._mapping))


def _matching(asked: Asked[ListAllocations]) -> Select[Any]:
    """``unit``: the receiving unit or one above it."""
    columns, request, by = allocations.c, asked.request, asked.by
    same = {name: columns[name] for name in ("application_month", "carrier", "card_spec")}
    query = select(allocations).where(
        or_(within(columns.to_unit, by.unit), within(columns.from_unit, by.unit)), *equals(request, same)
    )
    return query if request.unit is None else query.where(scope(columns.to_unit, request.unit, by))


ALLOCATIONS = SelectList(
    method=LIST_ALLOCATIONS,
    title="分卡记录",
    resource="allocations",
    matching=_matching,
    items=lambda asked, rows: [AllocationView.model_validate(dict(row._mapping)) for row in rows],
    key=allocations.c.id,
    newest_first=True,
    words=CATALOGUES,
    columns=(
        Column("allocated_at", "分卡时间"),
        *KIND_COLUMNS,
        Column("start_iccid", "开始号段", kind="code"),
        Column("end_iccid", "结束号段", kind="code"),
        *unit_columns("from_unit", "分出单位"),
        *unit_columns("to_unit", "接收单位"),
        number("card_count", "数量", total=True),
        Column("operator", "操作人"),
        Column("contact", "联系方式"),
    ),
)
list_allocations = ALLOCATIONS.answer
"""分卡 records that gave to or took from the actor's subtree, newest first (INV-03)."""
