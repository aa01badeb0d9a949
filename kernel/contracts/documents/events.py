"""Facts that documents publishes: forms that were issued, and what became of the scans of their paper."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from kernel.contracts.envelope import BlobRef, Event

Verdict = Literal["passed", "differs", "unclear", "refused"]
"""``refused``: the upload could not be looked at (not a PDF, encrypted, too large ...)."""

MAX_FINDINGS = 50
"""Findings that travel in one event; documents keeps them all."""


class FormIssued(Event):
    """The printable form stands. ``digest``: SHA-256 of its content's canonical JSON, as printed on every page."""

    TYPE = "form_issued"
    number: str
    revision: int
    kind: str
    unit: str
    digest: str
    pdf: BlobRef
    pages: int
    issued_at: datetime


class FormNotIssued(Event):
    """A submitted content cannot be made into a form; ``field`` names the place, ``reason`` says why (Chinese)."""

    TYPE = "form_not_issued"
    number: str
    revision: int
    kind: str
    field: str
    reason: str


class FormFinding(BaseModel):
    """One place where the paper differs, in the form's own terms: 第 2 页, 明细第 49 条 ICCID.

    ``message``, ``message_en``: the whole finding as people read it; of older events there is no English.
    """

    model_config = ConfigDict(extra="ignore", frozen=True, defer_build=True)
    page: int | None
    place: str
    code: str
    expected: str | None = None
    message: str
    message_en: str = ""


class SignedFormJudged(Event):
    """The verdict on one upload. An *unclear* one may be followed by a second event with ``decided_by``.

    ``attempt_id`` is the one of workflow's SignedFormUploaded; None for uploads made for verification only.
    ``scan_id`` finds the page images with the places marked. ``findings`` holds the first MAX_FINDINGS of
    ``findings_count``.
    """

    TYPE = "signed_form_judged"
    number: str
    revision: int
    attempt_id: UUID | None
    scan_id: UUID
    verdict: Verdict
    findings_count: int
    findings: list[FormFinding]
    judged_at: datetime
    decided_by: str | None = None
    decided_by_name: str | None = None
    remark: str | None = None


EVENTS: tuple[type[Event], ...] = (FormIssued, FormNotIssued, SignedFormJudged)
