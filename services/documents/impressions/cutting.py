"""Cuts one seal's impression out of a scan: its ink, and where black print hides whether there is any.

The grid has 600 x 600 pixels over 50 mm, scaled by the scan's true resolution and never by the seal's own ring: a seal
that is 2 % larger must stay 2 % larger.
"""

from dataclasses import dataclass

import cv2
import numpy as np

SIDE, SPAN_MM = 600, 50.0
PER_MM = SIDE / SPAN_MM
GATE = (0.03, 0.08)
PAPER_NOISE = 0.06
BLACK, WIDENED_MM = 0.5, 0.15
LEAST_INK_MM2 = 40.0


@dataclass(frozen=True, slots=True)
class Impression:
    """`ink`: float32 (600, 600), 1 is the impression's own full ink; `known`: bool, False under black print and off
    the paper. The seal's middle lies at the middle of the grid, give or take a millimetre."""

    ink: np.ndarray
    known: np.ndarray


def cut(image: np.ndarray, middle: tuple[float, float], dpi: float) -> Impression | None:
    """`image`: uint8 RGB scan; `middle` of the seal in its pixels. None where there is too little red ink."""
    step = dpi / 25.4 / PER_MM
    offset = np.array(middle) - step * (SIDE - 1) / 2
    spare = round(3 * step) + 3
    (x0, y0), (x1, y1) = (np.rint(offset + step * end).astype(int) for end in (0, SIDE))
    left, top = max(x0 - spare, 0), max(y0 - spare, 0)
    around = image[top : max(y1 + spare, 0), left : max(x1 + spare, 0)]
    if not around.size:
        return None
    colours = cv2.warpAffine(
        cv2.GaussianBlur(around, (0, 0), 0.45 * step) if step > 1.2 else around,
        np.column_stack([np.eye(2) * step, offset - (left, top)]), (SIDE, SIDE),
        flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_CONSTANT, borderValue=(255, 255, 255),
    )  # fmt: skip
    places = np.rint(offset[:, None] + step * np.arange(SIDE))
    columns, rows = ((axis >= 0) & (axis < side) for axis, side in zip(places, image.shape[1::-1], strict=True))
    return _inks(colours, rows[:, None] & columns)


def _inks(colours: np.ndarray, inside: np.ndarray) -> Impression | None:
    r, g, b = cv2.split(cv2.divide(colours, _paper(colours), dtype=cv2.CV_32F))
    gate = cv2.GaussianBlur(cv2.subtract(r, cv2.max(g, b)), (0, 0), 0.25 * PER_MM)
    gate = np.clip((gate - GATE[0]) / (GATE[1] - GATE[0]), 0, 1, out=gate)
    ink = cv2.addWeighted(g, -0.7, b, -0.3, 1 - PAPER_NOISE)
    ink = cv2.multiply(np.clip(ink, 0, 1, out=ink), gate)
    reach = round(WIDENED_MM * PER_MM)
    black = cv2.dilate((r < BLACK).astype(np.uint8), np.ones((2 * reach + 1, 2 * reach + 1), np.uint8))
    known = inside & (black == 0)
    inked = ink[known & (ink > 0.1)]
    if inked.size < LEAST_INK_MM2 * PER_MM**2:
        return None
    full = float(np.percentile(inked, 85))
    return Impression(np.minimum(ink / np.float32(full), 1.25) * known, known)


def _paper(colours: np.ndarray) -> np.ndarray:
    """The bare paper around the ink, per channel, float32 of the same shape."""
    small = cv2.resize(colours, (100, 100), interpolation=cv2.INTER_AREA)
    bright = cv2.erode(cv2.dilate(cv2.medianBlur(small, 3), np.ones((9, 9), np.uint8)), np.ones((5, 5), np.uint8))
    wide = cv2.resize(cv2.GaussianBlur(bright, (0, 0), 5), (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)
    return np.maximum(wide, 60).astype(np.float32)
