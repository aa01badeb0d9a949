"""usage-load: one day of 1,000,000 cards, end to end (file read, cards found, day, month to date, histogram, counts).

Baseline: psycopg COPY of the very rows that came of it into an empty table of the same shape with all its indexes, in
one transaction. ``usage-load-late-day``: the last of DAYS days against the first, of which nothing was known before
(``usage-load-late-days``: the last three against the first three, of which two carry a month on, too).
``usage-load-memory``: the most that the process had while loading. ``bytes-per-card-*-month``: on disk, with indexes,
of a month while it is open and once it is folded. ``--cards N``: with so many.
"""

import resource
import time
from collections.abc import Iterable
from datetime import timedelta
from tempfile import TemporaryFile

import psycopg

from benchmarks import usage_ground as ground
from benchmarks.lines import Line
from benchmarks.stack import BenchStack
from kernel.chassis.data.unit_of_work import UnitOfWork
from services.traffic import folding

DAYS, MONTHS = 60, 2
MEMORY_MIB = 300
_SIZE = """
SELECT coalesce(sum(pg_total_relation_size(inhrelid)), 0) FROM pg_inherits WHERE inhparent = CAST(%s AS regclass)
"""


def _bare_copy(url: str, day: object) -> float:
    part = f"traffic.usage_days_{day:%Y%m%d}"
    with psycopg.connect(url) as db, TemporaryFile() as file:
        db.execute(f"CREATE TABLE traffic.bare (LIKE {part} INCLUDING ALL)")
        with db.cursor().copy(f"COPY {part} TO STDOUT") as rows:
            for block in rows:
                file.write(block)
        db.commit()
        file.seek(0)
        began = time.monotonic()
        with db.cursor().copy("COPY traffic.bare FROM STDIN") as rows:
            while block := file.read(1 << 20):
                rows.write(block)
        db.commit()
        seconds = time.monotonic() - began
        db.execute("DROP TABLE traffic.bare")
        db.commit()
        return seconds


def _bytes(url: str, table: str) -> int:
    with psycopg.connect(url) as db:
        row = db.execute(_SIZE, (f"traffic.{table}",)).fetchone()
        return int(row[0]) if row else 0


def run(stack: BenchStack, cards: int = ground.CARDS) -> Iterable[Line]:
    """For `./simkeep bench usage-load`."""
    seconds: list[float] = []
    with stack.database() as url, ground.an_office(url) as (office, folder):
        ground.fill(url, cards)
        for number in range(DAYS):
            day = ground.FIRST + timedelta(days=number)
            path = folder / f"{day}.csv"
            ground.write_day(path, cards, day)
            file = office.put(path)
            path.unlink()
            began = time.monotonic()
            office.load(file)
            seconds.append(time.monotonic() - began)
            if number == 0:
                bare = _bare_copy(url, day)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        yield Line("usage-load", seconds[0], "s", bare, at_most=2.2)
        yield Line("usage-load-late-day", seconds[-1], "s", seconds[0], at_most=1.1)
        late, early = (sorted(three)[1] for three in (seconds[-3:], seconds[:3]))
        yield Line("usage-load-late-days", late, "s", early, at_most=1.1)
        yield Line("usage-load-memory", memory, "MiB", at_most=MEMORY_MIB)
        yield Line("bytes-per-card-open-month", _bytes(url, "usage_days") / cards / MONTHS, "B")
        with UnitOfWork(office.engine).begin(ground.PROVINCE) as tx:
            folding.fold_all(tx, ground.NOW + timedelta(days=60))
            tx.commit()
        yield Line("bytes-per-card-folded-month", _bytes(url, "usage_months") / cards / MONTHS, "B")
