"""提交审核 and 查看: the content is frozen, documents makes the PDF or says why it cannot (ACT-04, TER-03)."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row

from kernel.chassis.data.unit_of_work import Tx
from kernel.contracts.documents.events import FormIssued, FormNotIssued
from kernel.contracts.envelope import BlobRef
from kernel.contracts.workflow.events import FormSubmitted
from kernel.contracts.workflow.forms import (
    FormAnswer,
    FormPdf,
    RenewDraft,
    SubmitForReview,
    SubmitToProvince,
    ViewForm,
)
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from kernel.model.period import business_date
from services.workflow import content, notices
from services.workflow.forms import answer, claim, find, take
from services.workflow.lifecycles import REVIEWING, TERMINATIONS, FormAction
from services.workflow.steps import ITSELF
from services.workflow.tables import forms

A = FormAction

# What the approver compares with: the cards as they were when the list was frozen (TER-09), numbered as on the paper.
_FREEZE = """
UPDATE form_cards SET unit_then = cards.owner_unit, state_then = cards.state, row_no = printed.row_no
FROM cards, (
    SELECT id, row_number() OVER (ORDER BY row_no) AS row_no FROM form_cards WHERE form_id = :form AND open
) AS printed
WHERE cards.iccid = form_cards.iccid AND printed.id = form_cards.id
"""


def _next_revision(form: Row[Any]) -> int:
    """A number never goes to documents twice with the same revision."""
    return int(form.revision) + (1 if form.submitted_revision >= form.revision else 0)


def _freeze(
    tx: Tx, form: Row[Any], revision: int, *, by: Actor, now: datetime, unit_names: dict[str, str]
) -> dict[str, Any]:
    said = content.build(tx, form, revision=revision, issued_on=business_date(now), unit_names=unit_names)
    if form.kind in TERMINATIONS:
        tx.execute(_FREEZE, {"form": form.id})
    return {
        "revision": revision,
        "submitted_revision": revision,
        "submitted_by": by.id,
        "content": said,
        "digest": content.digest(said),
        "pdf": None,
        "pages": None,
        "issue_problem": None,
        "last_attempt": None,
    }


def submit(tx: Tx, request: SubmitForReview, *, by: Actor, now: datetime) -> FormAnswer:
    """提交审核. Publishes form_submitted. Raises form_moved_meanwhile, form_cards_unsettled, form_state_refused."""
    form = claim(tx, request, A.SUBMIT_FOR_REVIEW, by)
    revision = _next_revision(form)
    frozen = _freeze(tx, form, revision, by=by, now=now, unit_names=request.unit_names)
    take(
        tx, form, A.SUBMIT_FOR_REVIEW, by=by, now=now, opinion=request.opinion, remark=request.remark, **frozen
    )
    tx.publish(
        FormSubmitted(
            kind=form.kind,
            number=form.number,
            revision=revision,
            unit=form.unit,
            content=frozen["content"],
            by_name=by.name,
        )
    )
    return answer(tx, form.number, A.SUBMIT_FOR_REVIEW, by=by)


def submit_to_province(
    tx: Tx, request: SubmitToProvince, *, by: Actor, now: datetime
) -> FormAnswer:
    """提交省级 of a city's opening form without the sealed paper (ACT-06); its content is frozen all the same."""
    form = claim(tx, request, A.SUBMIT_TO_PROVINCE, by)
    frozen = _freeze(tx, form, _next_revision(form), by=by, now=now, unit_names={})
    take(
        tx, form, A.SUBMIT_TO_PROVINCE, by=by, now=now, opinion=request.opinion, remark=request.remark, **frozen
    )
    return answer(tx, form.number, A.SUBMIT_TO_PROVINCE, by=by)


def renew(tx: Tx, request: RenewDraft, *, by: Actor, now: datetime) -> FormAnswer:
    """Another applicant or phone before 提交审核. Raises form_unchanged."""
    form = claim(tx, request, A.RENEW, by)
    values = request.model_dump(include={"applicant", "phone"}, exclude_none=True)
    if not values:
        raise DomainError("form_unchanged")
    take(tx, form, A.RENEW, by=by, now=now, opinion=request.opinion, remark=request.remark, **values)
    return answer(tx, form.number, A.RENEW, by=by)


def view(tx: Tx, request: ViewForm, *, by: Actor) -> FormPdf:
    """查看. Raises form_not_submitted (请提交审核单), form_being_issued, form_not_issued."""
    form = find(tx, request.number, by)
    if form.pdf is not None:
        return FormPdf(
            number=form.number,
            revision=form.submitted_revision,
            pdf=BlobRef.model_validate(form.pdf),
            pages=form.pages,
            issued_at=form.issued_at,
        )
    if form.issue_problem is not None:
        raise DomainError("form_not_issued", number=form.number, reason=form.issue_problem)
    if form.state in REVIEWING:
        raise DomainError("form_being_issued", number=form.number)
    raise DomainError("form_not_submitted", number=form.number)


def _of_event(tx: Tx, number: str, revision: int) -> Row[Any] | None:
    """The form that an answer of documents is about, locked; None: that revision is history."""
    nobody = ITSELF
    tx.execute("SELECT id FROM forms WHERE number = :number FOR UPDATE", {"number": number})
    try:
        form = find(tx, number, nobody)
    except DomainError:
        return None  # issued for documents' own purposes, not for a form of workflow
    current = form.submitted_revision == revision and form.revision == revision and form.content is not None
    return form if current else None


def issued(tx: Tx, event: FormIssued) -> None:
    """The PDF stands: 查看 shows it, and its signed scan may be uploaded."""
    form = _of_event(tx, event.number, event.revision)
    if form is None or form.pdf is not None:
        return
    tx.execute(
        forms.update()
        .where(forms.c.id == form.id)
        .values(pdf=event.pdf.model_dump(), pages=event.pages, issued_at=event.issued_at, digest=event.digest)
    )


def not_issued(tx: Tx, event: FormNotIssued, *, now: datetime) -> None:
    """Documents cannot print it: the form goes back to where it can be corrected, with the reason."""
    form = _of_event(tx, event.number, event.revision)
    if form is None or form.state not in REVIEWING or form.pdf is not None:
        return
    reason = f"{event.field}：{event.reason}"
    take(tx, form, A.RETURN_UNISSUED, by=ITSELF, now=now, remark=reason, issue_problem=reason)
    told = {"number": form.number, "reason": reason}
    notices.notify(tx, "form_not_issued", [notices.owner(form)], now=now, number=form.number, params=told)
