"""Jobs, exports and parked messages as every service serves them (``kernel.contracts.operations``)."""

import base64
import binascii
from collections.abc import Callable
from typing import Any
from uuid import UUID

import orjson

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.jobs import kinds as jobs
from kernel.contracts import operations as contract
from kernel.contracts.errors import CATALOGUE
from kernel.contracts.method import Method, Reply
from kernel.contracts.paging import COUNT_CAP, Page
from kernel.contracts.said import say
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from kernel.model.unit import prefix_end

_JOB_COLUMNS = """
id, kind, title, request, state, done, total, refused_count, message, error_code, error_params, result, created_by,
created_by_name, created_unit, created_at, started_at, finished_at, cancel_requested, attempts, retry_of
"""
_SCOPE = """created_unit COLLATE "C" >= :unit AND created_unit COLLATE "C" < :unit_end"""


def get_job(tx: Tx, request: contract.JobRequest, *, by: Actor, package: str) -> contract.Job:
    return _job(find_job(tx, request.job_id, by), by, package)


def find_job(tx: Tx, job_id: UUID, actor: Actor, lock: str = "") -> Any:
    """The row of a job that ``actor`` may see; DomainError job_not_found for any other."""
    row = tx.execute(
        f"SELECT {_JOB_COLUMNS} FROM jobs WHERE id = :id AND {_SCOPE} {lock}", {"id": job_id, **_scope(actor)}
    ).one_or_none()
    if row is None:
        raise DomainError("job_not_found", job_id=str(job_id))
    return row


def list_jobs(tx: Tx, request: contract.ListJobsRequest, *, by: Actor, package: str) -> Page[contract.Job]:
    """Newest first."""
    where, values = [_SCOPE], dict(_scope(by))
    if request.state:
        where.append("state = :state")
        values["state"] = request.state
    if request.kind:
        where.append("kind = :kind")
        values["kind"] = request.kind
    if request.mine:
        where.append("created_by = :mine")
        values["mine"] = by.id
    condition = " AND ".join(where)
    total = _count(tx, "jobs", condition, values)
    if request.cursor:
        moment, id_ = _read_cursor(request.cursor, 2)
        condition += " AND (created_at, id) < (CAST(:moment AS timestamptz), CAST(:id AS uuid))"
        values |= {"moment": moment, "id": id_}
    rows = tx.execute(
        f"SELECT {_JOB_COLUMNS} FROM jobs WHERE {condition} ORDER BY created_at DESC, id DESC LIMIT :size",
        values | {"size": request.size + 1},
    ).all()
    shown = rows[: request.size]
    cursor = _cursor(shown[-1].created_at.isoformat(), str(shown[-1].id)) if len(rows) > request.size else None
    return Page[contract.Job](
        items=[_job(row, by, package) for row in shown], total=total[0], total_is=total[1], next_cursor=cursor
    )


def job_rows(tx: Tx, request: contract.JobRowsRequest, *, by: Actor) -> Page[contract.JobRow]:
    find_job(tx, request.job_id, by)
    after = int(_read_cursor(request.cursor, 1)[0]) if request.cursor else 0
    values = {"id": request.job_id}
    total = _count(tx, "job_rows", "job_id = :id", values)
    rows = tx.execute(
        "SELECT row_no, key, code, params FROM job_rows WHERE job_id = :id AND row_no > :after"
        " ORDER BY row_no LIMIT :size",
        values | {"after": after, "size": request.size + 1},
    ).all()
    shown = rows[: request.size]
    items = [
        contract.JobRow(
            row_no=row.row_no,
            key=row.key,
            code=row.code,
            params=row.params,
            message=_said(row.code, row.params),
        )
        for row in shown
    ]
    cursor = _cursor(shown[-1].row_no) if len(rows) > request.size else None
    return Page[contract.JobRow](items=items, total=total[0], total_is=total[1], next_cursor=cursor)


def cancel_job(tx: Tx, request: contract.JobRequest, *, by: Actor, package: str) -> contract.Job:
    """A queued job is cancelled at once; a running one is asked, and stops at its next progress."""
    row = find_job(tx, request.job_id, by, lock="FOR UPDATE")
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
    return _job(find_job(tx, request.job_id, by), by, package)


def retry_job(tx: Tx, request: contract.JobRequest, *, by: Actor, package: str) -> contract.JobStarted:
    row = find_job(tx, request.job_id, by, lock="FOR UPDATE")
    job_id = jobs.retry(tx, package, request.job_id, row, by)
    return contract.JobStarted(job_id=job_id)


def list_exports(
    _tx: Tx, _request: contract.ListExportsRequest, *, by: Actor, package: str
) -> contract.ExportResources:
    """Those that the caller may start."""
    return contract.ExportResources(
        resources=[
            contract.ExportResource(
                resource=name,
                title=spec.title,
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


def list_parked(tx: Tx, request: contract.ListParkedRequest) -> Page[contract.ParkedMessage]:
    """Oldest first."""
    where, values = ["true" if request.waiting else "next_try_at IS NULL"], {}
    for name in ("source", "type"):
        if wanted := getattr(request, name):
            where.append(f"{name} = :{name}")
            values[name] = wanted
    condition = " AND ".join(where)
    total = _count(tx, "parked", condition, values)
    if request.cursor:
        moment, id_ = _read_cursor(request.cursor, 2)
        condition += " AND (parked_at, message_id) > (CAST(:moment AS timestamptz), CAST(:id AS uuid))"
        values |= {"moment": moment, "id": id_}
    rows = tx.execute(
        f"SELECT * FROM parked WHERE {condition} ORDER BY parked_at, message_id LIMIT :size",
        values | {"size": request.size + 1},
    ).all()
    shown = rows[: request.size]
    items = [contract.ParkedMessage(**row._mapping, payload=_payload(row.body)) for row in shown]
    cursor = _cursor(shown[-1].parked_at.isoformat(), str(shown[-1].message_id)) if len(rows) > request.size else None
    return Page[contract.ParkedMessage](items=items, total=total[0], total_is=total[1], next_cursor=cursor)


def replay_parked(tx: Tx, request: contract.ParkedSelection) -> contract.ParkedDone:
    """Each is handled again within a second, with all its retries before it; what passes leaves the parking."""
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


def _scope(actor: Actor) -> dict[str, Any]:
    return {"unit": actor.unit, "unit_end": prefix_end(actor.unit)}


def _count(tx: Tx, table: str, condition: str, values: dict[str, Any]) -> tuple[int, Any]:
    statement = f"SELECT count(*) FROM (SELECT 1 FROM {table} WHERE {condition} LIMIT {COUNT_CAP + 1}) AS capped"
    count = tx.execute(statement, values).scalar_one()
    return (COUNT_CAP, "at_least") if count > COUNT_CAP else (count, "exact")


def _cursor(*values: Any) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(values)).decode()


def _read_cursor(cursor: str | None, length: int) -> list[Any]:
    try:
        values = orjson.loads(base64.urlsafe_b64decode(cursor or ""))
        if not isinstance(values, list) or len(values) != length:
            raise ValueError(values)
        if length == 1:
            return [int(values[0])]
        UUID(values[1])
        return [str(values[0]), values[1]]
    except (ValueError, TypeError, binascii.Error) as error:
        raise DomainError("cursor_invalid") from error


def _payload(body: bytes) -> dict[str, Any] | None:
    try:
        payload = orjson.loads(body).get("payload")
    except (ValueError, AttributeError):
        return None
    return payload if isinstance(payload, dict) else None


def _said(code: str, params: dict[str, Any]) -> str:
    return say(code, params) if code in CATALOGUE else code


def _job(row: Any, by: Actor, package: str) -> contract.Job:
    error = None
    if row.error_code:
        params = row.error_params or {}
        error = contract.JobError(code=row.error_code, params=params, detail=_said(row.error_code, params))
    shared = {
        name: getattr(row, name) for name in contract.Job.model_fields if name in row._mapping and name != "error"
    }
    return contract.Job(
        **shared,
        job_id=row.id,
        error=error,
        can_cancel=row.state in contract.OPEN_STATES and not row.cancel_requested,
        can_retry=jobs.can_retry(package, row.kind, row.state, row.refused_count),
    )


METHODS: dict[Method[Any, Any], Callable[..., Reply]] = {
    contract.GET_JOB: get_job,
    contract.LIST_JOBS: list_jobs,
    contract.JOB_ROWS: job_rows,
    contract.CANCEL_JOB: cancel_job,
    contract.RETRY_JOB: retry_job,
    contract.LIST_EXPORTS: list_exports,
    contract.START_EXPORT: start_export,
    contract.LIST_PARKED: list_parked,
    contract.REPLAY_PARKED: replay_parked,
    contract.DROP_PARKED: drop_parked,
}
"""Every service serves these."""
