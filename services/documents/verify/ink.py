"""Foreign ink (written where the form had nothing), missing rules, and colour that is no seal's and no signature's."""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from services.documents.verify.grid import HALF, HEIGHT, PX, WIDTH, above
from services.documents.verify.photometry import Inks
from services.documents.verify.reference import ReferencePage

INK_LEVEL, RED_LEVEL, FAINT_LEVEL = 76, 0.25, 30
FOREIGN_MM2 = 0.30
DOT_MM2, DOT_REACH_MM = 0.14, 1.2
RED_MM2 = 0.35
COOL_MM2, COOL_LEVEL, OVER_FRINGES, FRINGE_MM = 0.6, 15, 2.0, 0.4
EDGE_MM = 4.0
HOLE_MARGIN_MM, HOLE_MM = 17.0, (4.0, 8.0)
RULE_GAP_MM = 6.0
MANY = 4000


@dataclass(frozen=True, slots=True)
class Blot:
    """A patch of ink that should not be there: its box in mm, area in mm2, whether it is red, and whether it is so
    slight that one cannot be sure: a dot in a number, or a tinge of colour on print that reads as issued."""

    box: tuple[float, float, float, float]
    area: float
    red: bool
    slight: bool = False


def foreign_ink(
    inks: Inks, reference: ReferencePage, shifts: np.ndarray, seals: list[tuple[float, float, float]]
) -> list[Blot]:
    """`shifts`: float (cells, 2) pixels, what each word is off; `seals`: middles and radii in mm of those found, whose
    red is theirs."""
    printed = reference.covered(shifts)
    allowed = cv2.bitwise_or(printed, reference.writable)
    strange = _inside(cv2.bitwise_and(above(inks.black, INK_LEVEL), cv2.bitwise_not(allowed)))
    blots = _blots(strange, FOREIGN_MM2, red=False)
    if cv2.countNonZero(strange) >= DOT_MM2 * PX**2:
        dots = _blots(cv2.bitwise_and(strange, _numbers(reference)), DOT_MM2, red=False)
        blots += [replace(blot, slight=True) for blot in dots if blot.area < FOREIGN_MM2]
    return blots + _cool_on_words(inks, reference, printed) + _red(inks, reference, seals)


def _cool_on_words(inks: Inks, reference: ReferencePage, printed: np.ndarray) -> list[Blot]:
    """A blue or green pen's strokes over words, which hide in the print's own black: only the colour tells.

    A scanner whose sensors stand apart gives all print coloured fringes; what counts is twice as strong."""
    if inks.cool is None or cv2.countNonZero(above(inks.cool, COOL_LEVEL)) * 4 < COOL_MM2 * PX**2:
        return []
    barred = cv2.bitwise_or(_wider(reference.heavy), reference.writable)
    words = _inside(cv2.bitwise_and(printed, cv2.bitwise_not(barred)))
    words = cv2.resize(words, HALF, interpolation=cv2.INTER_NEAREST)
    fringes = cv2.calcHist([inks.cool], [0], words, [256], [0, 256]).ravel().cumsum()
    usual = int(np.searchsorted(fringes, 0.995 * fringes[-1]))
    tinged = cv2.bitwise_and(above(inks.cool, max(COOL_LEVEL, OVER_FRINGES * usual)), words)
    full = cv2.resize(tinged, (WIDTH, HEIGHT), interpolation=cv2.INTER_NEAREST)
    return [replace(blot, slight=True) for blot in _blots(full, COOL_MM2, red=False)]


def _red(inks: Inks, reference: ReferencePage, seals: list[tuple[float, float, float]]) -> list[Blot]:
    """Red that is no seal's, but not at marks and codes: their black edges are the first to have red fringes."""
    if not inks.red.any():
        return []
    free = cv2.bitwise_or(_wider(reference.squares), reference.writable)
    for x, y, radius in seals:
        cv2.circle(free, (round(x * PX), round(y * PX)), round((radius + 2) * PX), 255, -1)
    red = cv2.bitwise_and(above(inks.red, RED_LEVEL), cv2.bitwise_not(free))
    red = cv2.morphologyEx(_inside(red), cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
    return _blots(red, RED_MM2, red=True)


def _wider(mask: np.ndarray) -> np.ndarray:
    return cv2.dilate(mask, np.ones((2 * round(FRINGE_MM * PX) + 1,) * 2, np.uint8))


def _numbers(reference: ReferencePage) -> np.ndarray:
    """Lines of type that are numbers, 1.2 mm wider all round: a point there changes the number. uint8 0/255."""
    mask = np.zeros_like(reference.ink)
    grace = DOT_REACH_MM * PX
    for cell, (x0, y0, x1, y1) in zip(reference.sheet.cells, reference.boxes, strict=True):
        if cell.text.isdigit():
            corner, end = (round(x0 - grace), round(y0)), (round(x1 + grace), round(y1))
            cv2.rectangle(mask, corner, end, 255, -1)
    return mask


def _inside(mask: np.ndarray) -> np.ndarray:
    """Without the outermost millimetres, where the lid's shadow and the paper's edge lie."""
    edge = round(EDGE_MM * PX)
    inner = np.zeros_like(mask)
    inner[edge:-edge, edge:-edge] = mask[edge:-edge, edge:-edge]
    return inner


def _blots(mask: np.ndarray, least: float, *, red: bool) -> list[Blot]:
    if cv2.countNonZero(mask) < least * PX**2:
        return []
    joined = cv2.dilate(mask, np.ones((3, 3), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8, ltype=cv2.CV_32S)
    if count > MANY:
        return [Blot((0.0, 0.0, 210.0, 297.0), float(cv2.countNonZero(mask)) / PX**2, red)]
    found = []
    for at in np.flatnonzero(stats[:, cv2.CC_STAT_AREA] >= least * PX**2):
        x, y, width, height = (int(v) for v in stats[at, :4])
        box = np.s_[y : y + height, x : x + width]
        area = np.count_nonzero(mask[box][labels[box] == at]) / PX**2
        if at == 0 or area < least or (not red and _is_hole(x, y, width, height)):
            continue
        found.append(Blot((x / PX, y / PX, width / PX, height / PX), area, red))
    return found


def _is_hole(x: int, y: int, width: int, height: int) -> bool:
    """A filing hole's shadow: round, of a punch's size, in the left margin."""
    low, high = HOLE_MM[0] * PX, HOLE_MM[1] * PX
    return x + width < HOLE_MARGIN_MM * PX and low < width < high and low < height < high and (
        0.7 < width / height < 1.4
    )


def missing_rules(black: np.ndarray, reference: ReferencePage) -> list[tuple[float, float, float, float]]:
    """Boxes in mm where a printed rule is gone for more than 6 mm: something lies over it. `black`: uint8."""
    gone = []
    around = cv2.dilate(black, np.ones((5, 5), np.uint8))
    for rule in reference.sheet.rules:
        length = int(np.hypot(rule.x2 - rule.x1, rule.y2 - rule.y1) * PX)
        if length < RULE_GAP_MM * PX:
            continue
        xs = np.linspace(rule.x1 * PX, rule.x2 * PX, length).astype(int).clip(0, black.shape[1] - 1)
        ys = np.linspace(rule.y1 * PX, rule.y2 * PX, length).astype(int).clip(0, black.shape[0] - 1)
        faint = (around[ys, xs] < FAINT_LEVEL).astype(np.int8)
        edges = np.flatnonzero(np.diff(np.concatenate(([0], faint, [0]))))
        for start, end in zip(edges[::2], edges[1::2], strict=True):
            if end - start > RULE_GAP_MM * PX:
                x0, x1 = sorted((xs[start] / PX, xs[end - 1] / PX))
                y0, y1 = sorted((ys[start] / PX, ys[end - 1] / PX))
                gone.append((x0 - 1, y0 - 1, x1 - x0 + 2, y1 - y0 + 2))
    return gone
