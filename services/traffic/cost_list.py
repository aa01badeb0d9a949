"""各市SIM卡费用统计, and the entries that its numbers are the sums of (TRF-05)."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, select

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.columns import Column, number, unit_columns
from kernel.chassis.lists.conditions import begins, equals, scope
from kernel.chassis.lists.spec import Asked, SelectList, Statistic
from kernel.contracts.said import say
from kernel.contracts.traffic.costs import (
    COUNT_CITY_COSTS,
    LIST_COSTS,
    CityCost,
    CityCosts,
    CostEntry,
    CountCityCosts,
    ListCosts,
)
from kernel.model.actor import Actor
from kernel.model.unit import check_unit, prefix_end
from services.traffic import months
from services.traffic.money import yuan
from services.traffic.tables import cards, cost_entries, cost_months

SHOULD_NOT_COST = ("unqualified", "pending_scrap", "terminated")
"""Cards in these states cost and should not: nobody can use them. ``ix_cards_idle`` has them."""
_E = cost_entries.c
_MONTHS = ("cost", "corrections", "corrected", "idle", "last_month", "last_year", "used", "cards")
_OF_UNITS = """
entries.unit >= :first AND entries.unit < :end AND (CAST(:carrier AS text) IS NULL OR entries.carrier = :carrier)
"""
_SUMS = f"""
SELECT left(unit, :length) AS unit, {{column}} AS month, sum(fen) AS fen,
       sum(fen) FILTER (WHERE about < posted_in) AS corrections,
       coalesce(sum(entries) FILTER (WHERE about < posted_in), 0) AS corrected,
       sum(used) AS used, coalesce(sum(cards) FILTER (WHERE {{column}} = about), 0) AS cards
FROM cost_sums AS entries WHERE {{column}} = ANY(:months) AND {_OF_UNITS} GROUP BY 1, 2 ORDER BY 1
"""
_IDLE = f"""
SELECT left(unit, :length) AS unit, sum(fen) AS fen FROM cards JOIN cost_entries AS entries USING (iccid)
WHERE state IN {SHOULD_NOT_COST} AND {{column}} = :month AND {_OF_UNITS} GROUP BY 1
"""
_ONLY_CORRECTED = f"""
SELECT left(unit, :length) AS unit, count(DISTINCT iccid) AS cards FROM cost_entries AS entries
WHERE posted_in = :month AND about < posted_in AND {_OF_UNITS} AND NOT EXISTS (
    SELECT FROM cost_entries AS own WHERE own.about = :month AND own.posted_in = :month AND own.iccid = entries.iccid
       AND own.carrier = entries.carrier AND left(own.unit, :length) = left(entries.unit, :length)
) GROUP BY 1
"""
"""Cards of which nothing but earlier months stands on the month's bill."""


def count_city_costs(tx: Tx, request: CountCityCosts, *, by: Actor, now: datetime) -> CityCosts:
    """Cost of the units below the asked one, beside last month and last year. Raises month_malformed."""
    if request.unit is not None:
        by.require_within(check_unit(request.unit))
    unit = by.unit if request.unit is None else request.unit
    month = months.first_of(request.month) if request.month else _newest(tx, unit, now)
    before, year_before = _months_before(month, 1), _months_before(month, 12)
    column = "posted_in" if request.view == "billed" else "about"
    params = {
        "length": len(unit) + 2, "month": month, "months": [month, before, year_before], "first": unit,
        "end": prefix_end(unit), "carrier": request.carrier,
    }  # fmt: skip
    found: dict[str, dict[str, int]] = {}
    for row in tx.execute(_SUMS.format(column=column), params):
        line = found.setdefault(row.unit, dict.fromkeys(_MONTHS, 0))
        if row.month == month:
            line |= {"cost": int(row.fen), "corrections": int(row.corrections or 0), "corrected": row.corrected}
            line |= {"used": int(row.used or 0), "cards": row.cards}
        else:
            line["last_month" if row.month == before else "last_year"] = int(row.fen)
    for row in tx.execute(_IDLE.format(column=column), params):
        found[row.unit]["idle"] = int(row.fen)
    corrected = any(line["corrected"] for line in found.values())
    for row in tx.execute(_ONLY_CORRECTED, params) if corrected and request.view == "billed" else ():
        found[row.unit]["cards"] += row.cards
    money = ("cost", "corrections", "idle", "last_month", "last_year")
    items = [
        CityCost(
            month=month.strftime("%Y-%m"),
            unit=code,
            exact=code == unit,
            cards=line["cards"],
            used=line["used"],
            **{name: yuan(line[name]) for name in money},
        )
        for code, line in found.items()
    ]
    totals = {name: sum((getattr(item, name) for item in items), Decimal("0.00")) for name in money}
    totals |= {name: Decimal(sum(getattr(item, name) for item in items)) for name in ("cards", "used")}
    return CityCosts(month=month.strftime("%Y-%m"), items=items, totals=totals)


def _newest(tx: Tx, unit: str, now: datetime) -> date:
    """The newest month with cost in the unit."""
    newest = tx.execute(
        "SELECT max(posted_in) FROM cost_sums WHERE unit >= :first AND unit < :end",
        {"first": unit, "end": prefix_end(unit)},
    ).scalar_one()
    return newest or now.date().replace(day=1)


def _months_before(month: date, count: int) -> date:
    number_ = month.year * 12 + month.month - 1 - count
    return date(number_ // 12, number_ % 12 + 1, 1)


CITY_COSTS = Statistic(
    method=COUNT_CITY_COSTS,
    title="各市SIM卡费用统计",
    resource="city-costs",
    act=count_city_costs,
    columns=(
        Column("month", "月份"),
        *unit_columns("unit", "单位"),
        number("cards", "卡数", total=True),
        number("cost", "费用（元）", total=True),
        number("corrections", "其中更正（元）", total=True),
        number("last_month", "上月费用（元）", total=True),
        number("last_year", "去年同月费用（元）", total=True),
        number("idle", "不应产生费用的卡（元）", total=True),
        number("used", "流量（字节）", total=True),
    ),
)


def _matching(asked: Asked[ListCosts]) -> Select[Any]:
    request = asked.request
    conditions: list[ColumnElement[bool]] = [
        scope(_E.unit, request.unit, asked.by),
        *equals(request, {"carrier": _E.carrier}),
        *begins(_E.iccid, request.iccid),
    ]
    if request.month is not None:
        column = _E.posted_in if request.view == "billed" else _E.about
        conditions.append(column == months.first_of(request.month))
    elif request.iccid:  # the index of cards begins with the month
        conditions.append(_E.about.in_(list(asked.tx.execute(select(cost_months.c.month).distinct()).scalars())))
    if request.idle is not None:
        idle = cards.c.state.in_(SHOULD_NOT_COST)
        conditions.append(idle if request.idle else ~idle)
    if request.corrections is not None:
        conditions.append(_E.corrects.is_not(None) if request.corrections else _E.corrects.is_(None))
    return select(cost_entries, cards.c.state).outerjoin(cards, cards.c.iccid == _E.iccid).where(*conditions)


def _entries(asked: Asked[ListCosts], rows: Sequence[Row[Any]]) -> list[CostEntry]:
    return [_entry(row) for row in rows]


def _entry(row: Row[Any]) -> CostEntry:
    shown = {name: row._mapping[name] for name in CostEntry.model_fields if name in row._mapping}
    shown |= {"about": row.about.strftime("%Y-%m"), "posted_in": row.posted_in.strftime("%Y-%m")}
    return CostEntry(**shown, amount=yuan(row.fen), why=_why(row))


def _why(row: Row[Any]) -> str:
    """The line explains itself: tariff, days, share of the pool, what was beyond."""
    if row.exact is None:
        return say("cost_taken_back", {"entries": row.corrects})
    told = {
        "number": row.tariff_id,
        "day": row.days,
        "said": f"{row.fee:f}",
        "known": _mb(row.included),
        "found": _mb(row.used),
        "after": f"{row.beyond_mb:f}",
        "value": f"{row.per_mb:f}",
        "ratio": f"{row.exact:f}",
        "parts": row.pool or "-",
    }
    return say("cost_explained", told)


def _mb(volume: int) -> str:
    return f"{volume / (1 << 20):.3f}"


COSTS = SelectList(
    method=LIST_COSTS,
    title="费用明细",
    resource="costs",
    matching=_matching,
    items=_entries,
    key=_E.number,
    sorts={"number": _E.number, "fen": _E.fen},
    newest_first=True,
    columns=(
        number("number", "编号"),
        Column("iccid", "ICCID", kind="code"),
        *unit_columns("unit", "单位"),
        Column("carrier", "运营商"),
        Column("card_spec", "卡片规格"),
        Column("pool", "流量池"),
        Column("about", "费用月份"),
        Column("posted_in", "计入月份"),
        number("amount", "金额（元）", total=True),
        number("used", "流量（字节）"),
        number("days", "天数"),
        Column("state", "卡片状态"),
        number("corrects", "更正编号"),
        Column("reason", "更正原因"),
        Column("why", "计算依据", width=60),
        Column("posted_at", "记账时间"),
        Column("by_name", "操作人"),
    ),
)
list_costs = COSTS.answer
