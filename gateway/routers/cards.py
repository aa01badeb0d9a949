"""查询 and the acts on cards (INV-02, INV-05, INV-06)."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Query, Response
from pydantic import field_validator

from gateway.calls import Call, calling, json_response
from gateway.rest import etag, named, split_list
from kernel.contracts.inventory import acts, cards

router = APIRouter(prefix="/cards", tags=["卡片"])

_ICCIDS = ["89860012345678901237", "89860012345678901245"]


class CardQuery(cards.ListCards):
    """``iccids`` may be pasted: one parameter with many numbers, or many parameters."""

    @field_validator("iccids", mode="before")
    @classmethod
    def _pasted(cls, value: Any) -> Any:
        return split_list(value)


def _examples(**fields: Any) -> Any:
    return Body(examples=[{"iccids": _ICCIDS, **fields}])


def _target(request: acts.CardsRequest) -> str:
    count = len(request.iccids)
    return request.iccids[0] if count == 1 else f"{count} cards"


@router.get("/{iccid}", response_model=named(cards.CardView), summary="卡片")
async def get_card(iccid: str, call: Annotated[Call, Depends(calling(cards.GET_CARD))]) -> Response:
    """One card; its ETag is its version."""
    card = await call.ask(cards.GetCard(iccid=iccid))
    return json_response(card, headers=etag(card["version"]))


@router.get("", response_model=named(cards.CardPage), summary="卡片列表")
async def list_cards(
    query: Annotated[CardQuery, Query()], call: Annotated[Call, Depends(calling(cards.LIST_CARDS))]
) -> Response:
    """The list behind 查询, 领用, 待装卡分流 and every number that can be clicked."""
    return await call.answer(query)


@router.get("/{iccid}/run-log", response_model=named(cards.RunLog), summary="运行日志")
async def get_run_log(iccid: str, call: Annotated[Call, Depends(calling(cards.GET_RUN_LOG))]) -> Response:
    """Every change of the card, oldest first."""
    return await call.answer(cards.GetRunLog(iccid=iccid))


@router.post("/mark-unqualified", response_model=acts.BulkAnswer, summary="不合格")
async def mark_unqualified(
    body: Annotated[acts.MarkUnqualified, _examples(operator="李伟", on="2026-11-20", reason="读卡失败")],
    call: Annotated[Call, Depends(calling(acts.MARK_UNQUALIFIED))],
) -> Response:
    """待入库 > 不合格."""
    return await call.command(body, target=_target(body))


@router.post("/inspect-again", response_model=acts.BulkAnswer, summary="重新检测")
async def inspect_again(
    body: Annotated[acts.InspectAgain, _examples(reason="换读卡器复检")],
    call: Annotated[Call, Depends(calling(acts.INSPECT_AGAIN))],
) -> Response:
    """不合格 > 待入库."""
    return await call.command(body, target=_target(body))


@router.post("/return-to-stock", response_model=acts.BulkAnswer, summary="返库")
async def return_to_stock(
    body: Annotated[acts.ReturnToStock, _examples(reason="工单取消")],
    call: Annotated[Call, Depends(calling(acts.RETURN_TO_STOCK))],
) -> Response:
    """待装 > 库存."""
    return await call.command(body, target=_target(body))


@router.post("/mark-pending-scrap", response_model=acts.BulkAnswer, summary="待报废")
async def mark_pending_scrap(
    body: Annotated[acts.MarkPendingScrap, _examples(reason="卡片损坏")],
    call: Annotated[Call, Depends(calling(acts.MARK_PENDING_SCRAP))],
) -> Response:
    """库存 or 待装 > 待报废."""
    return await call.command(body, target=_target(body))


@router.post("/restore", response_model=acts.BulkAnswer, summary="撤销待报废")
async def restore(
    body: Annotated[acts.Restore, _examples(reason="误操作")],
    call: Annotated[Call, Depends(calling(acts.RESTORE))],
) -> Response:
    """待报废 > the state the card came from."""
    return await call.command(body, target=_target(body))


@router.post("/redirect", response_model=acts.BulkAnswer, summary="待装卡分流")
async def redirect(
    body: Annotated[acts.Redirect, _examples(to="in_stock", reason="长期未装")],
    call: Annotated[Call, Depends(calling(acts.REDIRECT))],
) -> Response:
    """待装 > 库存 or 待报废."""
    return await call.command(body, target=_target(body))
