"""绑定异常查看 (BND-06): the exceptions, both sides of a contradiction, and what people did about them."""

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from kernel.contracts.binding.service import BINDING
from kernel.contracts.binding.settling import Reason, Settled
from kernel.contracts.method import Reply, Request, Unit
from kernel.contracts.paging import Page, PageRequest

ExceptionKind = Literal[
    "failed", "malformed", "clock_off", "terminal_unknown", "card_elsewhere", "card_unknown", "card_never_issued",
    "card_terminated", "lock_breached", "imei_elsewhere",
]  # fmt: skip
HandlingState = Literal["open", "in_hand", "closed"]


class ListExceptions(PageRequest):
    """Exceptions, the latest first. The days are those of the last reading that shows it, both included.

    ``standing``: no reading has cleared it up yet. ``terminal``, ``iccid``: how the number begins.
    """

    unit: Unit | None = None
    unit_exact: bool | None = None
    day_from: date | None = None
    day_to: date | None = None
    terminal: str | None = Field(default=None, max_length=32)
    iccid: str | None = Field(default=None, max_length=20)
    kind: ExceptionKind | None = None
    state: HandlingState | None = None
    standing: bool | None = None


class ListedException(Reply):
    """``other_terminal``: who holds the card instead. ``sample``: the last fault code, or what was read.

    ``can``: take, close, give_back, settle.
    """

    exception_id: int
    kind: ExceptionKind
    terminal: str
    slot: int
    unit: str | None
    iccid: str | None
    other_terminal: str | None
    other_slot: int | None
    sample: str | None
    readings: int
    first_day: date
    last_day: date
    last_read_at: datetime
    standing: bool
    state: HandlingState
    handler_name: str | None
    handled_at: datetime | None
    note: str | None
    can: list[str]


class ExceptionPage(Page[ListedException]):
    pass


class ListClaims(Request):
    """Who claims the card of a contradiction now, side by side."""

    exception_id: int


class Claim(Reply):
    """``first_read``, ``last_read``: of this card in this slot. ``holds``: the card is bound there now.

    ``party``: this (where the exception stands), other (who holds the card instead), or a third one.
    """

    party: Literal["this", "other", "third"]
    terminal: str
    slot: int
    unit: str | None
    kind: str | None
    state: str | None
    iccid: str
    first_read: datetime
    last_read: datetime | None
    bound_from: datetime | None
    holds: bool


class Claims(Reply):
    items: list[Claim]


class SettleException(Request):
    """The card belongs to this terminal (where the exception stands), or to the other one."""

    exception_id: int
    to: Literal["this", "other"]
    reason: str = Reason


class ListNotes(PageRequest):
    """What was done about an exception, the oldest first."""

    exception_id: int


class ListedNote(Reply):
    at: datetime
    by_name: str
    from_state: HandlingState
    to_state: HandlingState
    note: str | None


class NotePage(Page[ListedNote]):
    pass


class ListSettlements(PageRequest):
    """Decisions on contradictions, the latest first. ``terminal``, ``iccid``: how the number begins."""

    unit: Unit | None = None
    terminal: str | None = Field(default=None, max_length=32)
    iccid: str | None = Field(default=None, max_length=20)


class ListedSettlement(Reply):
    """``undone_at`` None: it holds. ``can``: undo."""

    settlement_id: int
    iccid: str
    terminal: str
    slot: int
    unit: str | None
    decided_at: datetime
    decided_by_name: str
    reason: str
    undone_at: datetime | None
    undone_by_name: str | None
    undo_reason: str | None
    can: list[str]


class SettlementPage(Page[ListedSettlement]):
    pass


LIST_EXCEPTIONS = BINDING.query("list_exceptions", ListExceptions, ExceptionPage, "report.view", consistent=True)
LIST_CLAIMS = BINDING.query("list_claims", ListClaims, Claims, "report.view")
LIST_NOTES = BINDING.query("list_exception_notes", ListNotes, NotePage, "report.view", consistent=True)
LIST_SETTLEMENTS = BINDING.query("list_settlements", ListSettlements, SettlementPage, "report.view", consistent=True)
SETTLE_EXCEPTION = BINDING.command("settle_exception", SettleException, Settled, "binding.settle")
