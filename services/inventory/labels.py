"""What the labels of a batch and of its boxes say (INV-11); documents draws them."""

from typing import Any

from sqlalchemy import Row, func, select

from kernel.chassis.data.unit_of_work import Tx
from kernel.contracts.inventory.boxes import Labels, LabelText, ListLabels
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from kernel.model.label_code import label_code
from services.inventory.boxes import own_system
from services.inventory.catalogues import CATALOGUES
from services.inventory.deliveries import batch_list as batches
from services.inventory.tables import boxes, cards


def list_labels(tx: Tx, request: ListLabels, *, by: Actor) -> Labels:
    """Labels in the order of their boxes. Raises delivery_not_found, boxes_unknown, delivery_not_packed."""
    batch = batches.find(tx, request.delivery_id, by)
    carriers, specs = CATALOGUES["carriers"](tx), CATALOGUES["card_specs"](tx)
    kind = f"{carriers[batch.carrier]} {specs[batch.card_spec]} {batch.application_month}"
    if request.kind == "batch":
        return Labels(name=batch.batch_no, labels=[_of_batch(tx, batch, kind)])
    rows = tx.execute(
        select(boxes).where(boxes.c.delivery_id == batch.id, boxes.c.void_at.is_(None)).order_by(boxes.c.box_no)
    ).all()
    if not rows:
        raise DomainError("delivery_not_packed", batch_no=batch.batch_no)
    chosen = rows if request.box_ids is None else [row for row in rows if row.id in set(request.box_ids)]
    if request.box_ids is not None and len(chosen) < len(set(request.box_ids)):
        raise DomainError("boxes_unknown", batch_no=batch.batch_no)
    system = own_system(tx)
    labels = [
        LabelText(
            title=f"箱 {row.box_no} / {len(rows)}",
            lines=[batch.batch_no, kind, row.first_iccid, f"至 {row.last_iccid}", f"共 {row.card_count} 张"],
            code=label_code(system, "box", row.id),
        )
        for row in chosen
    ]
    return Labels(name=batch.batch_no, labels=labels)


def _of_batch(tx: Tx, batch: Row[Any], kind: str) -> LabelText:
    columns = func.min(cards.c.iccid).label("first"), func.max(cards.c.iccid).label("last"), func.count().label("found")
    of_it = tx.execute(select(*columns).where(cards.c.delivery_id == batch.id)).one()
    lines = [kind, *([of_it.first, f"至 {of_it.last}"] if of_it.found else []), f"共 {of_it.found} 张"]
    return LabelText(title=batch.batch_no, lines=lines, code=label_code(own_system(tx), "batch", batch.id))
