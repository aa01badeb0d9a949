"""Usage per card and day: SIM日流量明细 (TRF-04)."""

from datetime import date, datetime

from pydantic import Field

from kernel.contracts.method import Reply, Unit
from kernel.contracts.paging import Page, PageRequest
from kernel.contracts.traffic.service import TRAFFIC


class ListUsageDays(PageRequest):
    """``sort``: day (newest first by default). Days, both included; bytes from and up to, of either source.

    Without days and ``iccid``: the last 31 days that have figures.
    """

    unit: Unit | None = None
    carrier: str | None = None
    iccid: str | None = None
    day_from: date | None = None
    day_to: date | None = None
    carrier_from: int | None = Field(default=None, ge=0)
    carrier_to: int | None = Field(default=None, ge=0)
    terminal_from: int | None = Field(default=None, ge=0)
    terminal_to: int | None = Field(default=None, ge=0)


class UsageDay(Reply):
    """The carrier's figure beside the master station's, in bytes; None where there is none. ``*_as_of``: data time.

    ``difference``: the carrier's less the station's, where both are known.
    """

    iccid: str
    day: date
    unit: str
    carrier: str
    carrier_bytes: int | None
    terminal_bytes: int | None
    difference: int | None
    carrier_as_of: datetime | None
    terminal_as_of: datetime | None


class UsageDayPage(Page[UsageDay]):
    """Cards with a figure on the day."""


LIST_USAGE_DAYS = TRAFFIC.query("list_usage_days", ListUsageDays, UsageDayPage, "usage.view", consistent=True)
