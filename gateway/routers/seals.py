"""预留印鉴: specimens of units' seals, confirmed by a second person (DOC-06)."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from gateway.calls import Call, calling
from gateway.downloads import send_blob
from gateway.rest import PREFIX, Accepted, accepted, named, parse
from gateway.routes import Route, serve
from gateway.uploads import receive_upload, upload_form
from kernel.contracts.documents import scans, seals
from kernel.contracts.envelope import BlobRef
from kernel.contracts.plain import Plain
from kernel.model.errors import DomainError

router = APIRouter(tags=["预留印鉴"])

SERVICE = "documents"
_UPLOAD_SEAL = upload_form(
    "在白纸上清晰盖印三次，300 dpi 彩色扫描的 PDF、PNG 或 JPEG",
    required=("unit", "name", "valid_from"),
    unit={"type": "string", "examples": ["990101"]},
    name={"type": "string", "examples": ["东江市河口区供电局"]},
    valid_from={"type": "string", "format": "date", "examples": ["2026-11-01"]},
    valid_to={"type": "string", "format": "date", "description": "缺省为长期有效"},
)


class AcceptedSeal(Accepted):
    """The impressions are being read as a job."""

    seal_id: UUID


class SealLinks(BaseModel):
    """The pictures of the three impressions."""

    pictures: list[str]


class ShownSeal(named(seals.SealView)):  # type: ignore[misc]
    """A specimen with the pictures of its impressions."""

    links: SealLinks


class SealDecision(Plain):
    """``remark``: on what grounds."""

    model_config = ConfigDict(
        extra="forbid",
        str_strip_whitespace=True,
        json_schema_extra={"examples": [{"decision": "confirmed", "remark": "与印章实物及备案印模一致"}]},
    )
    decision: Annotated[str, Field(pattern="^(confirmed|rejected)$")]
    remark: str = Field(min_length=1, max_length=500)


class SealEnd(Plain):
    """``valid_to``: its last day."""

    model_config = ConfigDict(
        extra="forbid",
        str_strip_whitespace=True,
        json_schema_extra={"examples": [{"valid_to": "2026-12-31", "reason": "印章磨损，换发新章"}]},
    )
    valid_to: date
    reason: str = Field(min_length=1, max_length=500)


def _registered(reply: dict[str, Any]) -> dict[str, Any]:
    return {**accepted(SERVICE, reply), "seal_id": reply["seal_id"]}


def _shown(reply: dict[str, Any]) -> dict[str, Any]:
    base = f"{PREFIX}/seals/{reply['id']}/pictures"
    reply["links"] = {"pictures": [f"{base}/{number}" for number in range(1, len(reply["pictures"]) + 1)]}
    return reply


serve(
    router,
    Route(
        "GET", "/seals", seals.LIST_SEALS, "预留印鉴列表", "Newest first; only confirmed ones are compared with scans.",
    ),
    Route(
        "GET", "/seals/{seal_id}", seals.GET_SEAL, "预留印鉴", "With the pictures of its three impressions.",
        reply=ShownSeal, shape=_shown,
    ),
    Route(
        "POST", "/seals/{seal_id}/decision", seals.DECIDE_SEAL, "复核预留印鉴",
        "By somebody other than who registered it; recorded with name and remark.",
        body=SealDecision, reply=ShownSeal, shape=_shown, target="seal {seal_id}",
    ),
    Route(
        "POST", "/seals/{seal_id}/end", seals.END_SEAL, "停用预留印鉴",
        "Gives a confirmed specimen its last day; a renewed seal is registered anew.",
        body=SealEnd, reply=ShownSeal, shape=_shown, target="seal {seal_id}",
    ),
)  # fmt: skip


@router.post("/seals", status_code=202, response_model=AcceptedSeal, summary="登记预留印鉴", openapi_extra=_UPLOAD_SEAL)
async def register_seal(
    request: Request, call: Annotated[Call, Depends(calling(seals.REGISTER_SEAL))]
) -> Response:
    """Reads the three impressions of the upload as a job; a second person confirms them then."""
    limit = min(call.gateway.settings.upload_limit_bytes, scans.MAX_UPLOAD_BYTES)
    upload = await receive_upload(request, call.gateway.blobs, limit)
    fields = {name: value for name, value in upload.fields.items() if value != ""}
    asked = parse(seals.RegisterSeal, {**fields, "upload": upload.require_file()})
    return await call.command(asked, status=202, target=f"{asked.unit} {asked.name}", shape=_registered)


@router.get("/seals/{seal_id}/pictures/{number}", response_class=Response, summary="印鉴图像")
async def get_seal_picture(
    seal_id: UUID, number: int, call: Annotated[Call, Depends(calling(seals.GET_SEAL))]
) -> Response:
    """One of the three impressions, from 1, as PNG."""
    seal = await call.ask(seals.GetSeal(seal_id=seal_id))
    if not 1 <= number <= len(seal["pictures"]):
        raise DomainError("file_gone")
    ref = BlobRef.model_validate(seal["pictures"][number - 1])
    return await send_blob(call.gateway.blobs, ref, f"{number}.png", inline=True)
