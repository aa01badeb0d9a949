"""各状态终端数量统计 (BND-07): how many terminals a unit has in each state, and which; those without a card."""

from datetime import datetime

from pydantic import Field

from kernel.contracts.binding.service import BINDING
from kernel.contracts.binding.terminals import TerminalState
from kernel.contracts.method import Reply, Request, Unit
from kernel.contracts.paging import Page, PageRequest


class CountTerminals(Request):
    """Terminals per unit. ``unit``: default the actor's own; one line for the unit itself, one per child's subtree."""

    unit: Unit | None = None


class TerminalCounts(Reply):
    """``total``: of all states. ``unbound`` 未绑卡: terminals that are not removed and hold no card.

    ``exact``: what belongs to the unit itself, not its subtree.
    """

    unit: str
    exact: bool
    running: int
    stopped: int
    pending_install: int
    removed: int
    total: int
    unbound: int


class CountedTerminals(Reply):
    items: list[TerminalCounts]
    totals: dict[str, int]


class ListTerminals(PageRequest):
    """Terminals by unit and asset number. ``terminal``: how the number begins; ``unit_exact``: of the unit itself.

    ``bound``: it holds a card; without one, only terminals that are not removed. ``carrier``: of one of its cards.
    """

    unit: Unit | None = None
    unit_exact: bool | None = None
    terminal: str | None = Field(default=None, max_length=32)
    state: TerminalState | None = None
    bound: bool | None = None
    carrier: str | None = Field(default=None, max_length=64)


class ListedTerminal(Reply):
    """``carriers``, ``iccids``: of the cards that it holds now. ``reported_at``: by the newest report that counts."""

    terminal: str
    unit: str
    kind: str
    state: TerminalState
    slots: int
    carriers: list[str]
    iccids: list[str]
    reported_at: datetime
    station: str


class TerminalPage(Page[ListedTerminal]):
    pass


COUNT_TERMINALS = BINDING.query("count_terminals", CountTerminals, CountedTerminals, "report.view")
LIST_TERMINALS = BINDING.query("list_terminals", ListTerminals, TerminalPage, "report.view", consistent=True)
