"""Deliveries (INV-01, INV-02): how cards come in, are inspected and stocked in."""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from kernel.contracts.envelope import BlobRef
from kernel.contracts.files import FileChoice, FileLook, FileTemplate, GetTemplate, LookAtFile
from kernel.contracts.inventory.acts import BulkAnswer, LeftOut
from kernel.contracts.inventory.service import INVENTORY
from kernel.contracts.method import Reply, Request, Unit
from kernel.contracts.paging import Page, PageRequest
from kernel.contracts.said import Text

DeliveryState = Literal["receiving", "held", "received", "inspected", "stocked_in"]
MAX_PUSHED_CARDS = 10_000


class DeliveryNote(Request):
    """What a delivery says of itself. ``expected_count``: the carrier's own count; a contradiction holds the batch."""

    carrier: str
    batch_no: str = Field(min_length=1, max_length=64)
    application_month: str
    card_spec: str
    expected_count: int | None = Field(default=None, ge=0)


class ImportDelivery(DeliveryNote):
    """``file``: CSV or XLSX in the blob store, its heads iccid, imsi, msisdn (Chinese names too).

    ``owner_unit``: who owns the cards at first; default: the actor's unit, which must be a province or city.
    ``choice``: how the file is to be read where a person has chosen.
    """

    file: BlobRef
    owner_unit: Unit | None = None
    choice: FileChoice | None = None


class PushedCard(Request):
    iccid: str
    imsi: str | None = None
    msisdn: str | None = None


class PushDelivery(DeliveryNote):
    """A carrier pushes with its own credentials; ``carrier`` must be the one that the key belongs to."""

    cards: list[PushedCard] = Field(min_length=1, max_length=MAX_PUSHED_CARDS)


class PullDeliveries(Request):
    """Fetches now what the carrier has newly delivered."""

    carrier: str


class JobAccepted(Reply):
    """The work goes on as a job of the service that answers."""

    job_id: UUID


class ListDeliveries(PageRequest):
    """``sort``: id (newest first by default), received_at. Days are business days, both included."""

    application_month: str | None = None
    state: DeliveryState | None = None
    carrier: str | None = None
    card_spec: str | None = None
    batch_no: str | None = None
    received_from: date | None = None
    received_to: date | None = None


class DeliveryView(Reply):
    """``qualified_count`` = received less unqualified; ``waiting_count``: those that an inspection of the batch judges.

    ``can``: inspect, mark_unqualified, stock_in, release, inspect_again.
    """

    id: int
    carrier: str
    batch_no: str
    application_month: str
    card_spec: str
    owner_unit: str
    state: DeliveryState
    source: Literal["pull", "push", "upload"]
    expected_count: int | None
    received_count: int
    qualified_count: int
    unqualified_count: int
    stocked_in_count: int
    waiting_count: int = 0
    refused_count: int
    discrepancy_count: int
    received_at: datetime
    inspected_at: datetime | None
    inspected_by: str | None
    inspection_result: str | None
    inspection_remark: str | None
    released_by: str | None
    release_remark: str | None
    file: BlobRef | None
    can: list[str]


class DeliveryPage(Page[DeliveryView]):
    """``sums``: received, qualified, unqualified, stocked_in over all matching batches."""

    sums: dict[str, int] = Field(default_factory=dict)


class GetDelivery(Request):
    delivery_id: int


class ListRefusedRows(PageRequest):
    delivery_id: int


class RefusedRow(Reply):
    """``row``: of the file as a spreadsheet counts (the head of a plain file is row 1); ``line``: as an editor does,
    where line breaks inside cells make that another number. ``message`` in the caller's language.
    """

    row: int
    line: int | None = None
    iccid: str
    code: str
    message: Text


class RefusedRowPage(Page[RefusedRow]):
    """Refused rows, by row."""


class Discrepancy(Reply):
    code: str
    params: dict[str, Any]
    message: Text


class Discrepancies(Reply):
    items: list[Discrepancy]


class RecordInspection(Request):
    """检测. ``iccids`` None: the whole batch. Result unqualified marks those cards 不合格.

    Their reason is ``remark``, which is needed then.
    """

    delivery_id: int
    iccids: list[str] | None = Field(default=None, max_length=1000)
    inspected_on: date
    inspector: str = Field(min_length=1, max_length=64)
    result: Literal["qualified", "unqualified"]
    remark: str | None = Field(default=None, max_length=500)


class StockIn(Request):
    """入库 of all qualified cards of the batch."""

    delivery_id: int


class StockInAnswer(Reply):
    """``left_out``: cards of the batch that did not go in, by reason. ``job_id``: a large batch goes in as this job,
    whose result is done and left_out.
    """

    done: int
    left_out: list[LeftOut]
    job_id: UUID | None = None


class InspectionAnswer(BulkAnswer):
    """``job_id``: a large batch is marked as this job, whose result is the answer."""

    job_id: UUID | None = None


class ReleaseDelivery(Request):
    """A person accepts the discrepancies of a held batch."""

    delivery_id: int
    remark: str = Field(min_length=1, max_length=500)


LOOK_AT_DELIVERY_FILE = INVENTORY.query("look_at_delivery_file", LookAtFile, FileLook, "delivery.import")
GET_DELIVERY_TEMPLATE = INVENTORY.query("get_delivery_template", GetTemplate, FileTemplate, "delivery.import")
IMPORT_DELIVERY = INVENTORY.command("import_delivery", ImportDelivery, JobAccepted, "delivery.import")
PUSH_DELIVERY = INVENTORY.command("push_delivery", PushDelivery, JobAccepted, "delivery.push")
PULL_DELIVERIES = INVENTORY.command("pull_deliveries", PullDeliveries, JobAccepted, "delivery.import")
LIST_DELIVERIES = INVENTORY.query("list_deliveries", ListDeliveries, DeliveryPage, "card.view", consistent=True)
GET_DELIVERY = INVENTORY.query("get_delivery", GetDelivery, DeliveryView, "card.view")
LIST_REFUSED_ROWS = INVENTORY.query("list_refused_rows", ListRefusedRows, RefusedRowPage, "card.view", consistent=True)
LIST_DISCREPANCIES = INVENTORY.query("list_discrepancies", GetDelivery, Discrepancies, "card.view")
RECORD_INSPECTION = INVENTORY.command("record_inspection", RecordInspection, InspectionAnswer, "delivery.inspect")
STOCK_IN = INVENTORY.command("stock_in", StockIn, StockInAnswer, "delivery.stock_in")
RELEASE_DELIVERY = INVENTORY.command("release_delivery", ReleaseDelivery, DeliveryView, "delivery.stock_in")
