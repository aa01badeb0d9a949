"""What operations see of the stations' work: how much comes in, how old the news of a unit is, what waits."""

from collections.abc import Iterable, Mapping

from prometheus_client import Counter, Gauge

from kernel.chassis.process.measures import Measure
from kernel.contracts.binding.readings import Outcome, RefusedReading
from services.binding.turn import LOCK_NAME

READINGS = Counter("simkeep_readings_total", "Readings stored, by how they went", ["outcome"])
READINGS_REPEATED = Counter("simkeep_readings_repeated_total", "Readings that were known already")
READINGS_REFUSED = Counter("simkeep_readings_refused_total", "Rows that were refused, by what is wrong", ["code"])

AGE = Gauge("simkeep_newest_reading_age_seconds", "Since a card was last read in one of the unit's terminals", ["unit"])
EXCEPTIONS = Gauge("simkeep_binding_exceptions", "Exceptions that stand and are not closed", ["kind", "state"])
BATCHES_WAITING = Gauge("simkeep_reading_batches_waiting", "Batches that wait for the decision on those before them")
READS_WAITING = Gauge("simkeep_reads_waiting", "Reads on demand that no station has answered yet", ["station"])
LISTS_HELD = Gauge("simkeep_terminal_lists_held", "Full lists of terminals that wait for a person", ["station"])

MEASURES = (
    Measure(AGE, "SELECT unit, extract(epoch FROM now() - read_at) FROM newest_readings"),
    Measure(
        EXCEPTIONS,
        "SELECT kind, state, count(*) FROM exceptions WHERE resolved_at IS NULL AND state <> 'closed' GROUP BY 1, 2",
    ),
    Measure(
        BATCHES_WAITING,
        f"""
        SELECT count(*) FROM pg_locks
        WHERE locktype = 'advisory' AND NOT granted AND objsubid = 1
          AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
          AND (classid::bigint << 32 | objid::bigint) = hashtext('{LOCK_NAME}')::bigint
        """,
    ),
    Measure(
        READS_WAITING,
        "SELECT station, count(*) FROM read_requests WHERE answered_at IS NULL AND until > now() GROUP BY station",
    ),
    Measure(LISTS_HELD, "SELECT station, count(*) FROM terminal_lists WHERE state = 'held' GROUP BY station"),
)


def count(outcomes: Mapping[Outcome, int], repeated: int, refused: Iterable[RefusedReading]) -> None:
    """A batch that was committed."""
    for outcome, rows in outcomes.items():
        READINGS.labels(outcome.value).inc(rows)
    READINGS_REPEATED.inc(repeated)
    for row in refused:
        READINGS_REFUSED.labels(row.code).inc()
