"""A sheet of paper on the bench: an RGB picture of A4 at 300 dpi, in mm from its top left corner.

Inks multiply (they take light away), opaque things cover. Masks are float32, 0 nothing to 1 full, at the sheet's scale.
"""

import cv2
import numpy as np

DPI = 300
SCALE = DPI / 25.4
WIDTH, HEIGHT = 2480, 3508
WIDTH_MM, HEIGHT_MM = 210.0, 297.0
Colour = tuple[int, int, int]
Random = np.random.Generator


def px(mm: float) -> int:
    return round(mm * SCALE)


def cloud(rng: Random, shape: tuple[int, int], cell: int) -> np.ndarray:
    """Smooth random field, mean 0 and deviation about 1, with lumps of `cell` pixels."""
    rows, columns = max(2, shape[0] // cell + 2), max(2, shape[1] // cell + 2)
    coarse = rng.standard_normal((rows, columns)).astype(np.float32)
    return cv2.resize(coarse, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC)


class Paper:
    """One side of one sheet. `page` is the form's page it was printed as, None for a blank back."""

    def __init__(self, image: np.ndarray, page: int | None = None) -> None:
        self.image = image
        self.page = page

    @classmethod
    def blank(cls, rng: Random, tone: Colour = (250, 249, 246)) -> "Paper":
        grain = np.clip(cloud(rng, (HEIGHT // 4, WIDTH // 4), 2) * 1.2 + 4, 0, 8).astype(np.uint8)
        grain = cv2.resize(grain, (WIDTH, HEIGHT), interpolation=cv2.INTER_LINEAR)
        light = np.minimum(np.array(tone) + 4, 255) - np.arange(256)[:, None]
        return cls(cv2.LUT(cv2.merge([grain] * 3), np.maximum(light, 0).astype(np.uint8).reshape(256, 1, 3)))

    def _window(self, mask: np.ndarray, x: float, y: float) -> tuple[np.ndarray, np.ndarray] | None:
        """The part of the sheet under a mask whose top left is at (x, y) mm, and the mask cut to it."""
        left, top = px(x), px(y)
        x1, y1 = max(left, 0), max(top, 0)
        x2, y2 = min(left + mask.shape[1], WIDTH), min(top + mask.shape[0], HEIGHT)
        if x1 >= x2 or y1 >= y2:
            return None
        return self.image[y1:y2, x1:x2], mask[y1 - top : y2 - top, x1 - left : x2 - left]

    def ink(self, mask: np.ndarray, colour: Colour, x: float = 0.0, y: float = 0.0) -> None:
        """A transparent ink of `colour` (as it looks on white paper), as strong as the mask."""
        window = self._window(mask, x, y)
        if window is None:
            return
        under, cut = window
        rows = np.flatnonzero(cut.max(axis=1) * 255 >= 0.5)  # half of a page's have no ink, and with dirt nearly all
        amount = np.clip(cut[rows], 0, 1)
        amount *= 255
        amount += 0.5
        amount = amount.astype(np.uint8)
        steps = np.arange(256)[:, None] / 255
        table = np.round(255 * (1 - steps * (1 - np.array(colour) / 255))).astype(np.uint8).reshape(256, 1, 3)
        if rows.size:
            light = cv2.LUT(cv2.merge([amount] * 3), table)
            under[rows] = cv2.multiply(under[rows], light, scale=1 / 255)

    def cover(self, mask: np.ndarray, colour: Colour, x: float = 0.0, y: float = 0.0) -> None:
        """Something opaque: paint, metal, another piece of paper."""
        window = self._window(mask, x, y)
        if window is None:
            return
        under, cut = window
        for channel in range(3):
            under[..., channel] = (under[..., channel] * (1 - cut) + colour[channel] * cut + 0.5).astype(np.uint8)

    def piece(self, x: float, y: float, width: float, height: float) -> np.ndarray:
        """A view of the picture, not a copy."""
        return self.image[max(px(y), 0) : px(y + height), max(px(x), 0) : px(x + width)]


def soft(mask: np.ndarray, mm: float) -> np.ndarray:
    """A mask with its edges spread by a Gaussian of `mm`."""
    return cv2.GaussianBlur(mask, (0, 0), max(mm * SCALE, 0.3))


def field(width: float, height: float) -> np.ndarray:
    return np.zeros((px(height), px(width)), np.float32)
