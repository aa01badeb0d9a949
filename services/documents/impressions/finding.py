"""Where the impressions lie on a page that has nothing but impressions: the specimen's upload."""

import cv2
import numpy as np

from services.documents.verify.grid import HEIGHT, PX, WIDTH, above, halved
from services.documents.verify.seals import find_seals

REDNESS = ((np.arange(256, dtype=np.float32) - 14) / 110).clip(0, 1)
STROKES_FROM = 10


def impressions_on(page: np.ndarray, dpi: float) -> list[tuple[float, float]]:
    """Middles in the page's pixels, in reading order. `page`: uint8 RGB; what lies beyond A4 is not looked at."""
    share = PX * 25.4 / dpi
    small = cv2.resize(page, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
    turned = small.shape[1] > small.shape[0] and small.shape[1] > WIDTH
    upright = np.ascontiguousarray(np.rot90(small)) if turned else small
    sheet = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    part = upright[:HEIGHT, :WIDTH]
    sheet[: part.shape[0], : part.shape[1]] = part
    r, g, b = cv2.split(sheet)
    excess = cv2.subtract(r, cv2.max(g, b))
    strokes = cv2.bitwise_and(cv2.bitwise_not(cv2.min(g, b)), above(excess, STROKES_FROM))
    found = find_seals(cv2.LUT(excess, REDNESS), halved(strokes))
    middles = [(seal.x * PX, seal.y * PX) for seal in found if seal.fault is None]
    if turned:
        middles = [(small.shape[1] - 1 - y, x) for x, y in middles]
    middles.sort(key=lambda place: (round(place[1] / (15 * PX)), place[0]))
    return [(x / share, y / share) for x, y in middles]
