"""入库: deliveries, their inspection and stock-in (INV-01, INV-02)."""

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from gateway.calls import Call, calling
from gateway.downloads import send_blob
from gateway.rest import Accepted, accepted, named, parse
from gateway.routes import Route, serve
from gateway.row_files import CHOICE, LOOK_FORM, look, send_template
from gateway.uploads import receive_upload, upload_form
from kernel.contracts.envelope import BlobRef
from kernel.contracts.files import FileLook, TemplateKind
from kernel.contracts.inventory import acts, deliveries
from kernel.contracts.plain import Plain
from kernel.model.errors import DomainError

router = APIRouter(tags=["入库"])

_UPLOAD_FORM = upload_form(
    "CSV 或 XLSX",
    required=("carrier", "batch_no", "application_month", "card_spec"),
    carrier={"type": "string", "examples": ["china_mobile"]},
    batch_no={"type": "string", "examples": ["CM-2026-11-001"]},
    application_month={"type": "string", "examples": ["2026-11"]},
    card_spec={"type": "string", "examples": ["plug_in"]},
    expected_count={"type": "integer", "examples": [5000]},
    owner_unit={"type": "string", "examples": ["99"]},
    choice=CHOICE,
)


class Inspection(Plain):
    """``iccids`` absent: the whole batch."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"inspected_on": "2026-11-20", "inspector": "李伟", "result": "qualified", "remark": "抽检 50 张"}
            ]
        },
    )
    iccids: list[str] | None = Field(default=None, max_length=1000)
    inspected_on: date
    inspector: str = Field(min_length=1, max_length=64)
    result: Literal["qualified", "unqualified"]
    remark: str | None = Field(default=None, max_length=500)


class Release(Plain):
    """``remark``: why the discrepancies are accepted."""

    model_config = ConfigDict(extra="forbid")
    remark: str = Field(min_length=1, max_length=500)


class LeftOut(BaseModel):
    reason: str
    code: str
    message: str
    count: int
    first: list[str]


class StockedIn(BaseModel):
    """``left_out``: cards of the batch that did not go in, by reason."""

    done: int
    refused_count: int
    refused: list[acts.RefusedCard]
    left_out: list[LeftOut]


def _delivery(reply: dict[str, Any]) -> dict[str, Any]:
    """``can`` also tells whether the file of the batch can be downloaded."""
    if reply.get("file"):
        reply["can"] = [*reply["can"], "download"]
    return reply


def _deliveries(reply: dict[str, Any]) -> dict[str, Any]:
    for item in reply["items"]:
        _delivery(item)
    return reply


def _stocked_in(reply: dict[str, Any]) -> dict[str, Any]:
    left_out = [{**it, "reason": it["code"]} for it in reply["left_out"]]
    return {**reply, "left_out": left_out, "refused": [], "refused_count": sum(it["count"] for it in left_out)}


def _accepted(reply: dict[str, Any]) -> dict[str, Any]:
    return accepted("inventory", reply)


@router.get("/deliveries", response_model=named(deliveries.DeliveryPage), summary="批次列表")
async def list_deliveries(
    query: Annotated[deliveries.ListDeliveries, Query()],
    call: Annotated[Call, Depends(calling(deliveries.LIST_DELIVERIES))],
) -> Response:
    """Newest first."""
    return await call.answer(query, _deliveries)


@router.post("/deliveries", status_code=202, response_model=Accepted, summary="上传批次", openapi_extra=_UPLOAD_FORM)
async def import_delivery(
    request: Request, call: Annotated[Call, Depends(calling(deliveries.IMPORT_DELIVERY))]
) -> Response:
    """The file streams into the store; a job then takes the good rows in and reports the bad ones."""
    upload = await receive_upload(request, call.gateway.blobs, call.gateway.settings.upload_limit_bytes)
    asked = parse(deliveries.ImportDelivery, upload.values())
    return await call.command(asked, status=202, target=f"{asked.carrier} {asked.batch_no}", shape=_accepted)


@router.post("/deliveries/look", response_model=FileLook, summary="查看批次文件", openapi_extra=LOOK_FORM)
async def look_at_file(
    request: Request, call: Annotated[Call, Depends(calling(deliveries.LOOK_AT_DELIVERY_FILE))]
) -> Response:
    """What a file holds and how it would be read: sheet, head, columns, hidden things, counts. Changes nothing."""
    return await look(request, call, call.gateway.settings.upload_limit_bytes)


@router.get("/deliveries/template", response_class=Response, summary="批次文件模板")
async def file_template(
    call: Annotated[Call, Depends(calling(deliveries.GET_DELIVERY_TEMPLATE))], kind: TemplateKind = "xlsx"
) -> Response:
    """A file to fill in."""
    return await send_template(call, kind)


@router.post("/carrier-deliveries", status_code=202, response_model=Accepted, summary="运营商推送批次")
async def push(
    body: deliveries.PushDelivery, call: Annotated[Call, Depends(calling(deliveries.PUSH_DELIVERY))]
) -> Response:
    """For carriers, with their own API key; another carrier's cards are refused (403). At most 10,000 cards a note."""
    if call.user.carrier != body.carrier:
        raise DomainError("carrier_not_yours", carrier=body.carrier)
    return await call.command(body, status=202, target=f"{body.carrier} {body.batch_no}", shape=_accepted)


@router.get("/deliveries/{delivery_id}/file", response_class=Response, summary="原始文件")
async def get_file(delivery_id: int, call: Annotated[Call, Depends(calling(deliveries.GET_DELIVERY))]) -> Response:
    """The file as it was uploaded, or the carrier's answer as it was pulled."""
    delivery = await call.ask(deliveries.GetDelivery(delivery_id=delivery_id))
    if not delivery.get("file"):
        raise DomainError("file_gone")
    await call.note("delivery.download", f"{delivery['carrier']} {delivery['batch_no']}", {"delivery_id": delivery_id})
    return await send_blob(call.gateway.blobs, BlobRef.model_validate(delivery["file"]))


serve(
    router,
    Route(
        "POST", "/deliveries/pull", deliveries.PULL_DELIVERIES, "从运营商接口拉取",
        "Fetches now what the carrier has newly delivered.", {"carrier": "china_mobile"}, target="{carrier}",
    ),
    Route(
        "GET", "/deliveries/{delivery_id}", deliveries.GET_DELIVERY, "批次", "One batch with its counts.",
        shape=_delivery,
    ),
    Route(
        "GET", "/deliveries/{delivery_id}/refused-rows", deliveries.LIST_REFUSED_ROWS, "拒收明细",
        "Each bad row with its line number and reason.",
    ),
    Route(
        "GET", "/deliveries/{delivery_id}/discrepancies", deliveries.LIST_DISCREPANCIES, "差异报告",
        "Where the batch contradicts its note, and the gaps in its number range.",
    ),
    Route(
        "POST", "/deliveries/{delivery_id}/inspection", deliveries.RECORD_INSPECTION, "检测",
        "Result unqualified marks the cards 不合格; those of a very large batch by a job (202).",
        body=Inspection, reply=acts.BulkAnswer, target="delivery {delivery_id}",
    ),
    Route(
        "POST", "/deliveries/{delivery_id}/stock-in", deliveries.STOCK_IN, "入库",
        """Stocks in all qualified cards of the batch and says how many were left out and why.

A very large batch goes in by a job (202), whose result says the same.""",
        reply=StockedIn, shape=_stocked_in, target="delivery {delivery_id}",
    ),
    Route(
        "POST", "/deliveries/{delivery_id}/release", deliveries.RELEASE_DELIVERY, "放行",
        "A person accepts the discrepancies of a held batch.",
        body=Release, shape=_delivery, target="delivery {delivery_id}",
    ),
)  # fmt: skip
