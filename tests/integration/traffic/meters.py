"""Loads of usage as tests send them, and what the tables hold afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from inspect import signature
from typing import Any

from sqlalchemy import Engine

from kernel.chassis.data.blobs import BlobStore
from kernel.chassis.data.unit_of_work import UnitOfWork
from kernel.chassis.jobs.context import JobContext
from kernel.contracts.traffic.loads import ImportUsage, LoadView, PushUsage, ReportUsage
from kernel.model.actor import Actor
from services.traffic.checking import differences
from services.traffic.loading import import_usage, push_usage, report_usage, run_load

NOW = datetime(2026, 11, 26, 4, 0, tzinfo=UTC)
PROVINCE = Actor("province", "省公司", "99", frozenset({"usage.view", "usage.load"}))
CITY = Actor("city", "市公司", "9901", frozenset({"usage.view", "usage.load"}))
UNITS = ("990101", "990201")
CARRIERS = ("china_mobile", "china_unicom")


def iccid(number: int) -> str:
    return f"8986042601{number:010d}"


def unit_of(number: int) -> str:
    return UNITS[number % 2]


def carrier_of(number: int) -> str:
    return CARRIERS[number % 3 == 2]


MOBILE = [number for number in range(12) if carrier_of(number) == CARRIERS[0]]


@dataclass
class Meters:
    engine: Engine
    blobs: BlobStore
    now: datetime = NOW

    def forget(self) -> None:
        self.run(
            "TRUNCATE cards, past_places, moved_usage, usage_months, load_sets, folded_months, usage_ranges,"
            " usage_days, usage_histogram, usage_day_counts, unknown_usage, loads, job_rows, jobs,"
            " pulls, pull_pages, pull_carriers CASCADE"
        )

    def have_cards(self, count: int, first: int = 0) -> None:
        for number in range(first, first + count):
            self.run(
                "INSERT INTO cards (id, iccid, version, owner_unit, carrier, card_spec, application_month, state,"
                " changed_at) VALUES (:id, :iccid, 1, :unit, :carrier, 'plug_in', '2026-10', 'running', :now)",
                id=number + 1, iccid=iccid(number), unit=unit_of(number), carrier=carrier_of(number), now=self.now,
            )  # fmt: skip

    def run(self, sql: str, **params: Any) -> list[Any]:
        with UnitOfWork(self.engine).begin() as tx:
            result = tx.execute(sql, params)
            rows = list(result.all()) if result.returns_rows else []
            tx.commit()
        return rows

    def act(self, act: Any, request: Any, by: Actor = PROVINCE, **more: Any) -> Any:
        """Runs an act with the keywords that it names, as the dispatcher does."""
        takes = signature(act).parameters
        with UnitOfWork(self.engine).begin(by, "test") as tx:
            given = {name: value for name, value in {"by": by, "now": self.now}.items() if name in takes}
            reply = act(tx, request, **given, **more)
            tx.commit()
        return reply

    def page(self, rows: Sequence[tuple[Any, Any, Any]]) -> list[dict[str, str]]:
        return [{"iccid": str(a), "day": str(b), "volume": str(c)} for a, b, c in rows]

    def push(self, rows: Sequence[tuple[Any, Any, Any]], carrier: str = CARRIERS[0], **note: Any) -> Any:
        """Sends a page of a carrier's rows and takes it in; the load's row."""
        by = note.pop("by", PROVINCE)
        request = PushUsage(carrier=carrier, rows=self.page(rows), **note)
        return self.take(self.act(push_usage, request, by, blobs=self.blobs), by)

    def report(self, rows: Sequence[tuple[Any, Any, Any]], **note: Any) -> Any:
        """The same for the master station."""
        return self.take(self.act(report_usage, ReportUsage(rows=self.page(rows), **note), blobs=self.blobs))

    def upload(self, content: bytes, name: str = "usage.csv", carrier: str = CARRIERS[0], **note: Any) -> Any:
        """The same for a file."""
        file = self.blobs.put_stream([content], name=name, media_type="text/csv")
        return self.take(self.act(import_usage, ImportUsage(carrier=carrier, file=file, **note)))

    def take(self, accepted: Any, by: Actor = PROVINCE) -> Any:
        """Runs the job of a load as the worker does."""
        job_id = accepted.job if isinstance(accepted, LoadView) else accepted.job_id
        self.run("UPDATE jobs SET state = 'running', attempts = 1 WHERE id = :id", id=job_id)
        load_id = getattr(accepted, "load_id", None) or accepted.id
        job = JobContext(job_id, "usage_load", {"load_id": load_id}, by, None, 1, None, self.now, self.engine)
        job.__dict__["blobs"] = self.blobs
        job.now = lambda: self.now  # type: ignore[method-assign]
        run_load(job)
        return self.run("SELECT * FROM loads WHERE id = :id", id=load_id)[0]

    def refused(self, load: Any) -> list[tuple[int, str]]:
        return [
            (row.row_no, row.code)
            for row in self.run("SELECT row_no, code FROM job_rows WHERE job_id = :id ORDER BY 1", id=load.job_id)
        ]

    def state(self) -> dict[str, list[Any]]:
        """What is true whatever the order of loads: days, the month to date on newest days, histogram, unknown."""
        days = """
            SELECT day, card_id, days.unit, days.carrier, carrier_bytes, terminal_bytes, c.as_of, t.as_of
            FROM usage_days AS days LEFT JOIN loads AS c ON c.id = carrier_load
            LEFT JOIN loads AS t ON t.id = terminal_load
            WHERE carrier_load IS NOT NULL OR terminal_load IS NOT NULL ORDER BY 1, 2
        """
        newest = """
            SELECT day, card_id, carrier_month, terminal_month FROM usage_days
            WHERE day IN (SELECT max(day) FROM usage_days GROUP BY date_trunc('month', day)) ORDER BY 1, 2
        """
        moved = "SELECT * FROM moved_usage ORDER BY 1, 2, 3"
        histogram = """
            SELECT month, unit, carrier, source, at_least, cards, bytes, ARRAY(SELECT unnest(volumes) ORDER BY 1)
            FROM usage_histogram ORDER BY 1, 2, 3, 4, 5
        """
        unknown = """
            SELECT iccid, day, kept.source, kept.bytes, as_of
            FROM unknown_usage AS kept JOIN loads ON loads.id = load_id
            ORDER BY 1, 2, 3
        """
        asked = {"days": days, "newest": newest, "moved": moved, "histogram": histogram, "unknown": unknown}
        asked["counts"] = "SELECT * FROM usage_day_counts ORDER BY 1, 2, 3"
        return {name: [tuple(row) for row in self.run(sql)] for name, sql in asked.items()}

    def counted_days(self) -> list[Any]:
        """What ``usage_day_counts`` must say, counted from the days."""
        counted = """
            SELECT day, carrier, source, count(*) FROM usage_days CROSS JOIN LATERAL
            (VALUES ('carrier', carrier_load), ('terminal', terminal_load)) AS figure (source, load)
            WHERE load IS NOT NULL GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
        """
        return [tuple(row) for row in self.run(counted)]

    def differences(self, month: str, unit: str = "99") -> list[Any]:
        with UnitOfWork(self.engine).begin() as tx:
            return list(differences(tx, month, unit))


def day(number: int, month: int = 11) -> date:
    return date(2026, month, number)
