"""How many cards and terminals lie in which range of traffic, and the months behind the numbers (TRF-02, TRF-03)."""

from datetime import date, datetime

from pydantic import Field

from kernel.contracts.method import Reply, Request, Unit
from kernel.contracts.paging import Page, PageRequest
from kernel.contracts.said import Text
from kernel.contracts.traffic.service import TRAFFIC


class GetUsageDistribution(Request):
    """``month``: YYYY-MM, else the newest with figures. ``ranges``: where ranges begin, in MB of 2^20, as
    "1, 5, 10"; else those of the province. A change of ranges applies to past months at once.
    """

    unit: Unit | None = None
    carrier: str | None = None
    month: str | None = None
    ranges: str | None = Field(default=None, max_length=300)


class UsageRange(Reply):
    """Cards with ``at_least`` to ``most`` bytes, both included (``most`` None: no end), by either source's figure."""

    month: str
    label: Text
    at_least: int
    most: int | None
    carrier_cards: int
    carrier_bytes: int
    terminal_cards: int
    terminal_bytes: int


class UsageDistribution(Reply):
    """``newest_day``: the last day with figures. ``*_as_of``: the newest data time of the month, by source;
    ``data_of`` says both.
    """

    items: list[UsageRange]
    totals: dict[str, int]
    month: str
    newest_day: date | None
    carrier_as_of: datetime | None
    terminal_as_of: datetime | None
    data_of: Text


class TerminalRange(Reply):
    """Terminals whose cards used together ``at_least`` to ``most`` bytes by the station's figure."""

    month: str
    label: Text
    at_least: int
    most: int | None
    terminals: int
    terminal_bytes: int
    carrier_bytes: int


class TerminalDistribution(Reply):
    """See UsageDistribution."""

    items: list[TerminalRange]
    totals: dict[str, int]
    month: str
    newest_day: date | None
    carrier_as_of: datetime | None
    terminal_as_of: datetime | None
    data_of: Text


class GetUsageByUnit(Request):
    """See GetUsageDistribution."""

    unit: Unit | None = None
    carrier: str | None = None
    month: str | None = None


class UnitUsage(Reply):
    """A unit with all below it; ``exact``: the asked unit's own cards. Means are per card, in bytes."""

    month: str
    unit: str
    exact: bool
    carrier_cards: int
    carrier_bytes: int
    carrier_mean: int | None
    terminal_cards: int
    terminal_bytes: int
    terminal_mean: int | None


class UsageByUnit(Reply):
    """The asked unit's children."""

    items: list[UnitUsage]
    totals: dict[str, int]


class ListUsageMonths(PageRequest):
    """``month``: else the newest; with ``iccid`` all months of the cards whose number begins so. Bytes from and up to.

    ``sort``: carrier_month or terminal_month.
    """

    unit: Unit | None = None
    carrier: str | None = None
    month: str | None = None
    iccid: str | None = None
    carrier_from: int | None = Field(default=None, ge=0)
    carrier_to: int | None = Field(default=None, ge=0)
    terminal_from: int | None = Field(default=None, ge=0)
    terminal_to: int | None = Field(default=None, ge=0)


class UsageMonth(Reply):
    """What a card used in a month in one unit: a card that moved has a line in each. Bytes; None: no figure.

    ``first_day`` and ``last_day`` are the month's. ``terminal``: on which the card is now. ``own_month``: what the
    card's terminal counted itself in the month, in whatever unit.
    """

    iccid: str
    month: str
    unit: str
    carrier: str
    terminal: str | None
    carrier_month: int | None
    terminal_month: int | None
    difference: int | None
    own_month: int | None = None
    first_day: date
    last_day: date


class UsageMonthPage(Page[UsageMonth]):
    """Cards with a figure in the month."""


class ListTerminalMonths(PageRequest):
    """``terminal``: the beginning of an asset number. ``sort``: terminal_month or carrier_month."""

    unit: Unit | None = None
    carrier: str | None = None
    month: str | None = None
    terminal: str | None = None
    terminal_from: int | None = Field(default=None, ge=0)
    terminal_to: int | None = Field(default=None, ge=0)


class TerminalMonth(Reply):
    """What cards used together in a month while they were on a terminal, in one unit. Bytes; None: no figure."""

    terminal: str
    month: str
    unit: str
    cards: int
    iccid: str
    terminal_month: int | None
    carrier_month: int | None
    difference: int | None
    first_day: date
    last_day: date


class TerminalMonthPage(Page[TerminalMonth]):
    """Terminals with a figure in the month. ``iccid``: of the first card."""


class GetUsageRanges(Request):
    """Where the ranges of the caller's province begin."""


class UsageRanges(Reply):
    """``ranges``: in MB of 2^20, rising. ``version``: for If-Match."""

    ranges: str
    version: int


class SetUsageRanges(Request):
    """``ranges``: "1, 5, 10, 30" in MB of 2^20, rising."""

    ranges: str = Field(min_length=1, max_length=300)
    version: int


GET_USAGE_DISTRIBUTION = TRAFFIC.query(
    "get_usage_distribution", GetUsageDistribution, UsageDistribution, "usage.view", consistent=True
)
GET_TERMINAL_DISTRIBUTION = TRAFFIC.query(
    "get_terminal_distribution", GetUsageDistribution, TerminalDistribution, "usage.view", consistent=True
)
GET_USAGE_BY_UNIT = TRAFFIC.query("get_usage_by_unit", GetUsageByUnit, UsageByUnit, "usage.view")
LIST_USAGE_MONTHS = TRAFFIC.query("list_usage_months", ListUsageMonths, UsageMonthPage, "usage.view", consistent=True)
LIST_TERMINAL_MONTHS = TRAFFIC.query(
    "list_terminal_months", ListTerminalMonths, TerminalMonthPage, "usage.view", consistent=True
)
GET_USAGE_RANGES = TRAFFIC.query("get_usage_ranges", GetUsageRanges, UsageRanges, "usage.view")
SET_USAGE_RANGES = TRAFFIC.command("set_usage_ranges", SetUsageRanges, UsageRanges, "limits.set")
