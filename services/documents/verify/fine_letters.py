"""A seal's letters once more, as fine as they were scanned.

A page's red ink is judged at 100 dpi, where the strokes of small or narrow letters run together: a long name was
doubted, and a logo with a ring of Latin words once counted as a seal. Latin letters and figures have at most three
strokes above one another; Chinese ones often have four.
"""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from services.documents.impressions.cutting import PER_MM, SIDE, cut
from services.documents.verify.grid import PX
from services.documents.verify.lettering import LIMITS, REPEATED, UNLETTERED, begun, upper_quartile
from services.documents.verify.registration import Registered
from services.documents.verify.seals import FoundSeal

ANGLES, SHARES = 1440, 220  # quarter degrees; half hundredths of the radius
ROW, RING = (108, 186), (172, 214)
NEAR, LEVEL, PALEST = 81, 0.45, 0.35
TALL_SHARE, TALL, EDGE_SHARE = 0.55, (10, 24), 0.25
# Of 840 round things that are no seals none had 0.01 of its directions with four strokes (logos of Latin words 0.003 at
# most) but toothed rings with a second circle (0.016), postmarks whose row begins beyond 0.6 of the radius, and words
# written level across a pen's circle, from 0.54 on (0.07). A postmark of four Chinese letters had 0.14, with letters in
# 0.14 of all directions. Of 24 narrow names of 20 letters and more that were not looked at before 13 pass with 0.014.
# Of 260 other seals three had less than 0.008: where their row was taken for the ring's edge (from 0.8 on).
LEAST_TALL, LEAST_DEEP, LEAST_FOUR, STROKES = 0.25, 1.65, 0.014, (0.4, 1.7)
LATIN_FOUR, AT_THE_RING = 0.008, 150
LEAST_START = 120  # half hundredths of the radius
BETWEEN = range(76, 116, 2)  # between row and middle, where a seal is empty somewhere


@dataclass(frozen=True, slots=True)
class _Fine:
    """`tall`: share of the directions with a letter's height; `start`: where the row begins, half hundredths of the
    radius; `deep`: strokes above one another on average; `four`: share of `tall` with four and more; `strokes`: a mm
    along the row; `gap`: ink between row and middle, where there is least."""

    tall: float
    start: int
    deep: float
    four: float
    strokes: float
    gap: float

    @property
    def is_chinese(self) -> bool:
        if self.gap > LIMITS["gap"] or self.tall < LEAST_TALL or self.start < LEAST_START:
            return False
        dense = STROKES[0] <= self.strokes <= STROKES[1]
        return dense and self.deep >= LEAST_DEEP and self.four >= LEAST_FOUR

    @property
    def is_latin(self) -> bool:
        """A whole row of letters, plainly seen, and hardly a one of them has four strokes above one another."""
        return self.tall >= LEAST_TALL and self.start < AT_THE_RING and self.four < LATIN_FOUR


def read_again(seals: list[FoundSeal], image: np.ndarray, registered: Registered) -> list[FoundSeal]:
    """The same seals; those that were only doubted for their letters are valid where Chinese letters show at last, and
    those whose letters are none are doubted.

    `image`: uint8 RGB, the scan as it came."""
    return [_again(seal, image, registered) for seal in seals]


def _again(seal: FoundSeal, image: np.ndarray, registered: Registered) -> FoundSeal:
    doubted = seal.faint and seal.fault in (UNLETTERED, REPEATED)
    fine = _fine(seal, image, registered) if doubted or seal.fault is None else None
    if fine is None:
        return seal
    if doubted:
        return replace(seal, fault=None, faint=False) if fine.is_chinese else seal
    return replace(seal, fault=UNLETTERED, faint=True) if fine.is_latin else seal


def _fine(seal: FoundSeal, image: np.ndarray, registered: Registered) -> _Fine | None:
    x, y, w = registered.to_scan @ np.array([seal.x * PX, seal.y * PX, 1.0])
    impression = cut(image, (x / w, y / w), registered.dpi)
    if impression is None:
        return None
    letters = _letters(impression.ink, seal.radius)
    row, start = _row(letters)
    high = row.shape[1]
    outer, inner = high - np.argmax(row[:, ::-1], axis=1), np.argmax(row, axis=1)
    least = min(max(TALL_SHARE * high, TALL[0]), TALL[1])
    tall = np.where(row.any(axis=1), outer - inner, 0) >= least
    if not tall.any():
        return None
    deep = begun(np.pad(row, ((0, 0), (1, 0))), axis=1)[tall]
    most = min(TALL[1], max(high * 2 // 3, TALL[0]))
    along = np.sort(begun(np.concatenate([row[-1:], row]), axis=0))[-most:].mean()
    middle = seal.radius * (start + high / 2) / 200
    return _Fine(
        tall=float(tall.mean()),
        start=start,
        deep=float(deep.mean()),
        four=float((deep >= 4).mean()),
        strokes=float(along / (tall.mean() * 2 * np.pi * middle)),
        gap=float(min(letters[:, at : at + 12].mean() for at in BETWEEN)),
    )


def _letters(ink: np.ndarray, radius: float) -> np.ndarray:
    """Where there is ink by direction and share of the radius, bool (ANGLES, SHARES); pale letters count as others."""
    steps = (np.arange(SHARES) + 0.5) / 200 * radius * PER_MM
    angles = np.radians(np.arange(ANGLES) * 360 / ANGLES)[:, None]
    middle = (SIDE - 1) / 2
    map_x = (middle + steps * np.cos(angles)).astype(np.float32)
    map_y = (middle + steps * np.sin(angles)).astype(np.float32)
    polar = cv2.remap(ink, map_x, map_y, cv2.INTER_LINEAR)
    top = np.sort(polar[:, ROW[0] : ROW[1]], axis=1)[:, -6:].mean(axis=1)
    inked: np.ndarray = polar > LEVEL * np.clip(upper_quartile(top, NEAR), PALEST, 1.0)[:, None]
    return inked


def _row(letters: np.ndarray) -> tuple[np.ndarray, int]:
    """The most inked row between the middle and the ring, and where it begins."""
    share = letters.mean(axis=0)
    edge = RING[0] + int(share[RING[0] : RING[1]].argmax())
    half = share[edge] / 2
    while edge > RING[0] - 12 and share[edge - 1] > half:
        edge -= 1
    end = min(edge - 2, ROW[1])
    ink = np.convolve(share[ROW[0] : end], np.ones(5) / 5, "same")
    first = last = int(ink.argmax())
    least = EDGE_SHARE * ink[first]
    while first > 0 and ink[first - 1] > least:
        first -= 1
    while last < len(ink) - 1 and ink[last + 1] > least:
        last += 1
    return letters[:, ROW[0] + first : ROW[0] + last + 1], ROW[0] + first
