"""Twelve round red things on one sheet, scanned: which of them does the verifier take for seals?"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np

from services.documents.verify.grid import HALF, HEIGHT, PX, WIDTH
from services.documents.verify.photometry import Inks, inks_of
from services.documents.verify.registration import Registered
from services.documents.verify.seals import FoundSeal, find_seals
from tests.documents_lab import paper
from tests.documents_lab.scanner import any_scanner, scan
from tests.documents_lab.seal_kinds import CONDITIONS, FALSE, impression, seal_face

PLACES = [(35.0 + 65 * (k % 3), 37.0 + 72 * (k // 3)) for k in range(12)]
REACH = 31.0


@dataclass(frozen=True, slots=True)
class Round:
    """`kind`: "seal" or a name of FALSE; `found`: what the verifier saw there."""

    kind: str
    condition: str
    dpi: int
    found: FoundSeal | None

    @property
    def counts(self) -> bool:
        return self.found is not None and self.found.fault is None


def sheet(seed: int, kinds: tuple[str, ...]) -> Iterator[Round]:
    """`kinds` in turn on a sheet's twelve places, at 150, 200 or 300 dpi."""
    rng = random.Random(f"rounds/{seed}/{kinds}")
    dpi = (150, 200, 300)[seed % 3]
    page = np.full((3508, 2480, 3), 252, np.uint8)
    laid = []
    for at, (x, y) in enumerate(PLACES):
        kind = kinds[(12 * seed + at) % len(kinds)]
        condition = CONDITIONS[(12 * seed + at) % len(CONDITIONS)] if kind == "seal" else rng.choice(CONDITIONS)
        face = seal_face(rng) if kind == "seal" else FALSE[kind](rng)
        ink, colour = impression(face, rng, condition)
        if condition == "over_print":
            _print(page, x, y)
        paper.inked(page, ink, x, y, colour)
        laid.append((kind, condition))
    inks = _inks(page, rng, dpi)
    for (kind, condition), (x, y) in zip(laid, PLACES, strict=True):
        found = find_seals(_only(inks.red, x, y, PX), _only(inks.strokes, x, y, PX / 2))
        here = (seal for seal in found if abs(seal.x - x) < 6 and abs(seal.y - y) < 6)
        yield Round(kind, condition, dpi, next(here, None))


def _print(page: np.ndarray, x: float, y: float) -> None:
    for line in range(3):
        corner = (round((x - 22) * paper.MM), round((y - 12 + 12 * line) * paper.MM))
        cv2.putText(page, "No 8986 0312", corner, cv2.FONT_HERSHEY_SIMPLEX, 1.6, (25, 25, 25), 4)


def _inks(page: np.ndarray, rng: random.Random, dpi: int) -> Inks:
    """The page's inks, laid on the grid by its known size."""
    straight = {"turn": 0, "angle": 0.0, "shift": (0.0, 0.0), "scale": 1.0, "perspective": 0.0, "feed": 0.0}
    image = scan(page, replace(any_scanner(rng, dpi), streak=False, **straight))
    full = cv2.resize(image, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    half = cv2.resize(image, HALF, interpolation=cv2.INTER_AREA)
    return inks_of(Registered(np.ascontiguousarray(full[:, :, 0]), half, dpi, 0, 0, 1, np.eye(3)))


def _only(layer: np.ndarray | None, x: float, y: float, scale: float) -> np.ndarray:
    assert layer is not None
    kept = np.zeros_like(layer)
    top, bottom, left, right = (max(round(v * scale), 0) for v in (y - REACH, y + REACH, x - REACH, x + REACH))
    kept[top:bottom, left:right] = layer[top:bottom, left:right]
    return kept
