"""非运行流量异常卡, silent cards, and cards whose two figures differ: found anew at each question (TRF-04, TRF-06)."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Select, exists, func, literal, literal_column, or_, select, text

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.columns import Column, number, unit_columns
from kernel.chassis.lists.conditions import begins, equals, scope
from kernel.chassis.lists.paging import KeyColumn
from kernel.chassis.lists.spec import Asked, SelectList, Statistic
from kernel.contracts.traffic.anomalies import (
    COUNT_SILENT_CARDS,
    LIST_IDLE_USAGE,
    LIST_SILENT_CARDS,
    LIST_USAGE_DIFFERENCES,
    CountSilentCards,
    IdleUsage,
    ListIdleUsage,
    ListSilentCards,
    ListUsageDifferences,
    SilentCard,
    SilentCounts,
    SilentUnit,
    UsageDifference,
)
from kernel.contracts.words import chinese
from kernel.contracts.words_inventory import CARD_STATES
from kernel.model.actor import Actor
from kernel.model.period import business_date
from services.traffic import months, page_indexes
from services.traffic.card_use import last_uses
from services.traffic.cards import of_cards
from services.traffic.day_list import of_day
from services.traffic.tables import cards

RUNNING = "running"
_C = cards.c
_TERMINAL = _C.terminal_asset_no.label("terminal")


def _idle(asked: Asked[ListIdleUsage]) -> Select[Any]:
    request = asked.request
    days = of_day(asked.tx, request.day).c
    return (
        select(
            _C.iccid, days.day, days.unit, days.carrier, _C.state, _TERMINAL, days.carrier_bytes, days.terminal_bytes
        )
        .join(cards, _C.id == days.card_id)
        .where(
            scope(days.unit, request.unit, asked.by),
            _C.state != RUNNING,
            or_(days.carrier_bytes > 0, days.terminal_bytes > 0),
            *equals(request, {"carrier": days.carrier, "state": _C.state}),
            *of_cards(asked.tx, days.card_id, request.iccid),
        )
    )


IDLE_USAGE = SelectList(
    method=LIST_IDLE_USAGE,
    title="非运行流量异常卡",
    resource="idle-usage",
    matching=_idle,
    items=lambda asked, rows: [IdleUsage.model_validate(row._mapping) for row in rows],
    key=_C.iccid,
    sorts={
        "iccid": _C.iccid,
        "carrier_bytes": KeyColumn(literal_column("days.carrier_bytes", BigInteger), nullable=True),
    },
    columns=(
        Column("iccid", "ICCID", kind="code"),
        Column("day", "分析日期"),
        *unit_columns("unit", "单位"),
        Column("carrier", "运营商"),
        Column("state", "卡片状态", words=chinese(CARD_STATES)),
        Column("terminal", "终端资产编号", kind="code"),
        number("carrier_bytes", "运营商流量（字节）", total=True),
        number("terminal_bytes", "终端流量（字节）", total=True),
    ),
)
list_idle_usage = IDLE_USAGE.answer


def _silent(asked: Asked[ListSilentCards]) -> Select[Any]:
    request = asked.request
    looked_at = _looked_at(asked.tx, request.months)
    since = min((month.month for month in looked_at), default=asked.now.date())
    found = select(
        _C.id, _C.iccid, _C.owner_unit.label("unit"), _C.carrier, _C.card_spec, _TERMINAL, literal(since).label("since")
    ).where(
        scope(_C.owner_unit, request.unit, asked.by),
        _C.state == RUNNING,
        *equals(request, {"carrier": _C.carrier}),
        *begins(_C.iccid, request.iccid),
    )
    return found.where(*[~_used_in(month) for month in looked_at])


def _used_in(month: months.MonthOfUsage) -> Any:
    """Whether the card has used anything. Month by month: of a county's cards each month's index is asked."""
    used = month.rows.subquery(f"used_{month.month:%Y%m}").c
    return exists().where(used.card_id == _C.id, or_(used.carrier_month > 0, used.terminal_month > 0))


def _looked_at(tx: Tx, count: int) -> list[months.MonthOfUsage]:
    return months.all_of(tx)[:count]


def _silent_cards(asked: Asked[ListSilentCards], rows: Any) -> list[SilentCard]:
    used = last_uses(asked.tx, [row.id for row in rows], since=asked.request.months)
    today = business_date(asked.now)
    return [
        SilentCard(
            **{name: row._mapping[name] for name in ("iccid", "unit", "carrier", "card_spec", "terminal", "since")},
            last_use=used.get(row.id),
            silent_days=(today - (used[row.id] if row.id in used else row.since - timedelta(days=1))).days,
        )
        for row in rows
    ]


def count_silent_cards(tx: Tx, request: CountSilentCards, *, by: Actor, now: datetime) -> SilentCounts:
    """Running cards without traffic, of the units below the asked one."""
    unit = by.unit if request.unit is None else request.unit
    asked = Asked(tx, ListSilentCards(**request.model_dump()), by, now)
    found = _silent(asked).subquery("found")
    child = func.left(found.c.unit, len(unit) + 2)
    rows = tx.execute(select(child.label("unit"), func.count().label("cards")).group_by(child).order_by(child))
    items = [SilentUnit(unit=row.unit, exact=row.unit == unit, months=request.months, cards=row.cards) for row in rows]
    return SilentCounts(items=items, totals={"cards": sum(item.cards for item in items)})


SILENT_COUNTS = Statistic(
    method=COUNT_SILENT_CARDS,
    title="长期无流量卡",
    resource="silent-counts",
    act=count_silent_cards,
    columns=(
        *unit_columns("unit", "单位"),
        number("months", "无流量月数"),
        number("cards", "卡数", total=True),
    ),
)
SILENT_CARDS = SelectList(
    method=LIST_SILENT_CARDS,
    title="沉默卡",
    resource="silent-cards",
    matching=_silent,
    items=_silent_cards,
    key=_C.iccid,
    columns=(
        Column("iccid", "ICCID", kind="code"),
        *unit_columns("unit", "单位"),
        Column("carrier", "运营商"),
        Column("card_spec", "卡片规格"),
        Column("terminal", "终端资产编号", kind="code"),
        Column("since", "无流量起始"),
        Column("last_use", "最近有流量"),
        number("silent_days", "无流量天数"),
    ),
)
list_silent_cards = SILENT_CARDS.answer


def _differing(asked: Asked[ListUsageDifferences]) -> Any:
    """Sums of the cards that differ. Where an index has them they are found first: they are few of all cards."""
    request = asked.request
    sums = months.asked(asked.tx, request.month, asked.now).rows.subquery("rows").c
    difference, larger = (
        sums.carrier_month - sums.terminal_month,
        func.greatest(sums.carrier_month, sums.terminal_month),
    )
    found = select(
        sums.card_id, sums.month, sums.unit, sums.carrier, sums.carrier_month, sums.terminal_month,
        difference.label("difference"),
    ).where(
        scope(sums.unit, request.unit, asked.by),
        *equals(request, {"carrier": sums.carrier}),
        func.abs(difference) * 100 > larger * request.percent,
        func.abs(difference) >= request.at_least,
    )  # fmt: skip
    if request.percent < page_indexes.DIFFER_PERCENT:
        return found.subquery("sums").c
    return found.where(text(page_indexes.DIFFER.format(of="rows."))).cte("sums").prefix_with("MATERIALIZED").c


def _differences(asked: Asked[ListUsageDifferences]) -> Select[Any]:
    sums = _differing(asked)
    return (
        select(
            _C.iccid, sums.month, sums.unit, sums.carrier, _TERMINAL, sums.carrier_month, sums.terminal_month,
            sums.difference,
        )
        .join(cards, _C.id == sums.card_id)
        .where(*of_cards(asked.tx, sums.card_id, asked.request.iccid))
    )  # fmt: skip


def _lines(asked: Asked[ListUsageDifferences], rows: Any) -> list[UsageDifference]:
    return [UsageDifference.model_validate({**row._mapping, "month": row.month.strftime("%Y-%m")}) for row in rows]


USAGE_DIFFERENCES = SelectList(
    method=LIST_USAGE_DIFFERENCES,
    title="流量差异卡",
    resource="usage-differences",
    matching=_differences,
    items=_lines,
    key=(_C.iccid, literal_column("sums.unit", _C.owner_unit.type)),
    sorts={
        "iccid": _C.iccid,
        "difference": KeyColumn(literal_column("sums.carrier_month - sums.terminal_month", BigInteger)),
    },
    columns=(
        Column("iccid", "ICCID", kind="code"),
        Column("month", "月份"),
        *unit_columns("unit", "单位"),
        Column("carrier", "运营商"),
        Column("terminal", "终端资产编号", kind="code"),
        number("carrier_month", "运营商流量（字节）", total=True),
        number("terminal_month", "终端流量（字节）", total=True),
        number("difference", "差值（字节）", total=True),
    ),
)
list_usage_differences = USAGE_DIFFERENCES.answer
