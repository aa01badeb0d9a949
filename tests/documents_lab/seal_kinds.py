"""Round things in red: seals as units have them, in every state of honest paper, and what is round and red but no seal.

Masks are uint8 at 300 dpi, 56 mm wide, upright; `impression` presses one on paper. All from seeds.
"""

import math
import random
from collections.abc import Callable

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from services.documents.forms.fonts import font_path
from tests.documents_lab.paper import MM

FIELD = 56
FINE = 2
SIDE = round(FIELD * MM) * FINE
MIDDLE = SIDE / 2
UNIT = MM * FINE  # pixels a mm while drawing
PLACES = "东江北海南平西城永安长宁福清新华光明文山金河石林武昌青田高阳丰台和顺太康"
COLOURS = ((196, 32, 40), (205, 30, 75), (214, 25, 95), (222, 80, 30), (228, 104, 40), (180, 20, 20), (235, 60, 60))


class Drawing:
    """A face in the making. Lengths in mm from the middle; angles in degrees, 0 at the top, clockwise."""

    def __init__(self) -> None:
        self.image = Image.new("L", (SIDE, SIDE), 0)
        self.pen = ImageDraw.Draw(self.image)

    def ring(self, radius: float, width: float) -> None:
        reach = radius * UNIT
        box = (MIDDLE - reach, MIDDLE - reach, MIDDLE + reach, MIDDLE + reach)
        self.pen.ellipse(box, outline=255, width=max(round(width * UNIT), 1))

    def disk(self, radius: float, value: int = 255) -> None:
        reach = radius * UNIT
        self.pen.ellipse((MIDDLE - reach, MIDDLE - reach, MIDDLE + reach, MIDDLE + reach), fill=value)

    def at(self, radius: float, angle: float) -> tuple[float, float]:
        turn = math.radians(angle)
        return MIDDLE + radius * UNIT * math.sin(turn), MIDDLE - radius * UNIT * math.cos(turn)

    def line(self, points: list[tuple[float, float]], width: float, value: int = 255) -> None:
        """Through points (radius, angle)."""
        self.pen.line([self.at(*point) for point in points], fill=value, width=max(round(width * UNIT), 1))

    def shape(self, points: list[tuple[float, float]], value: int = 255) -> None:
        self.pen.polygon([self.at(*point) for point in points], fill=value)

    def star(self, radius: float, corners: int = 5) -> None:
        self.shape([(radius if k % 2 == 0 else radius * 0.382, 180 * k / corners) for k in range(2 * corners)])

    def letters(  # noqa: PLR0917 - a drawing
        self, text: str, radius: float, high: float, step: float, middle: float = 0.0, wide: float = 1.0,
        *, inward: bool = False, thin: bool = False,
    ) -> None:  # fmt: skip
        """Along an arc, `step` degrees a letter around `middle`; `inward`: their feet point out."""
        for k, letter in enumerate(text):
            off = (k - (len(text) - 1) / 2) * step
            angle = middle - off if inward else middle + off
            tile = _tile(letter, high, wide, thin=thin).rotate(
                -angle + (180 if inward else 0), resample=Image.Resampling.BICUBIC, expand=True
            )
            x, y = self.at(radius, angle)
            self.image.paste(255, (round(x - tile.width / 2), round(y - tile.height / 2)), tile)

    def words(self, text: str, y: float, high: float, step: float, wide: float = 1.0) -> None:
        """A straight line of letters, its middle `y` below the face's."""
        for k, letter in enumerate(text):
            tile = _tile(letter, high, wide)
            x = MIDDLE + (k - (len(text) - 1) / 2) * step * UNIT
            self.image.paste(255, (round(x - tile.width / 2), round(MIDDLE + y * UNIT - tile.height / 2)), tile)

    def done(self) -> np.ndarray:
        return cv2.resize(np.array(self.image), None, fx=1 / FINE, fy=1 / FINE, interpolation=cv2.INTER_AREA)


def _tile(letter: str, high: float, wide: float, *, thin: bool = False) -> Image.Image:
    size = round(high * UNIT)
    tile = Image.new("L", (round(size * 1.3), round(size * 1.3)), 0)
    font = ImageFont.truetype(str(font_path()), size)
    ImageDraw.Draw(tile).text((tile.width / 2, tile.height / 2), letter, font=font, fill=255, anchor="mm")
    if thin:  # level strokes of a Song face
        tile = Image.fromarray(cv2.erode(np.array(tile), np.ones((max(round(size * 0.045), 1), 1), np.uint8)))
    return tile.resize((max(round(tile.width * wide), 1), tile.height), Image.Resampling.BICUBIC)


def seal_face(rng: random.Random, letters: int | None = None, *, star: bool | None = None) -> np.ndarray:
    """A unit's seal: ring, name along it from 7 to 24 letters, a star or a line of words or both, perhaps a number."""
    drawing = Drawing()
    radius = rng.choice((19.0, 20.0, 21.0, 21.0, 22.0, 22.5))
    drawing.ring(radius, rng.uniform(0.8, 1.5))
    if rng.random() < 0.2:
        drawing.ring(radius - rng.uniform(1.8, 2.4), 0.25)
    count = letters or rng.randrange(7, 23)
    name = "".join(rng.choice(PLACES) for _ in range(max(count - 4, 2))) + rng.choice(
        ("供电公司", "有限公司", "供电所章")
    )
    name = name[-count:]
    high = radius * rng.uniform(0.22, 0.3)
    wide = rng.uniform(0.62, 1.0) if count < 15 else rng.uniform(0.5, 0.7)
    least = math.degrees(high * wide * 1.08 / (radius * 0.74))
    step = min(max(rng.uniform(16, 26), least), 290 / count)
    drawing.letters(name, radius * rng.uniform(0.72, 0.78), high, step, wide=wide, thin=rng.random() < 0.4)
    starred = rng.random() < 0.65 if star is None else star
    if starred:
        drawing.star(radius * rng.uniform(0.24, 0.34))
    if not starred or rng.random() < 0.3:
        words = rng.choice(("专用章", "合同专用章", "业务专用章", "财务专用章", "(2)", "物资专用章"))
        y = radius * (rng.uniform(0.42, 0.56) if starred else rng.uniform(-0.1, 0.3))
        drawing.words(words, y, radius * rng.uniform(0.17, 0.24), radius * rng.uniform(0.19, 0.25), rng.uniform(0.7, 1))
    if rng.random() < 0.6 and step * count < 285:
        number = "".join(rng.choice("0123456789") for _ in range(13))
        drawing.letters(number, radius * 0.86, radius * 0.12, rng.uniform(3.6, 5), 180, inward=True)
    return drawing.done()


def _postmark(rng: random.Random) -> np.ndarray:
    drawing, radius = Drawing(), rng.uniform(18.5, 22)
    drawing.ring(radius, rng.uniform(0.5, 1.0))
    if rng.random() < 0.7:
        drawing.ring(radius * rng.uniform(0.55, 0.68), rng.uniform(0.4, 0.8))
    place = rng.choice(("BEIJING", "SHANGHAI", "HANGZHOU CHINA", "浙江杭州", "永安县邮电局", "江北支局"))
    chinese = ord(place[0]) > 255
    drawing.letters(place, radius * 0.82, radius * 0.2, 24 if chinese else 12, thin=False)
    drawing.letters(rng.choice(("CHINA", "POST", "收寄", "1")), radius * 0.82, radius * 0.2, 14, 180, inward=True)
    half = radius * rng.uniform(0.14, 0.2)
    if rng.random() < 0.7:
        for y in (-half, half):
            reach = math.sqrt((radius * rng.choice((0.6, 0.98))) ** 2 - y * y)
            box = [(MIDDLE - reach * UNIT, MIDDLE + y * UNIT), (MIDDLE + reach * UNIT, MIDDLE + y * UNIT)]
            drawing.pen.line(box, fill=255, width=round(0.5 * UNIT))
    drawing.words(rng.choice(("2026.11.27", "26.03.14", "27XI2026")), 0, radius * 0.2, radius * 0.115)
    if rng.random() < 0.5:
        drawing.words(rng.choice(("14", "18:30", "甲")), half * 2, radius * 0.17, radius * 0.13)
    return drawing.done()


def _gear(rng: random.Random) -> np.ndarray:
    drawing, radius, teeth = Drawing(), rng.uniform(18, 22), rng.randrange(10, 40)
    depth = rng.uniform(0.1, 0.2) * radius
    body = radius - depth
    duty = rng.uniform(0.35, 0.6) * 360 / teeth
    for k in range(teeth):
        start = 360 * k / teeth
        drawing.shape(
            [
                (body * 0.97, start),
                (radius, start + duty * 0.1),
                (radius, start + duty * 0.9),
                (body * 0.97, start + duty),
            ]
        )
    if rng.random() < 0.5:
        drawing.ring(body, rng.uniform(1, 0.35 * radius))
    else:
        drawing.disk(body)
        drawing.disk(body * rng.uniform(0.4, 0.85), 0)
    for k in range(rng.choice((0, 4, 5, 6))):
        drawing.line([(radius * 0.15, 60 * k), (body, 60 * k)], rng.uniform(1, 3))
    rng.choice(
        (
            lambda: drawing.star(radius * 0.28),
            lambda: drawing.ring(radius * 0.25, 1.5),
            lambda: drawing.words("工", 0, 9, 9),
        )
    )()
    return drawing.done()


def _toothed_ring(rng: random.Random) -> np.ndarray:
    """A whole ring with teeth inside: a gear's drawing the other way round."""
    drawing, radius, teeth = Drawing(), rng.uniform(18.5, 22), rng.randrange(14, 48)
    drawing.ring(radius, rng.uniform(1, 2))
    for k in range(teeth):
        drawing.line(
            [(radius * rng.uniform(0.7, 0.72), 360 * k / teeth), (radius, 360 * k / teeth)], rng.uniform(0.8, 1.8)
        )
    drawing.ring(radius * 0.7, rng.uniform(0.5, 1.2))
    drawing.star(radius * 0.3)
    return drawing.done()


SLOGANS = (
    "BEST QUALITY",
    "100% GUARANTEE",
    "PREMIUM",
    "ORIGINAL",
    "NATURAL PRODUCT",
    "TOP CHOICE",
    "SPECIAL OFFER",
    "FRESH",
)


def _slogan_logo(rng: random.Random) -> np.ndarray:
    """A badge with Latin words above and below or all round, something bold in the middle."""
    drawing, radius = Drawing(), rng.uniform(18.5, 22)
    drawing.ring(radius, rng.uniform(0.8, 2.0))
    if rng.random() < 0.6:
        drawing.ring(radius * rng.uniform(0.55, 0.64), rng.uniform(0.4, 1.2))
    high, at = radius * rng.uniform(0.18, 0.26), radius * 0.79
    step = math.degrees(high * 0.72 / at)
    if rng.random() < 0.5:
        drawing.letters(rng.choice(SLOGANS), at, high, step)
        drawing.letters(rng.choice(SLOGANS), at, high, step, 180, inward=True)
    else:
        count = int(355 / step)
        text = " * ".join(rng.sample(SLOGANS, 4))[:count]
        drawing.letters(text, at, high, 360 / len(text))
    _something_bold(rng, drawing, radius)
    return drawing.done()


def _something_bold(rng: random.Random, drawing: Drawing, radius: float) -> None:
    choice = rng.randrange(6)
    if choice == 0:
        drawing.words(rng.choice(("SG", "OK", "A1", "NO.1")), 0, radius * 0.5, radius * 0.3)
    elif choice == 1:
        drawing.star(radius * rng.uniform(0.3, 0.5))
    elif choice == 2:
        drawing.words("SALE", 0, radius * 0.3, radius * 0.24)
    elif choice == 3:
        drawing.disk(radius * rng.uniform(0.3, 0.5))
    elif choice == 4:
        drawing.line([(radius * 0.3, 250), (radius * 0.15, 180), (radius * 0.5, 50)], 3)
    else:
        drawing.words("50%", 0, radius * 0.4, radius * 0.28)


def _globe(rng: random.Random) -> np.ndarray:
    drawing, radius = Drawing(), rng.uniform(18.5, 22)
    drawing.ring(radius, rng.uniform(0.8, 1.8))
    for share in (0.35, 0.7) if rng.random() < 0.5 else (0.5,):
        reach = radius * share * UNIT
        drawing.pen.ellipse(
            (MIDDLE - reach, MIDDLE - radius * UNIT, MIDDLE + reach, MIDDLE + radius * UNIT),
            outline=255,
            width=round(UNIT),
        )
    for y in (-0.5, 0.0, 0.5):
        reach, level = radius * math.sqrt(1 - y * y) * UNIT, MIDDLE + y * radius * UNIT
        drawing.pen.line(
            [(MIDDLE - reach, level), (MIDDLE + reach, level)], fill=255, width=round(rng.uniform(0.7, 1.5) * UNIT)
        )
    return drawing.done()


def _swoosh(rng: random.Random) -> np.ndarray:
    """A mark of bows inside a ring, a short name below."""
    drawing, radius = Drawing(), rng.uniform(18.5, 22)
    drawing.ring(radius, rng.uniform(1, 2.5))
    for _ in range(rng.randrange(2, 6)):
        share, start = rng.uniform(0.3, 0.85), rng.uniform(0, 360)
        bow = [(radius * (share + 0.1 * math.sin(a / 40)), start + a) for a in range(0, rng.randrange(60, 200), 4)]
        drawing.line(bow, rng.uniform(0.8, 2.5))
    if rng.random() < 0.6:
        drawing.words(rng.choice(("ENERGY", "POWER", "电力之星")), radius * 0.4, radius * 0.2, radius * 0.17)
    return drawing.done()


def _target(rng: random.Random) -> np.ndarray:
    drawing, radius = Drawing(), rng.uniform(18.5, 22)
    for share in (1.0, 0.8, 0.6, 0.4)[: rng.randrange(2, 5)]:
        drawing.ring(radius * share, rng.uniform(0.6, 1.6))
    drawing.disk(radius * 0.2)
    return drawing.done()


def _clock(rng: random.Random) -> np.ndarray:
    drawing, radius = Drawing(), rng.uniform(18.5, 22)
    drawing.ring(radius, rng.uniform(0.8, 1.6))
    for hour in range(12):
        if rng.random() < 0.5:
            drawing.line([(radius * 0.78, 30 * hour), (radius * 0.9, 30 * hour)], 1.2)
        else:
            x, y = drawing.at(radius * 0.78, 30 * hour)
            tile = _tile(str(hour or 12)[-1], radius * 0.22, 1)
            drawing.image.paste(255, (round(x - tile.width / 2), round(y - tile.height / 2)), tile)
    drawing.line([(0, 0), (radius * 0.65, rng.uniform(0, 360))], 1)
    drawing.line([(0, 0), (radius * 0.45, rng.uniform(0, 360))], 1.4)
    return drawing.done()


def _flower(rng: random.Random) -> np.ndarray:
    drawing, radius, petals = Drawing(), rng.uniform(18.5, 22), rng.randrange(5, 13)
    drawing.ring(radius, rng.uniform(0.8, 1.6))
    for k in range(petals):
        middle = 360 * k / petals
        x, y = drawing.at(radius * 0.62, middle)
        reach = radius * rng.uniform(0.12, 0.2) * UNIT
        drawing.pen.ellipse(
            (x - reach, y - reach, x + reach, y + reach), outline=255, width=round(rng.uniform(0.8, 2) * UNIT)
        )
    drawing.ring(radius * 0.25, 1.5)
    return drawing.done()


def _wheel(rng: random.Random) -> np.ndarray:
    drawing, radius, spokes = Drawing(), rng.uniform(18.5, 22), rng.randrange(5, 24)
    drawing.ring(radius, rng.uniform(1, 2.5))
    for k in range(spokes):
        drawing.line([(radius * 0.2, 360 * k / spokes), (radius, 360 * k / spokes)], rng.uniform(0.5, 1.5))
    drawing.ring(radius * 0.22, 1.2)
    return drawing.done()


def _only_star(rng: random.Random) -> np.ndarray:
    drawing, radius = Drawing(), rng.uniform(18.5, 22)
    drawing.ring(radius, rng.uniform(0.8, 2))
    drawing.star(radius * rng.uniform(0.4, 0.9))
    return drawing.done()


def _coin(rng: random.Random) -> np.ndarray:
    """Beads along the rim and a bust's outline."""
    drawing, radius, beads = Drawing(), rng.uniform(18.5, 22), rng.randrange(24, 60)
    drawing.ring(radius, rng.uniform(0.8, 1.5))
    for k in range(beads):
        x, y = drawing.at(radius * 0.86, 360 * k / beads)
        reach = radius * 0.04 * UNIT
        drawing.pen.ellipse((x - reach, y - reach, x + reach, y + reach), fill=255)
    points = [(radius * rng.uniform(0.3, 0.6), a) for a in range(0, 360, 24)]
    drawing.line([*points, points[0]], 1.2)
    return drawing.done()


FALSE: dict[str, Callable[[random.Random], np.ndarray]] = {
    "postmark": _postmark, "gear": _gear, "toothed_ring": _toothed_ring, "slogan_logo": _slogan_logo, "globe": _globe,
    "swoosh": _swoosh, "target": _target, "clock": _clock, "flower": _flower, "wheel": _wheel, "only_star": _only_star,
    "coin": _coin,
}  # fmt: skip
CONDITIONS = ("plain", "faded", "lost", "folded", "weak", "turned", "coloured", "over_print")


def impression(mask: np.ndarray, rng: random.Random, condition: str) -> tuple[np.ndarray, tuple[int, int, int]]:
    """Ink 0..1 as float32 and its colour: how such a face comes out of a hand."""
    noise = np.random.default_rng(rng.randrange(2**32))
    side = mask.shape[0]
    turn = rng.uniform(-180, 180) if condition == "turned" else rng.uniform(-20, 20)
    matrix = cv2.getRotationMatrix2D((side / 2, side / 2), turn, 1.0)
    ink = cv2.warpAffine(mask, matrix, (side, side), flags=cv2.INTER_LINEAR).astype(np.float32) / 255
    ink = cv2.GaussianBlur(ink, (0, 0), rng.uniform(0.4, 1.1))
    grain = cv2.GaussianBlur(noise.standard_normal(ink.shape).astype(np.float32), (0, 0), 1.2)
    patches = cv2.GaussianBlur(noise.standard_normal(ink.shape).astype(np.float32), (0, 0), 30)
    patches /= float(patches.std()) + 1e-6
    ink *= np.clip(1 + grain * 0.7 + patches * 0.12, 0, 1.2)
    strength = rng.uniform(0.75, 1.0)
    ys, xs = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j]
    if condition == "faded":
        angle, fade = rng.uniform(0, 2 * math.pi), rng.uniform(0.25, 0.75)
        ink *= np.clip(1 - fade * np.clip(xs * math.cos(angle) + ys * math.sin(angle) + 0.3, 0, 1), 0, 1)
    if condition == "lost":
        ink *= np.clip((patches - np.quantile(patches, rng.uniform(0.1, 0.25))) * 4 + 0.5, 0, 1)
    if condition == "folded":
        angle, off = rng.uniform(0, math.pi), rng.uniform(-0.5, 0.5)
        away = np.abs(xs * math.cos(angle) + ys * math.sin(angle) - off) * FIELD / 2
        ink *= np.clip(away / rng.uniform(0.3, 0.8), rng.uniform(0, 0.5), 1)
    if condition == "weak":
        strength = rng.uniform(0.35, 0.6)
    colour = rng.choice(COLOURS) if condition == "coloured" else COLOURS[0]
    return np.clip(ink * strength, 0, 1).astype(np.float32), colour
