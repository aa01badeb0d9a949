"""The common grid of all scans: A4 at 200 dpi. Positions are continuous: pixel i covers [i, i + 1)."""

import cv2
import numpy as np

GRID_DPI = 200
PX = GRID_DPI / 25.4
WIDTH, HEIGHT = 1654, 2339
SHAPE = (HEIGHT, WIDTH)
HALF = (827, 1170)
MIN_DPI = 140


def above(layer: np.ndarray, level: float) -> np.ndarray:
    """Where a layer is greater than `level`, uint8 0/255."""
    mask: np.ndarray = (layer > level).view(np.uint8) * np.uint8(255)
    return mask


def halved(layer: np.ndarray) -> np.ndarray:
    """A layer of the grid at half size by averaging two by two; the odd last row counts twice."""
    even = cv2.copyMakeBorder(layer, 0, 2 * HALF[1] - layer.shape[0], 0, 0, cv2.BORDER_REPLICATE)
    return cv2.resize(even, HALF, interpolation=cv2.INTER_AREA)
