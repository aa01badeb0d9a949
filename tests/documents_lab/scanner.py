"""The way from paper to a scan: geometry, optics, sensor, JPEG. One `Scanner` value holds all of a scan's settings."""

import math
import random
from dataclasses import dataclass, replace

import cv2
import numpy as np

from tests.documents_lab.paper import DPI

NODE = 16


@dataclass(frozen=True, slots=True)
class Scanner:
    """Settings of one scan. Lengths mm, angles degrees, blur in pixels of the scan."""

    dpi: int = 200
    quality: int = 80
    angle: float = 0.0
    turn: int = 0
    shift: tuple[float, float] = (0.0, 0.0)
    scale: float = 1.0
    perspective: float = 0.0
    feed: float = 0.0
    blur: float = 0.6
    noise: float = 2.0
    light: float = 0.0
    paper: tuple[int, int, int] = (248, 247, 243)
    streak: bool = False
    gray: bool = False
    photo: bool = False
    seed: int = 0


def any_scanner(rng: random.Random, dpi: int) -> Scanner:
    """Ordinary office conditions, the ranges of the issue: quality 50-92, up to 3 degrees, turned pages, worn glass."""
    return Scanner(
        dpi=dpi,
        quality=rng.randrange(50, 93),
        angle=rng.uniform(-3, 3) if rng.random() < 0.5 else rng.uniform(-0.8, 0.8),
        turn=rng.choices((0, 1, 2, 3), (70, 5, 20, 5))[0],
        shift=(rng.uniform(-4, 4), rng.uniform(-4, 4)),
        scale=rng.uniform(0.97, 1.02),
        perspective=rng.choice((0.0, rng.uniform(0, 0.004))),
        feed=rng.uniform(0, 0.5),
        blur=rng.uniform(0.5, 1.7) * dpi / 300 + 0.15,
        noise=rng.uniform(1, 5),
        light=rng.uniform(0, 0.15),
        paper=(rng.randrange(238, 255), rng.randrange(236, 253), rng.randrange(226, 250)),
        streak=rng.random() < 0.12,
        seed=rng.randrange(2**32),
    )


def as_photo(scanner: Scanner, rng: random.Random) -> Scanner:
    """The same page held before a telephone: strong perspective, uneven light, a desk around it."""
    return replace(
        scanner, photo=True, dpi=300, perspective=0.02, light=0.3, turn=0, angle=rng.uniform(-6, 6), streak=False
    )


def scan(paper: np.ndarray, scanner: Scanner) -> np.ndarray:
    """uint8 RGB (3508, 2480, 3) at 300 dpi in; the scan's RGB (or gray, shape (h, w)) out, after JPEG."""
    noise = np.random.default_rng(scanner.seed)
    image = _through_glass(paper, scanner, noise)
    if scanner.blur > 0.2:
        image = cv2.GaussianBlur(image, (0, 0), scanner.blur)
    image = _sensor(image, scanner, noise)
    if scanner.gray:
        image = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    image = np.rot90(image, scanner.turn)
    coded = jpeg(np.ascontiguousarray(image), scanner.quality)
    flags = cv2.IMREAD_GRAYSCALE if scanner.gray else cv2.IMREAD_COLOR_RGB
    return cv2.imdecode(np.frombuffer(coded, np.uint8), flags)


def jpeg(image: np.ndarray, quality: int) -> bytes:
    """RGB or gray to JPEG bytes with 4:2:0 chroma, as scanners write it."""
    out = cv2.cvtColor(image, cv2.COLOR_RGB2BGR) if image.ndim == 3 else image
    return cv2.imencode(".jpg", out, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()


def _through_glass(paper: np.ndarray, scanner: Scanner, noise: np.random.Generator) -> np.ndarray:
    """Resample the sheet onto the scanner's grid: turn, shift, scale, perspective and uneven feed in one map."""
    factor = scanner.dpi / DPI
    small = cv2.resize(paper, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA) if factor < 1 else paper
    height, width = small.shape[:2]
    margin = 0.08 if scanner.photo else 0.0
    out_w, out_h = round(width * (1 + 2 * margin)), round(height * (1 + 2 * margin))
    corners = np.float32([[0, 0], [width, 0], [width, height], [0, height]])
    centre = np.float32([width / 2, height / 2])
    c, s = math.cos(math.radians(scanner.angle)), math.sin(math.radians(scanner.angle))
    moved = (corners - centre) * scanner.scale * (0.94 if scanner.photo else 1.0) @ np.float32([[c, s], [-s, c]])
    moved += centre + np.float32(scanner.shift) * scanner.dpi / 25.4 + np.float32([margin * width, margin * height])
    moved += noise.uniform(-1, 1, (4, 2)).astype(np.float32) * scanner.perspective * width
    back = cv2.getPerspectiveTransform(np.float32(moved), corners)
    ys, xs = _nodes(out_w, out_h)
    w = back[2, 0] * xs + back[2, 1] * ys + back[2, 2]
    map_x = (back[0, 0] * xs + back[0, 1] * ys + back[0, 2]) / w
    map_y = (back[1, 0] * xs + back[1, 1] * ys + back[1, 2]) / w
    if scanner.feed:
        phase, period = noise.uniform(0, 6.28), noise.uniform(60, 200) * scanner.dpi / 25.4
        map_y += scanner.feed * scanner.dpi / 25.4 * np.sin(map_y / period * 6.28 + phase)
    lid = (70, 62, 55) if scanner.photo else scanner.paper
    sheet = cv2.multiply(small, np.array([*scanner.paper, 0], np.float64) / 255.0, dtype=cv2.CV_8U)
    maps = (_everywhere(values, out_w, out_h) for values in (map_x, map_y))
    return cv2.remap(sheet, *maps, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=lid)


def _nodes(width: int, height: int) -> tuple[np.ndarray, np.ndarray]:
    """Pixel rows and columns of the middles of squares of NODE pixels, one square more beyond each edge."""
    rows, columns = (NODE * (np.arange(-1, side // NODE + 2) + 0.5) - 0.5 for side in (height, width))
    return np.meshgrid(rows, columns, indexing="ij")


def _everywhere(values: np.ndarray, width: int, height: int) -> np.ndarray:
    """What is known at the nodes, interpolated to every pixel, float32."""
    size = (values.shape[1] * NODE, values.shape[0] * NODE)
    full = cv2.resize(values.astype(np.float32), size, interpolation=cv2.INTER_LINEAR)
    return full[NODE : NODE + height, NODE : NODE + width]


def _sensor(image: np.ndarray, scanner: Scanner, noise: np.random.Generator) -> np.ndarray:
    """Uneven light, a dirty streak along the feed, pixel noise."""
    height, width = image.shape[:2]
    gain = np.ones((height, width), np.float32)
    if scanner.light:
        angle = noise.uniform(0, 6.28)
        ys, xs = _nodes(width, height)
        slope = (xs / width - 0.5) * math.cos(angle) + (ys / height - 0.5) * math.sin(angle)
        gain = _everywhere(1 - scanner.light * (0.5 + slope).clip(0, 1), width, height)
    if scanner.streak:
        x = int(noise.integers(width // 20, width * 19 // 20))
        gain[:, x : x + int(noise.integers(1, 3))] *= noise.uniform(0.55, 0.85)
    cv2.setRNGSeed(scanner.seed % 2**31)
    grain = np.empty((height, width), np.float32)
    cv2.randn(grain, 0, scanner.noise)
    channels = [cv2.multiply(channel, gain, dtype=cv2.CV_32F) for channel in cv2.split(image)]
    return cv2.merge([cv2.add(channel, grain, dtype=cv2.CV_8U) for channel in channels])
