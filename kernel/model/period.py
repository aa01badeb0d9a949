"""Business time. Rules think in Asia/Shanghai, storage in UTC; periods are half-open [start, end)."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from kernel.model.errors import DomainError

BUSINESS_ZONE = ZoneInfo("Asia/Shanghai")

_MONTH = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])")


def business_date(moment: datetime) -> date:
    """The day in Asia/Shanghai at an aware ``moment``."""
    return moment.astimezone(BUSINESS_ZONE).date()


def start_of_day(day: date) -> datetime:
    """00:00 of ``day`` in Asia/Shanghai."""
    return datetime.combine(day, time(), BUSINESS_ZONE)


def check_month(text: str, field: str = "month") -> str:
    """A month written YYYY-MM, or DomainError month_malformed naming ``field``."""
    if not _MONTH.fullmatch(text):
        raise DomainError("month_malformed", field=field, month=text)
    return text


def month_of(moment: datetime) -> str:
    """Business month of a moment as YYYY-MM."""
    return business_date(moment).strftime("%Y-%m")


def months_before(month: str, count: int) -> str:
    """The month ``count`` months before ``month`` (both YYYY-MM)."""
    number = int(month[:4]) * 12 + int(month[5:]) - 1 - count
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def next_month(month: str) -> str:
    """The month after ``month`` (both YYYY-MM)."""
    year, number = int(month[:4]), int(month[5:])
    return f"{year + number // 12:04d}-{number % 12 + 1:02d}"


@dataclass(frozen=True)
class Period:
    """Half-open [start, end) of aware moments; either end may be open (None)."""

    start: datetime | None
    end: datetime | None

    def __contains__(self, moment: datetime) -> bool:
        return (self.start is None or self.start <= moment) and (self.end is None or moment < self.end)


def month_period(month: str) -> Period:
    """All of ``month`` (YYYY-MM) in Asia/Shanghai."""
    first = date(int(month[:4]), int(month[5:]), 1)
    following = next_month(month)
    return Period(start_of_day(first), start_of_day(date(int(following[:4]), int(following[5:]), 1)))


def days(first: date | None, last: date | None) -> Period:
    """Both days included, as people write them, turned into a half-open period."""
    return Period(
        start_of_day(first) if first else None,
        start_of_day(last + timedelta(days=1)) if last else None,
    )
