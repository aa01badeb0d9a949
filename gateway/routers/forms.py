"""申请单: lists of forms, 提交审核, 查看, 审核回传单, 退回, history (ACT-04 to ACT-11, TER-03 to TER-09, WFL-01)."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from gateway.calls import Call, calling
from gateway.downloads import send_blob
from gateway.rest import Accepted, accepted, if_match_given, named, parse
from gateway.routes import Route, serve
from gateway.uploads import receive_upload, upload_form
from kernel.contracts.documents.scans import MAX_UPLOAD_BYTES
from kernel.contracts.envelope import BlobRef
from kernel.contracts.method import Method
from kernel.contracts.paging import PageRequest
from kernel.contracts.plain import Plain
from kernel.contracts.traffic.card_use import GET_CARDS_USE, MOST, GetCardsUse
from kernel.contracts.workflow import forms, termination
from kernel.contracts.workflow.fields import FormNumber, Person, Phone, Remark
from kernel.model.errors import DomainError

router = APIRouter(prefix="/forms", tags=["申请单"])

_UPLOAD_FORM = upload_form(
    "签字盖章后扫描的 PDF",
)


class Said(Plain):
    """``opinion``, ``remark``: for the log of decisions."""

    model_config = ConfigDict(
        extra="forbid",
        str_strip_whitespace=True,
        json_schema_extra={"examples": [{"opinion": "数量与台账不符，请核对"}]},
    )
    opinion: Remark | None = None
    remark: Remark | None = None


class DraftChange(Said):
    """Of a form that is not submitted yet; what is left out stays as it is."""

    applicant: Person | None = None
    phone: Phone | None = None


class FlatFigures(BaseModel):
    """设备数量, 目前卡数量 and 未激活数量 beside the other fields of a form, None where a form has none (ACT-10)."""

    devices: int | None = None
    cards_now: int | None = None
    not_activated: int | None = None


class FormRow(FlatFigures, named(forms.FormView)):  # type: ignore[misc]
    """A form; ``figures`` also as fields of their own."""


class FormList(named(forms.FormPage)):  # type: ignore[misc]
    """``totals``: the sum over all that match."""

    items: list[FormRow]
    totals: dict[str, int]


class FormReply(forms.FormAnswer):
    """What an act on a form answers: the manual's message and the form as it is now."""

    form: FormRow


class FormWhole(FormRow):
    """The form's own fields stand beside ``form`` as well, for who asks only for one of them."""

    form: FormRow
    lines: list[named(forms.FormLine)]  # type: ignore[valid-type]
    cities: list[named(forms.CityFigures)]  # type: ignore[valid-type]
    digest: str | None
    issued_at: datetime | None
    pages: int | None


class FormHistory(named(forms.History)):  # type: ignore[misc]
    """Everything that happened to the form."""

    form: FormRow


class UploadAccepted(Accepted):
    """``attempt_id``: the upload among the form's signed forms."""

    attempt_id: UUID


class CardQuery(PageRequest):
    """``changed``: only those that differ from what was submitted. ``reopened``: those with traffic after the end."""

    iccid: str | None = Field(default=None, max_length=32)
    carrier: str | None = None
    follow: termination.FollowState | None = None
    changed: bool | None = None
    reopened: bool | None = None


async def _with_use(call: Call, page: dict[str, Any]) -> None:
    """Each card's last use and last cost, from traffic; without its answer, or the right, they stay empty."""
    cards = {card["iccid"]: card for card in page["items"]}
    if not cards or GET_CARDS_USE.permission not in call.user.permissions:
        return
    try:
        found = await call.ask(GetCardsUse(iccids=list(cards)[:MOST]), GET_CARDS_USE)
    except DomainError:
        return
    for use in found["items"]:
        card = cards[use["iccid"]]
        for name in ("last_use", "month", "month_bytes", "cost_month"):
            card[name] = use[name]
        card["month_cost"] = use["cost"]


def _flat(form: dict[str, Any]) -> dict[str, Any]:
    figures = form.get("figures") or {}
    return {**form, **{name: figures.get(name) for name in FlatFigures.model_fields}}


def flat_answer(reply: dict[str, Any]) -> dict[str, Any]:
    """An answer with one form in it, its figures as fields of their own."""
    return {**reply, "form": _flat(reply["form"])}


def _flat_list(reply: dict[str, Any]) -> dict[str, Any]:
    items = [_flat(form) for form in reply["items"]]
    return {**reply, "items": items, "totals": {"quantity": reply.get("quantity", 0)}}


def _whole(reply: dict[str, Any]) -> dict[str, Any]:
    found = flat_answer(reply)
    return {**found["form"], **found}


def form_act(  # noqa: PLR0917  the columns of a table
    path: str,
    method: "Method[Any, Any]",
    summary: str,
    about: str,
    body: type[BaseModel] | None = None,
    example: dict[str, Any] | None = None,
    verb: Literal["POST", "PATCH"] = "POST",
) -> Route:
    """An act on a form: its number, the version of If-Match, and what was said. Answers the form."""
    return Route(
        verb, path, method, summary, about, example, body=body or Said, bare=body is None,
        reply=FormReply, shape=flat_answer, target="{number}",
    )  # fmt: skip


serve(
    router,
    Route(
        "GET", "", forms.LIST_FORMS, "申请单列表",
        "Forms of one's own units, newest first. ``can`` of a form: what this caller may do with it now.",
        reply=FormList, shape=_flat_list,
    ),
    Route(
        "GET", "/{number}", forms.GET_FORM, "申请单",
        "One form with its lines; its ETag is needed for every act on it.", reply=FormWhole, shape=_whole,
    ),
    form_act(
        "/{number}", forms.RENEW_DRAFT, "修改申请单",
        "Another applicant or phone on a form that is not submitted yet. Needs If-Match.",
        DraftChange, {"applicant": "李晓燕", "phone": "13800000000"}, "PATCH",
    ),
    Route(
        "GET", "/{number}/history", forms.GET_HISTORY, "申请单历史",
        "Every decision with who, when, opinion and content digest, and every upload (WFL-01).",
        reply=FormHistory, shape=flat_answer,
    ),
    form_act(
        "/{number}/submit-for-review", forms.SUBMIT_FOR_REVIEW, "提交审核",
        "Freezes the content; the PDF follows within seconds (``pdf_ready``). Needs If-Match.",
    ),
    Route(
        "GET", "/{number}/signed-forms", forms.LIST_ATTEMPTS, "审核回传单列表",
        "Every upload with its verdict and findings, newest first; ``scan_id`` finds the page images.",
    ),
    form_act(
        "/{number}/submit-to-province", forms.SUBMIT_TO_PROVINCE, "提交省级",
        "市级汇总 > 市级审核通过, of a city's opening form. Needs If-Match.",
    ),
    form_act(
        "/{number}/send-back", forms.SEND_BACK, "退回",
        "市级审核通过 > 省级退回, of a city's opening form, by the province. Needs If-Match.",
    ),
    Route(
        "GET", "/{number}/cards", termination.LIST_FORM_CARDS, "销卡申请单明细",
        "The frozen list with each card as it is now (TER-09).", body=CardQuery, beside=_with_use,
    ),
)  # fmt: skip


@router.get("/{number}/pdf", response_class=Response, summary="查看申请单（PDF）")
async def view_form(
    number: FormNumber,
    call: Annotated[Call, Depends(calling(forms.VIEW_FORM))],
    download: Annotated[bool, Query()] = False,
) -> Response:
    """The issued PDF, shown or (``download``) saved. 409 form_not_submitted, form_being_issued."""
    found = await call.ask(forms.ViewForm(number=number))
    name = f"{number}.pdf" if found["revision"] == 1 else f"{number}-{found['revision']}.pdf"
    await call.note("form.download", f"{number} / {found['revision']}", {"sha256": found["pdf"]["sha256"]})
    return await send_blob(call.gateway.blobs, BlobRef.model_validate(found["pdf"]), name, inline=not download)


@router.post(
    "/{number}/signed-forms",
    status_code=202,
    response_model=UploadAccepted,
    summary="审核回传单",
    openapi_extra=_UPLOAD_FORM,
)
async def upload_signed_form(
    number: FormNumber, request: Request, call: Annotated[Call, Depends(calling(forms.UPLOAD_SIGNED_FORM))]
) -> Response:
    """The scan streams into the store; a job verifies it (its row appears a moment later). If-Match is optional."""
    limit = min(MAX_UPLOAD_BYTES, call.gateway.settings.upload_limit_bytes)
    upload = await receive_upload(request, call.gateway.blobs, limit)
    values = {"number": number, "upload": upload.require_file(), "version": if_match_given(request)}
    asked = parse(forms.UploadSignedForm, values)

    def shape(reply: dict[str, Any]) -> dict[str, Any]:
        job = accepted("documents", {"job_id": reply["attempt_id"]})
        return {**job, "attempt_id": reply["attempt_id"]}

    return await call.command(asked, status=202, target=number, shape=shape)


@router.get("/{number}/signed-form", response_class=Response, summary="查看审核回传单")
async def view_signed_form(
    number: FormNumber,
    call: Annotated[Call, Depends(calling(forms.VIEW_SIGNED_FORM))],
    attempt_id: Annotated[UUID | None, Query()] = None,
    download: Annotated[bool, Query()] = False,
) -> Response:
    """The scan as it was uploaded; without ``attempt_id`` the one that passed last."""
    found = await call.ask(forms.ViewSignedForm(number=number, attempt_id=attempt_id))
    await call.note("signed_form.download", number, {"sha256": found["upload"]["sha256"]})
    return await send_blob(call.gateway.blobs, BlobRef.model_validate(found["upload"]), inline=not download)
