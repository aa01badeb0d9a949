"""Print that the original does not have: foreign ink that reads as type in the form's own face and size.

A mark that is not read accuses nobody. One that is read, each character as surely as the form's own, was printed to
look as if it belonged: a row more, a digit behind a number, a word behind a name.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from services.documents.forms.fonts import advance_mm
from services.documents.verify.grid import GRID_DPI, PX
from services.documents.verify.marks import Mark
from services.documents.verify.reference import ReferencePage
from services.documents.verify.templates import (
    DIGITS,
    LIKE_DIGITS,
    Frame,
    TemplateBook,
    coarse_cut,
    common_like,
    frame_of,
    is_wide,
    normalised,
    patches,
)

MOST_MARKS, LEAST_MM, HIGHEST_MM = 24, 1.2, 6.0
READS = 0.94  # a form's own characters correlate by 0.97 and more; a stamp's or a typewriter's by 0.9
LEAST_READ, JOINED_MM = 2, 1.2
ON_PRINT = 0.5  # of a mark
FIRST = [(float(dx), float(dy)) for dx in (-4, -3, -2, -1, 0, 1) for dy in range(-5, 3)]
NEXT = [(dx, dy) for dx in (-1.0, 0.0, 1.0) for dy in (-0.5, 0.0, 0.5)]
NARROW = DIGITS + LIKE_DIGITS + "-"
Place = tuple[float, float]


def read_marks(marks: list[Mark], black: np.ndarray, reference: ReferencePage, templates: TemplateBook) -> list[Mark]:
    """The same marks, those that are type with what they say. `black`: uint8, the page's ink on the grid."""
    sizes = sorted({cell.size for cell in reference.sheet.cells})
    worth = sorted(
        (mark for mark in marks if _may_be_type(mark) and not _on_print(mark, reference)), key=lambda mark: -mark.box[2]
    )[:MOST_MARKS]
    said = {mark: _read(black, mark, reference, sizes, templates) for mark in worth}
    return [replace(mark, reads=said[mark]) if said.get(mark) else mark for mark in marks]


def _may_be_type(mark: Mark) -> bool:
    return mark.harmless is None and LEAST_MM < mark.box[3] < HIGHEST_MM and mark.box[2] > 0.4


def _on_print(mark: Mark, reference: ReferencePage) -> bool:
    """Does the mark lie on type? What would be read there is the form's own: under a highlighter it once was."""
    x, y, width, height = (value * PX for value in mark.box)
    boxes = np.asarray(reference.boxes, float).reshape(-1, 4)
    wide = np.minimum(boxes[:, 2], x + width) - np.maximum(boxes[:, 0], x)
    high = np.minimum(boxes[:, 3], y + height) - np.maximum(boxes[:, 1], y)
    return bool((wide.clip(0) * high.clip(0) > ON_PRINT * width * height).any())


def _read(
    black: np.ndarray, mark: Mark, reference: ReferencePage, sizes: list[float], templates: TemplateBook
) -> str | None:
    left, bottom = mark.box[0] * PX, (mark.box[1] + mark.box[3]) * PX
    right = (mark.box[0] + mark.box[2]) * PX
    for size in sizes:
        text, end = _line(black, (left, bottom), right, size, templates)
        whole = end > right - 0.3 * size / 72 * GRID_DPI
        alone = len(text) == 1 and (is_wide(text) or text in DIGITS.replace("1", ""))
        if whole and (len(text) >= LEAST_READ or (alone and _joins(reference, left, right, bottom, size))):
            return text
    return None


def _line(black: np.ndarray, corner: Place, right: float, size: float, templates: TemplateBook) -> tuple[str, float]:
    """What is read from a mark's lower left corner on, and the pen's place behind it, in pixels."""
    pen, text, offsets = corner, "", FIRST
    while pen[0] < right - 0.25 * size / 72 * GRID_DPI:
        found = max(_readings(black, pen, offsets, size, templates), default=(0.0, "", pen))
        if found[0] < READS:
            break
        pen = (found[2][0] + advance_mm(found[1], size) * PX, found[2][1])
        text, offsets = text + found[1], NEXT
    return text, pen[0]


def _readings(
    black: np.ndarray, pen: Place, offsets: list[Place], size: float, templates: TemplateBook
) -> Iterator[tuple[float, str, Place]]:
    """The best narrow and the best Chinese character around a pen's place: likeness, character, where exactly."""
    places = np.array(pen) + np.array(offsets)
    frame = frame_of("0", size)
    yield _best(black, places, frame, NARROW, size, templates)
    coarse = normalised(coarse_cut(black, np.full(len(places), size), places))
    candidates = common_like(coarse)
    if candidates:
        yield _best(black, places, frame_of(candidates[0], size), candidates, size, templates)


def _best(  # noqa: PLR0917 - a patch and what it may be
    black: np.ndarray, places: np.ndarray, frame: Frame, characters: str, size: float, templates: TemplateBook
) -> tuple[float, str, Place]:
    unit = normalised(patches(black, places - (0, frame.ascent), frame))
    scores = templates.family(characters, size, frame).scores(unit)
    at, best = np.unravel_index(int(scores.argmax()), scores.shape)
    return float(scores[at, best]), characters[int(best)], (float(places[at, 0]), float(places[at, 1]))


def _joins(reference: ReferencePage, left: float, right: float, bottom: float, size: float) -> bool:
    """Does the mark begin where a line of type of this size ends, or end where it begins, on its baseline?"""
    near = JOINED_MM * PX
    return any(
        cell.size == size
        and abs(cell.y * PX - bottom) < 0.6 * near
        and (abs(left - box[2]) < near or abs(box[0] - right) < near)
        for cell, box in zip(reference.sheet.cells, reference.boxes, strict=True)
    )
