"""Jobs, exports and parked messages as every service serves them (``kernel.contracts.operations``)."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.jobs import kinds as jobs
from kernel.chassis.jobs.lists import JOB_ROWS, PARKED, find_job, job_view, jobs_of
from kernel.contracts import operations as contract
from kernel.contracts.method import Method, Reply
from kernel.contracts.paging import Page
from kernel.contracts.words_jobs import titled
from kernel.model.actor import Actor
from kernel.model.errors import DomainError


def get_job(tx: Tx, request: contract.JobRequest, *, by: Actor, package: str) -> contract.Job:
    return job_view(find_job(tx, request.job_id, by), by, package)


def list_jobs(
    tx: Tx, request: contract.ListJobsRequest, *, by: Actor, now: datetime, package: str
) -> Page[contract.Job]:
    """Newest first."""
    page: Page[contract.Job] = jobs_of(package).answer(tx, request, by=by, now=now)
    return page


def cancel_job(tx: Tx, request: contract.JobRequest, *, by: Actor, package: str) -> contract.Job:
    """A queued job is cancelled at once; a running one is asked, and stops at its next progress.

    By whoever holds the permission of its kind.
    """
    row = find_job(tx, request.job_id, by, lock=True)
    jobs.require(package, row, by)
    if row.state not in contract.OPEN_STATES:
        raise DomainError("job_not_cancellable", state=row.state)
    tx.execute(
        """
        UPDATE jobs SET cancel_requested = true,
            state = CASE state WHEN 'queued' THEN 'cancelled' ELSE state END,
            finished_at = CASE state WHEN 'queued' THEN now() END
        WHERE id = :id
        """,
        {"id": request.job_id},
    )
    return job_view(find_job(tx, request.job_id, by), by, package)


def retry_job(tx: Tx, request: contract.JobRequest, *, by: Actor, package: str) -> contract.JobStarted:
    """A new job in the name of whoever asked for the old one."""
    row = find_job(tx, request.job_id, by, lock=True)
    jobs.require(package, row, by)
    return contract.JobStarted(job_id=jobs.retry(tx, package, row))


def export_file(tx: Tx, request: contract.JobRequest, *, by: Actor, package: str) -> contract.ExportFile:
    """The file holds what its list shows: it needs the same permission, and the unit that it was made for. The file of
    another kind of job needs the permission of that kind."""
    row = find_job(tx, request.job_id, by)
    jobs.require(package, row, by)
    if not jobs.service_kinds(package)[row.kind].makes_file or row.state != "done":
        raise DomainError("file_not_ready", state=row.state)
    if not row.result.get("blob"):
        raise DomainError("file_gone")
    shared = {"title": row.title, "created_unit": row.created_unit, "finished_at": row.finished_at}
    return contract.ExportFile(**row.result, **shared)


def list_exports(
    _tx: Tx, _request: contract.ListExportsRequest, *, by: Actor, package: str
) -> contract.ExportResources:
    """Those that the caller may start."""
    return contract.ExportResources(
        resources=[
            contract.ExportResource(
                resource=name,
                title=titled(spec.title),
                permission=spec.permission,
                columns=[contract.ExportColumn(name=c.name, title=c.title) for c in spec.columns],
            )
            for name, spec in jobs.service_exports(package).items()
            if spec.permission in by.permissions
        ]
    )


def start_export(tx: Tx, request: contract.StartExportRequest, *, by: Actor, package: str) -> contract.JobStarted:
    """Checks resource, permission, columns and filters now, so that a wrong request is refused and never queued."""
    spec = jobs.service_exports(package).get(request.resource)
    if spec is None:
        raise DomainError("export_unknown", resource=request.resource)
    by.require(spec.permission)
    spec.choose(request.columns)
    spec.check(request.filters)
    return contract.JobStarted(job_id=jobs.enqueue(tx, jobs.EXPORT_KIND, spec.title, request, by))


def replay_parked(tx: Tx, request: contract.ParkedSelection) -> contract.ParkedDone:
    """Each is handled again within a second, with all its retries before it; what passes leaves the parking.

    DomainError parked_foreign when one did not come from its owner: it may only be dropped.
    """
    foreign = tx.execute(
        "SELECT message_id, refused_sender FROM parked WHERE message_id = ANY(:ids) AND refused_sender IS NOT NULL",
        {"ids": request.message_ids},
    ).first()
    if foreign is not None:
        raise DomainError("parked_foreign", message_id=str(foreign.message_id), account=foreign.refused_sender)
    return _for_each(
        tx,
        request,
        "UPDATE parked SET next_try_at = now(), attempts = 0 WHERE message_id = ANY(:ids) RETURNING message_id",
    )


def drop_parked(tx: Tx, request: contract.ParkedSelection, *, service: str) -> contract.ParkedDone:
    """Takes them out unhandled, for good: a repeat that the bus still holds will be dropped too."""
    return _for_each(
        tx,
        request,
        """
        WITH dropped AS (DELETE FROM parked WHERE message_id = ANY(:ids) RETURNING message_id),
             noted AS (INSERT INTO inbox (consumer, message_id) SELECT :consumer, message_id FROM dropped
                       ON CONFLICT DO NOTHING)
        SELECT message_id FROM dropped
        """,
        consumer=service,
    )


def _for_each(tx: Tx, request: contract.ParkedSelection, statement: str, **values: Any) -> contract.ParkedDone:
    found = set(tx.execute(statement, {"ids": request.message_ids, **values}).scalars())
    if not found:
        raise DomainError("parked_not_found", message_id=str(request.message_ids[0]))
    return contract.ParkedDone(
        done=len(found), unknown=[message_id for message_id in request.message_ids if message_id not in found]
    )


METHODS: dict[Method[Any, Any], Callable[..., Reply]] = {
    contract.GET_JOB: get_job,
    contract.LIST_JOBS: list_jobs,
    contract.JOB_ROWS: JOB_ROWS.answer,
    contract.CANCEL_JOB: cancel_job,
    contract.RETRY_JOB: retry_job,
    contract.LIST_EXPORTS: list_exports,
    contract.EXPORT_FILE: export_file,
    contract.START_EXPORT: start_export,
    contract.LIST_PARKED: PARKED.answer,
    contract.REPLAY_PARKED: replay_parked,
    contract.DROP_PARKED: drop_parked,
}
"""Every service serves these."""
