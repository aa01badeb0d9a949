"""A doubted seal's letters once more, as fine as they were scanned.

A page's red ink is judged at 100 dpi, where the strokes of small or narrow letters run together. Latin letters and
figures have at most three strokes above one another; Chinese ones often have four, and that is asked for here.
"""

from dataclasses import replace

import cv2
import numpy as np

from services.documents.impressions.cutting import PER_MM, SIDE, cut
from services.documents.verify.grid import PX
from services.documents.verify.lettering import LIMITS, REPEATED, UNLETTERED, begun
from services.documents.verify.registration import Registered
from services.documents.verify.seals import FoundSeal

ANGLES, SHARES = 1440, 220  # quarter degrees; half hundredths of the radius
ROW, RING = (108, 186), (172, 214)
NEAR, LEVEL, PALEST = 81, 0.45, 0.35
TALL_SHARE, TALL, EDGE_SHARE = 0.55, (10, 24), 0.25
# Of 360 round things that are no seals none but postmarks whose row begins beyond 0.6 of the radius had 0.01 of its
# directions with four strokes; words written level across a pen's circle, from 0.54 on, had 0.07. A postmark of four
# Chinese letters had 0.14, with letters in 0.14 of all directions. Of 24 narrow names of 20 letters and more eleven
# have more than 0.03, with letters in 0.26 to 0.42 of all directions.
LEAST_TALL, LEAST_DEEP, LEAST_FOUR, STROKES = 0.25, 1.8, 0.03, (0.4, 1.7)
LEAST_START = 120  # half hundredths of the radius
BETWEEN = range(76, 116, 2)  # between row and middle, where a seal is empty somewhere


def read_again(seals: list[FoundSeal], image: np.ndarray, registered: Registered) -> list[FoundSeal]:
    """The same seals; those that were only doubted for their letters are valid where Chinese letters show at last.

    `image`: uint8 RGB, the scan as it came."""
    return [
        replace(seal, fault=None, faint=False)
        if seal.faint and seal.fault in (UNLETTERED, REPEATED) and _has_chinese(seal, image, registered)
        else seal
        for seal in seals
    ]


def _has_chinese(seal: FoundSeal, image: np.ndarray, registered: Registered) -> bool:
    x, y, w = registered.to_scan @ np.array([seal.x * PX, seal.y * PX, 1.0])
    impression = cut(image, (x / w, y / w), registered.dpi)
    if impression is None:
        return False
    letters = _letters(impression.ink, seal.radius)
    if min(letters[:, at : at + 12].mean() for at in BETWEEN) > LIMITS["gap"]:
        return False
    row, start = _row(letters)
    high = row.shape[1]
    outer, inner = high - np.argmax(row[:, ::-1], axis=1), np.argmax(row, axis=1)
    least = min(max(TALL_SHARE * high, TALL[0]), TALL[1])
    tall = np.where(row.any(axis=1), outer - inner, 0) >= least
    if tall.mean() < LEAST_TALL or start < LEAST_START:
        return False
    deep = begun(np.pad(row, ((0, 0), (1, 0))), axis=1)[tall]
    most = min(TALL[1], max(high * 2 // 3, TALL[0]))
    along = np.sort(begun(np.concatenate([row[-1:], row]), axis=0))[-most:].mean()
    middle = seal.radius * (start + high / 2) / 200
    strokes = along / (tall.mean() * 2 * np.pi * middle)
    chinese = deep.mean() >= LEAST_DEEP and (deep >= 4).mean() >= LEAST_FOUR
    return bool(chinese and STROKES[0] <= strokes <= STROKES[1])


def _letters(ink: np.ndarray, radius: float) -> np.ndarray:
    """Where there is ink by direction and share of the radius, bool (ANGLES, SHARES); pale letters count as others."""
    steps = (np.arange(SHARES) + 0.5) / 200 * radius * PER_MM
    angles = np.radians(np.arange(ANGLES) * 360 / ANGLES)[:, None]
    middle = (SIDE - 1) / 2
    map_x = (middle + steps * np.cos(angles)).astype(np.float32)
    map_y = (middle + steps * np.sin(angles)).astype(np.float32)
    polar = cv2.remap(ink, map_x, map_y, cv2.INTER_LINEAR)
    top = np.sort(polar[:, ROW[0] : ROW[1]], axis=1)[:, -6:].mean(axis=1)
    around = np.concatenate([top[-NEAR:], top, top[:NEAR]])
    own = np.percentile(np.lib.stride_tricks.sliding_window_view(around, 2 * NEAR + 1), 75, axis=1)
    inked: np.ndarray = polar > LEVEL * np.clip(own, PALEST, 1.0)[:, None]
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
