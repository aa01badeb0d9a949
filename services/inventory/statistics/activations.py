"""开卡销卡数量统计 (INV-08)."""

from collections import defaultdict
from dataclasses import replace
from datetime import date, datetime, timedelta

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.columns import number
from kernel.chassis.lists.spec import Statistic
from kernel.contracts.inventory.statistics import COUNT_ACTIVATIONS, ActivationCounts, ActivationRow, CountActivations
from kernel.model.actor import Actor
from kernel.model.period import business_date, check_month, month_of, next_month
from services.inventory import books
from services.inventory.books import OPENED, RECENT, Days, Stock
from services.inventory.catalogues import CARRIER_COLUMNS, CATALOGUES
from services.inventory.lifecycle import CardState
from services.inventory.statistics.scope import UNIT_COLUMNS, scope


def count_activations(tx: Tx, request: CountActivations, *, by: Actor, now: datetime) -> ActivationCounts:
    """开卡销卡数量统计 (INV-08) per unit, carrier and spec: of the month, and from the beginning to its end.

    A card was opened on the day it was stocked in and counts for the unit that owns it now.
    """
    unit = scope(by, request.unit)
    month = check_month(request.month) if request.month is not None else month_of(now)
    first, last = month_days(month)
    stock = Stock(unit, carrier=request.carrier, card_spec=request.card_spec, recent=business_date(now) - RECENT)
    terminated = CardState.TERMINATED.value
    counted: dict[tuple[str, str, str], dict[str, int]] = defaultdict(lambda: dict.fromkeys(_ACTIVATIONS, 0))
    for column, days in (("month", Days(first, last)), ("total", Days(None, last))):
        opened = replace(stock, states=OPENED, opened=days)
        ended = replace(stock, states=(terminated,), since={terminated: days})
        for kind, counting in (("opened", opened), ("terminated", ended)):
            for row in books.sums(tx, counting, ("carrier", "card_spec"), rollup=unit):
                counted[row.unit, row.carrier, row.card_spec][f"{kind}_{column}"] = row.cards
    items = [
        ActivationRow(unit=one, exact=one == unit, carrier=carrier, card_spec=card_spec, **counts)
        for (one, carrier, card_spec), counts in sorted(counted.items())
    ]
    totals = {column: sum(counts[column] for counts in counted.values()) for column in _ACTIVATIONS}
    return ActivationCounts(items=items, totals=totals)


_ACTIVATIONS = ("opened_month", "opened_total", "terminated_month", "terminated_total")


def month_days(month: str) -> tuple[date, date]:
    """First and last day of a month (YYYY-MM)."""
    following = next_month(month)
    return date.fromisoformat(f"{month}-01"), date.fromisoformat(f"{following}-01") - timedelta(days=1)


ACTIVATIONS = Statistic(
    method=COUNT_ACTIVATIONS,
    title="开卡销卡数量统计",
    resource="statistics/activations-terminations",
    act=count_activations,
    words=CATALOGUES,
    columns=(
        *UNIT_COLUMNS,
        *CARRIER_COLUMNS,
        number("opened_month", "当月开卡", total=True),
        number("opened_total", "累计开卡", total=True),
        number("terminated_month", "当月销卡", total=True),
        number("terminated_total", "累计销卡", total=True),
    ),
)
