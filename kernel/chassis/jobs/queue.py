"""The ``jobs`` table as a queue: claim, renew, end, give back. Every change is fenced by the attempt's number."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import psycopg
from sqlalchemy import Engine, text

from kernel.chassis.jobs.context import dump_result
from kernel.chassis.process import logs
from kernel.chassis.process.settings import JobSettings

_log = logs.get(__name__)

# Urgent kinds first; then the unit that was served longest ago, so that a unit which sends a hundred jobs at once
# does not keep the others waiting; within a unit the oldest.
_CLAIM = text(
    """
    UPDATE jobs SET state = 'running', attempts = attempts + 1, lease_until = now() + make_interval(secs => :lease),
        started_at = coalesce(started_at, now()), done = 0, message = NULL
    WHERE id = (
        SELECT waiting.id FROM jobs AS waiting
        LEFT JOIN (
            SELECT created_unit, max(started_at) AS at FROM jobs
            WHERE started_at > now() - interval '1 hour' GROUP BY created_unit
        ) AS served USING (created_unit)
        WHERE (waiting.state = 'queued' OR (waiting.state = 'running' AND waiting.lease_until < now()))
            AND (NOT :urgent_only OR waiting.kind = ANY(:urgent))
        ORDER BY waiting.kind = ANY(:urgent) DESC, served.at NULLS FIRST, waiting.created_at
        FOR UPDATE OF waiting SKIP LOCKED LIMIT 1
    )
    RETURNING id, kind, request, attempts, created_by, created_by_name, created_unit, permissions, correlation_id,
        created_at, retry_of
    """
)
_RENEW = text(
    """
    UPDATE jobs SET lease_until = now() + make_interval(secs => :lease)
    WHERE id = :id AND attempts = :attempt AND state = 'running'
    """
)
_END = text(
    """
    UPDATE jobs SET state = :state, result = CAST(:result AS json), error_code = :code,
        error_params = CAST(:params AS json), message = NULL, finished_at = now(), lease_until = NULL,
        done = coalesce(:done, done),
        refused_count = (SELECT count(*) FROM job_rows WHERE job_id = :id)
    WHERE id = :id AND attempts = :attempt AND state = 'running'
    """
)
_GIVE_BACK = text(
    """
    UPDATE jobs SET state = CASE WHEN cancel_requested THEN 'cancelled' ELSE 'queued' END, lease_until = NULL,
        attempts = attempts - :uncount, finished_at = CASE WHEN cancel_requested THEN now() END
    WHERE id = :id AND attempts = :attempt AND state = 'running'
    """
)
_OPEN = text("SELECT state, count(*) FROM jobs WHERE state IN ('queued', 'running') GROUP BY state")


@dataclass(frozen=True)
class Claimed:
    """One run of one job."""

    id: UUID
    kind: str
    request: dict[str, Any]
    attempt: int
    created_by: str
    created_by_name: str
    created_unit: str
    permissions: list[str]
    correlation_id: str | None
    created_at: datetime
    retry_of: UUID | None


class JobQueue:
    """Each method is one statement in a commit of its own."""

    def __init__(self, engine: Engine, settings: JobSettings, worker: str, urgent: Collection[str] = ()) -> None:
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._settings = settings
        self._worker = worker
        self._urgent = sorted(urgent)
        self._listening: psycopg.Connection[Any] | None = None

    def claim(self, *, urgent_only: bool = False) -> Claimed | None:
        """The next job that waits or whose worker was lost, now ours for a lease. None: nothing to do."""
        asked = {"lease": self._settings.job_lease_seconds, "urgent": self._urgent, "urgent_only": urgent_only}
        while True:
            with self._engine.connect() as connection:
                row = connection.execute(_CLAIM, asked).one_or_none()
            if row is None:
                return None
            job = Claimed(**{("attempt" if name == "attempts" else name): row._mapping[name] for name in row._fields})
            if job.attempt <= self._settings.job_attempts:
                return job
            _log.error("job given up", job_id=str(job.id), kind=job.kind, attempts=job.attempt - 1)
            self.fail(job, "job_worker_lost", attempts=job.attempt - 1)

    def renew(self, job: Claimed) -> bool:
        """False: the job is no longer ours."""
        with self._engine.connect() as connection:
            changed = connection.execute(
                _RENEW, {"id": job.id, "attempt": job.attempt, "lease": self._settings.job_lease_seconds}
            )
        return changed.rowcount == 1

    def finish(self, job: Claimed, result: Any = None, done: int | None = None) -> None:
        """``done``: how far it came; without it what was last told remains."""
        self._end(job, "done", result=dump_result(result), done=done)

    def fail(self, job: Claimed, code: str, **params: Any) -> None:
        self._end(job, "failed", code=code, params=orjson.dumps(params, default=str).decode())

    def cancel(self, job: Claimed) -> None:
        self._end(job, "cancelled")

    def give_back(self, job: Claimed, *, lost: bool) -> None:
        """Lets another worker have it. ``lost``: the run died and counts as an attempt."""
        with self._engine.connect() as connection:
            connection.execute(_GIVE_BACK, {"id": job.id, "attempt": job.attempt, "uncount": 0 if lost else 1})

    def state(self, job: Claimed) -> str:
        with self._engine.connect() as connection:
            return str(
                connection.execute(text("SELECT state FROM jobs WHERE id = :id"), {"id": job.id}).scalar_one_or_none()
            )

    def open_counts(self) -> dict[str, int]:
        with self._engine.connect() as connection:
            counts = {state: int(count) for state, count in connection.execute(_OPEN)}
        return {"queued": 0, "running": 0} | counts

    def announcements(self) -> list["psycopg.Connection[Any]"]:
        """Something to wait on: readable when a job was committed."""
        return [self._listening] if self._listening is not None and not self._listening.closed else []

    def woken(self) -> bool:
        """True when a job was announced since the last call. Listens again after a lost connection."""
        try:
            if self._listening is None or self._listening.closed:
                self._listening = self._listen()
                return True
            return any(True for _ in self._listening.notifies(timeout=0))
        except psycopg.Error:
            self._listening = None
            return False

    def _listen(self) -> "psycopg.Connection[Any]":
        url = self._engine.url.set(drivername="postgresql")
        connection = psycopg.connect(
            url.render_as_string(hide_password=False),
            autocommit=True,
            application_name=f"simkeep-jobs-{self._worker}",
            connect_timeout=5,
        )
        schema = connection.execute("SELECT current_schema()").fetchone()
        if schema:
            connection.execute(f'LISTEN "{schema[0]}_jobs"')
        return connection

    def _end(
        self, job: Claimed, state: str, *, result: str | None = None, code: str | None = None,
        params: str | None = None, done: int | None = None,
    ) -> None:  # fmt: skip
        with self._engine.connect() as connection:
            connection.execute(
                _END,
                {
                    "id": job.id,
                    "attempt": job.attempt,
                    "state": state,
                    "result": result,
                    "code": code,
                    "params": params,
                    "done": done,
                },
            )
