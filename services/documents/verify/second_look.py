"""A second program draws what is more than pictures on a page: where two differ, nobody knows what people will see.

Poppler, in a process of its own under the sandbox's limits. Fonts that are not embedded, damaged objects, rare ways of
blending: each is drawn by every viewer in its own way, and an upload could show one thing here and another there.
"""

import shutil
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np

PROGRAM = "pdftoppm"
LONG_SIDE = 1754  # 150 dpi
SECONDS = 6
TOLERANCE, NEAR = 100, 3
LINE_PX = 25  # hair lines are drawn a pixel thicker here or there
LEAST_MM2 = 1.0
PIXEL_MM = 25.4 / 150
ROOT = Path(__file__).resolve().parents[3]


class NoSecondLookError(Exception):
    """The second program is not installed, or could not draw the page."""


def differs(path: str, page: int, image: np.ndarray) -> bool:
    """Does the other program draw page `page` (from 1) visibly differently from `image`, uint8 RGB or gray? Raises
    NoSecondLookError."""
    theirs = _drawn(path, page)
    gray = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    if abs(gray.shape[0] / gray.shape[1] - theirs.shape[0] / theirs.shape[1]) > 0.02:
        return True
    ours = cv2.resize(gray, theirs.shape[::-1], interpolation=cv2.INTER_AREA)
    off = cv2.bitwise_or(_beyond(ours, theirs), _beyond(theirs, ours))
    for run in ((LINE_PX, 1), (1, LINE_PX)):
        lines = cv2.morphologyEx(off, cv2.MORPH_OPEN, np.ones(run, np.uint8))
        off = cv2.subtract(off, cv2.dilate(lines, np.ones((3, 3), np.uint8)))
    return bool(cv2.countNonZero(off) * PIXEL_MM**2 > LEAST_MM2)


def _beyond(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Where `one` is darker or lighter than all of the neighbourhood in `other`, uint8 0/255."""
    near = np.ones((NEAR, NEAR), np.uint8)
    darker = cv2.subtract(cv2.erode(other, near), one)
    lighter = cv2.subtract(one, cv2.dilate(other, near))
    return cv2.threshold(cv2.max(darker, lighter), TOLERANCE, 255, cv2.THRESH_BINARY)[1]


def _drawn(path: str, page: int) -> np.ndarray:
    program = shutil.which(PROGRAM)
    if program is None:
        raise NoSecondLookError
    number = str(page)
    command = [
        sys.executable, "-m", "services.documents.verify.limited", str(SECONDS), program, "-q", "-gray", "-cropbox",
        "-f", number, "-l", number, "-scale-to", str(LONG_SIDE), path,
    ]  # fmt: skip
    environment = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, cwd=ROOT,
            env=environment, timeout=20 * SECONDS, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise NoSecondLookError from None
    image = cv2.imdecode(np.frombuffer(done.stdout, np.uint8), cv2.IMREAD_GRAYSCALE) if done.stdout else None
    if done.returncode or image is None:
        raise NoSecondLookError
    return np.asarray(image)
