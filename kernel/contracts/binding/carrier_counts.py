"""卡数与终端数比对 (BND-09): what a carrier says how many cards a unit has, beside the terminals that run there."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from kernel.contracts.binding.service import BINDING
from kernel.contracts.envelope import BlobRef
from kernel.contracts.files import FileChoice, FileTemplate, GetTemplate
from kernel.contracts.method import Reply, Request, Unit
from kernel.contracts.paging import Page, PageRequest
from kernel.contracts.plain import RawRow
from kernel.contracts.said import Text

MAX_UNITS = 5_000
THRESHOLD_PERCENT = 30
Source = Literal["pushed", "file", "pulled"]
Carrier = Field(min_length=1, max_length=64)
Month = Field(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")


class PushCarrierCounts(Request):
    """A carrier's own counts, 1 to MAX_UNITS rows of ``unit`` and ``cards``. A broken row costs only itself.

    ``counted_on``: the day of the count, default today. A newer count of a unit and month takes the place of the older.
    """

    carrier: str = Carrier
    month: str = Month
    counted_on: date | None = None
    rows: list[RawRow] = Field(min_length=1, max_length=MAX_UNITS)


class ImportCarrierCounts(Request):
    """``file``: CSV or XLSX with unit code and number of cards; else as PushCarrierCounts."""

    carrier: str = Carrier
    month: str = Month
    counted_on: date | None = None
    file: BlobRef
    choice: FileChoice | None = None


class RefusedCount(Reply):
    """``row``: its number in what was sent. ``number``: what it names."""

    row: int
    number: str
    code: str
    message: Text


class CountsTaken(Reply):
    """``done``: units whose count stands now. ``older``: rows that a newer count has overtaken."""

    done: int
    older: int
    refused_count: int
    refused: list[RefusedCount]


class PullCarrierCounts(Request):
    """Asks the carrier for its counts of a month, default the present one. Goes on as a job."""

    carrier: str = Carrier
    month: str | None = Field(default=None, pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")


class CountsAsked(Reply):
    """The work goes on as a job of binding."""

    job_id: UUID


class ListCarrierPulls(PageRequest):
    """Each connected carrier with how it answered last, and with its last good count."""


class ListedPull(Reply):
    """``month``, ``asked_at``: of the last try. ``message``: why it failed; None when it was good or still runs.

    ``good_at``, ``good_month``, ``counted_on``: of the last good answer, None before the first.
    """

    carrier: str
    state: Literal["asked", "good", "failed"]
    month: str
    asked_at: datetime
    asked_by_name: str
    message: Text | None
    good_at: datetime | None
    good_month: str | None
    counted_on: date | None
    units: int | None


class CarrierPullPage(Page[ListedPull]):
    pass


class CompareCards(Request):
    """Per unit and carrier. ``month``: default the newest with counts. ``over``: only differences over the threshold.

    ``unit``: default the actor's own; a line for the unit itself, one per child's subtree.
    """

    unit: Unit | None = None
    month: str | None = None
    carrier: str | None = Field(default=None, max_length=64)
    threshold: int = Field(default=THRESHOLD_PERCENT, ge=0, le=1000)
    over: bool | None = None


class CardComparison(Reply):
    """``cards``: the carrier's count, None while unknown. ``terminals``: running ones with a card of the carrier, now.

    ``percent``: difference in percent of the terminals; None when either is missing, or without terminals. ``over``: it
    exceeds the threshold; cards without any terminal do, too. ``idle``: our cards there that are in no terminal.
    """

    unit: str
    exact: bool
    carrier: str
    cards: int | None
    counted_on: date | None
    source: Source | None
    terminals: int
    difference: int | None
    percent: float | None
    over: bool
    idle: int


class ComparedCards(Reply):
    month: str | None
    items: list[CardComparison]
    totals: dict[str, int | None]


class ListIdleCards(PageRequest):
    """Cards that the carrier may count and that are in no terminal: the surplus, by unit and number."""

    unit: Unit | None = None
    unit_exact: bool | None = None
    carrier: str | None = Field(default=None, max_length=64)
    iccid: str | None = Field(default=None, max_length=20)


class IdleCard(Reply):
    iccid: str
    msisdn: str | None
    unit: str
    carrier: str
    card_spec: str
    state: str


class IdleCardPage(Page[IdleCard]):
    pass


PUSH_CARRIER_COUNTS = BINDING.command("push_carrier_counts", PushCarrierCounts, CountsTaken, "carrier_count.load")
IMPORT_CARRIER_COUNTS = BINDING.command("import_carrier_counts", ImportCarrierCounts, CountsTaken, "carrier_count.load")
PULL_CARRIER_COUNTS = BINDING.command("pull_carrier_counts", PullCarrierCounts, CountsAsked, "carrier_count.load")
LIST_CARRIER_PULLS = BINDING.query(
    "list_carrier_pulls", ListCarrierPulls, CarrierPullPage, "report.view", consistent=True
)
GET_COUNT_TEMPLATE = BINDING.query("get_count_template", GetTemplate, FileTemplate, "carrier_count.load")
COMPARE_CARDS = BINDING.query("compare_cards", CompareCards, ComparedCards, "report.view")
LIST_IDLE_CARDS = BINDING.query("list_idle_cards", ListIdleCards, IdleCardPage, "report.view", consistent=True)
