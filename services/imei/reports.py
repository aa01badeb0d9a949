"""串码统计: devices per state by organisation, source, age or unit, from the counts that a trigger keeps (IME-16)."""

from datetime import datetime
from typing import Any

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.columns import Column, number, unit_columns
from kernel.chassis.lists.spec import Statistic
from kernel.contracts.imei.reports import COUNT_SERIALS, CountedSerials, CountSerials, SerialCounts
from kernel.contracts.words import chinese
from kernel.contracts.words_imei import AGES, LIST_SOURCES, SERIAL_STATES
from kernel.model.actor import Actor
from kernel.model.unit import check_unit, prefix_end
from services.imei import ages, organisations

_STATES = tuple(SERIAL_STATES)
_PER_STATE = ", ".join(
    f"coalesce(sum(devices) FILTER (WHERE state = '{state}'), 0)::bigint AS {state}" for state in _STATES
)
_MADE_BY = {
    "organisation": "organisation",
    "source": "source",
    "unit": "left(unit, :child)",
    "age": "CASE "
    + " ".join(f"WHEN entered_month >= :{age} THEN '{age}'" for age in [*ages.AGES][:-1])
    + f" ELSE '{[*ages.AGES][-1]}' END",
}
_COUNT = f"""
SELECT {{made_by}} AS "group", {_PER_STATE}, sum(devices)::bigint AS total
FROM device_counts
WHERE unit >= :unit AND unit < :unit_end AND (CAST(:pool AS text) IS NULL OR pool = :pool)
  AND (CAST(:house AS text[]) IS NULL OR organisation = ANY(:house))
GROUP BY 1 HAVING sum(devices) > 0 ORDER BY 1 NULLS FIRST
"""
# Lines are appended by every statement that changes devices; what is alike becomes one line again.
_ADD_UP = """
WITH gone AS (DELETE FROM device_counts RETURNING *)
INSERT INTO device_counts
SELECT unit, organisation, state, pool, source, entered_month, sum(devices) FROM gone
GROUP BY 1, 2, 3, 4, 5, 6 HAVING sum(devices) <> 0
"""


def count(tx: Tx, request: CountSerials, *, by: Actor, now: datetime) -> CountedSerials:
    """Raises unit_malformed, unit_out_of_scope."""
    unit = by.unit if request.unit is None else check_unit(request.unit)
    by.require_within(unit)
    more: dict[str, dict[str, Any]] = {"unit": {"child": len(unit) + 2}, "age": ages.first_months(now)}
    own = organisations.house(tx, by)
    asked = {"unit": unit, "unit_end": prefix_end(unit), "pool": request.pool, **more.get(request.per, {})}
    asked["house"] = None if own is None else sorted(own)
    rows = tx.execute(_COUNT.format(made_by=_MADE_BY[request.per]), asked).all()
    items = [_line(row, request, unit) for row in rows]
    return CountedSerials(items=items, totals={name: sum(getattr(it, name) for it in items) for name in _SUMS})


_SUMS = (*_STATES, "total")


def _line(row: Any, request: CountSerials, unit: str) -> SerialCounts:
    counts = {name: getattr(row, name) for name in _SUMS}
    marks = {"exact": row.group == unit, "unplaced": request.per == "organisation" and row.group is None}
    return SerialCounts.model_validate({request.per: row.group, **marks, **counts})


def add_up(tx: Tx) -> None:
    """Of equal lines one remains; whoever reads meanwhile sees the old lines, whoever writes appends to the new."""
    tx.execute(_ADD_UP)


SERIAL_COUNTS = Statistic(
    method=COUNT_SERIALS,
    title="串码统计",
    resource="serial-counts",
    act=count,
    columns=(
        Column("organisation", "库存组织", kind="code"),
        Column("source", "来源", words=chinese(LIST_SOURCES)),
        Column("age", "库龄", words=chinese(AGES)),
        *unit_columns("unit", "单位"),
        *(number(state, name, total=True) for state, name in chinese(SERIAL_STATES).items()),
        number("total", "合计", total=True),
    ),
)
