"""Jobs of all services as one list, and one job as a stream of events (GTW-03)."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from gateway.calls import Call
from gateway.identity import current_user
from gateway.rest import job_links
from kernel.chassis.lists.paging import fingerprint, pack, unpack
from kernel.contracts import operations, topology
from kernel.contracts.paging import MAX_PAGE_SIZE
from kernel.model.errors import DomainError

POLL_SECONDS = 1.0
STREAM_SECONDS = 300.0
"""A stream ends after this and the client asks again, so that no login is outlived by much."""
KEEPALIVE_POLLS = 15
_PASSING = ("service_unavailable", "deadline_exceeded")


def job_view(service: str, job: dict[str, Any]) -> dict[str, Any]:
    """A service's job as REST shows it. ``can``: cancel, retry, download."""
    job_id = f"{service}-{job['job_id']}"
    has_file = job["state"] == "done" and bool((job.get("result") or {}).get("blob"))
    can = [
        word
        for word, allowed in (("cancel", job["can_cancel"]), ("retry", job["can_retry"]), ("download", has_file))
        if allowed
    ]
    links = job_links(job_id)
    if has_file:
        links["file"] = f"/api/v1/exports/{job_id}/file"
    return {
        **job,
        "id": job_id,
        "job_id": job_id,
        "service": service,
        "retry_of": f"{service}-{job['retry_of']}" if job.get("retry_of") else None,
        "message": job["error"]["detail"] if job.get("error") else job["message"],
        "can": can,
        "links": links,
    }


def row_view(row: dict[str, Any]) -> dict[str, Any]:
    """A refused row as REST shows it; its key is an ICCID wherever cards are meant."""
    return {
        "row": row["row_no"],
        "key": row["key"],
        "iccid": row["key"],
        "code": row["code"],
        "params": row["params"],
        "message": row["message"],
    }


@dataclass
class _Part:
    """One service's page, of which the first ``skip`` jobs were shown before."""

    service: str
    cursor: str | None
    skip: int
    jobs: list[dict[str, Any]]
    next_cursor: str | None
    total: int
    exact: bool


async def list_jobs(call: Call, asked: operations.ListJobsRequest, services: Sequence[str]) -> dict[str, Any]:
    """Newest first over ``services``, walked by one cursor that remembers where each service's list stands.

    A service that is away is named in ``away`` and left out; when all are, its refusal is raised.
    """
    places = _read(asked) or dict.fromkeys(services, (None, 0))
    answers = await asyncio.gather(
        *(_part(call, asked, service, cursor, skip) for service, (cursor, skip) in places.items()),
        return_exceptions=True,
    )
    parts = [it for it in answers if isinstance(it, _Part)]
    for error in answers:
        if isinstance(error, BaseException) and (not parts or not is_passing(error)):
            raise error
    merged = _merge(parts)[: asked.size]
    away = [name for name, it in zip(places, answers, strict=True) if not isinstance(it, _Part)]
    return {
        "items": [job_view(part.service, job) for job, part in merged],
        "total": sum(part.total for part in parts),
        "total_is": "exact" if all(part.exact for part in parts) and not away else "at_least",
        "next_cursor": _write(asked, _following(parts, [part for _, part in merged])),
        "previous_cursor": None,
        "away": away,
    }


async def _part(call: Call, asked: operations.ListJobsRequest, service: str, cursor: str | None, skip: int) -> _Part:
    # A page is asked for whole, so that its own cursor stays valid; what was shown of it is skipped here.
    request = asked.model_copy(update={"cursor": cursor})
    reply = await call.ask(request, operations.LIST_JOBS, service=service)
    jobs = reply["items"][skip:]
    exact = reply.get("total_is", "exact") == "exact"
    return _Part(service, cursor, skip, jobs, reply["next_cursor"], reply["total"], exact)


def _merge(parts: list[_Part]) -> list[tuple[dict[str, Any], _Part]]:
    """Newest first, down to where a service's loaded page ends: beyond it may be newer ones than the others' rest."""
    found = [(str(job["created_at"]), job, part) for part in parts for job in part.jobs]
    found.sort(key=lambda it: it[0], reverse=True)
    ends = [str(part.jobs[-1]["created_at"]) for part in parts if part.jobs and part.next_cursor is not None]
    oldest = max(ends, default="")
    return [(job, part) for at, job, part in found if at >= oldest]


def _following(parts: list[_Part], shown: list[_Part]) -> dict[str, tuple[str | None, int]]:
    """Where each service's list goes on; services at their end are left out."""
    places: dict[str, tuple[str | None, int]] = {}
    for part in parts:
        used = sum(1 for it in shown if it is part)
        if used < len(part.jobs):
            places[part.service] = (part.cursor, part.skip + used)
        elif part.next_cursor is not None:
            places[part.service] = (part.next_cursor, 0)
    return places


def _write(asked: operations.ListJobsRequest, places: dict[str, tuple[str | None, int]]) -> str | None:
    return pack("n", [[service, *place] for service, place in places.items()], fingerprint(asked)) if places else None


def _read(asked: operations.ListJobsRequest) -> dict[str, tuple[str | None, int]] | None:
    if not asked.cursor:
        return None
    _, places = unpack(asked.cursor, fingerprint(asked))
    try:
        found = {service: _place(*place) for service, *place in places}
        if not found or not found.keys() <= set(topology.SERVICES):
            raise ValueError(found)
        return found
    except (ValueError, TypeError) as error:
        raise DomainError("cursor_invalid") from error


def _place(cursor: Any, skip: Any) -> tuple[str | None, int]:
    if not (cursor is None or isinstance(cursor, str)) or type(skip) is not int or not 0 <= skip <= MAX_PAGE_SIZE:
        raise ValueError(cursor, skip)
    return cursor, skip


def is_passing(error: BaseException) -> bool:
    return isinstance(error, DomainError) and error.code in _PASSING


async def watch(
    call: Call, service: str, request: operations.JobRequest, first: dict[str, Any]
) -> AsyncIterator[bytes]:
    """Server-sent events: the job now, then whenever it has changed, until it ends. A service away is waited for."""
    job, sent, quiet = first, b"", 0
    for _ in range(int(STREAM_SECONDS / POLL_SECONDS)):
        data = orjson.dumps(job_view(service, job), default=str)
        if data != sent:
            yield b"event: job\ndata: " + data + b"\n\n"
            sent, quiet = data, 0
        elif (quiet := quiet + 1) % KEEPALIVE_POLLS == 0:
            yield b": still here\n\n"
        if job["state"] not in operations.OPEN_STATES or call.request.app.state.stopping:
            return
        await asyncio.sleep(POLL_SECONDS)
        try:
            call.user = await current_user(call.request)  # the login may have ended, or his rights and unit changed
            job = await call.ask(request, operations.GET_JOB, service=service)
        except DomainError as error:
            if not is_passing(error):
                return
