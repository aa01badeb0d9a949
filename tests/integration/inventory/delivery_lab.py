"""Deliveries on a real database: accept, run the job as its worker would, look at what became of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine

from kernel.chassis.data.blobs import FolderBlobStore
from kernel.chassis.data.database import create_engine
from kernel.chassis.data.unit_of_work import UnitOfWork
from kernel.chassis.jobs.context import JobCancelledError, JobContext
from kernel.chassis.jobs.queue import JobQueue
from kernel.chassis.process.settings import DatabaseSettings, JobSettings
from kernel.contracts.inventory.deliveries import ImportDelivery, PushDelivery, PushedCard
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from kernel.model.iccid import luhn_digit
from services.inventory.deliveries.importing import import_delivery, push_delivery
from services.inventory.jobs import JOBS

NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
PROVINCE = Actor("province", "王建国", "99", frozenset({"delivery.import", "delivery.push", "carrier:china_mobile"}))


def iccid(serial: int, series: str = "26010", prefix: str = "898604") -> str:
    """A China Mobile number of 20 digits, its last one right."""
    body = f"{prefix}9{series}{serial:07d}"
    return body + luhn_digit(body)


def imsi(iccid: str, place: int = 0) -> str:
    """The IMSI of a card; of what is no card one by its place."""
    return "46004" + (iccid[9:19] if len(iccid) == 20 else f"{place:010d}")


def msisdn(iccid: str, place: int = 0) -> str:
    """The MSISDN of a card; of what is no card one by its place."""
    return "1064" + (iccid[10:19] if len(iccid) == 20 else f"{place:09d}")


def lines(*iccids: str) -> str:
    """A CSV of these cards, each with an IMSI and an MSISDN of its own."""
    rows = [f"{value},{imsi(value, place)},{msisdn(value, place)}" for place, value in enumerate(iccids)]
    return "\n".join(["ICCID,IMSI,MSISDN", *rows]) + "\n"


@dataclass
class Lab:
    """``series`` makes each test's numbers its own."""

    engine: Engine
    blobs: FolderBlobStore
    series: str
    by: Actor = PROVINCE
    note: dict[str, Any] = field(default_factory=dict)

    def cards(self, *serials: int) -> list[str]:
        return [iccid(serial, self.series) for serial in serials]

    @property
    def batch_no(self) -> str:
        return f"B{self.series}"

    def accept(self, content: str | bytes, name: str = "delivery.csv", by: Actor | None = None, **note: Any) -> UUID:
        """import_delivery; the job's id."""
        raw = content.encode() if isinstance(content, str) else content
        request = ImportDelivery(
            **{
                "carrier": "china_mobile",
                "batch_no": self.batch_no,
                "application_month": "2026-11",
                "card_spec": "smd",
                "file": self.blobs.put_stream([raw], name=name),
                **note,
            }
        )
        with UnitOfWork(self.engine).begin(by or self.by) as tx:
            job = import_delivery(tx, request, by=by or self.by)
            tx.commit()
        return job.job_id

    def push(self, iccids: list[str], by: Actor | None = None, **note: Any) -> UUID:
        request = PushDelivery(
            **{
                "carrier": "china_mobile",
                "batch_no": self.batch_no,
                "application_month": "2026-11",
                "card_spec": "smd",
                "cards": [PushedCard(iccid=value) for value in iccids],
                **note,
            }
        )
        with UnitOfWork(self.engine).begin(by or self.by) as tx:
            job = push_delivery(tx, request, by=by or self.by, blobs=self.blobs)
            tx.commit()
        return job.job_id

    def context(self) -> JobContext:
        """The next job, claimed."""
        claimed = JobQueue(self.engine, JobSettings(), "test").claim()
        assert claimed is not None
        context = JobContext(
            job_id=claimed.id,
            kind=claimed.kind,
            request=claimed.request,
            actor=Actor(
                claimed.created_by, claimed.created_by_name, claimed.created_unit, frozenset(claimed.permissions)
            ),
            correlation_id=claimed.correlation_id,
            attempt=claimed.attempt,
            retry_of=claimed.retry_of,
            created_at=claimed.created_at,
            engine=self.engine,
        )
        context.__dict__["blobs"] = self.blobs
        return context

    def run(self) -> dict[str, Any]:
        """Runs the next job to its end as job_child does; answers its row."""
        context = self.context()
        queue = JobQueue(self.engine, JobSettings(), "test")
        claimed: Any = type("Claimed", (), {"id": context.job_id, "attempt": context.attempt})
        try:
            JOBS[context.kind].handler(context)
        except DomainError as error:
            queue.fail(claimed, error.code, **error.params)
        except JobCancelledError:
            queue.cancel(claimed)
        return self.one("SELECT * FROM jobs WHERE id = %s", context.job_id)

    def upload(self, content: str | bytes, name: str = "delivery.csv", **note: Any) -> dict[str, Any]:
        """Accepts and runs; the job's row."""
        self.accept(content, name, **note)
        return self.run()

    def all(self, sql: str, *params: Any) -> list[dict[str, Any]]:
        with self.engine.connect() as connection:
            return [dict(row._mapping) for row in connection.exec_driver_sql(sql, params)]

    def one(self, sql: str, *params: Any) -> dict[str, Any]:
        (row,) = self.all(sql, *params)
        return row

    def delivery(self) -> dict[str, Any]:
        return self.one("SELECT * FROM deliveries WHERE batch_no = %s", self.batch_no)

    def refused(self) -> list[tuple[int, str]]:
        sql = "SELECT row_no, code FROM refused_rows WHERE delivery_id = %s ORDER BY row_no"
        return [(row["row_no"], row["code"]) for row in self.all(sql, self.delivery()["id"])]

    def everything(self) -> dict[str, Any]:
        """A picture of all that an import may touch, to prove that nothing changed."""
        tables = ("deliveries", "cards", "changes", "run_log", "ledger", "outbox", "refused_rows", "discrepancies")
        return {
            name: self.one(
                f"SELECT count(*) AS n, md5(string_agg(t::text, '|' ORDER BY t::text)) AS h FROM {name} AS t"
            )
            for name in tables
        }


@contextmanager
def a_lab(url: str, folder: Path, series: str, patch: pytest.MonkeyPatch) -> Iterator[Lab]:
    """A lab on the database at ``url``."""
    patch.setenv("SIMKEEP_DATABASE_URL", url)
    engine = create_engine("inventory", "job", DatabaseSettings(database_url=url))
    try:
        yield Lab(engine, FolderBlobStore(folder), series)
    finally:
        engine.dispose()
