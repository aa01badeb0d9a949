"""What the first page shows of the stock: how long it lasts, and how it went over a year (GTW-05)."""

from decimal import Decimal

from kernel.contracts.inventory.service import INVENTORY
from kernel.contracts.method import Reply, Request, Unit


class CountCover(Request):
    """Stock against need. ``unit``: default the actor's own. One row for itself and one per child's subtree."""

    unit: Unit | None = None


class CoverRow(Reply):
    """``in_stock``: cards that can be issued now; ``issued``: cards issued in the last ``Cover.days`` days.

    ``need``: cards a month at that pace; ``months``: how long the stock lasts, None where nothing was issued.
    """

    unit: str
    exact: bool
    in_stock: int
    issued: int
    need: Decimal
    months: Decimal | None


class Cover(Reply):
    """The units whose stock ends first come first."""

    days: int
    items: list[CoverRow]
    total: CoverRow


class CountTrend(Request):
    """The last twelve business months with the present one. ``unit``: default the actor's own, and all below it."""

    unit: Unit | None = None


class TrendMonth(Reply):
    """``opened`` and ``terminated`` as COUNT_ACTIVATIONS; ``issued``: cards issued, returned ones too.

    ``in_stock``: at the end of the month, of the present one now; ``day``: that day.
    """

    month: str
    day: str
    opened: int
    issued: int
    terminated: int
    in_stock: int


class Trend(Reply):
    """Oldest month first."""

    items: list[TrendMonth]


COUNT_COVER = INVENTORY.query("count_cover", CountCover, Cover, "report.view", consistent=True)
COUNT_TREND = INVENTORY.query("count_trend", CountTrend, Trend, "report.view", consistent=True)
