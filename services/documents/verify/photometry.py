"""From a registered colour page to ink: paper brightness, black ink apart from red ink, streaks, the scan's blur."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from services.documents.verify.grid import HALF, HEIGHT, WIDTH, above
from services.documents.verify.reference import ReferencePage
from services.documents.verify.registration import Registered

SIGMAS = (0.4, 0.6, 0.8, 1.0, 1.2, 1.4, 1.7, 2.0, 2.4)
RED_IN_RED = 0.13
SEAL_HUE = 0.3  # red over the lighter of green and blue, as a share of red over the darker: 0 is magenta or yellow
NO_RED = 14  # of 255: a pixel's red over its other channels that is no ink yet
COLOURED = 16  # of 255, between a pixel's channels: a gray scan has 0 to 3
SOME_COLOUR = 4  # pixels of a half-size page: a pen's thin line is too little to make a colour scan of a white page
LIGHT = 245  # what bare paper becomes
AS_INK = np.rint(255 * np.clip(1 - np.arange(256) / LIGHT, 0, 1)).astype(np.uint8)
DENSITY = -np.log(np.maximum(np.arange(256), 4) / LIGHT).astype(np.float32)


@dataclass
class Inks:
    """Layers on the 200 dpi grid, each (2339, 1654): `black` uint8, 255 full black (or blue) ink; `red` float32 0..1,
    read at half that resolution. At half size, uint8: `any`, ink of whatever colour, by the channel it darkens most;
    `tint`, how far its channels lie apart (0 in black ink, 150 in a pen's); `sealing`: 255 where ink has a seal's hue,
    from magenta to orange; None on a page without colour, which may have a tint where a pen was."""

    black: np.ndarray
    red: np.ndarray
    any: np.ndarray
    tint: np.ndarray | None
    sealing: np.ndarray | None

    @property
    def has_colour(self) -> bool:
        return self.sealing is not None

    @property
    def strokes(self) -> np.ndarray | None:
        """A seal's ink as fine as it was scanned, half size: colour only says where it is. None without colour."""
        return None if self.sealing is None else cv2.bitwise_and(self.any, self.sealing)


def without_streaks(image: np.ndarray) -> np.ndarray:
    """Undo scanner dirt: narrow columns (or rows) that are darker over the page's whole length get their gain back.

    uint8 RGB in and out. A printed rule never reaches into the page's margins, so the 92nd percentile of its column
    still sees paper; a streak darkens that too.
    """
    result = image
    for axis in (0, 1):
        brightness = _brightness(result[::17, :, 0].T if axis == 0 else result[:, ::17, 0])
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


def _brightness(lines: np.ndarray) -> np.ndarray:
    """The 92nd percentile of each line, float32 (n,), as `np.percentile` has it. NumPy puts 16 bits in order with the
    processor's wide registers, seven times as fast as 8 bits."""
    at, part = divmod(0.92 * (lines.shape[1] - 1), 1)
    first, last = int(at), min(int(at) + 1, lines.shape[1] - 1)
    ordered = np.sort(lines.astype(np.uint16, order="C"), axis=1)[:, [first, last]].astype(np.float64)
    brightness: np.ndarray = (ordered[:, 0] + part * (ordered[:, 1] - ordered[:, 0])).astype(np.float32)
    return brightness


def paper_brightness(colours: np.ndarray) -> np.ndarray:
    """The bare paper of a half-size page, uint8 (292, 206, 3): brightest quarter-scale neighbour in 8 mm, smoothed."""
    height, width = colours.shape[0] // 4, colours.shape[1] // 4
    small = cv2.resize(colours[: height * 4, : width * 4], (width, height), interpolation=cv2.INTER_AREA)
    bright = cv2.dilate(cv2.medianBlur(small, 3), np.ones((9, 9), np.uint8))
    bright = cv2.erode(bright, np.ones((5, 5), np.uint8))
    return cv2.GaussianBlur(bright, (0, 0), 4)


def inks_of(page: Registered) -> Inks:
    """Black ink from the red channel, red ink from all three at half size; the red ink's own share is taken out of the
    black where there is any."""
    paper = paper_brightness(page.colours)
    light = cv2.resize(np.ascontiguousarray(paper[:, :, 0]), (WIDTH, HEIGHT), interpolation=cv2.INTER_LINEAR)
    flat = cv2.divide(page.red, light, scale=LIGHT)
    black = cv2.LUT(flat, AS_INK)
    red: np.ndarray = np.zeros(black.shape, np.float32)
    wide = cv2.resize(paper, HALF, interpolation=cv2.INTER_LINEAR)
    r, green, blue = cv2.split(cv2.divide(page.colours, wide, scale=LIGHT))
    g, darkest = cv2.max(green, blue), cv2.min(cv2.min(green, blue), r)
    seen = cv2.LUT(darkest, AS_INK)
    tint = cv2.subtract(cv2.max(r, g), darkest)
    if not _has_colour(page.colours):
        some = cv2.countNonZero(above(tint, COLOURED)) >= SOME_COLOUR
        return Inks(black, red, seen, tint if some else None, None)
    excess, span = cv2.subtract(r, g), cv2.subtract(r, darkest)
    reddish = above(excess, 24)
    share: Any = SEAL_HUE  # OpenCV multiplies by a number too, which its type hints do not know
    sealing = cv2.bitwise_and(above(excess, 10), cv2.compare(excess, cv2.multiply(span, share), cv2.CMP_GE))
    if cv2.countNonZero(reddish) > 15:
        _redden(red, excess)
        _unmix(black, flat, (r, g), reddish)
    return Inks(black, red, seen, tint, sealing)


def _redden(red: np.ndarray, excess: np.ndarray) -> None:
    """Draw the red ink into the empty layer `red`, in place, only where there is any. `excess`: uint8, half size."""
    levels = ((np.arange(256, dtype=np.float32) - NO_RED) / 110).clip(0, 1)
    x, y, width, height = cv2.boundingRect(above(excess, NO_RED))
    x0, y0, x1, y1 = max(x - 1, 0), max(y - 1, 0), min(x + width + 1, HALF[0]), min(y + height + 1, HALF[1])
    part = cv2.LUT(np.ascontiguousarray(excess[y0:y1, x0:x1]), levels)
    part = cv2.resize(part, (2 * (x1 - x0), 2 * (y1 - y0)), interpolation=cv2.INTER_LINEAR)
    red[2 * y0 : 2 * y1, 2 * x0 : 2 * x1] = part[: HEIGHT - 2 * y0]


def _unmix(black: np.ndarray, flat: np.ndarray, half: tuple[np.ndarray, np.ndarray], reddish: np.ndarray) -> None:
    """Take the red ink's own share out of the black, in place, around where there is any (Beer-Lambert).

    `half`: red channel and the lighter of the others, at half size."""
    x, y, width, height = cv2.boundingRect(cv2.dilate(reddish, np.ones((5, 5), np.uint8)))
    box = np.s_[y : y + height, x : x + width]
    r, g = (cv2.LUT(np.ascontiguousarray(channel[box]), DENSITY) for channel in half)
    amount = np.maximum(g - r, 0)
    sure = (amount > 0.4) & (r < 0.5)
    share = float(np.clip(np.median(r[sure] / amount[sure]), 0.04, 0.45)) if sure.sum() > 50 else RED_IN_RED
    full = np.s_[2 * y : 2 * (y + height), 2 * x : 2 * (x + width)]
    amount = cv2.resize(amount, (2 * width, 2 * height), interpolation=cv2.INTER_LINEAR)
    amount = amount[: black[full].shape[0], : black[full].shape[1]]
    own = cv2.LUT(np.ascontiguousarray(flat[full]), DENSITY) - share * amount
    black[full] = np.clip(255 * (1 - np.exp(-np.maximum(own, 0))), 0, 255).astype(np.uint8)


def _has_colour(colours: np.ndarray) -> bool:
    """A gray scan saved as RGB has equal channels; a colour scan has the paper's tint, chroma noise or ink of a colour
    somewhere, be it as pale as a faded seal."""
    red, green, blue = cv2.split(np.ascontiguousarray(colours[::3, ::3]))
    spread = cv2.subtract(cv2.max(cv2.max(red, green), blue), cv2.min(cv2.min(red, green), blue))
    return bool(spread.mean() > 0.8 or (spread > COLOURED).sum() > 60)


def blur_of(black: np.ndarray, reference: ReferencePage, shifts: np.ndarray) -> float:
    """The Gaussian blur (sigma in grid pixels) that makes the issued page most like the scan, from at most 24 cells.

    `black`: uint8; `shifts` (cells, 2): what each cell is off. Goes uphill from the middle of SIGMAS."""
    boxes = reference.boxes
    parts = []
    for index in range(0, len(boxes), max(1, len(boxes) // 24)):
        x0, y0, x1, y1 = boxes[index].astype(int)
        expected = reference.ink[y0 - 6 : y1 + 6, x0 - 6 : x1 + 6]
        if expected.shape == (y1 - y0 + 12, x1 - x0 + 12):
            middle = (np.array([x0 + x1 - 1, y0 + y1 - 1]) / 2 + shifts[index]).tolist()
            seen = cv2.getRectSubPix(black, (x1 - x0, y1 - y0), middle, patchType=cv2.CV_32F).ravel()
            centred = seen - seen.mean()
            parts.append((expected.astype(np.float32), centred / max(float(np.linalg.norm(centred)), 1e-6)))
    known: dict[int, float] = {}

    def likeness(at: int) -> float:
        if at not in known:
            known[at] = _likeness(parts, SIGMAS[at]) if 0 <= at < len(SIGMAS) else -1.0
        return known[at]

    best = len(SIGMAS) // 3
    while (better := max((best - 1, best, best + 1), key=likeness)) != best:
        best = better
    return SIGMAS[best]


def _likeness(parts: list[tuple[np.ndarray, np.ndarray]], sigma: float) -> float:
    """Median correlation of the parts' ink, blurred, with what was seen."""
    scores = [0.0]
    for expected, seen in parts:
        blurred = cv2.GaussianBlur(expected, (0, 0), sigma)[6:-6, 6:-6].ravel()
        blurred -= blurred.mean()
        scores.append(float(blurred @ seen) / max(float(np.linalg.norm(blurred)), 1e-6))
    return float(np.median(scores))
