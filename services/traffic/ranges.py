"""Traffic ranges: where they begin in a province, and what they are called (TRF-02)."""

from bisect import bisect_right
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from kernel.chassis.data.unit_of_work import Tx
from kernel.contracts.said import Said
from kernel.contracts.traffic.distribution import GetUsageRanges, SetUsageRanges, UsageRanges
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from kernel.model.unit import Level
from kernel.model.written import NARROW, decimal
from services.traffic.money import MB

STANDARD = "1,5,10,30,50,100,300,500,1024"
_MOST = 30
_LARGEST = 1 << 30
"""MB."""
_READ = "SELECT limits, version FROM usage_ranges WHERE province = :province"
_WRITE = """
INSERT INTO usage_ranges (province, limits, version) VALUES (:province, :limits, 1)
ON CONFLICT (province) DO UPDATE SET limits = excluded.limits, version = usage_ranges.version + 1
"""


@dataclass(frozen=True)
class Ranges:
    """``starts``: the smallest volume of each range in bytes, from 0; none at all is a range of its own."""

    starts: tuple[int, ...]

    def of(self, volume: int) -> int:
        """The number of the range of ``volume``."""
        return bisect_right(self.starts, volume) - 1

    def end(self, place: int) -> int | None:
        """The first volume beyond the range; None for the last."""
        return self.starts[place + 1] if place + 1 < len(self.starts) else None

    def label(self, place: int) -> Said:
        """What the range is called."""
        begin, end = self.starts[place], self.end(place)
        if end == 1:
            return Said("0", "0")
        low = _mb(0 if begin == 1 else begin)
        return Said(f"{low} MB 以上", f"{low} MB and more") if end is None else Said(*[f"{low}–{_mb(end)} MB"] * 2)


def _mb(volume: int) -> str:
    return f"{(Decimal(volume) / MB).normalize():f}"


def parse(text: str) -> list[int]:
    """Where ranges begin, in bytes, of "1, 5, 10" in MB. Raises usage_ranges_malformed."""
    said = [decimal(part.strip()) for part in text.translate(NARROW).split(",")]
    limits = [int(value * MB) for value in said if value is not None and abs(value) <= _LARGEST]
    rises = all(before < after for before, after in pairwise(limits))
    if len(limits) != len(said) or not rises or limits[0] < 1 or len(limits) > _MOST:
        raise DomainError("usage_ranges_malformed", value=text[:100])
    return limits


def ranges_for(tx: Tx, asked: str | None, by: Actor) -> Ranges:
    """Those asked for, else the province's. Raises usage_ranges_malformed."""
    limits = parse(asked) if asked else _limits(tx, by)[0]
    return Ranges(tuple(sorted({0, 1, *limits})))


def _limits(tx: Tx, by: Actor) -> tuple[list[int], int]:
    row = tx.execute(_READ, {"province": by.unit[: Level.PROVINCE]}).one_or_none()
    return (parse(STANDARD), 0) if row is None else (row.limits, row.version)


def get_usage_ranges(tx: Tx, request: GetUsageRanges, *, by: Actor) -> UsageRanges:
    """The province's ranges; the standard ones until somebody sets others."""
    limits, version = _limits(tx, by)
    return UsageRanges(ranges=", ".join(map(_mb, limits)), version=version)


def set_usage_ranges(tx: Tx, request: SetUsageRanges, *, by: Actor) -> UsageRanges:
    """Applies to every month at once. Raises usage_ranges_malformed, version_stale."""
    limits = parse(request.ranges)
    tx.execute("LOCK TABLE usage_ranges IN SHARE ROW EXCLUSIVE MODE")
    if _limits(tx, by)[1] != request.version:
        raise DomainError("version_stale")
    tx.execute(_WRITE, {"province": by.unit[: Level.PROVINCE], "limits": limits})
    return get_usage_ranges(tx, GetUsageRanges(), by=by)
