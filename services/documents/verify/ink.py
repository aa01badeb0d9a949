"""Ink where the form has none: of any colour, anywhere on the sheet, as dots, strokes or wide marks; and missing rules.

Two layers see it. The fine one is the black of the page at 200 dpi against what an honest scan of the print may show; a
dot of 0.4 mm between two digits stands out of it. The other has every colour at 100 dpi, by the channel darkened
most: nothing that a person sees is invisible to it. What the marks mean is told in `marks`.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from services.documents.forms.sheet import Rule
from services.documents.verify.grid import HEIGHT, PX, WIDTH, above, components, halved, runs
from services.documents.verify.photometry import Inks
from services.documents.verify.reference import ReferencePage

FINE_LEVEL, ANY_LEVEL = 50, 36
FAINT_LEVEL = 30
POINT_MM2, POINT_LEVEL = 0.25, 22  # a point of 0.45 mm in colour
OVER_LINES, LINE_MM = 1.2, 4.5  # fringes of 26 honest papers went on for 3.0 mm at most; a line for 5.0
TINT_MM2, TINT_LEVEL, OVER_FRINGES, FRINGE_MM = 0.6, 15, 2.0, 0.4
SEAL_GRACE, UNMIXED = 2.0, 40
RULE_GAP_MM = 6.0
SOME_LEVEL = 20
TONES, TONE_PX, ROWS = 16, 130, 3  # of every third row
HIGH_SHARE, USUAL_SPREAD = 0.8, 25.0  # of twelve ordinary scans four fifths of each tone were darker by 24 at most
SHEET_SHARE, OUTSIDE_DPI, LIGHT_OUTSIDE, OUTSIDE_MM2 = 0.93, 75, 150, 3.0


@dataclass(frozen=True, slots=True)
class Foreign:
    """`fine`: black ink beyond the print, uint8 (2339, 1654), 0 where there is none, else by how much; `all`: of any
    colour, half size, alike; `tint`: how coloured the page is there, or None for one without colour."""

    fine: np.ndarray
    all: np.ndarray
    tint: np.ndarray | None = None


def foreign_ink(
    inks: Inks, reference: ReferencePage, shifts: np.ndarray, sigma: float, seals: list[tuple[float, float, float]]
) -> Foreign:
    """`shifts`: float (cells, 2) pixels, what each word is off; `sigma`: the scan's blur; `seals`: middles and radii of
    those found, mm; their red is their own."""
    printed = reference.printed(shifts, sigma)
    expected = reference.allowed(cv2.LUT(printed, bolder(inks.black, printed, reference)))
    fine = cv2.subtract(inks.black, expected)
    for x, y, radius in seals:
        _calmed(fine, x, y, radius)
    fine = cv2.threshold(fine, FINE_LEVEL, 0, cv2.THRESH_TOZERO)[1]
    half = cv2.dilate(halved(expected), np.ones((3, 3), np.uint8))
    rest = cv2.subtract(inks.any, half)
    if inks.sealing is not None and seals:
        rest = cv2.bitwise_and(rest, cv2.bitwise_not(_seals_own(inks.sealing, seals)))
    rest = cv2.threshold(rest, ANY_LEVEL, 0, cv2.THRESH_TOZERO)[1]
    return Foreign(fine, cv2.max(rest, halved(fine)), inks.tint)


def bolder(black: np.ndarray, printed: np.ndarray, reference: ReferencePage) -> np.ndarray:
    """How dark this scan shows each tone of the print, uint8 (256,), at least as dark. A copier that makes print bold,
    or keeps it as a mask of one bit, turns the gray of a stroke's edge and of a narrow gap into black."""
    rows = ROWS * np.flatnonzero(printed[::ROWS].max(axis=1))  # the others have no tone but the paper's
    if not rows.size:
        return np.arange(256, dtype=np.uint8)
    levels = cv2.bitwise_and(printed[rows], cv2.bitwise_not(reference.free[rows]))
    counts = cv2.calcHist([levels, black[rows]], [0, 1], None, [TONES, 256], [0, 256, 0, 256])
    sums = counts.cumsum(axis=1)
    high = (sums < HIGH_SHARE * sums[:, -1:]).sum(axis=1).astype(np.float32)
    high[(sums[:, -1] < TONE_PX) | (np.arange(TONES) == 0)] = 0
    middles = (np.arange(TONES) + 0.5) * 256 / TONES
    curve = np.maximum.accumulate(np.interp(np.arange(256), middles, high - USUAL_SPREAD))
    return np.maximum(curve, np.arange(256)).clip(0, 255).astype(np.uint8)


def written_in_block(inks: Inks, reference: ReferencePage) -> np.ndarray:
    """What people wrote into the signature block: ink beyond print and rules, and no seal's, half size, uint8 0/255."""
    if reference.block is None:
        return np.zeros_like(inks.any)
    printed = cv2.dilate(halved(reference.ink), np.ones((5, 5), np.uint8))
    ink = above(cv2.subtract(inks.any, printed), ANY_LEVEL)
    ink = cv2.bitwise_and(ink, halved(reference.writable))
    return ink if inks.sealing is None else cv2.bitwise_and(ink, cv2.bitwise_not(inks.sealing))


def _calmed(fine: np.ndarray, x: float, y: float, radius: float) -> None:
    """Less by UNMIXED inside a seal, in place: its red is taken out of the black as well as that can be known."""
    reach = radius + SEAL_GRACE
    y0, y1, x0, x1 = (max(round(v * PX), 0) for v in (y - reach, y + reach, x - reach, x + reach))
    part = fine[y0:y1, x0:x1]
    if part.size:
        disk = np.zeros_like(part)
        cv2.circle(disk, (round(x * PX) - x0, round(y * PX) - y0), round(reach * PX), UNMIXED, -1)
        part[:] = cv2.subtract(part, disk)


def red_in_place(inks: Inks, reference: ReferencePage) -> float:
    """Ink of a seal's hue within the page's seal area, mm2: a seal may be too faint to be made out."""
    area = next((area for area in reference.sheet.areas if area.use == "seal"), None)
    if inks.sealing is None or area is None:
        return 0.0
    x0, y0, x1, y1 = (round(v * PX / 2) for v in (area.x, area.y, area.x + area.width, area.y + area.height))
    seen = cv2.bitwise_and(inks.sealing[y0:y1, x0:x1], above(inks.any[y0:y1, x0:x1], SOME_LEVEL))
    return cv2.countNonZero(seen) * 4 / PX**2


def outside_ink(image: np.ndarray, to_scan: np.ndarray, dpi: float) -> bool:
    """Does something stand on the scan beside the sheet? Only where the scan is plainly larger than the sheet and light
    there. `image`: uint8 RGB; `to_scan`: the homography from the grid."""
    corners = np.array([[[0, 0], [WIDTH, 0], [WIDTH, HEIGHT], [0, HEIGHT]]], np.float64)
    sheet = cv2.perspectiveTransform(corners, to_scan)
    if cv2.contourArea(sheet.astype(np.float32)) > SHEET_SHARE * image.shape[0] * image.shape[1]:
        return False
    factor = OUTSIDE_DPI / dpi
    small = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA).min(axis=2)
    beside = np.full(small.shape, 255, np.uint8)
    grace = round(3.0 * OUTSIDE_DPI / 25.4)
    cv2.fillPoly(beside, [np.rint(sheet * factor).astype(np.int32)], 0)
    beside = cv2.erode(beside, np.ones((2 * grace + 1, 2 * grace + 1), np.uint8))
    if not beside.any() or float(np.median(small[beside > 0])) < LIGHT_OUTSIDE:
        return False
    light = float(np.median(small[beside > 0]))
    dark = cv2.bitwise_and(above(light - small.astype(np.float32), 50), beside)
    count, labels, _, _ = cv2.connectedComponentsWithStats(dark, connectivity=8, ltype=cv2.CV_32S)
    rim = np.zeros(small.shape, bool)
    rim[[0, 1, -2, -1], :] = rim[:, [0, 1, -2, -1]] = True
    at_rim = np.unique(labels[rim])
    inner = np.bincount(labels.ravel(), minlength=count)
    inner[at_rim] = 0
    inner[0] = 0
    return bool(inner.sum() * (25.4 / OUTSIDE_DPI) ** 2 > OUTSIDE_MM2)


def _seals_own(sealing: np.ndarray, seals: list[tuple[float, float, float]]) -> np.ndarray:
    """Where the red of the found seals is, half size, uint8 0/255; its edge is mixed with what lies under it."""
    disks = np.zeros_like(sealing)
    for x, y, radius in seals:
        middle = (round(x * PX / 2), round(y * PX / 2))
        cv2.circle(disks, middle, round((radius + SEAL_GRACE) * PX / 2), 255, -1)
    return cv2.bitwise_and(cv2.dilate(sealing, np.ones((3, 3), np.uint8)), disks)


def tinted_words(
    inks: Inks, reference: ReferencePage, shifts: np.ndarray, seals: list[tuple[float, float, float]]
) -> list[tuple[float, float, float, float]]:
    """Boxes in mm where a coloured pen lies on words, hidden in the print's own black: only the colour tells.

    A scanner whose sensors stand apart gives all print coloured fringes; what counts is twice as strong, or a line that
    goes on from letter to letter, as no fringe does."""
    if inks.tint is None or cv2.countNonZero(above(inks.tint, TINT_LEVEL)) * 4 < TINT_MM2 * PX**2:
        return []
    words = halved(above(reference.text, 30))
    words = cv2.dilate(above(words, 60), np.ones((3, 3), np.uint8))
    side = 2 * round(FRINGE_MM * PX / 2) + 3
    rules = halved(reference.free)
    barred = cv2.dilate(rules, np.ones((side, side), np.uint8))
    for x, y, radius in seals:
        for mask in (rules, barred):
            cv2.circle(mask, (round(x * PX / 2), round(y * PX / 2)), round((radius + SEAL_GRACE) * PX / 2), 255, -1)
    words = cv2.bitwise_and(words, cv2.bitwise_not(above(barred, 0)))
    fringes = cv2.calcHist([inks.tint], [0], words, [256], [0, 256]).ravel().cumsum()
    most, many = (int(np.searchsorted(fringes, share * fringes[-1])) for share in (0.995, 0.95))
    usual = min(most, 2 * many)  # a pen's line may be more than a two hundredth of a page of few words
    tinged = cv2.bitwise_and(above(inks.tint, max(TINT_LEVEL, OVER_FRINGES * usual)), words)
    numbers = halved(reference.numbers)
    numbers = cv2.bitwise_and(numbers, cv2.bitwise_not(above(rules, 0)))
    points = cv2.bitwise_and(above(inks.tint, max(POINT_LEVEL, OVER_FRINGES * usual)), above(numbers, 127))
    within = cv2.bitwise_and(above(halved(reference.within), 60), cv2.bitwise_not(above(rules, 0)))
    lines = cv2.bitwise_and(above(inks.tint, max(POINT_LEVEL, OVER_LINES * usual)), within)
    lines = cv2.dilate(lines, np.ones((3, 1), np.uint8))
    lines = cv2.morphologyEx(lines, cv2.MORPH_OPEN, np.ones((1, round(LINE_MM * PX / 2)), np.uint8))
    return _boxes(tinged, TINT_MM2) + _boxes(points, POINT_MM2) + _boxes(lines, 0.0)


def _boxes(mask: np.ndarray, least_mm2: float) -> list[tuple[float, float, float, float]]:
    """Patches of a half-size mask that are no smaller, boxes in mm."""
    least = least_mm2 * (PX / 2) ** 2
    if cv2.countNonZero(mask) < least:
        return []
    count, _, stats, _ = components(mask)
    rows = [stats[at, :4] / PX * 2 for at in range(1, count) if stats[at, cv2.CC_STAT_AREA] >= least]
    return [(float(x), float(y), float(w), float(h)) for x, y, w, h in rows]


def missing_rules(black: np.ndarray, reference: ReferencePage) -> list[tuple[float, float, float, float]]:
    """Boxes in mm where a printed rule is gone for more than 6 mm: something lies over it. `black`: uint8."""
    gone = []
    around = cv2.dilate(black, np.ones((5, 5), np.uint8))
    for rule in reference.sheet.rules:
        length = int(np.hypot(rule.x2 - rule.x1, rule.y2 - rule.y1) * PX)
        if length < RULE_GAP_MM * PX or _is_whole(around, rule):
            continue
        xs = np.linspace(rule.x1 * PX, rule.x2 * PX, length).astype(int).clip(0, black.shape[1] - 1)
        ys = np.linspace(rule.y1 * PX, rule.y2 * PX, length).astype(int).clip(0, black.shape[0] - 1)
        for start, end in runs(around[ys, xs] < FAINT_LEVEL):
            if end - start > RULE_GAP_MM * PX:
                x0, x1 = sorted((xs[start] / PX, xs[end - 1] / PX))
                y0, y1 = sorted((ys[start] / PX, ys[end - 1] / PX))
                gone.append((x0 - 1, y0 - 1, x1 - x0 + 2, y1 - y0 + 2))
    return gone


def _is_whole(around: np.ndarray, rule: Rule) -> bool:
    """Is there ink in all of the box that a rule spans? Most are, and need not be followed point by point."""
    x0, x1 = (min(max(int(x * PX), 0), around.shape[1] - 1) for x in sorted((rule.x1, rule.x2)))
    y0, y1 = (min(max(int(y * PX), 0), around.shape[0] - 1) for y in sorted((rule.y1, rule.y2)))
    return int(around[y0 : y1 + 1, x0 : x1 + 1].min()) >= FAINT_LEVEL
