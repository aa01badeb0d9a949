"""Months as billed and as known now, and whether they may still change (TRF-09)."""

from datetime import date
from typing import Any

from sqlalchemy import Date, Row, Select, and_, case, func, literal, literal_column, select

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.columns import Column, number
from kernel.chassis.lists.conditions import within
from kernel.chassis.lists.spec import Asked, SelectList
from kernel.contracts.traffic.tariffs import CLOSE_MONTH, LIST_COST_MONTHS, CostMonth, ListCostMonths
from kernel.contracts.words import chinese
from kernel.contracts.words_traffic import MONTH_STATES
from kernel.model.actor import Actor
from services.traffic.money import yuan
from services.traffic.tables import cost_entries, cost_months, cost_sums, usage_histogram
from services.traffic.tariff_list import province_of

_E = cost_entries.c
_S = cost_sums.c
_M = cost_months.c


def _months(province: str, unit: str) -> Select[Any]:
    """Months with usage or cost in ``unit``, with their sums."""
    known = (
        select(usage_histogram.c.month).where(within(usage_histogram.c.unit, province)).union(
            select(_M.month).where(_M.province == province)
        )
    ).subquery("known")  # fmt: skip
    billed, corrections = _S.posted_in == known.c.month, _S.about < _S.posted_in

    def total(column: Any, *conditions: Any) -> Any:
        own = within(_S.unit, unit)
        return select(func.coalesce(func.sum(column), 0)).where(own, *conditions).scalar_subquery()

    corrected = select(_S.about).where(within(_S.unit, unit), billed, corrections).exists()
    cards = total(_S.cards, billed, ~corrections) + case(
        (corrected, _only_corrected(known.c.month, unit).scalar_subquery()), else_=0
    )
    return select(
        known.c.month,
        func.coalesce(_M.state, literal("open")).label("state"),
        _M.rated_at,
        _M.closed_at,
        _M.by_name,
        cards.label("cards"),
        total(_S.fen, billed).label("billed"),
        total(_S.fen, billed, corrections).label("corrections"),
        total(_S.fen, _S.about == known.c.month).label("known"),
    ).select_from(known.outerjoin(cost_months, and_(_M.month == known.c.month, _M.province == province)))


def _only_corrected(month: Any, unit: str) -> Select[Any]:
    """How many cards there are of which nothing but earlier months stands on the month's bill."""
    own = cost_entries.alias("own")
    its_own = select(own.c.number).where(own.c.about == month, own.c.iccid == _E.iccid, own.c.posted_in == month)
    return select(func.count(_E.iccid.distinct())).where(
        within(_E.unit, unit), _E.posted_in == month, _E.about < month, ~its_own.exists()
    )


def _view(row: Row[Any], by: Actor) -> CostMonth:
    may = CLOSE_MONTH.allows(by.permissions)
    can = ["rate", *(["close"] if row.state == "provisional" else []), *(["correct"] if row.state == "closed" else [])]
    if row.state == "closed":
        can.remove("rate")
    return CostMonth(
        month=row.month.strftime("%Y-%m"),
        state=row.state,
        rated_at=row.rated_at,
        closed_at=row.closed_at,
        by_name=row.by_name,
        cards=row.cards,
        billed=yuan(int(row.billed)),
        corrections=yuan(int(row.corrections)),
        known=yuan(int(row.known)),
        can=can if may else [],
    )


def month_view(tx: Tx, province: str, month: date, by: Actor) -> CostMonth:
    """One month, which has usage or cost."""
    months = _months(province, by.unit).subquery()
    return _view(tx.execute(select(months).where(months.c.month == month)).one(), by)


def _matching(asked: Asked[ListCostMonths]) -> Select[Any]:
    return select(_months(province_of(asked.by), asked.by.unit).subquery("months"))


COST_MONTHS = SelectList(
    method=LIST_COST_MONTHS,
    title="费用月份",
    resource="cost-months",
    matching=_matching,
    items=lambda asked, rows: [_view(row, asked.by) for row in rows],
    key=literal_column("months.month", Date),
    newest_first=True,
    columns=(
        Column("month", "月份"),
        Column("state", "状态", words=chinese(MONTH_STATES)),
        number("cards", "卡数"),
        number("billed", "账单费用（元）", total=True),
        number("corrections", "其中更正（元）", total=True),
        number("known", "现知费用（元）", total=True),
        Column("rated_at", "计算时间"),
        Column("closed_at", "关闭时间"),
        Column("by_name", "操作人"),
    ),
)
list_cost_months = COST_MONTHS.answer
