"""自动绑定记录 (BND-05): what readings added, removed and changed; the history of a card and of a terminal."""

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from kernel.contracts.binding.service import BINDING
from kernel.contracts.method import Reply, Request, Unit
from kernel.contracts.paging import Page, PageRequest

ChangeKind = Literal["added", "changed", "removed"]
ChangeCause = Literal["first", "card_replaced", "terminal_replaced", "both", "module_changed", "moved", "gone"]


class CountChanges(Request):
    """Changes per unit and day; unit and days as in CountReadings."""

    unit: Unit | None = None
    day_from: date | None = None
    day_to: date | None = None


class ChangeCounts(Reply):
    """新增, 减少, 变更; and of these the causes that people ask for: 换卡, 换终端, both at once, another module."""

    unit: str
    exact: bool
    day: date
    added: int
    removed: int
    changed: int
    card_replaced: int
    terminal_replaced: int
    both: int
    module_changed: int
    total: int


class CountedChanges(Reply):
    items: list[ChangeCounts]
    totals: dict[str, int]


class ListChanges(PageRequest):
    """Changes, by the unit of their terminal. ``terminal``, ``iccid``: how the number begins; the card's old or new."""

    unit: Unit | None = None
    unit_exact: bool | None = None
    day_from: date | None = None
    day_to: date | None = None
    terminal: str | None = Field(default=None, max_length=32)
    iccid: str | None = Field(default=None, max_length=20)
    kind: ChangeKind | None = None
    cause: ChangeCause | None = None


class ListedChange(Reply):
    """``at``: when the terminal read it. ``other_terminal``: where the card came from, or went to."""

    terminal: str
    slot: int
    unit: str | None
    day: date
    at: datetime
    kind: ChangeKind
    cause: ChangeCause
    old_iccid: str | None
    new_iccid: str | None
    other_terminal: str | None


class ChangePage(Page[ListedChange]):
    pass


class ListBindings(PageRequest):
    """Who was where, from when to when: of a card, of a terminal, of both (whole numbers), or of all, by terminal.

    Seen by whoever sees the terminal.
    """

    iccid: str | None = Field(default=None, max_length=20)
    terminal: str | None = Field(default=None, max_length=32)


class ListedBinding(Reply):
    """``bound_to`` None: it is there now."""

    terminal: str
    slot: int
    unit: str | None
    iccid: str
    bound_from: datetime
    bound_to: datetime | None


class BindingPage(Page[ListedBinding]):
    pass


COUNT_CHANGES = BINDING.query("count_changes", CountChanges, CountedChanges, "report.view")
LIST_CHANGES = BINDING.query("list_changes", ListChanges, ChangePage, "report.view", consistent=True)
LIST_BINDINGS = BINDING.query("list_bindings", ListBindings, BindingPage, "card.view", consistent=True)
