"""A genuine return of a form: every page printed, page 1 signed, dated and sealed."""

import random
from dataclasses import dataclass, field

import numpy as np

from services.documents.forms.issuing import IssuedForm
from tests.documents_lab import paper
from tests.documents_lab.paper import BLACK, BLUE, RED


@dataclass(slots=True)
class Sealing:
    """How a page was sealed. Positions mm; `offset` from the middle of the seal area."""

    diameter: float = 42.0
    strength: float = 0.9
    fade: float = 0.0
    offset: tuple[float, float] = (0.0, 0.0)
    text: str = ""


@dataclass(slots=True)
class Return:
    """The sheets somebody hands in, in his order; `order` tells the form page (from 0) of each, -1 for foreign."""

    sheets: list[np.ndarray]
    order: list[int]
    notes: dict[str, object] = field(default_factory=dict)


def any_sealing(rng: random.Random) -> Sealing:
    return Sealing(
        diameter=rng.choice((38.0, 40.0, 42.0, 42.0, 45.0)),
        strength=rng.uniform(0.35, 1.0),
        fade=rng.choice((0.0, 0.0, rng.uniform(0, 0.6))),
        offset=(rng.uniform(-14, 14), rng.uniform(-14, 10)),
    )


def sign(rng: random.Random, sheet: np.ndarray, areas: list) -> None:
    """Signatures and dates in their areas; not every one is filled in."""
    colour = rng.choice((BLUE, BLACK))
    for area in areas:
        if area.use in ("signature", "date") and rng.random() < 0.85:
            x, y = area.x + area.width * 0.1, area.y + area.height * 0.2
            paper.scribble(rng, sheet, x, y, area.width * 0.8, area.height * 0.6, colour)


def press(rng: random.Random, sheet: np.ndarray, form: IssuedForm, sealing: Sealing) -> None:
    """The unit's seal into the seal area of page 1, or wherever the offset takes it."""
    area = next(area for area in form.layout.sheets[0].areas if area.use == "seal")
    ink = paper.seal(
        rng, sealing.text or form.content.unit, diameter=sealing.diameter, strength=sealing.strength, fade=sealing.fade
    )
    x, y = area.x + area.width / 2 + sealing.offset[0], area.y + area.height / 2 + sealing.offset[1]
    paper.inked(sheet, ink, x, y, RED)


def genuine(form: IssuedForm, seed: int, *, wear: bool = True) -> Return:
    """Paper of an honest clerk: toner that drops out a little, perhaps punched, folded, sealed across the pages."""
    rng = random.Random(f"genuine/{seed}/{form.layout.number}")
    sheets = []
    riding = wear and len(form.layout.sheets) > 1 and rng.random() < 0.15
    for page, sheet in enumerate(form.layout.sheets):
        printed = paper.toner(rng, paper.rendered(form.pdf, page), rng.choice((0, 0.3, 1.0)) if wear else 0)
        sign(rng, printed, sheet.areas)
        if page == 0 and form.layout.seals:
            press(rng, printed, form, any_sealing(rng))
        sheets.append(printed)
    if riding:
        _ride(rng, sheets, form.content.unit)
    for sheet in sheets:
        if wear and rng.random() < 0.15:
            paper.fold(rng, sheet)
    if wear and rng.random() < 0.2:
        dark = rng.random() < 0.6
        for sheet in sheets:
            paper.punch(sheet, dark)
    return Return(sheets, list(range(len(sheets))))


def _ride(rng: random.Random, sheets: list[np.ndarray], text: str) -> None:
    """A seal across the fanned right edges: each page gets its strip of the circle."""
    ink = paper.seal(rng, text, diameter=42, strength=rng.uniform(0.6, 1.0))
    share = ink.shape[1] // len(sheets)
    y = rng.uniform(120, 180)
    for page, sheet in enumerate(sheets):
        strip = ink[:, page * share : (page + 1) * share]
        paper.inked(sheet, strip, 210 - strip.shape[1] / 2 / paper.MM, y, RED)
