"""Glyph templates from the form's typeface, and each character's rivals: what a forger would make of it."""

from dataclasses import dataclass, field
from functools import lru_cache

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from services.documents.forms.fonts import advance_mm, can_print, font_path
from services.documents.verify.grid import GRID_DPI, PX

FINE = 4
SHIFTS = tuple((dx, dy) for dy in (-0.5, 0.0, 0.5) for dx in (-1.0, -0.5, 0.0, 0.5, 1.0))
MIDDLE = len(SHIFTS) // 2
MARGIN = 6
DIGITS = "0123456789"
ASCII = DIGITS + "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-./:()"
LIKE_DIGITS = "ABCDEFGOSZ"
WIDE_RIVALS, NARROW_RIVALS = 6, 16
COARSE_EM, COARSE_SHAPE, COARSE_ORIGIN = 20, (24, 22), (1, 19)
COARSE_MARGIN = 0.06


@dataclass(frozen=True, slots=True)
class Frame:
    """The patch a glyph is judged in: `width` x `height` pixels of the grid, `ascent` of them above the baseline."""

    width: int
    height: int
    ascent: int


def is_wide(character: str) -> bool:
    return ord(character) > 0x2E7F


@lru_cache(maxsize=8192)
def frame_of(character: str, size: float) -> Frame:
    em = size / 72 * GRID_DPI
    if is_wide(character):
        return Frame(round(em), round(em * 1.02), round(em * 0.88))
    width = max(3, round(advance_mm(character, size) * PX))
    return Frame(width, round(em * 1.0), round(em * 0.78))


@lru_cache(maxsize=64)
def _face(pixels: float) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(font_path()), pixels, index=0, layout_engine=ImageFont.Layout.BASIC)


def _fine_mask(character: str, size: float, frame: Frame) -> np.ndarray:
    """Coverage 0..1 at FINE x the grid with MARGIN grid pixels around the frame, float32."""
    width, height = (frame.width + 2 * MARGIN) * FINE, (frame.height + 2 * MARGIN) * FINE
    image = Image.new("L", (width, height), 0)
    origin = (MARGIN * FINE, (MARGIN + frame.ascent) * FINE)
    ImageDraw.Draw(image).text(
        origin, character, font=_face(size / 72 * GRID_DPI * FINE), fill=255, anchor="ls"
    )
    return np.asarray(image, np.float32) / 255


@dataclass(slots=True)
class TemplateBook:
    """Templates of one blur. `vectors` answers unit vectors, shape (len(SHIFTS), height * width), zero mean."""

    sigma: float
    _vectors: dict[tuple[str, float, Frame], np.ndarray] = field(default_factory=dict)

    def vectors(self, character: str, size: float, frame: Frame) -> np.ndarray:
        key = (character, size, frame)
        if key not in self._vectors:
            self._vectors[key] = self._make(character, size, frame)
        return self._vectors[key]

    def _make(self, character: str, size: float, frame: Frame) -> np.ndarray:
        fine = _fine_mask(character, size, frame)
        if self.sigma > 0:
            fine = cv2.GaussianBlur(fine, (0, 0), self.sigma * FINE)
        rows = []
        for dx, dy in SHIFTS:
            x, y = round((MARGIN - dx) * FINE), round((MARGIN - dy) * FINE)
            part = fine[y : y + frame.height * FINE, x : x + frame.width * FINE]
            rows.append(part.reshape(frame.height, FINE, frame.width, FINE).mean(axis=(1, 3)).ravel())
        return normalised(np.stack(rows))


def normalised(rows: np.ndarray) -> np.ndarray:
    """Each row with zero mean and unit length (rows without contrast become zero), float32."""
    centred = rows - rows.mean(axis=1, keepdims=True)
    unit: np.ndarray = centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-6)
    return unit.astype(np.float32)


@lru_cache(maxsize=16)
def book(sigma: float) -> TemplateBook:
    return TemplateBook(sigma)


@lru_cache(maxsize=1)
def _chinese() -> tuple[str, np.ndarray]:
    """All characters of GB 2312 the face has, and their 20 x 20 shapes as unit vectors."""
    characters = []
    for high in range(0xB0, 0xF8):
        for low in range(0xA1, 0xFF):
            try:
                character = bytes((high, low)).decode("gb2312")
            except UnicodeDecodeError:
                continue
            if can_print(character):
                characters.append(character)
    face = _face(COARSE_EM)
    height, width = COARSE_SHAPE
    rows = np.zeros((len(characters), height * width), np.float32)
    for at, character in enumerate(characters):
        image = Image.new("L", (width, height), 0)
        ImageDraw.Draw(image).text(COARSE_ORIGIN, character, font=face, fill=255, anchor="ls")
        rows[at] = cv2.GaussianBlur(np.asarray(image, np.float32), (0, 0), 0.7).ravel()
    return "".join(characters), normalised(rows)


@lru_cache(maxsize=4096)
def rivals(character: str) -> str:
    """Characters most easily mistaken for this one, nearest first; for digits all others and letters like them."""
    if character in DIGITS:
        return DIGITS.replace(character, "") + LIKE_DIGITS
    if not is_wide(character):
        return _nearest_narrow(character)
    characters, shapes = _chinese()
    at = characters.find(character)
    if at < 0:
        return ""
    order = np.argsort(-(shapes @ shapes[at]))
    return "".join(characters[other] for other in order[1 : WIDE_RIVALS + 1])


def lookalikes(coarse: np.ndarray, expected: str) -> list[str]:
    """What Chinese glyphs look like from afar, whatever the forger chose: per glyph the best character of GB 2312 other
    than the expected one if it comes near it, else "". `coarse`: float32 (n, 24 * 22), cut at 20 pixels an em."""
    characters, shapes = _chinese()
    index = {character: at for at, character in enumerate(characters)}
    scores = normalised(coarse) @ shapes.T
    found = []
    for row, character in zip(scores, expected, strict=True):
        own = -1.0
        if character in index:
            own = float(row[index[character]])
            row[index[character]] = -1
        best = int(np.argmax(row))
        found.append(characters[best] if row[best] > own - COARSE_MARGIN else "")
    return found


def _nearest_narrow(character: str) -> str:
    frame = frame_of(character, 9.5)
    blurred = book(0.8)
    own = blurred.vectors(character, 9.5, frame)[MIDDLE]
    others = [other for other in ASCII if other != character]
    likeness = {other: float(blurred.vectors(other, 9.5, frame)[MIDDLE] @ own) for other in others}
    return "".join(sorted(others, key=lambda other: -likeness[other])[:NARROW_RIVALS])
