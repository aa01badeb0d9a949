"""What every service answers about itself: its jobs, its exports and its parked messages.

Each service serves the same methods under its own name: ``inventory.get_job``, ``workflow.get_job`` ...
A person sees the jobs that were started in his own unit's subtree (GTW-02, GTW-04).
"""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from kernel.contracts.envelope import BlobRef
from kernel.contracts.method import Method, Reply, Request
from kernel.contracts.paging import MAX_PAGE_SIZE, Page, PageRequest
from kernel.contracts.said import Text

JobState = Literal["queued", "running", "done", "failed", "cancelled"]
OPEN_STATES = frozenset({"queued", "running"})


class JobStarted(Reply):
    """Answer of every method that starts a job."""

    job_id: UUID


class JobError(Reply):
    """Why a job failed: a code of the error catalogue, its params, and its text in the caller's language."""

    code: str
    params: dict[str, Any]
    detail: Text


class Job(Reply):
    """``done`` of ``total`` rows; ``total`` is None until it is known. ``refused_count`` rows stand in JOB_ROWS.

    ``result``: whatever the kind answers; an export's holds ``rows`` and, for who may have its file, ``blob``.
    ``message``: what it is doing now. ``can_retry``: RETRY_JOB would be accepted.
    """

    job_id: UUID
    kind: str
    title: Text
    state: JobState
    done: int
    total: int | None
    refused_count: int
    message: str | None
    error: JobError | None
    result: dict[str, Any] | None
    created_by: str
    created_by_name: str
    created_unit: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    cancel_requested: bool
    can_cancel: bool
    can_retry: bool
    attempts: int
    retry_of: UUID | None


class JobRow(Reply):
    """One refused row: its number in the input (from 1), its key (an ICCID, say), and why."""

    row_no: int
    key: str | None
    code: str
    params: dict[str, Any]
    message: Text


class JobRequest(Request):
    job_id: UUID


class ListJobsRequest(PageRequest):
    """Newest first. ``mine``: only those that the caller started."""

    state: JobState | None = None
    kind: str | None = None
    mine: bool = False


class JobRowsRequest(PageRequest):
    """Refused rows in the order of the input."""

    job_id: UUID


class StartExportRequest(Request):
    """``columns`` None: the export's usual ones. ``filters``: those of the list that the export belongs to.

    ``unit_names``: code > name, for columns that name units; services know units by their codes only. ``guard``: a
    spreadsheet shows the cells of a CSV as they are, without running formulas or losing digits of long numbers; a
    program that reads the file wants it off.
    """

    resource: str
    format: Literal["csv", "xlsx"] = "xlsx"
    columns: list[str] | None = Field(default=None, min_length=1)
    filters: dict[str, Any] = Field(default_factory=dict)
    unit_names: dict[str, str] = Field(default_factory=dict)
    guard: bool = True


class ExportColumn(Reply):
    name: str
    title: str


class ExportResource(Reply):
    """What can be exported, with the columns to choose from."""

    resource: str
    title: Text
    permission: str
    columns: list[ExportColumn]


class ListExportsRequest(Request):
    pass


class ExportResources(Reply):
    resources: list[ExportResource]


class ParkedMessage(Reply):
    """A fact whose handler failed. ``next_try_at`` None: it waits for a person; else it is tried again by itself."""

    message_id: UUID
    source: str
    type: str
    attempts: int
    error: str
    correlation_id: str | None
    parked_at: datetime
    next_try_at: datetime | None
    payload: dict[str, Any] | None


class ListParkedRequest(PageRequest):
    """Oldest first. ``waiting`` True: also those that will be tried again by themselves."""

    source: str | None = None
    type: str | None = None
    waiting: bool = False


class ParkedSelection(Request):
    """``message_ids``: 1 to 1,000."""

    message_ids: list[UUID] = Field(min_length=1, max_length=MAX_PAGE_SIZE)


class ParkedDone(Reply):
    """``done``: how many were found. ``unknown``: those that were not parked (any more)."""

    done: int
    unknown: list[UUID]


class ExportResult(Reply):
    """``result`` of an export's job."""

    blob: BlobRef
    rows: int


class ExportFile(Reply):
    """The file of an export that is done, for whoever may see the list that it was made of."""

    blob: BlobRef
    rows: int
    title: str
    created_unit: str
    finished_at: datetime


GET_JOB = Method("get_job", JobRequest, Job, "job.view")
LIST_JOBS = Method("list_jobs", ListJobsRequest, Page[Job], "job.view")
JOB_ROWS = Method("job_rows", JobRowsRequest, Page[JobRow], "job.view")
CANCEL_JOB = Method("cancel_job", JobRequest, Job, "job.view", writes=True)
RETRY_JOB = Method("retry_job", JobRequest, JobStarted, "job.view", writes=True)
LIST_EXPORTS = Method("list_exports", ListExportsRequest, ExportResources, "job.view")
EXPORT_FILE = Method("export_file", JobRequest, ExportFile, "job.view")
START_EXPORT = Method("start_export", StartExportRequest, JobStarted, "job.view", writes=True)
LIST_PARKED = Method("list_parked", ListParkedRequest, Page[ParkedMessage], "parking.replay")
REPLAY_PARKED = Method("replay_parked", ParkedSelection, ParkedDone, "parking.replay", writes=True)
DROP_PARKED = Method("drop_parked", ParkedSelection, ParkedDone, "parking.replay", writes=True)

METHODS = (
    GET_JOB,
    LIST_JOBS,
    JOB_ROWS,
    CANCEL_JOB,
    RETRY_JOB,
    LIST_EXPORTS,
    EXPORT_FILE,
    START_EXPORT,
    LIST_PARKED,
    REPLAY_PARKED,
    DROP_PARKED,
)
