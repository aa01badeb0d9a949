"""A card's last use and cost, and the month's sums: what other pages show beside their own (TER-09, GTW-05)."""

from datetime import date
from decimal import Decimal

from pydantic import Field

from kernel.contracts.method import Reply, Request
from kernel.contracts.traffic.service import TRAFFIC

MOST = 200


class GetCardsUse(Request):
    """Cards of the caller's units; others are left out of the answer."""

    iccids: list[str] = Field(max_length=MOST)


class CardUse(Reply):
    """``last_use``: the last day with traffic by either source; None: none in the last twelve months with figures.

    ``month``: the newest with a figure of the card, ``month_bytes``: of that, by the carrier, else by the station.
    ``cost``: yuan, as known now, of the newest month that cost something to say.
    """

    iccid: str
    terminal: str | None
    last_use: date | None
    month: str | None
    month_bytes: int | None
    cost_month: str | None
    cost: Decimal | None


class CardsUse(Reply):
    """In the order of their numbers."""

    items: list[CardUse]


class GetUsageOverview(Request):
    """Of the caller's units."""


class UsageOverview(Reply):
    """``month``: the newest with figures; ``cost_month``: the newest that was rated. Bytes, yuan; None: nothing yet."""

    month: str | None
    cards: int
    carrier_bytes: int
    terminal_bytes: int
    cost_month: str | None
    cost: Decimal | None


GET_CARDS_USE = TRAFFIC.query("get_cards_use", GetCardsUse, CardsUse, "usage.view", consistent=True)
GET_USAGE_OVERVIEW = TRAFFIC.query(
    "get_usage_overview", GetUsageOverview, UsageOverview, "usage.view", consistent=True
)
