"""usage-disk: bytes on disk per card and month, with all indexes, of 24 months of which the newest is open.

Each day is loaded as a night's file is, each month folded when the next begins, and the open month has the indexes that
pages need. Baseline: the same cards, days and volumes as daily Parquet files (zstd, by DuckDB). One source, as there.
``usage-disk-open-month``, ``usage-disk-folded-month``: of which. ``--cards N``: with so many.
"""

import os
from calendar import monthrange
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import psycopg

from benchmarks import usage_ground as ground
from benchmarks.lines import Line
from benchmarks.stack import BenchStack
from kernel.chassis.data.unit_of_work import UnitOfWork
from services.traffic import folding, months, page_indexes

CARDS, MONTHS = 50_000, 24
OPEN = ground.FIRST
_TABLES = ("usage_days", "usage_months", "usage_histogram", "usage_day_counts", "moved_usage", "load_sets")
_SIZE = """
SELECT coalesce(sum(pg_total_relation_size(relid)), 0) FROM pg_partition_tree(CAST(%s AS regclass)) WHERE isleaf
"""


def run(stack: BenchStack, cards: int = CARDS) -> Iterable[Line]:
    """For `./simkeep bench usage-disk`."""
    os.environ["SIMKEEP_USAGE_DAYS_BACK"] = "1000"
    with stack.database() as url, ground.an_office(url) as (office, folder):
        ground.fill(url, cards)
        parquet = 0
        for back in reversed(range(MONTHS)):
            first = _months_before(OPEN, back)
            for number in range(monthrange(first.year, first.month)[1]):
                parquet += _load(office, folder, cards, first + timedelta(days=number))
            with UnitOfWork(office.engine).begin(ground.PROVINCE) as tx:
                newest = months.find(tx, first).newest
                if first != OPEN and newest is not None:
                    folding.fold(tx, first, newest, datetime.now(UTC))
                page_indexes.keep(tx, ground.NOW + timedelta(days=1))
                tx.commit()
        size = {table: _bytes(url, table) for table in _TABLES}
    a_month = cards * MONTHS
    yield Line("usage-disk", sum(size.values()) / a_month, "B", parquet / a_month, at_most=5)
    yield Line("usage-disk-open-month", size["usage_days"] / cards, "B")
    yield Line("usage-disk-folded-month", size["usage_months"] / (a_month - cards), "B")
    yield Line("usage-disk-distribution", size["usage_histogram"] / a_month, "B")


def _months_before(month: date, count: int) -> date:
    number = month.year * 12 + month.month - 1 - count
    return date(number // 12, number % 12 + 1, 1)


def _load(office: ground.Office, folder: Path, cards: int, day: date) -> int:
    """Takes a day in; the bytes of its Parquet file."""
    path, kept = folder / "day.csv", folder / "day.parquet"
    ground.write_day(path, cards, day)
    read = f"read_csv('{path}', types={{'ICCID': 'VARCHAR'}})"
    duckdb.execute(
        f"COPY (SELECT ICCID AS card, 日期 AS day, 流量 AS used FROM {read}) TO '{kept}'"
        " (FORMAT parquet, COMPRESSION zstd)"
    )
    office.load(office.put(path))
    return kept.stat().st_size


def _bytes(url: str, table: str) -> int:
    with psycopg.connect(url) as db:
        row = db.execute(_SIZE, (f"traffic.{table}",)).fetchone()
        whole = db.execute("SELECT pg_total_relation_size(CAST(%s AS regclass))", (f"traffic.{table}",)).fetchone()
        return max(int(found[0]) for found in (row, whole) if found)
