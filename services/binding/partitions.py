"""One partition of ``readings`` per business day, kept for 13 months and dropped whole."""

from collections.abc import Collection
from datetime import date, timedelta

from kernel.chassis.data.partitions import Partitioned
from kernel.chassis.data.unit_of_work import Tx
from services.binding.intake import KEPT

READINGS = Partitioned("readings", "day", every="day", keep=KEPT.days, ahead=2)


def ensure_days(tx: Tx, days: Collection[date]) -> None:
    """Makes the partitions of these days that do not exist yet. The caller holds the decisions' lock."""
    names = {f"readings_{day:%Y%m%d}": day for day in days}
    query = "SELECT relname FROM pg_class WHERE relname = ANY(CAST(:names AS text[]))"
    known = tx.execute(query, {"names": list(names)})
    for name in sorted(set(names) - {row.relname for row in known}):
        day = names[name]
        tx.execute(
            f"CREATE TABLE {name} PARTITION OF readings FOR VALUES FROM ('{day}') TO ('{day + timedelta(days=1)}')"
        )
