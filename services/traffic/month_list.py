"""月明细: what each card used in a month (TRF-02)."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    Date,
    Row,
    Select,
    Text,
    literal_column,
    or_,
    select,
    union_all,
)

from kernel.chassis.lists.columns import Column, number, unit_columns
from kernel.chassis.lists.conditions import Condition, between, equals, scope
from kernel.chassis.lists.paging import KeyColumn
from kernel.chassis.lists.spec import Asked, SelectList
from kernel.contracts.traffic.distribution import (
    LIST_USAGE_MONTHS,
    ListUsageMonths,
    UsageMonth,
)
from services.traffic import months
from services.traffic.cards import of_cards
from services.traffic.own_counters import own_months
from services.traffic.tables import cards

_CARRIER = KeyColumn(literal_column("sums.carrier_month", BigInteger), nullable=True)
_STATION = KeyColumn(literal_column("sums.terminal_month", BigInteger), nullable=True)
_MONTH = literal_column("sums.month", Date)
_CARD = literal_column("sums.card_id", BigInteger)
_UNIT = literal_column("sums.unit", Text)
_TERMINAL = literal_column("sums.terminal", Text)


def _sums(asked: Asked[Any], iccid: str | None) -> Any:
    """The sums of the month asked for; with a card's number and no month, of all months."""
    request = asked.request
    found = [months.asked(asked.tx, request.month, asked.now)]
    if iccid and request.month is None:
        found = months.all_of(asked.tx) or found
    rows = [month.rows for month in found]
    return (union_all(*rows) if len(rows) > 1 else rows[0]).subquery("sums")


def _of_cards(asked: Asked[ListUsageMonths]) -> Select[Any]:
    sums = _sums(asked, asked.request.iccid)
    return (
        select(
            sums.c.card_id,
            cards.c.iccid,
            sums.c.month,
            sums.c.unit,
            sums.c.carrier,
            cards.c.terminal_asset_no.label("terminal"),
            sums.c.carrier_month,
            sums.c.terminal_month,
            (sums.c.carrier_month - sums.c.terminal_month).label("difference"),
        )
        .join_from(sums, cards, cards.c.id == sums.c.card_id)
        .where(*_asked_of(asked, sums), *of_cards(asked.tx, sums.c.card_id, asked.request.iccid))
    )


def _counted(asked: Asked[ListUsageMonths]) -> Select[Any]:
    """Without the cards, where their numbers are not asked for."""
    if asked.request.iccid:
        return _of_cards(asked)
    sums = _sums(asked, None)
    return select(sums.c.card_id).where(*_asked_of(asked, sums))


def _asked_of(asked: Asked[ListUsageMonths], sums: Any) -> list[Condition]:
    request = asked.request
    return [
        scope(sums.c.unit, request.unit, asked.by),
        or_(sums.c.carrier_month.is_not(None), sums.c.terminal_month.is_not(None)),
        *equals(request, {"carrier": sums.c.carrier}),
        *between(sums.c.carrier_month, request.carrier_from, request.carrier_to),
        *between(sums.c.terminal_month, request.terminal_from, request.terminal_to),
    ]


def _cards(asked: Asked[ListUsageMonths], rows: Sequence[Row[Any]]) -> list[UsageMonth]:
    own = own_months(asked.tx, [(row.card_id, row.month) for row in rows])
    return [
        UsageMonth.model_validate(
            {**row._mapping, **months.days(row.month), "own_month": own.get((row.card_id, row.month))}
        )
        for row in rows
    ]


BYTES = (
    number("carrier_month", "运营商流量（字节）", total=True),
    number("terminal_month", "终端流量（字节）", total=True),
    number("difference", "差值（字节）", total=True),
)
USAGE_MONTHS = SelectList(
    method=LIST_USAGE_MONTHS,
    title="卡流量月明细",
    resource="usage-months",
    matching=_of_cards,
    counted=_counted,
    items=_cards,
    key=(_CARD, _UNIT, _MONTH),
    sorts={"card": _CARD, "month": _MONTH, "carrier_month": _CARRIER, "terminal_month": _STATION},
    newest_first=True,
    columns=(
        Column("iccid", "ICCID", kind="code"),
        Column("month", "月份"),
        *unit_columns("unit", "单位"),
        Column("carrier", "运营商"),
        Column("terminal", "终端资产编号", kind="code"),
        *BYTES,
        number("own_month", "终端自计流量（字节）"),
    ),
)
list_usage_months = USAGE_MONTHS.answer
