"""审核回传单: the sealed paper comes back as a scan, documents judges it, and the form moves on when it passes.

Every attempt is kept with its file, verdict, who and when (ACT-05, TER-03).
"""

from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Row, Select, select

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.spec import Asked, SelectList
from kernel.contracts.documents.events import SignedFormJudged
from kernel.contracts.envelope import BlobRef
from kernel.contracts.said import word
from kernel.contracts.words_workflow import ATTEMPT_STATES
from kernel.contracts.workflow.events import SignedFormUploaded
from kernel.contracts.workflow.forms import (
    LIST_ATTEMPTS,
    AttemptView,
    ListAttempts,
    SignedFormFile,
    UploadAccepted,
    UploadSignedForm,
    ViewSignedForm,
)
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from services.workflow import notices
from services.workflow.forms import expect, find, take
from services.workflow.lifecycles import REVIEWING, FormAction
from services.workflow.steps import ITSELF, refusal
from services.workflow.tables import forms, signed_forms

A = FormAction
_S = signed_forms.c


def upload(tx: Tx, request: UploadSignedForm, *, by: Actor, now: datetime) -> UploadAccepted:
    """Records the attempt and publishes signed_form_uploaded. Raises form_being_issued, form_state_refused."""
    form = find(tx, request.number, by, lock=True)
    expect(tx, form, request.version)
    if refused := refusal(form, A.UPLOAD_SIGNED_FORM, by):
        raise refused
    attempt = uuid4()
    tx.execute(
        signed_forms.insert().values(
            attempt_id=attempt,
            form_id=form.id,
            revision=form.revision,
            upload=request.upload.model_dump(),
            uploaded_by=by.id,
            uploaded_by_name=by.name,
            uploader_unit=by.unit,
            uploaded_at=now,
        )
    )
    take(tx, form, A.UPLOAD_SIGNED_FORM, by=by, now=now, remark=request.upload.name, last_attempt="verifying")
    tx.publish(
        SignedFormUploaded(
            attempt_id=attempt,
            kind=form.kind,
            number=form.number,
            revision=form.revision,
            unit=form.unit,
            upload=request.upload,
            uploaded_by=by.id,
            uploaded_by_name=by.name,
            uploader_unit=by.unit,
        )
    )
    return UploadAccepted(attempt_id=attempt, number=form.number, revision=form.revision)


def _attempt_of(tx: Tx, event: SignedFormJudged) -> tuple[Row[Any], Row[Any]] | None:
    """The attempt that is judged and its form, locked in the order form, attempt."""
    if event.attempt_id is None:
        return None
    of = select(forms.c.number).join(signed_forms, _S.form_id == forms.c.id)
    found = tx.execute(of.where(_S.attempt_id == event.attempt_id)).scalar_one_or_none()
    if found is None:
        return None
    form = find(tx, found, ITSELF, lock=True)
    return tx.execute(select(signed_forms).where(_S.attempt_id == event.attempt_id).with_for_update()).one(), form


def judged(tx: Tx, event: SignedFormJudged, *, now: datetime) -> None:
    """Keeps the verdict; a passed one of the current revision moves the form, while it still waits for it.

    A repeated or late event changes nothing: only a person's decision follows an unclear verdict.
    """
    found = _attempt_of(tx, event)
    if found is None:
        return
    attempt, form = found
    decides = event.decided_by is not None and attempt.state == "unclear"
    if attempt.state != "verifying" and not decides:
        return
    current = form.state in REVIEWING and form.revision == attempt.revision
    state = event.verdict if current else "outdated"
    tx.execute(
        signed_forms.update()
        .where(_S.attempt_id == attempt.attempt_id)
        .values(
            state=state,
            judged_at=event.judged_at,
            scan_id=event.scan_id,
            findings_count=event.findings_count,
            findings=[finding.model_dump() for finding in event.findings],
            decided_by=event.decided_by,
            decided_by_name=event.decided_by_name,
            remark=event.remark,
        )
    )
    if not current:
        return
    if state == "passed":
        by = _judge(event)
        take(tx, form, A.PASS_SIGNED_FORM, by=by, now=now, remark=event.remark, last_attempt=state)
    else:
        newest = select(_S.id).where(_S.form_id == form.id).order_by(_S.id.desc()).limit(1)
        if tx.execute(newest).scalar_one() == attempt.id:
            tx.execute(forms.update().where(forms.c.id == form.id).values(last_attempt=state))
    _tell(tx, form, event, state, now)


def _judge(event: SignedFormJudged) -> Actor:
    if event.decided_by is None:
        return ITSELF
    return Actor(event.decided_by, event.decided_by_name or event.decided_by, "")


def _tell(tx: Tx, form: Row[Any], event: SignedFormJudged, state: str, now: datetime) -> None:
    first = event.findings[0].message if event.findings else None
    detail = f"（{event.findings_count} 处：{first}）" if first and state != "passed" else ""
    first_en = event.findings[0].message_en if event.findings else None
    detail_en = f" ({event.findings_count} places: {first_en or first})" if detail else ""
    verdict = word(ATTEMPT_STATES, state)
    params = {
        "number": form.number, "verdict": verdict.en, "verdict_name": verdict, "detail": detail, "detail_en": detail_en,
    }  # fmt: skip
    notices.notify(tx, "signed_form_judged", [notices.owner(form)], now=now, number=form.number, params=params)


def attempt_view(row: Row[Any], number: str) -> AttemptView:
    """An attempt as people see it."""
    shown = {name: row._mapping[name] for name in AttemptView.model_fields if name != "number"}
    return AttemptView.model_validate({**shown, "number": number})


def _attempts(asked: Asked[ListAttempts]) -> Select[Any]:
    return select(signed_forms).where(_S.form_id == find(asked.tx, asked.request.number, asked.by).id)


ATTEMPTS = SelectList(
    method=LIST_ATTEMPTS,
    title="回传单",
    matching=_attempts,
    items=lambda asked, rows: [attempt_view(row, asked.request.number) for row in rows],
    key=_S.id,
    sorts={"uploaded_at": _S.id},
    newest_first=True,
)
list_attempts = ATTEMPTS.answer
"""All uploads of a form, newest first."""


def view(tx: Tx, request: ViewSignedForm, *, by: Actor) -> SignedFormFile:
    """The scan itself: the one asked for, or the one that passed last (TER-05). Raises attempt_not_found."""
    form = find(tx, request.number, by)
    query = select(signed_forms).where(_S.form_id == form.id)
    if request.attempt_id is not None:
        query = query.where(_S.attempt_id == request.attempt_id)
    else:
        query = query.where(_S.state == "passed").order_by(_S.judged_at.desc()).limit(1)
    row = tx.execute(query).one_or_none()
    if row is None:
        raise DomainError("attempt_not_found", number=form.number)
    upload = BlobRef.model_validate(row.upload)
    return SignedFormFile(number=form.number, attempt_id=row.attempt_id, upload=upload, state=row.state)
