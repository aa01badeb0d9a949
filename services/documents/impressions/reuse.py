"""Was this very impression on an earlier paper? Each press leaves its own speckles and gaps; a copy has another's.

A print of an impression is what it left beyond and below the specimen along the specimen's own strokes, so prints of
one specimen are rows of one table: a thousand are compared in a moment.
"""

import cv2
import numpy as np

from services.documents.impressions.aligning import Aligned
from services.documents.impressions.comparing import STROKE, as_soft_as, levelled
from services.documents.impressions.cutting import PER_MM, SIDE
from services.documents.impressions.specimen import Specimen

UNKNOWN = -128
COARSE_MM = 1.6
REUSED = 0.6
LEAST_MM2 = 60.0
"""Of tests/seal_lab: different impressions of one seal reach 0.26, one impression scanned again or pasted 0.91
and more."""


def print_of(specimen: Specimen, laid: Aligned) -> bytes:
    """One signed byte for each pixel (0.17 mm) of the specimen's strokes; UNKNOWN where print hid it."""
    known = laid.known & specimen.known
    ink = levelled(specimen, laid)
    left = cv2.GaussianBlur(ink - as_soft_as(specimen.ink, ink, known), (0, 0), 1.0)
    small, small_known = _half(left), _half(known.astype(np.float32)) > 0.99
    fine = small - cv2.GaussianBlur(small, (0, 0), COARSE_MM * PER_MM / 2)
    values = np.where(small_known, np.clip(np.rint(fine * 100), -127, 127), UNKNOWN).astype(np.int8)
    printed: bytes = values[_strokes(specimen)].tobytes()
    return printed


def likest(own: bytes, earlier: list[bytes]) -> tuple[int, float]:
    """Which of the earlier prints of this specimen is most like it, and how much (-1..1); (-1, 0) for none."""
    if not earlier:
        return -1, 0.0
    a = np.frombuffer(own, np.int8).astype(np.float32)
    rows = np.stack([np.frombuffer(one, np.int8) for one in earlier]).astype(np.float32)
    both = (a[None, :] != UNKNOWN) & (rows != UNKNOWN)
    count = np.maximum(both.sum(axis=1), 1)
    x, y = np.where(both, a[None, :], 0), np.where(both, rows, 0)
    x, y = x - both * (x.sum(axis=1) / count)[:, None], y - both * (y.sum(axis=1) / count)[:, None]
    norm = np.sqrt((x * x).sum(axis=1) * (y * y).sum(axis=1))
    scores = np.where(count >= LEAST_MM2 * (PER_MM / 2) ** 2, (x * y).sum(axis=1) / np.maximum(norm, 1e-6), 0)
    best = int(np.argmax(scores))
    return best, float(scores[best])


def _strokes(specimen: Specimen) -> np.ndarray:
    strokes: np.ndarray = _half(specimen.ink) > STROKE
    return strokes


def _half(layer: np.ndarray) -> np.ndarray:
    return cv2.resize(layer, (SIDE // 2, SIDE // 2), interpolation=cv2.INTER_AREA)
