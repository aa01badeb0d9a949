"""卡数与终端数比对, from kept counts only; and the surplus as cards (BND-09)."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, Select, select

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.columns import Column, number
from kernel.chassis.lists.conditions import begins, equals, within
from kernel.chassis.lists.spec import Asked, SelectList, Statistic
from kernel.contracts.binding.carrier_counts import (
    COMPARE_CARDS,
    LIST_IDLE_CARDS,
    CardComparison,
    CompareCards,
    ComparedCards,
    IdleCard,
    ListIdleCards,
)
from kernel.contracts.words import chinese
from kernel.contracts.words_binding import COUNT_SOURCES
from kernel.contracts.words_inventory import CARD_STATES
from kernel.contracts.words_people import CARRIER_NAMES
from kernel.model.actor import Actor
from kernel.model.period import check_month
from kernel.model.unit import prefix_end
from services.binding.pages.scope import UNIT_COLUMNS, UNITS, asked_unit
from services.binding.tables import cards

_C = cards.c
IDLE = ("in_stock", "pending_install", "pending_scrap", "terminating")
"""States of a card that lives at its carrier and is in no terminal: only a running one is."""

_MONTH = "SELECT max(month) FROM carrier_counts WHERE unit >= :unit AND unit < :unit_end"
_IDLE = ", ".join(f"'{state}'" for state in IDLE)
_COMPARE = f"""
SELECT unit, carrier, sum(cards)::bigint AS cards, max(counted_on) AS counted_on, max(source) AS source,
       coalesce(sum(terminals), 0)::bigint AS terminals, coalesce(sum(idle), 0)::bigint AS idle
FROM (
    SELECT left(unit, :child) AS unit, carrier, cards, counted_on, source,
           CAST(NULL AS bigint) AS terminals, CAST(NULL AS bigint) AS idle
    FROM carrier_counts WHERE unit >= :unit AND unit < :unit_end AND month = :month
    UNION ALL
    SELECT left(unit, :child), carrier, NULL, NULL, NULL, terminals, NULL
    FROM terminal_counts CROSS JOIN LATERAL unnest(string_to_array(carriers, ',')) AS carrier
    WHERE unit >= :unit AND unit < :unit_end AND state = 'running' AND terminals > 0
    UNION ALL
    SELECT left(owner_unit, :child), carrier, NULL, NULL, NULL, NULL, cards
    FROM card_counts WHERE owner_unit >= :unit AND owner_unit < :unit_end AND state IN ({_IDLE}) AND cards > 0
) AS told
WHERE CAST(:carrier AS text) IS NULL OR carrier = :carrier
GROUP BY 1, 2 ORDER BY 1, 2
"""


def compare(tx: Tx, request: CompareCards, *, by: Actor) -> ComparedCards:
    """The carrier's count beside the running terminals. Raises unit_out_of_scope, month_malformed."""
    unit = asked_unit(request.unit, by)
    where = {"unit": unit, "unit_end": prefix_end(unit), "child": len(unit) + 2, "carrier": request.carrier}
    if request.month is not None:
        check_month(request.month)
    month = request.month or tx.execute(_MONTH, where).scalar_one()
    rows = tx.execute(_COMPARE, {**where, "month": month}).all()
    lines = [_line(row, unit, request.threshold) for row in rows]
    items = [line for line in lines if line.over] if request.over else lines
    totals: dict[str, int | None] = {name: sum(getattr(line, name) for line in items) for name in ("terminals", "idle")}
    told = [line.cards for line in items if line.cards is not None]
    totals["cards"] = sum(told) if told else None  # unknown is not zero
    return ComparedCards(month=month, items=items, totals=totals)


def _line(row: Row[Any], unit: str, threshold: int) -> CardComparison:
    known = row.cards is not None
    difference = row.cards - row.terminals if known else None
    percent = round(100 * difference / row.terminals, 1) if difference is not None and row.terminals else None
    over = abs(percent) > threshold if percent is not None else bool(difference)
    return CardComparison(
        unit=row.unit, exact=row.unit == unit, carrier=row.carrier, cards=row.cards, counted_on=row.counted_on,
        source=row.source, terminals=row.terminals, difference=difference, percent=percent, over=over, idle=row.idle,
    )  # fmt: skip


COMPARISON = Statistic(
    method=COMPARE_CARDS,
    title="卡数与终端数比对",
    resource="binding/statistics/cards-terminals",
    act=lambda tx, request, *, by, now: compare(tx, request, by=by),
    columns=(
        *UNIT_COLUMNS,
        Column("carrier", "运营商", words=chinese(CARRIER_NAMES)),
        number("cards", "运营商卡数", total=True),
        number("terminals", "运行终端数", total=True),
        number("difference", "差值"),
        number("percent", "差异（%）"),
        Column("over", "超过阈值", width=10),
        number("idle", "未在终端的卡", total=True),
        Column("counted_on", "统计日期", width=12),
        Column("source", "数据来源", words=chinese(COUNT_SOURCES), width=12),
    ),
)


def _matching(asked: Asked[ListIdleCards]) -> Select[Any]:
    request = asked.request
    unit = asked_unit(request.unit, asked.by)
    return select(cards).where(
        _C.owner_unit == unit if request.unit_exact else within(_C.owner_unit, unit),
        _C.state.in_(IDLE),
        *begins(_C.iccid, request.iccid),
        *equals(request, {"carrier": _C.carrier}),
    )


def _items(_: Asked[ListIdleCards], rows: Sequence[Row[Any]]) -> list[IdleCard]:
    return [
        IdleCard(
            iccid=row.iccid, msisdn=row.msisdn, unit=row.owner_unit, carrier=row.carrier, card_spec=row.card_spec,
            state=row.state,
        )
        for row in rows
    ]  # fmt: skip


IDLE_CARDS = SelectList(
    method=LIST_IDLE_CARDS,
    title="未在终端的卡",
    resource="binding/idle-cards",
    matching=_matching,
    items=_items,
    key=(_C.owner_unit, _C.iccid),
    sorts={"unit": _C.owner_unit, "iccid": _C.iccid},
    columns=(
        *UNITS,
        Column("iccid", "ICCID", kind="code"),
        Column("msisdn", "MSISDN", kind="code"),
        Column("carrier", "运营商", words=chinese(CARRIER_NAMES)),
        Column("card_spec", "卡片规格"),
        Column("state", "状态", words=chinese(CARD_STATES), width=10),
    ),
)
