"""All cards of a list as a file's lines: one statement with the list's conditions and order, read by one cursor.

A million cards have twenty million cells. PostgreSQL writes the moments as text; the names of batches are looked up
beside the cursor, not joined.
"""

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import DateTime, text

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.columns import Column, unit_columns
from kernel.chassis.lists.files import Part
from kernel.chassis.lists.spec import Asked, stream
from kernel.contracts.inventory.cards import ListCards
from kernel.contracts.words import chinese
from kernel.contracts.words_inventory import CARD_STATES
from kernel.model.period import BUSINESS_ZONE, business_date
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
    "state_days": f"greatest(:today - CAST(state_since AT TIME ZONE '{BUSINESS_ZONE.key}' AS date), 0)",
}
"""Columns that are no columns of the card itself > what they are made of."""


def stream_cards(asked: Asked[ListCards], columns: Sequence[Column], order: Order) -> Iterator[Part]:
    """Every card that matches, in the list's order."""
    where, params = card_conditions(resolve(asked.tx, asked.request, by=asked.by, now=asked.now))
    params["today"] = business_date(asked.now)
    taken = ", ".join(f"{_expression(column.source)} AS cell_{at}" for at, column in enumerate(columns))
    statement = text(f"SELECT {taken} FROM cards WHERE {where} ORDER BY {order.sql}")
    batches = _batches(asked.tx)
    places = [at for at, column in enumerate(columns) if column.name == "batch_no"]
    for rows in stream(asked.tx, statement, params):
        yield _with_batches(rows, places[0], batches) if places else rows


def _expression(name: str) -> str:
    """A column as text in business time, or the column itself."""
    if name in _MADE:
        return _MADE[name]
    if isinstance(cards.c[name].type, DateTime):
        return f"left(CAST({name} AT TIME ZONE '{BUSINESS_ZONE.key}' AS text), 19)"
    return name


def _batches(tx: Tx) -> dict[int, str]:
    return {row.id: row.batch_no for row in tx.execute("SELECT id, batch_no FROM deliveries")}


def _with_batches(rows: Part, place: int, batches: Mapping[int, str]) -> Part:
    return [(*row[:place], batches[row[place]], *row[place + 1 :]) for row in rows]
