"""终端流量明细: what each terminal used in a month (TRF-03).

Most cards have been on their terminal all month. Their terminals are read unit by unit, in order, and added up on the
way. Asked for by volumes, a terminal with one card is its card, found by the index of sums; those with several cards
are added up beforehand, and always those that a card has left or come to meanwhile, day by day.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Date, Row, Select, Text, cast, column, func, literal, literal_column, select, text

from kernel.chassis.lists.columns import Column, number, unit_columns
from kernel.chassis.lists.conditions import begins, between, equals, scope
from kernel.chassis.lists.paging import KeyColumn
from kernel.chassis.lists.parted import MergedList, Source
from kernel.chassis.lists.spec import Asked
from kernel.contracts.traffic.distribution import LIST_TERMINAL_MONTHS, ListTerminalMonths, TerminalMonth
from services.traffic import months, terminals
from services.traffic.month_list import BYTES
from services.traffic.tables import cards

_TERMINAL = literal_column("sums.terminal", Text)
_UNIT = literal_column("sums.unit", Text)
_CARRIER = KeyColumn(literal_column("sums.carrier_month", BigInteger), nullable=True)
_STATION = KeyColumn(literal_column("sums.terminal_month", BigInteger), nullable=True)
_OF_ROW = ("terminal", "iccid", "unit", "carrier", "carrier_month", "terminal_month")
_MOST_UNITS = 30
"""So many are read one by one; more together, for then most terminals are of one of them."""


def _of_changed(asked: Asked[ListTerminalMonths], month: months.MonthOfUsage, changed: list[str]) -> Any:
    params = {name: value for name, value in month.params.items() if f":{name}" in month.terminals}
    codes = [column(name, cards.c.iccid.type) for name in _OF_ROW[:4]]
    sizes = [column(name, BigInteger) for name in _OF_ROW[4:]]
    rows = text(month.terminals).bindparams(**params).columns(*codes, *sizes).subquery("all_rows")
    of_unit = scope(rows.c.unit, asked.request.unit, asked.by)
    return select(*rows.c).where(rows.c.terminal == func.any(changed), of_unit).subquery("sums")


def _sources(asked: Asked[ListTerminalMonths]) -> list[Source]:
    request, tx = asked.request, asked.tx
    month = months.asked(tx, request.month, asked.now)
    changed = terminals.changed(tx, month.month)
    of_changed = [_source(asked, _of_changed(asked, month, changed), month.month)] if changed else []
    unit = asked.by.unit if request.unit is None else request.unit
    of_unit = scope(cards.c.owner_unit, request.unit, asked.by)
    if _by_volume(request) and (shared := terminals.shared(tx, unit)) is not None:
        alone = terminals.settled(month, of_unit, but=sorted({*changed, *shared}))
        several = terminals.settled(month, of_unit, cards.c.terminal_asset_no == func.any(shared), but=changed)
        of_several = [_source(asked, several, month.month)] if shared else []
        return [_alone(asked, alone, month.month), *of_several, *of_changed]
    parts = None if _by_volume(request) else terminals.units(tx, unit, _MOST_UNITS)
    if parts is None:
        return [_source(asked, terminals.settled(month, of_unit, but=changed), month.month), *of_changed]
    return [*(_of_unit(asked, part, month, changed) for part in parts), *of_changed]


def _of_unit(asked: Asked[ListTerminalMonths], unit: str, month: months.MonthOfUsage, changed: list[str]) -> Source:
    its_own = cards.c.owner_unit == unit
    read, counted = (terminals.settled(month, its_own, but=changed, walk=walk) for walk in (True, False))
    return Source(rows=_source(asked, read, month.month).rows, counted=_source(asked, counted, month.month).counted)


def _by_volume(request: ListTerminalMonths) -> bool:
    limits = (request.terminal_from, request.terminal_to)
    return limits != (None, None) or request.sort not in (None, "terminal")


def _alone(asked: Asked[ListTerminalMonths], rows: Any, month: date) -> Source:
    """A line per row."""
    used = between(rows.c.terminal_month, asked.request.terminal_from, asked.request.terminal_to)
    figures = (literal(1).label("cards"), rows.c.iccid, rows.c.terminal_month, rows.c.carrier_month)
    lines = select(*_line(rows, month), *figures, _difference(rows.c.carrier_month, rows.c.terminal_month))
    lines = lines.where(*_asked_for(asked, rows), *used, scope(rows.c.unit, asked.request.unit, asked.by))
    return Source(rows=lines, counted=lines)


def _source(asked: Asked[ListTerminalMonths], rows: Any, month: date) -> Source:
    request, added = asked.request, _added_up(asked, rows, month)
    used = between(func.sum(rows.c.terminal_month), request.terminal_from, request.terminal_to)
    few = added.with_only_columns(rows.c.terminal).having(*used) if used else added.with_only_columns(rows.c.terminal)
    if not _by_volume(request):
        return Source(rows=added, counted=few)
    # All are added up before any is chosen, and PostgreSQL shall know that.
    sums = (added.having(*used) if used else added).cte("sums").prefix_with("MATERIALIZED")
    return Source(rows=select(*sums.c), counted=few)


def _added_up(asked: Asked[ListTerminalMonths], rows: Any, month: date) -> Select[Any]:
    """A line per terminal and unit. In the order of its groups PostgreSQL stops adding up when a page is full."""
    terminal, carrier = (cast(func.sum(rows.c[name]), BigInteger) for name in ("terminal_month", "carrier_month"))
    figures = (terminal.label("terminal_month"), carrier.label("carrier_month"), _difference(carrier, terminal))
    its_cards = (func.count(rows.c.iccid.distinct()).label("cards"), func.min(rows.c.iccid).label("iccid"))
    lines = select(*_line(rows, month), *its_cards, *figures).where(*_asked_for(asked, rows))
    return lines.group_by(rows.c.terminal, rows.c.unit)


def _line(rows: Any, month: date) -> tuple[Any, ...]:
    return rows.c.terminal, literal(month, Date).label("month"), rows.c.unit


def _difference(carrier: Any, terminal: Any) -> Any:
    return (carrier - terminal).label("difference")


def _asked_for(asked: Asked[ListTerminalMonths], rows: Any) -> tuple[Any, ...]:
    request = asked.request
    return (
        *equals(request, {"carrier": rows.c.carrier}),
        *begins(rows.c.terminal, request.terminal),
    )


def _terminals(asked: Asked[ListTerminalMonths], rows: Sequence[Row[Any]]) -> list[TerminalMonth]:
    return [TerminalMonth.model_validate({**row._mapping, **months.days(row.month)}) for row in rows]


TERMINAL_MONTHS = MergedList(
    method=LIST_TERMINAL_MONTHS,
    title="终端流量明细",
    resource="terminal-months",
    matching=_sources,
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
