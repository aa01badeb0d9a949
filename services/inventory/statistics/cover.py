"""Stock against need per unit: how many months it lasts at the pace of the last 90 days (GTW-05).

Need is what crews were given, from the ledger's rows of 领用; their index alone answers it.
"""

from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from kernel.chassis.data.unit_of_work import Tx
from kernel.contracts.inventory.overview import CountCover, Cover, CoverRow
from kernel.model.actor import Actor
from kernel.model.period import business_date
from services.inventory import books
from services.inventory.books import Stock, unit_condition
from services.inventory.lifecycle import CardState
from services.inventory.statistics.scope import scope

DAYS = 90
_DAYS_A_MONTH = Decimal(30)
_TENTH = Decimal("0.1")
ISSUED = "action = 'issue' AND state = 'pending_install'"
"""Rows of the ledger that 领用 writes where the cards arrive: their sum is the number of cards issued."""


def count_cover(tx: Tx, request: CountCover, *, by: Actor, now: datetime) -> Cover:
    """One row per child's subtree, and one for what the unit owns itself."""
    unit = scope(by, request.unit)
    stocked = {
        row.unit: row.cards
        for row in books.sums(tx, Stock(unit, states=(CardState.IN_STOCK.value,)), (), rollup=unit)
    }
    where, params = unit_condition(unit, exact=False)
    params |= {"length": len(unit) + 2, "first": business_date(now) - timedelta(days=DAYS - 1)}
    issued = {
        row.unit: row.cards
        for row in tx.execute(
            f"""
            SELECT left(owner_unit, :length) AS unit, sum(delta)::bigint AS cards
            FROM ledger WHERE {ISSUED} AND {where} AND day >= :first GROUP BY 1
            """,
            params,
        )
    }
    items = [_row(one, one == unit, stocked.get(one, 0), issued.get(one, 0)) for one in stocked.keys() | issued.keys()]
    items.sort(key=lambda row: (row.months is None, row.months or Decimal(0), row.unit))
    total = _row(unit, exact=False, in_stock=sum(stocked.values()), issued=sum(issued.values()))
    return Cover(days=DAYS, items=items, total=total)


def _row(unit: str, exact: bool, in_stock: int, issued: int) -> CoverRow:
    need = (issued * _DAYS_A_MONTH / DAYS).quantize(_TENTH, ROUND_HALF_UP)
    months = (in_stock * DAYS / (issued * _DAYS_A_MONTH)).quantize(_TENTH, ROUND_HALF_UP) if issued else None
    return CoverRow(unit=unit, exact=exact, in_stock=in_stock, issued=issued, need=need, months=months)
