"""All cards of a list as a file's lines: one statement with the list's conditions and order, read by one COPY.

A million cards have twenty million cells. PostgreSQL writes them as text; what is not as people read it is put right
for a whole column at once.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

from sqlalchemy import DateTime

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.columns import Column, Values, unit_columns
from kernel.chassis.lists.copying import copied
from kernel.chassis.lists.files import ByColumn, Part
from kernel.chassis.lists.spec import Asked
from kernel.contracts.inventory.cards import ListCards
from kernel.contracts.words import chinese
from kernel.contracts.words_inventory import CARD_STATES
from kernel.model.period import business_date
from services.inventory.card_lists.conditions import card_conditions, resolve
from services.inventory.card_lists.scan import Order
from services.inventory.catalogues import KIND_COLUMNS
from services.inventory.tables import cards

CARD_COLUMNS = (
    Column("iccid", "ICCID", kind="code"),
    Column("imsi", "IMSI", kind="code"),
    Column("msisdn", "手机号", kind="code"),
    *KIND_COLUMNS,
    Column("batch_no", "批次号"),
    *unit_columns("owner_unit", "资产单位"),
    *unit_columns("issued_to_unit", "领用单位"),
    Column("recipient", "领用人"),
    Column("recipient_phone", "联系电话"),
    Column("terminal_asset_no", "终端资产编号"),
    Column("state", "卡片状态", words=chinese(CARD_STATES), width=10),
    Column("state_since", "进入状态时间"),
    Column("state_days", "状态天数", kind="number", width=10),
    Column("received_at", "接收时间"),
    Column("stocked_in_at", "入库时间"),
    Column("allocated_at", "分卡时间"),
    Column("issued_at", "领用时间"),
    Column("bound_at", "绑定时间"),
    Column("pending_scrap_at", "待报废时间"),
    Column("terminated_at", "销卡时间"),
    Column("last_operation_at", "最近操作时间"),
)

_MADE: Mapping[str, str] = {
    "batch_no": "delivery_id",
    "state_days": "greatest(CAST(:today AS date) - CAST(state_since AS date), 0)",
}
"""Columns that are no columns of the card itself > what they are made of."""


def stream_cards(asked: Asked[ListCards], columns: Sequence[Column], order: Order) -> Iterator[Part]:
    """Every card that matches, in the list's order."""
    where, params = card_conditions(resolve(asked.tx, asked.request, by=asked.by, now=asked.now))
    params["today"] = business_date(asked.now)
    taken = ", ".join(_MADE.get(column.source, column.source) for column in columns)
    statement = f"SELECT {taken} FROM cards WHERE {where} ORDER BY {order.sql}"
    readings = [_reading(asked.tx, column) for column in columns]
    for part in copied(asked.tx, statement, params):
        cells = zip(readings, part.columns, strict=True)
        yield ByColumn([values if read is None else read(values) for read, values in cells])


def _reading(tx: Tx, column: Column) -> Callable[[Values], Values] | None:
    """What makes the values of a column out of PostgreSQL's texts; None: they are it."""
    if column.source == "batch_no":
        batches = {str(row.id): row.batch_no for row in tx.execute("SELECT id, batch_no FROM deliveries")}
        return lambda values: list(map(batches.__getitem__, values))
    if column.kind == "number":
        return lambda values: list(map(int, values))
    if isinstance(cards.c[column.source].type, DateTime):
        return lambda values: [value and value[:_SECONDS] for value in values]
    return None


_SECONDS = len("2026-12-31 23:59:59")
