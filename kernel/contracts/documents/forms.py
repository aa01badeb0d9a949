"""Issued forms (DOC-01, DOC-02, DOC-05): issue one, list them, get one, check a printed page's code."""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from kernel.contracts.documents.service import DOCUMENTS
from kernel.contracts.envelope import BlobRef
from kernel.contracts.method import Reply, Request, Unit
from kernel.contracts.paging import Page, PageRequest

FormKind = Literal[
    "city_opening", "province_opening", "county_termination", "city_termination", "swap_list", "box_labels"
]
FormState = Literal["issuing", "current", "superseded", "failed"]
"""``failed``: it could not be drawn; the same content may be sent once more."""


class IssueForm(Request):
    """Issues a form of ``unit`` (code) from its structured content, which names kind, number and revision itself.

    The same number, revision and content again is the same form; other content is refused.
    """

    unit: Unit
    content: dict[str, Any]


class FormAccepted(Reply):
    """``job_id``: the job that draws the form; that of the first time when the form stands already."""

    number: str
    revision: int
    digest: str
    job_id: UUID


class GetForm(Request):
    """``revision`` None: the current one. ``with_content``: also what the form says, up to 2,000 cards."""

    number: str
    revision: int | None = None
    with_content: bool = False


class IssuedFormView(Reply):
    """``digest``: SHA-256 of the content's canonical JSON; ``check_code``: its printed line for people, without page.

    ``pdf`` is None until the form is drawn. ``sealed``: its paper needs a seal, so scans of it can be verified.
    ``can``: verify, download.
    """

    id: int
    number: str
    revision: int
    kind: FormKind
    unit: str
    state: FormState
    digest: str
    check_code: str
    pdf: BlobRef | None
    pages: int | None
    created_at: datetime
    issued_at: datetime | None
    issued_by: str
    issued_by_name: str
    superseded_at: datetime | None
    sealed: bool
    job_id: UUID
    content: dict[str, Any] | None = None
    can: list[str]


class ListForms(PageRequest):
    """Newest first; ``sort``: id. ``number`` may be its beginning. Days are business days, both included."""

    number: str | None = None
    kind: FormKind | None = None
    unit: Unit | None = None
    state: FormState | None = None
    issued_from: date | None = None
    issued_to: date | None = None


class IssuedFormPage(Page[IssuedFormView]):
    """Forms of the caller's subtree."""


class CheckCode(Request):
    """``code``: the text of a page's machine-readable code, or the printed check line (XXXX-XXXX-XXXX-XXXX-001)."""

    code: str = Field(min_length=1, max_length=400)


class CodeChecked(Reply):
    """Whether such a form was issued, and whether it is the current one: nothing else about it (DOC-05)."""

    answer: Literal["current", "superseded", "unknown"]


ISSUE_FORM = DOCUMENTS.command("issue_form", IssueForm, FormAccepted, "document.issue")
GET_FORM = DOCUMENTS.query("get_form", GetForm, IssuedFormView, "card.view")
LIST_FORMS = DOCUMENTS.query("list_forms", ListForms, IssuedFormPage, "card.view", consistent=True)
CHECK_CODE = DOCUMENTS.query("check_code", CheckCode, CodeChecked, None)
