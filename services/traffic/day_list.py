"""SIM日流量明细: what each card used on each day, by the carrier and by the master station (TRF-04).

Each day is a stretch of the list: a table of its own, or a day of a folded month. A few cards' days are one stretch.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import BigInteger, Date, Row, Select, literal_column, or_, select, text, true, union_all

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.columns import Column, number, unit_columns
from kernel.chassis.lists.conditions import Condition, between, equals, scope
from kernel.chassis.lists.parted import PartedList, Stretch
from kernel.chassis.lists.spec import Asked
from kernel.contracts.traffic.days import LIST_USAGE_DAYS, ListUsageDays, UsageDay
from services.traffic import folding
from services.traffic.cards import few_cards, named
from services.traffic.tables import cards, folded_months, loads, usage_day_counts, usage_days

_CARRIERS = loads.alias("carrier_loads")
_STATIONS = loads.alias("terminal_loads")
_DAY = literal_column("days.day", Date)
_CARD = literal_column("days.card_id", BigInteger)
_SINCE = timedelta(days=31)
_FIGURES = ("day", "card_id", "unit", "carrier", "carrier_bytes", "terminal_bytes", "carrier_load", "terminal_load")
_OF_MONTHS = text(f"{folding.DAYS_OF_FOLDED} AND month = ANY(:months)").columns(*[usage_days.c[it] for it in _FIGURES])
_OF_DAY = text(folding.DAY_OF_FOLDED).columns(*[usage_days.c[it] for it in _FIGURES])


def _open_days(*conditions: Condition) -> Select[Any]:
    """Rows that only carry the month on are none: no source has a figure of that day."""
    told = or_(usage_days.c.carrier_load.is_not(None), usage_days.c.terminal_load.is_not(None))
    return select(*[usage_days.c[name] for name in _FIGURES]).where(told, *conditions)


def of_day(tx: Tx, day: date | None) -> Any:
    """The figures of one day, or of the newest."""
    chosen = day or tx.execute("SELECT max(day) FROM usage_days").scalar_one() or date.min
    return _of_day(chosen, folded=bool(_folded(tx, chosen, chosen)))


def _of_day(day: date, *, folded: bool) -> Any:
    if not folded:
        return _open_days(usage_days.c.day == day).subquery("days")
    return _OF_DAY.bindparams(month=day.replace(day=1), number=day.day).subquery("days")


def _of_few(tx: Tx, ids: Sequence[int], first: date | None, last: date | None) -> Any:
    """All days of some cards, in one select."""
    months, day = _folded(tx, first, last), usage_days.c.day
    open_days = [it for it in _known_days(tx, first, last) if it.replace(day=1) not in months]
    its_days = _open_days(usage_days.c.card_id.in_(ids), day.in_(open_days))  # each day's index begins with the day
    if not months:
        return its_days.subquery("days")
    folded = _OF_MONTHS.bindparams(months=sorted(months)).subquery("folded")
    of_folded = select(*folded.c).where(folded.c.card_id.in_(ids), *between(folded.c.day, first, last))
    return union_all(its_days, of_folded).subquery("days")


def _folded(tx: Tx, first: date | None, last: date | None) -> set[date]:
    """The folded months that the days lie in."""
    month = folded_months.c.month
    return set(tx.execute(select(month).where(*between(month, first and first.replace(day=1), last))).scalars())


def _days(tx: Tx, request: ListUsageDays) -> list[date]:
    """The days asked for that have figures, in order. Without any: the last 31 of them, for older ones are many."""
    first = request.day_from
    if first is None and request.day_to is None:
        newest = tx.execute("SELECT max(day) FROM usage_days").scalar_one()
        first = newest - _SINCE if newest else None
    return _known_days(tx, first, request.day_to)


def _known_days(tx: Tx, first: date | None, last: date | None) -> list[date]:
    day = usage_day_counts.c.day
    return list(tx.execute(select(day).distinct().where(*between(day, first, last)).order_by(day)).scalars())


def _stretches(asked: Asked[ListUsageDays]) -> list[Stretch]:
    request, tx = asked.request, asked.tx
    few = few_cards(tx, request.iccid)
    if few is not None:
        first, last = request.day_from or date.min, request.day_to or date.max
        return [_stretch(asked, first, last, _of_few(tx, few, request.day_from, request.day_to), true())]
    known = _days(tx, request)
    folded = _folded(tx, known[0], known[-1]) if known else set()
    return [
        _stretch(asked, day, day, _of_day(day, folded=day.replace(day=1) in folded), *named(request.iccid))
        for day in known
    ]


def _stretch(asked: Asked[ListUsageDays], first: date, last: date, of: Any, *conditions: Condition) -> Stretch:
    request, days = asked.request, of.c
    figures = (
        scope(days.unit, request.unit, asked.by),
        *equals(request, {"carrier": days.carrier}),
        *between(days.carrier_bytes, request.carrier_from, request.carrier_to),
        *between(days.terminal_bytes, request.terminal_from, request.terminal_to),
    )
    rows = (
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
        .where(*figures, *conditions)
    )
    counted = rows if named(request.iccid) else select(days.card_id).where(*figures)
    return Stretch(first=first, last=last, rows=rows, counted=counted)


def _items(asked: Asked[ListUsageDays], rows: Sequence[Row[Any]]) -> list[UsageDay]:
    return [UsageDay.model_validate(row._mapping) for row in rows]


USAGE_DAYS = PartedList(
    method=LIST_USAGE_DAYS,
    title="SIM日流量明细",
    resource="usage-days",
    matching=_stretches,
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
