"""Sheets of labels (INV-11): texts and codes in, a PDF for the usual label sheets out."""

from typing import Literal
from uuid import UUID

from pydantic import Field

from kernel.contracts.documents.service import DOCUMENTS
from kernel.contracts.method import Reply, Request

LabelLayout = Literal["a4_3x8", "a4_3x7", "a4_2x7", "a4_2x4", "roll_70x40"]
MOST_LABELS = 2000


class Label(Request):
    """``title`` stands large, ``lines`` below it, ``code`` in the QR code and under it."""

    title: str = Field(min_length=1, max_length=100)
    lines: list[str] = Field(max_length=6)
    code: str = Field(min_length=1, max_length=40)


class DrawLabels(Request):
    """``start``: the place on the first sheet where the first label goes, counted from 1 along the rows; those before
    it are used up. ``name``: what is printed."""

    name: str = Field(min_length=1, max_length=200)
    layout: LabelLayout
    start: int = Field(default=1, ge=1, le=24)
    labels: list[Label] = Field(min_length=1, max_length=MOST_LABELS)


class LabelsAccepted(Reply):
    """Drawn by a job, whose result is the file."""

    job_id: UUID


DRAW_LABELS = DOCUMENTS.command("draw_labels", DrawLabels, LabelsAccepted, "box.pack")
