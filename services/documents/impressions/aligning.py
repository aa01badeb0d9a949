"""Lays one impression over another: turn by polar correlation, an affine fit, then a stiff field for rubber that gives.

Nothing here may bend so far that another character would fit: the field is a cubic over the whole seal.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from services.documents.impressions.cutting import PER_MM, SIDE, Impression

ANGLES, RADII, OUTER_MM = 720, 96, 23.5
TURNS = 3
COARSE, FINE = 200, 300
BLOCK_MM, STEP_MM, REACH_MM = 8.0, 5.0, 0.45
LEAST_LIKENESS = 0.35


@dataclass(frozen=True, slots=True)
class Aligned:
    """`ink`, `known`: the impression drawn in the other one's frame. `scale`: its size against the other's;
    `likeness`: correlation over the whole seal, -1..1; `bent`: the largest move of the stiff field, mm."""

    ink: np.ndarray
    known: np.ndarray
    scale: float
    likeness: float
    bent: float


def align(reference: np.ndarray, other: Impression, reference_known: np.ndarray | None = None) -> Aligned:
    """`reference`: ink as of an Impression, float32 (600, 600). The best of the three likeliest turns."""
    tries = [_affine(reference, other, start, COARSE, 30) for start in _turns(reference, other.ink)]
    matrix = max(tries, key=lambda found: found[1])[0]
    matrix, _ = _affine(reference, other, matrix, FINE, 25)
    ink, known = _drawn(other, matrix)
    fields, bent = _bend(reference, ink, known if reference_known is None else known & reference_known)
    if fields is not None:
        ink = cv2.remap(ink, *fields, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
        known = cv2.remap(known.astype(np.uint8), *fields, cv2.INTER_NEAREST, borderMode=cv2.BORDER_CONSTANT) > 0
    scale = 1 / float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))
    return Aligned(ink, known, scale, likeness(reference, ink, known), bent)


def likeness(reference: np.ndarray, ink: np.ndarray, known: np.ndarray) -> float:
    """Correlation of two layers of ink where both are known, 0 if one has none."""
    a, b = reference[known], ink[known]
    a, b = a - a.mean(), b - b.mean()
    norm = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / norm if norm > 0 else 0.0


def _turns(reference: np.ndarray, other: np.ndarray) -> list[np.ndarray]:
    """The likeliest turns, as matrices from the reference's frame to the other's."""
    spectra = []
    for ink in (reference, other):
        soft = cv2.GaussianBlur(ink, (0, 0), 3)
        polar = cv2.warpPolar(soft, (RADII, ANGLES), (SIDE / 2, SIDE / 2), OUTER_MM * PER_MM, cv2.INTER_LINEAR)
        spectra.append(np.fft.rfft(polar - polar.mean(axis=0), axis=0))
    weights = np.arange(RADII)[None, :]
    scores = np.fft.irfft((np.conj(spectra[0]) * spectra[1] * weights).sum(axis=1), ANGLES)
    found = []
    for _ in range(TURNS):
        best = int(np.argmax(scores))
        scores[np.arange(best - 12, best + 13) % ANGLES] = -np.inf
        found.append(_turned(best * 360 / ANGLES))
    return found


def _turned(degrees: float) -> np.ndarray:
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    linear = np.array([[c, -s], [s, c]])
    middle = np.array([SIDE / 2, SIDE / 2])
    return np.column_stack([linear, middle - linear @ middle]).astype(np.float32)


def _affine(
    reference: np.ndarray, other: Impression, start: np.ndarray, side: int, rounds: int
) -> tuple[np.ndarray, float]:
    """Refined by ECC at `side` pixels; the start itself where that does not converge."""
    share = side / SIDE
    small = [cv2.GaussianBlur(cv2.resize(ink, (side, side), interpolation=cv2.INTER_AREA), (0, 0), 1.2) for ink in
             (reference, other.ink)]  # fmt: skip
    mask = cv2.resize(other.known.astype(np.uint8), (side, side), interpolation=cv2.INTER_NEAREST)
    matrix = start.copy()
    matrix[:, 2] *= share
    criteria = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, rounds, 1e-5)
    try:
        score, matrix = cv2.findTransformECC(small[0], small[1], matrix, cv2.MOTION_AFFINE, criteria, mask, 5)
    except cv2.error:
        return start, -1.0
    matrix[:, 2] = matrix[:, 2] / share
    return matrix, float(score)


def _drawn(other: Impression, matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    flags = cv2.WARP_INVERSE_MAP
    ink = cv2.warpAffine(other.ink, matrix, (SIDE, SIDE), flags=cv2.INTER_CUBIC | flags)
    known = cv2.warpAffine(other.known.astype(np.uint8), matrix, (SIDE, SIDE), flags=cv2.INTER_NEAREST | flags)
    return np.clip(ink, 0, 1.25), known > 0


def _bend(
    reference: np.ndarray, ink: np.ndarray, known: np.ndarray
) -> tuple[tuple[np.ndarray, np.ndarray] | None, float]:
    """Maps of a cubic field through the blocks' own small moves (robustly), and its largest move in mm."""
    half, reach = round(BLOCK_MM * PER_MM / 2), round(REACH_MM * PER_MM)
    soft_a = cv2.GaussianBlur(reference, (0, 0), 2.0)
    soft_b = cv2.GaussianBlur(np.where(known, ink, 0).astype(np.float32), (0, 0), 2.0)
    places, moves, weights = [], [], []
    for y in np.arange(half + reach, SIDE - half - reach, STEP_MM * PER_MM).astype(int):
        for x in np.arange(half + reach, SIDE - half - reach, STEP_MM * PER_MM).astype(int):
            patch = soft_a[y - half : y + half, x - half : x + half]
            if patch.mean() < 0.05 or known[y - half : y + half, x - half : x + half].mean() < 0.5:
                continue
            field = soft_b[y - half - reach : y + half + reach, x - half - reach : x + half + reach]
            if field.mean() < 0.03:
                continue
            scores = cv2.matchTemplate(field, patch, cv2.TM_CCOEFF_NORMED)
            _, best, _, at = cv2.minMaxLoc(scores)
            if best < LEAST_LIKENESS:
                continue
            places.append((x, y))
            moves.append(_peak(scores, (at[0], at[1]), reach))
            weights.append(best**2)
    if len(places) < 14:
        return None, 0.0
    return _field(np.array(places, float), np.array(moves), np.array(weights))


def _peak(scores: np.ndarray, at: tuple[int, int], reach: int) -> tuple[float, float]:
    """Sub-pixel place of the best score, against the middle."""
    x, y = at
    move = [float(x - reach), float(y - reach)]
    for axis, (before, here, after) in enumerate((
        (scores[y, max(x - 1, 0)], scores[y, x], scores[y, min(x + 1, scores.shape[1] - 1)]),
        (scores[max(y - 1, 0), x], scores[y, x], scores[min(y + 1, scores.shape[0] - 1), x]),
    )):  # fmt: skip
        bow = before - 2 * here + after
        if bow < -1e-6:
            move[axis] += float(np.clip(0.5 * (before - after) / bow, -0.5, 0.5))
    return move[0], move[1]


def _field(places: np.ndarray, moves: np.ndarray, weights: np.ndarray) -> tuple[tuple[np.ndarray, np.ndarray], float]:
    basis = _cubic(places / SIDE * 2 - 1)
    solution = np.zeros((basis.shape[1], 2))
    damping = np.diag([0.0, 0.0, 0.0] + [0.3] * (basis.shape[1] - 3))
    keep = weights.copy()
    for _ in range(4):
        solution = np.linalg.solve(basis.T @ (basis * keep[:, None]) + damping, basis.T @ (moves * keep[:, None]))
        off = np.hypot(*(moves - basis @ solution).T)
        keep = weights / (1 + (off / 0.8) ** 2)
    coarse = np.linspace(-1, 1, 31)
    nodes = np.stack(np.meshgrid(coarse, coarse), axis=-1).reshape(-1, 2)
    within = np.clip(np.hypot(*nodes.T), 0, 1)
    nodes_in = nodes * np.where(np.hypot(*nodes.T) > 1, 1 / np.maximum(np.hypot(*nodes.T), 1e-6), 1)[:, None]
    shifts = (_cubic(nodes_in) @ solution).reshape(31, 31, 2).astype(np.float32)
    wide = cv2.resize(shifts, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
    xs, ys = np.meshgrid(np.arange(SIDE, dtype=np.float32), np.arange(SIDE, dtype=np.float32))
    largest = float(np.hypot(*shifts.reshape(-1, 2)[within < 0.9].T).max()) / PER_MM
    return (xs + wide[..., 0], ys + wide[..., 1]), largest


def _cubic(places: np.ndarray) -> np.ndarray:
    """All products up to the third degree, (n, 10)."""
    x, y = places[:, 0], places[:, 1]
    one = np.ones_like(x)
    return np.stack([one, x, y, x * x, x * y, y * y, x**3, x * x * y, x * y * y, y**3], axis=1)
