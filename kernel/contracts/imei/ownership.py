"""归属变更: a province claims what another owns; the group reviews it, and the owner changes by that (IME-03)."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from kernel.contracts.imei.acts import MAX_SERIALS, SerialAnswer
from kernel.contracts.imei.audits import Remark
from kernel.contracts.imei.service import IMEI
from kernel.contracts.method import Reply, Request
from kernel.contracts.paging import Page, PageRequest

MoveState = Literal["pending", "approved", "refused"]


class ListOwnershipMoves(PageRequest):
    """``sort``: id, newest first. ``serial``: any code of the device; ``list_id``: the claim in which it stood."""

    state: MoveState | None = None
    serial: str | None = None
    list_id: int | None = None


class OwnershipMove(Reply):
    """``row``: of the list. ``can``: review."""

    move_id: int
    serial: str
    from_province: str
    to_province: str
    list_id: int
    row: int
    state: MoveState
    asked_at: datetime
    asked_by_name: str
    decided_at: datetime | None
    decided_by_name: str | None
    remark: str | None
    can: list[str]


class OwnershipMovePage(Page[OwnershipMove]):
    """Of the caller's province: to it, and from it."""


class ReviewOwnership(Request):
    """The group says yes or no to each; approved, the device belongs to the province that asked, and is claimed."""

    moves: list[int] = Field(min_length=1, max_length=MAX_SERIALS)
    approved: bool
    remark: Remark


LIST_OWNERSHIP_MOVES = IMEI.query(
    "list_ownership_moves", ListOwnershipMoves, OwnershipMovePage, "serial.view", consistent=True
)
REVIEW_OWNERSHIP = IMEI.command("review_ownership", ReviewOwnership, SerialAnswer, "serial.group")
