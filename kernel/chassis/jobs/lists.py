"""The lists that every service has: its jobs, a job's refused rows, its parked messages."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Row, Select, select

from kernel.chassis.data.tables import chassis_tables, service_metadata
from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.jobs import kinds as jobs
from kernel.chassis.lists.conditions import Condition, equals, within
from kernel.chassis.lists.paging import KeyColumn
from kernel.chassis.lists.spec import Asked, ListSpec, SelectList
from kernel.contracts import operations as contract
from kernel.contracts.errors import CATALOGUE
from kernel.contracts.said import say
from kernel.contracts.words_jobs import titled
from kernel.model.actor import Actor
from kernel.model.errors import DomainError

_TABLES = chassis_tables(service_metadata())
_J, _R, _P = _TABLES.jobs.c, _TABLES.job_rows.c, _TABLES.parked.c


def visible(by: Actor) -> Condition:
    """Jobs that were started in the actor's subtree."""
    return within(_J.created_unit.collate("C"), by.unit)


def find_job(tx: Tx, job_id: UUID, actor: Actor, *, lock: bool = False) -> Row[Any]:
    """The row of a job that ``actor`` may see; DomainError job_not_found for any other."""
    query = select(_TABLES.jobs).where(_J.id == job_id, visible(actor))
    row = tx.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise DomainError("job_not_found", job_id=str(job_id))
    return row


def job_view(row: Row[Any], by: Actor, package: str) -> contract.Job:
    """A job as ``by`` sees it. ``package``: of the service, which knows its kinds."""
    error, may = None, jobs.allowed(package, row, by)
    if row.error_code:
        params = row.error_params or {}
        error = contract.JobError(code=row.error_code, params=params, detail=_said(row.error_code, params))
    result = row.result
    if result is not None and not may:
        result = {name: value for name, value in result.items() if name != "blob"}
    plain = contract.Job.model_fields.keys() - {"error", "result"}
    shared = {name: value for name, value in row._mapping.items() if name in plain}
    return contract.Job(
        **shared | {"title": titled(row.title)},
        job_id=row.id,
        error=error,
        result=result,
        can_cancel=may and row.state in contract.OPEN_STATES and not row.cancel_requested,
        can_retry=may and jobs.can_retry(package, row.kind, row.state, row.refused_count),
    )


def _said(code: str, params: dict[str, Any]) -> str:
    return say(code, params) if code in CATALOGUE else code


def _jobs(asked: Asked[contract.ListJobsRequest]) -> Select[Any]:
    query = select(_TABLES.jobs).where(visible(asked.by), *equals(asked.request, {"state": _J.state, "kind": _J.kind}))
    return query.where(_J.created_by == asked.by.id) if asked.request.mine else query


@lru_cache(maxsize=8)
def jobs_of(package: str) -> SelectList[Any, Any]:
    """The jobs of a service, newest first."""
    return SelectList(
        method=contract.LIST_JOBS,
        title="任务",
        matching=_jobs,
        items=lambda asked, rows: [job_view(row, asked.by, package) for row in rows],
        key=_J.id,
        sorts={"created_at": _J.created_at},
        newest_first=True,
    )


def _rows(asked: Asked[contract.JobRowsRequest]) -> Select[Any]:
    return select(_TABLES.job_rows).where(_R.job_id == find_job(asked.tx, asked.request.job_id, asked.by).id)


def _row_items(_: Asked[contract.JobRowsRequest], rows: Sequence[Row[Any]]) -> list[contract.JobRow]:
    return [contract.JobRow(**row._mapping, message=_said(row.code, row.params)) for row in rows]


JOB_ROWS = SelectList(
    method=contract.JOB_ROWS,
    title="任务的未受理行",
    matching=_rows,
    items=_row_items,
    key=_R.row_no,
    sorts={"row": _R.row_no},
)


def _parked(asked: Asked[contract.ListParkedRequest]) -> Select[Any]:
    query = select(_TABLES.parked).where(*equals(asked.request, {"source": _P.source, "type": _P.type}))
    return query if asked.request.waiting else query.where(_P.next_try_at.is_(None))


PARKED = SelectList(
    method=contract.LIST_PARKED,
    title="停放的消息",
    matching=_parked,
    items=lambda _, rows: [contract.ParkedMessage(**row._mapping, payload=_payload(row.body)) for row in rows],
    key=KeyColumn(_P.message_id),
    sorts={"parked_at": _P.parked_at},
)


def _payload(body: bytes) -> dict[str, Any] | None:
    try:
        payload = orjson.loads(body).get("payload")
    except (ValueError, AttributeError):
        return None
    return payload if isinstance(payload, dict) else None


def lists_of(package: str) -> tuple[ListSpec[Any, Any], ...]:
    """All of them, as the service in ``package`` has them."""
    return jobs_of(package), JOB_ROWS, PARKED
