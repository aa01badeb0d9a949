"""Where a card was, and when: decided from what was read, never from the order in which it arrived (BND-03, BND-11).

A *run* is the evidence that one module slot of a terminal held one card: its first and its last reading of it, and when
the slot was seen to hold another card (or its terminal was removed). All runs of one card together decide where it was.
The rules, in the order in which they are asked when a run meets the one that holds the card:

| rule | the holder | so |
|---|---|---|
| ended | was seen with another card, or removed, before the run began | the card moved |
| settled | a person has decided for the run | the card moved when the run began |
| left | did not read the card since the run began, and was later seen with another card or removed | the card moved |
| silent | did not read the card since the run began, and is SILENCE behind the run's last reading | the card moved |
| contradiction | still claims it | the run is quarantined; it gets the card when the holder ends |

Pure: no clock, no database. The result does not depend on the order of the runs.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

SILENCE = timedelta(hours=36)
"""A holder that was not heard of for so long, while another terminal reads its card, has lost it. More than one night,
so that one failed read moves no card."""

CONTRADICTION = "card_elsewhere"


@dataclass(frozen=True)
class Place:
    """A module slot of a terminal."""

    terminal: str
    slot: int


@dataclass(frozen=True)
class Run:
    """``ended_at``: when the slot was first seen with another card, or its terminal was removed; None while it goes on.

    ``refusal``: why the card may be in no terminal at all (unknown, never issued, terminated), None when it may.
    """

    place: Place
    first_read: datetime
    last_read: datetime
    ended_at: datetime | None = None
    refusal: str | None = None

    @property
    def order(self) -> tuple[datetime, str, int]:
        return (self.first_read, self.place.terminal, self.place.slot)


@dataclass(frozen=True)
class Stay:
    """What a run comes to: the card was bound there in [bound_from, bound_to), or not at all (both None).

    ``quarantine``: why the run is doubted now; ``against``: the place that holds the card instead, for a contradiction.
    """

    run: Run
    bound_from: datetime | None
    bound_to: datetime | None
    quarantine: str | None = None
    against: Place | None = None

    @property
    def is_current(self) -> bool:
        """The card is bound there now."""
        return self.bound_from is not None and self.bound_to is None


def stays(runs: Collection[Run], settled: Sequence[Place] = ()) -> list[Stay]:
    """One stay per run of one card, in the order of their first reading.

    ``settled``: places that a person has decided for, the newest decision last; only that one counts.
    """
    chosen = settled[-1] if settled else None
    done: list[Stay] = []
    for run in sorted(runs, key=lambda each: each.order):
        if run.refusal is not None:
            done.append(Stay(run, None, None, run.refusal if run.ended_at is None else None))
            continue
        holder = _holder(done)
        stay, holder_after = _meet(run, holder, chosen)
        if holder is not None and holder_after is not None:
            done[done.index(holder)] = holder_after
        done.append(stay)
    return done


def _holder(done: Sequence[Stay]) -> Stay | None:
    """The latest stay so far; stays never overlap."""
    bound = [(stay.bound_from, place) for place, stay in enumerate(done) if stay.bound_from is not None]
    return done[max(bound)[1]] if bound else None


def _meet(run: Run, holder: Stay | None, chosen: Place | None) -> tuple[Stay, Stay | None]:
    """The run's stay, and the holder's as the run leaves it."""
    free = Stay(run, run.first_read, run.ended_at)
    if holder is None:
        return free, None
    if holder.bound_to is not None and holder.bound_to <= run.first_read:
        return free, holder
    if _gives_way(holder, run, chosen):
        start = max(run.first_read, holder.bound_from or run.first_read)
        return _from(run, start), _until(holder, run)
    if holder.bound_to is not None:
        return _from(run, holder.bound_to), holder
    doubt = CONTRADICTION if run.ended_at is None else None
    return Stay(run, None, None, doubt, holder.run.place), holder


def _from(run: Run, start: datetime) -> Stay:
    """The run's stay when the card becomes free at ``start`` only; none when the run had ended by then."""
    if run.ended_at is not None and run.ended_at <= start:
        return Stay(run, None, None)
    return Stay(run, start, run.ended_at)


def _gives_way(holder: Stay, run: Run, chosen: Place | None) -> bool:
    claims = holder.run
    if chosen is not None and chosen != claims.place:
        return chosen == run.place
    if chosen == claims.place or claims.last_read >= run.first_read:
        return False
    return claims.ended_at is not None or run.last_read - claims.last_read >= SILENCE


def _until(holder: Stay, run: Run) -> Stay:
    """The holder's stay as it gives way to ``run``: cut when that begins, nothing when nothing is left of it.

    A holder that a person has decided against and that still reads the card is doubted from then on.
    """
    claims, start, end = holder.run, holder.bound_from, run.first_read
    still = claims.ended_at is None and claims.last_read >= end
    doubt, against = (CONTRADICTION, run.place) if still else (None, None)
    if start is None or start >= end:
        return Stay(claims, None, None, doubt, against)
    return Stay(claims, start, end, doubt, against)


def settled_places(decisions: Iterable[tuple[datetime, Place]]) -> list[Place]:
    """Places by the time of their decision, as ``stays`` takes them."""
    return [place for _, place in sorted(decisions, key=lambda each: (each[0], each[1].terminal, each[1].slot))]
