"""What waits for a person, what happened meanwhile, and the rules of the application window (WFL-03, ACT-01)."""

from datetime import datetime
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
]


class GetTodo(Request):
    """To-do counts of this actor: only what he himself may do next."""


class TodoItem(Reply):
    """``key``: stable name; ``label``: Chinese; ``filters``: of LIST_FORMS or the list named by ``page``, which show
    exactly these ``count`` things. ``page``: activation_county, activation_city, activation_province,
    termination_county, termination_city, termination_province."""

    key: str
    label: Text
    page: str
    count: int
    filters: dict[str, str | list[str] | bool]


class Todo(Reply):
    items: list[TodoItem]
    total: int
    unread: int


class ListNotifications(PageRequest):
    """For the actor's unit and his permissions, newest first."""

    unread: bool = False
    kind: NoticeKind | None = None


class NotificationView(Reply):
    """``text`` in the caller's language."""

    id: int
    kind: NoticeKind
    text: Text
    number: str | None
    at: datetime
    read: bool


class NotificationPage(Page[NotificationView]):
    """Notifications."""


class MarkRead(Request):
    """``ids`` None: all that the actor sees."""

    ids: list[int] | None = Field(default=None, max_length=1000)


class MarkedRead(Reply):
    done: int


class GetWindow(Request):
    """The application window around now, and whether this actor may apply."""


class Window(Reply):
    """开卡申请 for ``month`` are taken from ``opens_at`` until ``closes_at``; then the settings with their ``version``.

    ``closed_reason``: in the caller's language. ``next_opens_at``: when applications are taken again; None while they
    are, and where no day is set for it. ``effect``: from when on new days count, once this month's window was handed
    over. ``can``: create (a county now), set (the province).
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
    next_opens_at: datetime | None = None
    effect: Text | None = None


class SetWindow(Request):
    """Days of the month at whose 00:00 (Asia/Shanghai) the window opens and closes, hours before closing at which
    counties without a line are reminded, and the minimum: a new termination form needs more cards than that."""

    version: Annotated[int, Field(ge=1)]
    opens_day: int = Field(ge=1, le=28)
    closes_day: int = Field(ge=1, le=32)
    remind_hours: int = Field(ge=0, le=120)
    minimum_cards: int = Field(ge=0, le=2000)


GET_TODO = WORKFLOW.query("get_todo", GetTodo, Todo, "card.view", consistent=True)
LIST_NOTIFICATIONS = WORKFLOW.query(
    "list_notifications", ListNotifications, NotificationPage, "card.view", consistent=True
)
MARK_READ = WORKFLOW.command("mark_read", MarkRead, MarkedRead, "card.view")
GET_WINDOW = WORKFLOW.query("get_window", GetWindow, Window, "card.view")
SET_WINDOW = WORKFLOW.command("set_window", SetWindow, Window, "activation.province")
