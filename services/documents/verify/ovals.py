"""Oval seals: business and invoice seals are ellipses of 45 by 30 mm. Whether one stands for the unit, a person says.

The outermost red is fitted by an ellipse; stretched to a circle it must have a seal's ring and lettering.
"""

from dataclasses import replace

import cv2
import numpy as np

from services.documents.verify.grid import HALF, PX, above
from services.documents.verify.seals import FoundSeal, judge

HALF_PX = PX / 2
LONG_MM, RATIO = (32.0, 54.0), (0.5, 0.85)
AS_ROUND_MM = 21.0  # the radius of the circle that it is judged as
SOME_LETTERS = 0.15  # of its sectors: short names leave most of a wide oval empty
JOINED_MM, LEAST_MM2, LEVEL = 4.0, 25.0, 0.2
OVAL = "椭圆形印章，须由人判定"
Sides = tuple[float, float, float, float]
Ellipse = tuple[tuple[float, float], tuple[float, float], float]


def find_oval(red: np.ndarray, strokes: np.ndarray, around: Sides) -> FoundSeal | None:
    """An oval seal in a box (x0, y0, x1, y1) of mm, as one that is perhaps valid. `red`: float32 (2339, 1654), 0..1;
    `strokes`: half size, uint8."""
    x0, y0, x1, y1 = (max(round(side * HALF_PX), 0) for side in around)
    half = cv2.resize(red, HALF, interpolation=cv2.INTER_AREA)
    mask = above(half, LEVEL)[y0:y1, x0:x1]
    ellipse = _outline(mask)
    if ellipse is None:
        return None
    (cx, cy), (wide, high), turn = ellipse
    middle = (cx + x0, cy + y0)
    long, ratio = max(wide, high) / HALF_PX, min(wide, high) / max(wide, high)
    if not (LONG_MM[0] <= long <= LONG_MM[1] and RATIO[0] <= ratio <= RATIO[1]):
        return None
    as_round = _to_circle(middle, (wide, high), turn)
    round_strokes = cv2.warpAffine(strokes, as_round, HALF, flags=cv2.INTER_LINEAR)
    round_red = cv2.resize(cv2.warpAffine(half, as_round, HALF, flags=cv2.INTER_LINEAR), red.shape[::-1])
    x, y = middle[0] / HALF_PX, middle[1] / HALF_PX
    seen = judge(round_red, x, y, AS_ROUND_MM, round_strokes)
    if seen.fault is not None and not (seen.faint and seen.letters > SOME_LETTERS):
        return None
    return replace(seen, radius=long / 2, fault=OVAL, faint=True)


def _outline(mask: np.ndarray) -> Ellipse | None:
    """The ellipse round the largest cluster of ink: middle, axes and turn in pixels of the mask."""
    side = round(JOINED_MM * HALF_PX) | 1
    joined = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8, ltype=cv2.CV_32S)
    if count < 2:
        return None
    largest = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
    rows, columns = np.nonzero((labels == largest) & (mask > 0))
    points = np.stack([columns, rows], axis=1).astype(np.float32)
    if len(points) < LEAST_MM2 * HALF_PX**2:
        return None
    return _fitted(_outermost(points))


def _outermost(points: np.ndarray) -> np.ndarray:
    """The farthest point of each of 180 directions from the middle of the box."""
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    off = points - middle
    sector = ((np.arctan2(off[:, 1], off[:, 0]) / np.pi + 1) * 90).astype(int) % 180
    far = np.lexsort((-np.hypot(off[:, 0], off[:, 1]), sector))
    first = np.unique(sector[far], return_index=True)[1]
    farthest: np.ndarray = points[far[first]]
    return farthest


def _fitted(points: np.ndarray) -> Ellipse | None:
    """Twice fitted, the second time without the points that lie off it."""
    for tolerance in (0.12, 0.06, 0.04):
        if len(points) < 40:
            return None
        ellipse = cv2.fitEllipseDirect(points)
        (cx, cy), (wide, high), turn = ellipse
        if min(wide, high) < 1:
            return None
        about = cv2.transform(points[None], _to_circle((cx, cy), (wide, high), turn))[0] - (cx, cy)
        radii = np.hypot(about[:, 0], about[:, 1]) / (AS_ROUND_MM * HALF_PX)
        points = points[np.abs(radii - np.median(radii)) < tolerance]
    return (float(cx), float(cy)), (float(wide), float(high)), float(turn)


def _to_circle(middle: tuple[float, float], axes: tuple[float, float], turn: float) -> np.ndarray:
    """The affine map, float64 (2, 3), that makes the ellipse a circle of AS_ROUND_MM about the same middle."""
    c, s = np.cos(np.radians(turn)), np.sin(np.radians(turn))
    upright = np.array([[c, s], [-s, c]])
    stretch = np.diag([2 * AS_ROUND_MM * HALF_PX / axes[0], 2 * AS_ROUND_MM * HALF_PX / axes[1]])
    linear = upright.T @ stretch @ upright
    return np.column_stack([linear, np.array(middle) - linear @ np.array(middle)])
