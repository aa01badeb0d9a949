"""What foreign ink means: a mark that happens to paper (dust, a staple, a fold, the lid's edge) or somebody's writing.

No mark accuses anybody: one that touches content, or looks written, is *unclear* at its place; the rest are noted. What
touches content is measured against the lines of type and the rows of tables, not against the paper.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from services.documents.verify.edges import WHOLE, Bounds, from_edge, strokes
from services.documents.verify.grid import PX, above, components, halved
from services.documents.verify.ink import Foreign
from services.documents.verify.reference import ReferencePage

MM = PX / 2  # half-size pixels per mm
LEAST_PX, LEAST_PEAK = 3, 45
JOINED_MM = 2.5
SPECK_MM, SPECKS = 1.8, 4
HOLE_MM, HOLE_FROM_EDGE_MM = (3.5, 8.5), 22.0
LETTERS, LETTER_MM, LARGEST_LETTER_MM = 3, 1.2, 9.0
WRITTEN = 1.25  # strokes on the way in from an edge: shadows and rims have 1.0 to 1.15, words at the edge 1.4 to 1.9
ALONG_EDGE, EDGE_LENGTH_MM, EDGE_THICK_MM = 0.45, 25.0, 1.6
SOLID, SOLID_MM, TAB_MM = 0.9, 2.0, 4.0
COLOURED_TINT, COVER_MM = 40.0, 90.0
CLIP_MM = (5.5, 11.0)
FOLD_FROM_MM, FOLD_TO_MM, FOLD_THICK_MM, FOLD_PEAK = 14.0, 196.0, 2.5, 140
LINE_MM, LINE_THICK_MM, LINE_ASPECT = 16.0, 2.0, 4.0
HAIR_THICK_MM, HAIR_MM, FULL = 0.2, 40.0, 200
TICK_MM, TICK_MM2, MARGINS_MM, STAPLER_MM = 11.0, 9.0, (18.5, 195.5), 30.0
# Strokes through a staple: of 17 one had 1.33, the others 1.2 at most; print of 4 pt 3.0 and more, of few letters 1.2.
BARS, SHORT_BAR, SHORT_MM = 1.6, 1.1, 6.0
CROSSED = 1.3  # strokes through a tick, the lesser way: of twelve ticks each had 1.0, a cross has 1.5 and more
WIDE_MM, WIDE_MEAN = 25.0, 70
PALE_THICK_MM, PALE_PEAK = 2.0, 60  # broader than any pen, paler than any ink
DOT_PX, DOT_PEAK = 4, 78
MOST = 3000

Box = tuple[float, float, float, float]
SPECK, HOLE, EDGE, FOLD, LINE, TICK, STAIN = (
    "污点",
    "装订孔",
    "边缘阴影",
    "折痕",
    "订书钉或细线",
    "页边记号",
    "浅色污渍",
)


@dataclass(frozen=True, slots=True)
class Mark:
    """A patch of foreign ink, its box in mm. `harmless`: what it is taken for when it touches no content, else None;
    `reads`: what it says where it is print in the form's own face."""

    box: Box
    area: float
    harmless: str | None
    reads: str | None = None


@dataclass(frozen=True, slots=True)
class _Shape:
    """A cluster of ink: box (x0, y0, x1, y1) mm, mm2, parts, how thick at most in mm, its ink 0..255, how it lies to
    the edges (`edges`), whether its parts are like letters, how coloured it is on average, how many strokes one meets
    on average on the way through it, across and down: `fewest` the lesser of the two, `most` the other."""

    x0: float
    y0: float
    x1: float
    y1: float
    area: float
    parts: int
    small: bool
    thick: float
    mean: float
    peak: float
    along_edge: float
    across: float
    solid: float
    letters: bool
    tint: float
    fewest: float
    most: float

    @property
    def width(self) -> float:
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        return self.y1 - self.y0

    @property
    def near_edge(self) -> float:
        return min(self.x0, self.y0, 210 - self.x1, 297 - self.y1)

    @property
    def longer(self) -> float:
        return max(self.width, self.height)


def marks_of(foreign: Foreign, reference: ReferencePage, bounds: Bounds = WHOLE) -> list[Mark]:
    """All marks of a page, those that say nothing among them. `bounds`: where the scan ends."""
    kept, count = _kept(foreign.all)
    found = _dots(foreign.fine, reference)
    if count == 0:
        return found
    if count > MOST:
        return [Mark((0.0, 0.0, 210.0, 297.0), float(cv2.countNonZero(kept)) / MM**2, None)]
    touching, tables = (_half(mask) for mask in (reference.touching, reference.tables))
    return found + _clusters(foreign, kept, (touching, tables), bounds)


def marks_on_bare_paper(foreign: Foreign) -> list[Mark]:
    """The same of a page that has no print at all."""
    kept, count = _kept(foreign.all)
    if count > MOST:
        return [Mark((0.0, 0.0, 210.0, 297.0), float(cv2.countNonZero(kept)) / MM**2, None)]
    nothing = np.zeros_like(kept)
    return _clusters(foreign, kept, (nothing, nothing), WHOLE)


def _half(mask: np.ndarray) -> np.ndarray:
    return above(halved(mask), 127)


def _clusters(foreign: Foreign, kept: np.ndarray, content: tuple[np.ndarray, np.ndarray], bounds: Bounds) -> list[Mark]:
    """`content`: where type and where tables are, half size."""
    found, (touching, tables) = [], content
    side = round(JOINED_MM * MM) | 1
    joined = cv2.dilate(kept, np.ones((side, side), np.uint8))
    total, labels, stats, (left, top) = components(joined)
    for at in range(1, total):
        x, y, width, height = (int(v) for v in stats[at, :4])
        part = np.s_[y : y + height, x : x + width]
        own = labels[y - top : y - top + height, x - left : x - left + width] == at
        mask: np.ndarray = (own & (kept[part] > 0)).astype(np.uint8)
        tint = 0.0 if foreign.tint is None else float(cv2.mean(foreign.tint[part], mask)[0])
        shape = _measured(mask, foreign.all[part], ((x, y), bounds), tint)
        on_text = int(np.count_nonzero(mask & (touching[part] > 0)))
        in_table = int(np.count_nonzero(mask & (tables[part] > 0)))
        box = (shape.x0, shape.y0, shape.width, shape.height)
        found.append(Mark(box, shape.area, _harmless(shape, on_text=on_text > 2, in_table=in_table > 2)))
    return found


def _kept(everything: np.ndarray) -> tuple[np.ndarray, int]:
    """Without grain: patches of at least LEAST_PX pixels of which one is at least LEAST_PEAK. Mask 0/255, how many."""
    mask = above(everything, 0)
    if not cv2.countNonZero(mask):
        return mask, 0
    count, labels, stats, (x, y) = components(mask)
    part = np.s_[y : y + labels.shape[0], x : x + labels.shape[1]]
    strong = np.zeros(count, bool)
    strong[labels[everything[part] >= LEAST_PEAK]] = True
    good = strong & (stats[:, cv2.CC_STAT_AREA] >= LEAST_PX)
    good[0] = False
    mask[:] = 0
    mask[part] = good.astype(np.uint8)[labels] * np.uint8(255)
    return mask, int(good.sum())


def _measured(mask: np.ndarray, ink: np.ndarray, where: tuple[tuple[int, int], Bounds], tint: float) -> _Shape:
    corner, bounds = where
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    x0, x1 = (corner[0] + columns[0]) / MM, (corner[0] + columns[-1] + 1) / MM
    y0, y1 = (corner[1] + rows[0]) / MM, (corner[1] + rows[-1] + 1) / MM
    near = cv2.dilate(mask, np.ones((3, 3), np.uint8))
    parts, _, stats, _ = cv2.connectedComponentsWithStats(near, connectivity=8, ltype=cv2.CV_32S)
    sides = stats[1:, 2:4].max(axis=1) - 2
    padded = cv2.copyMakeBorder(mask, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    thick = (2 * float(cv2.distanceTransform(padded, cv2.DIST_L2, 3).max()) - 1) / MM
    values = ink[mask > 0]
    edge = from_edge(mask, corner, bounds)
    return _Shape(
        x0, y0, x1, y1, float(np.count_nonzero(mask)) / MM**2, parts - 1, bool((sides <= SPECK_MM * MM).all()), thick,
        float(values.mean()), float(values.max()), edge.along, edge.across, edge.solid, _letters(stats[1:, 2:4]), tint,
        *sorted((strokes(mask), strokes(mask.T))),
    )  # fmt: skip


def _letters(parts: np.ndarray) -> bool:
    """Is it of several parts of a letter's size both ways, and of none that is longer? A shadow's parts are slivers.
    `parts`: widths and heights in pixels."""
    both = parts.min(axis=1) - 2 > LETTER_MM * MM
    return bool(both.sum() >= LETTERS and parts.max() < LARGEST_LETTER_MM * MM)


def _harmless(shape: _Shape, *, on_text: bool, in_table: bool) -> str | None:
    """What a mark is taken for; None when somebody must look at it."""
    if shape.small and shape.parts < SPECKS:
        return SPECK  # one that sits in a number or a character is found in the fine layer
    if _is_fold(shape):
        return FOLD
    if on_text:
        return None
    anywhere = ((EDGE, _is_edge), (LINE, _is_long_hair))
    beside_tables = ((HOLE, _is_hole), (LINE, _is_hair), (LINE, _is_staple), (TICK, _is_tick), (STAIN, _is_stain))
    rules = anywhere if in_table else anywhere + beside_tables
    return next((name for name, holds in rules if holds(shape)), None)


def _is_edge(shape: _Shape) -> bool:
    """The lid, the binding's shadow, a black rim: from the paper's edge, wide or long, not in parts like letters nor in
    strokes one behind the other, and without colour unless it is a tab or a cover lies under a whole side."""
    coloured = shape.tint >= COLOURED_TINT and shape.longer <= COVER_MM
    if shape.solid > SOLID and shape.thick > (TAB_MM if coloured else SOLID_MM):
        return not shape.letters
    if shape.letters or coloured:
        return False
    return (
        (shape.across < WRITTEN or _is_clip(shape))
        and shape.along_edge > ALONG_EDGE
        and (shape.thick > EDGE_THICK_MM or shape.longer > EDGE_LENGTH_MM)
    )


def _is_clip(shape: _Shape) -> bool:
    """One broad piece about as high as wide, larger than letters: wire and shadow of a clip at the edge."""
    least, most = CLIP_MM
    sides = sorted((shape.width, shape.height))
    return shape.parts == 1 and least < sides[0] and sides[1] < most and shape.thick > EDGE_THICK_MM


def _is_hair(shape: _Shape) -> bool:
    """Long, without a pen's colour, and nowhere folded back on itself, as writing is. In the margin as long as it will:
    the edge of a strip that holds the sheets."""
    length = float(np.hypot(shape.width, shape.height))
    return (
        shape.tint < COLOURED_TINT
        and shape.parts <= 5
        and shape.area * shape.mean / FULL <= HAIR_THICK_MM * length
        and (shape.longer <= HAIR_MM or _in_margin(shape))
        and shape.fewest < WRITTEN
    )


def _is_long_hair(shape: _Shape) -> bool:
    """Longer than any digit or sign in a table's row."""
    return _is_hair(shape) and shape.longer > TICK_MM


def _is_staple(shape: _Shape) -> bool:
    """A short straight bar with its shadow, within reach of a stapler."""
    straight = shape.area > 0.5 * shape.thick * np.hypot(shape.width, shape.height)
    slim = shape.area < np.hypot(shape.width, shape.height) ** 2 / LINE_ASPECT
    return (
        shape.near_edge < STAPLER_MM
        and shape.parts <= (1 if shape.tint > COLOURED_TINT else 2)
        and straight
        and slim
        and shape.most < shape.parts - 1 + (BARS if shape.longer > SHORT_MM else SHORT_BAR)
        and (shape.longer <= LINE_MM and shape.thick <= LINE_THICK_MM)
    )


def _is_tick(shape: _Shape) -> bool:
    """One stroke beside the print, in the margin, that neither crosses itself nor closes."""
    small = shape.longer <= TICK_MM and shape.area <= TICK_MM2
    return _in_margin(shape) and shape.parts == 1 and small and shape.fewest < CROSSED


def _in_margin(shape: _Shape) -> bool:
    return shape.x1 < MARGINS_MM[0] or shape.x0 > MARGINS_MM[1]


def _is_stain(shape: _Shape) -> bool:
    """Wide and pale: a cup's ring, water, the back showing through."""
    if shape.thick > PALE_THICK_MM and shape.peak < PALE_PEAK:
        return True
    wide = shape.longer > WIDE_MM and shape.thick > EDGE_THICK_MM
    return wide and shape.mean < WIDE_MEAN and shape.parts <= SPECKS


def _is_fold(shape: _Shape) -> bool:
    """A faint line across the whole sheet, from margin to margin."""
    across = shape.x0 < FOLD_FROM_MM and shape.x1 > FOLD_TO_MM and shape.height < 6
    down = shape.y0 < FOLD_FROM_MM and shape.y1 > 297 - FOLD_FROM_MM and shape.width < 6
    return (across or down) and shape.thick < FOLD_THICK_MM and shape.peak < FOLD_PEAK


def _is_hole(shape: _Shape) -> bool:
    """A punch's hole: filled, round, of its size, near an edge."""
    low, high = HOLE_MM
    round_enough = 0.65 < shape.width / max(shape.height, 0.1) < 1.5 and shape.thick > 0.55 * shape.longer
    return shape.near_edge < HOLE_FROM_EDGE_MM and round_enough and low < shape.longer < high


def _dots(fine: np.ndarray, reference: ReferencePage) -> list[Mark]:
    """Dots and short strokes within lines of type: each changes a number, or a character whose print it touches."""
    within = cv2.bitwise_and(above(fine, 0), reference.within)
    if cv2.countNonZero(within) < DOT_PX:
        return []
    count, labels, stats, (left, top) = components(within, 3)
    if count > MOST:
        return [Mark((0.0, 0.0, 210.0, 297.0), float(cv2.countNonZero(within)) / PX**2, None)]
    found = []
    for at in np.flatnonzero(stats[:, cv2.CC_STAT_AREA] >= DOT_PX):
        if at == 0:
            continue
        x, y, width, height, area = (int(v) for v in stats[at])
        box = np.s_[max(y - 3, 0) : y + height + 3, max(x - 3, 0) : x + width + 3]
        if fine[box].max() < DOT_PEAK:
            continue
        own = labels[max(y - 3, 0) - top : y - top + height + 3, max(x - 3, 0) - left : x - left + width + 3] == at
        near = cv2.dilate(own.astype(np.uint8), np.ones((7, 7), np.uint8))
        if reference.numbers[box].any() or bool((near[reference.text[box] > 60]).any()):
            found.append(Mark((x / PX, y / PX, width / PX, height / PX), area / PX**2, None))
    return found
