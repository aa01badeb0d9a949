"""When will the gaps be filled? Pure: gaps, what the carrier can bear, and the time now (TRF-01).

Gaps are filled one after the other, the one first whose window closes first: whatever can be had in time then is.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar

from kernel.carriers.settings import UsageManners
from kernel.model.period import BUSINESS_ZONE

Key = TypeVar("Key")
_FAR = timedelta(days=400)
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Gap(Generic[Key]):
    """``calls``: that it takes. ``closes_at``: until when the carrier answers; None: for ever."""

    key: Key
    calls: int
    closes_at: datetime | None


@dataclass(frozen=True)
class Filled(Generic[Key]):
    """``done_at``: None when not within 400 days. ``in_time``: before the window closes."""

    key: Key
    done_at: datetime | None
    in_time: bool


def in_order(gaps: Iterable[Gap[Key]]) -> list[Gap[Key]]:
    """As they are to be filled."""
    return sorted(gaps, key=lambda gap: (gap.closes_at is None, gap.closes_at or _LONG_AGO))


def is_open(manners: UsageManners, now: datetime) -> bool:
    """May the carrier be asked at this hour?"""
    hour = now.astimezone(BUSINESS_ZONE).hour
    begins, ends = manners.from_hour, manners.to_hour
    return begins <= hour < ends if begins < ends else hour >= begins or hour < ends


def schedule(
    gaps: Sequence[Gap[Key]], manners: UsageManners, now: datetime, *, used_today: int = 0
) -> list[Filled[Key]]:
    """When each will be done at the carrier's full speed, in the order in which they are filled."""
    moment, used = now.astimezone(BUSINESS_ZONE), used_today
    filled: list[Filled[Key]] = []
    for gap in in_order(gaps):
        left = gap.calls
        while left > 0 and moment - now < _FAR:
            moment, used, left = _go_on(manners, moment, used, left)
        done = None if left > 0 else moment
        filled.append(Filled(gap.key, done, done is not None and (gap.closes_at is None or done <= gap.closes_at)))
    return filled


def _go_on(manners: UsageManners, moment: datetime, used: int, left: int) -> tuple[datetime, int, int]:
    """Time, calls of the day and calls left after asking until the day, the quota, the hours or the work end."""
    midnight = (moment + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    quota = None if manners.calls_per_day is None else manners.calls_per_day - used
    if quota is not None and quota <= 0:
        return midnight, 0, left
    until = _changes_at(manners, moment, midnight)
    if is_open(manners, moment):
        fits = int((until - moment).total_seconds() * manners.calls_per_second)
        calls = min(left, fits, left if quota is None else quota)
        if calls:
            after = moment + timedelta(seconds=calls / manners.calls_per_second)
            return (after, used + calls, left - calls) if after < midnight else (midnight, 0, left - calls)
    return until, (0 if until == midnight else used), left


def _changes_at(manners: UsageManners, moment: datetime, midnight: datetime) -> datetime:
    """When the hours begin or end next, at the latest at midnight."""
    ends = (manners.from_hour, manners.to_hour % 24)
    hours = [moment.replace(hour=hour, minute=0, second=0, microsecond=0) for hour in ends]
    return min([hour for hour in hours if hour > moment], default=midnight)
