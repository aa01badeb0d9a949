"""Terminals' own counters: a third figure beside the carrier's and the station's (TRF-03, TRF-04)."""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from kernel.contracts.method import Reply, Request, Unit
from kernel.contracts.paging import Page, PageRequest
from kernel.contracts.traffic.service import TRAFFIC

MAX_COUNTERS = 2_000
CounterOutcome = Literal["first", "grew", "missing", "saturated", "wrapped", "reset", "ambiguous"]
Decision = Literal["wrapped", "reset"]


class CounterRow(BaseModel):
    """What the terminal of the card showed at the end of ``day``: bytes, 32 bits; None: it could not be read."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    iccid: str = Field(min_length=1, max_length=40)
    day: date
    counter: int | None = Field(default=None, ge=0, lt=1 << 32)


class ReportCounters(Request):
    """Readings of terminals' own counters, each card once; in the order of their days."""

    rows: list[CounterRow] = Field(min_length=1, max_length=MAX_COUNTERS)


class RefusedCounter(Reply):
    iccid: str
    code: str


class CountersTaken(Reply):
    """``outcomes``: how many readings grew, are missing, ran over (wrapped), were set back (reset), stand at the end
    (saturated), are the first of their card, or wait for a person (ambiguous). ``late``: of days that are counted.
    """

    outcomes: dict[str, int]
    late: int
    refused: list[RefusedCounter]


class ListCounterDoubts(PageRequest):
    """Readings that are less than the one before, of which it is not clear why; those that wait for a person first."""

    unit: Unit | None = None
    iccid: str | None = None
    decided: bool | None = None


class CounterDoubt(Reply):
    """``wrapped``, ``reset``: bytes that were used if it ran over, or was set back. ``known``: by another source.

    ``can``: decide.
    """

    id: int
    iccid: str
    unit: str
    day: date
    before: int
    counter: int
    wrapped: int
    reset: int
    known: int | None
    decided: Decision | None
    decided_by_name: str | None
    can: list[str]


class CounterDoubtPage(Page[CounterDoubt]):
    """Newest first."""


class DecideCounter(Request):
    """A person says what happened; the month's sum follows. Said once."""

    doubt_id: int
    decision: Decision


class DecidedCounter(Reply):
    """What the card's terminal counted in the month, in bytes, with the decision."""

    iccid: str
    month: str
    own_month: int
    at: datetime


REPORT_COUNTERS = TRAFFIC.command("report_counters", ReportCounters, CountersTaken, "usage.load")
LIST_COUNTER_DOUBTS = TRAFFIC.query(
    "list_counter_doubts", ListCounterDoubts, CounterDoubtPage, "usage.view", consistent=True
)
DECIDE_COUNTER = TRAFFIC.command("decide_counter", DecideCounter, DecidedCounter, "usage.load")
