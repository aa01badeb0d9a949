"""Glyph templates from the form's typeface, and each character's rivals: what a forger would make of it."""

from collections import defaultdict
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
WIDE_RIVALS, NARROW_RIVALS, WIDER = 6, 16, 1.35
COARSE_EM, COARSE_SHAPE, COARSE_ORIGIN = 20, (24, 22), (1, 19)
COARSE_MARGIN, LEVEL_MARGIN, MOST_LEVEL = 0.06, 0.01, 6
KIN, RARE_KIN, TWIN = 64, 24, 0.965
MOST_READ, LEAST_LIKE = 3, 0.8
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
    all shifts of a character together; `likeness` (characters, characters): how alike row's and column's prints are;
    `span` (characters,): from the palest to the darkest point of a character's vectors."""

    characters: str
    matrix: np.ndarray
    likeness: np.ndarray
    span: np.ndarray

    def shifted(self, unit: np.ndarray) -> np.ndarray:
        """Correlations, float32 (n, characters, SHIFTS), of normalised patches (n, pixels)."""
        every: np.ndarray = (unit @ self.matrix.T).reshape(len(unit), len(self.characters), len(SHIFTS))
        return every

    def scores(self, unit: np.ndarray) -> np.ndarray:
        """The best over the shifts, float32 (n, characters)."""
        best: np.ndarray = self.shifted(unit).max(axis=2)
        return best

    def vectors(self, own: np.ndarray, shift: np.ndarray) -> np.ndarray:
        """Which character at which shift, each an index (n,), as vectors (n, pixels)."""
        chosen: np.ndarray = self.matrix[own * len(SHIFTS) + shift]
        return chosen


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
            span = vectors.max(axis=(1, 2)) - vectors.min(axis=(1, 2))
            self._families[key] = Family(characters, matrix, likeness, span)
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


def patches(black: np.ndarray, corners: np.ndarray, frame: Frame) -> np.ndarray:
    """Patches of one frame, float32 (n, height * width), their top left pixels' centres at `corners` (n, 2)."""
    count = len(corners)
    columns, rows = np.arange(frame.width, dtype=np.float32), np.arange(frame.height, dtype=np.float32)
    maps = np.empty((2, count, frame.height, frame.width), np.float32)
    maps[0] = corners[:, 0, None, None] + columns
    maps[1] = corners[:, 1, None, None] + rows[:, None]
    map_x, map_y = maps.reshape(2, count, frame.height * frame.width)
    return cv2.remap(black, map_x, map_y, cv2.INTER_LINEAR).astype(np.float32)


def coarse_cut(black: np.ndarray, sizes: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Glyphs whose pens stand at `places` (n, 2), cut at 20 pixels an em, float32 (n, 24 * 22)."""
    scale = (sizes / 72 * GRID_DPI / COARSE_EM)[:, None]
    height, width = COARSE_SHAPE
    columns, rows = np.arange(width) + 0.5 - COARSE_ORIGIN[0], np.arange(height) + 0.5 - COARSE_ORIGIN[1]
    map_x = (places[:, :1] + scale * columns)[:, None, :] + np.zeros((1, height, 1)) - 0.5
    map_y = (places[:, 1:] + scale * rows)[:, :, None] + np.zeros((1, 1, width)) - 0.5
    maps = [axis.reshape(len(places), -1).astype(np.float32) for axis in (map_x, map_y)]
    return cv2.remap(black, maps[0], maps[1], cv2.INTER_LINEAR).astype(np.float32)


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
def _common() -> Shapes:
    """All characters of GB 2312 the face has, their places, and their shapes at 20 pixels an em as unit vectors."""
    pairs = bytes(b for high in range(0xB0, 0xF8) for low in range(0xA1, 0xFF) for b in (high, low))
    return _shapes("".join(filter(can_print, pairs.decode("gb2312", errors="ignore"))))


@lru_cache(maxsize=1)
def _rare() -> Shapes:
    """The same of every other Chinese character in the face: 妺 is printed like 妹."""
    common = _common()[1]
    others = (chr(code) for code in range(0x4E00, 0xA000) if chr(code) not in common)
    return _shapes("".join(filter(can_print, others)))


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
    return _kin(character)[0][1 : WIDE_RIVALS + 1]


def relatives(character: str) -> str:
    """The characters of the family in which this one is judged: the same family for all digits."""
    return DIGITS + LIKE_DIGITS if character in DIGITS else character + rivals(character)


Kin = tuple[str, np.ndarray]
_KIN: dict[str, Kin] = {}
_TWINS: dict[str, str] = {}


def _kin(character: str) -> Kin:
    """Itself, then the characters nearest to it from afar: common ones, then rare ones; and their shapes."""
    if character not in _KIN:
        learn(character)
    return _KIN.get(character, (character, np.zeros((1, 1), np.float32)))


def _twins(character: str) -> str:
    """Those beyond its rivals that print nearly the same as this character: asked whatever a print looks like."""
    if character not in _TWINS:
        names, shapes = _kin(character)
        alike = shapes @ shapes[0] >= TWIN
        _TWINS[character] = "".join(name for name, is_one in zip(names, alike, strict=True) if is_one)[1:]
    return _TWINS[character]


def learn(characters: str) -> None:
    """Make ready what `lookalikes` and `rivals` must know of these characters: of many at once at a tenth of the cost
    of one by one."""
    for own in (_common(), _rare()):
        new = "".join(character for character in set(characters) - _KIN.keys() if character in own[1])
        if new:
            shapes = own[2][[own[1][character] for character in new]]
            parts = (_nearest(new, shapes, _common(), KIN), _nearest(new, shapes, _rare(), RARE_KIN))
            for at, character in enumerate(new):
                names = character + "".join(part[at][0] for part in parts)
                _KIN[character] = names, np.concatenate([shapes[at : at + 1], *(part[at][1] for part in parts)])


def _nearest(wanted: str, shapes: np.ndarray, among: Shapes, count: int) -> list[Kin]:
    """For each of `wanted`, with these shapes, the `count` other characters that are most like it, nearest first."""
    characters, places, vectors = among
    alike = shapes @ vectors.T
    for at, character in enumerate(wanted):
        if character in places:
            alike[at, places[character]] = -1.0
    near = np.argpartition(-alike, count, axis=1)[:, :count]
    order = np.argsort(-np.take_along_axis(alike, near, axis=1), axis=1)
    rows = np.take_along_axis(near, order, axis=1)
    return [("".join(characters[at] for at in row), vectors[row]) for row in rows]


def common_like(unit: np.ndarray) -> str:
    """The common characters that look most like any of these glyphs from afar, normalised (n, 24 * 22); at most
    MOST_READ, none where nothing looks like one."""
    characters, _, shapes = _common()
    scores = (unit @ shapes.T).max(axis=0)
    near = np.argpartition(-scores, MOST_READ)[:MOST_READ]
    return "".join(characters[at] for at in near if scores[at] > LEAST_LIKE)


def lookalikes(coarse: np.ndarray, expected: str, far: np.ndarray) -> list[str]:
    """What Chinese glyphs look like from afar: per glyph the best common and the best rare character beyond its rivals,
    where they come near it. `coarse`: float32 (n, 24 * 22), cut at 20 pixels an em; `far` (n,): where all of GB 2312 is
    asked, not only its kin."""
    learn(expected)
    unit = normalised(coarse)
    found, best = [""] * len(expected), np.full(len(expected), -1.0)
    places: dict[str, list[int]] = defaultdict(list)
    for at, character in enumerate(expected):
        places[character].append(at)
    known = {character: mine for character, mine in places.items() if len(_kin(character)[0]) > 1}
    if known:
        scores = np.concatenate([unit[mine] @ _kin(character)[1].T for character, mine in known.items()])
        order = [at for mine in known.values() for at in mine]
        best[order] = np.maximum(scores[:, 1 + WIDE_RIVALS : 1 + KIN].max(axis=1), scores[:, 0] - COARSE_MARGIN)
        for row, others in _near(scores).items():
            names = _kin(expected[order[row]])[0]
            found[order[row]] = "".join(names[other] for other in others)
        for at in order:
            found[at] += "".join(twin for twin in _twins(expected[at]) if twin not in found[at])
    _ask_all(unit, expected, np.flatnonzero(far), found, best)
    return found


def _near(scores: np.ndarray) -> dict[int, list[int]]:
    """Of glyphs' likeness to themselves and their kin, (n, 1 + all kin): the best common and the best rare one within
    COARSE_MARGIN, and any few that a glyph is as like as to itself; only the glyphs that have some."""
    first, rare = 1 + WIDE_RIVALS, 1 + KIN
    own, lines = scores[:, 0], np.arange(len(scores))
    best = np.stack([scores[:, first:rare].argmax(axis=1) + first, scores[:, rare:].argmax(axis=1) + rare], axis=1)
    close = scores[lines[:, None], best] > own[:, None] - COARSE_MARGIN
    level = scores[:, first:] > own[:, None] - LEVEL_MARGIN
    near = {}
    for row in np.flatnonzero(close.any(axis=1) | level.any(axis=1)).tolist():
        alike = (np.flatnonzero(level[row]) + first).tolist()
        most = sorted(alike, key=scores[row].__getitem__, reverse=True)[:MOST_LEVEL]
        near[row] = list(dict.fromkeys([*best[row][close[row]].tolist(), *most]))
    return near


def _ask_all(unit: np.ndarray, expected: str, rows: np.ndarray, found: list[str], best: np.ndarray) -> None:
    """One more of all common characters, where it comes nearer than the `best` of its kin; into `found`."""
    characters, places, shapes = _common()
    for at, scores in zip(rows, unit[rows] @ shapes.T, strict=True):
        known = [places[other] for other in relatives(expected[at]) if other in places]
        scores[known] = -1.0
        nearest = int(np.argmax(scores))
        if scores[nearest] > best[at]:
            found[at] += characters[nearest]


def _nearest_narrow(character: str) -> str:
    """Of letters no wider than this one, or hardly: a wider one reaches out of its place, where it is foreign ink, and
    pushes away what follows. Half an m looks like an r."""
    frame = frame_of(character, 9.5)
    blurred = book(0.8)
    own = blurred.vectors(character, 9.5, frame)[MIDDLE]
    most = WIDER * advance_mm(character, 9.5)
    others = [other for other in ASCII if other != character and advance_mm(other, 9.5) <= most]
    likeness = {other: float(blurred.vectors(other, 9.5, frame)[MIDDLE] @ own) for other in others}
    return "".join(sorted(others, key=lambda other: -likeness[other])[:NARROW_RIVALS])
