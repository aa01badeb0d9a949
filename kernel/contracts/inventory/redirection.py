"""待装卡分流 (INV-06): what becomes of cards that wait for their installation, and how long they have waited."""

from typing import Literal

from kernel.contracts.inventory.acts import BulkAnswer, ReasonedRequest
from kernel.contracts.inventory.service import INVENTORY
from kernel.contracts.method import Reply, Request, Unit
from kernel.contracts.words import also, part_of
from kernel.contracts.words_inventory import CARD_STATES

also("permissions", {"card.redirect": ("待装卡分流", "Redirect pending cards")})
part_of("redirect_states", CARD_STATES, "in_stock", "pending_scrap")


class Redirect(ReasonedRequest):
    """分流 of pending_install cards."""

    to: Literal["in_stock", "pending_scrap"]


class CountPendingInstall(Request):
    """待装卡分流: pending_install cards per unit and age in days."""

    unit: Unit | None = None


class PendingInstallRow(Reply):
    """Ages in whole days, bounds included: 0-7, 8-30, 31-90, 91 and more."""

    unit: str
    exact: bool
    d0_7: int
    d8_30: int
    d31_90: int
    d91_plus: int
    total: int


class PendingInstallCounts(Reply):
    items: list[PendingInstallRow]
    totals: PendingInstallRow


REDIRECT = INVENTORY.command("redirect", Redirect, BulkAnswer, "card.redirect")
COUNT_PENDING_INSTALL = INVENTORY.query(
    "count_pending_install", CountPendingInstall, PendingInstallCounts, "report.view", consistent=True
)
