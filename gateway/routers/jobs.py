"""任务: long work of all services, watched, cancelled, tried again (GTW-03)."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from gateway.calls import Call, calling, json_response
from gateway.jobs import job_view, list_jobs, row_view, watch
from gateway.rest import Accepted, accepted, split_job_id
from kernel.contracts import operations, topology
from kernel.contracts.paging import PageRequest

router = APIRouter(prefix="/jobs", tags=["任务"])



class JobView(BaseModel):
    """``id`` and ``job_id`` are the same. ``can``: cancel, retry, download."""

    id: str
    job_id: str
    service: str
    kind: str
    title: str
    state: operations.JobState
    done: int
    total: int | None
    refused_count: int
    message: str | None
    error: dict[str, Any] | None
    result: dict[str, Any] | None
    created_by: str
    created_by_name: str
    created_unit: str
    created_unit_name: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    cancel_requested: bool
    retry_of: str | None
    can: list[str]
    links: dict[str, str]


class JobPage(BaseModel):
    """``away``: services that did not answer; their jobs are missing from this page."""

    items: list[JobView]
    total: int
    total_is: str
    next_cursor: str | None
    previous_cursor: str | None
    away: list[str]


class JobRow(BaseModel):
    """A refused row: its number in the input, its ICCID where it has one, and why."""

    row: int
    key: str | None
    iccid: str | None
    code: str
    params: dict[str, Any]
    message: str


class JobRowPage(BaseModel):
    items: list[JobRow]
    total: int
    total_is: str
    next_cursor: str | None
    previous_cursor: str | None


class JobQuery(operations.ListJobsRequest):
    """``service``: only that service's jobs."""

    service: Literal[topology.SERVICES] | None = None  # type: ignore[valid-type]


@router.get("", response_model=JobPage, summary="任务列表")
async def jobs(
    query: Annotated[JobQuery, Query()], call: Annotated[Call, Depends(calling(operations.LIST_JOBS))]
) -> Response:
    """Jobs started in one's own subtree, newest first."""
    asked = operations.ListJobsRequest(**query.model_dump(exclude_unset=True, exclude={"service"}))
    return json_response(await list_jobs(call, asked, (query.service,) if query.service else topology.SERVICES))


@router.get("/{job_id}", response_model=JobView, summary="任务")
async def job(job_id: str, call: Annotated[Call, Depends(calling(operations.GET_JOB))]) -> Response:
    """State, progress and result."""
    service, own_id = split_job_id(job_id)
    found = await call.ask(operations.JobRequest(job_id=own_id), operations.GET_JOB, service=service)
    return json_response(job_view(service, found))


@router.get("/{job_id}/events", response_class=StreamingResponse, summary="任务进度（SSE）")
async def events(job_id: str, call: Annotated[Call, Depends(calling(operations.GET_JOB))]) -> Response:
    """``text/event-stream``: the job as JSON whenever it has changed; ends when the job has ended."""
    service, own_id = split_job_id(job_id)
    request = operations.JobRequest(job_id=own_id)
    first = await call.ask(request, operations.GET_JOB, service=service)
    headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
    return StreamingResponse(watch(call, service, request, first), media_type="text/event-stream", headers=headers)


@router.get("/{job_id}/rows", response_model=JobRowPage, summary="任务的失败行")
async def rows(
    job_id: str, query: Annotated[PageRequest, Query()], call: Annotated[Call, Depends(calling(operations.JOB_ROWS))]
) -> Response:
    """The refused rows in the order of the input."""
    service, own_id = split_job_id(job_id)
    request = operations.JobRowsRequest(job_id=own_id, **query.model_dump(exclude_unset=True))
    found = await call.ask(request, operations.JOB_ROWS, service=service)
    return json_response({**found, "items": [row_view(row) for row in found["items"]]})


@router.post("/{job_id}/cancel", response_model=JobView, summary="取消任务")
async def cancel(job_id: str, call: Annotated[Call, Depends(calling(operations.CANCEL_JOB))]) -> Response:
    """What the job has committed stays; an import or export that is cancelled leaves nothing."""
    service, own_id = split_job_id(job_id)
    return await call.command(
        operations.JobRequest(job_id=own_id), method=operations.CANCEL_JOB, service=service, target=job_id,
        shape=lambda found: job_view(service, found),
    )  # fmt: skip


@router.post("/{job_id}/retry", status_code=202, response_model=Accepted, summary="重试失败行")
async def retry(job_id: str, call: Annotated[Call, Depends(calling(operations.RETRY_JOB))]) -> Response:
    """A new job for the refused rows, or for the whole of a failed job."""
    service, own_id = split_job_id(job_id)
    return await call.command(
        operations.JobRequest(job_id=own_id), method=operations.RETRY_JOB, service=service, target=job_id, status=202,
        shape=lambda reply: accepted(service, reply),
    )  # fmt: skip
