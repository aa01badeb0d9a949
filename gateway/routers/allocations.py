"""分卡 (INV-03) and 领用 (INV-04)."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from gateway.calls import Call, calling
from gateway.rest import named, or_job, parse
from gateway.routes import Route, serve
from gateway.row_files import CHOICE, LOOK_FORM, look, send_template
from gateway.uploads import receive_upload, upload_form
from kernel.contracts.files import FileLook, TemplateKind
from kernel.contracts.inventory import acts, finding
from kernel.contracts.plain import Plain

router = APIRouter()

_RANGE = {
    "application_month": "2026-11",
    "carrier": "china_mobile",
    "card_spec": "plug_in",
    "start_iccid": "89860012345678900007",
    "end_iccid": "89860012345678999998",
    "to_unit": "9901",
}
_ISSUE = {"unit": "990101", "recipient": "王强", "phone": "13800000000"}
LIST_LIMIT_BYTES = 5 * 1024 * 1024

_UPLOAD_FORM = upload_form(
    "CSV、TXT 或 XLSX，一行一个 ICCID",
    required=("unit", "recipient", "phone"),
    unit={"type": "string", "examples": ["990101"]},
    recipient={"type": "string", "examples": ["王强"]},
    phone={"type": "string", "examples": ["13800000000"]},
    choice=CHOICE,
)


class Preview(Plain):
    """``allowed``: allocating would move ``would_move`` cards now; else ``refused_by_reason`` says why not."""

    allowed: bool
    would_move: int
    span: int | None
    missing: int | None
    first_iccid: str | None
    last_iccid: str | None
    by_unit: dict[str, int]
    refused_by_reason: list[acts.LeftOut]


def _preview(reply: dict[str, Any]) -> dict[str, Any]:
    left_out = reply.pop("left_out")
    return {**reply, "refused_by_reason": left_out}


def _allocation(reply: dict[str, Any]) -> Any:
    return reply["allocation"]


_ALLOCATE, _ISSUED = ("分卡",), ("领用",)

serve(
    router,
    Route("GET", "/allocations", acts.LIST_ALLOCATIONS, "分卡记录", "Newest first.", tags=_ALLOCATE),
    Route(
        "POST", "/allocations/preview", acts.PREVIEW_ALLOCATION, "分卡试算",
        "Shows exactly what would move; changes nothing.", _RANGE, reply=Preview, shape=_preview, tags=_ALLOCATE,
    ),
    Route(
        "POST", "/allocations", acts.ALLOCATE_CARDS, "分卡",
        """All cards of the range change their owner, or none does (409 allocation_refused with the reasons).

A very large range is checked now and moved by a job (202).""",
        {**_RANGE, "operator": "李伟", "contact": "13800000000"}, status=201,
        reply=named(acts.AllocationView), shape=_allocation, target="{start_iccid}-{end_iccid} > {to_unit}",
        tags=_ALLOCATE,
    ),
    Route("GET", "/requisitions", acts.LIST_REQUISITIONS, "领用记录", "Newest first.", tags=_ISSUED),
    Route(
        "GET", "/acts/{kind}/{act_id}", finding.GET_ACT, "一次分卡或领用", "``kind``: allocation or requisition.",
        tags=("分卡", "领用"),
    ),
    Route(
        "GET", "/acts/{kind}/{act_id}/cards", finding.LIST_ACT_CARDS, "分卡或领用的卡",
        "The cards that it moved and that are in one's units now.", tags=("分卡", "领用"),
    ),
    Route(
        "POST", "/requisitions", acts.ISSUE_CARDS, "批量领用",
        "库存 > 待装, by list or by range, with a result per card. A very large range is issued by a job (202).",
        {**_ISSUE, "iccids": ["89860012345678901237"]}, target="{unit} {recipient}", tags=_ISSUED,
    ),
)  # fmt: skip


@router.post(
    "/requisitions/upload",
    tags=["领用"],
    response_model=acts.IssueAnswer,
    summary="按文件领用",
    openapi_extra=_UPLOAD_FORM,
)
async def issue_uploaded(request: Request, call: Annotated[Call, Depends(calling(acts.ISSUE_LISTED))]) -> Response:
    """As 批量领用, for the ICCIDs that a file lists (10,000 at most)."""
    upload = await receive_upload(request, call.gateway.blobs, LIST_LIMIT_BYTES)
    asked = parse(acts.IssueListed, upload.values())
    return await call.command(asked, target=f"{asked.unit} {asked.recipient}", shape=or_job("inventory", dict))


@router.post(
    "/requisitions/look", tags=["领用"], response_model=FileLook, summary="查看领用清单", openapi_extra=LOOK_FORM
)
async def look_at_list(request: Request, call: Annotated[Call, Depends(calling(acts.LOOK_AT_CARD_LIST))]) -> Response:
    """What a list holds and how it would be read; nothing is done with it."""
    return await look(request, call, LIST_LIMIT_BYTES)


@router.get("/requisitions/template", tags=["领用"], response_class=Response, summary="领用清单模板")
async def list_template(
    call: Annotated[Call, Depends(calling(acts.GET_CARD_LIST_TEMPLATE))], kind: TemplateKind = "xlsx"
) -> Response:
    """A list to fill in."""
    return await send_template(call, kind)
