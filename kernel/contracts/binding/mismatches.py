"""终端与卡单位不一致 (BND-08): where they differ, which of them is put right, and how that is taken back."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from kernel.contracts.binding.service import BINDING
from kernel.contracts.binding.settling import Reason
from kernel.contracts.method import Reply, Request, Unit
from kernel.contracts.paging import Page, PageRequest
from kernel.contracts.said import Text

Side = Literal["card", "terminal"]
MAX_MISMATCHES = 1_000


class ListMismatches(PageRequest):
    """Terminals that hold a card of another unit, by unit and asset number.

    ``unit``: the terminal's or the card's. ``terminal``, ``iccid``: how the number begins.
    """

    unit: Unit | None = None
    terminal: str | None = Field(default=None, max_length=32)
    iccid: str | None = Field(default=None, max_length=20)


class ListedMismatch(Reply):
    """``since``: the card is in the terminal since then. ``can``: correct."""

    mismatch_id: int
    terminal: str
    slot: int
    terminal_unit: str
    iccid: str
    card_unit: str
    carrier: str | None
    since: datetime
    can: list[str]


class MismatchPage(Page[ListedMismatch]):
    pass


class CorrectUnits(Request):
    """``side`` card: the cards come to their terminals' units; terminal: the terminals come to their cards' units."""

    mismatches: list[int] = Field(min_length=1, max_length=MAX_MISMATCHES)
    side: Side
    reason: str = Reason


class RefusedMismatch(Reply):
    """``number``: the card's, where it is known which, else what was sent."""

    number: str
    code: str
    message: Text


class UnitsCorrected(Reply):
    """``done``: terminals have their unit; cards have theirs when inventory has moved them, see ``ListCorrections``."""

    done: int
    refused_count: int
    refused: list[RefusedMismatch]


class ListCorrections(PageRequest):
    """What was put right and taken back, the latest first. ``terminal``, ``iccid``: how the number begins."""

    unit: Unit | None = None
    terminal: str | None = Field(default=None, max_length=32)
    iccid: str | None = Field(default=None, max_length=20)
    side: Side | None = None
    state: Literal["asked", "done", "refused"] | None = None


class ListedCorrection(Reply):
    """``state`` asked: inventory has not moved the card yet. ``undoes``: the correction that it takes back.

    ``can``: undo.
    """

    correction_id: int
    side: Side
    terminal: str
    slot: int
    iccid: str
    from_unit: str
    to_unit: str
    state: Literal["asked", "done", "refused"]
    message: Text | None
    reason: str
    at: datetime
    by_name: str
    undoes: int | None
    undone_by: int | None
    can: list[str]


class CorrectionPage(Page[ListedCorrection]):
    pass


class UndoCorrection(Request):
    correction_id: int
    reason: str = Reason


class CorrectionUndone(Reply):
    """``correction_id``: of the correction back."""

    correction_id: int
    state: Literal["asked", "done"]


LIST_MISMATCHES = BINDING.query("list_mismatches", ListMismatches, MismatchPage, "report.view", consistent=True)
CORRECT_UNITS = BINDING.command("correct_units", CorrectUnits, UnitsCorrected, "binding.settle")
LIST_CORRECTIONS = BINDING.query("list_corrections", ListCorrections, CorrectionPage, "report.view", consistent=True)
UNDO_CORRECTION = BINDING.command("undo_correction", UndoCorrection, CorrectionUndone, "binding.settle")
