"""Boxes and their labels (INV-11): packing, printing, and what a scanned code opens, issues or allocates."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Response
from pydantic import ConfigDict, Field

from gateway.calls import Call, calling
from gateway.rest import Accepted, accepted
from gateway.routes import Route, serve
from kernel.contracts.documents import labels
from kernel.contracts.inventory import boxes
from kernel.contracts.plain import Plain
from kernel.model.label_code import LabelKind

router = APIRouter(tags=["箱和标签"])

_CODES = ["75123200000000714", "75123200000000811"]


class LabelSheets(Plain):
    """``box_ids`` absent: all boxes of the batch. ``start``: the place on the first sheet that is still free."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"kind": "box", "layout": "a4_3x8", "start": 5}]}
    )
    kind: LabelKind = "box"
    box_ids: list[int] | None = Field(default=None, min_length=1, max_length=boxes.MOST_LABELS)
    layout: labels.LabelLayout = "a4_3x8"
    start: int = Field(default=1, ge=1, le=24)


def _moved(reply: dict[str, Any]) -> dict[str, Any]:
    """``job_id`` as REST names jobs."""
    for row in reply["rows"]:
        if row["job_id"] is not None:
            row["job_id"] = accepted("inventory", row)["job_id"]
    return reply


class MovedRow(boxes.BoxRow):
    """``job_id``: its progress is at ``/jobs/{job_id}``."""

    job_id: str | None = None  # type: ignore[assignment]


class Moved(boxes.BoxesAnswer):
    """``rows`` as sent, each with what became of it."""

    rows: list[MovedRow]  # type: ignore[assignment]


def _codes(request: boxes.IssueBoxes | boxes.AllocateBoxes) -> str:
    return request.codes[0] if len(request.codes) == 1 else f"{len(request.codes)} boxes"


serve(
    router,
    Route("GET", "/deliveries/{delivery_id}/boxes", boxes.LIST_BOXES, "批次的箱", "By their number."),
    Route(
        "POST", "/deliveries/{delivery_id}/boxes", boxes.PACK_DELIVERY, "装箱",
        "Parts the batch into boxes of ``size`` cards, in order of their numbers. 409 delivery_packed unless again.",
        {"size": 100}, status=201, target="{delivery_id}",
    ),
    Route("GET", "/boxes/{code}", boxes.READ_LABEL, "扫描箱码或批次码", "What a label names, and how its cards stand."),
    Route("GET", "/boxes/{code}/cards", boxes.LIST_LABEL_CARDS, "箱或批次的卡", "Those in one's own units."),
    Route(
        "POST", "/boxes/issue", boxes.ISSUE_BOXES, "扫码领用", "库存 > 待装 of whole boxes, with a result per code.",
        {"codes": _CODES, "unit": "990101", "recipient": "王强", "phone": "13800000000"},
        reply=Moved, shape=_moved, target=_codes,
    ),
    Route(
        "POST", "/boxes/allocate", boxes.ALLOCATE_BOXES, "扫码分卡",
        "Whole boxes change their owner, each whole or not at all, with a result per code.",
        {"codes": _CODES, "to_unit": "9901", "operator": "李伟", "contact": "13800000000"},
        reply=Moved, shape=_moved, target=_codes,
    ),
)  # fmt: skip


@router.post("/deliveries/{delivery_id}/labels", status_code=202, response_model=Accepted, summary="打印标签")
async def print_labels(
    delivery_id: int,
    body: Annotated[LabelSheets, Body()],
    call: Annotated[Call, Depends(calling(labels.DRAW_LABELS))],
) -> Response:
    """A PDF of label sheets, made by a job; its file is at ``/exports/{job_id}/file``."""
    asked = boxes.ListLabels(delivery_id=delivery_id, kind=body.kind, box_ids=body.box_ids)
    found = await call.ask(asked, boxes.LIST_LABELS)
    request = labels.DrawLabels(layout=body.layout, start=body.start, **found)
    return await call.command(
        request, status=202, target=found["name"], shape=lambda reply: accepted("documents", reply)
    )
