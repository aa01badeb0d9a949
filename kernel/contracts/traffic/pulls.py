"""What is pulled from carriers' interfaces, and when gaps will be filled (TRF-01)."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from kernel.contracts.method import Reply, Request
from kernel.contracts.paging import Page, PageRequest
from kernel.contracts.traffic.service import TRAFFIC

PullKind = Literal["day", "changes", "file"]
PullState = Literal["open", "done", "short", "lost"]


class PullUsage(Request):
    """Looks now what the carrier has and gets what is missing; a carrier that rests is asked again."""

    carrier: str


class PullStarted(Reply):
    """The job that asks; one that waited or ran already, if there was one."""

    job_id: UUID


class ListUsagePulls(PageRequest):
    """Newest first."""

    carrier: str | None = None
    kind: PullKind | None = None
    state: PullState | None = None


class UsagePull(Reply):
    """``wanted``: cards missing on the day, rows of the changes, or one file; ``answered``: of these, what came.

    ``strangers``: cards that the carrier does not know. ``closes_at``: until when it answers for the day.
    ``ready_at``: when the gap will be filled at the carrier's full speed, quota and hours; ``late``: after
    ``closes_at``. ``rests_until``: the carrier failed and is left alone, with ``error``.
    """

    id: int
    carrier: str
    kind: PullKind
    subject: str
    state: PullState
    wanted: int | None
    answered: int
    strangers: int
    calls: int
    rounds: int
    closes_at: datetime | None
    ready_at: datetime | None
    late: bool | None
    day: date | None
    planned_at: datetime
    asked_at: datetime | None
    ended_at: datetime | None
    rests_until: datetime | None
    error: str | None


class UsagePullPage(Page[UsagePull]):
    """Newest first."""


PULL_USAGE = TRAFFIC.command("pull_usage", PullUsage, PullStarted, "usage.load")
LIST_USAGE_PULLS = TRAFFIC.query("list_usage_pulls", ListUsagePulls, UsagePullPage, "usage.view", consistent=True)
