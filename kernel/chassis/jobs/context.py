"""What a running job has in its hands."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

import orjson
from pydantic import BaseModel
from sqlalchemy import Engine, text

from kernel.chassis.data.blobs import BlobStore, blob_store
from kernel.chassis.data.unit_of_work import Tx, UnitOfWork
from kernel.chassis.process import clock
from kernel.model.actor import Actor

_PROGRESS = text(
    """
    UPDATE jobs SET done = :done, total = coalesce(:total, total), message = coalesce(:message, message)
    WHERE id = :id AND attempts = :attempt AND state = 'running' RETURNING cancel_requested
    """
)
_COMPLETE = """
UPDATE jobs SET state = 'done', result = CAST(:result AS json), done = coalesce(:done, done), message = NULL,
    refused_count = (SELECT count(*) FROM job_rows WHERE job_id = :id), finished_at = now(), lease_until = NULL
WHERE id = :id AND attempts = :attempt AND state = 'running'
"""
_PROGRESS_EVERY_SECONDS = 0.5
_REFUSALS_PER_COPY = 5000


class JobCancelledError(Exception):
    """Somebody asked for the job to be cancelled; let it pass, so that the transaction rolls back."""


class JobLostError(Exception):
    """The lease ran out and another worker has taken the job; nothing of this run may be committed."""


@dataclass
class JobContext:
    """``request``: the raw dict that was enqueued. ``attempt``: 1 for the first run; it fences off older runs.

    ``retry_of``: the job whose refused rows are to be tried again.
    """

    job_id: UUID
    kind: str
    request: dict[str, Any]
    actor: Actor
    correlation_id: str | None
    attempt: int
    retry_of: UUID | None
    created_at: datetime
    engine: Engine

    def __post_init__(self) -> None:
        self._reported = 0.0
        self.told = 0
        self._completed = False
        self._refused: list[tuple[UUID, int, str | None, str, str]] = []
        self.refused_count = 0

    @cached_property
    def blobs(self) -> BlobStore:
        return blob_store()

    @cached_property
    def _side(self) -> Engine:
        return self.engine.execution_options(isolation_level="AUTOCOMMIT")

    @property
    def completed(self) -> bool:
        """True once ``complete`` was called."""
        return self._completed

    def now(self) -> datetime:
        """Aware UTC, of business."""
        return clock.now()

    @contextmanager
    def unit_of_work(self, lock_timeout: timedelta | None = None) -> Iterator[Tx]:
        """A transaction in the name of whoever started the job; commit it with ``complete`` or ``tx.commit()``."""
        with UnitOfWork(self.engine).begin(self.actor, self.correlation_id) as tx:
            if lock_timeout is not None:
                tx.execute(
                    "SELECT set_config('lock_timeout', :value, true)",
                    {"value": f"{int(lock_timeout.total_seconds() * 1000)}ms"},
                )
            yield tx

    def progress(self, done: int, total: int | None = None, message: str | None = None) -> None:
        """Says how far it is; call it as often as you like. Seen at once by others, whatever the transaction does.

        ``told`` keeps the last of it, also between two writes.
        Raises JobCancelledError when somebody asked for that, JobLostError when the job is no longer ours.
        """
        self.told = done
        if time.monotonic() - self._reported < _PROGRESS_EVERY_SECONDS and message is None:
            return
        self._reported = time.monotonic()
        with self._side.connect() as connection:
            row = connection.execute(
                _PROGRESS,
                {"done": done, "total": total, "message": message, "id": self.job_id, "attempt": self.attempt},
            ).one_or_none()
        if row is None:
            if not self._completed:
                raise JobLostError(str(self.job_id))
        elif row.cancel_requested and not self._completed:
            raise JobCancelledError(str(self.job_id))

    def refuse(self, row_no: int, key: str | None, code: str, **params: Any) -> None:
        """Keeps one row of the input as refused: its number from 1, its key, a code of the catalogue.

        Buffered; survives when the job's transaction rolls back.
        """
        self.refused_count += 1
        self._refused.append((self.job_id, row_no, key, code, orjson.dumps(params, default=str).decode()))
        if len(self._refused) >= _REFUSALS_PER_COPY:
            self.flush()

    def flush(self) -> None:
        """Writes the buffered refusals. A row that was refused before keeps its first reason."""
        if not self._refused:
            return
        with self.engine.connect() as connection:
            raw: Any = connection.connection.driver_connection
            with raw.cursor() as cursor:
                cursor.execute(
                    "CREATE TEMPORARY TABLE IF NOT EXISTS incoming_rows (LIKE job_rows) ON COMMIT DELETE ROWS"
                )
                with cursor.copy("COPY incoming_rows (job_id, row_no, key, code, params) FROM STDIN") as copy:
                    for refused in self._refused:
                        copy.write_row(refused)
                cursor.execute("INSERT INTO job_rows SELECT * FROM incoming_rows ON CONFLICT DO NOTHING")
            raw.commit()
        self._refused.clear()

    def complete(self, tx: Tx, result: BaseModel | dict[str, Any] | None = None, done: int | None = None) -> None:
        """Commits ``tx`` and marks the job done in the same commit. Raises JobLostError, and nothing is committed."""
        self.flush()
        changed = tx.execute(
            _COMPLETE,
            {
                "id": self.job_id,
                "attempt": self.attempt,
                "result": dump_result(result),
                "done": self.told if done is None else done,
            },
        )
        if changed.rowcount != 1:
            raise JobLostError(str(self.job_id))
        tx.commit()
        self._completed = True


def dump_result(result: BaseModel | dict[str, Any] | None) -> str | None:
    """JSON text of a job's result."""
    if result is None:
        return None
    if isinstance(result, BaseModel):
        return result.model_dump_json()
    return orjson.dumps(result, default=str).decode()
