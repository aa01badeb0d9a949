"""待办 and 通知: what waits for a person, and what happened meanwhile (WFL-03)."""

from fastapi import APIRouter

from gateway.routes import Route, serve
from kernel.contracts.workflow import notices
from kernel.contracts.workflow.overview import GET_OVERVIEW

router = APIRouter(tags=["待办与通知"])

serve(
    router,
    Route(
        "GET", "/todo", notices.GET_TODO, "待办",
        "Counts of what this caller himself may do next; ``filters`` of each open exactly that many.",
    ),
    Route(
        "GET", "/overview", GET_OVERVIEW, "订单与超期申请单",
        "Orders of the last twelve months against what arrived, and forms that nobody moves, in one's own units.",
        tags=("首页",),
    ),
    Route("GET", "/notices", notices.LIST_NOTICES, "通知列表", "Newest first."),
    Route(
        "POST", "/notices/read", notices.MARK_READ, "标为已读", "Without ``ids``: all.",
        bare=True, target="notices",
    ),
)  # fmt: skip
