"""What cards cost: per city, per card, and beside the carrier's bill (TRF-05, TRF-10)."""

from datetime import datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

from pydantic import Field

from kernel.contracts.carriers import Carrier
from kernel.contracts.envelope import BlobRef
from kernel.contracts.files import FileChoice, FileTemplate, GetTemplate
from kernel.contracts.method import Reply, Request, Unit
from kernel.contracts.paging import Page, PageRequest
from kernel.contracts.said import Text
from kernel.contracts.traffic.service import TRAFFIC

CostView = Literal["billed", "known"]
BillState = Literal["waiting", "held", "taken", "replaced", "dropped", "failed"]
BillDifference = Literal["differs", "only_ours", "only_theirs"]


class CountCityCosts(Request):
    """``month``: else the newest rated.

    ``view``: billed, as it stands on the month's bill, with corrections of earlier months; known, what the month costs
    as known now.
    """

    unit: Unit | None = None
    carrier: str | None = None
    month: str | None = None
    view: CostView = "billed"


class CityCost(Reply):
    """A unit with all below it; ``exact``: the asked unit's own cards. Yuan.

    ``idle``: of cards that should not cost. ``used``: bytes.
    """

    month: str
    unit: str
    exact: bool
    cards: int
    cost: Decimal
    corrections: Decimal
    idle: Decimal
    last_month: Decimal
    last_year: Decimal
    used: int


class CityCosts(Reply):
    """The asked unit's children; every fen is one of a card's. ``month``: the one asked for, or else the newest."""

    month: str
    items: list[CityCost]
    totals: dict[str, Decimal]


class ListCosts(PageRequest):
    """``month`` with ``view``, see CountCityCosts; without month all. ``idle``: only cards that should not cost.

    ``corrections``: only entries that correct an earlier one. ``sort``: number (newest first by default), fen.
    """

    unit: Unit | None = None
    carrier: str | None = None
    month: str | None = None
    view: CostView = "billed"
    iccid: str | None = None
    idle: bool | None = None
    corrections: bool | None = None


class CostEntry(Reply):
    """``about``: the month that it is for; ``posted_in``: the month whose bill has it. ``why``: how it came about.

    ``corrects``: number of the entry of the same card and month before it.
    """

    number: int
    iccid: str
    unit: str
    carrier: str
    card_spec: str
    pool: str
    about: str
    posted_in: str
    amount: Decimal
    used: int
    days: int
    state: str | None
    corrects: int | None
    reason: str | None
    why: Text
    posted_at: datetime
    by_name: str


class CostEntryPage(Page[CostEntry]):
    """Entries that match."""


class ImportBill(Request):
    """``file``: the carrier's bill of a month: ICCID and amount in yuan. A later one takes the earlier one's place."""

    carrier: Carrier
    month: str
    file: BlobRef
    choice: FileChoice | None = None


class BillAccepted(Reply):
    """The bill is taken in by a job; its rows are refused lines."""

    bill_id: int
    job_id: UUID


class ListBills(PageRequest):
    """Newest first."""

    carrier: str | None = None
    month: str | None = None


class BillView(Reply):
    """``billed``: the carrier's sum; ``ours``: what our cards of the carrier cost in the month's bill. Yuan.

    ``reasons``: why a bill is held. ``can``: decide.
    """

    id: int
    carrier: str
    month: str
    state: BillState
    rows: int
    refused: int
    billed: Decimal
    ours: Decimal
    difference: Decimal
    asked_by_name: str
    asked_at: datetime
    job: UUID
    decided_by: str | None = None
    remark: str | None = None
    reasons: list[Text] = Field(default_factory=list)
    can: list[str] = Field(default_factory=list)


class GetBill(Request):
    bill_id: int


class PreviewBill(Request):
    """A bill beside the one before it and our own costs, as they were when it was examined."""

    bill_id: int


class BillPreviewLine(Reply):
    """``what``: bill, this one; before, the one it was compared with; ours, what cards of the carrier cost with us."""

    what: Literal["bill", "before", "ours"]
    month: str
    cards: int
    amount: Decimal


class BillPreview(Reply):
    items: list[BillPreviewLine]


class DecideBill(Request):
    """A person answers for a held bill: it is taken as it is, or dropped."""

    bill_id: int
    take: bool
    remark: str = Field(min_length=1, max_length=500)


class BillPage(Page[BillView]):
    """Bills, newest first."""


class ListBillDifferences(PageRequest):
    """Cards of the newest bill that do not cost the same with us; of the carrier and month, where they are given."""

    carrier: str | None = None
    month: str | None = None
    unit: Unit | None = None
    kind: BillDifference | None = None
    iccid: str | None = None


class BillDifferenceLine(Reply):
    """Yuan. ``difference``: the carrier's less ours."""

    iccid: str
    carrier: str
    month: str
    unit: str | None
    kind: BillDifference
    state: str | None
    billed: Decimal | None
    ours: Decimal | None
    difference: Decimal


class BillDifferencePage(Page[BillDifferenceLine]):
    """By ICCID."""


COUNT_CITY_COSTS = TRAFFIC.query("count_city_costs", CountCityCosts, CityCosts, "usage.view", consistent=True)
LIST_COSTS = TRAFFIC.query("list_costs", ListCosts, CostEntryPage, "usage.view", consistent=True)
IMPORT_BILL = TRAFFIC.command("import_bill", ImportBill, BillAccepted, "cost.manage")
GET_BILL_TEMPLATE = TRAFFIC.query("get_bill_template", GetTemplate, FileTemplate, "cost.manage")
LIST_BILLS = TRAFFIC.query("list_bills", ListBills, BillPage, "usage.view", consistent=True)
GET_BILL = TRAFFIC.query("get_bill", GetBill, BillView, "usage.view")
PREVIEW_BILL = TRAFFIC.query("preview_bill", PreviewBill, BillPreview, "usage.view")
DECIDE_BILL = TRAFFIC.command("decide_bill", DecideBill, BillView, "cost.manage")
LIST_BILL_DIFFERENCES = TRAFFIC.query(
    "list_bill_differences", ListBillDifferences, BillDifferencePage, "usage.view", consistent=True
)
