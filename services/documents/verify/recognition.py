"""A page whose code is torn off or dirty, recognised by its looks: features of the issued page found on the scan.

That two pages look alike proves nothing, least of all among the pages of one table: whoever uses the guess must still
compare every glyph.
"""

import cv2
import numpy as np

from services.documents.verify.grid import HEIGHT, WIDTH
from services.documents.verify.reference import ReferencePage

LONG_SIDE = 1200
FEATURES = 3000
DISTINCT = 0.85
LEAST_INLIERS = 16
OFF_PX = 5.0
SHARE = (0.4, 1.5)  # of the scan's long side that the page takes


def guess_by_looks(image: np.ndarray, issued: ReferencePage) -> np.ndarray | None:
    """The similarity that carries the issued page's grid onto a scan, float64 (3, 3); None when it is not like it.

    `image`: uint8 RGB. Fit for `register`, which makes it exact.
    """
    factor = LONG_SIDE / max(image.shape[:2])
    scan = cv2.resize(cv2.extractChannel(image, 0), None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    scale = LONG_SIDE / HEIGHT
    page = cv2.resize(cv2.bitwise_not(issued.ink), (round(WIDTH * scale), LONG_SIDE), interpolation=cv2.INTER_AREA)
    finder = cv2.SIFT_create(nfeatures=FEATURES)  # type: ignore[attr-defined]
    there, theirs = finder.detectAndCompute(scan, None)
    here, ours = finder.detectAndCompute(page, None)
    if ours is None or theirs is None or len(there) < LEAST_INLIERS:
        return None
    pairs = cv2.BFMatcher(cv2.NORM_L2).knnMatch(ours, theirs, k=2)
    good = [pair[0] for pair in pairs if len(pair) == 2 and pair[0].distance < DISTINCT * pair[1].distance]
    if len(good) < LEAST_INLIERS:
        return None
    grid = np.array([here[match.queryIdx].pt for match in good], np.float32) / scale
    seen = np.array([there[match.trainIdx].pt for match in good], np.float32) / factor
    matrix, inliers = cv2.estimateAffinePartial2D(
        grid, seen, method=cv2.RANSAC, ransacReprojThreshold=OFF_PX / factor, maxIters=5000
    )
    if matrix is None or int(inliers.sum()) < LEAST_INLIERS:
        return None
    share = float(np.hypot(*matrix[:2, 0])) * HEIGHT / max(image.shape[:2])
    if not SHARE[0] < share < SHARE[1]:
        return None
    return np.vstack([matrix, [0, 0, 1]]).astype(np.float64)
