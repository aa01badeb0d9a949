"""入库, the list: batches that came, what was refused of them, and what does not fit their note (INV-01, INV-02)."""

from datetime import datetime
from typing import Any, get_args

from sqlalchemy import ColumnElement, Row, Select, func, select

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.paging import KeyColumn, fingerprint, page
from kernel.contracts.envelope import BlobRef
from kernel.contracts.errors import text
from kernel.contracts.inventory.deliveries import (
    DeliveryPage,
    DeliveryState,
    DeliveryView,
    Discrepancies,
    Discrepancy,
    GetDelivery,
    ListDeliveries,
    ListRefusedRows,
    RefusedRow,
    RefusedRowPage,
    ReleaseDelivery,
)
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from kernel.model.period import days
from kernel.model.unit import prefix_end
from services.inventory.tables import DELIVERY_STATES, deliveries, discrepancies, refused_rows

if set(get_args(DeliveryState)) != set(DELIVERY_STATES):
    raise RuntimeError("the contract and the table name other delivery states")

_D = deliveries.c
_SHOWN = [name for name in DeliveryView.model_fields if name not in {"qualified_count", "can", "file"}]


def visible(by: Actor) -> ColumnElement[bool]:
    """Batches whose first owner lies within the actor's subtree."""
    return (_D.owner_unit >= by.unit) & (_D.owner_unit < prefix_end(by.unit))


def find(tx: Tx, delivery_id: int, by: Actor, *, lock: bool = False) -> Row[Any]:
    """A batch that the actor may see; DomainError delivery_not_found for any other.

    ``lock``: until the transaction ends. Acts take deliveries first and cards after them.
    """
    query = select(deliveries).where(_D.id == delivery_id, visible(by))
    row = tx.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise DomainError("delivery_not_found", delivery_id=delivery_id)
    return row


def waiting(row: Row[Any]) -> int:
    """How many cards of the batch wait for stock-in."""
    return int(row.received_count - row.unqualified_count - row.stocked_in_count)


def can(row: Row[Any], by: Actor) -> list[str]:
    """What the actor can do with the batch now; the portal shows these buttons."""
    some = waiting(row) > 0
    allowed = {
        "inspect": some and "delivery.inspect" in by.permissions,
        "mark_unqualified": some and "delivery.inspect" in by.permissions,
        "stock_in": some and row.state != "held" and "delivery.stock_in" in by.permissions,
        "release": row.state == "held" and "delivery.stock_in" in by.permissions,
    }
    return [name for name, yes in allowed.items() if yes]


def view(row: Row[Any], by: Actor) -> DeliveryView:
    """A batch's row as the actor sees it."""
    shown = row._mapping
    return DeliveryView(
        **{name: shown[name] for name in _SHOWN},
        qualified_count=row.received_count - row.unqualified_count,
        file=BlobRef.model_validate(row.file) if row.file else None,
        can=can(row, by),
    )


def _filtered(request: ListDeliveries, by: Actor) -> Select[Any]:
    query = select(deliveries).where(visible(by))
    for name in ("application_month", "state", "carrier", "card_spec"):
        if (value := getattr(request, name)) is not None:
            query = query.where(_D[name] == value)
    if request.batch_no:
        query = query.where(_D.batch_no.startswith(request.batch_no, autoescape=True))
    period = days(request.received_from, request.received_to)
    if period.start is not None:
        query = query.where(_D.received_at >= period.start)
    if period.end is not None:
        query = query.where(_D.received_at < period.end)
    return query


def list_deliveries(tx: Tx, request: ListDeliveries, *, by: Actor, now: datetime) -> DeliveryPage:
    """Batches, newest first unless ``sort`` says otherwise; ``sums`` over all that match (INV-02).

    ``batch_no``: the whole or the beginning. Raises sort_unknown, cursor_invalid.
    """
    if request.sort not in (None, "id"):
        raise DomainError("sort_unknown", sort=request.sort, allowed="id")
    query = _filtered(request, by)
    newest_first = request.sort is None or request.order == "desc"
    rows = page(
        tx,
        query,
        order=[KeyColumn(_D.id, descending=newest_first)],
        cursor=request.cursor,
        size=request.size,
        fingerprint=fingerprint(request, by.unit),
    )
    found = query.subquery()
    totals = tx.execute(
        select(
            func.count(),
            func.coalesce(func.sum(found.c.received_count), 0),
            func.coalesce(func.sum(found.c.unqualified_count), 0),
            func.coalesce(func.sum(found.c.stocked_in_count), 0),
        ).select_from(found)
    ).one()
    total, received, unqualified, stocked_in = (int(value) for value in totals)
    return DeliveryPage(
        items=[view(row, by) for row in rows.rows],
        total=total,
        next_cursor=rows.next_cursor,
        previous_cursor=rows.previous_cursor,
        sums={
            "received": received,
            "qualified": received - unqualified,
            "unqualified": unqualified,
            "stocked_in": stocked_in,
        },
    )


def get_delivery(tx: Tx, request: GetDelivery, *, by: Actor, now: datetime) -> DeliveryView:
    """One batch. Raises delivery_not_found."""
    return view(find(tx, request.delivery_id, by), by)


def list_refused_rows(
    tx: Tx, request: ListRefusedRows, *, by: Actor, now: datetime, language: str = "zh"
) -> RefusedRowPage:
    """Rows of the batch's file that were not taken in, by row (INV-01). Raises delivery_not_found."""
    delivery = find(tx, request.delivery_id, by)
    query = select(refused_rows).where(refused_rows.c.delivery_id == delivery.id)
    rows = page(
        tx,
        query,
        order=[KeyColumn(refused_rows.c.row_no, descending=request.order == "desc")],
        cursor=request.cursor,
        size=request.size,
        fingerprint=fingerprint(request),
    )
    return RefusedRowPage(
        items=[
            RefusedRow(row=row.row_no, iccid=row.iccid, code=row.code, message=text(row.code, row.params, language))
            for row in rows.rows
        ],
        total=delivery.refused_count,
        next_cursor=rows.next_cursor,
        previous_cursor=rows.previous_cursor,
    )


def list_discrepancies(
    tx: Tx, request: GetDelivery, *, by: Actor, now: datetime, language: str = "zh"
) -> Discrepancies:
    """What in the batch contradicts its note or its number range (INV-01). Raises delivery_not_found."""
    delivery = find(tx, request.delivery_id, by)
    rows = tx.execute(
        select(discrepancies).where(discrepancies.c.delivery_id == delivery.id).order_by(discrepancies.c.id)
    )
    return Discrepancies(
        items=[
            Discrepancy(code=row.code, params=row.params, message=text(row.code, row.params, language)) for row in rows
        ]
    )


def release(tx: Tx, request: ReleaseDelivery, *, by: Actor, now: datetime) -> DeliveryView:
    """A person answers for a held batch: it goes on as received or inspected. Raises delivery_not_held."""
    row = find(tx, request.delivery_id, by, lock=True)
    if row.state != "held":
        raise DomainError("delivery_not_held")
    released = tx.execute(
        deliveries.update()
        .where(_D.id == row.id)
        .values(
            state="received" if row.inspected_at is None else "inspected",
            released_by=by.name,
            released_at=now,
            release_remark=request.remark,
        )
        .returning(deliveries)
    ).one()
    return view(released, by)
