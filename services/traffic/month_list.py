"""月明细: what each card, and each terminal, used in a month (TRF-02, TRF-03)."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Date,
    Row,
    Select,
    Text,
    cast,
    column,
    func,
    literal,
    literal_column,
    or_,
    select,
    text,
    union_all,
)

from kernel.chassis.lists.columns import Column, number, unit_columns
from kernel.chassis.lists.conditions import begins, between, equals, scope
from kernel.chassis.lists.paging import KeyColumn
from kernel.chassis.lists.spec import Asked, SelectList
from kernel.contracts.traffic.distribution import (
    LIST_TERMINAL_MONTHS,
    LIST_USAGE_MONTHS,
    ListTerminalMonths,
    ListUsageMonths,
    TerminalMonth,
    UsageMonth,
)
from services.traffic import months
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
    request = asked.request
    sums = _sums(asked, request.iccid)
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
        .where(
            scope(sums.c.unit, request.unit, asked.by),
            or_(sums.c.carrier_month.is_not(None), sums.c.terminal_month.is_not(None)),
            *equals(request, {"carrier": sums.c.carrier}),
            *begins(cards.c.iccid, request.iccid),
            *between(sums.c.carrier_month, request.carrier_from, request.carrier_to),
            *between(sums.c.terminal_month, request.terminal_from, request.terminal_to),
        )
    )


def _days(month: date) -> dict[str, Any]:
    return {
        "month": month.strftime("%Y-%m"),
        "first_day": month,
        "last_day": months.after(month) - timedelta(days=1),
    }


def _cards(asked: Asked[ListUsageMonths], rows: Sequence[Row[Any]]) -> list[UsageMonth]:
    own = own_months(asked.tx, [(row.card_id, row.month) for row in rows])
    return [
        UsageMonth.model_validate({**row._mapping, **_days(row.month), "own_month": own.get((row.card_id, row.month))})
        for row in rows
    ]


_BYTES = (
    number("carrier_month", "运营商流量（字节）", total=True),
    number("terminal_month", "终端流量（字节）", total=True),
    number("difference", "差值（字节）", total=True),
)
USAGE_MONTHS = SelectList(
    method=LIST_USAGE_MONTHS,
    title="卡流量月明细",
    resource="usage-months",
    matching=_of_cards,
    items=_cards,
    key=(_CARD, _UNIT, _MONTH),
    sorts={"month": _MONTH, "carrier_month": _CARRIER, "terminal_month": _STATION},
    newest_first=True,
    columns=(
        Column("iccid", "ICCID", kind="code"),
        Column("month", "月份"),
        *unit_columns("unit", "单位"),
        Column("carrier", "运营商"),
        Column("terminal", "终端资产编号", kind="code"),
        *_BYTES,
        number("own_month", "终端自计流量（字节）"),
    ),
)
list_usage_months = USAGE_MONTHS.answer


def _terminal_rows(month: months.MonthOfUsage) -> Any:
    params = {name: value for name, value in month.params.items() if f":{name}" in month.terminals}
    codes = [column(name, cards.c.iccid.type) for name in ("terminal", "iccid", "unit", "carrier")]
    sizes = [column(name, BigInteger) for name in ("carrier_month", "terminal_month")]
    return text(month.terminals).bindparams(**params).columns(*codes, *sizes).subquery("rows")


def _of_terminals(asked: Asked[ListTerminalMonths]) -> Select[Any]:
    request = asked.request
    month = months.asked(asked.tx, request.month, asked.now)
    rows = _terminal_rows(month)
    terminals = (
        select(
            rows.c.terminal,
            literal(month.month, Date).label("month"),
            rows.c.unit,
            func.count(rows.c.iccid.distinct()).label("cards"),
            func.min(rows.c.iccid).label("iccid"),
            cast(func.sum(rows.c.terminal_month), BigInteger).label("terminal_month"),
            cast(func.sum(rows.c.carrier_month), BigInteger).label("carrier_month"),
        )
        .where(
            scope(rows.c.unit, request.unit, asked.by),
            *equals(request, {"carrier": rows.c.carrier}),
            *begins(rows.c.terminal, request.terminal),
        )
        .group_by(rows.c.terminal, rows.c.unit)
        .subquery("terminals")
    )
    sums = select(terminals).subquery("sums")
    used = between(sums.c.terminal_month, request.terminal_from, request.terminal_to)
    return select(*sums.c, (sums.c.carrier_month - sums.c.terminal_month).label("difference")).where(*used)


def _terminals(asked: Asked[ListTerminalMonths], rows: Sequence[Row[Any]]) -> list[TerminalMonth]:
    return [TerminalMonth.model_validate({**row._mapping, **_days(row.month)}) for row in rows]


TERMINAL_MONTHS = SelectList(
    method=LIST_TERMINAL_MONTHS,
    title="终端流量明细",
    resource="terminal-months",
    matching=_of_terminals,
    items=_terminals,
    key=(_TERMINAL, _UNIT),
    sorts={"terminal": _TERMINAL, "terminal_month": _STATION, "carrier_month": _CARRIER},
    columns=(
        Column("terminal", "终端资产编号", kind="code"),
        Column("month", "月份"),
        *unit_columns("unit", "单位"),
        number("cards", "卡数"),
        Column("iccid", "ICCID", kind="code"),
        *_BYTES,
    ),
)
list_terminal_months = TERMINAL_MONTHS.answer
