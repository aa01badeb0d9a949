"""export: 1,000,000 cards to CSV and XLSX through the REST interface, against a bare server-side cursor loop.

The loop runs before and after each of ours. Memory is the most that any process of the job worker held, the one that
writes the file included.
"""

import os
import threading
import time
from collections.abc import Iterator

import psycopg

from benchmarks import dataset
from benchmarks.lines import Line
from benchmarks.stack import BenchStack, System, peak_memory_mib
from services.inventory.card_lists.card_file import CARD_COLUMNS

ROWS = int(os.environ.get("SIMKEEP_BENCH_EXPORT_ROWS", "1000000"))
MEMORY_MIB = 300.0


def run(stack: BenchStack) -> Iterator[Line]:
    """Rows per second of both formats, their memory, and the size of the files."""
    url = stack.kept_database(f"export_{ROWS}", lambda url: dataset.fill(url, ROWS), dataset.SOURCE)
    with stack.system(url, ("inventory", "inventory-jobs", "gateway")) as system:
        for form, least in (("csv", 0.35), ("xlsx", 0.18)):
            before = _bare_loop(url)
            rows, seconds, memory = _export(system, form)
            bare = (before + _bare_loop(url)) / 2
            yield Line(f"export.{form}", rows / seconds, "rows/s", bare, at_least=least)
            yield Line(f"export.{form}.memory", memory, "MiB", at_most=MEMORY_MIB)


def _bare_loop(url: str) -> float:
    """Rows per second of reading the same columns in the same order, and doing nothing with them."""
    columns = ", ".join(c.name for c in CARD_COLUMNS if c.name not in {"batch_no", "state_days"} and not c.of)
    with psycopg.connect(url, options="-c search_path=inventory") as db, db.cursor(name="bare") as cursor:
        cursor.itersize = 5000
        started, count = time.perf_counter(), 0
        cursor.execute(f"SELECT {columns}, delivery_id, version FROM cards ORDER BY owner_unit, iccid")
        for _ in cursor:
            count += 1
        return count / (time.perf_counter() - started)


def _export(system: System, form: str) -> tuple[int, float, float]:
    client = system.client()
    started = time.perf_counter()
    asked = {"resource": "cards", "format": form, "filters": {}}
    answer = client.post("exports", json=asked, headers={"Idempotency-Key": f"bench-{form}-{time.time_ns()}"})
    answer.raise_for_status()
    with _Watch(system) as watch:
        while True:
            job = client.get(f"jobs/{answer.json()['job_id']}").raise_for_status().json()
            if job["state"] not in ("queued", "running"):
                break
            time.sleep(0.2)
    seconds = time.perf_counter() - started
    if job["state"] != "done":
        raise RuntimeError(f"the export ended as {job}")
    with client.stream("GET", f"exports/{answer.json()['job_id']}/file") as file:
        size = sum(len(part) for part in file.iter_bytes())
    if size < job["result"]["rows"] * 20:
        raise RuntimeError(f"{size} bytes are too few")
    return job["result"]["rows"], seconds, watch.peak


class _Watch:
    """Looks at the worker's processes ten times a second."""

    def __init__(self, system: System) -> None:
        self.peak = 0.0
        self._system = system
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def _look(self) -> None:
        while not self._ended.wait(0.1):
            for pid in self._system.pids("inventory-jobs"):
                self.peak = max(self.peak, peak_memory_mib(pid))

    def __enter__(self) -> "_Watch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
