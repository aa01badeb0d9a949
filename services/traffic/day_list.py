"""SIM日流量明细: what each card used on each day, by the carrier and by the master station (TRF-04)."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, or_, select

from kernel.chassis.lists.columns import Column, number, unit_columns
from kernel.chassis.lists.conditions import begins, equals, scope
from kernel.chassis.lists.spec import Asked, SelectList
from kernel.contracts.traffic.days import LIST_USAGE_DAYS, ListUsageDays, UsageDay
from services.traffic.tables import cards, loads, usage_days

_D = usage_days.c
_CARRIERS = loads.alias("carrier_loads")
_STATIONS = loads.alias("terminal_loads")


def _between(column: ColumnElement[Any], least: Any, most: Any) -> list[ColumnElement[bool]]:
    found = [] if least is None else [column >= least]
    return found if most is None else [*found, column <= most]


def _matching(asked: Asked[ListUsageDays]) -> Select[Any]:
    """Rows that only carry the month on are none: no source has a figure of that day."""
    request = asked.request
    return (
        select(
            _D.day,
            _D.card_id,
            _D.unit,
            _D.carrier,
            _D.carrier_bytes,
            _D.terminal_bytes,
            (_D.carrier_bytes - _D.terminal_bytes).label("difference"),
            cards.c.iccid,
            _CARRIERS.c.as_of.label("carrier_as_of"),
            _STATIONS.c.as_of.label("terminal_as_of"),
        )
        .join(cards, cards.c.id == _D.card_id)
        .outerjoin(_CARRIERS, _CARRIERS.c.id == _D.carrier_load)
        .outerjoin(_STATIONS, _STATIONS.c.id == _D.terminal_load)
        .where(
            scope(_D.unit, request.unit, asked.by),
            or_(_D.carrier_load.is_not(None), _D.terminal_load.is_not(None)),
            *equals(request, {"carrier": _D.carrier}),
            *begins(cards.c.iccid, request.iccid),
            *_between(_D.day, request.day_from, request.day_to),
            *_between(_D.carrier_bytes, request.carrier_from, request.carrier_to),
            *_between(_D.terminal_bytes, request.terminal_from, request.terminal_to),
        )
    )


def _items(asked: Asked[ListUsageDays], rows: Sequence[Row[Any]]) -> list[UsageDay]:
    return [UsageDay.model_validate(row._mapping) for row in rows]


USAGE_DAYS = SelectList(
    method=LIST_USAGE_DAYS,
    title="SIM日流量明细",
    resource="usage-days",
    matching=_matching,
    items=_items,
    key=cards.c.iccid,  # unique within a day, which begins every order
    sorts={"day": _D.day},
    newest_first=True,
    columns=(
        Column("iccid", "ICCID", kind="code"),
        Column("day", "日期"),
        *unit_columns("unit", "单位"),
        Column("carrier", "运营商"),
        number("carrier_bytes", "运营商流量（字节）", total=True),
        number("terminal_bytes", "终端流量（字节）", total=True),
        number("difference", "差值（字节）", total=True),
        Column("carrier_as_of", "运营商数据时间"),
        Column("terminal_as_of", "主站数据时间"),
    ),
)
list_usage_days = USAGE_DAYS.answer
