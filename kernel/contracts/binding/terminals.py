"""Which terminals there are, as the stations report them (BND-02)."""

from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import Field

from kernel.contracts.binding.readings import RefusedReading
from kernel.contracts.binding.service import BINDING
from kernel.contracts.method import Reply, Request
from kernel.contracts.plain import RawRow

MAX_ROWS = 5_000
SHRINK_LIMIT_PERCENT = 10
"""A full list that lacks more of the station's known terminals than this waits for a person."""


class TerminalState(StrEnum):
    RUNNING = "running"
    STOPPED = "stopped"
    PENDING_INSTALL = "pending_install"
    REMOVED = "removed"


class FullList(Request):
    """Which full list the rows belong to: ``parts`` messages together name every terminal of the station."""

    list_id: str = Field(min_length=1, max_length=64)
    part: int = Field(ge=1, le=10_000)
    parts: int = Field(ge=1, le=10_000)


class ReportTerminals(Request):
    """Terminals, 0 to MAX_ROWS rows: changes, or with ``full`` a part of the whole list.

    A row is an object: ``terminal`` (asset number), ``unit``, ``kind`` (集中器, 专变终端 ...), ``state`` (of
    TerminalState), ``slots`` (module slots, default 1), ``reported_at`` (default: ``as_of``). Of two reports on
    one terminal the one with the later ``reported_at`` holds, whatever the order of their arrival.
    """

    as_of: datetime
    rows: list[RawRow]
    full: FullList | None = None


class TerminalsTaken(Reply):
    """``changed``: rows that were news. ``list_state`` of a full list: receiving, applied, or held with ``missing``:
    how many terminals of the station it lacks."""

    taken: int
    changed: int
    refused: list[RefusedReading]
    list_state: Literal["receiving", "held", "applied"] | None = None
    missing: int = 0


class DecideTerminalList(Request):
    """What becomes of a held full list: ``apply`` marks what it lacks as removed, ``discard`` forgets it."""

    list_id: str = Field(min_length=1, max_length=64)
    station: str = Field(min_length=1, max_length=128)
    decision: Literal["apply", "discard"]
    reason: str = Field(min_length=1, max_length=500)


class TerminalListDecided(Reply):
    """``removed``: how many terminals the list took out of service."""

    list_state: Literal["applied", "discarded"]
    removed: int


REPORT_TERMINALS = BINDING.command("report_terminals", ReportTerminals, TerminalsTaken, "terminal.report")
DECIDE_TERMINAL_LIST = BINDING.command(
    "decide_terminal_list", DecideTerminalList, TerminalListDecided, "terminal.decide"
)
