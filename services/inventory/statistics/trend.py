"""Twelve months of a unit's subtree: cards opened, issued and terminated, and the stock at each end (GTW-05)."""

from collections import Counter
from datetime import datetime

from kernel.chassis.data.unit_of_work import Tx
from kernel.contracts.inventory.overview import CountTrend, Trend, TrendMonth
from kernel.model.actor import Actor
from kernel.model.period import business_date, month_of, months_before
from services.inventory import books
from services.inventory.books import OPENED, Days, Stock, unit_condition
from services.inventory.lifecycle import CardState
from services.inventory.statistics.activations import month_days
from services.inventory.statistics.cover import ISSUED
from services.inventory.statistics.scope import scope

MONTHS = 12
_TERMINATED = CardState.TERMINATED.value


def count_trend(tx: Tx, request: CountTrend, *, by: Actor, now: datetime) -> Trend:
    """The last twelve months, oldest first. A card counts for the unit that owns it now, as in 开卡销卡数量统计."""
    unit, today = scope(by, request.unit), business_date(now)
    months = [months_before(month_of(now), back) for back in reversed(range(MONTHS))]
    first, _ = month_days(months[0])
    opened: Counter[str] = Counter()
    for row in books.sums(tx, Stock(unit, states=OPENED, opened=Days(first)), ("opened_on",)):
        opened[f"{row.opened_on:%Y-%m}"] += row.cards
    terminated: Counter[str] = Counter()
    ended = Stock(unit, states=(_TERMINATED,), since={_TERMINATED: Days(first)})
    for row in books.sums(tx, ended, ("since",)):
        terminated[f"{row.since:%Y-%m}"] += row.cards
    where, params = unit_condition(unit, exact=False)
    issued = {
        row.month: row.cards
        for row in tx.execute(
            f"""
            SELECT to_char(day, 'YYYY-MM') AS month, sum(delta)::bigint AS cards
            FROM ledger WHERE {ISSUED} AND {where} AND day >= :first GROUP BY 1
            """,
            {**params, "first": first},
        )
    }
    stock = Stock(unit, states=(CardState.IN_STOCK.value,))
    items = []
    for month in months:
        day = min(month_days(month)[1], today)
        rows = books.sums(tx, stock, (), as_of=day if day < today else None)
        items.append(
            TrendMonth(
                month=month,
                day=day.isoformat(),
                opened=opened[month],
                issued=issued.get(month, 0),
                terminated=terminated[month],
                in_stock=rows[0].cards if rows else 0,
            )
        )
    return Trend(items=items)
