"""A printed sheet: issued pages as toner, then seals, pens, holes and folds, all at 300 dpi.

Images are uint8, shape (3508, 2480, 3), RGB, 0 dark to 255 light; lengths in mm from the top left of the page.
"""

import math
import random
from functools import lru_cache
from itertools import pairwise

import cv2
import numpy as np
import pypdfium2 as pdfium
from PIL import Image, ImageDraw, ImageFont

from services.documents.forms.fonts import font_path

DPI = 300
MM = DPI / 25.4
RED, BLUE, BLACK = (196, 32, 40), (40, 60, 150), (25, 25, 30)


@lru_cache(maxsize=16)
def rendered(pdf: bytes, page: int) -> np.ndarray:
    """One page (from 0) of a PDF as RGB, shape (3508, 2480, 3), read-only."""
    document = pdfium.PdfDocument(pdf)
    try:
        bitmap = document[page].render(scale=DPI / 72, rev_byteorder=True)
        image = bitmap.to_numpy()[:, :, :3].copy()
    finally:
        document.close()
    image = cv2.resize(image, (2480, 3508)) if image.shape[:2] != (3508, 2480) else image
    image.setflags(write=False)
    return image


def inked(paper: np.ndarray, alpha: np.ndarray, x: float, y: float, colour: tuple[int, int, int]) -> None:
    """Lay ink on the paper by Beer-Lambert, in place. `alpha` float 0..1, its middle at (x, y) mm; cut at the edges."""
    height, width = alpha.shape
    left, top = round(x * MM - width / 2), round(y * MM - height / 2)
    x0, y0 = max(left, 0), max(top, 0)
    x1, y1 = min(left + width, paper.shape[1]), min(top + height, paper.shape[0])
    if x0 >= x1 or y0 >= y1:
        return
    part = alpha[y0 - top : y1 - top, x0 - left : x1 - left, None]
    through = (np.array(colour, np.float32) / 255) ** part
    region = paper[y0:y1, x0:x1]
    region[:] = (region * through).astype(np.uint8)


def _star(draw: ImageDraw.ImageDraw, centre: float, radius: float) -> None:
    points = []
    for at in range(10):
        r = radius if at % 2 == 0 else radius * 0.382
        angle = -math.pi / 2 + at * math.pi / 5
        points.append((centre + r * math.cos(angle), centre + r * math.sin(angle)))
    draw.polygon(points, fill=255)


@lru_cache(maxsize=32)
def _seal_mask(text: str, diameter: float) -> np.ndarray:
    """Ring, star, arc text and a number below, at twice 300 dpi. Returns uint8, square."""
    side = round(diameter * MM * 2) + 8
    image = Image.new("L", (side, side), 0)
    draw = ImageDraw.Draw(image)
    centre, radius = side / 2, diameter * MM
    draw.ellipse((4, 4, side - 4, side - 4), outline=255, width=round(1.1 * MM * 2))
    _star(draw, centre, radius * 0.32)
    size = round(radius * 0.27)
    font = ImageFont.truetype(str(font_path()), size)
    span = math.radians(min(250, 22 * len(text)))
    for at, character in enumerate(text):
        angle = -span / 2 + span * (at + 0.5) / len(text)
        tile = Image.new("L", (size * 2, size * 2), 0)
        ImageDraw.Draw(tile).text((size, size), character, font=font, fill=255, anchor="mm", stroke_width=2)
        tile = tile.rotate(-math.degrees(angle), resample=Image.Resampling.BICUBIC)
        x = centre + radius * 0.74 * math.sin(angle) - size
        y = centre - radius * 0.74 * math.cos(angle) - size
        image.paste(255, (round(x), round(y)), tile)
    small = ImageFont.truetype(str(font_path()), round(radius * 0.13))
    draw.text((centre, centre + radius * 0.62), "3301020012345", font=small, fill=255, anchor="mm")
    return np.array(image)


def seal(rng: random.Random, text: str, *, diameter: float, strength: float, fade: float = 0.0) -> np.ndarray:
    """A rubber seal's ink at 300 dpi, float32 0..1: turned, unevenly inked; `fade` 0..1 weakens one side."""
    mask = _seal_mask(text, diameter)
    side = mask.shape[0]
    turn = cv2.getRotationMatrix2D((side / 2, side / 2), rng.uniform(-25, 25), 0.5)
    turn[:, 2] -= side / 4
    ink = cv2.warpAffine(mask, turn, (side // 2, side // 2), flags=cv2.INTER_AREA).astype(np.float32) / 255
    noise = np.random.default_rng(rng.randrange(2**32))
    grain = cv2.GaussianBlur(noise.standard_normal(ink.shape).astype(np.float32), (0, 0), 1.2)
    patches = cv2.GaussianBlur(noise.standard_normal(ink.shape).astype(np.float32), (0, 0), 30)
    ink *= np.clip(1 + grain * 0.6 + patches / (patches.std() + 1e-6) * 0.12, 0, 1.2)
    if fade:
        angle = rng.uniform(0, 2 * math.pi)
        ys, xs = np.mgrid[-1 : 1 : ink.shape[0] * 1j, -1 : 1 : ink.shape[1] * 1j]
        ink *= np.clip(1 - fade * np.clip(xs * math.cos(angle) + ys * math.sin(angle), 0, 1), 0, 1)
    return np.clip(ink * strength, 0, 1).astype(np.float32)


def stroke(paper: np.ndarray, points: list[tuple[float, float]], width: float, colour: tuple[int, int, int]) -> None:
    """A pen's path through points in mm, `width` mm, laid on in place."""
    pixels = (np.array(points) * MM * 8).astype(np.int32)
    left, top = pixels.min(axis=0) // 8 - 8
    right, bottom = pixels.max(axis=0) // 8 + 9
    mask = np.zeros((max(bottom - top, 1), max(right - left, 1)), np.uint8)
    shifted = (pixels - np.array([left, top]) * 8).reshape(-1, 1, 2)
    cv2.polylines(mask, [shifted], False, 255, max(1, round(width * MM)), cv2.LINE_AA, shift=3)
    inked(paper, mask.astype(np.float32) / 255, (left + right) / 2 / MM, (top + bottom) / 2 / MM, colour)


def scribble(  # noqa: PLR0917 - a rectangle is four numbers
    rng: random.Random, paper: np.ndarray, x: float, y: float, width: float, height: float,
    colour: tuple[int, int, int] = BLUE,
) -> None:  # fmt: skip
    """Something like a signature inside a rectangle: two or three clusters of joined strokes."""
    for cluster in range(rng.choice((2, 3))):
        left = x + width * cluster / 3
        points = [(left + rng.uniform(0, width / 3), y + rng.uniform(0, height)) for _ in range(rng.randrange(5, 9))]
        smooth = []
        for (x1, y1), (x2, y2) in pairwise(points):
            bend = (rng.uniform(-1, 1), rng.uniform(-1, 1))
            for t in np.linspace(0, 1, 8):
                lift = t * (1 - t) * 4
                px, py = x1 + (x2 - x1) * t + bend[0] * lift, y1 + (y2 - y1) * t + bend[1] * lift
                smooth.append((min(max(px, x), x + width), min(max(py, y), y + height)))
        stroke(paper, smooth, rng.uniform(0.35, 0.7), colour)


def written_back(front: np.ndarray) -> np.ndarray:
    """A page of the same size that nobody issued: a word on white paper."""
    back = np.full_like(front, 250)
    height, width = back.shape[:2]
    cv2.putText(back, "void", (width // 5, height // 3), cv2.FONT_HERSHEY_SIMPLEX, width / 600, (60, 60, 160), 4)
    return back


def toner(rng: random.Random, paper: np.ndarray, loss: float) -> np.ndarray:
    """What a printer makes of a gray page: density that varies, small dropouts, stray specks. `loss` 0..1."""
    noise = np.random.default_rng(rng.randrange(2**32))
    height, width = paper.shape[:2]
    density = cv2.GaussianBlur(noise.standard_normal((height // 8, width // 8)).astype(np.float32), (0, 0), 12)
    gain = np.clip(0.95 + density / (density.std() + 1e-6) * 0.04, 0.7, 1.0)
    ink = cv2.multiply(cv2.bitwise_not(paper[:, :, 0]), cv2.resize(gain, (width, height)), dtype=cv2.CV_8U)
    if loss > 0:
        for _ in range(round(loss * 600)):
            x, y = noise.integers(0, width), noise.integers(0, height)
            cv2.circle(ink, (int(x), int(y)), int(noise.integers(1, 3)), 0, -1)
        for _ in range(round(loss * 30)):
            x, y = noise.integers(0, width), noise.integers(0, height)
            cv2.circle(ink, (int(x), int(y)), 1, 170, -1)
    return cv2.merge([np.maximum(cv2.bitwise_not(ink), 5)] * 3)


def punch(paper: np.ndarray, dark: bool) -> None:
    """Two filing holes at the left edge, 80 mm apart; the scanner's lid shows through."""
    for y in (108.5, 188.5):
        cv2.circle(paper, (round(9.5 * MM), round(y * MM)), round(2.8 * MM), (40, 40, 42) if dark else (250,) * 3, -1)


def fold(rng: random.Random, paper: np.ndarray) -> None:
    """A letter fold: a faint grey line across the page with a lighter lip."""
    y = round(rng.choice((99.0, 148.5, 198.0)) * MM + rng.uniform(-30, 30))
    shade = np.ones(paper.shape[0], np.float32)
    offsets = np.arange(paper.shape[0]) - y
    shade -= 0.13 * np.exp(-((offsets / 5.0) ** 2)) - 0.04 * np.exp(-(((offsets - 12) / 6.0) ** 2))
    paper[:] = np.clip(paper * shade[:, None, None], 0, 255).astype(np.uint8)
