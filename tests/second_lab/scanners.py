"""Flatbeds, sheet feeders, copiers and telephones: from a sheet on the bench to the pixels of a page."""

from dataclasses import dataclass

import cv2
import numpy as np

from tests.second_lab.papers import DPI, HEIGHT, WIDTH, Paper, Random, cloud


@dataclass(frozen=True)
class Scanner:
    """Degrees of `skew`, `shift` mm, `blur` mm of the optics, `gains` by channel, `white` above which all is white,
    `apart` pixels between the colour planes, `wave` mm of uneven feed, JPEG `quality`, `lid` the gray about it."""

    dpi: int = 200
    skew: float = 0.0
    shift: tuple[float, float] = (0.0, 0.0)
    stretch: float = 1.0
    blur: float = 0.06
    gamma: float = 1.0
    gains: tuple[float, float, float] = (1.0, 1.0, 1.0)
    black: float = 0.02
    white: float = 1.0
    noise: float = 1.5
    apart: float = 0.0
    wave: float = 0.0
    sharpen: float = 0.0
    moire: float = 0.0
    dropped: int = 0
    shading: float = 0.0
    perspective: float = 0.0
    lid: int = 246
    quality: int = 85
    gray: bool = False
    turn: int = 0


def resolution(rng: Random) -> int:
    return int(rng.choice([150, 200, 200, 300, 300]))


def flatbed(rng: Random) -> Scanner:
    return Scanner(
        dpi=resolution(rng), skew=float(rng.normal(0, 0.35)), shift=_shift(rng), blur=float(rng.uniform(0.04, 0.09)),
        gamma=float(rng.uniform(0.9, 1.15)), gains=_gains(rng, 0.008), noise=float(rng.uniform(0.6, 2.2)),
        apart=float(rng.uniform(0, 0.25)), quality=int(rng.integers(75, 95)), white=float(rng.uniform(0.97, 1.05)),
    )  # fmt: skip


def feeder(rng: Random, most: float = 1.2) -> Scanner:
    """Sheets drawn past the sensor: askew, stretched, with an uneven pace."""
    return Scanner(
        dpi=resolution(rng), skew=float(rng.uniform(-most, most)), shift=_shift(rng),
        stretch=float(rng.uniform(0.995, 1.006)),
        blur=float(rng.uniform(0.05, 0.1)), gamma=float(rng.uniform(0.85, 1.1)), gains=_gains(rng, 0.012),
        noise=float(rng.uniform(1, 3)), apart=float(rng.uniform(0, 0.5)), wave=float(rng.uniform(0.05, 0.25)),
        quality=int(rng.integers(70, 90)), white=float(rng.uniform(0.93, 1.0)),
    )  # fmt: skip


def copier(rng: Random, low: int = 55, high: int = 80) -> Scanner:
    """The multi-function machine in the corridor: sharpens, cuts off the whites, squeezes the file."""
    return Scanner(
        dpi=resolution(rng), skew=float(rng.normal(0, 0.6)), shift=_shift(rng), blur=float(rng.uniform(0.06, 0.1)),
        gamma=float(rng.uniform(0.8, 1.2)), gains=_gains(rng, 0.012), noise=float(rng.uniform(1, 2.5)),
        apart=float(rng.uniform(0, 0.4)), sharpen=float(rng.uniform(0.2, 0.7)), white=float(rng.uniform(0.88, 0.95)),
        quality=int(rng.integers(low, high)), lid=255,
    )  # fmt: skip


def telephone(rng: Random) -> Scanner:
    """An app that squares the sheet up, evens the light and writes a JPEG: some perspective and shading stay."""
    return Scanner(
        dpi=int(rng.choice([200, 220, 260])), skew=float(rng.normal(0, 0.6)), blur=float(rng.uniform(0.07, 0.12)),
        gamma=float(rng.uniform(0.85, 1.1)), gains=_gains(rng, 0.018), noise=float(rng.uniform(2, 3.5)),
        shading=float(rng.uniform(0.04, 0.12)), perspective=float(rng.uniform(0.002, 0.006)),
        sharpen=float(rng.uniform(0.3, 0.8)),
        white=float(rng.uniform(0.9, 0.96)), quality=int(rng.integers(75, 90)), lid=235,
    )  # fmt: skip


def any_scanner(rng: Random) -> Scanner:
    return (flatbed, feeder, copier)[int(rng.integers(0, 3))](rng)


def _shift(rng: Random) -> tuple[float, float]:
    return float(rng.normal(0, 1.2)), float(rng.normal(0, 1.2))


def _gains(rng: Random, by: float) -> tuple[float, float, float]:
    red, green, blue = (float(v) for v in 1 + rng.normal(0, by, 3))
    return red, green, blue


def scan(paper: Paper, scanner: Scanner, rng: Random) -> np.ndarray:
    """The page's pixels, uint8 RGB (gray scanners: three equal channels), before any compression."""
    ratio = scanner.dpi / DPI
    sigma = np.hypot(0.45 / ratio * 0.8, scanner.blur * DPI / 25.4)
    seen = _placed(cv2.GaussianBlur(paper.image, (0, 0), float(sigma)), scanner, rng)
    pixels = cv2.LUT(seen, _curve(scanner))
    if scanner.shading or scanner.moire:
        pixels = cv2.multiply(pixels, cv2.merge([_unevenness(pixels.shape[:2], scanner, rng)] * 3), scale=1 / 255)
    if scanner.sharpen:
        pixels = cv2.addWeighted(
            pixels, 1 + scanner.sharpen, cv2.GaussianBlur(pixels, (0, 0), 1.2), -scanner.sharpen, 0
        )
    if scanner.apart:
        pixels = _planes_apart(pixels, scanner.apart)
    if scanner.gray:
        pixels = cv2.cvtColor(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    pixels = _noisy(pixels, scanner, rng)
    for _ in range(scanner.dropped):
        row = int(rng.integers(0, len(pixels) - 3))
        pixels[row + 1] = pixels[row]
    return np.ascontiguousarray(np.rot90(pixels, scanner.turn))


def _curve(scanner: Scanner) -> np.ndarray:
    """What each level of the paper becomes: gamma, the lamp's colour, blacks, and whites cut off."""
    levels = np.power(np.arange(256) / 255, scanner.gamma)[:, None] * np.array(scanner.gains)
    levels = (scanner.black + levels * (1 - scanner.black)) / scanner.white
    return np.clip(np.round(levels * 255), 0, 255).astype(np.uint8).reshape(256, 1, 3)


def _unevenness(shape: tuple[int, int], scanner: Scanner, rng: Random) -> np.ndarray:
    """Light that falls off over the sheet, and a beat between screen and sensor; uint8."""
    light = np.clip(1 - scanner.shading * (0.5 + 0.5 * cloud(rng, shape, max(shape) // 3)), 0.4, 1)
    if scanner.moire:
        rows, columns = np.indices(shape, dtype=np.float32)
        light = light * (1 - scanner.moire * (0.5 + 0.5 * np.sin(columns * 0.9 + rows * 0.35)))
    return (light * 255).astype(np.uint8)


def _noisy(pixels: np.ndarray, scanner: Scanner, rng: Random) -> np.ndarray:
    """Sensor noise; one tile of it is repeated over the page, which nobody sees through a JPEG."""
    tile = rng.standard_normal((509, 503, 1 if scanner.gray else 3), np.float32) * scanner.noise + 16
    tile = np.clip(np.repeat(tile, 3, 2) if scanner.gray else tile, 0, 32).round().astype(np.uint8)
    times = (-(-pixels.shape[0] // 509), -(-pixels.shape[1] // 503), 1)
    spread = np.ascontiguousarray(np.tile(tile, times)[: pixels.shape[0], : pixels.shape[1]])
    return cv2.addWeighted(pixels, 1.0, spread, 1.0, -16.0)


def _placed(image: np.ndarray, scanner: Scanner, rng: Random) -> np.ndarray:
    """The sheet on the glass: turned, shifted, stretched; with perspective and an uneven feed where there is one."""
    ratio = scanner.dpi / DPI
    wide, high = round(WIDTH * ratio), round(HEIGHT * ratio)
    angle = np.radians(scanner.skew)
    shift = np.array(scanner.shift) * scanner.dpi / 25.4
    to = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) * ratio
    to[1] *= scanner.stretch
    matrix = np.eye(3)
    matrix[:2, :2] = to
    matrix[:2, 2] = np.array([wide, high]) / 2 + shift - to @ (np.array([WIDTH, HEIGHT]) / 2)
    if scanner.perspective:
        corners = np.array([[0, 0], [wide, 0], [wide, high], [0, high]], np.float32)
        pulled = corners + rng.uniform(-1, 1, (4, 2)).astype(np.float32) * scanner.perspective * wide
        matrix = cv2.getPerspectiveTransform(corners, pulled.astype(np.float32)) @ matrix
    lid = (scanner.lid,) * 3
    if not scanner.wave:
        return cv2.warpPerspective(image, matrix, (wide, high), flags=cv2.INTER_LINEAR, borderValue=lid)
    flat = cv2.warpPerspective(image, matrix, (wide, high), flags=cv2.INTER_LINEAR, borderValue=lid)
    pace = np.cumsum(cloud(rng, (high, 1), max(8, high // 14))[:, 0])
    pace = pace - np.linspace(pace[0], pace[-1], high)
    pace *= scanner.wave * scanner.dpi / 25.4 / max(1e-6, float(np.abs(pace).max()))
    rows, columns = np.indices((high, wide), dtype=np.float32)
    return cv2.remap(flat, columns, rows + pace.astype(np.float32)[:, None], cv2.INTER_LINEAR, borderValue=lid)


def _planes_apart(pixels: np.ndarray, by: float) -> np.ndarray:
    """Red and blue a fraction of a pixel off green, as line sensors have it."""
    shape = (pixels.shape[1], pixels.shape[0])
    planes = list(cv2.split(pixels))
    for channel, sign in ((0, 1.0), (2, -1.0)):
        move = np.array([[1, 0, sign * by * 0.3], [0, 1, sign * by]], np.float32)
        planes[channel] = cv2.warpAffine(planes[channel], move, shape, borderMode=cv2.BORDER_REPLICATE)
    return cv2.merge(planes)
