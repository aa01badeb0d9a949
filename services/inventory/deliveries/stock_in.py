"""入库: the qualified cards of a batch become stock (INV-02)."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.jobs.context import JobContext
from kernel.contracts.inventory.acts import LeftOut
from kernel.contracts.inventory.deliveries import StockIn, StockInAnswer
from kernel.contracts.said import say
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from services.inventory import large_acts
from services.inventory.bulk import FIRST, SCOPE, scope_params, state_refusal
from services.inventory.catalogues import carrier_name
from services.inventory.deliveries import batch_list as batches
from services.inventory.lifecycle import CardAction
from services.inventory.movement import Reference, Selection, move_cards
from services.inventory.tables import deliveries

_LEFT_OUT = f"""
SELECT state, count(*) AS found, (array_agg(iccid ORDER BY iccid))[1:{FIRST}] AS first
FROM cards
WHERE delivery_id = :delivery_id AND stocked_in_at IS NULL AND {SCOPE}
GROUP BY state ORDER BY state
"""


STOCK_IN_JOB = "stock_in"


def stock_in(tx: Tx, request: StockIn, *, by: Actor, now: datetime) -> StockInAnswer:
    """Moves every qualified card of the batch to stock, and tells which were left out and why; a large batch by a job.

    Pressed again it finds what has become qualified meanwhile, or nothing. Raises delivery_not_found, delivery_held.
    Publishes cards_stocked_in.
    """
    batch = _find(tx, request, by)
    if large_acts.is_large(batches.waiting(batch)):
        title = f"入库 {carrier_name(tx, batch.carrier)} {batch.batch_no}"
        return StockInAnswer(done=0, left_out=[], job_id=large_acts.begin(tx, STOCK_IN_JOB, title, request, by))
    return _stock_in(tx, batch, move_cards, by=by, now=now)


def run_stock_in(job: JobContext) -> None:
    """The job of a large batch."""
    with job.unit_of_work() as tx:
        batch = _find(tx, StockIn.model_validate(job.request), job.actor)
        move = large_acts.in_slices(job.progress)
        job.complete(tx, _stock_in(tx, batch, move, by=job.actor, now=job.now()))


def _find(tx: Tx, request: StockIn, by: Actor) -> Row[Any]:
    batch = batches.find(tx, request.delivery_id, by, lock=True)
    if batch.state == "held":
        raise DomainError("delivery_held")
    return batch


def _stock_in(
    tx: Tx, batch: Row[Any], move: large_acts.Move, *, by: Actor, now: datetime
) -> StockInAnswer:
    moved = move(
        tx,
        CardAction.STOCK_IN,
        Selection("cards.delivery_id = :delivery_id", {"delivery_id": batch.id}),
        by=by,
        now=now,
        reference=Reference("delivery", str(batch.id)),
    )
    if moved.count:
        tx.execute(
            deliveries.update()
            .where(deliveries.c.id == batch.id)
            .values(state="stocked_in", stocked_in_count=deliveries.c.stocked_in_count + moved.count)
        )
    return StockInAnswer(done=moved.count, left_out=_left_out(tx, batch.id, by))


def _left_out(tx: Tx, delivery_id: int, by: Actor) -> list[LeftOut]:
    found = []
    for row in tx.execute(_LEFT_OUT, {"delivery_id": delivery_id, **scope_params(by)}):
        code, params = state_refusal(row.state, CardAction.STOCK_IN)
        found.append(LeftOut(code=code, message=say(code, params), count=row.found, first=row.first))
    return found
