"""冻结 over time: how long it may be contested, until when it is decided, and appeals against it (IME-18)."""

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from kernel.contracts.imei.acts import SerialAnswer
from kernel.contracts.imei.service import IMEI
from kernel.contracts.method import Reply, Request, Unit
from kernel.contracts.paging import Page, PageRequest

FreezeCause = Literal["national_list", "suspected_fraud", "complaint", "audit", "other"]
AppealState = Literal["open", "granted", "rejected"]


class ListFreezes(PageRequest):
    """``sort``: at, newest first. ``standing``: not lifted; ``overdue``: not lifted and to be decided before now."""

    serial: str | None = None
    cause: FreezeCause | None = None
    standing: bool | None = None
    overdue: bool | None = None
    unit: Unit | None = None


class FreezeView(Reply):
    """``observed_until``: an appeal may be made until then. ``can``: appeal, extend."""

    serial: str
    version: int
    cause: FreezeCause
    reason: str | None
    document: str | None
    unit: str
    at: datetime
    observed_until: datetime
    decide_by: datetime
    standing: bool
    overdue: bool
    can: list[str]


class FreezePage(Page[FreezeView]):
    """Freezes of the caller's units, with how they ended."""


class ExtendFreeze(Request):
    """The decision may wait until the end of that business day, which must be later than it is now."""

    serial: str
    until: date
    reason: str = Field(min_length=1, max_length=500)


class AppealFreeze(Request):
    """The organisation that the freeze hits contests it. ``evidence``: what proves it, or where that is kept."""

    serial: str
    grounds: str = Field(min_length=1, max_length=1000)
    evidence: str = Field(min_length=1, max_length=1000)


class Appeal(Reply):
    """``can``: review, which somebody else than who appealed may."""

    appeal_id: int
    serial: str
    unit: str
    organisation: str | None
    state: AppealState
    grounds: str
    evidence: str
    at: datetime
    by_name: str
    reviewed_at: datetime | None
    reviewer_name: str | None
    outcome: str | None
    can: list[str]


class ListAppeals(PageRequest):
    """``sort``: id, newest first."""

    state: AppealState | None = None
    serial: str | None = None
    unit: Unit | None = None


class AppealPage(Page[Appeal]):
    """Appeals of the caller's units."""


class ReviewAppeal(Request):
    """``granted``: the device returns to the state in which it was frozen."""

    appeal_id: int
    granted: bool
    outcome: str = Field(min_length=1, max_length=500)


LIST_FREEZES = IMEI.query("list_freezes", ListFreezes, FreezePage, "serial.view", consistent=True)
EXTEND_FREEZE = IMEI.command("extend_freeze", ExtendFreeze, SerialAnswer, "serial.freeze")
APPEAL_FREEZE = IMEI.command("appeal_freeze", AppealFreeze, Appeal, "serial.scan")
LIST_APPEALS = IMEI.query("list_appeals", ListAppeals, AppealPage, "serial.view", consistent=True)
REVIEW_APPEAL = IMEI.command("review_appeal", ReviewAppeal, Appeal, "serial.freeze")
