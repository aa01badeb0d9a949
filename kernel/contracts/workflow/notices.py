"""What waits for a person, what happened meanwhile, and the rules of the application window (WFL-03, ACT-01)."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from kernel.contracts.method import Reply, Request
from kernel.contracts.paging import Page, PageRequest
from kernel.contracts.said import Text
from kernel.contracts.workflow.service import WORKFLOW

NoticeKind = Literal[
    "window_closes",
    "handed_over",
    "form_moved",
    "form_not_issued",
    "signed_form_judged",
    "cards_refused",
    "cards_reopened",
    "month_reopened",
    "usage_warned",
]


class GetTodo(Request):
    """To-do counts of this actor: only what he himself may do next."""


class TodoItem(Reply):
    """``key``: stable name; ``label``: Chinese; ``filters``: of LIST_FORMS or the list named by ``page``, which show
    exactly these ``count`` things; ``since``: when the oldest of them began to wait. ``page``: activation_county,
    activation_city, activation_province, termination_county, termination_city, termination_province."""

    key: str
    label: Text
    page: str
    count: int
    filters: dict[str, str | list[str] | bool]
    since: datetime | None = None


class Todo(Reply):
    items: list[TodoItem]
    total: int
    unread: int


class ListNotices(PageRequest):
    """For the actor's unit and his permissions, newest first."""

    unread: bool = False
    kind: NoticeKind | None = None


class NoticeView(Reply):
    """``text`` in the caller's language."""

    id: int
    kind: NoticeKind
    text: Text
    number: str | None
    at: datetime
    read: bool


class NoticePage(Page[NoticeView]):
    """Notices."""


class MarkRead(Request):
    """``ids`` None: all that the actor sees."""

    ids: list[int] | None = Field(default=None, max_length=1000)


class MarkedRead(Reply):
    done: int


class GetWindow(Request):
    """The application window around now, and whether this actor may apply."""


class MonthReopened(Reply):
    """Who opened a month again after its hand-over, why, and until when counties may write."""

    month: str
    reason: str
    by_name: str
    at: datetime
    closes_at: datetime


class Window(Reply):
    """开卡申请 for ``month`` are taken from ``opens_at`` until ``closes_at``; then the settings with their ``version``.

    ``closed_reason``: in the caller's language. ``next_opens_at``: when applications are taken again; None while they
    are, and where no day is set for it. ``effect``: from when on new days count, once this month's window was handed
    over. ``can``: create (a county now), set and reopen (the province).

    While a month is open again, ``month``, ``opens_at`` and ``closes_at`` are its own. ``reopened``: the last time that
    ``month`` was opened again, ``reopened_note`` the same as a sentence; ``reopenable``: the month that the province
    may open again now.
    """

    month: str
    opens_at: datetime
    closes_at: datetime
    is_open: bool
    handed_over: bool
    closed_reason: Text | None
    opens_day: int
    closes_day: int
    remind_hours: int
    minimum_cards: int
    version: int
    can: list[str]
    overdue_days: int = 5
    next_opens_at: datetime | None = None
    effect: Text | None = None
    reopened: MonthReopened | None = None
    reopened_note: Text | None = None
    reopenable: str | None = None


class ReopenMonth(Request):
    """A month that was handed over and is on no form yet takes applications again, until the end of ``until``.

    The cities' summaries of it are withdrawn, and made anew when it closes. ``month`` None: ``Window.reopenable``.
    """

    month: str | None = None
    until: date
    reason: Annotated[str, Field(min_length=1, max_length=200)]


class SetWindow(Request):
    """Days of the month at whose 00:00 (Asia/Shanghai) the window opens and closes, hours before closing at which
    counties without a line are reminded, and the minimum: a new termination form needs more cards than that.
    ``overdue_days``: after so many days in one state a form is overdue; None: as before."""

    version: Annotated[int, Field(ge=1)]
    opens_day: int = Field(ge=1, le=28)
    closes_day: int = Field(ge=1, le=32)
    remind_hours: int = Field(ge=0, le=120)
    minimum_cards: int = Field(ge=0, le=2000)
    overdue_days: int | None = Field(default=None, ge=1, le=365)


GET_TODO = WORKFLOW.query("get_todo", GetTodo, Todo, "card.view", consistent=True)
LIST_NOTICES = WORKFLOW.query(
    "list_notices", ListNotices, NoticePage, "card.view", consistent=True
)
MARK_READ = WORKFLOW.command("mark_read", MarkRead, MarkedRead, "card.view")
GET_WINDOW = WORKFLOW.query("get_window", GetWindow, Window, "card.view", consistent=True)
REOPEN_MONTH = WORKFLOW.command("reopen_month", ReopenMonth, Window, "activation.province")
SET_WINDOW = WORKFLOW.command("set_window", SetWindow, Window, "activation.province")
