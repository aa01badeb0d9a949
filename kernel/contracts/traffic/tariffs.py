"""Tariffs and months: what cards are charged for, and until when a month may change (TRF-05, TRF-09)."""

from datetime import date, datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

from pydantic import Field

from kernel.contracts.carriers import Carrier
from kernel.contracts.method import Reply, Request
from kernel.contracts.paging import Page, PageRequest
from kernel.contracts.traffic.service import TRAFFIC

MonthState = Literal["open", "provisional", "closed"]
Price = Field(ge=0, max_digits=12, decimal_places=4)


class AddTariff(Request):
    """Of a carrier's cards of one specification, from ``valid_from`` until the day before ``valid_to``. Yuan; bytes.

    ``per_mb``: price of a MB (2^20) beyond ``included``. ``silent_fee``: of a month without any use, instead of the
    monthly fee. ``pool``: cards of the carrier with the same pool share what is included. ``prorated``: the first and
    last month are paid by days. An open tariff of the same cards ends where this one begins.
    """

    carrier: Carrier
    card_spec: str = Field(min_length=1, max_length=64)
    valid_from: date
    valid_to: date | None = None
    monthly_fee: Decimal = Price
    included: int = Field(ge=0, le=1 << 50)
    per_mb: Decimal = Field(ge=0, max_digits=12, decimal_places=6)
    silent_fee: Decimal | None = Field(default=None, ge=0, max_digits=12, decimal_places=4)
    pool: str | None = Field(default=None, min_length=1, max_length=64)
    prorated: bool = False


class TariffView(Reply):
    """See AddTariff."""

    id: int
    carrier: str
    card_spec: str
    valid_from: date
    valid_to: date | None
    monthly_fee: Decimal
    included: int
    per_mb: Decimal
    silent_fee: Decimal | None
    pool: str | None
    prorated: bool
    created_by_name: str
    created_at: datetime


class ListTariffs(PageRequest):
    """``on``: those that hold on the day."""

    carrier: str | None = None
    card_spec: str | None = None
    on: date | None = None


class TariffPage(Page[TariffView]):
    """Newest first."""


class ListCostMonths(PageRequest):
    """Newest first."""


class CostMonth(Reply):
    """``billed``: all that stands in the month; ``corrections``: of that, what is about earlier months. Yuan.

    ``known``: what the month costs as known now, wherever it is posted. ``can``: rate, close.
    """

    month: str
    state: MonthState
    rated_at: datetime | None
    closed_at: datetime | None
    by_name: str | None
    cards: int
    billed: Decimal
    corrections: Decimal
    known: Decimal
    can: list[str]


class CostMonthPage(Page[CostMonth]):
    """Months with usage or cost."""


class RateMonth(Request):
    """Rates the month by its usage as known now. Rated again without any change, nothing changes.

    Open: it becomes provisional. Closed: what differs is appended in the month that is open, with ``reason``.
    """

    month: str
    reason: str = Field(default="", max_length=200)


class RatingStarted(Reply):
    """The job's rows are cards that cannot be rated."""

    job_id: UUID


class CloseMonth(Request):
    """A provisional month is final: from now on it changes only by corrections in later months."""

    month: str


ADD_TARIFF = TRAFFIC.command("add_tariff", AddTariff, TariffView, "cost.manage")
LIST_TARIFFS = TRAFFIC.query("list_tariffs", ListTariffs, TariffPage, "usage.view", consistent=True)
LIST_COST_MONTHS = TRAFFIC.query("list_cost_months", ListCostMonths, CostMonthPage, "usage.view", consistent=True)
RATE_MONTH = TRAFFIC.command("rate_month", RateMonth, RatingStarted, "cost.manage")
CLOSE_MONTH = TRAFFIC.command("close_month", CloseMonth, CostMonth, "cost.manage")
