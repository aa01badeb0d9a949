"""distribution: 卡流量分布 of 1,000,000 cards for ranges that nobody has foreseen, against a GROUP BY over the days.

Baseline: DuckDB, two threads, over the same figures as daily Parquet files (zstd): each card's sum of the month, then
how many cards and bytes lie in each of the same ranges. Both answers must be equal. The median of TRIES each, with
other ranges each time. ``distribution-growth``: with so many cards against a hundredth. ``--cards N``: with so many.
"""

import time
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any

import duckdb

from benchmarks import usage_ground as ground
from benchmarks.lines import Line
from benchmarks.stack import BenchStack
from kernel.chassis.data.unit_of_work import UnitOfWork
from kernel.contracts.traffic.distribution import GetUsageDistribution
from services.traffic.distribution import get_usage_distribution

DAYS, TRIES = 30, 7
_MB = 1 << 20


def _limits(number: int) -> list[int]:
    """In MB; each try has its own."""
    return [1 + number, 7 + 2 * number, 31 + number, 97 + 3 * number, 311 + number, 1009]


def _days(office: ground.Office, folder: Path, cards: int) -> None:
    for number in range(DAYS):
        day = ground.FIRST + timedelta(days=number)
        path = folder / f"{day}.csv"
        ground.write_day(path, cards, day)
        office.load(office.put(path))
        read = f"read_csv('{path}', types={{'ICCID': 'VARCHAR'}})"
        duckdb.execute(
            f"COPY (SELECT ICCID AS card, 日期 AS day, 流量 AS used FROM {read})"
            f" TO '{path.with_suffix('.parquet')}' (FORMAT parquet, COMPRESSION zstd)"
        )
        path.unlink()


def _ours(office: ground.Office, number: int) -> tuple[float, dict[int, tuple[int, int]]]:
    asked = GetUsageDistribution(month="2026-09", ranges=", ".join(map(str, _limits(number))))
    began = time.monotonic()
    with UnitOfWork(office.engine).begin(ground.PROVINCE) as tx:
        answer: Any = get_usage_distribution(tx, asked, by=ground.PROVINCE, now=ground.NOW)
    seconds = time.monotonic() - began
    counted = {it.at_least: (it.carrier_cards, it.carrier_bytes) for it in answer.items if it.carrier_cards}
    return seconds, counted


def _duck(folder: Path, number: int) -> tuple[float, dict[int, tuple[int, int]]]:
    starts = [0, 1, *(limit * _MB for limit in _limits(number))]
    reached = " ".join(f"WHEN used >= {start} THEN {start}" for start in reversed(starts))
    db = duckdb.connect(config={"threads": 2})
    began = time.monotonic()
    rows = db.execute(
        f"SELECT CASE {reached} END AS at_least, count(*), sum(used) FROM"
        f" (SELECT card, sum(used) AS used FROM '{folder}/*.parquet' GROUP BY card) GROUP BY 1"
    ).fetchall()
    seconds = time.monotonic() - began
    db.close()
    return seconds, {start: (cards, int(used)) for start, cards, used in rows}


def _measure(stack: BenchStack, cards: int) -> tuple[float, float, int]:
    """Seconds of ours and of DuckDB, and the Parquet files' bytes."""
    with stack.database() as url, ground.an_office(url) as (office, folder):
        ground.fill(url, cards)
        _days(office, folder, cards)
        ours, duck = [], []
        for number in range(TRIES):
            (seconds, counted), (theirs, expected) = _ours(office, number), _duck(folder, number)
            if counted != expected:
                raise RuntimeError(f"the answers differ: {counted} and {expected}")
            ours.append(seconds)
            duck.append(theirs)
        size = sum(path.stat().st_size for path in folder.glob("*.parquet"))
        return median(ours), median(duck), size


def run(stack: BenchStack, cards: int = ground.CARDS) -> Iterable[Line]:
    """For `./simkeep bench distribution`."""
    ours, duck, size = _measure(stack, cards)
    yield Line("distribution", ours * 1000, "ms", duck * 1000, at_most=0.1)
    yield Line("parquet-bytes-per-card-month", size / cards, "B")
    few, _, _ = _measure(stack, cards // 100)
    yield Line("distribution-growth", ours * 1000, "ms", few * 1000, at_most=3)
