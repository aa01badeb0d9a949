"""What is not as it should be: use by cards that do not run, silence, and sources that differ (TRF-04, TRF-06)."""

from datetime import date

from pydantic import Field

from kernel.contracts.method import Reply, Request, Unit
from kernel.contracts.paging import Page, PageRequest
from kernel.contracts.traffic.service import TRAFFIC


class ListIdleUsage(PageRequest):
    """非运行流量异常卡. ``day``: the day analysed, else the newest with figures. ``sort``: carrier_bytes."""

    unit: Unit | None = None
    carrier: str | None = None
    day: date | None = None
    iccid: str | None = None
    state: str | None = None


class IdleUsage(Reply):
    """A card that does not run now and has traffic of the day. Bytes."""

    iccid: str
    day: date
    unit: str
    carrier: str
    state: str
    terminal: str | None
    carrier_bytes: int | None
    terminal_bytes: int | None


class IdleUsagePage(Page[IdleUsage]):
    """Cards that are not running and yet use traffic."""


class ListSilentCards(PageRequest):
    """Running cards without any traffic in the newest ``months`` months with figures, by either source."""

    unit: Unit | None = None
    carrier: str | None = None
    months: int = Field(default=2, ge=1, le=24)
    iccid: str | None = None


class SilentCard(Reply):
    """``since``: the first day of the months that were looked at. ``last_use``: the last day with traffic by either
    source in the twelve months with figures before these; None: none. ``silent_days``: from the day after it, or since
    ``since``, until now.
    """

    iccid: str
    unit: str
    carrier: str
    card_spec: str
    terminal: str | None
    since: date
    last_use: date | None = None
    silent_days: int = 0


class SilentCardPage(Page[SilentCard]):
    """By unit and ICCID."""


class CountSilentCards(Request):
    """长期异常 by silence, per unit: see ListSilentCards."""

    unit: Unit | None = None
    carrier: str | None = None
    months: int = Field(default=2, ge=1, le=24)


class SilentUnit(Reply):
    """A unit with all below it; ``exact``: the asked unit's own cards. ``months``: as asked."""

    unit: str
    exact: bool
    months: int
    cards: int


class SilentCounts(Reply):
    """The asked unit's children; a unit without such cards is left out."""

    items: list[SilentUnit]
    totals: dict[str, int]


class ListUsageDifferences(PageRequest):
    """Cards whose figures of a month differ by more than ``percent`` of the larger and by ``at_least`` bytes.

    ``month``: else the newest. ``sort``: difference.
    """

    unit: Unit | None = None
    carrier: str | None = None
    month: str | None = None
    iccid: str | None = None
    percent: int = Field(default=20, ge=0, le=100)
    at_least: int = Field(default=1 << 20, ge=0)


class UsageDifference(Reply):
    """``difference``: the carrier's figure less the station's. Bytes."""

    iccid: str
    month: str
    unit: str
    carrier: str
    terminal: str | None
    carrier_month: int
    terminal_month: int
    difference: int


class UsageDifferencePage(Page[UsageDifference]):
    """To dispute with the carrier."""


LIST_IDLE_USAGE = TRAFFIC.query("list_idle_usage", ListIdleUsage, IdleUsagePage, "usage.view", consistent=True)
LIST_SILENT_CARDS = TRAFFIC.query("list_silent_cards", ListSilentCards, SilentCardPage, "usage.view", consistent=True)
COUNT_SILENT_CARDS = TRAFFIC.query(
    "count_silent_cards", CountSilentCards, SilentCounts, "usage.view", consistent=True
)
LIST_USAGE_DIFFERENCES = TRAFFIC.query(
    "list_usage_differences", ListUsageDifferences, UsageDifferencePage, "usage.view", consistent=True
)
