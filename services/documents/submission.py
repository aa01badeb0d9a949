"""Scans come in: from people for verification only, or as the signed form of workflow's (DOC-03, DOC-05, ACT-05).

A scan's row and the job that judges it are one transaction; the job has the scan's id.
"""

from datetime import datetime
from typing import Any
from uuid import uuid4

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.jobs import kinds as jobs
from kernel.contracts.documents.scans import ScanAccepted, SubmitScan
from kernel.contracts.workflow.events import SignedFormUploaded
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from services.documents import issuance, judgement
from services.documents.forms.content import TITLES

VERIFY_JOB = "verify_scan"
NOT_ISSUED = ("本系统没有签发过该编号、版次的申请单", "no such form of this number and revision was issued")

_INSERT = """
INSERT INTO scans (id, number, revision, kind, unit, attempt_id, upload, uploaded_by, uploaded_by_name, uploader_unit,
    uploaded_at)
VALUES (:id, :number, :revision, :kind, :unit, :attempt_id, CAST(:upload AS jsonb), :by, :by_name, :by_unit, :now)
ON CONFLICT (id) DO NOTHING RETURNING *
"""


def submit_scan(tx: Tx, request: SubmitScan, *, by: Actor, now: datetime) -> ScanAccepted:
    """Takes an upload for verification; it moves no workflow form.

    Raises issued_form_not_found, form_not_drawn, form_not_sealed.
    """
    found = issuance.find_row(tx, request.number, request.revision)
    form = issuance.scope_of(found, by, request.number)
    if form.state != "issued":
        raise DomainError("form_not_drawn", number=form.number)
    if not issuance.sealed(form.kind):
        raise DomainError("form_not_sealed", kind=TITLES[form.kind])
    scan = uuid4()
    upload = request.upload.model_dump_json()
    _insert(tx, form, by, id=scan, attempt_id=None, upload=upload, now=now)
    _enqueue(tx, scan, form, by)
    return ScanAccepted(scan_id=scan, job_id=scan)


def signed_form_uploaded(tx: Tx, event: SignedFormUploaded, *, now: datetime) -> None:
    """Workflow's attempt: judged as the job of the same id. An upload for a form that was never issued is refused."""
    by = Actor(event.uploaded_by, event.uploaded_by_name, event.uploader_unit, frozenset({"document.verify"}))
    upload = event.upload.model_dump_json()
    scan = _insert(tx, event, by, id=event.attempt_id, attempt_id=event.attempt_id, upload=upload, now=now)
    if scan is None:
        return
    form = issuance.find_row(tx, event.number, event.revision)
    if form is None or form.state != "issued" or form.unit != event.unit:
        judgement.refuse(tx, scan.id, *NOT_ISSUED, now=now)
    else:
        _enqueue(tx, scan.id, form, by)


def _insert(tx: Tx, form: Any, by: Actor, **more: Any) -> Any:
    """The scan's row; None when it is there already."""
    values = {
        "number": form.number, "revision": form.revision, "kind": form.kind, "unit": form.unit, "by": by.id,
        "by_name": by.name, "by_unit": by.unit,
    }  # fmt: skip
    return tx.execute(_INSERT, values | more).one_or_none()


def _enqueue(tx: Tx, scan: Any, form: Any, by: Actor) -> None:
    title = f"核验 {form.number} 第 {form.revision} 版回传单"
    jobs.enqueue(tx, VERIFY_JOB, title, {"scan_id": str(scan)}, by, job_id=scan)
