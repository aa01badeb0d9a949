"""Sheets with a laboratory seal on them, at 300 dpi: the card with three impressions, and a form that was sealed."""

import random

import cv2
import numpy as np

from services.documents.forms.issuing import IssuedForm
from tests.documents_lab import paper
from tests.documents_lab.forger import _sheets
from tests.seal_lab.faces import PER_MM, Face
from tests.seal_lab.pressing import RED, Press, die, pressed

DPI = 300
PLACES = ((50.0, 60.0), (150.0, 60.0), (100.0, 150.0))


def card(presses: list[tuple[Face, Press]], wear: int) -> np.ndarray:
    """A white A4 sheet with these impressions."""
    sheet = np.full((3508, 2480, 3), 250, np.uint8)
    for (face, press), (x, y) in zip(presses, PLACES, strict=False):
        paper.inked(sheet, _ink(face, press, wear), x, y, RED)
    return sheet


def clean_card(face: Face, wear: int) -> np.ndarray:
    """Three presses with full ink, as a unit registers them."""
    return card([(face, Press(wear * 10 + at, 0.95, 0.0, 7.0 * at)) for at in range(3)], wear)


def sealed_form(form: IssuedForm, face: Face, press: Press, wear: int) -> list[np.ndarray]:
    """The form's sheets, signed, with this impression where the seal belongs."""
    sheets = _sheets(form, form.layout, random.Random(press.seed), sealed=False)
    area = next(area for area in form.layout.sheets[0].areas if area.use == "seal")
    paper.inked(sheets[0], _ink(face, press, wear), area.x + area.width / 2, area.y + area.height / 2, RED)
    return sheets


def _ink(face: Face, press: Press, wear: int) -> np.ndarray:
    ink = pressed(die(face, wear), press)
    side = round(ink.shape[0] / PER_MM / 25.4 * DPI)
    return cv2.resize(ink, (side, side), interpolation=cv2.INTER_AREA)
