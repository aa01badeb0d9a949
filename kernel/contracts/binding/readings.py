"""What a collection master station (采集主站) reports of its terminals' cards (BND-01, BND-11)."""

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from kernel.contracts.binding.service import BINDING
from kernel.contracts.method import Reply, Request
from kernel.contracts.plain import RawRow
from kernel.contracts.said import Text

MAX_ROWS = 5_000
MAX_SLOTS = 4


class Outcome(StrEnum):
    """What one reading is by itself, before it is compared with anything."""

    READ = "read"
    """A card's number was read, in a form that a card can have."""
    FAILED = "failed"
    """The terminal did not answer, or answered with an error code."""
    MALFORMED = "malformed"
    """Something was read that no card can have: too short, garbled, wrong check digit."""
    CLOCK_OFF = "clock_off"
    """The terminal's clock is too far from the station's: kept, never the newest, binds nothing."""


class ReportReadings(Request):
    """Readings of one or many terminals, 1 to MAX_ROWS rows; a larger batch is refused whole (batch_too_large).

    A row is an object: ``terminal`` (asset number), ``slot`` (1 to MAX_SLOTS, default 1), ``read_at`` (the terminal's
    clock, ISO 8601 with offset), ``iccid`` or ``fault`` (the station's code for why there is none), and where known
    ``imei``, ``received_at`` (the station's clock when the terminal answered), ``clock`` ("good", "unsure" or "bad":
    what the station thinks of the terminal's clock), ``request`` (the on-demand read that it answers). Rows are taken
    one by one, so a broken one costs only itself.
    """

    rows: list[RawRow] = Field(min_length=1)


class RefusedReading(Reply):
    """``row_no``: place in the batch, from 1. ``field``: which part is wrong. ``message``: what to do, for a person."""

    row_no: int
    terminal: str | None
    field: str
    code: str
    message: Text = ""


class ReadingsTaken(Reply):
    """``taken``: rows that are news. ``repeated``: known already, changed nothing. ``changed``: bindings that moved.

    ``pause_ms``: how long the sender should wait before its next batch; 0 when the service keeps up.
    """

    taken: int
    repeated: int
    changed: int
    refused: list[RefusedReading]
    pause_ms: int = 0


class Reading(Reply):
    """One reading as stored. Its times are by the clock of the terminal (``read_at``), the station and ourselves."""

    terminal: str
    slot: int
    read_at: datetime
    outcome: Outcome
    iccid: str | None
    fault: str | None
    imei: str | None
    received_at: datetime | None
    arrived_at: datetime
    station: str


REPORT_READINGS = BINDING.command("report_readings", ReportReadings, ReadingsTaken, "reading.report")
