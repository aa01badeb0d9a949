"""What the demo carriers know of their cards' use, and how each tells it: by card and day, as changes, as files.

Written from the carriers' side. Figures are complete up to yesterday 24:00; of earlier days only so many are answered;
a correction is told anew.
"""

from __future__ import annotations

import hashlib
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from kernel.model.period import BUSINESS_ZONE, business_date

MOST_CARDS, CHANGES_PAGE = 100, 50
DAYS_BACK = 7
KB = 1024
_PUBLISHED = timedelta(hours=2)


@dataclass
class UsageBook:
    """``figure``: what a card used on a day in bytes; None: the carrier has no figure. ``cards``: all of the carrier.

    ``begins``: the first day that is told by changes and files. ``asked`` counts how often each card's day was asked
    for; ``hasty``: calls beyond ``calls_per_second``.
    """

    figure: Callable[[str, date], int | None]
    cards: Callable[[], Iterable[str]]
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    begins: Callable[[], date] = lambda: date(2000, 1, 1)
    calls_per_second: float = 20
    corrected: dict[tuple[str, date], tuple[datetime, int]] = field(default_factory=dict)
    asked: Counter[tuple[str, date]] = field(default_factory=Counter)
    hasty: int = 0
    _calls: deque[float] = field(default_factory=deque)

    def known(self, iccid: str, day: date) -> int | None:
        """The figure as corrected since."""
        return self.corrected[iccid, day][1] if (iccid, day) in self.corrected else self.figure(iccid, day)

    def correct(self, iccid: str, day: date, size: int) -> None:
        self.corrected[iccid, day] = (self.now(), size)

    @property
    def yesterday(self) -> date:
        return business_date(self.now()) - timedelta(days=1)

    def hurried(self) -> bool:
        """Whether this call is one too many within a second; counts it."""
        now = time.monotonic()
        self._calls.append(now)
        while self._calls and now - self._calls[0] >= 1:
            self._calls.popleft()
        too_many = len(self._calls) > self.calls_per_second + 1
        self.hasty += too_many
        return too_many

    def by_card(self, iccids: list[str], day: date) -> tuple[list[dict[str, str]], list[str]]:
        """Figures in KB of those that have one, and the cards that are not the carrier's."""
        own = set(self.cards())
        found = []
        for iccid in iccids:
            self.asked[iccid, day] += 1
            size = self.known(iccid, day) if iccid in own else None
            if size is not None:
                found.append({"iccid": iccid, "dataAmount": str(Decimal(size) / KB)})
        return found, [iccid for iccid in iccids if iccid not in own]

    def changes(self, since: datetime, until: datetime) -> list[dict[str, Any]]:
        """All figures that became known or were corrected in (since, until], oldest first."""
        found: list[tuple[datetime, str, date, int]] = []
        day = max(self.begins(), (since - _PUBLISHED).astimezone(BUSINESS_ZONE).date() - timedelta(days=2))
        while day <= self.yesterday:
            told = datetime.combine(day + timedelta(days=1), datetime.min.time(), BUSINESS_ZONE) + _PUBLISHED
            if since < told <= until:
                known = ((iccid, self.figure(iccid, day)) for iccid in self.cards())
                found += [(told, iccid, day, size) for iccid, size in known if size is not None]
            day += timedelta(days=1)
        found += [(at, iccid, day, size) for (iccid, day), (at, size) in self.corrected.items() if since < at <= until]
        return [
            {"iccid": iccid, "usageDate": day.isoformat(), "volume": size, "modifiedAt": at.isoformat()}
            for at, iccid, day, size in sorted(found)
        ]

    def files(self) -> dict[str, bytes]:
        """Name > content of the newest days' files and of corrections by month, in GBK."""
        days = [self.yesterday - timedelta(days=back) for back in range(DAYS_BACK)]
        found = {f"usage-{day:%Y%m%d}.csv": self._file(self._lines(day)) for day in days if day >= self.begins()}
        for month in sorted({day.strftime("%Y%m") for _, day in self.corrected}):
            lines = [(i, day, size) for (i, day), (_, size) in self.corrected.items() if f"{day:%Y%m}" == month]
            found[f"usage-{month}-correction.csv"] = self._file(sorted(lines))
        return dict(sorted(found.items()))

    def _lines(self, day: date) -> list[tuple[str, date, int]]:
        known = ((iccid, self.figure(iccid, day)) for iccid in sorted(self.cards()))
        return [(iccid, day, size) for iccid, size in known if size is not None]

    @staticmethod
    def _file(lines: Iterable[tuple[str, date, int]]) -> bytes:
        rows = "".join(f"{iccid},{day},{size}\r\n" for iccid, day, size in lines)
        return f"SIM卡号,使用日期,使用流量（字节）\r\n{rows}".encode("gbk")


def described(files: dict[str, bytes]) -> list[dict[str, Any]]:
    """The list of files: name, size, digest."""
    return [
        {"name": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in files.items()
    ]
