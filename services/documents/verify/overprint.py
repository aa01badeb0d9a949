"""Red under a seal's cover: what stands inside a seal's circle must still say what was issued.

A seal in its place rarely lies on content; where it does, or where a seal across the pages' edges does, no red ink may
read as a digit beside a number or over one. A seal elsewhere that lies on content is looked at by a person.
"""

import numpy as np

from services.documents.forms.fonts import advance_mm
from services.documents.forms.sheet import Cell
from services.documents.verify.grid import PX
from services.documents.verify.marks import Box
from services.documents.verify.reference import ReferencePage
from services.documents.verify.seals import FoundSeal
from services.documents.verify.templates import DIGITS, book, frame_of, normalised, patches

BLUR = 1.7
READS_AS_DIGIT, RIVAL_LEAD = 0.84, 0.1
INK, LEAST_SHARE = 0.25, 0.03
OFFSETS = [(dx, dy) for dx in (-4, -2, 0, 2, 4) for dy in (-2, 0, 2)]


def digits_in_red(
    red: np.ndarray, black: np.ndarray, reference: ReferencePage, shifts: np.ndarray, seals: list[FoundSeal]
) -> list[Box]:
    """Boxes in mm where red ink inside one of `seals` reads as a digit beside or over a number. `red`: float32 0..1,
    `black`: uint8, both on the grid."""
    found: list[Box] = []
    cells = enumerate(reference.sheet.cells)
    numbers = [(at, cell) for at, cell in cells if any(map(str.isdigit, cell.text)) and _under(cell, seals)]
    if not numbers:  # a seal in its place mostly covers none: no need of whole layers then
        return found
    ink = (red * 255).astype(np.uint8)
    whole = np.maximum(ink, black)
    for index, cell in numbers:
        step = advance_mm("0", cell.size)
        x = cell.x
        places = [(x - step, None), *((x + step * at, digit) for at, digit in enumerate(cell.text))] if (
            cell.text.isdigit()) else [(x - step, None)]  # fmt: skip
        places.append((x + sum(advance_mm(character, cell.size) for character in cell.text), None))
        for left, digit in places:
            if not any(np.hypot(left + step / 2 - s.x, cell.y - 1.2 - s.y) < s.radius + 1 for s in seals):
                continue
            where = ((left * PX + shifts[index, 0]), (cell.y * PX + shifts[index, 1]))
            if _another_digit(ink if digit is None else whole, ink, where, cell.size, digit):
                found.append((left, cell.y - 3.0, step, 3.4))
    return found


def _under(cell: Cell, seals: list[FoundSeal]) -> bool:
    end = cell.x + sum(advance_mm(character, cell.size) for character in cell.text)
    return any(abs(cell.y - s.y) < s.radius + 2 and cell.x - s.radius - 4 < s.x < end + s.radius + 4 for s in seals)


def _another_digit(
    layer: np.ndarray, red: np.ndarray, where: tuple[float, float], size: float, digit: str | None
) -> bool:
    """Does the layer read there as a digit (beside a number), or as another one than `digit` once red is counted?"""
    frame = frame_of("0", size)
    corners = np.array([(where[0] + dx, where[1] + dy - frame.ascent) for dx, dy in OFFSETS])
    cut = patches(red, corners, frame)
    if cut.max() < 64:
        return False
    family = book(BLUR).family(DIGITS, size, frame)
    scores = family.scores(normalised(patches(layer, corners, frame))).max(axis=0)
    best = int(scores.argmax())
    if digit is None:
        return bool(scores[best] >= READS_AS_DIGIT)
    return bool(scores[best] >= READS_AS_DIGIT and scores[best] > scores[DIGITS.index(digit)] + RIVAL_LEAD)


def covered_by_seals(red: np.ndarray, reference: ReferencePage, seals: list[FoundSeal]) -> list[Box]:
    """Lines of type that lie under a seal where none belongs, boxes in mm: nobody can say what its red hides there."""
    found: list[Box] = []
    for index, (x0, y0, x1, y1) in enumerate(reference.boxes):
        if index in reference.labels:
            continue
        corners = np.array([(x, y) for x in (x0, (x0 + x1) / 2, x1) for y in (y0, y1)]) / PX
        if not any((np.hypot(corners[:, 0] - s.x, corners[:, 1] - s.y) < s.radius + 1).any() for s in seals):
            continue
        part = red[max(round(y0), 0) : round(y1), max(round(x0), 0) : round(x1)]
        if part.size and float((part > INK).mean()) > LEAST_SHARE:
            found.append((x0 / PX, y0 / PX, (x1 - x0) / PX, (y1 - y0) / PX))
    return found
