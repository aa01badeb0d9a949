"""A unit's specimen made of three clean impressions: what its seal always leaves, and what it may leave."""

import io
from dataclasses import dataclass
from itertools import combinations

import cv2
import numpy as np

from services.documents.impressions.aligning import align, likeness
from services.documents.impressions.cutting import PER_MM, SIDE, Impression

ALIKE = 0.55


class UnlikeError(Exception):
    """Two of the three impressions are not of one seal; `pair` counts them from 1."""

    def __init__(self, pair: tuple[int, int]) -> None:
        self.pair = pair
        super().__init__(pair)


@dataclass(frozen=True, slots=True)
class Specimen:
    """In the frame of the first impression: `ink`, the mean of the three, float32 (600, 600), and `widest`, the
    most that any of them left; `known`: bool. `radius` of the ring in mm."""

    ink: np.ndarray
    widest: np.ndarray
    known: np.ndarray
    radius: float

    def as_bytes(self) -> bytes:
        """Compressed, some 200 KiB."""
        file = io.BytesIO()
        np.savez_compressed(
            file, ink=_packed(self.ink), widest=_packed(self.widest), known=np.packbits(self.known),
            radius=np.float64(self.radius),
        )  # fmt: skip
        return file.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> "Specimen":
        kept = np.load(io.BytesIO(data), allow_pickle=False)
        known = np.unpackbits(kept["known"]).reshape(SIDE, SIDE).astype(bool)
        ink, widest = (kept[name].astype(np.float32) / 200 for name in ("ink", "widest"))
        return cls(ink, widest, known, float(kept["radius"]))


def _packed(ink: np.ndarray) -> np.ndarray:
    packed: np.ndarray = np.rint(np.clip(ink, 0, 1.25) * 200).astype(np.uint8)
    return packed


def alone(impression: Impression) -> Specimen:
    """A specimen of one impression, to compare the others with before they are laid over each other."""
    return Specimen(impression.ink, impression.ink, impression.known, ring_radius(impression.ink))


def enrol(impressions: tuple[Impression, Impression, Impression]) -> Specimen:
    """Raises UnlikeError where they are not three impressions of one seal."""
    first = impressions[0]
    laid = [align(first.ink, other, first.known) for other in impressions[1:]]
    inks = [first.ink, *(found.ink for found in laid)]
    known = [first.known, *(found.known for found in laid)]
    for a, b in combinations(range(3), 2):
        if likeness(inks[a], inks[b], known[a] & known[b]) < ALIKE:
            raise UnlikeError((a + 1, b + 1))
    seen = np.sum(known, axis=0)
    mean = np.sum([np.where(k, ink, 0) for ink, k in zip(inks, known, strict=True)], axis=0) / np.maximum(seen, 1)
    widest = np.max([np.where(k, ink, 0) for ink, k in zip(inks, known, strict=True)], axis=0)
    return Specimen(mean.astype(np.float32), widest.astype(np.float32), seen > 0, ring_radius(mean))


def ring_radius(ink: np.ndarray) -> float:
    """The outer radius in mm: the last radius at which half of the circle is inked."""
    polar = cv2.warpPolar(
        cv2.GaussianBlur(ink.astype(np.float32), (0, 0), 1.5), (SIDE // 2, 360), (SIDE / 2, SIDE / 2), SIDE / 2,
        cv2.INTER_LINEAR,
    )  # fmt: skip
    wide = cv2.dilate(polar, np.ones((1, 13), np.uint8))
    inked = np.flatnonzero((wide > 0.3).mean(axis=0) > 0.5)
    return float(inked.max() - 6) / PER_MM if inked.size else 0.0


ARC_BAND = (0.62, 0.80)
"""Where letters round the arc have their middles, as shares of the radius; a number under them lies further out."""


def letters_at(specimen: Specimen, count: int, angles: tuple[float, ...]) -> list[int]:
    """Which of the `count` letters round the arc, from 1, lie at these angles (degrees clockwise from the top of the
    specimen's picture). The arc starts after the widest gap, wherever the seal was turned."""
    polar = cv2.warpPolar(specimen.ink, (SIDE // 2, 360), (SIDE / 2, SIDE / 2), SIDE / 2, cv2.INTER_LINEAR)
    inner, outer = (round(share * specimen.radius * PER_MM) for share in ARC_BAND)
    inked = (polar[:, inner:outer] > 0.4).mean(axis=1) > 0.08
    inked = np.roll(inked, 90)  # OpenCV's angles start at the right
    on = np.flatnonzero(inked)
    if count < 1 or on.size < 2:
        return []
    gaps = np.diff(np.append(on, on[0] + 360))
    widest = int(np.argmax(gaps))
    start, span = float(on[(widest + 1) % on.size]), 360.0 - float(gaps[widest]) + 1
    along = (np.array(angles, float) - start) % 360
    letters = np.floor(along / span * count).astype(int)
    return sorted({int(letter) + 1 for letter in letters if 0 <= letter < count})
