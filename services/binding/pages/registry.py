"""各状态终端数量统计 from the counts that a trigger keeps; 终端明细 and 未绑定终端明细 from the terminals (BND-07)."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, Select, Text, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.columns import Column, number
from kernel.chassis.lists.conditions import equals, within
from kernel.chassis.lists.spec import Asked, SelectList, Statistic
from kernel.contracts.binding.registry import (
    COUNT_TERMINALS,
    LIST_TERMINALS,
    CountedTerminals,
    CountTerminals,
    ListedTerminal,
    ListTerminals,
    TerminalCounts,
)
from kernel.contracts.words import chinese
from kernel.contracts.words_binding import TERMINAL_STATES
from kernel.contracts.words_people import CARRIER_NAMES
from kernel.model.actor import Actor
from kernel.model.unit import prefix_end
from services.binding.pages.scope import UNIT_COLUMNS, UNITS, asked_unit, asset_no_begins
from services.binding.tables import terminal_counts, terminals

_T, _N = terminals.c, terminal_counts.c
_STATES = ("running", "stopped", "pending_install", "removed")
_SUMS = (*_STATES, "total", "unbound")
_OF_STATES = ", ".join(
    f"coalesce(sum(terminals) FILTER (WHERE state = '{state}'), 0)::bigint AS {state}" for state in _STATES
)
_COUNT = f"""
SELECT left(unit, :child) AS unit, {_OF_STATES},
       sum(terminals)::bigint AS total,
       coalesce(sum(terminals) FILTER (WHERE carriers = '' AND state <> 'removed'), 0)::bigint AS unbound
FROM terminal_counts WHERE unit >= :unit AND unit < :unit_end
GROUP BY 1 HAVING sum(terminals) > 0 ORDER BY 1
"""
_HELD = """
SELECT asset_no, iccid FROM bindings
WHERE asset_no = ANY(CAST(:terminals AS text[])) AND bound_from IS NOT NULL AND bound_to IS NULL ORDER BY asset_no, slot
"""


def count_terminals(tx: Tx, request: CountTerminals, *, by: Actor) -> CountedTerminals:
    """Terminals per unit and state. Raises unit_malformed, unit_out_of_scope."""
    unit = asked_unit(request.unit, by)
    rows = tx.execute(_COUNT, {"unit": unit, "unit_end": prefix_end(unit), "child": len(unit) + 2}).all()
    items = [TerminalCounts(exact=row.unit == unit, **row._mapping) for row in rows]
    return CountedTerminals(items=items, totals={name: sum(getattr(row, name) for row in rows) for name in _SUMS})


TERMINAL_COUNTS = Statistic(
    method=COUNT_TERMINALS,
    title="各状态终端数量统计",
    resource="binding/statistics/terminals",
    act=lambda tx, request, *, by, now: count_terminals(tx, request, by=by),
    columns=(
        *UNIT_COLUMNS,
        *(number(state, name, total=True) for state, name in chinese(TERMINAL_STATES).items()),
        number("total", "合计", total=True),
        number("unbound", "未绑卡", total=True),
    ),
)


def _matching(asked: Asked[ListTerminals]) -> Select[Any]:
    request = asked.request
    unit = asked_unit(request.unit, asked.by)
    query = select(terminals).where(
        _T.unit == unit if request.unit_exact else within(_T.unit, unit),
        *asset_no_begins(_T.asset_no, request.terminal),
        *equals(request, {"state": _T.state}),
    )
    if request.carrier is not None:
        query = query.where(func.string_to_array(_T.carriers, ",", type_=ARRAY(Text)).contains([request.carrier]))
    if request.bound is None:
        return query
    return query.where(_T.carriers != "") if request.bound else query.where(_T.carriers == "", _T.state != "removed")


def _items(asked: Asked[ListTerminals], rows: Sequence[Row[Any]]) -> list[ListedTerminal]:
    held = defaultdict(list)
    for row in asked.tx.execute(_HELD, {"terminals": [row.asset_no for row in rows if row.carriers]}):
        held[row.asset_no].append(row.iccid)
    return [
        ListedTerminal(
            terminal=row.asset_no, unit=row.unit, kind=row.kind, state=row.state, slots=row.slots,
            carriers=row.carriers.split(",") if row.carriers else [], iccids=held[row.asset_no],
            reported_at=row.reported_at, station=row.station,
        )
        for row in rows
    ]  # fmt: skip


def _kept(asked: Asked[ListTerminals]) -> int | None:
    """From the kept counts, which tell terminals of a unit apart by state and carriers."""
    request = asked.request
    if request.terminal:
        return None
    unit = asked_unit(request.unit, asked.by)
    query = select(func.coalesce(func.sum(_N.terminals), 0)).where(
        _N.unit == unit if request.unit_exact else within(_N.unit, unit), *equals(request, {"state": _N.state})
    )
    if request.carrier is not None:
        query = query.where(func.string_to_array(_N.carriers, ",", type_=ARRAY(Text)).contains([request.carrier]))
    if request.bound is not None:
        query = query.where(_N.carriers != "" if request.bound else (_N.carriers == "") & (_N.state != "removed"))
    return int(asked.tx.execute(query).scalar_one())


TERMINALS = SelectList(
    method=LIST_TERMINALS,
    title="终端明细",
    resource="binding/terminals",
    matching=_matching,
    items=_items,
    key=(_T.unit, _T.asset_no),
    kept=_kept,
    sorts={"unit": _T.unit, "terminal": _T.asset_no},
    columns=(
        *UNITS,
        Column("terminal", "终端资产编号", kind="code"),
        Column("kind", "终端类型"),
        Column("state", "终端状态", words=chinese(TERMINAL_STATES), width=10),
        number("slots", "模块槽位数"),
        Column("carriers", "运营商", words=chinese(CARRIER_NAMES)),
        Column("iccids", "ICCID", kind="code"),
        Column("reported_at", "上报时间"),
        Column("station", "采集主站"),
    ),
)
