"""待装卡分流 (INV-06): how long cards wait for their installation, and what becomes of those that wait too long."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.columns import number
from kernel.chassis.lists.spec import Statistic
from kernel.contracts.inventory.acts import BulkAnswer
from kernel.contracts.inventory.redirection import (
    COUNT_PENDING_INSTALL,
    CountPendingInstall,
    PendingInstallCounts,
    PendingInstallRow,
    Redirect,
)
from kernel.model.actor import Actor
from kernel.model.period import business_date
from services.inventory import books
from services.inventory.books import Stock
from services.inventory.card_lists.conditions import entered
from services.inventory.custody import move
from services.inventory.lifecycle import CardAction, CardState
from services.inventory.statistics.scope import UNIT_COLUMNS, scope

_ACTIONS = {"in_stock": CardAction.REDIRECT_TO_STOCK, "pending_scrap": CardAction.REDIRECT_TO_SCRAP}


def redirect(tx: Tx, request: Redirect, *, by: Actor, now: datetime) -> BulkAnswer:
    """分流 of pending_install cards to 库存 or 待报废; an action of its own in the run log."""
    return move(tx, request, _ACTIONS[request.to], by=by, now=now, reason=request.reason)


AGES: dict[str, tuple[int, int | None]] = {
    "d0_7": (0, 7),
    "d8_30": (8, 30),
    "d31_90": (31, 90),
    "d91_plus": (91, None),
}
"""Columns of 待装卡分流 > days in the state, both included."""


def count_pending_install(tx: Tx, request: CountPendingInstall, *, by: Actor, now: datetime) -> PendingInstallCounts:
    """待装卡分流 (INV-06): pending_install cards per unit and age."""
    unit = scope(by, request.unit)
    pending, today = CardState.PENDING_INSTALL.value, business_date(now)
    stock = Stock(unit, states=(pending,))
    counted: dict[str, dict[str, int]] = {}
    for row in books.sums(tx, stock, (), rollup=unit):
        counted[row.unit] = dict.fromkeys(AGES, 0) | {_OLDEST: row.cards}
    # What is not recent is the rest, and need not be added up.
    recent = replace(stock, since={pending: entered(today, None, AGES[_OLDEST][0] - 1)})
    for row in books.sums(tx, recent, ("since",), rollup=unit, bands=_ages_begin(today)):
        ages = counted.setdefault(row.unit, dict.fromkeys(AGES, 0))
        ages[_RECENT[row.since]] += row.cards
        ages[_OLDEST] -= row.cards
    items = [_pending_row(one, one == unit, ages) for one, ages in sorted(counted.items())]
    totals = {column: sum(ages[column] for ages in counted.values()) for column in AGES}
    return PendingInstallCounts(items=items, totals=_pending_row(unit, False, totals))


_OLDEST, *_RECENT = reversed(AGES)
"""The recent ages from the longest to the shortest: their days rise."""


def _ages_begin(today: date) -> list[date]:
    """First days of the recent ages, without the first age's, before which nothing is asked for."""
    return [today - timedelta(days=AGES[column][1] or 0) for column in _RECENT[1:]]


def _pending_row(unit: str, exact: bool, ages: dict[str, int]) -> PendingInstallRow:
    return PendingInstallRow(
        unit=unit,
        exact=exact,
        d0_7=ages["d0_7"],
        d8_30=ages["d8_30"],
        d31_90=ages["d31_90"],
        d91_plus=ages["d91_plus"],
        total=sum(ages.values()),
    )


PENDING_INSTALL = Statistic(
    method=COUNT_PENDING_INSTALL,
    title="待装卡分流",
    resource="statistics/pending-install",
    act=count_pending_install,
    columns=(
        *UNIT_COLUMNS,
        number("d0_7", "0-7天", total=True),
        number("d8_30", "8-30天", total=True),
        number("d31_90", "31-90天", total=True),
        number("d91_plus", "91天以上", total=True),
        number("total", "合计", total=True),
    ),
)
