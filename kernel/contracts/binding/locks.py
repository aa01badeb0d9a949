"""机卡锁定 (BND-10): a card that may live in one module or one terminal only; read elsewhere, it is an exception."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from kernel.contracts.binding.service import BINDING
from kernel.contracts.binding.settling import Reason
from kernel.contracts.method import Reply, Request, Unit
from kernel.contracts.paging import Page, PageRequest
from kernel.contracts.said import Text

MAX_LOCKS = 1_000
LockHold = Literal["imei", "terminal", "both"]
Iccid = Annotated[str, StringConstraints(min_length=19, max_length=20)]


class LockCards(Request):
    """``hold``: what each card is held to, namely the module and the terminal that it was read in last.

    ``imei``, ``terminal``: another module or terminal instead, for one card.
    """

    iccids: list[Iccid] = Field(min_length=1, max_length=MAX_LOCKS)
    hold: LockHold
    imei: str | None = Field(default=None, max_length=24)
    terminal: str | None = Field(default=None, max_length=32)
    reason: str = Reason


class ReleaseLocks(Request):
    locks: list[int] = Field(min_length=1, max_length=MAX_LOCKS)
    reason: str = Reason


class RefusedLock(Reply):
    """``number``: the card's, where it is known which, else the lock's."""

    number: str
    code: str
    message: Text


class LocksChanged(Reply):
    done: int
    refused_count: int
    refused: list[RefusedLock]


class ListLocks(PageRequest):
    """Locks of cards of these units, the latest first. ``iccid``, ``terminal``, ``imei``: how the number begins.

    ``standing``: not released. ``breached``: the card was read elsewhere, and no reading has cleared that up.
    """

    unit: Unit | None = None
    iccid: str | None = Field(default=None, max_length=20)
    terminal: str | None = Field(default=None, max_length=32)
    imei: str | None = Field(default=None, max_length=16)
    standing: bool | None = None
    breached: bool | None = None


class ListedLock(Reply):
    """``unit``: the card's owner. ``imei``, ``terminal``: what it is held to. ``can``: release."""

    lock_id: int
    iccid: str
    unit: str
    carrier: str
    imei: str | None
    terminal: str | None
    reason: str
    set_at: datetime
    set_by_name: str
    breached: bool
    released_at: datetime | None
    released_by_name: str | None
    release_reason: str | None
    can: list[str]


class LockPage(Page[ListedLock]):
    pass


LIST_LOCKS = BINDING.query("list_locks", ListLocks, LockPage, "card.view", consistent=True)
LOCK_CARDS = BINDING.command("lock_cards", LockCards, LocksChanged, "binding.lock")
RELEASE_LOCKS = BINDING.command("release_locks", ReleaseLocks, LocksChanged, "binding.lock")
