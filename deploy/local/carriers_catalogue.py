"""What the demo carriers deliver: the same cards every time, some rows flawed on purpose.

Every month brings new batches, as with real carriers; the numbers follow from carrier, month and batch alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from kernel.model.iccid import luhn_digit

PREFIXES = {"china_mobile": "898604", "china_unicom": "898606", "china_telecom": "898611"}
_NETWORKS = {"china_mobile": "46004", "china_unicom": "46006", "china_telecom": "46011"}
_NUMBERS = {"china_mobile": "1064", "china_unicom": "1063", "china_telecom": "1069"}
_LETTERS = {"china_mobile": "YD", "china_unicom": "LT", "china_telecom": "DX"}

Card = dict[str, str]


@dataclass(frozen=True)
class Numbers:
    """A series of numbers: up to ten million cards of one carrier, year and series (two digits)."""

    carrier: str
    year: int
    series: int

    def card(self, serial: int) -> Card:
        """The card with this serial: ICCID with its Luhn digit, IMSI, MSISDN."""
        body = f"{PREFIXES[self.carrier]}99{self.year % 100:02d}{self.series:02d}{serial:07d}"
        return {
            "iccid": body + luhn_digit(body),
            "imsi": f"{_NETWORKS[self.carrier]}{self.year % 10}{self.series:02d}{serial:07d}",
            "msisdn": f"{_NUMBERS[self.carrier]}{self.series:02d}{serial:07d}",
        }


def flawed(card: Card, flaw: str) -> Card:
    """The card's row as a careless sender would write it."""
    iccid = card["iccid"]
    values = {
        "check_digit": iccid[:-1] + str((int(iccid[-1]) + 1) % 10),
        "short": iccid[:-2],
        "spaces": f"{iccid[:6]} {iccid[6:]}",
        "full_width": "".join(chr(ord(c) + 0xFEE0) for c in iccid),
        "scientific": "8.986E+19",
        "other_carrier": "898699" + iccid[6:],
        "blank": "",
    }
    return {**card, "iccid": values[flaw]}


@dataclass(frozen=True)
class Batch:
    """``count`` rows. By row: ``gaps``, numbers left out before it; ``flaws``; ``repeats``, the earlier row it copies.

    ``announced``: the note's own count, where it differs from ``count``.
    """

    numbers: Numbers
    month: str
    batch_no: str
    spec: str
    count: int
    announced: int | None = None
    gaps: dict[int, int] = field(default_factory=dict)
    flaws: dict[int, str] = field(default_factory=dict)
    repeats: dict[int, int] = field(default_factory=dict)

    @property
    def carrier(self) -> str:
        return self.numbers.carrier

    def card(self, row: int) -> Card:
        """Row 0 to count - 1."""
        if row in self.repeats:
            return self.card(self.repeats[row])
        skipped = sum(missing for before, missing in self.gaps.items() if before <= row)
        card = self.numbers.card(row + skipped)
        return flawed(card, self.flaws[row]) if row in self.flaws else card

    def cards(self, start: int, end: int) -> Iterator[Card]:
        """Rows [start, end)."""
        return (self.card(row) for row in range(start, min(end, self.count)))


def months_until(today: date, count: int = 3) -> list[str]:
    """The last ``count`` months, oldest first, as YYYY-MM."""
    last = today.year * 12 + today.month - 1
    return [f"{number // 12:04d}-{number % 12 + 1:02d}" for number in range(last - count + 1, last + 1)]


def batch_of(carrier: str, month: str, index: int, spec: str, count: int, **flaws: object) -> Batch:
    """Batch ``index`` (0 to 7) of a carrier's month; 0 to 4 come over its interface, 5 to 7 by upload and push."""
    year, number = int(month[:4]), int(month[5:])
    numbers = Numbers(carrier, year, (number - 1) * 8 + index)
    batch_no = f"{_LETTERS[carrier]}-{month.replace('-', '')}-{index + 1:02d}"
    return Batch(numbers, month, batch_no, spec, count, **flaws)  # type: ignore[arg-type]


def demo_batches(today: date, big: int = 0) -> list[Batch]:
    """Three months of deliveries of three carriers. The newest month has a batch with a gap and one short of its note.

    ``big``: a further delivery of that many cards in the newest month.
    """
    months = months_until(today)
    batches: list[Batch] = []
    for month in months:
        newest = month == months[-1]
        batches += [
            batch_of("china_mobile", month, 0, "plug_in", 480),
            batch_of("china_mobile", month, 1, "smd", 320),
            batch_of("china_unicom", month, 0, "nano", 260, gaps={120: 7} if newest else {}),
            batch_of("china_telecom", month, 0, "plug_in", 220, announced=225 if newest else None),
        ]
        if newest:
            flaws = {17: "check_digit", 45: "short", 46: "scientific", 90: "spaces", 130: "other_carrier"}
            batches.append(batch_of("china_mobile", month, 2, "esim", 160, flaws=flaws, repeats={101: 100}))
    if big:
        batches.append(batch_of("china_telecom", months[-1], 4, "smd", big))
    return batches
