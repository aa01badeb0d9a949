"""首页: the stock at a glance, and what waits for whoever looks (GTW-05)."""

from datetime import datetime
from typing import Any

from kernel.chassis.data.unit_of_work import Tx
from kernel.contracts.inventory.acts import INSPECT_AGAIN, ISSUE_CARDS, RESTORE
from kernel.contracts.inventory.deliveries import RECORD_INSPECTION, RELEASE_DELIVERY, STOCK_IN
from kernel.contracts.inventory.redirection import REDIRECT
from kernel.contracts.inventory.statistics import Dashboard, GetDashboard, Waiting
from kernel.contracts.method import Method
from kernel.model.actor import Actor
from kernel.model.period import business_date
from kernel.model.unit import prefix_end
from services.inventory import books
from services.inventory.books import RECENT, Stock
from services.inventory.card_lists.conditions import load_limits, state_days
from services.inventory.tables import STATES

DELIVERY_STEPS: dict[str, tuple[str, Method[Any, Any]]] = {
    "held": ("deliveries_held", RELEASE_DELIVERY),
    "received": ("deliveries_to_inspect", RECORD_INSPECTION),
    "inspected": ("deliveries_to_stock_in", STOCK_IN),
}
"""Delivery state > key of the line, and the method by which something is done about it."""

ABNORMAL_STEPS: dict[str, Method[Any, Any]] = {
    "unqualified": INSPECT_AGAIN,
    "pending_install": REDIRECT,
    "pending_scrap": RESTORE,
}
"""Card state > the method of whoever is reminded of cards that stay in it too long."""


def get_dashboard(tx: Tx, request: GetDashboard, *, by: Actor, now: datetime) -> Dashboard:
    """Counts of the actor's subtree and lines to act on; a line with nothing behind it is left out."""
    counts = dict.fromkeys(STATES, 0)
    counts |= {row.state: row.cards for row in books.sums(tx, Stock(by.unit), ("state",))}
    waiting = [*_deliveries(tx, by), *_stock(counts, by), *_abnormal(tx, by, now)]
    return Dashboard(counts=counts, total=sum(counts.values()), waiting=waiting)


def _deliveries(tx: Tx, by: Actor) -> list[Waiting]:
    rows = tx.execute(
        """
        SELECT state, count(*) AS number, min(coalesce(inspected_at, received_at)) AS since FROM deliveries
        WHERE state = ANY(:states) AND owner_unit >= :unit AND owner_unit < :unit_end GROUP BY state
        """,
        {"states": list(DELIVERY_STEPS), "unit": by.unit, "unit_end": prefix_end(by.unit)},
    )
    found = {row.state: row for row in rows}
    return [
        Waiting(
            key=key, count=found[state].number, page="stock-in", params={"state": state}, since=found[state].since
        )
        for state, (key, method) in DELIVERY_STEPS.items()
        if state in found and method.allows(by.permissions)
    ]


def _stock(counts: dict[str, int], by: Actor) -> list[Waiting]:
    if not ISSUE_CARDS.allows(by.permissions) or not counts["in_stock"]:
        return []
    return [Waiting(key="cards_to_issue", count=counts["in_stock"], page="issue", params={"state": "in_stock"})]


def _abnormal(tx: Tx, by: Actor, now: datetime) -> list[Waiting]:
    allowed = [state for state, method in ABNORMAL_STEPS.items() if method.allows(by.permissions)]
    limits = load_limits(tx)
    since = state_days(tuple(allowed), business_date(now), None, None, limits)
    if not since:
        return []
    rows = books.sums(
        tx, Stock(by.unit, states=tuple(since), since=since, recent=business_date(now) - RECENT), ("state",)
    )
    return [
        Waiting(
            key=f"abnormal_{row.state}",
            count=row.cards,
            page="abnormal-list",
            params={"state": row.state, "abnormal": "true"},
            limit_days=limits[row.state],
        )
        for row in sorted(rows, key=lambda row: row.state)
    ]
