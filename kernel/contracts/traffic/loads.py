"""Loads of daily usage (TRF-01): as a file, as a page of rows by API key, as a report of the master station."""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from kernel.contracts.carriers import Carrier
from kernel.contracts.envelope import BlobRef
from kernel.contracts.files import FileChoice, FileLook, FileTemplate, GetTemplate, LookAtFile
from kernel.contracts.method import Reply, Request
from kernel.contracts.paging import Page, PageRequest
from kernel.contracts.plain import RawRow
from kernel.contracts.said import Text
from kernel.contracts.traffic.service import TRAFFIC

MAX_ROWS = 10_000
UsageSource = Literal["carrier", "terminal"]
VolumeUnit = Literal["B", "KB", "MB", "GB"]
LoadState = Literal["waiting", "held", "taken", "dropped", "failed"]


class UsageNote(Request):
    """What a load says of itself. ``as_of``: when its figures were true; of two figures for one card and day the newer
    stands, whatever the order in which they come. ``measured_in``: of its volumes, each 1024 of the one before.
    ``whole``: it tells of all cards of its days, so that fewer rows than last month hold it for a person.
    """

    carrier: Carrier
    measured_in: VolumeUnit = "B"
    as_of: datetime | None = None
    whole: bool = False


class ImportUsage(UsageNote):
    """``file``: CSV or XLSX in the blob store: ICCID, day, volume. ``source``: whose figures these are.

    The station's may be of cards of all carriers; then there is no ``carrier``.
    """

    carrier: Carrier | None = None  # type: ignore[assignment]
    file: BlobRef
    source: UsageSource = "carrier"
    choice: FileChoice | None = None
    whole: bool = True

    @model_validator(mode="after")
    def _carrier_of_carriers_figures(self) -> "ImportUsage":
        if self.source == "carrier" and self.carrier is None:
            raise PydanticCustomError("carrier_missing", "carrier is needed for a carrier's figures")
        return self


class LookAtUsage(LookAtFile):
    """A file as ImportUsage would take it; its first rows are compared with what is known of their cards."""

    carrier: Carrier | None = None
    source: UsageSource = "carrier"
    measured_in: VolumeUnit = "B"


class PushUsage(UsageNote):
    """A carrier's page of rows, 1 to MAX_ROWS: ``iccid``, ``day`` (YYYY-MM-DD), ``volume``. A broken row costs only
    itself. A carrier's key can report for its own carrier only.
    """

    rows: list[RawRow] = Field(min_length=1, max_length=MAX_ROWS)


class ReportUsage(Request):
    """The master station's own daily figures, rows as in PushUsage; the cards may be of any carrier."""

    rows: list[RawRow] = Field(min_length=1, max_length=MAX_ROWS)
    as_of: datetime | None = None
    measured_in: VolumeUnit = "B"


class LoadAccepted(Reply):
    """The load goes on as a job of this service."""

    load_id: int
    job_id: UUID


class ListLoads(PageRequest):
    """Newest first."""

    state: LoadState | None = None
    source: UsageSource | None = None
    carrier: str | None = None


class LoadView(Reply):
    """``taken``: figures that were news; ``replaced``: of these, corrections; ``repeated``: known already, or older.

    ``reasons``: why a load is held, or failed: its job took nothing, and can be tried again.
    ``preview``: what it would change, days beside what is known.
    ``job``: what takes it in, whose rows are the refused ones. ``can``: decide.
    """

    id: int
    source: UsageSource
    carrier: str | None
    state: LoadState
    as_of: datetime
    first_day: date | None
    last_day: date | None
    rows: int
    taken: int
    replaced: int
    repeated: int
    unknown: int
    refused: int
    asked_by_name: str
    asked_at: datetime
    ended_at: datetime | None
    decided_by: str | None
    remark: str | None
    job: UUID
    reasons: list[Text] = Field(default_factory=list)
    preview: dict[str, Any] = Field(default_factory=dict)
    can: list[str] = Field(default_factory=list)


class LoadPage(Page[LoadView]):
    """Loads, newest first."""


class GetLoad(Request):
    load_id: int


class PreviewLoad(Request):
    """What a load says, beside what is known: its days, then the cards that differ most."""

    load_id: int


class PreviewLine(Reply):
    """``what``: a day, or a card by its ICCID. Of a day the cards and their bytes; of a card its mean a day, in bytes.

    ``known_*``: what the tables hold of that day now; of a card its mean a day in the month compared with.
    """

    what: str
    cards: int | None
    known_cards: int | None
    now_bytes: int
    known_bytes: int | None


class LoadPreview(Reply):
    """Lines of the load as they were when it was examined."""

    items: list[PreviewLine]


class DecideLoad(Request):
    """A person answers for a held load: it is taken as it is, or dropped."""

    load_id: int
    take: bool
    remark: str = Field(min_length=1, max_length=500)


class ListUnknownUsage(PageRequest):
    """Figures of cards that are not in the books; they are taken with the first load after the card is known."""

    iccid: str | None = None
    load_id: int | None = None


class UnknownUsage(Reply):
    id: int
    iccid: str
    day: date
    source: UsageSource
    usage_bytes: int
    load_id: int


class UnknownUsagePage(Page[UnknownUsage]):
    """In the order in which they came."""


class CheckUsage(Request):
    """Recomputes a month from its days: names every card and every count that differs."""

    month: str


class CheckAccepted(Reply):
    """The check goes on as a job, whose rows are what differs."""

    job_id: UUID


IMPORT_USAGE = TRAFFIC.command("import_usage", ImportUsage, LoadAccepted, "usage.load")
GET_USAGE_TEMPLATE = TRAFFIC.query("get_usage_template", GetTemplate, FileTemplate, "usage.load")
LOOK_AT_USAGE_FILE = TRAFFIC.query("look_at_usage_file", LookAtUsage, FileLook, "usage.load")
PUSH_USAGE = TRAFFIC.command("push_usage", PushUsage, LoadAccepted, "usage.load")
REPORT_USAGE = TRAFFIC.command("report_usage", ReportUsage, LoadAccepted, "usage.load")
LIST_LOADS = TRAFFIC.query("list_loads", ListLoads, LoadPage, "usage.view", consistent=True)
GET_LOAD = TRAFFIC.query("get_load", GetLoad, LoadView, "usage.view")
PREVIEW_LOAD = TRAFFIC.query("preview_load", PreviewLoad, LoadPreview, "usage.view")
DECIDE_LOAD = TRAFFIC.command("decide_load", DecideLoad, LoadView, "usage.load")
LIST_UNKNOWN_USAGE = TRAFFIC.query(
    "list_unknown_usage", ListUnknownUsage, UnknownUsagePage, "usage.view", consistent=True
)
CHECK_USAGE = TRAFFIC.command("check_usage", CheckUsage, CheckAccepted, "usage.load")
