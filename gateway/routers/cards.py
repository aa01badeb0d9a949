"""查询 and the acts on cards (INV-02, INV-05, INV-06)."""

from typing import Any

from fastapi import APIRouter
from pydantic import field_validator

from gateway.rest import split_list
from gateway.routes import Route, serve
from kernel.contracts.inventory import acts, cards, redirection
from kernel.contracts.method import Method

router = APIRouter()

_ICCIDS = ["89860012345678901237", "89860012345678901245"]


class CardQuery(cards.ListCards):
    """``iccids`` may be pasted: one parameter with many numbers, or many parameters."""

    @field_validator("iccids", mode="before")
    @classmethod
    def _pasted(cls, value: Any) -> Any:
        return split_list(value)


def _target(request: acts.CardsRequest) -> str:
    count = len(request.iccids)
    return request.iccids[0] if count == 1 else f"{count} cards"


def _act(path: str, method: "Method[Any, Any]", summary: str, about: str, **example: Any) -> Route:
    return Route("POST", path, method, summary, about, {"iccids": _ICCIDS, **example}, target=_target)


serve(
    router,
    Route("GET", "/{iccid}", cards.GET_CARD, "卡片", "One card; its ETag is its version."),
    Route(
        "GET", "", cards.LIST_CARDS, "卡片列表",
        "The list behind 查询, 领用, 待装卡分流 and every number that can be clicked.", body=CardQuery,
    ),
    Route("GET", "/{iccid}/run-log", cards.GET_RUN_LOG, "运行日志", "Every change of the card, oldest first."),
    _act(
        "/mark-unqualified", acts.MARK_UNQUALIFIED, "不合格", "待入库 > 不合格.",
        operator="李伟", on="2026-11-20", reason="读卡失败",
    ),
    _act("/inspect-again", acts.INSPECT_AGAIN, "重新检测", "不合格 > 待入库.", reason="换读卡器复检"),
    _act("/return-to-stock", acts.RETURN_TO_STOCK, "返库", "待装 > 库存.", reason="工单取消"),
    _act("/mark-pending-scrap", acts.MARK_PENDING_SCRAP, "待报废", "库存 or 待装 > 待报废.", reason="卡片损坏"),
    _act("/restore", acts.RESTORE, "撤销待报废", "待报废 > the state the card came from.", reason="误操作"),
    _act("/redirect", redirection.REDIRECT, "待装卡分流", "待装 > 库存 or 待报废.", to="in_stock", reason="长期未装"),
    prefix="/cards", tag="卡片",
)  # fmt: skip
serve(
    router,
    Route(
        "GET", "/pending-install", redirection.COUNT_PENDING_INSTALL, "待装卡统计",
        "Cards waiting for installation per unit and age.",
    ),
    prefix="/statistics", tag="统计",
)  # fmt: skip
