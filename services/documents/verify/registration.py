"""Brings a scanned page onto the issued page's grid: code corners, corner marks, then the words themselves.

Homographies map grid pixels to scan pixels. Paper feed is never a homography, so the words' own displacements make a
smooth field on top of it; what remains is under 0.15 mm.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from services.documents.forms.sheet import MARK_CENTRES, MARK_SIDE, Code
from services.documents.verify.grid import GRID_DPI, HALF, HEIGHT, PX, WIDTH, runs
from services.documents.verify.reference import ReferencePage

LEAST_DPI, MOST_DPI = 40, 1300
MARK_REACH, MARK_HALF, MARK_LIKENESS = 15.0, 4.0, 0.6
FAR = 40
LONGEST, LONGEST_SHIFT = 160, 100
COARSE_REACH, FINE_REACH, MOST_SHIFT = 5, 3, 1.75
BIN = (30.0, 8.0)
FIELD_STEP = 32
BARE_SPREAD = 8  # of 255, between the lightest and the darkest of a smoothed square: less is bare paper
KERNELS = ((30.0, 5.0), (6.0, 30.0))
FADE = 1e-4


class NotRegisteredError(Exception):
    """The page's code was read, but the page around it cannot be aligned with the issued one."""


@dataclass
class Registered:
    """`red`: the page's red channel on the grid, uint8 (2339, 1654); `colours`: all channels at half of it, uint8 RGB
    (1170, 827, 3), which is all that a scanner's JPEG knows of colour; `dpi` of the scan as measured on the paper;
    `rest`: median displacement left after the field, in grid pixels; `likeness`: median correlation of the words."""

    red: np.ndarray
    colours: np.ndarray
    dpi: float
    turn: int
    rest: float
    likeness: float
    to_scan: np.ndarray


def from_code(corners: np.ndarray, code: Code) -> np.ndarray:
    """First guess, float64 (3, 3): the similarity that carries the code's square on the grid to its corners."""
    square = np.array([[0, 0], [1, 0], [1, 1], [0, 1]]) * code.side + np.array([code.x, code.y])
    matrix, _ = cv2.estimateAffinePartial2D(_points(square * PX), corners, method=cv2.LMEDS)
    if matrix is None:
        raise NotRegisteredError
    return np.vstack([matrix, [0, 0, 1]])


def register(image: np.ndarray, guess: np.ndarray, reference: ReferencePage) -> Registered:
    """`image`: scanned uint8 RGB; `guess` grid > scan. Raises NotRegisteredError."""
    dpi = GRID_DPI * _scale(guess)
    if not LEAST_DPI < dpi < MOST_DPI:
        raise NotRegisteredError
    small, reduced = _reduced(image, dpi)
    red, guess = _near_grid_scale(cv2.extractChannel(image, 0), guess, dpi)
    shrink = red.shape[1] / image.shape[1]
    homography = _by_marks(red, guess, reference)
    to_small = np.diag([1 / shrink / reduced, 1 / shrink / reduced, 1.0])
    half = _warp(cv2.extractChannel(small, 0), to_small @ homography @ np.diag([2.0, 2.0, 1.0]), (0, 0), HALF)
    nodes, rest, likeness = _by_words(half, homography, reference)
    colours = _remapped(small, _dense(nodes, 2, to_small[0, 0]), cv2.INTER_LINEAR)
    registered = _drawn(red, _dense(nodes, 1, 1.0), colours)
    to_scan = np.diag([1 / shrink, 1 / shrink, 1.0]) @ homography
    angle = np.degrees(np.arctan2(homography[1, 0], homography[0, 0]))
    return Registered(registered, colours, dpi, round(angle / 90) % 4, rest, likeness, to_scan)


def _remapped(image: np.ndarray, maps: tuple[np.ndarray, np.ndarray], interpolation: int) -> np.ndarray:
    """`image` drawn where the maps say, with paper around it."""
    return cv2.remap(image, *maps, interpolation, borderMode=cv2.BORDER_CONSTANT, borderValue=(255,) * 3)


def _drawn(red: np.ndarray, maps: tuple[np.ndarray, np.ndarray], colours: np.ndarray) -> np.ndarray:
    """`red` drawn on the grid as finely as it was scanned, where there is anything. Bare paper, some half of a page,
    is taken from the half-size page `colours`; ink of any colour is looked for at that size anyway (`ink`)."""
    half = cv2.extractChannel(colours, 0)
    drawn = cv2.resize(half, (WIDTH, HEIGHT + HEIGHT % 2), interpolation=cv2.INTER_LINEAR)[:HEIGHT]
    for row, squares in enumerate(_squares_with_ink(half)):
        top, bottom = row * FIELD_STEP, min((row + 1) * FIELD_STEP, HEIGHT)
        for left, right in runs(squares):
            part = np.s_[top:bottom, left * FIELD_STEP : min(right * FIELD_STEP, WIDTH)]
            drawn[part] = _remapped(red, (maps[0][part], maps[1][part]), cv2.INTER_CUBIC)
    return drawn


def _squares_with_ink(half: np.ndarray) -> np.ndarray:
    """Which squares of FIELD_STEP grid pixels are not bare paper, bool (rows, columns). `half`: uint8, half size."""
    side = FIELD_STEP // 2
    calm = cv2.blur(half, (3, 3))
    around = np.ones((side + 5, side + 5), np.uint8)
    spread = cv2.subtract(cv2.dilate(calm, around), cv2.erode(calm, around))
    rows, columns = -(-HALF[1] // side), -(-HALF[0] // side)
    ys = np.minimum(np.arange(rows) * side + side // 2, HALF[1] - 1)
    xs = np.minimum(np.arange(columns) * side + side // 2, HALF[0] - 1)
    inked: np.ndarray = spread[np.ix_(ys, xs)] >= BARE_SPREAD
    return inked


def _reduced(image: np.ndarray, dpi: float) -> tuple[np.ndarray, int]:
    """The scan near 100 dpi by averaging whole pixels, and by how many: colour needs no more, nor do displacements."""
    times = max(1, int(dpi / 95))
    if times == 1:
        return image, 1
    height, width = image.shape[0] // times, image.shape[1] // times
    whole = image[: height * times, : width * times]
    return cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA), times


def _points(places: list[tuple[float, float]] | np.ndarray) -> np.ndarray:
    return np.array(places, np.float32).reshape(-1, 2)


def _scale(matrix: np.ndarray) -> float:
    return float(np.sqrt(abs(np.linalg.det(matrix[:2, :2]))))


def _near_grid_scale(image: np.ndarray, guess: np.ndarray, dpi: float) -> tuple[np.ndarray, np.ndarray]:
    """Shrink fine scans first, by area, so that resampling does not alias; keeps pixel-centre conventions."""
    factor = GRID_DPI / dpi
    if factor > 0.87:
        return image, guess
    small = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    fx, fy = small.shape[1] / image.shape[1], small.shape[0] / image.shape[0]
    return small, np.diag([fx, fy, 1.0]) @ guess


def _warp(gray: np.ndarray, homography: np.ndarray, corner: tuple[float, float], size: tuple[int, int]) -> np.ndarray:
    """The part of the page from `corner` (x, y), `size` (width, height), both grid pixels, at grid scale."""
    left, top = corner
    centres = np.array([[1, 0, left + 0.5], [0, 1, top + 0.5], [0, 0, 1.0]])
    matrix = np.array([[1, 0, -0.5], [0, 1, -0.5], [0, 0, 1.0]]) @ homography @ centres
    return cv2.warpPerspective(gray, matrix, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderValue=255)


def _peak(scores: np.ndarray) -> tuple[float, float, float]:
    """Best place with sub-pixel parabola: (dx, dy) from the middle of the score map, and its score."""
    _, score, _, (x, y) = cv2.minMaxLoc(scores)
    height, width = scores.shape
    dx = dy = 0.0
    if 0 < x < width - 1:
        a, b, c = scores[y, x - 1 : x + 2]
        dx = float(0.5 * (a - c) / (a - 2 * b + c)) if a - 2 * b + c < -1e-6 else 0.0
    if 0 < y < height - 1:
        a, b, c = scores[y - 1 : y + 2, x]
        dy = float(0.5 * (a - c) / (a - 2 * b + c)) if a - 2 * b + c < -1e-6 else 0.0
    return x + dx - (width - 1) / 2, y + dy - (height - 1) / 2, float(score)


def _by_marks(gray: np.ndarray, guess: np.ndarray, reference: ReferencePage) -> np.ndarray:
    """Find the three corner marks and the code near where the guess puts them; a homography from those found."""
    code = reference.sheet.page_code
    points = [(x, y, MARK_HALF, MARK_REACH) for x, y in MARK_CENTRES]
    points.append((code.x + code.side / 2, code.y + code.side / 2, code.side / 2 + 1, 3.0))
    grid, scan = [], []
    for x, y, half, reach in points:
        found = _find(gray, guess, reference.ink, (x * PX, y * PX), (round(half * PX), round(reach * PX)))
        if found is not None:
            grid.append((x * PX, y * PX))
            scan.append(found)
    if len(grid) == 4:
        homography = np.array(cv2.getPerspectiveTransform(_points(grid), _points(scan)), np.float64)
    elif len(grid) >= 2:
        estimate = cv2.estimateAffine2D if len(grid) == 3 else cv2.estimateAffinePartial2D
        matrix, _ = estimate(_points(grid), _points(scan), method=cv2.LMEDS)
        homography = guess if matrix is None else np.vstack([matrix, [0, 0, 1]])
    else:
        homography = guess
    if len(grid) < 4:
        homography = _by_patches(gray, homography, reference)
    homography = np.asarray(homography / homography[2, 2])
    if not 0.8 < _scale(homography) / max(_scale(guess), 1e-6) < 1.25:
        raise NotRegisteredError
    return np.asarray(homography)


def _find(
    gray: np.ndarray, homography: np.ndarray, ink: np.ndarray, at: tuple[float, float], span: tuple[int, int]
) -> tuple[float, float] | None:
    """Where the issued patch around `at` lies on the scan: scan pixels, or None when nothing there is like it.

    `span`: half the patch's side and how far to search, in grid pixels.
    """
    (x, y), (half, reach) = at, span
    x0, y0 = max(round(x) - half, 0), max(round(y) - half, 0)
    template = 255 - ink[y0 : y0 + 2 * half, x0 : x0 + 2 * half]
    height, width = template.shape
    area = _warp(gray, homography, (x0 - reach, y0 - reach), (width + 2 * reach, height + 2 * reach))
    if reach > FAR:
        small = cv2.resize(area, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        coarse = cv2.resize(template, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        dx, dy, score = _peak(cv2.matchTemplate(small, coarse, cv2.TM_CCOEFF_NORMED))
        if score < MARK_LIKENESS - 0.1:
            return None
        near_x, near_y = round(dx * 2), round(dy * 2)
        fine = _warp(gray, homography, (x0 + near_x - 4, y0 + near_y - 4), (width + 8, height + 8))
        dx, dy, score = _peak(cv2.matchTemplate(fine, template, cv2.TM_CCOEFF_NORMED))
        dx, dy = near_x + dx, near_y + dy
    else:
        dx, dy, score = _peak(cv2.matchTemplate(area, template, cv2.TM_CCOEFF_NORMED))
    if score < MARK_LIKENESS:
        return None
    place = homography @ np.array([x + dx, y + dy, 1.0])
    return float(place[0] / place[2]), float(place[1] / place[2])


def _by_patches(gray: np.ndarray, homography: np.ndarray, reference: ReferencePage) -> np.ndarray:
    """When a mark is lost: refine by patches of the print, nearest to the code first, within half a table row."""
    boxes = reference.boxes
    code = reference.sheet.page_code
    near = np.argsort(np.hypot(boxes[:, 0] - code.x * PX, boxes[:, 1] - code.y * PX))
    for count, reach in ((25, 20), (60, 20), (len(near), 14)):
        grid, scan = [], []
        chosen = near[:count]
        for index in chosen[:: max(1, len(chosen) // 60)]:
            x0, y0, x1, y1 = boxes[index]
            half = round(min(max(x1 - x0, y1 - y0) / 2 + 6, 120))
            x, y = (x0 + x1) / 2, (y0 + y1) / 2
            found = _find(gray, homography, reference.ink, (x, y), (half, reach))
            if found is not None:
                grid.append((x, y))
                scan.append(found)
        if len(grid) < 8:
            continue
        matrix, inliers = cv2.estimateAffine2D(_points(grid), _points(scan), ransacReprojThreshold=4.0)
        if matrix is not None and inliers.sum() >= 6:
            homography = np.vstack([matrix, [0, 0, 1]])
    return homography


def _by_words(half: np.ndarray, homography: np.ndarray, reference: ReferencePage) -> tuple[np.ndarray, float, float]:
    """Match cells' ink near their places on the half-size page and smooth the displacements into a field. Answers where
    the field's nodes lie on the scan, float64 (rows, columns, 2), how far words lie off it, and their likeness."""
    places, moves, scores = _displacements(half, reference)
    if len(places) < 6 or np.median(scores) < 0.45:
        raise NotRegisteredError
    weights = np.clip(scores - 0.4, 0, None) ** 2
    columns, rows = (FIELD_STEP * (np.arange(-1, side // FIELD_STEP + 2) + 0.5) for side in (WIDTH, HEIGHT))
    fitted, field_values = _smooth(places, moves, weights, (columns, rows))
    rest = float(np.median(np.hypot(*(moves - fitted).T)))
    xs, ys = np.meshgrid(columns, rows)
    moved = np.stack([xs + field_values[..., 0], ys + field_values[..., 1], np.ones_like(xs)], axis=-1)
    points = moved @ homography.T
    return points[..., :2] / points[..., 2:], rest, float(np.median(scores))


def _dense(nodes: np.ndarray, reduced: int, scale: float) -> tuple[np.ndarray, np.ndarray]:
    """The nodes' places, times `scale`, interpolated to two maps of pixel centres, float32, of the grid over `reduced`.

    A node stands in the middle of its square of FIELD_STEP pixels; one more lies beyond each edge.
    """
    step = FIELD_STEP // reduced
    size = (nodes.shape[1] * step, nodes.shape[0] * step)
    inner = np.s_[step : step + -(-HEIGHT // reduced), step : step + -(-WIDTH // reduced)]
    scaled = (nodes * scale - 0.5).astype(np.float32)
    maps = [cv2.resize(np.ascontiguousarray(scaled[..., k]), size, interpolation=cv2.INTER_LINEAR) for k in (0, 1)]
    return maps[0][inner], maps[1][inner]


def _displacements(half: np.ndarray, reference: ReferencePage) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The widest cell of each bin: middle (n, 2), displacement (n, 2), both in grid pixels, and correlation (n,)."""
    expected = np.full((HALF[1], HALF[0]), 255, np.uint8)
    ink = cv2.resize(reference.ink[: HEIGHT // 2 * 2], (HALF[0], HEIGHT // 2), interpolation=cv2.INTER_AREA)
    np.subtract(255, ink, out=expected[: HEIGHT // 2])
    reach, width, height = COARSE_REACH, HALF[0], HALF[1]
    boxes = np.concatenate([_widest(reference.boxes), _fixed_patches(reference)])
    places, moves, scores = [], [], []
    for box in np.rint(boxes / 2).astype(int):
        wider = 1 if box[2] - box[0] >= 10 else 7
        x0, x1 = max(box[0] - wider, reach), min(box[2] + wider, width - reach, box[0] + LONGEST // 2)
        y0, y1 = max(box[1] - 1, reach), min(box[3] + 1, height - reach)
        area = half[y0 - reach : y1 + reach, x0 - reach : x1 + reach]
        dx, dy, score = _peak(cv2.matchTemplate(area, expected[y0:y1, x0:x1], cv2.TM_CCOEFF_NORMED))
        if score > 0.4 and max(abs(dx), abs(dy)) < reach - 0.5:
            places.append((x0 + x1, y0 + y1))
            moves.append((dx * 2, dy * 2))
            scores.append(score)
    return np.array(places, float).reshape(-1, 2), np.array(moves).reshape(-1, 2), np.array(scores)


def _widest(boxes: np.ndarray) -> np.ndarray:
    """One box for each bin of the page: neighbours say the same about the paper."""
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2 / PX
    bins = (middles // BIN).astype(int) @ (1000, 1)
    order = np.lexsort((boxes[:, 0] - boxes[:, 2], bins))
    _, first = np.unique(bins[order], return_index=True)
    return boxes[np.sort(order[first])]


def _fixed_patches(reference: ReferencePage) -> np.ndarray:
    """The corner marks and the quarters of the code, as boxes in grid pixels: they hold the field at the page's rim."""
    code = reference.sheet.page_code
    half = code.side / 2
    quarters = [(code.x + i * half, code.y + j * half, half) for i in (0, 1) for j in (0, 1)]
    marks = [(x - MARK_SIDE / 2 - 0.5, y - MARK_SIDE / 2 - 0.5, MARK_SIDE + 1) for x, y in MARK_CENTRES]
    rules = np.array([(r.x1, r.y1, r.x2, r.y2) for r in reference.sheet.rules]).reshape(-1, 4)
    ends = np.unique(np.concatenate([rules[:, :2], rules[:, 2:]]), axis=0)
    middles = (reference.boxes[:, :2] + reference.boxes[:, 2:]) / 2 / PX
    lonely = ends[(np.hypot(*(ends[:, None] - middles).T) > 8).all(axis=0)]
    corners: list[tuple[float, float, float]] = []
    while len(lonely):
        x, y = lonely[0].tolist()
        corners.append((x - 5, y - 5, 10.0))
        lonely = lonely[np.hypot(*(lonely - lonely[0]).T) > 8]
    return np.array([(x, y, x + side, y + side) for x, y, side in quarters + marks + corners]) * PX


def _terms(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    u, v = x / WIDTH - 0.5, y / HEIGHT - 0.5
    return np.stack([np.ones_like(u), u, v, u * u, u * v, v * v, v**3], axis=-1)


def _smooth(
    places: np.ndarray, moves: np.ndarray, weights: np.ndarray, grid: tuple[np.ndarray, np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Robust low polynomial, then what it leaves as kernel means along rows and along columns (feed goes either way).

    Answers the field at `places` (n, 2) and on the grid (rows, columns, 2). Points off their neighbours have no vote.
    """
    basis = _terms(places[:, 0], places[:, 1])
    xs, ys = np.meshgrid(*grid)
    trust = weights.copy()
    kernels = [_nearness(places, grid, spread) for spread in KERNELS]
    for _ in range(3):
        left = basis * trust[:, None]
        coefficients = np.linalg.solve(left.T @ basis + np.eye(basis.shape[1]) * 1e-3, left.T @ moves)
        fitted, values = basis @ coefficients, _terms(xs, ys) @ coefficients
        for kernel in kernels:
            at_places, on_grid = _kernel_mean(moves - fitted, trust, kernel)
            fitted, values = fitted + at_places, values + on_grid
        off = np.hypot(*(moves - fitted).T)
        trust = weights * np.clip(1 - (off / max(4 * float(np.median(off)), 0.8)) ** 2, 0.02, 1) ** 2
    return fitted, values


def _nearness(
    places: np.ndarray, grid: tuple[np.ndarray, np.ndarray], spread: tuple[float, float]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """How near `places` (n, 2) lie to each other, the grid's columns and its rows to them, 1 being the same place;
    `spread` mm along x and y."""

    def near(a: np.ndarray, b: np.ndarray, width: float) -> np.ndarray:
        nearness: np.ndarray = np.exp(-(((a[:, None] - b[None, :]) / (width * PX)) ** 2) / 2)
        return nearness

    x, y = places.T
    return near(x, x, spread[0]) * near(y, y, spread[1]), near(grid[0], x, spread[0]), near(grid[1], y, spread[1])


def _kernel_mean(
    rest: np.ndarray, trust: np.ndarray, kernel: tuple[np.ndarray, np.ndarray, np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Gaussian-weighted mean of `rest` (n, 2) at the places and on the grid. Fades to zero far from every point."""
    own, along_x, along_y = kernel[0] * trust, kernel[1], kernel[2] * trust
    at_places = own @ rest / (own.sum(axis=1, keepdims=True) + FADE)
    total = along_y @ along_x.T + FADE
    on_grid = np.stack([(along_y * rest[:, k]) @ along_x.T / total for k in (0, 1)], axis=-1)
    return at_places, on_grid


def remaining_shifts(black: np.ndarray, reference: ReferencePage) -> np.ndarray:
    """What each word is still off after registration, float (cells, 2) pixels, at most MOST_SHIFT; 0 where not
    measurable. `black`: uint8. A long word is measured in its middle."""
    shifts = np.zeros((len(reference.boxes), 2))
    expected, reach = cv2.blur(reference.ink, (3, 3)), FINE_REACH
    for index, (x0, y0, x1, y1) in enumerate(np.rint(reference.boxes).astype(int)):
        spare = max(x1 - x0 - LONGEST_SHIFT, 0) // 2
        left, right = x0 + spare, x1 - spare
        area = black[y0 - reach : y1 + reach, left - reach : right + reach]
        template = expected[y0:y1, left:right]
        if template.size == 0 or area.shape != (y1 - y0 + 2 * reach, right - left + 2 * reach):
            continue
        dx, dy, score = _peak(cv2.matchTemplate(area, template, cv2.TM_CCOEFF_NORMED))
        if score > 0.5:
            shifts[index] = np.clip((dx, dy), -MOST_SHIFT, MOST_SHIFT)
    return shifts
