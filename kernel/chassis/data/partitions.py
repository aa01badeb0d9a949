"""Big tables in parts by day or month: parts are made ahead, and dropped whole when their time is over.

A service declares ``PARTITIONED = (Partitioned("readings", "day", every="month", keep=24), ...)`` in its class; a timer
of ``kernel.chassis.process.service`` does the rest. The migration that creates the table calls ``make`` for its first
parts. A table that cannot be kept now (somebody holds a lock on it) does not stop the others; the next run does it.

Making a part locks nobody out: it is created beside the table and attached. Dropping one waits for a short moment in
which nobody reads the table, and gives up after ``_PATIENCE``.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, text

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.process import logs, metrics
from kernel.model.period import start_of_day

_log = logs.get(__name__)
_PATIENCE = "3s"
_PARTS = """
SELECT part.relname FROM pg_inherits JOIN pg_class part ON part.oid = pg_inherits.inhrelid
WHERE inhparent = CAST(:table AS regclass)
"""

_LIKE = "INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING GENERATED"


@dataclass(frozen=True)
class Partitioned:
    """A table that is partitioned by range of ``column``, which holds days, or moments (``moments``; a part then begins
    with the business day). ``ahead`` and ``back``: how many parts there are after the present one, and before it for
    what comes late. ``keep``: how many parts are kept besides the present one; None: all of them.
    """

    table: str
    column: str
    every: Literal["day", "month"]
    keep: int | None
    ahead: int = 3
    back: int = 1
    moments: bool = False

    def begin(self, day: date, parts: int = 0) -> date:
        """First day of the part that ``day`` lies in, or of one so many parts later or earlier."""
        if self.every == "day":
            return day + timedelta(days=parts)
        months = day.year * 12 + day.month - 1 + parts
        return date(months // 12, months % 12 + 1, 1)

    def end(self, begin: date) -> date:
        """First day of the next part."""
        return self.begin(begin, 1)

    def name(self, begin: date) -> str:
        """Of the part that begins on that day."""
        return f"{self.table}_{begin:%Y%m%d}" if self.every == "day" else f"{self.table}_{begin:%Y%m}"

    def begins(self, part: str) -> date | None:
        """The first day of a part by its name; None for a table that is no part of ours."""
        found = re.fullmatch(re.escape(self.table) + (r"_(\d{8})" if self.every == "day" else r"_(\d{6})"), part)
        return date.fromisoformat(found[1] if self.every == "day" else f"{found[1]}01") if found else None

    def bound(self, day: date) -> str:
        """A limit as SQL."""
        return f"'{start_of_day(day).isoformat() if self.moments else day.isoformat()}'"


def make(connection: Connection, spec: Partitioned, today: date) -> list[str]:
    """The parts from ``back`` to ``ahead`` that are missing; their names."""
    there = set(connection.scalars(text(_PARTS), {"table": spec.table}))
    made = []
    for place in range(-spec.back, spec.ahead + 1):
        begin = spec.begin(today, place)
        name = spec.name(begin)
        if name in there:
            continue
        connection.execute(text(f"CREATE TABLE {name} (LIKE {spec.table} {_LIKE})"))
        limits = f"FROM ({spec.bound(begin)}) TO ({spec.bound(spec.end(begin))})"
        connection.execute(text(f"ALTER TABLE {spec.table} ATTACH PARTITION {name} FOR VALUES {limits}"))
        made.append(name)
    return made


def drop(connection: Connection, spec: Partitioned, today: date) -> list[str]:
    """The parts whose time is over, oldest first; their names. A part that holds the present is never dropped."""
    if spec.keep is None:
        return []
    oldest = spec.begin(today, -max(spec.keep, spec.back))
    there = sorted(connection.scalars(text(_PARTS), {"table": spec.table}))
    over = [part for part in there if (begin := spec.begins(part)) is not None and begin < oldest]
    for part in over:
        connection.execute(text(f"DROP TABLE {part}"))
    return over


def keep_all(tx: Tx, specs: Iterable[Partitioned], today: date) -> None:
    """Makes and drops the parts of each table, each step by itself. Does not commit."""
    for spec, step in _steps(specs):
        try:
            with tx.connection.begin_nested():
                tx.execute("SELECT set_config('lock_timeout', :patience, true)", {"patience": _PATIENCE})
                changed = step(tx.connection, spec, today)
        except Exception as error:
            metrics.TIMERS.labels(f"partitions {spec.table}", "failed").inc()
            _log.error("partitions not kept", table=spec.table, step=step.__name__, error=repr(error))
            continue
        if changed:
            _log.info("partitions kept", table=spec.table, step=step.__name__, parts=changed)


def _steps(specs: Iterable[Partitioned]) -> Iterator[tuple[Partitioned, Any]]:
    for spec in specs:
        yield spec, make
        yield spec, drop
