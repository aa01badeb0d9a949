"""Scans of printed, signed and sealed forms (DOC-03..DOC-05): submit one, see its verdict, decide an unclear one."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from kernel.contracts.documents.events import Verdict
from kernel.contracts.documents.service import DOCUMENTS
from kernel.contracts.envelope import BlobRef
from kernel.contracts.method import Reply, Request, Unit
from kernel.contracts.paging import Page, PageRequest

ScanOutcome = Literal["waiting", "passed", "differs", "unclear", "refused"]
"""``waiting``: not judged yet. Of a decided scan: what the person decided."""

MAX_UPLOAD_BYTES = 60 * 1024 * 1024
"""Larger files are refused at upload, workflow's signed forms and scans for verification alike, and by the verifier
itself: a scanner makes 1 to 2 MB of a page at 300 dpi."""


class SubmitScan(Request):
    """``upload``: PDF, JPEG or PNG in the blob store. ``revision`` None: the form's current one."""

    number: str
    revision: int | None = None
    upload: BlobRef


class ScanAccepted(Reply):
    """The scan's id is its job's id too."""

    scan_id: UUID
    job_id: UUID


class GetScan(Request):
    scan_id: UUID


class ScanFinding(Reply):
    """One place that speaks against the scan, or not clearly for it.

    ``page`` counts the form's pages and ``scan_page`` the upload's, from 1. ``box``: (x, y, width, height) in mm on the
    form's page. ``message``, ``message_en``: the whole finding as people read it, in Chinese and English; older scans
    have no English.
    """

    weight: Literal["differs", "unclear", "note"]
    code: str
    page: int | None
    scan_page: int | None
    place: str
    expected: str | None
    seen: str | None
    advice: str | None
    box: tuple[float, float, float, float] | None
    message: str
    message_en: str = ""


class ScanPage(Reply):
    """One page of the upload. ``marked``: its picture, findings framed; ``original``: the form's page beside it.

    Compared: ``glyphs`` characters at the measured ``dpi``; ``page`` is None for a page that is not the form's.
    """

    scan_page: int
    page: int | None
    dpi: int | None
    glyphs: int
    marked: BlobRef
    original: BlobRef | None


class ReusedSeal(Reply):
    """The other form's scan that had the very same impression."""

    number: str
    revision: int
    scan_id: UUID
    uploaded_at: datetime


class SealComparison(Reply):
    """The scan's seal against the specimens of the form's unit (DOC-06). ``not_compared``: the unit had none that day.

    ``cause`` of *different*: size, strokes, extra (other letters or figure). ``unseen``: letters that were not seen,
    with their places.
    """

    outcome: Literal["not_compared", "same", "different", "not_enough_seen"]
    seal_id: UUID | None
    name: str | None
    cause: str | None
    unseen: list[str]
    reused: ReusedSeal | None
    message: str
    message_en: str


class ScanRow(Reply):
    """``verdict``: the program's; ``outcome``: the person's where one has decided. ``can``: decide.

    ``attempt_id``: workflow's attempt that this scan belongs to; None for an upload for verification only.
    """

    id: UUID
    number: str
    revision: int
    kind: str
    unit: str
    attempt_id: UUID | None
    upload: BlobRef
    uploaded_by: str
    uploaded_by_name: str
    uploader_unit: str
    uploaded_at: datetime
    outcome: ScanOutcome
    verdict: Verdict | None
    findings_count: int
    judged_at: datetime | None
    decided_by: str | None
    decided_by_name: str | None
    decided_at: datetime | None
    remark: str | None
    can: list[str]


class ScanView(ScanRow):
    """``seals``: how many good ones were found; ``comparison``: None for scans that had no seal to compare."""

    findings: list[ScanFinding]
    pages: list[ScanPage]
    seals: int
    comparison: SealComparison | None = None


class ListScans(PageRequest):
    """Newest first; ``sort``: id. ``number`` may be its beginning. Days are business days, both included."""

    number: str | None = None
    outcome: ScanOutcome | None = None
    unit: Unit | None = None
    uploaded_from: date | None = None
    uploaded_to: date | None = None
    mine: bool = False


class ScanList(Page[ScanRow]):
    """Scans of forms of the caller's subtree."""


class DecideScan(Request):
    """A second person decides an unclear scan by comparing it with the original; ``remark``: on what grounds."""

    scan_id: UUID
    verdict: Literal["passed", "differs"]
    remark: str = Field(min_length=1, max_length=500)


SUBMIT_SCAN = DOCUMENTS.command("submit_scan", SubmitScan, ScanAccepted, "document.verify")
GET_SCAN = DOCUMENTS.query("get_scan", GetScan, ScanView, "card.view")
LIST_SCANS = DOCUMENTS.query("list_scans", ListScans, ScanList, "card.view", consistent=True)
DECIDE_SCAN = DOCUMENTS.command("decide_scan", DecideScan, ScanView, "document.decide")
