"""终端流量明细: what each terminal used in a month (TRF-03).

Most cards have been on their terminal all month: their terminals are read in order and added up on the way. Terminals
that a card has left or come to meanwhile are added up day by day, all of them, and merged into the page.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Date, Row, Select, Text, cast, column, func, literal, literal_column, select, text

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.columns import Column, number, unit_columns
from kernel.chassis.lists.conditions import begins, between, equals, scope
from kernel.chassis.lists.paging import KeyColumn
from kernel.chassis.lists.parted import MergedList, Source
from kernel.chassis.lists.spec import Asked
from kernel.contracts.traffic.distribution import LIST_TERMINAL_MONTHS, ListTerminalMonths, TerminalMonth
from services.traffic import months
from services.traffic.month_list import BYTES
from services.traffic.tables import cards

_TERMINAL = literal_column("sums.terminal", Text)
_UNIT = literal_column("sums.unit", Text)
_CARRIER = KeyColumn(literal_column("sums.carrier_month", BigInteger), nullable=True)
_STATION = KeyColumn(literal_column("sums.terminal_month", BigInteger), nullable=True)
_CHANGED = """
SELECT terminal FROM past_places WHERE until > :month AND terminal IS NOT NULL
UNION
SELECT terminal_asset_no FROM past_places JOIN cards ON cards.id = card_id
WHERE until > :month AND terminal_asset_no IS NOT NULL
"""
"""Terminals with a card that has been elsewhere since the month began, or that a card has left since."""


def _changed(tx: Tx, month: date) -> list[str]:
    return list(tx.execute(_CHANGED, {"month": month}).scalars())


def _of_settled(month: months.MonthOfUsage, changed: list[str]) -> Any:
    """Rows of cards on terminals where nothing has changed."""
    sums, terminal = month.rows.subquery("used"), cards.c.terminal_asset_no
    settled = [terminal.is_not(None), *([terminal != func.all(changed)] if changed else [])]
    rows = select(terminal.label("terminal"), cards.c.iccid, *[sums.c[name] for name in _OF_ROW[2:]])
    return rows.join_from(sums, cards, cards.c.id == sums.c.card_id).where(*settled).subquery("sums")


_OF_ROW = ("terminal", "iccid", "unit", "carrier", "carrier_month", "terminal_month")


def _of_changed(month: months.MonthOfUsage, changed: list[str]) -> Any:
    params = {name: value for name, value in month.params.items() if f":{name}" in month.terminals}
    codes = [column(name, cards.c.iccid.type) for name in _OF_ROW[:4]]
    sizes = [column(name, BigInteger) for name in _OF_ROW[4:]]
    rows = text(month.terminals).bindparams(**params).columns(*codes, *sizes).subquery("all_rows")
    return select(*rows.c).where(rows.c.terminal.in_(changed)).subquery("sums")


def _sources(asked: Asked[ListTerminalMonths]) -> list[Source]:
    month = months.asked(asked.tx, asked.request.month, asked.now)
    changed = _changed(asked.tx, month.month)
    settled = _source(asked, _of_settled(month, changed), month.month)
    return [settled, _source(asked, _of_changed(month, changed), month.month)] if changed else [settled]


def _source(asked: Asked[ListTerminalMonths], rows: Any, month: date) -> Source:
    request, added = asked.request, _added_up(asked, rows, month)
    used = between(func.sum(rows.c.terminal_month), request.terminal_from, request.terminal_to)
    few = added.with_only_columns(rows.c.terminal).having(*used) if used else added.with_only_columns(rows.c.terminal)
    if not used and request.sort in (None, "terminal"):
        return Source(rows=added, counted=few)
    # All are added up before any is chosen, and PostgreSQL shall know that.
    sums = (added.having(*used) if used else added).cte("sums").prefix_with("MATERIALIZED")
    return Source(rows=select(*sums.c), counted=few)


def _added_up(asked: Asked[ListTerminalMonths], rows: Any, month: date) -> Select[Any]:
    """A line per terminal and unit. In the order of its groups PostgreSQL stops adding up when a page is full."""
    request = asked.request
    terminal, carrier = (cast(func.sum(rows.c[name]), BigInteger) for name in ("terminal_month", "carrier_month"))
    return (
        select(
            rows.c.terminal,
            literal(month, Date).label("month"),
            rows.c.unit,
            func.count(rows.c.iccid.distinct()).label("cards"),
            func.min(rows.c.iccid).label("iccid"),
            terminal.label("terminal_month"),
            carrier.label("carrier_month"),
            (carrier - terminal).label("difference"),
        )
        .where(
            scope(rows.c.unit, request.unit, asked.by),
            *equals(request, {"carrier": rows.c.carrier}),
            *begins(rows.c.terminal, request.terminal),
        )
        .group_by(rows.c.terminal, rows.c.unit)
    )


def _terminals(asked: Asked[ListTerminalMonths], rows: Sequence[Row[Any]]) -> list[TerminalMonth]:
    return [TerminalMonth.model_validate({**row._mapping, **months.days(row.month)}) for row in rows]


TERMINAL_MONTHS = MergedList(
    method=LIST_TERMINAL_MONTHS,
    title="终端流量明细",
    resource="terminal-months",
    sources=_sources,
    items=_terminals,
    key=(_TERMINAL, _UNIT),
    sorts={"terminal": _TERMINAL, "terminal_month": _STATION, "carrier_month": _CARRIER},
    columns=(
        Column("terminal", "终端资产编号", kind="code"),
        Column("month", "月份"),
        *unit_columns("unit", "单位"),
        number("cards", "卡数"),
        Column("iccid", "ICCID", kind="code"),
        *BYTES,
    ),
)
list_terminal_months = TERMINAL_MONTHS.answer
