"""What the first page shows of orders and of forms that nobody moves (GTW-05, ACT-12)."""

from datetime import datetime

from kernel.contracts.method import Reply, Request
from kernel.contracts.workflow.service import WORKFLOW


class GetOverview(Request):
    """Orders of the last twelve months and overdue forms, of the actor's own units."""


class Orders(Reply):
    """Sums over LIST_FULFILMENT with ``month_from``, and how many of its lines still wait for cards (``open``)."""

    month_from: str
    applied: int
    ordered: int
    delivered: int
    stocked_in: int
    open: int
    open_lines: int


class Overdue(Reply):
    """Forms that somebody should have moved: LIST_FORMS with ``overdue``. ``days``: the limit."""

    count: int
    days: int
    oldest: datetime | None


class Overview(Reply):
    orders: Orders
    overdue: Overdue


GET_OVERVIEW = WORKFLOW.query("get_overview", GetOverview, Overview, "card.view", consistent=True)
