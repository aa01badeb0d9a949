"""入库, the list: batches that came, what was refused of them, and what does not fit their note (INV-01, INV-02)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, get_args

from sqlalchemy import ColumnElement, Row, Select, select

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.columns import Column, number, unit_columns
from kernel.chassis.lists.conditions import begins, equals, on_days
from kernel.chassis.lists.spec import Asked, SelectList
from kernel.contracts import words_inventory
from kernel.contracts.envelope import BlobRef
from kernel.contracts.inventory.acts import INSPECT_AGAIN, MARK_UNQUALIFIED
from kernel.contracts.inventory.deliveries import (
    LIST_DELIVERIES,
    LIST_REFUSED_ROWS,
    RECORD_INSPECTION,
    RELEASE_DELIVERY,
    STOCK_IN,
    DeliveryState,
    DeliveryView,
    Discrepancies,
    Discrepancy,
    GetDelivery,
    ListDeliveries,
    ListRefusedRows,
    RefusedRow,
    ReleaseDelivery,
)
from kernel.contracts.said import say
from kernel.contracts.words import chinese
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from kernel.model.unit import prefix_end
from services.inventory.catalogues import CATALOGUES, KIND_COLUMNS
from services.inventory.tables import DELIVERY_STATES, deliveries, discrepancies, refused_rows

if set(get_args(DeliveryState)) != set(DELIVERY_STATES):
    raise RuntimeError("the contract and the table name other delivery states")

_D = deliveries.c
_SHOWN = [name for name in DeliveryView.model_fields if name not in {"qualified_count", "waiting_count", "can", "file"}]


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
    some, held = waiting(row) > 0, row.state == "held"
    allowed = {
        "inspect": some and RECORD_INSPECTION.allows(by.permissions),
        "mark_unqualified": some and MARK_UNQUALIFIED.allows(by.permissions),
        "stock_in": some and not held and STOCK_IN.allows(by.permissions),
        "release": held and RELEASE_DELIVERY.allows(by.permissions),
        "inspect_again": row.unqualified_count > 0 and INSPECT_AGAIN.allows(by.permissions),
    }
    return [name for name, yes in allowed.items() if yes]


def view(row: Row[Any], by: Actor) -> DeliveryView:
    """A batch's row as the actor sees it."""
    shown = row._mapping
    return DeliveryView(
        **{name: shown[name] for name in _SHOWN},
        qualified_count=row.received_count - row.unqualified_count,
        waiting_count=waiting(row),
        file=BlobRef.model_validate(row.file) if row.file else None,
        can=can(row, by),
    )


def _matching(asked: Asked[ListDeliveries]) -> Select[Any]:
    """``batch_no``: the whole or the beginning."""
    request = asked.request
    same = {name: _D[name] for name in ("application_month", "state", "carrier", "card_spec")}
    return select(deliveries).where(
        visible(asked.by),
        *equals(request, same),
        *begins(_D.batch_no, request.batch_no),
        *on_days(_D.received_at, request.received_from, request.received_to),
    )


def _sums(asked: Asked[ListDeliveries], sums: Mapping[str, int]) -> dict[str, Any]:
    received, unqualified, stocked_in = sums.values()
    qualified = received - unqualified
    return {
        "sums": {"received": received, "qualified": qualified, "unqualified": unqualified, "stocked_in": stocked_in}
    }


DELIVERIES = SelectList(
    method=LIST_DELIVERIES,
    title="入库批次",
    resource="deliveries",
    matching=_matching,
    items=lambda asked, rows: [view(row, asked.by) for row in rows],
    key=_D.id,
    sorts={"id": _D.id, "received_at": _D.id},  # ids rise with the time of arrival
    newest_first=True,
    sums=("received_count", "unqualified_count", "stocked_in_count"),
    more=_sums,
    words=CATALOGUES,
    columns=(
        Column("batch_no", "批次号"),
        *KIND_COLUMNS,
        *unit_columns("owner_unit", "资产单位"),
        Column("state", "状态", words=chinese(words_inventory.DELIVERY_STATES), width=10),
        Column("source", "来源", words=chinese(words_inventory.DELIVERY_SOURCES), width=12),
        number("expected_count", "交货单数量", total=True),
        number("received_count", "接收数量", total=True),
        number("qualified_count", "合格数量", total=True),
        number("unqualified_count", "不合格数量", total=True),
        number("stocked_in_count", "入库数量", total=True),
        number("refused_count", "拒收行数", total=True),
        number("discrepancy_count", "差异数", total=True),
        Column("received_at", "接收时间"),
        Column("inspected_at", "检测时间"),
        Column("inspected_by", "检测人"),
        Column("inspection_result", "检测结果", words=chinese(words_inventory.INSPECTION_RESULTS)),
        Column("inspection_remark", "检测说明"),
    ),
)
list_deliveries = DELIVERIES.answer
"""Batches, newest first unless ``sort`` says otherwise; ``sums`` over all that match (INV-02)."""


def get_delivery(tx: Tx, request: GetDelivery, *, by: Actor, now: datetime) -> DeliveryView:
    """One batch. Raises delivery_not_found."""
    return view(find(tx, request.delivery_id, by), by)


def _refused(asked: Asked[ListRefusedRows]) -> Select[Any]:
    delivery = find(asked.tx, asked.request.delivery_id, asked.by)
    return select(refused_rows).where(refused_rows.c.delivery_id == delivery.id)


def _refused_items(asked: Asked[ListRefusedRows], rows: Sequence[Row[Any]]) -> list[RefusedRow]:
    return [
        RefusedRow(
            row=row.row_no,
            line=row.params.get("line"),
            iccid=row.iccid,
            code=row.code,
            message=say(row.code, row.params),
        )
        for row in rows
    ]


REFUSED_ROWS = SelectList(
    method=LIST_REFUSED_ROWS,
    title="拒收行",
    matching=_refused,
    items=_refused_items,
    key=refused_rows.c.row_no,
    sorts={"row": refused_rows.c.row_no},
)
list_refused_rows = REFUSED_ROWS.answer
"""Rows of the batch's file that were not taken in, by row (INV-01)."""


def list_discrepancies(
    tx: Tx, request: GetDelivery, *, by: Actor
) -> Discrepancies:
    """What in the batch contradicts its note or its number range (INV-01). Raises delivery_not_found."""
    delivery = find(tx, request.delivery_id, by)
    rows = tx.execute(
        select(discrepancies).where(discrepancies.c.delivery_id == delivery.id).order_by(discrepancies.c.id)
    )
    return Discrepancies(
        items=[
            Discrepancy(code=row.code, params=row.params, message=say(row.code, row.params)) for row in rows
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
