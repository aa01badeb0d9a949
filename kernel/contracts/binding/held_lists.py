"""Full lists of terminals (BND-02): those that shrank too much wait for a person, who sees what they lack."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from kernel.contracts.binding.service import BINDING
from kernel.contracts.binding.terminals import TerminalListDecided, TerminalState
from kernel.contracts.method import Reply, Request
from kernel.contracts.paging import Page, PageRequest

ListState = Literal["receiving", "held", "applied", "discarded"]


class ListTerminalLists(PageRequest):
    """Full lists of stations of one's own units, the latest first."""

    state: ListState | None = None


class ListedTerminalList(Reply):
    """``missing``: terminals of the station that it lacks. ``can``: decide, preview."""

    number: int
    station: str
    list_id: str
    as_of: datetime
    parts: int
    state: ListState
    missing: int
    received_at: datetime
    decided_at: datetime | None
    decided_by_name: str | None
    reason: str | None
    can: list[str]


class TerminalListPage(Page[ListedTerminalList]):
    pass


class ListMissingTerminals(PageRequest):
    """What a held list lacks: the terminals that would be removed by accepting it."""

    number: int


class MissingTerminal(Reply):
    terminal: str
    unit: str
    kind: str
    state: TerminalState
    reported_at: datetime
    iccids: list[str]


class MissingTerminalPage(Page[MissingTerminal]):
    pass


class DecideHeldList(Request):
    """``apply`` removes what the list lacks, ``discard`` forgets the list."""

    number: int
    decision: Literal["apply", "discard"]
    reason: str = Field(min_length=1, max_length=500)


LIST_TERMINAL_LISTS = BINDING.query(
    "list_terminal_lists", ListTerminalLists, TerminalListPage, "terminal.decide", consistent=True
)
LIST_MISSING_TERMINALS = BINDING.query(
    "list_missing_terminals", ListMissingTerminals, MissingTerminalPage, "terminal.decide", consistent=True
)
DECIDE_HELD_LIST = BINDING.command("decide_held_list", DecideHeldList, TerminalListDecided, "terminal.decide")
