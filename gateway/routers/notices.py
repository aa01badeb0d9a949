"""待办 and 通知: what waits for a person, and what happened meanwhile (WFL-03)."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from gateway.calls import Call, calling
from kernel.contracts.workflow import notices

router = APIRouter(tags=["待办与通知"])


@router.get("/todo", response_model=notices.Todo, summary="待办")
async def get_todo(call: Annotated[Call, Depends(calling(notices.GET_TODO))]) -> Response:
    """Counts of what this caller himself may do next; ``filters`` of each open exactly that many."""
    return await call.answer(notices.GetTodo())


@router.get("/notifications", response_model=notices.NotificationPage, summary="通知列表")
async def list_notifications(
    query: Annotated[notices.ListNotifications, Query()],
    call: Annotated[Call, Depends(calling(notices.LIST_NOTIFICATIONS))],
) -> Response:
    """Newest first."""
    return await call.answer(query)


@router.post("/notifications/read", response_model=notices.MarkedRead, summary="标为已读")
async def mark_read(
    call: Annotated[Call, Depends(calling(notices.MARK_READ))], body: notices.MarkRead | None = None
) -> Response:
    """Without ``ids``: all."""
    return await call.command(body or notices.MarkRead(), target="notifications")
