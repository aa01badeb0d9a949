"""From a registered colour page to ink: paper brightness, black ink apart from red ink, streaks, the scan's blur."""

from dataclasses import dataclass

import cv2
import numpy as np

from services.documents.verify.reference import ReferencePage

SIGMAS = (0.4, 0.6, 0.8, 1.0, 1.2, 1.4, 1.7, 2.0, 2.4)
RED_IN_RED = 0.13


@dataclass
class Inks:
    """Layers on the 200 dpi grid, each float32 (2339, 1654): `black` 0..1 share of black (or blue) ink; `red` 0..1."""

    black: np.ndarray
    red: np.ndarray
    has_colour: bool


def without_streaks(image: np.ndarray) -> np.ndarray:
    """Undo scanner dirt: narrow columns (or rows) that are darker over the page's whole length get their gain back.

    uint8 RGB in and out. A printed rule never reaches into the page's margins, so the 92nd percentile of its column
    still sees paper; a streak darkens that too.
    """
    result = image
    for axis in (0, 1):
        brightness = np.percentile(result[::7, :, 0] if axis == 0 else result[:, ::7, 0], 92, axis=axis)
        brightness = brightness.astype(np.float32).ravel()
        around = cv2.medianBlur(brightness.reshape(1, -1).astype(np.uint8), 31).astype(np.float32).ravel()
        gain = brightness / np.maximum(around, 1)
        dark = (gain < 0.955) & (around > 120)
        if not dark.any() or dark.mean() > 0.03:
            continue
        dark = np.convolve(dark, np.ones(3), "same") > 0
        factor = np.where(dark, 1 / np.clip(gain, 0.2, 1), 1).astype(np.float32)
        where = np.flatnonzero(factor > 1.001)
        result = result.copy()
        if axis == 0:
            result[:, where] = np.clip(result[:, where] * factor[where][None, :, None], 0, 255).astype(np.uint8)
        else:
            result[where] = np.clip(result[where] * factor[where][:, None, None], 0, 255).astype(np.uint8)
    return result


def paper_brightness(image: np.ndarray) -> np.ndarray:
    """The bare paper under every pixel, uint8 like `image`: brightest eighth-scale neighbour within 8 mm, smoothed."""
    small = cv2.resize(image, (image.shape[1] // 8, image.shape[0] // 8), interpolation=cv2.INTER_AREA)
    bright = cv2.dilate(cv2.medianBlur(small, 3), np.ones((9, 9), np.uint8))
    bright = cv2.erode(bright, np.ones((5, 5), np.uint8))
    smooth = cv2.GaussianBlur(bright, (0, 0), 4)
    return cv2.resize(smooth, (image.shape[1], image.shape[0]), interpolation=cv2.INTER_LINEAR)


def inks_of(image: np.ndarray) -> Inks:
    """`image`: registered uint8 RGB (2339, 1654, 3)."""
    flat = cv2.divide(image, paper_brightness(image), scale=245)
    red_channel, green, blue = cv2.split(flat)
    excess = cv2.subtract(red_channel, cv2.max(green, blue))
    has_colour = _has_colour(image)
    black = cv2.LUT(red_channel, np.clip(1 - np.arange(256, dtype=np.float32) / 245, 0, 1))
    red = np.zeros(black.shape, np.float32)
    if has_colour and cv2.countNonZero((excess > 24).astype(np.uint8)) > 60:
        red = np.clip((excess.astype(np.float32) - 14) / 110, 0, 1)
        _unmix(black, red_channel, cv2.max(green, blue), excess)
    return Inks(black, red, has_colour)


def _unmix(black: np.ndarray, red_channel: np.ndarray, green: np.ndarray, excess: np.ndarray) -> None:
    """Take the red ink's own share out of the red channel, in place, where there is any (Beer-Lambert)."""
    rows, columns = np.flatnonzero((excess > 12).any(axis=1)), np.flatnonzero((excess > 12).any(axis=0))
    box = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    r = -np.log(np.maximum(red_channel[box], 4).astype(np.float32) / 245)
    g = -np.log(np.maximum(green[box], 4).astype(np.float32) / 245)
    amount = np.maximum(g - r, 0)
    sure = (amount > 0.4) & (r < 0.5)
    share = float(np.clip(np.median(r[sure] / amount[sure]), 0.04, 0.45)) if sure.sum() > 200 else RED_IN_RED
    black[box] = np.clip(1 - np.exp(-np.maximum(r - share * amount, 0)), 0, 1)


def _has_colour(image: np.ndarray) -> bool:
    """A gray scan saved as RGB has equal channels; a colour scan has at least the paper's tint and chroma noise."""
    sample = image[::5, ::5].astype(np.int16)
    spread = sample.max(axis=2) - sample.min(axis=2)
    return bool(spread.mean() > 0.8 or (spread > 60).sum() > 60)


def blur_of(black: np.ndarray, reference: ReferencePage) -> float:
    """The Gaussian blur (sigma in grid pixels) that makes the issued page most like the scan, from at most 40 cells."""
    boxes = reference.boxes
    step = max(1, len(boxes) // 40)
    parts = []
    for x0, y0, x1, y1 in boxes[::step].astype(int):
        box = np.s_[max(y0 - 5, 0) : y1 + 6, max(x0 - 5, 0) : x1 + 6]
        parts.append((reference.ink[box], black[box]))
    best, best_score = SIGMAS[0], -1.0
    for sigma in SIGMAS:
        scores = []
        for expected, seen in parts:
            blurred = cv2.GaussianBlur(expected, (0, 0), sigma)
            scores.append(float(cv2.matchTemplate(seen, blurred[3:-3, 3:-3], cv2.TM_CCOEFF_NORMED).max()))
        score = float(np.median(scores))
        if score > best_score:
            best, best_score = sigma, score
    return best
