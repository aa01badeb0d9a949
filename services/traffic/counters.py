"""What a terminal's own counter says was used between two readings. Pure.

A counter of 32 bits counts bytes until it runs over, is set to nought (at the month's begin, by a power cut, by a new
terminal), or stands at its end. It never says which: what was used by the other sources, and what can be used in so
many days at all, decide. What they do not decide is left to a person.
"""

from dataclasses import dataclass
from typing import Literal

LIMIT = 1 << 32
SATURATED = LIMIT - 1
"""Counters that do not run over stand here; nobody knows since when."""
MOST_A_DAY = 1 << 28
"""More than 256 MB a day no terminal uses: a reading that says so is a counter that was set back, or ran over."""
_NEAR = 0.25
_LEAST = 1 << 20
Outcome = Literal["first", "grew", "missing", "saturated", "wrapped", "reset", "ambiguous"]


@dataclass(frozen=True)
class Judged:
    """``used``: bytes since the reading before; None: not known."""

    outcome: Outcome
    used: int | None


def judge(before: int | None, now: int | None, days: int, known: int | None) -> Judged:
    """``before``: the last reading that told anything, ``days`` ago. ``known``: what another source says of the days
    since. A missing reading leaves everything to the next one."""
    if now is None:
        return Judged("missing", None)
    if before is None:
        return Judged("first", None)
    if now == SATURATED:
        return Judged("saturated", None)
    if now >= before:
        return Judged("grew", now - before)
    ways: dict[Outcome, int] = {"wrapped": LIMIT - before + now, "reset": now}
    likely = {name: used for name, used in ways.items() if used <= MOST_A_DAY * max(days, 1)}
    if len(likely) == 2 and known is not None:
        likely = {name: used for name, used in likely.items() if abs(used - known) <= max(known * _NEAR, _LEAST)}
    if len(likely) != 1:
        return Judged("ambiguous", None)
    ((name, used),) = likely.items()
    return Judged(name, used)
