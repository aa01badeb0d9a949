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


def runs(flags: np.ndarray) -> list[tuple[int, int]]:
    """Where each run of true ones begins and ends (one past its last). `flags`: bool (n,)."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False])).astype(np.int8)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def components(mask: np.ndarray, margin: int = 0) -> tuple[int, np.ndarray, np.ndarray, tuple[int, int]]:
    """OpenCV's connected components (8 neighbours) and their stats, looked for only where the mask has anything: how
    many, labels, stats in the page's pixels, and where on the page the labels begin (x, y), `margin` pixels before."""
    x, y, width, height = cv2.boundingRect(mask)
    width, height = max(width, 1), max(height, 1)  # OpenCV ends the process when it is given nothing
    x0, y0 = max(x - margin, 0), max(y - margin, 0)
    part = np.ascontiguousarray(mask[y0 : y + height + margin, x0 : x + width + margin])
    count, labels, stats, _ = cv2.connectedComponentsWithStats(part, connectivity=8, ltype=cv2.CV_32S)
    stats[:, :2] += (x0, y0)
    return count, labels, stats, (x0, y0)


def halved(layer: np.ndarray) -> np.ndarray:
    """A layer of the grid at half size by averaging two by two; the odd last row counts twice."""
    height, width = layer.shape[0] // 2, layer.shape[1] // 2
    half = np.empty((HALF[1], HALF[0]), layer.dtype)
    cv2.resize(layer[: 2 * height], (width, height), dst=half[:height], interpolation=cv2.INTER_AREA)
    if height < HALF[1]:
        last = np.concatenate([layer[-1:], layer[-1:]])
        cv2.resize(last, (width, 1), dst=half[height:], interpolation=cv2.INTER_AREA)
    return half
