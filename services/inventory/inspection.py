"""检测 and 不合格: what the inspection of a batch or of chosen cards found (INV-02).

An inspection is a record of its own (who, when, result, remark, which cards). Cards found unqualified change state.
"""

from collections import Counter, defaultdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, func, select

from kernel.chassis.unit_of_work import Tx
from kernel.contracts.inventory.acts import BulkAnswer, InspectAgain, MarkUnqualified
from kernel.contracts.inventory.deliveries import RecordInspection
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from kernel.model.period import business_date, start_of_day
from services.inventory import deliveries as batches
from services.inventory.bulk import (
    Card,
    Chosen,
    Refusal,
    choose,
    lifecycle_guard,
    lock_deliveries,
    move_chosen,
)
from services.inventory.lifecycle import CardAction, CardState
from services.inventory.movement import Reference, Selection, move_cards
from services.inventory.tables import cards, deliveries, inspections

A, S = CardAction, CardState


def record_inspection(
    tx: Tx, request: RecordInspection, *, by: Actor, now: datetime, language: str = "zh"
) -> BulkAnswer:
    """Records an inspection of the batch, or of chosen cards of it, and marks what it found unqualified.

    Only cards that wait for stock-in are inspected; of chosen ones the others are named, of a batch they are passed
    over. Raises delivery_not_found, day_in_future.
    """
    _check_day(request.inspected_on, "inspected_on", now)
    batch = batches.find(tx, request.delivery_id, by, lock=True)
    if request.iccids is None:
        chosen = Chosen({})
        waiting = _waiting(tx, batch.id)
    else:
        chosen = choose(tx, request.iccids, by=by).check(lambda card: _of_batch(card, batch.id))
        chosen.check(lifecycle_guard(A.MARK_UNQUALIFIED))
        waiting = len(chosen.able)
    if waiting == 0 and request.iccids is not None:
        return chosen.answer(0, language)
    inspection_id = _record(
        tx,
        batch.id,
        on=request.inspected_on,
        inspector=request.inspector,
        result=request.result,
        remark=request.remark,
        iccids=None if request.iccids is None else list(chosen.able),
        count=waiting,
        by=by,
        now=now,
    )
    if request.result == "unqualified":
        reference = Reference("inspection", str(inspection_id))
        if request.iccids is None:
            whole = Selection("cards.delivery_id = :delivery_id", {"delivery_id": batch.id})
            waiting = move_cards(
                tx, A.MARK_UNQUALIFIED, whole, by=by, now=now, reason=request.remark, reference=reference
            ).count
        else:
            waiting = move_chosen(
                tx, chosen, A.MARK_UNQUALIFIED, by=by, now=now, reason=request.remark, reference=reference
            )
        _count_unqualified(tx, {batch.id: waiting})
    _note_inspection(tx, batch, request)
    return chosen.answer(waiting, language)


def mark_unqualified(tx: Tx, request: MarkUnqualified, *, by: Actor, now: datetime, language: str = "zh") -> BulkAnswer:
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
    return chosen.answer(done, language)


def inspect_again(tx: Tx, request: InspectAgain, *, by: Actor, now: datetime, language: str = "zh") -> BulkAnswer:
    """重新检测: unqualified > received; the cards can be stocked in again. Publishes cards_to_inspect_again."""
    lock_deliveries(tx, request.iccids, by=by)
    chosen = choose(tx, request.iccids, by=by)
    done = move_chosen(tx, chosen, A.INSPECT_AGAIN, by=by, now=now, reason=request.reason)
    counts = Counter(card.delivery_id for card in chosen.able.values())
    _count_unqualified(tx, {batch_id: -count for batch_id, count in counts.items()})
    return chosen.answer(done, language)


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
