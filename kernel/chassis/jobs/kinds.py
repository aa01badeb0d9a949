"""Long work: a row in ``jobs``, done later by the service's worker process (see ``job_worker``).

Guarantees. A job is enqueued in the transaction that decided it, or not at all. It is run at least once: a job whose
worker died is taken again after its lease, at most SIMKEEP_JOB_ATTEMPTS times. Its effect happens once when the
handler ends its one transaction with ``job.complete(tx, result)``: effect and state are then the same commit, and a
worker that lost its lease cannot commit.

A service registers its kinds in ``services/<name>/jobs.py``: ``JOBS = {"delivery_import": handler}``; a kind whose
failed rows can be tried again gives ``JobKind(handler, retry=...)``.
"""

import importlib
import importlib.util
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID, uuid4

import orjson
from pydantic import BaseModel

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.jobs.context import JobContext
from kernel.model.actor import Actor
from kernel.model.errors import DomainError

Handler = Callable[[JobContext], Any]
EXPORT_KIND = "export"

_ENQUEUE = """
INSERT INTO jobs (
    id, kind, title, request, created_by, created_by_name, created_unit, permissions, retry_of, correlation_id
) VALUES (
    :id, :kind, :title, :request, :created_by, :created_by_name, :created_unit, :permissions, :retry_of, :correlation_id
)
"""


@dataclass(frozen=True)
class JobKind:
    """``handler`` gets a JobContext and returns the result (a pydantic model, a dict or None).

    ``retry``: handler of RETRY_JOB on an ended job with refused rows; it finds the old job in ``job.retry_of``.
    Without it only failed or cancelled jobs can be retried, and run as a whole.
    ``urgent``: short work that somebody waits for. It goes before all other kinds, and has a place of its own beside
    SIMKEEP_JOB_CONCURRENCY. ``time_limit_seconds``, ``memory_limit_mib``: less than what SIMKEEP_JOB_TIME_LIMIT_SECONDS
    and SIMKEEP_JOB_MEMORY_LIMIT_MIB give to all kinds.
    """

    handler: Handler
    retry: Handler | None = None
    urgent: bool = False
    time_limit_seconds: float | None = None
    memory_limit_mib: int | None = None


def enqueue(  # noqa: PLR0917  one sentence: put this kind, so called, with this request, for him
    tx: Tx,
    kind: str,
    title: str,
    request: BaseModel | Mapping[str, Any],
    actor: Actor,
    retry_of: UUID | None = None,
    *,
    job_id: UUID | None = None,
) -> UUID:
    """The new job's id. ``title`` is shown to people. ``request`` must be JSON values; the job reads it back raw.

    ``job_id``: one that is known already elsewhere; the caller sees to it that it comes once.
    """
    job_id = job_id or uuid4()
    body = request.model_dump_json() if isinstance(request, BaseModel) else orjson.dumps(request).decode()
    tx.execute(
        _ENQUEUE,
        {
            "id": job_id,
            "kind": kind,
            "title": title,
            "request": body,
            "created_by": actor.id,
            "created_by_name": actor.name,
            "created_unit": actor.unit,
            "permissions": orjson.dumps(sorted(actor.permissions)).decode(),
            "retry_of": retry_of,
            "correlation_id": tx.correlation_id,
        },
    )
    return job_id


@lru_cache(maxsize=8)
def service_kinds(service: str) -> dict[str, JobKind]:
    """The kinds of a service (its package ``services.<service>``, or a dotted package), exports included."""
    package = service if "." in service else f"services.{service}"
    declared = _attribute(f"{package}.jobs", "JOBS")
    kinds = {kind: item if isinstance(item, JobKind) else JobKind(item) for kind, item in declared.items()}
    if service_exports(service):
        from kernel.chassis.lists.exports import export_kind  # noqa: PLC0415  only for those who export

        kinds[EXPORT_KIND] = JobKind(export_kind(service_exports(service)))
    return kinds


@lru_cache(maxsize=8)
def service_exports(service: str) -> dict[str, Any]:
    """``EXPORTS`` of a service's module ``exports``; empty when it has none."""
    package = service if "." in service else f"services.{service}"
    return _attribute(f"{package}.exports", "EXPORTS")


def preload(service: str) -> None:
    """Imports what ``PRELOAD`` of the service's jobs names: the worker does it once, before it forks for each job.

    The service process only lists and starts jobs; with imports in ``jobs`` itself it would load all that too.
    """
    package = service if "." in service else f"services.{service}"
    if importlib.util.find_spec(f"{package}.jobs") is not None:
        for module in getattr(importlib.import_module(f"{package}.jobs"), "PRELOAD", ()):
            importlib.import_module(module)


def _attribute(module: str, name: str) -> dict[str, Any]:
    if importlib.util.find_spec(module) is None:
        return {}
    return dict(getattr(importlib.import_module(module), name))


def retry(tx: Tx, service: str, job_id: UUID, row: Any, actor: Actor) -> UUID:
    """Starts an ended job again as a new one. Raises DomainError job_not_retryable."""
    if not can_retry(service, row.kind, row.state, row.refused_count):
        raise DomainError("job_not_retryable", state=row.state)
    return enqueue(tx, row.kind, row.title, row.request, actor, retry_of=job_id)


def can_retry(service: str, kind: str, state: str, refused_count: int) -> bool:
    """A failed or cancelled job can; a done one when rows were refused and its kind knows how to try them again."""
    if state in ("failed", "cancelled"):
        return True
    known = service_kinds(service).get(kind)
    return state == "done" and refused_count > 0 and known is not None and known.retry is not None
