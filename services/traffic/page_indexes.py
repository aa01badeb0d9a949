"""Indexes that only pages need, made once the night's loads are over (TRF-02, TRF-04).

A load writes a day's table whole and would pay for every index on it. So each day gets its index by unit afterwards,
and a month's newest day, which holds the month's sums, one by either sum and one of cards whose sums differ, as long as
it is the newest. Without them pages are right all the same, and slower.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.process import logs
from services.traffic import folding
from services.traffic.settings import UsageSettings

_log = logs.get(__name__)
_CALM = """
SELECT NOT EXISTS (SELECT FROM loads WHERE state = 'waiting')
   AND NOT EXISTS (SELECT FROM loads WHERE ended_at > :since AND taken + replaced >= :many)
"""
_MANY = 10_000
"""Rows of a load that would rather not meet these indexes."""
_KNOWN = """
SELECT indexname FROM pg_indexes
WHERE schemaname = current_schema() AND indexname LIKE 'ix\\_usage\\_days\\_%' ORDER BY indexname
"""
_DAYS = "SELECT DISTINCT day FROM usage_day_counts WHERE day >= :since ORDER BY day"
_SUMS = ("carrier_month", "terminal_month")
DIFFER_PERCENT = 10
DIFFER = (
    f"abs({{of}}carrier_month - {{of}}terminal_month) * 100 > "
    f"greatest({{of}}carrier_month, {{of}}terminal_month) * {DIFFER_PERCENT}"
)
"""Cards whose two figures are so far apart have an index. ``of``: the table's name and a dot, or nothing."""
_UNIT = {"unit": "(unit)"}
_OF_NEWEST = {**_UNIT, **{column: f"({column})" for column in _SUMS}, "differ": f"(unit) WHERE {DIFFER.format(of='')}"}
_FINE = 1000
"""Classes of the statistics of sums: with the usual 100 the few largest users are taken for thousands."""
_PATIENCE = "3s"


def keep(tx: Tx, now: datetime) -> list[str]:
    """Makes what is missing and drops what is over; the names. Nothing while loads run or have just run."""
    since = now - timedelta(minutes=UsageSettings().index_after_minutes)
    if not tx.execute(_CALM, {"since": since, "many": _MANY}).scalar_one() or not folding.locked(tx):
        return []
    tx.execute("SELECT set_config('lock_timeout', :patience, true)", {"patience": _PATIENCE})
    wanted, known = dict(_wanted(tx)), list(tx.execute(_KNOWN).scalars())
    for name, (part, column) in wanted.items():
        if name not in known:
            tx.execute(f"CREATE INDEX {name} ON {part} {_OF_NEWEST[column]}")
            if column in _SUMS:
                tx.execute(f"ALTER TABLE {part} ALTER COLUMN {column} SET STATISTICS {_FINE}")
    for name in known:
        if name not in wanted:
            tx.execute(f"DROP INDEX {name}")
    made = sorted(wanted.keys() ^ set(known))
    for part in sorted({wanted[name][0] for name in made if name in wanted}):
        tx.execute(f"ANALYZE {part}")
    if made:
        _log.info("page indexes kept", indexes=made)
    return made


def _wanted(tx: Tx) -> Iterator[tuple[str, tuple[str, str]]]:
    """Name > table and which of ``_OF_NEWEST``."""
    parts = folding.day_parts(tx)
    since = min(parts, default=date.max)
    days = [day for day in tx.execute(_DAYS, {"since": since}).scalars() if day in parts]
    newest = {day.replace(day=1): day for day in days}
    for day in days:
        for column in _OF_NEWEST if newest[day.replace(day=1)] == day else _UNIT:
            yield f"ix_{parts[day]}_{column}", (parts[day], column)
