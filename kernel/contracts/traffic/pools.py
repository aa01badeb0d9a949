"""Pools: cards that share what is included in their tariffs (TRF-05, TRF-10)."""

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from kernel.contracts.carriers import Carrier
from kernel.contracts.method import Reply, Request
from kernel.contracts.paging import Page, PageRequest
from kernel.contracts.traffic.service import TRAFFIC

Overage = Literal["excess", "usage", "equal"]


class AgreePool(Request):
    """What holds for a carrier's pool ``name`` from the month of ``valid_from`` on, until something else is agreed.

    ``size``: bytes of a month, whatever the number of cards; None: what the cards of the pool bring by their tariffs.
    ``joining_prorated``: a card that joins within the month counts by its days; else like a whole month.
    ``leaving_shrinks``: a card that leaves within the month counts by its days; else the pool keeps its part.
    ``overage``: who bears what is used beyond: cards by what they used beyond their own part (excess), by what they
    used (usage), or all by their days (equal).
    """

    carrier: Carrier
    name: str = Field(min_length=1, max_length=64)
    valid_from: date
    size: int | None = Field(default=None, ge=0, le=1 << 60)
    joining_prorated: bool = True
    leaving_shrinks: bool = True
    overage: Overage = "excess"


class PoolView(Reply):
    """See AgreePool."""

    id: int
    carrier: str
    name: str
    valid_from: date
    size: int | None
    joining_prorated: bool
    leaving_shrinks: bool
    overage: Overage
    created_by_name: str
    created_at: datetime


class ListPools(PageRequest):
    """Newest first."""

    carrier: str | None = None
    name: str | None = None


class PoolPage(Page[PoolView]):
    """What was agreed, newest first."""


AGREE_POOL = TRAFFIC.command("agree_pool", AgreePool, PoolView, "cost.manage")
LIST_POOLS = TRAFFIC.query("list_pools", ListPools, PoolPage, "usage.view", consistent=True)
