"""Long work: a row in ``jobs``, done later by the service's worker process (see ``job_worker``).

Guarantees. A job is enqueued in the transaction that decided it, or not at all. It is run at least once: a job whose
worker died is taken again after its lease, at most SIMKEEP_JOB_ATTEMPTS times. Its effect happens once when the
handler ends its one transaction with ``job.complete(tx, result)``: effect and state are then the same commit, and a
worker that lost its lease cannot commit.

A service registers its kinds in ``services/<name>/jobs.py``: ``JOBS = {"delivery_import": JobKind(handler, ...)}``.
Whoever asks for a job, cancels it or has it tried again must hold the permission of its kind. It runs in the name, the
unit and with the rights of who asked first: trying again changes none of them; the audit log says who tried again.
"""

import importlib
import importlib.util
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
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
OPERATORS = "parking.replay"
"""Permission of the kinds that only operations start, such as a rebuild."""

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

    ``permission``: of whoever asks, cancels, tries again; a function of the job's request where it depends on that.
    ``asked_with``: other permissions with which one may ask for it, and no more (a carrier's push is an import).
    ``retry``: handler of RETRY_JOB on an ended job with refused rows; it finds the old job in ``job.retry_of``.
    Without it only failed or cancelled jobs can be retried, and run as a whole.
    ``urgent``: short work that somebody waits for. It goes before all other kinds, and has a place of its own beside
    SIMKEEP_JOB_CONCURRENCY. ``makes_file``: its result is a file to download (EXPORT_FILE), with ``blob`` and ``rows``.
    ``time_limit_seconds``, ``memory_limit_mib``: less than what SIMKEEP_JOB_TIME_LIMIT_SECONDS
    and SIMKEEP_JOB_MEMORY_LIMIT_MIB give to all kinds.
    """

    handler: Handler
    permission: str | Callable[[Mapping[str, Any]], str]
    asked_with: tuple[str, ...] = ()
    retry: Handler | None = None
    urgent: bool = False
    makes_file: bool = False
    time_limit_seconds: float | None = None
    memory_limit_mib: int | None = None

    def required(self, request: Mapping[str, Any]) -> str:
        """The permission for a job of this kind."""
        return self.permission if isinstance(self.permission, str) else self.permission(request)

    def require_asked(self, actor: Actor, request: Mapping[str, Any]) -> None:
        """DomainError permission_denied unless ``actor`` may have asked for the job."""
        if actor.permissions.isdisjoint(self.asked_with):
            actor.require(self.required(request))


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
    kinds: dict[str, JobKind] = dict(declared)
    if exports := service_exports(service):
        from kernel.chassis.lists.exports import export_kind  # noqa: PLC0415  only for those who export

        kinds[EXPORT_KIND] = JobKind(export_kind(exports), partial(_export_permission, exports), makes_file=True)
    return kinds


def _export_permission(exports: Mapping[str, Any], request: Mapping[str, Any]) -> str:
    spec = exports.get(str(request.get("resource")))
    if spec is None:
        raise DomainError("export_unknown", resource=str(request.get("resource")))
    return str(spec.permission)


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


def require(service: str, row: Any, actor: Actor) -> None:
    """DomainError unless ``actor`` may cancel the job of ``row`` or have it tried again: he holds its permission."""
    kind = service_kinds(service).get(row.kind)
    if kind is None:
        raise DomainError("job_kind_unknown", kind=row.kind)
    actor.require(kind.required(row.request))


def allowed(service: str, row: Any, actor: Actor) -> bool:
    """True when `require` raises nothing."""
    try:
        require(service, row, actor)
    except DomainError:
        return False
    return True


def retry(tx: Tx, service: str, row: Any) -> UUID:
    """Starts an ended job again as a new one of whoever asked for it. Raises DomainError job_not_retryable."""
    if not can_retry(service, row.kind, row.state, row.refused_count):
        raise DomainError("job_not_retryable", state=row.state)
    asker = Actor(row.created_by, row.created_by_name, row.created_unit, frozenset(row.permissions))
    return enqueue(tx, row.kind, row.title, row.request, asker, retry_of=row.id)


def can_retry(service: str, kind: str, state: str, refused_count: int) -> bool:
    """A failed or cancelled job can; a done one when rows were refused and its kind knows how to try them again."""
    if state in ("failed", "cancelled"):
        return True
    known = service_kinds(service).get(kind)
    return state == "done" and refused_count > 0 and known is not None and known.retry is not None
