"""Forms of all kinds: lists, submission, the signed scan, decisions, history (ACT-04..11, TER-03..09, WFL-01).

Which permission and level an act on a form needs depends on its kind and action: ``services/workflow/lifecycles.py``.
The methods themselves ask only for card.view; ``can`` of a form names what this actor may do with it now.
"""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from kernel.contracts.documents.events import FormFinding
from kernel.contracts.envelope import BlobRef
from kernel.contracts.method import Reply, Request, Unit
from kernel.contracts.paging import Page, PageRequest
from kernel.contracts.said import Text
from kernel.contracts.workflow.fields import FormNumber, Person, Phone, Remark, UnitNames
from kernel.contracts.workflow.service import WORKFLOW

FormKind = Literal["city_opening", "province_opening", "county_termination", "city_termination"]
FormState = Literal[
    "submitted_to_city",
    "drafted",
    "city_summarised",
    "county_reviewing",
    "city_reviewing",
    "city_approved",
    "submitted_to_province",
    "sent_back_by_city",
    "sent_back_by_province",
    "province_summarised",
    "province_reviewing",
    "submitted_to_internet_department",
    "completed",
    "dissolved",
]
AttemptState = Literal["verifying", "passed", "differs", "unclear", "refused", "outdated"]
Version = Annotated[int, Field(ge=1)]


class KindQuantity(Reply):
    """Cards of one carrier and spec."""

    carrier: str
    card_spec: str
    quantity: int
    replacement: int = 0
    new_quantity: int = 0


class SituationFigures(Reply):
    """设备数量, 目前卡数量, 未激活数量 (ACT-10). ``devices``: None while binding has not told of them."""

    devices: int | None
    cards_now: int
    not_activated: int


class FormView(Reply):
    """A form as lists show it. ``unit``: whose form; ``number``: also the batch number (批次号) of a termination.

    ``quantity``: cards wanted, or cards on the list. ``cards_waiting``: not yet 销卡中 in inventory;
    ``cards_refused``: they cannot follow (why: the form's cards). ``issue_problem``: why the last submission could not
    be made into a PDF. ``pdf_ready``: 查看 shows it. ``last_attempt``: state of the newest upload.
    ``can``: actions of this actor now: view, submit_for_review, upload_signed_form, submit_to_province, send_back,
    generate_again, approve, reject, pass_on_send_back, remove_cards, record_answers, dissolve.
    """

    number: str
    kind: FormKind
    unit: str
    month: str
    drafted_on: date
    state: FormState
    state_name: Text
    revision: int
    version: int
    applicant: str
    phone: str
    quantity: int
    kinds: list[KindQuantity]
    figures: SituationFigures | None
    cards_waiting: int
    cards_refused: int
    cards_answered: int
    drafted_by: str
    drafted_by_name: str
    state_since: datetime
    pdf_ready: bool
    issue_problem: str | None
    last_attempt: AttemptState | None
    last_opinion: str | None
    reviewer: str | None
    reviewed_at: datetime | None
    province_form: str | None
    can: list[str]


class FormAnswer(Reply):
    """``message``: the manual's own, in the caller's language."""

    message: Text
    form: FormView


class FormLine(Reply):
    """One line of an opening form: a city line, or on a province form the line of one city."""

    city_line_id: int
    unit: str
    carrier: str
    card_spec: str
    original_quantity: int
    quantity: int
    replacement: int
    new_quantity: int


class CityFigures(Reply):
    """One city on a province form: as printed, and now."""

    unit: str
    printed: SituationFigures
    now: SituationFigures
    demand: int


class FormDetail(Reply):
    """``digest``: SHA-256 of the content as submitted (hex); decisions carry the one they judged."""

    form: FormView
    lines: list[FormLine]
    cities: list[CityFigures]
    digest: str | None
    issued_at: datetime | None
    pages: int | None


class FormPage(Page[FormView]):
    """``quantity``: sum over all that match."""

    quantity: int = 0


class ListForms(PageRequest):
    """审批单下载/回传 and every other list of forms. ``sort``: drafted_on (newest first), number, state_since, unit.

    ``number``, ``applicant``: any part. ``unit``: it and everything below. ``mine``: only forms that wait for this
    actor. ``carrier``: forms with cards of it. ``overdue``: forms that nobody has moved for longer than the rules
    allow, and that wait for a person. Days are business days, both included.
    """

    kind: list[FormKind] | None = None
    month: str | None = None
    drafted_from: date | None = None
    drafted_to: date | None = None
    number: str | None = Field(default=None, max_length=32)
    applicant: str | None = Field(default=None, max_length=60)
    carrier: str | None = None
    state: list[FormState] | None = None
    unit: Unit | None = None
    mine: bool = False
    overdue: bool = False


class GetForm(Request):
    number: FormNumber


class FormAct(Request):
    """``version``: of the form as read; another one is refused with version_stale."""

    number: FormNumber
    version: Version
    opinion: Remark | None = None
    remark: Remark | None = None


class SubmitForReview(FormAct):
    """提交审核: the content is frozen, documents issues the PDF (ACT-04, ACT-11, TER-03, TER-06)."""

    unit_names: UnitNames = Field(default_factory=dict)


class SubmitToProvince(FormAct):
    """提交省级 of a city's opening form without the sealed paper (ACT-06)."""


class SendBack(FormAct):
    """退回: by the province of an approved opening form (ACT-08)."""


class ViewForm(Request):
    """查看: the issued PDF; 请提交审核单 before 提交审核."""

    number: FormNumber


class FormPdf(Reply):
    number: str
    revision: int
    pdf: BlobRef
    pages: int
    issued_at: datetime


class UploadSignedForm(Request):
    """审核回传单: the scan is in the blob store already; every attempt is kept (ACT-05, ACT-11, TER-03, TER-06)."""

    number: FormNumber
    upload: BlobRef
    version: Version | None = None


class UploadAccepted(Reply):
    """Documents verifies as the job ``attempt_id`` (REST: documents-<attempt_id>); the verdict comes by itself."""

    attempt_id: UUID
    number: str
    revision: int


class ListAttempts(PageRequest):
    """Uploads of one form, newest first."""

    number: FormNumber


class AttemptView(Reply):
    """``outdated``: judged after the form had moved on or been generated again."""

    attempt_id: UUID
    number: str
    revision: int
    state: AttemptState
    upload: BlobRef
    uploaded_by: str
    uploaded_by_name: str
    uploaded_at: datetime
    judged_at: datetime | None
    scan_id: UUID | None
    findings_count: int
    findings: list[FormFinding]
    decided_by: str | None
    decided_by_name: str | None
    remark: str | None


class AttemptPage(Page[AttemptView]):
    """Attempts."""


class ViewSignedForm(Request):
    """The signed scan (TER-05); None: the one that passed last."""

    number: FormNumber
    attempt_id: UUID | None = None


class SignedFormFile(Reply):
    number: str
    attempt_id: UUID
    upload: BlobRef
    state: AttemptState


class GetHistory(Request):
    """Everything that happened to a form, for reading and printing (WFL-01)."""

    number: FormNumber


class Decision(Reply):
    """One row of the append-only log. ``digest``: of the content that was judged (hex), None before submission."""

    step: int
    action: str
    action_name: Text
    from_state: FormState | None
    to_state: FormState
    to_state_name: Text
    revision: int
    by: str
    by_name: str
    by_unit: str
    opinion: str | None
    remark: str | None
    at: datetime
    digest: str | None


class History(Reply):
    form: FormView
    decisions: list[Decision]
    attempts: list[AttemptView]


class RenewDraft(FormAct):
    """Another applicant or phone on a form that is not submitted yet: 新建, 市级汇总, 省级汇总."""

    applicant: Person | None = None
    phone: Phone | None = None


LIST_FORMS = WORKFLOW.query("list_forms", ListForms, FormPage, "card.view", consistent=True)
GET_FORM = WORKFLOW.query("get_form", GetForm, FormDetail, "card.view", consistent=True)
SUBMIT_FOR_REVIEW = WORKFLOW.command("submit_for_review", SubmitForReview, FormAnswer, "card.view")
SUBMIT_TO_PROVINCE = WORKFLOW.command("submit_to_province", SubmitToProvince, FormAnswer, "activation.city")
SEND_BACK = WORKFLOW.command("send_back", SendBack, FormAnswer, "activation.province")
RENEW_DRAFT = WORKFLOW.command("renew_draft", RenewDraft, FormAnswer, "card.view")
VIEW_FORM = WORKFLOW.query("view_form", ViewForm, FormPdf, "card.view")
UPLOAD_SIGNED_FORM = WORKFLOW.command("upload_signed_form", UploadSignedForm, UploadAccepted, "card.view")
LIST_ATTEMPTS = WORKFLOW.query("list_attempts", ListAttempts, AttemptPage, "card.view", consistent=True)
VIEW_SIGNED_FORM = WORKFLOW.query("view_signed_form", ViewSignedForm, SignedFormFile, "card.view")
GET_HISTORY = WORKFLOW.query("get_history", GetHistory, History, "card.view", consistent=True)
