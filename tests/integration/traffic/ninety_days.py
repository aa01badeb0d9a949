"""Ninety days as they truly were, and what every page must say of them: a plain account in dictionaries and loops.

Nothing here is the service's code: whoever changes how usage is kept, summed or charged finds the truth unchanged.
"""

import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

DAYS = 90
MB = 1 << 20
MOBILE, UNICOM, TELECOM = "china_mobile", "china_unicom", "china_telecom"
Key = tuple[str, date]
Figures = dict[Key, int]


def month_of(day: date) -> str:
    return day.strftime("%Y-%m")


@dataclass
class Card:
    """``moves``: to another unit on a day. ``swaps``: to another terminal on a day."""

    iccid: str
    carrier: str
    unit: str
    spec: str
    terminal: str
    state: str = "running"
    moves: tuple[date, str] | None = None
    swaps: tuple[date, str] | None = None
    since: date | None = None

    def unit_on(self, day: date) -> str:
        return self.moves[1] if self.moves and day >= self.moves[0] else self.unit

    def terminal_on(self, day: date) -> str:
        return self.swaps[1] if self.swaps and day >= self.swaps[0] else self.terminal


@dataclass
class Truth:
    """``told``: by carriers at first; ``carrier``, ``station``: what is true in the end."""

    first: date
    cards: dict[str, Card]
    told: Figures = field(default_factory=dict)
    carrier: Figures = field(default_factory=dict)
    station: Figures = field(default_factory=dict)

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=place) for place in range(DAYS)]

    @property
    def months(self) -> list[str]:
        return sorted({month_of(day) for day in self.days})

    def of(self, source: str) -> Figures:
        return self.carrier if source == "carrier" else self.station

    def figured(self) -> list[Key]:
        """Cards and days of which any source has a figure."""
        return sorted({*self.carrier, *self.station})

    def days_of(self, month: str) -> dict[str, list[date]]:
        """ICCID > days of the month of which any source has a figure."""
        found: dict[str, list[date]] = defaultdict(list)
        for iccid, day in self.figured():
            if month_of(day) == month:
                found[iccid].append(day)
        return dict(found)

    def sums(self, month: str) -> dict[tuple[str, str], list[int | None]]:
        """(ICCID, unit) > the month by carrier and by station; None: no figure."""
        found: dict[tuple[str, str], list[int | None]] = defaultdict(lambda: [None, None])
        for iccid, day in self.figured():
            if month_of(day) == month:
                line = found[iccid, self.cards[iccid].unit_on(day)]
                for place, figures in enumerate((self.carrier, self.station)):
                    if (iccid, day) in figures:
                        line[place] = (line[place] or 0) + figures[iccid, day]
        return dict(found)

    def within(self, month: str, unit: str = "99", carrier: str | None = None) -> Iterator[tuple[str, str, list[Any]]]:
        for (iccid, of), both in self.sums(month).items():
            if of.startswith(unit) and carrier in (None, self.cards[iccid].carrier):
                yield iccid, of, both

    def distribution(self, month: str, starts: list[int], **where: Any) -> list[tuple[int, int, int, int]]:
        """Per range: cards and bytes by carrier, cards and bytes by station."""
        counted = [[0, 0, 0, 0] for _ in starts]
        for _, _, both in self.within(month, **where):
            for place, size in enumerate(both):
                if size is not None:
                    line = counted[range_of(starts, size)]
                    line[2 * place] += 1
                    line[2 * place + 1] += size
        return [tuple(line) for line in counted]  # type: ignore[misc]

    def by_unit(self, month: str, length: int, **where: Any) -> dict[str, tuple[int, int, int, int]]:
        found: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
        for _, unit, both in self.within(month, **where):
            for place, size in enumerate(both):
                if size is not None:
                    found[unit[:length]][2 * place] += 1
                    found[unit[:length]][2 * place + 1] += size
        return {unit: tuple(line) for unit, line in found.items()}  # type: ignore[misc]

    def terminals(self, month: str) -> dict[tuple[str, str], tuple[int, int | None, int | None]]:
        """(terminal, unit) > cards, by station, by carrier: each day counts for the terminal of that day."""
        cards: dict[tuple[str, str], set[str]] = defaultdict(set)
        sums: tuple[Counter[tuple[str, str]], ...] = (Counter(), Counter())
        for iccid, day in self.figured():
            if month_of(day) == month:
                card = self.cards[iccid]
                key = card.terminal_on(day), card.unit_on(day)
                cards[key].add(iccid)
                for counter, figures in zip(sums, (self.station, self.carrier), strict=True):
                    if (iccid, day) in figures:
                        counter[key] += figures[iccid, day]
        return {
            key: (len(on_it), *(dict(counter).get(key) for counter in sums))  # type: ignore[misc]
            for key, on_it in cards.items()
        }

    def used(self, month: str) -> dict[str, int]:
        """What each card used in the month by its carrier, in whatever unit."""
        found: Counter[str] = Counter()
        for (iccid, day), size in self.carrier.items():
            if month_of(day) == month:
                found[iccid] += size
        return dict(found)

    def silent(self, months: list[str]) -> set[str]:
        """Running cards without use in these months, by either source."""
        used = {
            iccid for figures in (self.carrier, self.station)
            for (iccid, day), size in figures.items() if size and month_of(day) in months
        }  # fmt: skip
        return {iccid for iccid, card in self.cards.items() if card.state == "running"} - used

    def idle(self, day: date) -> dict[str, tuple[int | None, int | None]]:
        found = {}
        for iccid, card in self.cards.items():
            both = self.carrier.get((iccid, day)), self.station.get((iccid, day))
            if card.state != "running" and any(both):
                found[iccid] = both
        return found

    def differ(self, month: str, percent: int, at_least: int) -> dict[tuple[str, str], int]:
        found = {}
        for iccid, unit, (by_carrier, by_station) in self.within(month):
            if by_carrier is not None and by_station is not None:
                difference = by_carrier - by_station
                if abs(difference) * 100 > max(by_carrier, by_station) * percent and abs(difference) >= at_least:
                    found[iccid, unit] = difference
        return found


def range_of(starts: list[int], size: int) -> int:
    return max(place for place, start in enumerate(starts) if size >= start)


UNITS = ("990101", "990102", "990201", "990202")


def a_truth(first: date, count: int, seed: int = 1) -> Truth:
    """``count`` cards of three carriers in four counties, each figure drawn once; some share a terminal."""
    dice = random.Random(seed)
    cards = {}
    for number in range(count):
        iccid = f"8986042601{number:010d}"
        card = Card(iccid, (MOBILE, UNICOM, TELECOM)[number % 3], dice.choice(UNITS), dice.choice(["plug_in", "smd"]),
                    f"T{number // 2 if number % 7 == 0 else number:05d}")  # fmt: skip
        if number % 17 == 3:
            card.moves = first + timedelta(days=dice.randint(5, 85)), dice.choice([u for u in UNITS if u != card.unit])
        if number % 13 == 5:
            card.swaps = first + timedelta(days=dice.randint(5, 85)), f"T9{number:04d}"
        if number % 31 == 9:
            card.since = first + timedelta(days=dice.randint(35, 55))
        if number % 29 == 7:
            card.state = dice.choice(["pending_scrap", "pending_install"])
        cards[iccid] = card
    truth = Truth(first, cards)
    for number, card in enumerate(cards.values()):
        iccid = card.iccid
        level = 0 if number % 23 == 11 else dice.lognormvariate(14.3, 1.2)
        for day in truth.days:
            if card.since is not None and day < card.since:
                continue
            size = int(level * dice.uniform(0.3, 1.7))
            if dice.random() > 0.03:
                truth.told[iccid, day] = size
            if dice.random() > 0.05:
                truth.station[iccid, day] = int(size * (2.5 if number % 19 == 4 else dice.uniform(0.97, 1.03)))
    truth.carrier = dict(truth.told)
    return truth
