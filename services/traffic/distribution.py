"""卡流量分布 and 终端流量分布: how many lie in which range (TRF-02, TRF-03).

Cards are counted from the histogram; of buckets that a limit cuts the volumes are looked at. Terminals are counted by
``terminal_counts``.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.columns import Column, number, unit_columns
from kernel.chassis.lists.spec import Statistic
from kernel.contracts.said import say
from kernel.contracts.traffic.distribution import (
    GET_TERMINAL_DISTRIBUTION,
    GET_USAGE_BY_UNIT,
    GET_USAGE_DISTRIBUTION,
    GetUsageByUnit,
    GetUsageDistribution,
    TerminalDistribution,
    TerminalRange,
    UnitUsage,
    UsageByUnit,
    UsageDistribution,
    UsageRange,
)
from kernel.model.actor import Actor
from kernel.model.period import BUSINESS_ZONE
from kernel.model.unit import check_unit, prefix_end
from services.traffic import months, terminal_counts
from services.traffic.buckets import STARTS
from services.traffic.merging import SOURCES
from services.traffic.months import MonthOfUsage
from services.traffic.ranges import Ranges, ranges_for

_WITHIN = "unit >= :first AND unit < :end AND (CAST(:carrier AS text) IS NULL OR carrier = :carrier)"
_BUCKETS = f"""
SELECT source, at_least, sum(cards) AS cards, sum(bytes) AS bytes, bool_and(volumes IS NOT NULL) AS volumes
FROM usage_histogram WHERE month = :month AND {_WITHIN} GROUP BY source, at_least
"""
_ABOVE = f"""
SELECT cut.start, sum(above.cards) AS cards, coalesce(sum(above.bytes), 0) AS bytes
FROM unnest(CAST(:buckets AS bigint[]), CAST(:cuts AS bigint[])) AS cut (bucket, start)
JOIN usage_histogram ON at_least = bucket
CROSS JOIN LATERAL (
    SELECT count(*) AS cards, sum(volume) AS bytes FROM unnest(volumes) AS volume WHERE volume >= cut.start
) AS above
WHERE month = :month AND source = :source AND {_WITHIN} GROUP BY cut.start
"""
"""Of the buckets that the beginning of a range cuts, what lies above it."""
_COUNTS = tuple(f"{source}_{what}" for source in SOURCES for what in ("cards", "bytes"))
_BY_UNIT = f"""
SELECT left(unit, :length) AS unit, source, sum(cards) AS cards, sum(bytes) AS bytes FROM usage_histogram
WHERE month = :month AND {_WITHIN} GROUP BY 1, 2 ORDER BY 1
"""


def scope(by: Actor, unit: str | None, carrier: str | None = None) -> dict[str, Any]:
    """Parameters of ``_WITHIN``. Raises unit_malformed, unit_out_of_scope."""
    if unit is not None:
        by.require_within(check_unit(unit))
    chosen = by.unit if unit is None else unit
    return {"first": chosen, "end": prefix_end(chosen), "carrier": carrier}


def get_usage_distribution(tx: Tx, request: GetUsageDistribution, *, by: Actor, now: datetime) -> UsageDistribution:
    """Cards per range, by either source. Raises month_malformed, usage_ranges_malformed."""
    month = months.asked(tx, request.month, now)
    ranges = ranges_for(tx, request.ranges, by)
    counted = _count(tx, month, ranges, scope(by, request.unit, request.carrier))
    name = month.month.strftime("%Y-%m")
    items = [
        UsageRange(month=name, **_edges(ranges, place), **{key: value[place] for key, value in counted.items()})
        for place in range(len(ranges.starts))
    ]
    return UsageDistribution(items=items, totals={key: value.total() for key, value in counted.items()},
                             **_about(tx, month))  # fmt: skip


def _edges(ranges: Ranges, place: int) -> dict[str, Any]:
    end = ranges.end(place)
    most = None if end is None else end - 1
    return {"label": ranges.label(place), "at_least": ranges.starts[place], "most": most}


def _about(tx: Tx, month: MonthOfUsage) -> dict[str, Any]:
    times = months.data_times(tx, month)
    return {
        "month": month.month.strftime("%Y-%m"),
        "newest_day": month.newest,
        **{f"{source}_as_of": at for source, at in times.items()},
        "data_of": _said(month, times),
    }


def _said(month: MonthOfUsage, times: dict[str, datetime | None]) -> str:
    """Until when the month's figures reach, and of when they are."""
    if month.newest is None:
        return ""
    carrier, station = (f"{at.astimezone(BUSINESS_ZONE):%Y-%m-%d %H:%M}" if at else "-" for at in times.values())
    params = {"day": month.newest.isoformat(), "carrier_as_of": carrier, "terminal_as_of": station}
    return say("usage_data_of", params)


def _count(tx: Tx, month: MonthOfUsage, ranges: Ranges, where: dict[str, Any]) -> dict[str, Counter[int]]:
    counted: dict[str, Counter[int]] = {name: Counter() for name in _COUNTS}
    cut: dict[str, list[Any]] = {source: [] for source in SOURCES}
    for row in tx.execute(_BUCKETS, {**where, "month": month.month}):
        if ranges.of(row.at_least) == ranges.of(_beyond(row.at_least) - 1):
            counted[f"{row.source}_cards"][ranges.of(row.at_least)] += int(row.cards)
            counted[f"{row.source}_bytes"][ranges.of(row.at_least)] += int(row.bytes)
        else:
            cut[row.source].append(row)
    for source, buckets in cut.items():
        asked = {**where, **month.params, "source": source}
        for place, cards, size in _within_buckets(tx, month, buckets, ranges, asked):
            counted[f"{source}_cards"][place] += cards
            counted[f"{source}_bytes"][place] += size
    return counted


def _beyond(at_least: int) -> int:
    """Where the next bucket begins."""
    place = bisect_right(STARTS, at_least)
    return STARTS[place] if place < len(STARTS) else 1 << 62


def _within_buckets(
    tx: Tx, month: MonthOfUsage, buckets: list[Any], ranges: Ranges, asked: dict[str, Any]
) -> Iterator[tuple[int, int, int]]:
    """Place of a range, cards and bytes to add to it, of the buckets that ranges cut.

    A month counted before volumes were kept is looked at card by card.
    """
    if not all(row.volumes for row in buckets):
        yield from _card_by_card(tx, month, buckets, {**asked, "starts": list(ranges.starts)})
        return
    cuts = [(it.at_least, start) for it in buckets for start in ranges.starts
            if it.at_least < start < _beyond(it.at_least)]  # fmt: skip
    for row in buckets:
        yield ranges.of(row.at_least), int(row.cards), int(row.bytes)
    cut = {"buckets": [bucket for bucket, _ in cuts], "cuts": [start for _, start in cuts]}
    for row in tx.execute(_ABOVE, {**asked, **cut}):
        place = ranges.of(row.start)
        yield place, int(row.cards), int(row.bytes)
        yield place - 1, -int(row.cards), -int(row.bytes)


def _card_by_card(tx: Tx, month: MonthOfUsage, buckets: list[Any], asked: dict[str, Any]) -> Iterator[Any]:
    value = f"{asked['source']}_month"
    pieces = " OR ".join(f"{value} >= {row.at_least} AND {value} < {_beyond(row.at_least)}" for row in buckets)
    sql = f"""
    SELECT width_bucket({value}, CAST(:starts AS bigint[])) AS place, count(*) AS cards, sum({value}) AS bytes
    FROM ({month.sums}) AS sums WHERE {_WITHIN} AND ({pieces}) GROUP BY 1
    """
    return ((row.place - 1, row.cards, int(row.bytes)) for row in tx.execute(sql, asked))


def get_terminal_distribution(
    tx: Tx, request: GetUsageDistribution, *, by: Actor, now: datetime
) -> TerminalDistribution:
    """Terminals per range of what their cards used together while on them.

    Raises month_malformed, usage_ranges_malformed.
    """
    month = months.asked(tx, request.month, now)
    ranges = ranges_for(tx, request.ranges, by)
    found = terminal_counts.count(tx, month, ranges, scope(by, request.unit, request.carrier))
    name = month.month.strftime("%Y-%m")
    items = [
        TerminalRange(month=name, **_edges(ranges, place), **counted._asdict()) for place, counted in enumerate(found)
    ]
    names = terminal_counts.Counted._fields
    totals = {key: sum(getattr(item, key) for item in items) for key in names}
    return TerminalDistribution(items=items, totals=totals, **_about(tx, month))


def get_usage_by_unit(tx: Tx, request: GetUsageByUnit, *, by: Actor, now: datetime) -> UsageByUnit:
    """Cards and bytes of the units below the asked one. Raises month_malformed."""
    month = months.asked(tx, request.month, now)
    where = scope(by, request.unit, request.carrier)
    units: dict[str, dict[str, int]] = {}
    for row in tx.execute(_BY_UNIT, {**where, "month": month.month, "length": len(where["first"]) + 2}):
        line = units.setdefault(row.unit, dict.fromkeys(_COUNTS, 0))
        line[f"{row.source}_cards"] = int(row.cards)
        line[f"{row.source}_bytes"] = int(row.bytes)
    items = [
        UnitUsage(
            month=month.month.strftime("%Y-%m"),
            unit=unit,
            exact=unit == where["first"],
            **line,
            **{f"{s}_mean": line[f"{s}_bytes"] // line[f"{s}_cards"] if line[f"{s}_cards"] else None for s in SOURCES},
        )
        for unit, line in units.items()
    ]
    totals = {name: sum(getattr(item, name) for item in items) for name in _COUNTS}
    return UsageByUnit(items=items, totals=totals)


_RANGE = (
    Column("month", "月份"),
    Column("label", "流量区间"),
    number("at_least", "下限（字节）"),
    number("most", "上限（字节）"),
)
USAGE_DISTRIBUTION = Statistic(
    method=GET_USAGE_DISTRIBUTION,
    title="卡流量分布",
    resource="usage-distribution",
    act=get_usage_distribution,
    columns=(
        *_RANGE,
        number("carrier_cards", "卡数（运营商）", total=True),
        number("carrier_bytes", "运营商流量（字节）", total=True),
        number("terminal_cards", "卡数（主站）", total=True),
        number("terminal_bytes", "终端流量（字节）", total=True),
    ),
)
TERMINAL_DISTRIBUTION = Statistic(
    method=GET_TERMINAL_DISTRIBUTION,
    title="终端流量分布",
    resource="terminal-distribution",
    act=get_terminal_distribution,
    columns=(
        *_RANGE,
        number("terminals", "终端数", total=True),
        number("terminal_bytes", "终端流量（字节）", total=True),
        number("carrier_bytes", "运营商流量（字节）", total=True),
    ),
)
USAGE_BY_UNIT = Statistic(
    method=GET_USAGE_BY_UNIT,
    title="各单位流量",
    resource="usage-by-unit",
    act=get_usage_by_unit,
    columns=(
        Column("month", "月份"),
        *unit_columns("unit", "单位"),
        number("carrier_cards", "卡数（运营商）", total=True),
        number("carrier_bytes", "运营商流量（字节）", total=True),
        number("carrier_mean", "每卡平均（运营商）"),
        number("terminal_cards", "卡数（主站）", total=True),
        number("terminal_bytes", "终端流量（字节）", total=True),
        number("terminal_mean", "每卡平均（主站）"),
    ),
)
