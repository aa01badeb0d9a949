"""What each card of the demo uses on each day: by carrier and station alike, and the same whoever asks.

Volumes follow from the card's number and the day alone. A few cards are silent, a few jump, and a few of the carrier's
figures differ from the station's: the pages have something to find.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

MB = 1 << 20
_JUMP_DAYS = 3


def volumes(
    iccid: str, first: date, last: date, story_ends: date | None = None
) -> Iterator[tuple[date, int | None, int | None]]:
    """Each day's figure of the carrier and of the station; None: no figure.

    Silence and jumps lie before ``story_ends``, the last day of the history (else ``last``).
    """
    story_ends = story_ends or last
    habit = random.Random(f"simkeep {iccid}")
    mean = habit.lognormvariate(0.6, 1.1) * MB
    kind = habit.random()
    silent_since = story_ends - timedelta(days=habit.randint(40, 200)) if kind < 0.03 else None
    jumps_at = story_ends - timedelta(days=habit.randint(1, 8)) if 0.03 <= kind < 0.05 else None
    disputed = 0.05 <= kind < 0.09
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        dice = random.Random(f"{iccid} {day}")
        used = int(mean * dice.uniform(0.7, 1.3))
        if silent_since and day > silent_since:
            used = 0
        if jumps_at and jumps_at <= day < jumps_at + timedelta(days=_JUMP_DAYS):
            used *= 40
        station = int(used * dice.uniform(0.985, 1.015) * (0.6 if disputed else 1))
        yield day, None if dice.random() < 0.004 else used, None if dice.random() < 0.02 else station


@dataclass
class ToldCards:
    """The cards that the demo has told of in ``path``, read anew when it changes; none before it is there."""

    path: Path
    _read_at: float = 0.0
    _first: date = date.max
    _cards: dict[str, list[str]] = field(default_factory=dict)

    def _read(self) -> None:
        if not self.path.exists() or self.path.stat().st_mtime == self._read_at:
            return
        told = json.loads(self.path.read_text())
        self._first, self._cards = date.fromisoformat(told["from"]), told["cards"]
        self._read_at = self.path.stat().st_mtime

    @property
    def first_day(self) -> date:
        """Earlier days came as files."""
        self._read()
        return self._first

    def of(self, carrier: str) -> list[str]:
        self._read()
        return self._cards.get(carrier, [])

    def every(self) -> list[str]:
        self._read()
        return [iccid for iccids in self._cards.values() for iccid in iccids]

    def figures(self, iccid: str, day: date) -> tuple[int | None, int | None]:
        """The carrier's and the station's."""
        (told,) = volumes(iccid, day, day, self.first_day - timedelta(days=1))
        return told[1], told[2]
