"""delivery-import: a CSV upload of 1,000,000 cards until its rows are live, against a bare COPY of the very same rows.

Ours: POST /deliveries with the file; the gateway stores it, inventory accepts it, the job worker takes it in: judged,
checked for repeats and known cards, inserted with run log, ledger and outbox, through the data gate, one commit. The
clock runs from the first byte sent until the job says done.
Baseline: psycopg COPY of the rows that came of it (deliveries, cards, changes, run_log, ledger, outbox) into the same
tables with the same indexes, in one transaction of another new database on the same server.
"""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import psycopg
from psycopg import sql

from benchmarks.lines import Line
from benchmarks.stack import BenchStack, System, family, peak_memory_mib
from deploy.local.carriers_catalogue import batch_of
from deploy.local.demo_files import large_csv

CARDS = 1_000_000
TABLES = ("deliveries", "cards", "changes", "run_log", "ledger", "outbox")
_BLOCK = 1 << 20


@contextmanager
def _inventory(url: str) -> Iterator["psycopg.Connection[Any]"]:
    with psycopg.connect(url, options="-c search_path=inventory") as connection:
        yield connection


def _settle(url: str) -> None:
    """What earlier work left dirty is written now, so that neither side pays for it."""
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute("CHECKPOINT")


def _upload(client: httpx.Client, cards: int) -> str:
    """POST /deliveries; the job's id."""
    batch = batch_of("china_mobile", "2026-11", 7, "smd", cards)
    fields = {
        "carrier": batch.carrier,
        "batch_no": batch.batch_no,
        "application_month": batch.month,
        "card_spec": batch.spec,
        "expected_count": str(cards),
    }
    with large_csv(batch) as content:
        answer = client.post("deliveries", data=fields, files={"file": ("cards.csv", content)})
    answer.raise_for_status()
    return str(answer.json()["job_id"])


def _take_in(system: System, cards: int) -> tuple[float, float]:
    """(seconds until the cards are live, MiB that the worker's job process reached at most)."""
    with system.client("province") as client:
        (worker,) = system.pids("inventory-jobs")[:1]
        began, peak = time.monotonic(), 0.0
        job_id = _upload(client, cards)
        job: dict[str, Any] = {"state": "queued"}
        while job["state"] in ("queued", "running"):
            time.sleep(0.1)
            peak = max([peak, *(peak_memory_mib(pid) for pid in family(worker) if pid != worker)])
            job = client.get(f"jobs/{job_id}").json()
        seconds = time.monotonic() - began
    result = job.get("result") or {}
    if (job["state"], result.get("received"), result.get("state")) != ("done", cards, "received"):
        raise RuntimeError(f"the import ended otherwise: {job}")
    return seconds, peak


def _dump(url: str, folder: Path) -> None:
    with _inventory(url) as connection:
        for table in TABLES:
            statement = sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(table))
            with (folder / table).open("wb") as file, connection.cursor().copy(statement) as rows:
                for block in rows:
                    file.write(block)


def _bare_copy(url: str, folder: Path) -> float:
    """Seconds of the baseline."""
    with _inventory(url) as connection:
        began = time.monotonic()
        for table in TABLES:
            statement = sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(table))
            with (folder / table).open("rb") as file, connection.cursor().copy(statement) as copy:
                while block := file.read(_BLOCK):
                    copy.write(block)
        connection.commit()
        return time.monotonic() - began


def measure(stack: BenchStack, cards: int = CARDS) -> list[Line]:
    """Both, one after the other, each on a new database."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        with stack.database() as url:
            _settle(url)
            with stack.system(url, ("inventory", "inventory-jobs", "gateway")) as system:
                seconds, mebibytes = _take_in(system, cards)
            _dump(url, folder)
        with stack.database() as url:
            _settle(url)
            baseline = _bare_copy(url, folder)
    return [
        Line("delivery-import", seconds, "s", baseline, at_most=1.5),
        Line("delivery-import-memory", mebibytes, "MiB", at_most=300),
    ]


def run(stack: BenchStack, cards: int = CARDS) -> Iterable[Line]:
    """For `./simkeep bench delivery-import`; ``--cards N`` measures with fewer."""
    return measure(stack, cards)
