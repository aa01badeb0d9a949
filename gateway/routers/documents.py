"""审批单核验: issued forms, scans of their paper, and the public check of a printed code (DOC-01 to DOC-05)."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from gateway.calls import Call, calling, json_response, language_of
from gateway.context import Gateway
from gateway.downloads import send_blob
from gateway.problems import trace_id_of
from gateway.rest import PREFIX, Accepted, accepted, named, parse
from gateway.routes import Route, serve
from gateway.uploads import receive_upload, upload_form
from kernel.contracts.documents import causes, forms, scans
from kernel.contracts.envelope import BlobRef
from kernel.contracts.plain import Plain
from kernel.model.actor import Actor
from kernel.model.errors import DomainError

router = APIRouter(tags=["审批单核验"])

SERVICE = "documents"
PUBLIC = Actor("public", "公众", "", frozenset())
"""Whoever checks a printed code without login; no method but that one serves him."""

_FORM = {
    "unit": "9901",
    "content": {
        "kind": "city_opening", "number": "KS-9901-202611-001", "revision": 1, "unit": "东江市供电公司",
        "issued_on": "2026-11-20", "applicant": "李晓燕", "phone": "13800000000", "month": "2026-12",
        "demands": [{"carrier": "中国移动", "card_spec": "插拔卡", "replacement": 120, "new": 880}],
    },
}  # fmt: skip
_UPLOAD_FORM = upload_form(
    "PDF、JPEG 或 PNG，300 dpi 彩色",
    required=("number",),
    number={"type": "string", "examples": ["KS-9901-202611-001"]},
    revision={"type": "integer", "description": "缺省为当前版次", "examples": [1]},
)


class AcceptedForm(Accepted):
    """The form is being drawn as a job."""

    number: str
    revision: int
    digest: str


class AcceptedScan(Accepted):
    """The scan is being judged as a job."""

    scan_id: UUID


class PageLinks(BaseModel):
    """Pictures of a page: ``marked`` as scanned with its findings framed, ``original`` as issued."""

    marked: str
    original: str | None


class ShownPage(scans.ScanPage):
    links: PageLinks


class ShownScan(named(scans.ScanView)):  # type: ignore[misc]
    """A scan with its findings and the pictures of its pages."""

    pages: list[ShownPage]


class Decision(Plain):
    """``remark``: on what grounds."""

    model_config = ConfigDict(
        extra="forbid",
        str_strip_whitespace=True,
        json_schema_extra={"examples": [{"verdict": "passed", "remark": "与纸质原件逐项核对无误"}]},
    )
    verdict: Literal["passed", "differs"]
    remark: str = Field(min_length=1, max_length=500)


Revision = Annotated[int | None, Query(ge=1, le=99, description="缺省为当前版次")]
FormReader = Annotated[Call, Depends(calling(forms.GET_FORM))]
ScanReader = Annotated[Call, Depends(calling(scans.GET_SCAN))]


def _issued(reply: dict[str, Any]) -> dict[str, Any]:
    return {**accepted(SERVICE, reply), **{name: reply[name] for name in ("number", "revision", "digest")}}


def _submitted(reply: dict[str, Any]) -> dict[str, Any]:
    return {**accepted(SERVICE, reply), "scan_id": reply["scan_id"]}


def _numbered(asked: forms.IssueForm) -> str:
    return str(asked.content.get("number", ""))[:50]


def _scan(reply: dict[str, Any]) -> dict[str, Any]:
    for page in reply["pages"]:
        base = f"{PREFIX}/scans/{reply['id']}/pages/{page['scan_page']}"
        page["links"] = {
            "marked": f"{base}/marked",
            "original": f"{base}/original" if page["original"] else None,
        }
    return reply


serve(
    router,
    Route(
        "GET", "/issued-forms", forms.LIST_FORMS, "已签发单据列表", "Newest first; ``number`` may be its beginning.",
    ),
    Route(
        "POST", "/issued-forms", forms.ISSUE_FORM, "签发单据",
        "Any kind of form from its structured content. What was issued stays: other content needs another revision.",
        _FORM, reply=AcceptedForm, shape=_issued, target=_numbered,
    ),
    Route(
        "GET", "/scans", scans.LIST_SCANS, "核验列表",
        "Newest first; workflow's signed forms and uploads for verification only.",
    ),
    Route(
        "GET", "/scans/{scan_id}", scans.GET_SCAN, "核验结果",
        "Verdict, each finding in the form's own terms, and the pictures of the pages.", reply=ShownScan, shape=_scan,
    ),
    Route(
        "GET", "/statistics/scan-causes", causes.COUNT_CAUSES, "核验原因统计",
        "Verdicts and decisions per finding: a rule that accuses wrongly has many overridden.",
    ),
    Route(
        "POST", "/scans/{scan_id}/decision", scans.DECIDE_SCAN, "人工判定",
        "An unclear scan, decided by somebody other than who uploaded it; recorded with his name and remark.",
        body=Decision, reply=ShownScan, shape=_scan, target="scan {scan_id}",
    ),
)  # fmt: skip


@router.get("/issued-forms/{number}", response_model=named(forms.IssuedFormView), summary="已签发单据")
async def get_form(number: str, call: FormReader, revision: Revision = None, with_content: bool = False) -> Response:
    """The current revision unless another is asked for; ``with_content``: also what it says."""
    return await call.answer(forms.GetForm(number=number, revision=revision, with_content=with_content))


@router.get("/issued-forms/{number}/file", response_class=Response, summary="单据 PDF")
async def get_form_file(number: str, call: FormReader, view: bool = False) -> Response:
    """The current revision, the very bytes that were issued. ``view``: to look at instead of keeping."""
    return await _form_file(call, number, None, view)


@router.get("/issued-forms/{number}/revisions/{revision}/file", response_class=Response, summary="单据某一版的 PDF")
async def get_revision_file(number: str, revision: int, call: FormReader, view: bool = False) -> Response:
    """As it was issued then, superseded or not."""
    return await _form_file(call, number, revision, view)


async def _form_file(call: Call, number: str, revision: int | None, view: bool) -> Response:
    form = await call.ask(forms.GetForm(number=number, revision=revision))
    if not form["pdf"]:
        raise DomainError("form_not_drawn", number=number)
    await call.note("form.download", f"{form['number']} / {form['revision']}", {"sha256": form["pdf"]["sha256"]})
    return await send_blob(call.gateway.blobs, BlobRef.model_validate(form["pdf"]), inline=view)


@router.post("/scans", status_code=202, response_model=AcceptedScan, summary="上传核验", openapi_extra=_UPLOAD_FORM)
async def submit_scan(
    request: Request, call: Annotated[Call, Depends(calling(scans.SUBMIT_SCAN))]
) -> Response:
    """Judges a scan of a form's paper as a job with progress per page; it moves no approval."""
    limit = min(call.gateway.settings.upload_limit_bytes, scans.MAX_UPLOAD_BYTES)
    upload = await receive_upload(request, call.gateway.blobs, limit)
    asked = parse(scans.SubmitScan, {**upload.fields, "upload": upload.require_file()})
    return await call.command(asked, status=202, target=asked.number, shape=_submitted)


@router.get("/scans/{scan_id}/file", response_class=Response, summary="扫描件原件")
async def get_scan_file(scan_id: UUID, call: ScanReader) -> Response:
    """The upload as it came."""
    scan = await call.ask(scans.GetScan(scan_id=scan_id))
    await call.note("scan.download", scan["number"], {"scan_id": str(scan_id)})
    return await send_blob(call.gateway.blobs, BlobRef.model_validate(scan["upload"]))


@router.get("/scans/{scan_id}/pages/{page}/{side}", response_class=Response, summary="核验页图")
async def get_scan_page(scan_id: UUID, page: int, side: Literal["marked", "original"], call: ScanReader) -> Response:
    """A page of the upload with its findings framed, or the form's page as it was issued, as JPEG."""
    scan = await call.ask(scans.GetScan(scan_id=scan_id))
    shown = next((it for it in scan["pages"] if it["scan_page"] == page), None)
    if shown is None or not shown[side]:
        raise DomainError("file_gone")
    return await send_blob(call.gateway.blobs, BlobRef.model_validate(shown[side]), f"{page}-{side}.jpg", inline=True)


@router.get(
    "/public/forms/check", response_model=forms.CodeChecked, summary="单据真伪查询", openapi_extra={"security": []}
)
async def check_code(request: Request, query: Annotated[forms.CheckCode, Query()]) -> Response:
    """Without login: was this page issued, and is it current? Nothing else is told. Throttled by address (429)."""
    gateway: Gateway = request.app.state.gateway
    wait = gateway.public_checks.take(request.client.host if request.client else "unknown")
    if wait > 0:
        raise DomainError("check_throttled", retry_after=int(wait) + 1)
    answer = await gateway.bus.call(
        SERVICE,
        forms.CHECK_CODE,
        query,
        actor=PUBLIC,
        correlation_id=trace_id_of(request),
        timeout_seconds=gateway.settings.rpc_timeout_seconds,
        language=language_of(request),
    )
    return json_response(answer)
