"""Issuing: a content becomes the form of its number and revision, once and for ever (DOC-01, DOC-02).

Content is judged at once; drawing is a job, because it takes the processor for seconds. The row is there before the
drawing, so that the same number and revision can never stand for two contents.
"""

from typing import Any, Literal
from uuid import uuid4

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.jobs import kinds as jobs
from kernel.contracts.documents.events import FormIssued, FormNotIssued
from kernel.contracts.documents.forms import FormAccepted, IssueForm
from kernel.contracts.envelope import BlobRef
from kernel.contracts.errors import text
from kernel.contracts.imei.events import SwapListSubmitted
from kernel.contracts.workflow.events import FormSubmitted
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from kernel.model.unit import check_unit, is_within
from services.documents.content_check import ContentError, check_content
from services.documents.forms.codes import check_line
from services.documents.forms.content import FormContent

ISSUE_JOB = "issue_form"

_OF_NUMBER = "SELECT * FROM forms WHERE number = :number ORDER BY revision FOR UPDATE"
_INSERT = """
INSERT INTO forms (number, revision, kind, unit, source, content, digest, check_code, state, job_id, issued_by,
    issued_by_name)
VALUES (:number, :revision, :kind, :unit, :source, :content, :digest, :check_code, 'issuing', :job_id, :by, :by_name)
ON CONFLICT (number, revision) DO NOTHING RETURNING *
"""
_AGAIN = """
UPDATE forms SET content = :content, digest = :digest, check_code = :check_code, state = 'issuing', job_id = :job_id,
    issued_by = :by, issued_by_name = :by_name
WHERE number = :number AND revision = :revision AND state = 'failed' RETURNING *
"""


def issue_form(tx: Tx, request: IssueForm, *, by: Actor) -> FormAccepted:
    """Accepts a form for drawing.

    Raises request_invalid naming each field of the content, unit_out_of_scope, form_differs (same number and revision,
    other content), form_number_taken (another unit's, another kind's, or workflow's).
    """
    by.require_within(check_unit(request.unit))
    try:
        content = check_content(request.content)
    except ContentError as error:
        errors = [{"field": f"content.{item['field']}", "message": item["message"]} for item in error.errors]
        raise DomainError("request_invalid", errors=errors) from error
    row = register(tx, content, request.unit, source="person", by=by)
    return FormAccepted(number=row.number, revision=row.revision, digest=row.digest, job_id=row.job_id)


def form_submitted(tx: Tx, event: FormSubmitted | SwapListSubmitted, *, by: Actor) -> None:
    """Workflow's 提交审核, imei's list of swaps: what cannot be issued is said at once, what stands already again."""
    try:
        content = check_content(event.content)
        if (content.number, content.revision, content.kind) != (event.number, event.revision, event.kind):
            raise ContentError([{"field": "number", "message": "内容的编号、版次或种类与申请单不一致"}])
        row = register(tx, content, event.unit, source="workflow", by=by)
    except ContentError as error:
        first = error.errors[0]
        tx.publish(_not_issued(event, first["field"], first["message"]))
    except DomainError as error:
        tx.publish(_not_issued(event, "number", text(error.code, error.params)))
    else:
        if row.state == "issued":
            tx.publish(issued_event(row))


def register(tx: Tx, content: FormContent, unit: str, *, source: Literal["person", "workflow"], by: Actor) -> Any:
    """The form's row; drawing is under way unless it is drawn already.

    Raises form_differs, form_number_taken: nobody can put a revision of his own behind a form of workflow's.
    """
    rows = tx.execute(_OF_NUMBER, {"number": content.number}).all()
    if any((row.unit, row.kind, row.source) != (unit, content.kind, source) for row in rows):
        raise DomainError("form_number_taken", number=content.number)
    digest, job_id = content.digest(), uuid4()
    values: dict[str, Any] = {
        "number": content.number, "revision": content.revision, "kind": content.kind, "unit": unit, "source": source,
        "content": content.canonical().decode(), "digest": digest.hex(),
        "check_code": check_line(digest, 1)[:19], "job_id": job_id, "by": by.id, "by_name": by.name,
    }  # fmt: skip
    known = next((row for row in rows if row.revision == content.revision), None)
    if known is not None and known.state != "failed":
        if known.digest != values["digest"]:
            raise DomainError("form_differs", number=content.number, revision=content.revision)
        return known
    row = tx.execute(_INSERT if known is None else _AGAIN, values).one_or_none()
    if row is None:  # somebody else was first in this very moment: what he wrote is seen now
        return register(tx, content, unit, source=source, by=by)
    title = f"签发 {content.number} 第 {content.revision} 版"
    request = {"number": content.number, "revision": content.revision}
    jobs.enqueue(tx, ISSUE_JOB, title, request, by, job_id=job_id)
    return row


def issued_event(row: Any) -> FormIssued:
    """What is told of a form that is drawn."""
    return FormIssued(
        number=row.number, revision=row.revision, kind=row.kind, unit=row.unit, digest=row.digest,
        pdf=BlobRef.model_validate(row.pdf), pages=row.pages, issued_at=row.issued_at,
    )  # fmt: skip


def _not_issued(event: FormSubmitted | SwapListSubmitted, field: str, reason: str) -> FormNotIssued:
    return FormNotIssued(number=event.number, revision=event.revision, kind=event.kind, field=field, reason=reason)


_STORE = """
UPDATE forms SET state = 'issued', pdf = CAST(:pdf AS jsonb), pages = :pages, public_key = :public_key,
    issued_at = :now, superseded_at = CASE WHEN EXISTS (
        SELECT FROM forms AS newer
        WHERE newer.number = :number AND newer.revision > :revision AND newer.state = 'issued'
    ) THEN CAST(:now AS timestamptz) END
WHERE number = :number AND revision = :revision AND state <> 'issued' RETURNING *
"""
_SUPERSEDE = """
UPDATE forms SET superseded_at = :now
WHERE number = :number AND revision < :revision AND state = 'issued' AND superseded_at IS NULL
"""


def store_drawn(tx: Tx, number: str, revision: int, *, pdf: BlobRef, pages: int, public_key: str, now: Any) -> Any:
    """The drawn form becomes the current one of its number, and is told. The row, or None: another run was first."""
    tx.execute(_OF_NUMBER, {"number": number}).all()  # two revisions drawn at once: the later commit sees the earlier
    row = tx.execute(
        _STORE,
        {
            "number": number, "revision": revision, "pdf": pdf.model_dump_json(), "pages": pages,
            "public_key": public_key, "now": now,
        },
    ).one_or_none()  # fmt: skip
    if row is not None:
        tx.execute(_SUPERSEDE, {"number": number, "revision": revision, "now": now})
        tx.publish(issued_event(row))
    return row


def find_row(tx: Tx, number: str, revision: int | None) -> Any:
    """The row of a form; revision None: the current one, or while none is issued the newest. None: there is none."""
    if revision is not None:
        wanted = "revision = :revision"
    else:
        wanted = "true ORDER BY (state = 'issued') DESC, revision DESC LIMIT 1"
    return tx.execute(
        f"SELECT * FROM forms WHERE number = :number AND {wanted}", {"number": number, "revision": revision}
    ).one_or_none()


_FAILED = """
UPDATE forms SET state = 'failed' FROM jobs
WHERE forms.state = 'issuing' AND jobs.id = forms.job_id AND jobs.state IN ('failed', 'cancelled')
    AND NOT EXISTS (SELECT FROM jobs AS again WHERE again.retry_of = jobs.id AND again.state IN ('queued', 'running'))
RETURNING forms.number, forms.revision, forms.kind, jobs.error_code, jobs.error_params
"""


def tell_failures(tx: Tx) -> int:
    """Forms whose drawing ended without a form are told as not issued. How many."""
    rows = tx.execute(_FAILED).all()
    for row in rows:
        reason = text(row.error_code, row.error_params or {}) if row.error_code else "签发任务已取消"
        tx.publish(FormNotIssued(number=row.number, revision=row.revision, kind=row.kind, field="", reason=reason))
    return len(rows)


def sealed(kind: str) -> bool:
    """Whether the paper of this kind carries a seal and comes back as a scan."""
    return kind != "box_labels"


def scope_of(row: Any, by: Actor, number: str) -> Any:
    """The row, if it is there and in the actor's subtree; else issued_form_not_found, whichever it is."""
    if row is None or not is_within(row.unit, by.unit):
        raise DomainError("issued_form_not_found", number=number)
    return row
