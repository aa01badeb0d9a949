"""非运行流量异常卡, silent cards, and cards whose two figures differ: found anew at each question (TRF-04, TRF-06)."""

from typing import Any

from sqlalchemy import BigInteger, Select, exists, func, literal, literal_column, or_, select, union_all

from kernel.chassis.lists.columns import Column, number, unit_columns
from kernel.chassis.lists.conditions import begins, equals, scope
from kernel.chassis.lists.paging import KeyColumn
from kernel.chassis.lists.spec import Asked, SelectList
from kernel.contracts.traffic.anomalies import (
    LIST_IDLE_USAGE,
    LIST_SILENT_CARDS,
    LIST_USAGE_DIFFERENCES,
    IdleUsage,
    ListIdleUsage,
    ListSilentCards,
    ListUsageDifferences,
    SilentCard,
    UsageDifference,
)
from kernel.contracts.traffic.days import ListUsageDays
from kernel.contracts.words import chinese
from kernel.contracts.words_inventory import CARD_STATES
from services.traffic import months
from services.traffic.day_list import days_of
from services.traffic.tables import cards

RUNNING = "running"
_C = cards.c
_TERMINAL = _C.terminal_asset_no.label("terminal")


def _idle(asked: Asked[ListIdleUsage]) -> Select[Any]:
    request = asked.request
    day = request.day or asked.tx.execute("SELECT max(day) FROM usage_days").scalar_one() or asked.now.date()
    days = days_of(Asked(asked.tx, ListUsageDays(day_from=day, day_to=day), asked.by, asked.now)).c
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
            *begins(_C.iccid, request.iccid),
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
    looked_at = months.all_of(asked.tx)[: request.months]
    since = min((month.month for month in looked_at), default=asked.now.date())
    found = select(
        _C.iccid, _C.owner_unit.label("unit"), _C.carrier, _C.card_spec, _TERMINAL, literal(since).label("since")
    ).where(
        scope(_C.owner_unit, request.unit, asked.by),
        _C.state == RUNNING,
        *equals(request, {"carrier": _C.carrier}),
        *begins(_C.iccid, request.iccid),
    )
    if not looked_at:
        return found
    rows = [month.rows for month in looked_at]
    used = (union_all(*rows) if len(rows) > 1 else rows[0]).subquery("used")
    any_use = or_(used.c.carrier_month > 0, used.c.terminal_month > 0)
    return found.where(~exists().where(used.c.card_id == _C.id, any_use))


SILENT_CARDS = SelectList(
    method=LIST_SILENT_CARDS,
    title="沉默卡",
    resource="silent-cards",
    matching=_silent,
    items=lambda asked, rows: [SilentCard.model_validate(row._mapping) for row in rows],
    key=_C.iccid,
    columns=(
        Column("iccid", "ICCID", kind="code"),
        *unit_columns("unit", "单位"),
        Column("carrier", "运营商"),
        Column("card_spec", "卡片规格"),
        Column("terminal", "终端资产编号", kind="code"),
        Column("since", "无流量起始"),
    ),
)
list_silent_cards = SILENT_CARDS.answer


def _differences(asked: Asked[ListUsageDifferences]) -> Select[Any]:
    request = asked.request
    sums = months.asked(asked.tx, request.month, asked.now).rows.subquery("sums").c
    difference = sums.carrier_month - sums.terminal_month
    larger = func.greatest(sums.carrier_month, sums.terminal_month)
    return (
        select(
            _C.iccid, sums.month, sums.unit, sums.carrier, _TERMINAL, sums.carrier_month, sums.terminal_month,
            difference.label("difference"),
        )
        .join(cards, _C.id == sums.card_id)
        .where(
            scope(sums.unit, request.unit, asked.by),
            *equals(request, {"carrier": sums.carrier}),
            *begins(_C.iccid, request.iccid),
            func.abs(difference) * 100 > larger * request.percent,
            func.abs(difference) >= request.at_least,
        )
    )  # fmt: skip


def _lines(asked: Asked[ListUsageDifferences], rows: Any) -> list[UsageDifference]:
    return [
        UsageDifference.model_validate({**row._mapping, "month": row.month.strftime("%Y-%m")}) for row in rows
    ]


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
