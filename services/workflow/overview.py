"""首页: orders against what arrived, and forms that nobody moves (GTW-05). Each number is that of the list it opens."""

from datetime import datetime

from sqlalchemy import func, select

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.spec import Asked
from kernel.contracts.workflow.activation import ListFulfilment
from kernel.contracts.workflow.overview import GetOverview, Orders, Overdue, Overview
from kernel.model.actor import Actor
from kernel.model.period import month_of, months_before
from services.workflow import form_list, fulfilment, window
from services.workflow.forms import visible
from services.workflow.tables import forms

MONTHS = 12


def get_overview(tx: Tx, request: GetOverview, *, by: Actor, now: datetime) -> Overview:
    """Of the actor's own units."""
    return Overview(orders=_orders(tx, by, now), overdue=_overdue(tx, by, now))


def _orders(tx: Tx, by: Actor, now: datetime) -> Orders:
    since = months_before(month_of(now), MONTHS - 1)
    lines = fulfilment.matching(Asked(tx, ListFulfilment(month_from=since), by, now)).subquery()
    sums = [func.coalesce(func.sum(lines.c[name]), 0).label(name) for name in fulfilment.SUMS]
    waiting = func.count().filter(lines.c.open > 0).label("open_lines")
    row = tx.execute(select(*sums, waiting)).one()
    return Orders(month_from=since, **row._mapping)


def _overdue(tx: Tx, by: Actor, now: datetime) -> Overdue:
    days = window.load(tx).overdue_days
    row = tx.execute(
        select(func.count().label("count"), func.min(forms.c.state_since).label("oldest")).where(
            visible(by), form_list.overdue(days, now)
        )
    ).one()
    return Overdue(days=days, **row._mapping)
