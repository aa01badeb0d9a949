"""What people put where the seal should be."""

import math
import random

import cv2
import numpy as np

from services.documents.forms.issuing import IssuedForm
from tests.documents_lab import paper
from tests.documents_lab.forger import Forgery, _sheets
from tests.documents_lab.genuine import Sealing, any_sealing, press
from tests.documents_lab.paper import BLACK, RED

MM = paper.MM


def _area(form: IssuedForm):
    return next((area for area in form.layout.sheets[0].areas if area.use == "seal"), None)


def _instead(name: str, put):
    """A forgery of page 1 that has `put(rng, sheet, x, y, form)` for a seal, around the middle of the seal area."""

    def forge(form: IssuedForm, rng: random.Random) -> Forgery | None:
        area = _area(form)
        if area is None:
            return None
        sheets = _sheets(form, form.layout, rng, sealed=False)
        put(rng, sheets[0], area.x + area.width / 2, area.y + area.height / 2, form)
        return Forgery(name, sheets, 1, (area.x, area.y, area.width, area.height))

    return forge


def _mask(size: float) -> np.ndarray:
    return np.zeros((round(size * MM), round(size * MM)), np.uint8)


def _lay(sheet: np.ndarray, mask: np.ndarray, x: float, y: float, colour: tuple[int, int, int] = RED) -> None:
    paper.inked(sheet, cv2.GaussianBlur(mask, (0, 0), 0.7).astype(np.float32) / 255 * 0.9, x, y, colour)


def _nothing(*_: object) -> None:
    """No seal at all."""


def _black(rng: random.Random, sheet: np.ndarray, x: float, y: float, form: IssuedForm) -> None:
    paper.inked(sheet, paper.seal(rng, form.content.unit, diameter=42, strength=0.95), x, y, BLACK)


def _square(rng: random.Random, sheet: np.ndarray, x: float, y: float, _: IssuedForm) -> None:
    mask, side = _mask(44), round(rng.uniform(34, 42) * MM)
    cv2.rectangle(mask, (10, 10), (side, side), 255, 12)
    for k in range(3):
        cv2.line(mask, (60 + k * 120, 60), (100 + k * 120, side - 60), 255, 10)
    _lay(sheet, mask, x, y)


def _logo(rng: random.Random, sheet: np.ndarray, x: float, y: float, _: IssuedForm) -> None:
    mask = _mask(44)
    cv2.circle(mask, (260, 260), round(rng.uniform(19, 21.5) * MM), 255, -1)
    cv2.putText(mask, "SG", (130, 320), cv2.FONT_HERSHEY_SIMPLEX, 6, 0, 40)
    _lay(sheet, mask, x, y)


def _drawn_circle(rng: random.Random, sheet: np.ndarray, x: float, y: float, _: IssuedForm) -> None:
    radius, wobble = rng.uniform(18, 22), rng.uniform(0.2, 1.2)
    phase = rng.uniform(0, 6)
    points = [
        (
            x + (radius + wobble * math.sin(3 * a + phase)) * math.cos(a),
            y + (radius + wobble * math.cos(2 * a)) * math.sin(a),
        )
        for a in np.linspace(0, 2 * math.pi, 80)
    ]
    paper.stroke(sheet, points, 0.6, RED)


def _circle_and_writing(rng: random.Random, sheet: np.ndarray, x: float, y: float, form: IssuedForm) -> None:
    _drawn_circle(rng, sheet, x, y, form)
    paper.scribble(rng, sheet, x - 9, y - 4, 18, 8, RED)


def _scribble(rng: random.Random, sheet: np.ndarray, x: float, y: float, _: IssuedForm) -> None:
    paper.scribble(rng, sheet, x - 18, y - 12, 36, 24, RED)


def _grid(_: random.Random, sheet: np.ndarray, x: float, y: float, __: IssuedForm) -> None:
    mask = _mask(44)
    for k in range(0, mask.shape[0], 60):
        cv2.line(mask, (k, 0), (k, mask.shape[0]), 255, 4)
        cv2.line(mask, (0, k), (mask.shape[0], k), 255, 4)
    _lay(sheet, mask, x, y)


def _tiny(rng: random.Random, sheet: np.ndarray, x: float, y: float, form: IssuedForm) -> None:
    ink = paper.seal(rng, form.content.unit, diameter=rng.choice((18.0, 22.0, 28.0)), strength=0.9)
    paper.inked(sheet, ink, x, y, RED)


def _chop(rng: random.Random, sheet: np.ndarray, x: float, y: float, _: IssuedForm) -> None:
    mask = _mask(20)
    cv2.rectangle(mask, (6, 6), (220, 220), 255, 10)
    for at in range(4):
        cx, cy = 70 + 90 * (at % 2), 70 + 90 * (at // 2)
        for _k in range(4):
            cv2.line(mask, (cx - 30, cy + rng.randrange(-30, 30)), (cx + 30, cy + rng.randrange(-30, 30)), 255, 7)
    _lay(sheet, mask, x, y)


def cut_off(form: IssuedForm, rng: random.Random) -> Forgery | None:
    """A seal of which 35-50 % of the circle lies beyond the paper's edge."""
    area = _area(form)
    if area is None:
        return None
    sheets = _sheets(form, form.layout, rng, sealed=False)
    sealing = Sealing(42.0, 0.9, 0.0)
    sealing.offset = (210 + rng.uniform(-9, 2) - area.x - area.width / 2, rng.uniform(-15, 15))
    press(rng, sheets[0], form, sealing)
    return Forgery("seal_cut_off", sheets, 1, (area.x, area.y, area.width, area.height))


def moved(form: IssuedForm, rng: random.Random) -> Forgery | None:
    """The seal stands on another page than the policy asks for."""
    area = _area(form)
    if area is None or len(form.layout.sheets) < 2:
        return None
    sheets = _sheets(form, form.layout, rng, sealed=False)
    press(rng, sheets[rng.randrange(1, len(sheets))], form, any_sealing(rng))
    return Forgery("seal_moved", sheets, 1, (area.x, area.y, area.width, area.height))


SEALS = {
    "seal_none": _instead("seal_none", _nothing),
    "seal_black": _instead("seal_black", _black),
    "seal_square": _instead("seal_square", _square),
    "seal_logo": _instead("seal_logo", _logo),
    "seal_circle": _instead("seal_circle", _drawn_circle),
    "seal_circle_writing": _instead("seal_circle_writing", _circle_and_writing),
    "seal_scribble": _instead("seal_scribble", _scribble),
    "seal_grid": _instead("seal_grid", _grid),
    "seal_tiny": _instead("seal_tiny", _tiny),
    "seal_chop": _instead("seal_chop", _chop),
    "seal_cut_off": cut_off,
    "seal_moved": moved,
}
