"""Dies wear, hands press, papers carry print, scanners scan. All from seeds; lengths in mm."""

import random
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from tests.seal_lab.faces import FIELD_MM, FONT, PER_MM, Face, drawn


def _noise(rng: np.random.Generator, side: int, grain_mm: float) -> np.ndarray:
    """Smooth noise of unit spread, float32 (side, side), whose lumps are about `grain_mm` wide."""
    coarse = max(round(side / (grain_mm * PER_MM)), 4)
    lumps = cv2.resize(
        rng.standard_normal((coarse, coarse)).astype(np.float32), (side, side), interpolation=cv2.INTER_CUBIC
    )
    return lumps / float(lumps.std())


@lru_cache(maxsize=64)
def die(face: Face, wear_seed: int) -> np.ndarray:
    """The engraved rubber, float32 0..1: chips, rounded corners, strokes grown thin or thick. The same `wear_seed`
    wears another face in the very same places: that is what a good forger copies."""
    rng = np.random.default_rng(wear_seed)
    mask = drawn(face)
    side = mask.shape[0]
    grown = _noise(rng, side, 9) * 0.05 + rng.uniform(-0.04, 0.05)
    soft = cv2.GaussianBlur(mask, (0, 0), 0.10 * PER_MM).astype(np.float32) / 255
    stroke = np.clip((soft - 0.5 + grown * 2.2) * 4 + 0.5, 0, 1)
    chips = np.clip((_noise(rng, side, 0.7) + _noise(rng, side, 4) * 0.8 - rng.uniform(2.3, 2.9)) * 5, 0, 1)
    return stroke * (1 - chips)


@dataclass(frozen=True, slots=True)
class Press:
    """`ink` 0.25..1; `loss` 0..0.25, the share of the face that leaves no ink; `turn` in degrees."""

    seed: int
    ink: float = 0.9
    loss: float = 0.05
    turn: float = 0.0


def any_press(seed: int, least_ink: float = 0.25) -> Press:
    rng = random.Random(f"press/{seed}")
    return Press(
        seed, rng.uniform(least_ink, 1.0), rng.choice((0.0, 0.03, 0.08, rng.uniform(0, 0.25))), rng.uniform(0, 360)
    )


def pressed(rubber: np.ndarray, press: Press) -> np.ndarray:
    """Ink on paper, float32 0..1, (1296, 1296): turned, bent a little, squeezed out, patchy, speckled."""
    rng = np.random.default_rng(press.seed + 7)
    side = rubber.shape[0]
    give = np.stack([_noise(rng, side, 16), _noise(rng, side, 16)], axis=-1) * 0.07 * PER_MM
    turn = cv2.getRotationMatrix2D((side / 2, side / 2), press.turn, 1 + rng.normal(0, 0.003))
    xs, ys = np.meshgrid(np.arange(side, dtype=np.float32), np.arange(side, dtype=np.float32))
    back = cv2.invertAffineTransform(turn)
    map_x = (back[0, 0] * xs + back[0, 1] * ys + back[0, 2] + give[..., 0]).astype(np.float32)
    map_y = (back[1, 0] * xs + back[1, 1] * ys + back[1, 2] + give[..., 1]).astype(np.float32)
    ink = cv2.remap(rubber, map_x, map_y, cv2.INTER_LINEAR)
    squeezed = cv2.GaussianBlur(ink, (0, 0), rng.uniform(0.03, 0.07) * PER_MM)
    ink = np.clip((squeezed - 0.5 + rng.uniform(-0.12, 0.16)) * 3 + 0.5, 0, 1)
    if press.loss:
        patches = _noise(rng, side, 7) + 0.35 * _noise(rng, side, 1.2)
        ink *= np.clip((patches - np.quantile(patches, press.loss)) * 4 + 0.5, 0, 1)
    texture = 1 + 0.22 * _noise(rng, side, 0.25) + 0.15 * _noise(rng, side, 1.0) + 0.12 * _noise(rng, side, 12)
    voids = np.clip((_noise(rng, side, 0.22) - 1.7) * 3, 0, 1)
    return np.clip(ink * np.clip(texture, 0.1, 1.3) * (1 - voids) * press.ink, 0, 1).astype(np.float32)


RED = (204, 36, 44)


def on_paper(ink: np.ndarray, seed: int, *, printed: bool = True, colour: tuple[int, int, int] = RED) -> np.ndarray:
    """The sheet around the seal, uint8 RGB at 24 pixels a mm: print below, ink above (Beer-Lambert)."""
    rng = random.Random(f"paper/{seed}")
    side = ink.shape[0]
    sheet = Image.new("L", (side, side), 250)
    if printed:
        draw = ImageDraw.Draw(sheet)
        font = ImageFont.truetype(FONT, round(3.4 * PER_MM))
        for line in range(rng.choice((1, 2, 3))):
            y = (12 + line * 11 + rng.uniform(-2, 2)) * PER_MM
            draw.text(
                (rng.uniform(2, 20) * PER_MM, y),
                rng.choice(("单位公章：", "经办人签字  日期", "数量合计 345")),
                font=font,
                fill=20,
            )
        y = rng.uniform(8, 46) * PER_MM
        draw.line((0, y, side, y), fill=30, width=round(0.2 * PER_MM))
    paper = np.repeat(np.array(sheet)[:, :, None], 3, axis=2).astype(np.float32)
    tone = np.array(colour, np.float32) / 255
    return np.clip(paper * tone ** ink[:, :, None], 0, 255).astype(np.uint8)


def scanned(sheet: np.ndarray, dpi: int, seed: int) -> tuple[np.ndarray, tuple[float, float]]:
    """uint8 RGB as a scanner and its JPEG give it, and where the field's middle lies."""
    rng = random.Random(f"scan/{seed}/{dpi}")
    noise = np.random.default_rng(seed * 31 + dpi)
    size = round(FIELD_MM / 25.4 * dpi * (1 + rng.gauss(0, 0.003)))
    step = sheet.shape[0] / size
    turn = cv2.getRotationMatrix2D((size / 2, size / 2), rng.uniform(-2, 2), 1.0)
    back = cv2.invertAffineTransform(turn)
    shift = (rng.uniform(-0.5, 0.5), rng.uniform(-0.5, 0.5))
    matrix = np.array(
        [[back[0, 0], back[0, 1], back[0, 2] + shift[0]], [back[1, 0], back[1, 1], back[1, 2] + shift[1]]]
    )
    soft = cv2.GaussianBlur(sheet, (0, 0), max(step * rng.uniform(0.4, 0.75), 0.4))
    small = cv2.warpAffine(
        soft,
        matrix * step,
        (size, size),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    light = small.astype(np.float32) * rng.uniform(0.93, 1.0) + noise.normal(0, rng.uniform(1, 4), small.shape)
    bgr = np.clip(light, 0, 255).astype(np.uint8)[:, :, ::-1]
    jpeg = cv2.imencode(".jpg", np.ascontiguousarray(bgr), [cv2.IMWRITE_JPEG_QUALITY, rng.choice((60, 75, 85, 92))])[1]
    return cv2.imdecode(jpeg, cv2.IMREAD_COLOR)[:, :, ::-1].copy(), (size / 2, size / 2)
