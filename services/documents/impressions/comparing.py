"""Is this impression of the specimen's seal? A genuine one only *lacks* ink: extra strokes mean another seal."""

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

from services.documents.impressions.aligning import Aligned, align
from services.documents.impressions.cutting import PER_MM, SIDE, Impression
from services.documents.impressions.specimen import Specimen

WINDOW_MM, STRIDE_MM = 4.6, 1.15
ARC = 0.5
SOFTNESS = (0.0, 0.8, 1.3, 1.8, 2.4, 3.0)
STROKE, TRACE = 0.45, 0.25
ALLOWED_MM, LEVEL_MM, BLOT_MM = 0.2, 3.0, 1.3
SEEN, WELL_SEEN, OPEN = 0.45, 0.75, 0.6

SAME_SCALE, OTHER_SCALE = 0.017, 0.024
SAME_EXTRA, OTHER_EXTRA = 0.025, 0.2
SAME_ALIKE, OTHER_ALIKE, QUARTILE = 0.89, 0.75, 25
SAME_SEEN, JUDGED_SEEN = 0.78, 0.4
"""Set on seals 0 to 11, 100 to 110 and (scale, extra) 200 to 239 of tests/seal_lab. Genuine seals have scale within
0.017, extra of at most 0.08 (0.01 at 300 dpi), and a lower quartile of alike from 0.91 on at 300 dpi. One other
character has extra from 0.036 on; the quartile reaches 0.83 in seals drawn again and 0.87 in other fonts (star and
ring are alike: a median says less)."""

Outcome = Literal["same", "different", "not_enough_seen"]
Cause = Literal["size", "strokes", "extra"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """`cause`: why it is another seal; `unseen`: angles, degrees clockwise from the specimen's top, of letters on the
    ring that were not seen; `likeness` over the whole seal; `laid`: the ink in the specimen's frame, for `reuse`."""

    outcome: Outcome
    cause: Cause | None
    unseen: tuple[float, ...]
    likeness: float
    laid: Aligned


@dataclass(frozen=True, slots=True)
class Measured:
    """Per window with letters of the specimen in it: where (n, 2) mm from the seal's middle; `seen`: share of its
    strokes that left ink; `alike`: correlation; `extra`: ink beside its strokes, as a share of the strokes;
    `open`: share not under black print."""

    aligned: Aligned
    places: np.ndarray
    seen: np.ndarray
    alike: np.ndarray
    extra: np.ndarray
    open: np.ndarray


def compare(specimen: Specimen, impression: Impression, *, sized: bool = True) -> Comparison:
    """`sized`: the scan's true resolution is known; without it a seal's size says nothing."""
    found = measure(specimen, impression)
    outcome, cause = judge(found, sized=sized)
    hidden = found.places[found.seen < SEEN]
    angles = np.degrees(np.arctan2(hidden[:, 0], -hidden[:, 1])) % 360
    on_arc = np.hypot(*hidden.T) > ARC * specimen.radius
    return Comparison(outcome, cause, tuple(angles[on_arc].tolist()), found.aligned.likeness, found.aligned)


def judge(found: Measured, *, sized: bool = True) -> tuple[Outcome, Cause | None]:
    """What the measurements say; the cause only where they say another seal."""
    off = abs(found.aligned.scale - 1) if sized else 0.0
    well = (found.seen >= WELL_SEEN) & (found.open >= OPEN)
    alike = float(np.percentile(found.alike[well], QUARTILE)) if well.any() else 0.0
    extra = float(found.extra.max(initial=0.0))
    if extra >= OTHER_EXTRA:
        return "different", "extra"
    if off >= OTHER_SCALE:
        return "different", "size"
    if alike < OTHER_ALIKE and well.mean() >= JUDGED_SEEN:
        return "different", "strokes"
    enough = (found.seen >= SEEN).mean() >= SAME_SEEN
    if enough and off < SAME_SCALE and extra < SAME_EXTRA and alike >= SAME_ALIKE:
        return "same", None
    return "not_enough_seen", None


def measure(specimen: Specimen, impression: Impression) -> Measured:
    """Lays the impression over the specimen and compares window by window."""
    aligned = align(specimen.ink, impression, specimen.known)
    known = aligned.known & specimen.known
    ink = levelled(specimen, aligned)
    model = as_soft_as(specimen.ink, ink, known)
    weight = known.astype(np.float32)
    strokes = (specimen.ink > STROKE) & specimen.known
    near = cv2.dilate(ink, np.ones((3, 3), np.uint8)) > TRACE
    reach = round(ALLOWED_MM * PER_MM)
    disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    allowed = cv2.dilate(np.maximum(specimen.widest, model), disk) > TRACE
    all_strokes, open_strokes = _total(strokes), _total(strokes & known)
    seen = _total(strokes & near & known) / np.maximum(all_strokes, 1e-3)
    extra = _total((ink > STROKE) & ~allowed & known & ~_blots(ink)) / np.maximum(open_strokes, 2e-2)
    at = _places(all_strokes, specimen.radius)
    places = (np.stack(at[::-1], axis=1) + 0.5) / PER_MM - SIDE / PER_MM / 2
    alike = _alike(model, ink, weight)
    return Measured(aligned, places, seen[at], alike[at], extra[at], (open_strokes / np.maximum(all_strokes, 1e-3))[at])


def levelled(specimen: Specimen, aligned: Aligned) -> np.ndarray:
    """The ink with its own strength around each place as 1, so that a pale side counts like a dark one."""
    ink = np.where(aligned.known & specimen.known, aligned.ink, 0).astype(np.float32)
    leveled: np.ndarray = np.clip(ink / np.maximum(_level(ink, specimen.ink), 0.25), 0, 1.3)
    return leveled


def _blots(ink: np.ndarray) -> np.ndarray:
    """Ink wider than any stroke of a letter, bool: where the rubber's ground touched the paper."""
    size = round(BLOT_MM * PER_MM)
    disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    mask = (cv2.GaussianBlur(ink, (0, 0), 2.0) > TRACE).astype(np.uint8)
    blots: np.ndarray = cv2.dilate(cv2.morphologyEx(mask, cv2.MORPH_OPEN, disk), np.ones((7, 7), np.uint8)) > 0
    return blots


def _total(layer: np.ndarray) -> np.ndarray:
    size = round(WINDOW_MM * PER_MM) | 1
    return cv2.boxFilter(layer.astype(np.float32), -1, (size, size), normalize=True)


def _alike(model: np.ndarray, ink: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Correlation of model and ink in the window around each pixel, where both are known."""
    n = np.maximum(_total(weight), 1e-3)
    a, b = _total(model * weight) / n, _total(ink * weight) / n
    ab = _total(model * ink * weight) / n - a * b
    aa = np.maximum(_total(model * model * weight) / n - a * a, 1e-6)
    bb = np.maximum(_total(ink * ink * weight) / n - b * b, 1e-6)
    alike: np.ndarray = ab / np.sqrt(aa * bb)
    return alike


def _level(ink: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """How strong the ink is around each place, where the specimen has strokes and any was left."""
    strokes = (reference > STROKE) & (ink > 0.1)
    quarter = (SIDE // 4, SIDE // 4)
    top, below = (
        cv2.GaussianBlur(cv2.resize(layer, quarter, interpolation=cv2.INTER_AREA), (0, 0), LEVEL_MM * PER_MM / 4)
        for layer in (np.where(strokes, ink, 0).astype(np.float32), strokes.astype(np.float32))
    )
    return cv2.resize(top / np.maximum(below, 1e-3), (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)


def as_soft_as(reference: np.ndarray, ink: np.ndarray, known: np.ndarray) -> np.ndarray:
    """The specimen blurred to the scan's sharpness."""
    strong = known & (reference > 0.05)
    best, model = -1.0, reference
    for sigma in SOFTNESS:
        soft = cv2.GaussianBlur(reference, (0, 0), sigma) if sigma else reference
        a, b = soft[strong], ink[strong]
        score = float(np.corrcoef(a, b)[0, 1]) if a.size else 0.0
        if score > best:
            best, model = score, soft
    return model


def _places(strokes: np.ndarray, radius: float) -> tuple[np.ndarray, np.ndarray]:
    """Middles of the windows inside the ring that hold enough of the specimen's strokes."""
    step = STRIDE_MM * PER_MM
    steps = np.arange(step / 2, SIDE, step).astype(int)
    rows, columns = (grid.ravel() for grid in np.meshgrid(steps, steps, indexing="ij"))
    away = np.hypot(rows - SIDE / 2, columns - SIDE / 2) / PER_MM
    inside = (away < radius - WINDOW_MM / 2 - 1.0) & (strokes[rows, columns] > 0.08)
    return rows[inside], columns[inside]
