"""Statistics (INV-06 to INV-10), the ledger and the dashboard."""

from typing import Annotated, Any, get_args

from fastapi import APIRouter, Body, Depends, Request, Response
from pydantic import BaseModel, Field, PositiveInt

from gateway.calls import Call, calling
from gateway.rest import if_match
from gateway.routes import Route, serve
from kernel.contracts.inventory import cards, overview, statistics
from kernel.contracts.plain import Plain

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


class AbnormalLimits(Plain):
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


def _checked_unit(asked: statistics.CheckLedger) -> str:
    return asked.unit or "own unit"


def _limits(reply: dict[str, Any]) -> dict[str, Any]:
    return {**reply["limits"], "version": reply["version"]}


serve(
    router,
    Route(
        "GET", "/statistics/cards-by-state", statistics.COUNT_BY_STATE, "各状态SIM统计",
        "Counts per unit x state, now or at the end of a past day (``as_of``).", reply=StateTable, shape=_state_table,
    ),
    Route(
        "GET", "/statistics/activations-terminations", statistics.COUNT_ACTIVATIONS, "开卡销卡数量统计",
        "Opened and terminated, in the month and cumulative.",
    ),
    Route(
        "GET", "/statistics/abnormal-cards", statistics.COUNT_ABNORMAL, "长期异常状态卡",
        "Cards longer in a state than its limit, per unit and state.",
    ),
    Route(
        "GET", "/settings/abnormal-limits", statistics.GET_ABNORMAL_LIMITS, "异常时限",
        "The limits in force; the ETag is needed to change them.", reply=AbnormalLimits, shape=_limits,
    ),
    Route(
        "GET", "/statistics/ledger", statistics.GET_LEDGER, "卡片台账",
        "Delivered = sum of all states, for any unit and day.",
    ),
    Route(
        "POST", "/statistics/ledger/check", statistics.CHECK_LEDGER, "台账核对",
        "A job that proves the ledger and names the cards that break it.", bare=True, target=_checked_unit,
    ),
    Route(
        "GET", "/statistics/cover", overview.COUNT_COVER, "库存可用月数",
        "Cards in stock against what was issued in the last 90 days, per unit.", tags=("首页",),
    ),
    Route(
        "GET", "/statistics/trend", overview.COUNT_TREND, "十二个月趋势",
        "Cards opened, issued and terminated per month, and the stock at its end.", tags=("首页",),
    ),
    Route(
        "GET", "/dashboard", statistics.GET_DASHBOARD, "首页",
        "Counts per state in one's own units, and what waits for one's hand.", tags=("首页",),
    ),
)  # fmt: skip


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
