"""导出: any list or statistic as XLSX or CSV, made by a job, kept for download (GTW-03)."""

import re
from datetime import datetime
from functools import cache
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Depends, Query, Response
from pydantic import ConfigDict, Field

from gateway.calls import Call, calling, json_response
from gateway.downloads import export_name, send_blob
from gateway.jobs import list_jobs
from gateway.rest import Accepted, accepted, split_job_id, split_list
from gateway.routers.jobs import JobPage
from kernel.contracts import operations, topology
from kernel.contracts.envelope import BlobRef
from kernel.contracts.method import EVERY_SERVICE
from kernel.contracts.paging import MAX_PAGE_SIZE, PageRequest
from kernel.contracts.plain import Plain

router = APIRouter(prefix="/exports", tags=["导出"])

EXPORT_KIND = "export"
_HOLE = re.compile(r"/\{[^}]*\}")
_OTHERWISE_CALLED = {"serial-events": "imei", "serial-spot-check-devices": "imei", "serial-swap-pairs": "imei"}
"""Resources that are not the path of their list."""
_MANY = {"cards": ("state", "iccids"), "forms": ("kind", "state")}
"""Filters that take several values, and may come as one."""


class NewExport(Plain):
    """``resource``: the list's path, e.g. ``cards``, ``statistics/cards-by-state``; ``filters``: its parameters.

    ``scope`` page: the page that ``cursor``, ``size``, ``sort`` and ``order`` show; all: everything that matches.
    ``guard``: a CSV whose cells a spreadsheet shows as they are, so that no ICCID loses digits and no text runs as a
    formula; on for people and off for systems with a key, unless it is said.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "resource": "cards",
                    "filters": {"state": ["in_stock"], "owner_unit": "9901"},
                    "format": "xlsx",
                    "scope": "all",
                    "columns": ["iccid", "msisdn", "carrier", "state"],
                }
            ]
        },
    )
    resource: str = Field(min_length=1, max_length=100)
    filters: dict[str, Any] = Field(default_factory=dict)
    format: Literal["csv", "xlsx"] = "xlsx"
    scope: Literal["page", "all"] = "all"
    columns: list[str] | None = Field(default=None, max_length=100)
    cursor: str | None = None
    size: int | None = Field(default=None, ge=1, le=MAX_PAGE_SIZE)
    sort: str | None = None
    order: Literal["asc", "desc"] | None = None
    guard: bool | None = None


@router.post("", status_code=202, response_model=Accepted, summary="导出")
async def start(
    body: Annotated[NewExport, Body()], call: Annotated[Call, Depends(calling(operations.START_EXPORT))]
) -> Response:
    """Starts the job; its file is at ``/exports/{job_id}/file`` when it is done."""
    service = keeper_of(body.resource)
    await call.gateway.units.load()
    guard = call.user.session is not None if body.guard is None else body.guard
    asked = _start_request(body, call.gateway.units.names_below(call.user.unit), guard=guard)
    return await call.command(
        asked, method=operations.START_EXPORT, service=service, status=202, target=body.resource,
        shape=lambda reply: accepted(service, reply),
    )  # fmt: skip


@router.get("", response_model=JobPage, summary="导出列表")
async def exports(
    query: Annotated[PageRequest, Query()], call: Annotated[Call, Depends(calling(operations.LIST_JOBS))]
) -> Response:
    """The export jobs of one's own subtree, newest first."""
    asked = operations.ListJobsRequest(kind=EXPORT_KIND, **query.model_dump(exclude_unset=True))
    return json_response(await list_jobs(call, asked, topology.SERVICES))


@router.get("/{job_id}/file", response_class=Response, summary="下载导出文件")
async def file(job_id: str, call: Annotated[Call, Depends(calling(operations.EXPORT_FILE))]) -> Response:
    """Streams the file, to whoever may see the list that it holds; the download stands in the audit log."""
    service, own_id = split_job_id(job_id)
    made = await call.ask(operations.JobRequest(job_id=own_id), service=service)
    ref = BlobRef.model_validate(made["blob"])
    name = _file_name(made, ref)
    await call.note("export.download", job_id, {"title": made["title"], "file": name, "rows": made["rows"]})
    return await send_blob(call.gateway.blobs, ref, name)


def keeper_of(resource: str) -> str:
    """The service that keeps a list: the one that its route asks. What nobody keeps is refused by inventory."""
    return _keepers().get(resource, "inventory")


@cache
def _keepers() -> dict[str, str]:
    """Resource > service: the paths of lists without their holes, ``forms/cards`` for ``/forms/{number}/cards``."""
    from gateway.doors import all_routes  # noqa: PLC0415  it knows this router too

    found = dict(_OTHERWISE_CALLED)
    for route in sorted(all_routes(), key=lambda it: it.path.count("{")):
        method = route.door.method if route.door is not None else None
        if route.verb == "GET" and method is not None and method.service != EVERY_SERVICE:  # of no service's own
            found.setdefault(_HOLE.sub("", route.path).strip("/"), method.service)
    return found


def _start_request(body: NewExport, unit_names: dict[str, str], *, guard: bool) -> operations.StartExportRequest:
    """The names of units travel with the request: the gateway owns them (ADR 0012)."""
    filters = {name: value for name, value in body.filters.items() if value not in (None, "", [])}
    filters |= {name: split_list(filters[name]) for name in _MANY.get(body.resource, ()) if name in filters}
    paging = body.model_dump(include={"sort", "order"}, exclude_none=True)
    if body.scope == "page":
        paging |= body.model_dump(include={"cursor", "size"}, exclude_none=True)
    return operations.StartExportRequest(
        resource=body.resource,
        format=body.format,
        filters={**filters, **paging},
        unit_names=unit_names,
        columns=list(dict.fromkeys(body.columns or ())) or None,
        guard=guard,
    )


def _file_name(made: dict[str, Any], ref: BlobRef) -> str:
    extension = (ref.name or "").rpartition(".")[2] or ("csv" if "csv" in (ref.media_type or "") else "xlsx")
    at = datetime.fromisoformat(made["finished_at"])
    return export_name(made["title"], made.get("created_unit_name") or made["created_unit"], at, extension)
