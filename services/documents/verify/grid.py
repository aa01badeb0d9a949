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
    height, width = layer.shape[0] // 2, layer.shape[1] // 2
    half = np.empty((HALF[1], HALF[0]), layer.dtype)
    cv2.resize(layer[: 2 * height], (width, height), dst=half[:height], interpolation=cv2.INTER_AREA)
    if height < HALF[1]:
        last = np.concatenate([layer[-1:], layer[-1:]])
        cv2.resize(last, (width, 1), dst=half[height:], interpolation=cv2.INTER_AREA)
    return half
