"""A page without colour: a seal's ink looks like any other, so what lies where a seal may be cannot be *differs*.

That is around the form's seal area and inside every circle of gray ink that has a seal's ring, on whichever page, also
when it lies across the right edges of several pages. Everything else is judged as on a page with colour.
"""

import cv2
import numpy as np

from services.documents.forms.sheet import SealRule
from services.documents.verify.grid import PX
from services.documents.verify.photometry import Inks
from services.documents.verify.reference import ReferencePage
from services.documents.verify.riding import riding_seals
from services.documents.verify.seals import find_seals

SEAL_RADIUS, GRACE = 22.5, 2.0
PAPER = 38  # of 255: the paper's own grain is below


def perhaps_sealed(
    inks: Inks, reference: ReferencePage, shifts: np.ndarray, rule: SealRule | None
) -> np.ndarray | None:
    """Where seals may lie on a page without colour, uint8 0/255 (2339, 1654); None for a page with colour."""
    if inks.has_colour:
        return None
    mask = np.zeros(inks.black.shape, np.uint8)
    for area in reference.sheet.areas if rule is not None else ():
        if area.use == "seal":
            corner, far = (area.x, area.y), (area.x + area.width, area.y + area.height)
            start, end = ([round((v + side * SEAL_RADIUS) * PX) for v in p] for p, side in ((corner, -1), (far, 1)))
            cv2.rectangle(mask, start, end, 255, -1)
    written = cv2.bitwise_and(inks.black, cv2.bitwise_not(reference.allowed(reference.printed(shifts, 1.0))))
    written = np.where(written > PAPER, written, 0).astype(np.float32) / 255
    found = find_seals(written)
    riding = riding_seals(written, found)
    for seal in [*riding, *(seal for seal in found if seal.fault is None or seal.faint)]:
        middle, radius = (round(seal.x * PX), round(seal.y * PX)), round((seal.radius + GRACE) * PX)
        cv2.circle(mask, middle, radius, 255, -1)
    return mask


def mostly_in(mask: np.ndarray | None, box: tuple[float, float, float, float]) -> bool:
    """Does most of a box (x, y, width, height in mm) lie there?"""
    if mask is None:
        return False
    x0, y0, x1, y1 = (round(v * PX) for v in (box[0], box[1], box[0] + box[2], box[1] + box[3]))
    part = mask[max(y0, 0) : max(y1, y0 + 1), max(x0, 0) : max(x1, x0 + 1)]
    return bool(part.size) and cv2.countNonZero(part) * 2 >= part.size
