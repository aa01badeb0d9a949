"""检测 and 不合格: what the inspection of a batch or of chosen cards found (INV-02).

An inspection is a record of its own (who, when, result, remark, which cards). Cards found unqualified change state.
"""

from collections import Counter, defaultdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, func, select

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.jobs.context import JobContext
from kernel.contracts.inventory.acts import BulkAnswer, InspectAgain, MarkUnqualified
from kernel.contracts.inventory.deliveries import InspectionAnswer, RecordInspection
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from kernel.model.period import business_date, start_of_day
from services.inventory import large_acts
from services.inventory.bulk import (
    Card,
    Chosen,
    Refusal,
    choose,
    lifecycle_guard,
    lock_deliveries,
    move_chosen,
)
from services.inventory.catalogues import carrier_name
from services.inventory.deliveries import batch_list as batches
from services.inventory.lifecycle import CardAction, CardState
from services.inventory.movement import Reference, Selection, move_cards
from services.inventory.tables import cards, deliveries, inspections

A, S = CardAction, CardState


INSPECTION_JOB = "inspection"


def record_inspection(
    tx: Tx, request: RecordInspection, *, by: Actor, now: datetime
) -> InspectionAnswer:
    """Records an inspection of the batch, or of chosen cards of it, and marks what it found unqualified; all cards of a
    large batch by a job.

    Only cards that wait for stock-in are inspected; of chosen ones the others are named, of a batch they are passed
    over. Raises delivery_not_found, day_in_future, inspection_reason_missing.
    """
    if request.result == "unqualified" and not (request.remark or "").strip():
        raise DomainError("inspection_reason_missing", field="remark")
    _check_day(request.inspected_on, "inspected_on", now)
    batch = batches.find(tx, request.delivery_id, by, lock=True)
    if request.iccids is not None:
        return _inspect_chosen(tx, batch, request, by=by, now=now)
    if request.result == "unqualified" and large_acts.is_large(batches.waiting(batch)):
        title = f"不合格 {carrier_name(tx, batch.carrier)} {batch.batch_no}"
        job_id = large_acts.begin(tx, INSPECTION_JOB, title, request, by)
        return InspectionAnswer(done=0, refused_count=0, refused=[], job_id=job_id)
    return _inspect_all(tx, batch, request, move_cards, by=by, now=now)


def run_inspection(job: JobContext) -> None:
    """The job of a large batch."""
    request = RecordInspection.model_validate(job.request)
    with job.unit_of_work() as tx:
        batch = batches.find(tx, request.delivery_id, job.actor, lock=True)
        move = large_acts.in_slices(job.progress)
        job.complete(tx, _inspect_all(tx, batch, request, move, by=job.actor, now=job.now()))


def _inspect_chosen(
    tx: Tx, batch: Row[Any], request: RecordInspection, *, by: Actor, now: datetime
) -> InspectionAnswer:
    chosen = choose(tx, request.iccids or (), by=by).check(lambda card: _of_batch(card, batch.id))
    chosen.check(lifecycle_guard(A.MARK_UNQUALIFIED))
    done = len(chosen.able)
    if chosen.able:
        reference = _inspected(tx, batch, request, list(chosen.able), done, by=by, now=now)
        if request.result == "unqualified":
            done = move_chosen(
                tx, chosen, A.MARK_UNQUALIFIED, by=by, now=now, reason=request.remark, reference=reference
            )
            _count_unqualified(tx, {batch.id: done})
        _note_inspection(tx, batch, request)
    answer = chosen.answer(done)
    return InspectionAnswer(done=answer.done, refused_count=answer.refused_count, refused=answer.refused)


def _inspect_all(
    tx: Tx, batch: Row[Any], request: RecordInspection, move: large_acts.Move, *, by: Actor, now: datetime
) -> InspectionAnswer:
    done = _waiting(tx, batch.id)
    reference = _inspected(tx, batch, request, None, done, by=by, now=now)
    if request.result == "unqualified":
        whole = Selection("cards.delivery_id = :delivery_id", {"delivery_id": batch.id})
        done = move(
            tx, A.MARK_UNQUALIFIED, whole, by=by, now=now, reason=request.remark, reference=reference
        ).count
        _count_unqualified(tx, {batch.id: done})
    _note_inspection(tx, batch, request)
    return InspectionAnswer(done=done, refused_count=0, refused=[])


def _inspected(
    tx: Tx,
    batch: Row[Any],
    request: RecordInspection,
    iccids: list[str] | None,
    count: int,
    *,
    by: Actor,
    now: datetime,
) -> Reference:
    """Writes the inspection down."""
    inspection_id = _record(
        tx,
        batch.id,
        on=request.inspected_on,
        inspector=request.inspector,
        result=request.result,
        remark=request.remark,
        iccids=iccids,
        count=count,
        by=by,
        now=now,
    )
    return Reference("inspection", str(inspection_id))


def mark_unqualified(tx: Tx, request: MarkUnqualified, *, by: Actor, now: datetime) -> BulkAnswer:
    """不合格: received > unqualified, with who found it, when and why. Publishes cards_marked_unqualified."""
    _check_day(request.on, "on", now)
    lock_deliveries(tx, request.iccids, by=by)
    chosen = choose(tx, request.iccids, by=by).check(lifecycle_guard(A.MARK_UNQUALIFIED))
    by_batch: dict[int, dict[str, Card]] = defaultdict(dict)
    for iccid, card in chosen.able.items():
        by_batch[card.delivery_id][iccid] = card
    done = 0
    for batch_id, able in sorted(by_batch.items()):
        inspection_id = _record(
            tx,
            batch_id,
            on=request.on,
            inspector=request.operator,
            result="unqualified",
            remark=request.reason,
            iccids=list(able),
            count=len(able),
            by=by,
            now=now,
        )
        reference = Reference("inspection", str(inspection_id))
        done += move_chosen(
            tx,
            Chosen(chosen.sent, able),
            A.MARK_UNQUALIFIED,
            by=by,
            now=now,
            reason=request.reason,
            reference=reference,
        )
    _count_unqualified(tx, {batch_id: len(able) for batch_id, able in by_batch.items()})
    return chosen.answer(done)


def inspect_again(tx: Tx, request: InspectAgain, *, by: Actor, now: datetime) -> BulkAnswer:
    """重新检测: unqualified > received; the cards can be stocked in again. Publishes cards_to_inspect_again."""
    lock_deliveries(tx, request.iccids, by=by)
    chosen = choose(tx, request.iccids, by=by)
    done = move_chosen(tx, chosen, A.INSPECT_AGAIN, by=by, now=now, reason=request.reason)
    counts = Counter(card.delivery_id for card in chosen.able.values())
    _count_unqualified(tx, {batch_id: -count for batch_id, count in counts.items()})
    return chosen.answer(done)


def _check_day(day: date, field: str, now: datetime) -> None:
    if day > business_date(now):
        raise DomainError("day_in_future", field=field, day=day.isoformat())


def _of_batch(card: Card, batch_id: int) -> Refusal | None:
    return None if card.delivery_id == batch_id else ("card_other_delivery", {})


def _waiting(tx: Tx, batch_id: int) -> int:
    query = select(func.count()).where(cards.c.delivery_id == batch_id, cards.c.state == S.RECEIVED.value)
    return int(tx.execute(query).scalar_one())


def _record(
    tx: Tx,
    batch_id: int,
    *,
    on: date,
    inspector: str,
    result: str,
    remark: str | None,
    iccids: list[str] | None,
    count: int,
    by: Actor,
    now: datetime,
) -> int:
    return int(
        tx.execute(
            inspections.insert()
            .values(
                delivery_id=batch_id,
                inspected_on=on,
                inspector=inspector,
                result=result,
                remark=remark,
                card_count=count,
                iccids=iccids,
                recorded_at=now,
                recorded_by=by.name,
            )
            .returning(inspections.c.id)
        ).scalar_one()
    )


def _count_unqualified(tx: Tx, changes: dict[int, int]) -> None:
    """Adds to the batches' counts; their rows are locked already."""
    for batch_id, change in changes.items():
        tx.execute(
            deliveries.update()
            .where(deliveries.c.id == batch_id)
            .values(unqualified_count=deliveries.c.unqualified_count + change)
        )


def _note_inspection(tx: Tx, batch: Row[Any], request: RecordInspection) -> None:
    """The last inspection stands on the batch; one that waits for it goes on."""
    tx.execute(
        deliveries.update()
        .where(deliveries.c.id == batch.id)
        .values(
            state="inspected" if batch.state == "received" else batch.state,
            inspected_at=start_of_day(request.inspected_on),
            inspected_by=request.inspector,
            inspection_result=request.result,
            inspection_remark=request.remark,
        )
    )
