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
KIN = 64
TOO_ALIKE = 0.9985


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


@lru_cache(maxsize=8192)
def _halves(character: str, size: float, frame: Frame) -> np.ndarray:
    """Coverage 0..1 of whole grid pixels at every half pixel, MARGIN grid pixels around the frame, float32.

    Blurring this and taking every second value is the same as blurring the outline and taking pixels, at a tenth of the
    work; it serves every blur.
    """
    width, height = (frame.width + 2 * MARGIN) * FINE, (frame.height + 2 * MARGIN) * FINE
    image = Image.new("L", (width, height), 0)
    origin = (MARGIN * FINE, (MARGIN + frame.ascent) * FINE)
    ImageDraw.Draw(image).text(origin, character, font=_face(size / 72 * GRID_DPI * FINE), fill=255, anchor="ls")
    fine = np.asarray(image, np.float32) / 255
    quarters = cv2.resize(fine, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    return cv2.blur(quarters, (2, 2), anchor=(0, 0), borderType=cv2.BORDER_REPLICATE)


@dataclass(frozen=True, slots=True)
class Family:
    """A character and its rivals in one matrix: unit vectors with zero mean, float32 (characters * SHIFTS, pixels),
    all shifts of a character together; `likeness` (characters, characters): how alike row's and column's prints are."""

    characters: str
    matrix: np.ndarray
    likeness: np.ndarray

    def scores(self, unit: np.ndarray) -> np.ndarray:
        """Best correlation over the shifts, float32 (n, characters), of normalised patches (n, pixels)."""
        best: np.ndarray = (unit @ self.matrix.T).reshape(len(unit), len(self.characters), len(SHIFTS)).max(axis=2)
        return best


@dataclass(slots=True)
class TemplateBook:
    """Templates of one blur, made when first asked for."""

    sigma: float
    _vectors: dict[tuple[str, float, Frame], np.ndarray] = field(default_factory=dict)
    _families: dict[tuple[str, float, Frame], Family] = field(default_factory=dict)

    def vectors(self, character: str, size: float, frame: Frame) -> np.ndarray:
        """Unit vectors, shape (len(SHIFTS), height * width), zero mean."""
        key = (character, size, frame)
        if key not in self._vectors:
            self._vectors[key] = self._make(character, size, frame)
        return self._vectors[key]

    def family(self, characters: str, size: float, frame: Frame) -> Family:
        key = (characters, size, frame)
        if key not in self._families:
            vectors = np.stack([self.vectors(character, size, frame) for character in characters])
            matrix = vectors.reshape(-1, vectors.shape[-1])
            likeness = (vectors[:, MIDDLE] @ matrix.T).reshape(len(characters), len(characters), -1).max(axis=2)
            self._families[key] = Family(characters, matrix, likeness)
        return self._families[key]

    def _make(self, character: str, size: float, frame: Frame) -> np.ndarray:
        halves = _halves(character, size, frame)
        if self.sigma > 0:
            halves = cv2.GaussianBlur(halves, (0, 0), self.sigma * 2)
        down, right = halves.strides
        first = halves[2 * MARGIN + 1 :, 2 * MARGIN + 2 :]  # the shift by (-1, -0.5), the first of SHIFTS
        shifted = np.lib.stride_tricks.as_strided(
            first, (3, 5, frame.height, frame.width), (-down, -right, 2 * down, 2 * right), writeable=False
        )
        return normalised(shifted.reshape(len(SHIFTS), -1))


def normalised(rows: np.ndarray) -> np.ndarray:
    """Each row with zero mean and unit length (rows without contrast become zero), float32."""
    centred = rows - rows.mean(axis=1, keepdims=True)
    length = np.sqrt(np.einsum("ij,ij->i", centred, centred))
    centred /= np.maximum(length, 1e-6)[:, None]
    unit: np.ndarray = centred.astype(np.float32, copy=False)
    return unit


@lru_cache(maxsize=16)
def book(sigma: float) -> TemplateBook:
    return TemplateBook(sigma)


Shapes = tuple[str, dict[str, int], np.ndarray]


@lru_cache(maxsize=1)
def _chinese() -> Shapes:
    """All characters of GB 2312 the face has, their places, and their shapes at 20 pixels an em as unit vectors."""
    pairs = bytes(b for high in range(0xB0, 0xF8) for low in range(0xA1, 0xFF) for b in (high, low))
    return _shapes("".join(filter(can_print, pairs.decode("gb2312", errors="ignore"))))


@lru_cache(maxsize=1)
def _all_chinese() -> Shapes:
    """The same of every Chinese character in the face; made when a form has one that GB 2312 lacks."""
    return _shapes("".join(filter(can_print, map(chr, range(0x4E00, 0xA000)))))


def _shapes(characters: str) -> Shapes:
    face = _face(COARSE_EM)
    height, width = COARSE_SHAPE
    gap = 3
    image = Image.new("L", (width + 2 * gap, (height + gap) * len(characters)), 0)
    draw = ImageDraw.Draw(image)
    for at, character in enumerate(characters):
        corner = (gap + COARSE_ORIGIN[0], at * (height + gap) + COARSE_ORIGIN[1])
        draw.text(corner, character, font=face, fill=255, anchor="ls")
    blurred = cv2.GaussianBlur(np.asarray(image), (0, 0), 0.7)
    shapes = blurred.reshape(len(characters), height + gap, width + 2 * gap)[:, :height, gap:-gap]
    vectors = normalised(shapes.reshape(len(characters), -1).astype(np.float32))
    return characters, {character: at for at, character in enumerate(characters)}, vectors


@lru_cache(maxsize=4096)
def rivals(character: str) -> str:
    """Characters most easily mistaken for this one, nearest first; for digits all others and letters like them."""
    if character in DIGITS:
        return DIGITS.replace(character, "") + LIKE_DIGITS
    if not is_wide(character):
        return _nearest_narrow(character)
    characters, places, _ = _set_of(character)
    if character not in places:
        return ""
    return "".join(characters[other] for other in _kin(character)[0][1 : WIDE_RIVALS + 1])


def _set_of(character: str) -> Shapes:
    """The characters among which this one's rivals are looked for."""
    common = _chinese()
    return common if character in common[1] or not 0x4E00 <= ord(character) < 0xA000 else _all_chinese()


def relatives(character: str) -> str:
    """The characters of the family in which this one is judged: the same family for all digits."""
    return DIGITS + LIKE_DIGITS if character in DIGITS else character + rivals(character)


@lru_cache(maxsize=4096)
def _kin(character: str) -> tuple[np.ndarray, np.ndarray]:
    """Which characters of its set are nearest to this one from afar, itself first, and their shapes."""
    _, places, shapes = _set_of(character)
    likeness = shapes @ shapes[places[character]]
    likeness[places[character]] = 2.0
    near = np.argpartition(-likeness, KIN)[: KIN + 1]
    near = near[np.argsort(-likeness[near])]
    return near, shapes[near]


def lookalikes(coarse: np.ndarray, expected: str, far: np.ndarray) -> list[str]:
    """What Chinese glyphs look like from afar: per glyph the best character other than the expected one if it comes
    near it, else "". `coarse`: float32 (n, 24 * 22), cut at 20 pixels an em; `far` (n,): where all of GB 2312 is asked,
    not only the nearest KIN."""
    characters, places, shapes = _chinese()
    unit = normalised(coarse)
    found = [""] * len(expected)
    whole = unit[far] @ shapes.T if far.any() else None
    for row, at in enumerate(np.flatnonzero(far)):
        place = places.get(expected[at])
        scores = whole[row]  # type: ignore[index]
        own = -1.0 if place is None else float(scores[place])
        scores[place] = -1.0
        best = int(np.argmax(scores))
        found[at] = characters[best] if scores[best] > own - COARSE_MARGIN else ""
    for character in set(expected) & places.keys():
        mine = np.array([at for at, other in enumerate(expected) if other == character and not far[at]], int)
        near, kin = _kin(character)
        scores = unit[mine] @ kin.T
        best_kin = scores[:, 1:].argmax(axis=1) + 1
        for at, row, best in zip(mine, scores, best_kin, strict=True):
            found[at] = characters[near[best]] if row[best] > row[0] - COARSE_MARGIN else ""
    return found


def _nearest_narrow(character: str) -> str:
    frame = frame_of(character, 9.5)
    blurred = book(0.8)
    own = blurred.vectors(character, 9.5, frame)[MIDDLE]
    others = [other for other in ASCII if other != character]
    likeness = {other: float(blurred.vectors(other, 9.5, frame)[MIDDLE] @ own) for other in others}
    return "".join(sorted(others, key=lambda other: -likeness[other])[:NARROW_RIVALS])
