"""How a mark lies to the edges of what was scanned: a lid, a shadow and a clip come in from there, words do not.

The sheet's own edge, or the scan's where it ends within the sheet: a page lies on the glass as it will.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from services.documents.verify.grid import HALF, PX

EDGE_MM = 1.2
REACH = round(EDGE_MM * PX / 2)  # half-size pixels


@dataclass(frozen=True, slots=True)
class Bounds:
    """The first pixel that was scanned and the first beyond, half size, int: of each row `left` and `right`, of each
    column `top` and `bottom`."""

    left: np.ndarray
    right: np.ndarray
    top: np.ndarray
    bottom: np.ndarray


@dataclass(frozen=True, slots=True)
class FromEdge:
    """`along`: the largest share of a mark's rows (or columns) that begin within EDGE_MM of an edge; `across`: how many
    strokes one meets on average on the way in from that edge; `solid`: the share of its ink that reaches an edge
    without a gap."""

    along: float
    across: float
    solid: float


WHOLE = Bounds(np.zeros(HALF[1], int), np.full(HALF[1], HALF[0]), np.zeros(HALF[0], int), np.full(HALF[0], HALF[1]))
"""Of a sheet that was scanned as a whole."""


def bounds_of(to_scan: np.ndarray, scan: tuple[int, ...]) -> Bounds:
    """`to_scan`: the homography from the grid to the scan's pixels; `scan`: the scan's height and width."""
    height, width = scan[:2]
    corners = np.array([[[0, 0], [width, 0], [width, height], [0, height]]], np.float64)
    sheet = cv2.perspectiveTransform(corners, np.linalg.inv(to_scan))[0] / 2
    left, right = _ends(sheet, (HALF[1], HALF[0]))
    top, bottom = _ends(sheet[:, ::-1], HALF)
    return Bounds(left, right, top, bottom)


def _ends(sheet: np.ndarray, size: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Where each of `size[0]` lines enters and leaves a convex figure, within 0 to `size[1]`. `sheet`: its corners,
    along and across the lines."""
    count, long = size
    lines = np.arange(count) + 0.5
    first, last = np.full(count, float(long)), np.zeros(count)
    for (x0, y0), (x1, y1) in zip(sheet, np.roll(sheet, 1, axis=0), strict=True):
        if y0 == y1:
            continue
        part = (lines - y0) / (y1 - y0)
        x = x0 + part * (x1 - x0)
        crossed = (part >= 0) & (part <= 1)
        first = np.where(crossed, np.minimum(first, x), first)
        last = np.where(crossed, np.maximum(last, x), last)
    missed = first > last
    first[missed], last[missed] = 0, long
    return np.rint(first.clip(0, long)).astype(int), np.rint(last.clip(0, long)).astype(int)


def from_edge(mask: np.ndarray, corner: tuple[int, int], bounds: Bounds) -> FromEdge:
    """`mask`: a mark's ink, uint8 0/1, of which `corner` is the upper left pixel of the half-size page."""
    x, y = corner
    height, width = mask.shape
    rows, columns = np.s_[y : y + height], np.s_[x : x + width]
    upright = np.ascontiguousarray(mask.T)
    sides = (
        (mask, bounds.left[rows] - x, 1), (mask, x + width - bounds.right[rows], -1),
        (upright, bounds.top[columns] - y, 1), (upright, y + height - bounds.bottom[columns], -1),
    )  # fmt: skip
    if all(int(first.max()) + REACH <= 0 for _, first, _ in sides):
        return FromEdge(0.0, strokes(upright), 0.0)
    shares, solid = [], np.zeros(mask.shape, bool)
    for at, (ink, first, way) in enumerate(sides):
        share, run = _from_side(ink[:, ::way], first)
        shares.append(share)
        solid |= run[:, ::way] if at < 2 else run[:, ::way].T
    best = int(np.argmax(shares))
    whole = float(np.count_nonzero(solid)) / max(int(np.count_nonzero(mask)), 1)
    return FromEdge(shares[best], strokes(mask if best < 2 else upright), whole)


def _from_side(ink: np.ndarray, first: np.ndarray) -> tuple[float, np.ndarray]:
    """The share of rows whose ink begins near `first`, the scan's end there, and the ink up to its first gap."""
    start = np.where(ink.any(axis=1), ink.argmax(axis=1), ink.shape[1])
    near = start - first < REACH
    before = np.arange(ink.shape[1]) < start[:, None]
    run = np.minimum.accumulate((ink > 0) | before, axis=1) & (ink > 0) & near[:, None]
    return float(near.mean()), run


def strokes(mask: np.ndarray) -> float:
    """How many strokes one meets on average along the rows that have any."""
    begun = np.count_nonzero(np.diff(mask, axis=1, prepend=np.uint8(0)) == 1, axis=1)
    return float(begun[begun > 0].mean()) if begun.any() else 0.0
