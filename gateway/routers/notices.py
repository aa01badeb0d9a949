"""待办 and 通知: what waits for a person, and what happened meanwhile (WFL-03)."""

from fastapi import APIRouter

from gateway.routes import Route, serve
from kernel.contracts.workflow import notices

router = APIRouter(tags=["待办与通知"])

serve(
    router,
    Route(
        "GET", "/todo", notices.GET_TODO, "待办",
        "Counts of what this caller himself may do next; ``filters`` of each open exactly that many.",
    ),
    Route("GET", "/notifications", notices.LIST_NOTIFICATIONS, "通知列表", "Newest first."),
    Route(
        "POST", "/notifications/read", notices.MARK_READ, "标为已读", "Without ``ids``: all.",
        bare=True, target="notifications",
    ),
)  # fmt: skip
