"""Seals of this laboratory: drawn anew, pressed by hand, worn, faded, struck twice; round things that are no seals."""

from dataclasses import dataclass, replace
from functools import lru_cache

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from services.documents.forms.fonts import font_path
from tests.second_lab.papers import SCALE, Colour, Paper, Random, cloud, px

FINE = 2
RED: Colour = (208, 36, 42)


@dataclass(frozen=True)
class Stamp:
    """What is cut into the rubber. `sizes` mm across and down: equal for a round seal."""

    text: str
    sizes: tuple[float, float] = (42.0, 42.0)
    star: bool = True
    foot: str = ""
    rim: float = 1.1
    inner_rim: bool = False
    narrow: float = 0.8
    bold: int = 0
    letter: float = 5.6
    number: str = ""


@dataclass(frozen=True)
class Press:
    """How it came onto the paper: `ink` left 0..1, share `worn` off, share `lean` lost at a side, `turn` degrees."""

    colour: Colour = RED
    ink: float = 0.9
    worn: float = 0.12
    lean: float = 0.15
    turn: float = 0.0
    twice: float = 0.0
    crease: float | None = None


def ordinary_press(rng: Random) -> Press:
    hue = rng.integers(-10, 11, 3)
    colour = (int(RED[0] + hue[0]), int(RED[1] + abs(hue[1]) * 2), int(RED[2] + abs(hue[2]) * 2))
    return Press(colour, float(rng.uniform(0.75, 1)), float(rng.uniform(0, 0.2)), float(rng.uniform(0, 0.25)),
                 float(rng.normal(0, 8)))  # fmt: skip


def ordinary_stamp(text: str, rng: Random) -> Stamp:
    size = float(rng.choice([38.0, 40.0, 42.0, 42.0, 45.0]))
    letter = size / 6 if len(text) < 12 else max(3.2, size / 6 * 12 / len(text))
    number = "".join(str(d) for d in rng.integers(0, 10, 13)) if rng.random() < 0.6 else ""
    return Stamp(text, (size, size), rim=float(rng.uniform(0.8, 1.4)), inner_rim=bool(rng.random() < 0.15),
                 narrow=float(rng.uniform(0.62, 0.9)), bold=int(rng.integers(0, 3)), letter=letter,
                 number=number)  # fmt: skip


@lru_cache(maxsize=8)
def _face(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(font_path()), size, index=0)


def _letter(character: str, tall: float, narrow: float, bold: int) -> Image.Image:
    size = round(tall * SCALE * FINE)
    picture = Image.new("L", (size * 2, size * 2), 0)
    ImageDraw.Draw(picture).text((size, size), character, 255, _face(size), anchor="mm", stroke_width=bold)
    return picture.resize((max(1, round(size * 2 * narrow)), size * 2), Image.Resampling.BILINEAR)


@lru_cache(maxsize=32)
def cut(stamp: Stamp) -> np.ndarray:
    """The rubber's relief as a mask at the bench's scale, with 3 mm all round."""
    wide, high = (side + 6 for side in stamp.sizes)
    canvas = Image.new("L", (round(wide * SCALE * FINE), round(high * SCALE * FINE)), 0)
    unit = SCALE * FINE
    pencil = ImageDraw.Draw(canvas)
    outer = (3 * unit, 3 * unit, canvas.width - 3 * unit, canvas.height - 3 * unit)
    pencil.ellipse(outer, outline=255, width=max(1, round(stamp.rim * unit)))
    if stamp.inner_rim:
        gap = (stamp.rim + 0.6) * unit
        pencil.ellipse(
            (outer[0] + gap, outer[1] + gap, outer[2] - gap, outer[3] - gap), outline=255, width=round(0.3 * unit)
        )
    _ring_text(canvas, stamp)
    if stamp.star:
        radius, middle = 0.16 * min(stamp.sizes) * unit, (canvas.width / 2, canvas.height / 2)
        angles = [np.pi * (k * 0.2 - 0.5) for k in range(10)]
        corners = [
            (
                middle[0] + radius * (1 if k % 2 == 0 else 0.382) * np.cos(a),
                middle[1] + radius * (1 if k % 2 == 0 else 0.382) * np.sin(a),
            )
            for k, a in enumerate(angles)
        ]
        pencil.polygon(corners, fill=255)
    if stamp.foot:
        _foot(canvas, stamp)
    _number(canvas, stamp)
    relief = np.asarray(canvas, np.float32) / 255
    return cv2.resize(relief, (round(wide * SCALE), round(high * SCALE)), interpolation=cv2.INTER_AREA)


def _ring_text(canvas: Image.Image, stamp: Stamp) -> None:
    """Letters along the upper arc, heads outwards; more letters take more of the circle."""
    unit = SCALE * FINE
    across, down = (side / 2 - stamp.rim - 0.9 - stamp.letter / 2 for side in stamp.sizes)
    span = min(270.0, 32.0 * (len(stamp.text) - 1)) if len(stamp.text) > 1 else 0
    for at, character in enumerate(stamp.text):
        turn = -span / 2 + span * at / max(1, len(stamp.text) - 1)
        angle = np.radians(turn - 90)
        letter = _letter(character, stamp.letter, stamp.narrow, stamp.bold).rotate(
            -turn, expand=True, resample=Image.Resampling.BICUBIC
        )
        x = canvas.width / 2 + across * np.cos(angle) * unit - letter.width / 2
        y = canvas.height / 2 + down * np.sin(angle) * unit - letter.height / 2
        canvas.paste(255, (round(x), round(y)), letter)


def _number(canvas: Image.Image, stamp: Stamp) -> None:
    """The registered number of newer seals: small digits along the lower edge, heads inwards."""
    unit, radius = SCALE * FINE, min(stamp.sizes) / 2 - stamp.rim - 2.0
    for at, digit in enumerate(stamp.number):
        angle = np.radians(90 - (at - (len(stamp.number) - 1) / 2) * 5.2)
        letter = _letter(digit, 2.6, 0.9, 0).rotate(
            90 - np.degrees(angle), expand=True, resample=Image.Resampling.BICUBIC
        )
        x = canvas.width / 2 + radius * np.cos(angle) * unit - letter.width / 2
        y = canvas.height / 2 + radius * np.sin(angle) * unit - letter.height / 2
        canvas.paste(255, (round(x), round(y)), letter)


def _foot(canvas: Image.Image, stamp: Stamp) -> None:
    """A line of words under the middle (专用章), or in it when there is no star."""
    unit, tall = SCALE * FINE, min(4.6, 26 / len(stamp.foot))
    y = canvas.height / 2 + (0.26 * stamp.sizes[1] if stamp.star else 0.05 * stamp.sizes[1]) * unit
    for at, character in enumerate(stamp.foot):
        letter = _letter(character, tall, stamp.narrow, stamp.bold)
        x = canvas.width / 2 + (at - (len(stamp.foot) - 1) / 2) * tall * unit * 0.95
        canvas.paste(255, (round(x - letter.width / 2), round(y - letter.height / 2)), letter)


def press(paper: Paper, stamp: Stamp, x: float, y: float, how: Press, rng: Random) -> None:  # noqa: PLR0917
    """Presses the stamp with its middle at (x, y) mm."""
    mask = inked(cut(stamp), how, rng)
    paper.ink(mask, how.colour, x - mask.shape[1] / SCALE / 2, y - mask.shape[0] / SCALE / 2)


def inked(relief: np.ndarray, how: Press, rng: Random) -> np.ndarray:
    """The relief as ink on paper, turned and worn."""
    rows, columns = relief.shape
    about = cv2.getRotationMatrix2D((columns / 2, rows / 2), how.turn, 1.0)
    mask = cv2.warpAffine(relief, about, (columns, rows))
    mask = np.clip(cv2.GaussianBlur(mask, (0, 0), 0.9) * 1.1, 0, 1)
    if how.twice:
        again = np.roll(mask, (px(how.twice * 0.6), px(how.twice)), (0, 1))
        mask = np.maximum(mask, again * 0.75)
    holes = cloud(rng, mask.shape, 4) + 0.8 * cloud(rng, mask.shape, px(3))
    keep = 1 / (1 + np.exp(-(holes - float(np.quantile(holes, how.worn))) * 4)) if how.worn else 1.0
    slope = np.linspace(-1, 1, columns)[None, :] * rng.choice([-1, 1])
    mask = mask * keep * how.ink * np.clip(1 - how.lean * (0.5 + 0.5 * slope), 0, 1)
    if how.crease is not None:
        row = round(rows * how.crease)
        mask[max(0, row - 3) : row + 3] *= 0.1
        mask[row:] = np.roll(mask[row:], px(0.5), 1)
    return mask.astype(np.float32)


def faded(how: Press, rng: Random) -> Press:
    """A quarter of its ink is all that is left, unevenly."""
    return replace(how, ink=float(rng.uniform(0.25, 0.4)), worn=float(rng.uniform(0.1, 0.25)))


def logo(rng: Random) -> np.ndarray:
    """No seal: an advertising badge (a disk with a white tick) or a toothed wheel, 40 mm."""
    side = px(42)
    mask = np.zeros((side, side), np.float32)
    middle, radius = side // 2, px(19)
    if rng.random() < 0.5:
        cv2.circle(mask, (middle, middle), radius, 1.0, -1, cv2.LINE_AA)
        cv2.polylines(mask, [np.array([[middle - radius // 2, middle], [middle - radius // 8, middle + radius // 2],
                      [middle + radius // 2, middle - radius // 3]])], False, 0.0, px(2.5), cv2.LINE_AA)  # fmt: skip
        return mask
    for tooth in range(18):
        angle = tooth * 2 * np.pi / 18
        tip = (round(middle + radius * np.cos(angle)), round(middle + radius * np.sin(angle)))
        cv2.line(mask, (middle, middle), tip, 1.0, px(2.4))
    cv2.circle(mask, (middle, middle), radius - px(3), 1.0, -1, cv2.LINE_AA)
    cv2.circle(mask, (middle, middle), radius - px(7), 0.0, -1, cv2.LINE_AA)
    return mask


def chop(paper: Paper, name: str, x: float, y: float, rng: Random) -> None:
    """A square name seal of 18 mm, its middle at (x, y): two letters side by side in a frame."""
    side = 18 * SCALE * FINE
    canvas = Image.new("L", (round(side * 1.2), round(side * 1.2)), 0)
    edge = side * 0.1
    ImageDraw.Draw(canvas).rectangle(
        (edge, edge, edge + side, edge + side), outline=255, width=round(0.9 * SCALE * FINE)
    )
    for at, character in enumerate(name):
        letter = _letter(character, 8.5, 0.85, 2)
        canvas.paste(
            255,
            (round(edge + side * (0.28 + 0.44 * at) - letter.width / 2), round(canvas.height / 2 - letter.height / 2)),
            letter,
        )
    relief = (
        np.asarray(canvas.resize((canvas.width // FINE, canvas.height // FINE), Image.Resampling.BOX), np.float32) / 255
    )
    mask = inked(relief, ordinary_press(rng), rng)
    paper.ink(mask, RED, x - mask.shape[1] / SCALE / 2, y - mask.shape[0] / SCALE / 2)


def thumb(paper: Paper, x: float, y: float, rng: Random) -> None:
    """A red thumb-print of 14 by 19 mm, its middle at (x, y)."""
    mask = np.zeros((px(24), px(18)), np.float32)
    rows, columns = np.indices(mask.shape)
    distance = np.hypot((columns - px(9)) / px(7), (rows - px(12)) / px(9.5))
    ridges = 0.5 + 0.5 * np.sin(distance * 55 + cloud(rng, mask.shape, px(4)) * 2)
    mask = (np.clip(ridges * 1.6 - 0.4, 0, 1) * np.clip((1.05 - distance) * 6, 0, 1) * 0.8).astype(np.float32)
    paper.ink(mask * np.clip(0.8 + 0.3 * cloud(rng, mask.shape, px(2)), 0, 1), (214, 50, 48), x - 9, y - 12)
