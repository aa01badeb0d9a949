"""What people decide about contradictions and exceptions (BND-03, BND-06)."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from kernel.contracts.binding.service import BINDING
from kernel.contracts.method import Reply, Request

Reason = Field(min_length=1, max_length=500)


class Settle(Request):
    """The card belongs into this terminal's slot, whatever other terminals claim."""

    iccid: str = Field(min_length=19, max_length=20)
    terminal: str = Field(min_length=4, max_length=32)
    slot: int = Field(default=1, ge=1, le=4)
    reason: str = Reason


class UndoSettlement(Request):
    settlement_id: int
    reason: str = Reason


class Settled(Reply):
    """Where the card is bound after the decision; ``terminal`` None: nowhere."""

    settlement_id: int
    iccid: str
    terminal: str | None
    slot: int | None


class HandleException(Request):
    """``state``: in_hand or closed, or open to give it back. ``note``: what was found or done."""

    exception_id: int
    state: Literal["open", "in_hand", "closed"]
    note: str = Field(default="", max_length=500)


class ExceptionHandled(Reply):
    exception_id: int
    state: str
    handler_name: str | None
    handled_at: datetime


SETTLE = BINDING.command("settle_binding", Settle, Settled, "binding.settle")
UNDO_SETTLEMENT = BINDING.command("undo_settlement", UndoSettlement, Settled, "binding.settle")
HANDLE_EXCEPTION = BINDING.command("handle_exception", HandleException, ExceptionHandled, "binding.handle")
