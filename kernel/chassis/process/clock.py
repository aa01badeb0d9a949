"""The one place that asks the machine for the time of business. Acts receive ``now`` as an argument."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache

from kernel.chassis.process.settings import ClockSettings


@lru_cache(maxsize=1)
def _offset() -> timedelta:
    return timedelta(seconds=ClockSettings().clock_offset_seconds)


def now() -> datetime:
    """Aware UTC. Moved by SIMKEEP_CLOCK_OFFSET_SECONDS, so that tests can live at the end of a month."""
    return datetime.now(UTC) + _offset()
