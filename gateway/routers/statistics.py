"""Statistics (INV-06 to INV-10), the ledger and the dashboard."""

from typing import Annotated, Any, get_args

from fastapi import APIRouter, Body, Depends, Query, Request, Response
from pydantic import BaseModel, Field, PositiveInt

from gateway.calls import Call, calling, json_response
from gateway.rest import Accepted, accepted, etag, if_match, named
from kernel.contracts.inventory import cards, statistics

router = APIRouter(tags=["统计"])

STATES: tuple[str, ...] = get_args(cards.State)


class StateRow(BaseModel):
    """``exact``: what the unit itself owns (市级直属), not its subtree."""

    unit: str
    unit_name: str | None
    exact: bool
    received: int
    unqualified: int
    in_stock: int
    pending_install: int
    running: int
    pending_scrap: int
    terminating: int
    terminated: int
    total: int


class StateTable(BaseModel):
    items: list[StateRow]
    totals: dict[str, int]


class AbnormalLimits(BaseModel):
    """Days after which a card counts as 长期异常, per state."""

    version: int
    received: int | None = None
    unqualified: int | None = None
    in_stock: int | None = None
    pending_install: int | None = None
    running: int | None = None
    pending_scrap: int | None = None
    terminating: int | None = None


def _state_table(reply: dict[str, Any]) -> dict[str, Any]:
    items = [
        {
            "unit": row["unit"],
            "unit_name": row.get("unit_name"),
            "exact": row["exact"],
            **{state: row["counts"].get(state, 0) for state in STATES},
            "total": row["total"],
        }
        for row in reply["items"]
    ]
    totals = {state: reply["totals"].get(state, 0) for state in STATES}
    return {"items": items, "totals": {**totals, "total": reply["total"]}}


def _limits(reply: dict[str, Any]) -> dict[str, Any]:
    return {**reply["limits"], "version": reply["version"]}


@router.get("/statistics/cards-by-state", response_model=StateTable, summary="各状态SIM统计")
async def cards_by_state(
    query: Annotated[statistics.CountByState, Query()],
    call: Annotated[Call, Depends(calling(statistics.COUNT_BY_STATE))],
) -> Response:
    """Counts per unit x state, now or at the end of a past day (``as_of``)."""
    return await call.answer(query, _state_table)


@router.get("/statistics/pending-install", response_model=named(statistics.PendingInstallCounts), summary="待装卡统计")
async def pending_install(
    query: Annotated[statistics.CountPendingInstall, Query()],
    call: Annotated[Call, Depends(calling(statistics.COUNT_PENDING_INSTALL))],
) -> Response:
    """Cards waiting for installation per unit and age."""
    return await call.answer(query)


@router.get(
    "/statistics/activations-terminations",
    response_model=named(statistics.ActivationCounts),
    summary="开卡销卡数量统计",
)
async def activations_terminations(
    query: Annotated[statistics.CountActivations, Query()],
    call: Annotated[Call, Depends(calling(statistics.COUNT_ACTIVATIONS))],
) -> Response:
    """Opened and terminated, in the month and cumulative."""
    return await call.answer(query)


@router.get("/statistics/abnormal-cards", response_model=named(statistics.AbnormalCounts), summary="长期异常状态卡")
async def abnormal_cards(
    query: Annotated[statistics.CountAbnormal, Query()],
    call: Annotated[Call, Depends(calling(statistics.COUNT_ABNORMAL))],
) -> Response:
    """Cards longer in a state than its limit, per unit and state."""
    return await call.answer(query)


@router.get("/settings/abnormal-limits", response_model=AbnormalLimits, summary="异常时限")
async def get_abnormal_limits(
    call: Annotated[Call, Depends(calling(statistics.GET_ABNORMAL_LIMITS))],
) -> Response:
    """The limits in force; the ETag is needed to change them."""
    reply = await call.ask(statistics.GetAbnormalLimits())
    return json_response(_limits(reply), headers=etag(reply["version"]))


@router.put("/settings/abnormal-limits", response_model=AbnormalLimits, summary="设置异常时限")
async def set_abnormal_limits(
    request: Request,
    body: Annotated[
        dict[cards.State, PositiveInt],
        Body(examples=[{"unqualified": 30, "pending_install": 90, "pending_scrap": 60}]),
        Field(min_length=1),
    ],
    call: Annotated[Call, Depends(calling(statistics.SET_ABNORMAL_LIMITS))],
) -> Response:
    """Replaces all limits. Needs If-Match."""
    asked = statistics.SetAbnormalLimits(limits=body, version=if_match(request))
    return await call.command(asked, target="abnormal limits", shape=_limits)


@router.get("/statistics/ledger", response_model=named(statistics.Ledger), summary="卡片台账")
async def ledger(
    query: Annotated[statistics.GetLedger, Query()], call: Annotated[Call, Depends(calling(statistics.GET_LEDGER))]
) -> Response:
    """Delivered = sum of all states, for any unit and day."""
    return await call.answer(query)


@router.post("/statistics/ledger/check", status_code=202, response_model=Accepted, summary="台账核对")
async def check_ledger(
    call: Annotated[Call, Depends(calling(statistics.CHECK_LEDGER))], body: statistics.CheckLedger | None = None
) -> Response:
    """A job that proves the ledger and names the cards that break it."""
    asked = body or statistics.CheckLedger()
    return await call.command(
        asked, status=202, target=asked.unit or call.user.unit, shape=lambda reply: accepted("inventory", reply)
    )


@router.get("/dashboard", tags=["首页"], response_model=statistics.Dashboard, summary="首页")
async def dashboard(call: Annotated[Call, Depends(calling(statistics.GET_DASHBOARD))]) -> Response:
    """Counts per state in one's own units, and what waits for one's hand."""
    return await call.answer(statistics.GetDashboard())
