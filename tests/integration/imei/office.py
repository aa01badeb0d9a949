"""The office that uploads lists of serials and waits for their jobs."""

from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Engine

from kernel.chassis.data.blobs import FolderBlobStore
from kernel.chassis.jobs.context import JobContext
from kernel.chassis.jobs.queue import JobQueue
from kernel.chassis.process.settings import JobSettings
from kernel.contracts.imei.lists import ImportSerials, ReleaseSerialList
from kernel.model.actor import Actor
from services.imei.jobs import JOBS
from services.imei.lists import importing
from tests.integration.imei.shops import PROVINCE, Shops


class Office:
    """Uploads lists and runs their jobs; ``in_time``: at the time of the shops, not of the machine."""

    def __init__(self, shops: Shops, folder: Path, *, in_time: bool = False) -> None:
        self.shops = shops
        self.in_time = in_time
        self.blobs = FolderBlobStore(folder)

    def upload(self, kind: str, serials: list[str], head: str = "串码", **more: Any) -> dict[str, Any]:
        return self.upload_file(kind, ("\n".join([head, *serials]) + "\n").encode(), **more)

    def upload_file(self, kind: str, content: bytes, **more: Any) -> dict[str, Any]:
        file = self.blobs.put_stream([content], name="list.csv")
        request = ImportSerials(**{"kind": kind, "file": file, "province": "99", **more})
        self._begin(importing.import_serials, request)
        return self.run()

    def release(self, list_id: int) -> dict[str, Any]:
        self._begin(importing.release, ReleaseSerialList(list_id=list_id))
        return self.run()

    def _begin(self, act: Any, request: Any) -> None:
        self.shops.act(lambda tx, asked, *, by, now: act(tx, asked, by=by), request, PROVINCE)

    def run(self) -> dict[str, Any]:
        context = _claim(self.shops.engine)
        context.__dict__["blobs"] = self.blobs
        if self.in_time:
            context.__dict__["now"] = lambda: self.shops.now
        self.job_id = context.job_id
        return JOBS[context.kind].handler(context)

    def verdicts(self, job_id: UUID | None = None) -> dict[int, tuple[str, Any]]:
        rows = self.shops.sql("SELECT * FROM job_rows WHERE job_id = :id ORDER BY row_no", id=job_id or self.job_id)
        return {row.row_no: (row.code, row.params.get("repair")) for row in rows}


def _claim(engine: Engine) -> JobContext:
    claimed = JobQueue(engine, JobSettings(), "test").claim()
    assert claimed is not None
    actor = Actor(claimed.created_by, claimed.created_by_name, claimed.created_unit, frozenset(claimed.permissions))
    return JobContext(
        job_id=claimed.id,
        kind=claimed.kind,
        request=claimed.request,
        actor=actor,
        correlation_id=claimed.correlation_id,
        attempt=claimed.attempt,
        retry_of=claimed.retry_of,
        created_at=claimed.created_at,
        engine=engine,
    )
