"""各状态SIM统计 (INV-07)."""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.columns import Column, number
from kernel.chassis.lists.spec import Statistic
from kernel.contracts.inventory.statistics import COUNT_BY_STATE, CountByState, CountsByState, UnitCounts
from kernel.contracts.words import chinese
from kernel.contracts.words_inventory import CARD_STATES
from kernel.model.actor import Actor
from kernel.model.period import business_date, check_month
from services.inventory import books
from services.inventory.books import Stock
from services.inventory.statistics.scope import UNIT_COLUMNS, scope
from services.inventory.tables import STATES


def count_by_state(tx: Tx, request: CountByState, *, by: Actor, now: datetime) -> CountsByState:
    """各状态SIM统计 (INV-07), now or at the end of a past day."""
    unit = scope(by, request.unit)
    if request.application_month is not None:
        check_month(request.application_month, "application_month")
    stock = Stock(
        unit, carrier=request.carrier, card_spec=request.card_spec, application_month=request.application_month
    )
    as_of = request.as_of if request.as_of is not None and request.as_of < business_date(now) else None
    counted: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(STATES, 0))
    totals = dict.fromkeys(STATES, 0)
    for row in books.sums(tx, stock, ("state",), as_of=as_of, rollup=unit):
        counted[row.unit][row.state] += row.cards
        totals[row.state] += row.cards
    items = [
        UnitCounts(unit=one, exact=one == unit, counts=counts, total=sum(counts.values()))
        for one, counts in sorted(counted.items())
    ]
    return CountsByState(items=items, totals=totals, total=sum(totals.values()))


def _of_state(state: str) -> Callable[[UnitCounts], int]:
    return lambda line: line.counts[state]


CARDS_BY_STATE = Statistic(
    method=COUNT_BY_STATE,
    title="各状态SIM统计",
    resource="statistics/cards-by-state",
    act=count_by_state,
    columns=(
        *UNIT_COLUMNS,
        *(
            Column(str(state), name, kind="number", made=_of_state(str(state)), total=True, width=14)
            for state, name in chinese(CARD_STATES).items()
        ),
        number("total", "合计", total=True),
    ),
)
