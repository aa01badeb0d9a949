"""Finds round seals by colour and shape: a red ring with lettering and a middle, mostly on the paper.

What is no seal: a disk or logo (too full), a circle drawn by pen (nothing inside, not round), a square, writing, a
ring without a seal's lettering (`lettering`), a seal of which over 28 % of the circle lies beyond the paper's edge.
A black copy has no red at all.
"""

from dataclasses import dataclass, replace
from functools import lru_cache

import cv2
import numpy as np

from services.documents.verify.grid import HEIGHT, PX, WIDTH, above, halved
from services.documents.verify.lettering import UNLETTERED, lettering_of, why_none

SCALE = 5
SMALL_PX = PX / SCALE
DIAMETERS = (32.0, 53.0)
ACCEPTED = (36.0, 48.0)
SECTORS = 72
LEAST_COVERAGE, FAINT_COVERAGE = 0.58, 0.35
FILL = (0.025, 0.55)
ON_PAPER = 0.72
LEAST_RING = 0.16
STRAIGHT_MM, STRAIGHT_GAP_MM = 24.0, 0.6
PALE, PALE_MM2 = (10, 110), 30.0  # of 255: the paper's grain, and an ordinary impression's ink


@dataclass(frozen=True, slots=True)
class FoundSeal:
    """A candidate, in mm: middle, radius. `coverage`: share of ring sectors with ink; `fill`: share of the disk
    that is red; `letters`: share of sectors with ink in the lettering band; `middle`: share of red in the inner third;
    `roundness`: spread of the ring's radius in mm; `fault`: why it is no seal, else None; `faint`: perhaps it is."""

    x: float
    y: float
    radius: float
    coverage: float
    fill: float
    letters: float
    middle: float
    roundness: float
    fault: str | None
    faint: bool


def find_seals(red: np.ndarray, strokes: np.ndarray | None = None) -> list[FoundSeal]:
    """`red`: float32 (2339, 1654), 0..1; `strokes`: the same ink as fine as it was scanned, half size, uint8: with it
    the lettering is judged too. Strongest first, at most four, faulty ones among them."""
    if not cv2.countNonZero(red):
        return []
    small = cv2.resize(halved(red), (WIDTH // SCALE, HEIGHT // SCALE), interpolation=cv2.INTER_AREA)
    mask = np.clip(small * 4, 0, 1)
    if mask.sum() < 60:
        return []
    found: list[FoundSeal] = []
    for _ in range(4):
        candidate = _best_ring(mask)
        if candidate is None:
            break
        x, y, radius = _refine(red, *candidate)
        found.append(judge(red, x, y, radius, strokes))
        cv2.circle(mask, (round(x * SMALL_PX), round(y * SMALL_PX)), round((radius + 2) * SMALL_PX), 0.0, -1)
        if mask.sum() < 60:
            break
    if any(seal.faint for seal in found) and not any(seal.fault is None for seal in found) and _has_straight(red):
        found = [replace(seal, fault="直线构成的方框或格线，不是圆形公章", faint=False) for seal in found]
    return found


def find_pale(strokes: np.ndarray, around: tuple[float, float, float, float]) -> list[FoundSeal]:
    """Seals too pale to be found by their colour alone, with their ink strengthened, in a box (x0, y0, x1, y1) of mm. A
    person sees a ring, a star and letters of a quarter of the ink at once."""
    x0, y0, x1, y1 = (max(round(side * PX / 2), 0) for side in around)
    part = strokes[y0:y1, x0:x1]
    some = part[part > PALE[0]]
    if some.size * 4 < PALE_MM2 * PX**2:
        return []
    full = float(np.percentile(some, 90))
    if full > PALE[1]:
        return []
    ink = np.zeros(strokes.shape, np.float32)
    ink[y0:y1, x0:x1] = ((part.astype(np.float32) - PALE[0] / 2) / (0.8 * full)).clip(0, 1)
    red = cv2.resize(ink, (WIDTH, HEIGHT + 1), interpolation=cv2.INTER_LINEAR)[:HEIGHT]
    return find_seals(red, strokes)


def _has_straight(red: np.ndarray) -> bool:
    """At least two long straight red strokes apart from each other: a square or a grid. A seal's ring leaves a straight
    line after some 10 mm, and its line of letters has gaps."""
    half = cv2.resize(red, (WIDTH // 2, HEIGHT // 2), interpolation=cv2.INTER_AREA)
    mask = above(half, 0.22)
    scale = PX / 2
    lines = cv2.HoughLinesP(
        mask, 1, np.pi / 360, 60, minLineLength=STRAIGHT_MM * scale, maxLineGap=STRAIGHT_GAP_MM * scale
    )
    if lines is None:
        return False
    ends = lines.reshape(-1, 4).astype(float)
    middles = (ends[:, :2] + ends[:, 2:]) / 2
    along = (ends[:, 2:] - ends[:, :2]) / np.maximum(np.hypot(*(ends[:, 2:] - ends[:, :2]).T), 1)[:, None]
    apart = middles[:, None] - middles[None, :]
    off = np.abs(apart[..., 0] * along[:, None, 1] - apart[..., 1] * along[:, None, 0])
    return bool((off > 5 * scale).any())


def _best_ring(mask: np.ndarray) -> tuple[float, float, float] | None:
    """Middle and radius (mm) of the ring with the best correlation; padded so that a middle may lie off the paper."""
    pad = round(20 * SMALL_PX)
    ys, xs = np.nonzero(mask > 0.2)
    if not len(ys):
        return None
    reach = round(DIAMETERS[1] * SMALL_PX)
    y0, y1 = max(ys.min() - reach // 2, -pad), min(ys.max() + reach // 2, mask.shape[0] + pad)
    x0, x1 = max(xs.min() - reach // 2, -pad), min(xs.max() + reach // 2, mask.shape[1] + pad)
    padded = cv2.copyMakeBorder(mask, pad, pad, pad, pad, cv2.BORDER_CONSTANT, value=0.0)
    padded = padded[y0 + pad : y1 + pad, x0 + pad : x1 + pad]
    padded = _even(padded)
    spectrum = cv2.dft(padded)
    known: dict[float, tuple[float, int, int]] = {}

    def score(diameter: float) -> float:
        if diameter not in known:
            ring = cv2.dft(_ring(padded.shape, diameter / 2 * SMALL_PX))
            scores = cv2.idft(cv2.mulSpectrums(spectrum, ring, 0, conjB=True), flags=cv2.DFT_SCALE)
            _, most, _, (x, y) = cv2.minMaxLoc(scores)
            known[diameter] = (most, x, y)
        return known[diameter][0]

    rough = max(np.arange(DIAMETERS[0] + 1, DIAMETERS[1], 2.0).tolist(), key=score)
    diameter = max((rough, rough - 1, rough + 1), key=score)
    most, x, y = known[diameter]
    return ((x + x0 + 0.5) / SMALL_PX, (y + y0 + 0.5) / SMALL_PX, diameter / 2) if most > LEAST_RING else None


def _even(image: np.ndarray) -> np.ndarray:
    """Padded with paper to sizes whose Fourier transform is quick."""
    height, width = (cv2.getOptimalDFTSize(side) for side in image.shape)
    below, right = height - image.shape[0], width - image.shape[1]
    return cv2.copyMakeBorder(image, 0, below, 0, right, cv2.BORDER_CONSTANT, value=0.0)


def _ring(shape: tuple[int, int], radius: float) -> np.ndarray:
    """A ring about pixel (0, 0), wrapped round, summing to 1, with a moat outside that counts against. float32."""
    stamp = _stamp(radius)
    reach = len(stamp) // 2
    ring = np.zeros(shape, np.float32)
    if min(shape) < len(stamp):
        steps = np.arange(-reach, reach + 1)
        np.add.at(ring, np.ix_(steps % shape[0], steps % shape[1]), stamp)
        return ring
    for rows, y in ((np.s_[:reach], np.s_[-reach:]), (np.s_[reach:], np.s_[: reach + 1])):
        for columns, x in ((np.s_[:reach], np.s_[-reach:]), (np.s_[reach:], np.s_[: reach + 1])):
            ring[y, x] = stamp[rows, columns]
    return ring


@lru_cache(maxsize=64)
def _stamp(radius: float) -> np.ndarray:
    """The same about its own middle, float64 (side, side)."""
    reach = int(radius + 4)
    steps = np.arange(-reach, reach + 1)
    distance = np.hypot(steps[:, None], steps[None, :])
    on = np.abs(distance - radius) <= 0.8
    moat = (distance > radius + 1.8) & (distance < radius + 3.5)
    stamp: np.ndarray = on / max(on.sum(), 1) - 0.5 * moat / max(moat.sum(), 1)
    return stamp


def polar_ink(red: np.ndarray, x: float, y: float, radius: float) -> np.ndarray:
    """Red ink around a middle, float32 (360 angles, 0.125 mm radial steps out to radius + 3 mm); NaN off the page."""
    steps = np.arange(0, radius + 3, 0.125)
    angles = np.radians(np.arange(360))[:, None]
    map_x = ((x + steps * np.cos(angles)) * PX - 0.5).astype(np.float32)
    map_y = ((y + steps * np.sin(angles)) * PX - 0.5).astype(np.float32)
    polar = cv2.remap(red, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=0.0)
    outside = (map_x < 0) | (map_y < 0) | (map_x > WIDTH - 1) | (map_y > HEIGHT - 1)
    polar[outside] = np.nan
    return polar


def _outer_edge(polar: np.ndarray, radius: float) -> np.ndarray:
    """Per angle the radius (mm) of the outermost ink within 2.5 mm of the ring, NaN where there is none."""
    steps = np.arange(polar.shape[1]) * 0.125
    near = np.nan_to_num(polar) * ((np.abs(steps - radius) < 2.5)[None, :])
    inked = near > 0.22
    last = polar.shape[1] - 1 - np.argmax(inked[:, ::-1], axis=1)
    return np.where(inked.any(axis=1), steps[last], np.nan)


def _refine(red: np.ndarray, x: float, y: float, radius: float) -> tuple[float, float, float]:
    """Least squares circle through the outermost red points, three times, dropping those off the circle."""
    for tolerance in (2.0, 1.2, 0.8):
        edge = _outer_edge(polar_ink(red, x, y, radius), radius)
        good = np.isfinite(edge) & (np.abs(edge - np.nanmedian(edge)) < tolerance + 1.0) if np.isfinite(
            edge).any() else np.zeros(360, bool)  # fmt: skip
        if good.sum() < 60:
            break
        angles = np.radians(np.arange(360))[good]
        px, py = x + edge[good] * np.cos(angles), y + edge[good] * np.sin(angles)
        for _ in range(3):
            system = np.stack([2 * px, 2 * py, np.ones_like(px)], axis=1)
            solution, *_ = np.linalg.lstsq(system, px**2 + py**2, rcond=None)
            fit = float(np.sqrt(max(solution[2] + solution[0] ** 2 + solution[1] ** 2, 1.0)))
            off = np.abs(np.hypot(px - solution[0], py - solution[1]) - fit)
            keep = off < max(tolerance / 2, 2 * float(np.median(off)))
            if keep.sum() < 40:
                break
            px, py = px[keep], py[keep]
        if np.hypot(solution[0] - x, solution[1] - y) > 5 or not 15 < fit < 28:
            break
        x, y, radius = float(solution[0]), float(solution[1]), fit
    return x, y, radius


def judge(red: np.ndarray, x: float, y: float, radius: float, strokes: np.ndarray | None) -> FoundSeal:
    """What a ring in `red` with this middle and radius, in mm, amounts to."""
    polar = polar_ink(red, x, y, radius)
    on_paper = np.isfinite(polar[:, int(radius / 0.125)])
    ink = np.nan_to_num(polar)
    steps = np.arange(polar.shape[1]) * 0.125
    ring = ink[:, np.abs(steps - radius + 0.5) < 1.0].max(axis=1) > 0.2
    coverage = float(ring[on_paper].reshape(-1).mean()) if on_paper.any() else 0.0
    share = steps / radius
    weights = np.broadcast_to(steps, ink.shape)
    disk = (share < 0.96)[None, :] & np.isfinite(polar)
    fill = float((ink > 0.2)[disk].astype(float) @ weights[disk] / max(weights[disk].sum(), 1e-6))
    band = ink[:, (share > 0.58) & (share < 0.9)]
    letters = float((band > 0.2).mean(axis=1).reshape(SECTORS, -1).mean(axis=1).__gt__(0.04).mean())
    inner = share < 0.34
    middle = float((ink[:, inner] > 0.2).astype(float).ravel() @ weights[:, inner].ravel() / weights[:, inner].sum())
    edge = _outer_edge(polar, radius)
    known = np.isfinite(edge) & on_paper
    roundness = float(np.percentile(np.abs(edge[known] - radius), 80)) if known.sum() > 40 else 9.0
    measured = FoundSeal(x, y, radius, coverage, fill, letters, middle, roundness, None, False)
    fault, faint = _fault(measured, float(on_paper.mean()))
    if fault is None:
        fault, faint = _unlettered(measured) if strokes is None else why_none(lettering_of(strokes, x, y, radius))
    return replace(measured, fault=fault, faint=faint)


def _fault(seal: FoundSeal, on_paper: float) -> tuple[str | None, bool]:
    """Why a candidate is no valid seal (None: it is one), and whether poor ink alone may be the reason."""
    some_letters = seal.letters > 0.3
    rows: tuple[tuple[bool, str, bool], ...] = (
        (on_paper < ON_PAPER, "公章超出纸边", False),
        (not ACCEPTED[0] <= 2 * seal.radius <= ACCEPTED[1], f"直径 {2 * seal.radius:.0f} 毫米，不是公章的尺寸", False),
        (seal.fill > FILL[1], "图形过满，不是公章", False),
        (seal.roundness > 0.75, "外圈不圆", seal.coverage > FAINT_COVERAGE and some_letters),
        (seal.coverage < LEAST_COVERAGE, "外圈不完整", seal.coverage > FAINT_COVERAGE and seal.letters > 0.2),
    )
    return next(((why, faint) for holds, why, faint in rows if holds), (None, False))


def _unlettered(seal: FoundSeal) -> tuple[str | None, bool]:
    """Alike, from how much ink there is where letters and a star belong."""
    none = seal.fill < FILL[0] or seal.letters < 0.35 or seal.middle < 0.05
    return (UNLETTERED, seal.letters > 0.15 and seal.middle > 0.02) if none else (None, False)
