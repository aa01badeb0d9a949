"""事件停放区: facts whose handlers failed at every try, for a person to replay or drop (GTW-04)."""

import asyncio
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel

from gateway.calls import Call, calling, json_response
from kernel.contracts import operations, topology
from kernel.contracts.method import Method
from kernel.contracts.paging import MAX_PAGE_SIZE
from kernel.contracts.plain import Plain
from kernel.model.errors import DomainError

router = APIRouter(prefix="/parking", tags=["事件停放区"])



class Parked(BaseModel):
    """``id``: ``<service>/<message id>``, as the addresses of replay and drop need it."""

    id: str
    service: str
    message_id: UUID
    source: str
    type: str
    attempts: int
    error: str
    correlation_id: str | None
    parked_at: datetime
    next_try_at: datetime | None
    payload: dict[str, Any] | None


class ParkedList(BaseModel):
    """``away``: services that did not answer."""

    items: list[Parked]
    total: int
    away: list[str]


class ParkingQuery(Plain):
    service: str | None = None
    source: str | None = None
    type: str | None = None
    waiting: bool = False


@router.get("", response_model=ParkedList, summary="停放的事件")
async def parked(
    query: Annotated[ParkingQuery, Query()], call: Annotated[Call, Depends(calling(operations.LIST_PARKED))]
) -> Response:
    """Up to 1,000 of each service, oldest first."""
    services = (_known(query.service),) if query.service else topology.SERVICES
    asked = operations.ListParkedRequest(
        size=MAX_PAGE_SIZE, **query.model_dump(exclude_unset=True, exclude={"service"})
    )
    answers = await asyncio.gather(
        *(call.ask(asked, operations.LIST_PARKED, service=service) for service in services), return_exceptions=True
    )
    found = list(zip(services, answers, strict=True))
    items = [_view(service, it) for service, reply in found if isinstance(reply, dict) for it in reply["items"]]
    items.sort(key=lambda it: str(it["parked_at"]))
    total = sum(reply["total"] for _, reply in found if isinstance(reply, dict))
    away = [service for service, reply in found if not isinstance(reply, dict)]
    return json_response({"items": items, "total": total, "away": away})


@router.post("/{service}/{message_id}/replay", response_model=operations.ParkedDone, summary="重放")
async def replay(
    service: str, message_id: UUID, call: Annotated[Call, Depends(calling(operations.REPLAY_PARKED))]
) -> Response:
    """The handler gets the event once more."""
    return await _one(call, operations.REPLAY_PARKED, service, message_id)


@router.post("/{service}/{message_id}/drop", response_model=operations.ParkedDone, summary="丢弃")
async def drop(
    service: str, message_id: UUID, call: Annotated[Call, Depends(calling(operations.DROP_PARKED))]
) -> Response:
    """The event is given up; it stands in the audit log."""
    return await _one(call, operations.DROP_PARKED, service, message_id)


async def _one(call: Call, method: "Method[Any, Any]", service: str, message_id: UUID) -> Response:
    asked = operations.ParkedSelection(message_ids=[message_id])
    return await call.command(asked, method=method, service=_known(service), target=f"{service}/{message_id}")


def _view(service: str, message: dict[str, Any]) -> dict[str, Any]:
    return {**message, "id": f"{service}/{message['message_id']}", "service": service}


def _known(service: str) -> str:
    if service not in topology.SERVICES:
        raise DomainError("service_unknown", service=service)
    return service
