"""SIM日流量明细: what each card used on each day, by the carrier and by the master station (TRF-04)."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import BigInteger, Date, Row, Select, literal_column, or_, select, text, union_all

from kernel.chassis.lists.columns import Column, number, unit_columns
from kernel.chassis.lists.conditions import begins, between, equals, scope
from kernel.chassis.lists.spec import Asked, SelectList
from kernel.contracts.traffic.days import LIST_USAGE_DAYS, ListUsageDays, UsageDay
from services.traffic import folding
from services.traffic.tables import cards, loads, usage_days

_CARRIERS = loads.alias("carrier_loads")
_STATIONS = loads.alias("terminal_loads")
_DAY = literal_column("days.day", Date)
_CARD = literal_column("days.card_id", BigInteger)
_SINCE = timedelta(days=31)
_ANY_FOLDED = "SELECT EXISTS (SELECT FROM folded_months WHERE month >= :since AND month <= :until)"
_FOLDED = text(f"{folding.DAYS_OF_FOLDED} AND month >= :since AND month <= :until").columns(
    *[usage_days.c[name] for name in ("day", "card_id", "unit", "carrier", "carrier_bytes", "terminal_bytes",
                                      "carrier_load", "terminal_load")]
)  # fmt: skip


def days_of(asked: Asked[ListUsageDays]) -> Any:
    """Figures of the days asked for. Without days and card: of the last 31 that have any, for older ones are many.

    Rows that only carry the month on are none: no source has a figure of that day.
    """
    request, tx = asked.request, asked.tx
    first, last = request.day_from, request.day_to
    if first is None and last is None and not request.iccid:
        newest = tx.execute("SELECT max(day) FROM usage_days").scalar_one()
        first = newest - _SINCE if newest else None
    c = usage_days.c
    told = or_(c.carrier_load.is_not(None), c.terminal_load.is_not(None))
    days = select(c.day, c.card_id, c.unit, c.carrier, c.carrier_bytes, c.terminal_bytes, c.carrier_load,
                  c.terminal_load).where(told, *between(c.day, first, last))  # fmt: skip
    span = {"since": (first or date.min).replace(day=1), "until": last or date.max}
    if not tx.execute(_ANY_FOLDED, span).scalar_one():
        return days.subquery("days")
    folded = _FOLDED.bindparams(**span).subquery("folded")
    of_days = select(*folded.c).where(*between(folded.c.day, first, last))
    return union_all(days, of_days).subquery("days")


def _matching(asked: Asked[ListUsageDays]) -> Select[Any]:
    request = asked.request
    days = days_of(asked).c
    return (
        select(
            days.day,
            days.card_id,
            days.unit,
            days.carrier,
            days.carrier_bytes,
            days.terminal_bytes,
            (days.carrier_bytes - days.terminal_bytes).label("difference"),
            cards.c.iccid,
            _CARRIERS.c.as_of.label("carrier_as_of"),
            _STATIONS.c.as_of.label("terminal_as_of"),
        )
        .join(cards, cards.c.id == days.card_id)
        .outerjoin(_CARRIERS, _CARRIERS.c.id == days.carrier_load)
        .outerjoin(_STATIONS, _STATIONS.c.id == days.terminal_load)
        .where(
            scope(days.unit, request.unit, asked.by),
            *equals(request, {"carrier": days.carrier}),
            *begins(cards.c.iccid, request.iccid),
            *between(days.carrier_bytes, request.carrier_from, request.carrier_to),
            *between(days.terminal_bytes, request.terminal_from, request.terminal_to),
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
    key=_CARD,  # unique within a day, which begins every order; a day's rows stand in this order
    sorts={"day": _DAY},
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
