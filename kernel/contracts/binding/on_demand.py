"""召测 on demand (BND-04): somebody wants terminals read now; the station fetches the requests and answers by readings.

A request waits until ``until``; while the station is away it stays, and the answer says since when nothing was heard of
the station.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from kernel.contracts.binding.service import BINDING
from kernel.contracts.method import Reply, Request, Unit
from kernel.contracts.paging import Page, PageRequest
from kernel.contracts.said import Text

MAX_TERMINALS = 1_000
TerminalNo = Annotated[str, Field(max_length=100)]
"""As somebody wrote it; each is judged by itself."""


class ReadState(StrEnum):
    WAITING = "waiting"
    """No station has fetched it yet."""
    SENT = "sent"
    """A station has it and has not answered."""
    READ = "read"
    FAILED = "failed"
    """The terminal did not answer, or with something that is no card."""
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class AskReads(Request):
    """Reads of 1 to 1,000 terminals' slots 1; ``minutes``: how long the request is kept for a station that is away."""

    terminals: list[TerminalNo] = Field(min_length=1, max_length=MAX_TERMINALS)
    minutes: int = Field(default=10, ge=1, le=7 * 24 * 60)


class RefusedTerminal(Reply):
    terminal: str
    code: str
    message: Text | None = None


class ReadsAsked(Reply):
    """``station_seen_at``: when a station was last heard of; None: never. ``station_away``: not within two minutes."""

    read_id: int
    asked: int
    refused: list[RefusedTerminal]
    station_seen_at: datetime | None
    station_away: bool


class GetReads(Request):
    read_id: int


class ReadAnswer(Reply):
    """``iccid``: what was read; ``bound_iccid``: what is bound there now, so that both can be compared."""

    request_id: int
    terminal: str
    slot: int
    unit: str | None
    state: ReadState
    iccid: str | None
    bound_iccid: str | None
    fault: str | None
    read_at: datetime | None
    answered_at: datetime | None


class Reads(Reply):
    """One asking with all its answers; ``open``: how many may still come."""

    read_id: int
    asked_by_name: str
    asked_at: datetime
    until: datetime
    total: int
    open: int
    station_seen_at: datetime | None
    station_away: bool
    answers: list[ReadAnswer]


class ListAskings(PageRequest):
    """Who asked when, the latest first; by the unit of who asked. The days are those of the asking, both included."""

    unit: Unit | None = None
    day_from: date | None = None
    day_to: date | None = None


class ListedAsking(Reply):
    """``answered``, ``failed``: a card was read, or none; ``open``: how many may still be answered."""

    read_id: int
    unit: str
    asked_by_name: str
    asked_at: datetime
    until: datetime
    total: int
    answered: int
    failed: int
    open: int


class AskingPage(Page[ListedAsking]):
    pass


class CancelReads(Request):
    read_id: int


class TakeReadRequests(Request):
    """What a station calls every few seconds: requests for its terminals that nobody has fetched, at most ``limit``.

    A request that was fetched and not answered within a minute is given out again.
    """

    limit: int = Field(default=200, ge=1, le=MAX_TERMINALS)


class WantedRead(Reply):
    request_id: int
    terminal: str
    slot: int
    until: datetime


class WantedReads(Reply):
    requests: list[WantedRead]


ASK_READS = BINDING.command("ask_reads", AskReads, ReadsAsked, "reading.ask")
GET_READS = BINDING.query("get_reads", GetReads, Reads, "reading.ask")
LIST_ASKINGS = BINDING.query("list_read_askings", ListAskings, AskingPage, "reading.ask", consistent=True)
CANCEL_READS = BINDING.command("cancel_reads", CancelReads, Reads, "reading.ask")
TAKE_READ_REQUESTS = BINDING.command("take_read_requests", TakeReadRequests, WantedReads, "reading.report")
