"""A glyph's ink both ways: all that should be there, nothing that should not.

A blade takes one stroke off a 9, a pen adds a point to a 2: the character still looks most like itself, but in a spot a
stroke's ink is gone, or there. Toner that drops out and grains of dust are smaller than a stroke.
"""

import cv2
import numpy as np

from services.documents.verify.templates import Frame

SPOT = 3  # pixels of the grid: 0.4 mm


def both_ways(
    unit: np.ndarray, printed: np.ndarray, score: np.ndarray, span: np.ndarray, frame: Frame
) -> tuple[np.ndarray, np.ndarray]:
    """Per glyph of one frame the most ink that a spot lacks, and the most that a spot has too much, 1.0 being a full
    stroke's.

    `unit`: their normalised patches (n, pixels); `printed`: what they should be, alike, where they are most like it;
    `score` (n,): how like; `span` (n,): from paper to full ink in what they should be."""
    least = np.maximum(score, 0.2)[:, None]
    off = np.zeros((len(unit), frame.height + 2, frame.width + 2), np.float32)  # nothing beyond a patch's edge
    off[:, 1:-1, 1:-1] = ((least * printed - unit) / (span[:, None] * least)).reshape(-1, frame.height, frame.width)
    spots = _spots(off)
    beyond = -spots[:, 2:-2, 1:-1].min(axis=(1, 2)) if frame.width > SPOT else np.zeros(len(unit))
    return spots.max(axis=(1, 2)), beyond


def _spots(off: np.ndarray) -> np.ndarray:
    """The mean around each pixel of each glyph's patch, (n, height, width), of patches with nothing around them."""
    count, height, width = off.shape
    means: np.ndarray = cv2.blur(off.reshape(count * height, width), (SPOT, SPOT))
    return means.reshape(count, height, width)[:, 1:-1, 1:-1]
