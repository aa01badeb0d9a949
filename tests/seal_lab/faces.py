"""Faces of round seals as an engraver draws them: uint8 masks, 24 pixels a mm, and the copies a forger makes."""

import math
import random
from dataclasses import dataclass, replace

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

PER_MM = 24
FIELD_MM = 54
FONT = "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc"
PLACES = "东江北海南平西城永安长宁福清新华光明文山金河石林武昌青田高阳丰台和顺太康"
KINDS = ("供电公司", "供电局", "电力局", "供电所", "分公司")
CHARACTERS = (
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经十三之进着等部度家"
    "电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相全表间样与关各重新线内数正心反你"
    "明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展五果料象员革位入常文总次品式活设及管特件长求老头基"
)


@dataclass(frozen=True, slots=True)
class Face:
    """What is engraved. `straight`: a line of letters (专用章); `jitter`: how far strokes were moved when
    somebody drew the seal again, as a share of a character; `style`: plain, song (thin level strokes) or narrow."""

    name: str
    number: str = "3301020012345"
    straight: str = ""
    star: bool = True
    diameter: float = 42.0
    style: str = "plain"
    mirrored: bool = False
    jitter: float = 0.0
    seed: int = 0


def any_face(seed: int) -> Face:
    rng = random.Random(f"face/{seed}")
    name = "".join(rng.sample(PLACES, 2)) + rng.choice("市县区") + "".join(rng.sample(PLACES, rng.choice((0, 2))))
    straight = rng.choice(("", "", "合同专用章", "业务专用章"))
    return Face(
        name + rng.choice(KINDS), str(rng.randrange(10**12, 10**13)), straight, star=not straight or rng.random() < 0.7,
        diameter=rng.choice((40.0, 42.0, 42.0, 44.0)), seed=seed,
    )  # fmt: skip


def copies(face: Face, seed: int) -> dict[str, Face]:
    """Another seal of each kind that must never be taken for `face`."""
    rng = random.Random(f"copy/{face.seed}/{seed}")
    other = any_face(10_000 + seed)
    at = rng.randrange(len(face.name))
    character = rng.choice([c for c in CHARACTERS if c != face.name[at]])
    return {
        "other_name": replace(face, name=other.name if other.name != face.name else "永安县电力局"),
        "mirrored": replace(face, mirrored=True),
        "other_font": replace(face, style=rng.choice(("song", "narrow"))),
        "larger": replace(face, diameter=face.diameter * rng.choice((0.97, 1.03))),
        "redrawn": replace(face, jitter=rng.uniform(0.03, 0.04), seed=face.seed + 1000 * (seed + 1)),
        "one_character": replace(face, name=face.name[:at] + character + face.name[at + 1 :]),
    }


def drawn(face: Face) -> np.ndarray:
    """uint8 0..255, (1296, 1296): ring, letters round the arc, star, number, upright."""
    side = FIELD_MM * PER_MM
    image = Image.new("L", (side, side), 0)
    draw = ImageDraw.Draw(image)
    middle, radius = side / 2, face.diameter / 2 * PER_MM
    box = (middle - radius, middle - radius, middle + radius, middle + radius)
    draw.ellipse(box, outline=255, width=round(1.1 * PER_MM))
    if face.star:
        _star(draw, middle, radius * 0.3)
    rng = np.random.default_rng(face.seed)
    size = radius * 0.28
    span = math.radians(min(260, 25 * len(face.name)))
    for at, character in enumerate(face.name):
        angle = -span / 2 + span * (at + 0.5) / len(face.name)
        _letter(image, character, size, (middle, radius * 0.745, angle), face, rng)
    for at, digit in enumerate(face.number):
        angle = math.pi + 0.85 / 2 - 0.85 * (at + 0.5) / len(face.number)
        _letter(
            image, digit, radius * 0.11, (middle, radius * 0.86, angle), replace(face, style="plain"), rng, turned=True
        )
    if face.straight:
        width = radius * 0.2
        for at, character in enumerate(face.straight):
            x = middle + (at - (len(face.straight) - 1) / 2) * width * 1.1
            y = middle + radius * (0.52 if face.star else 0.1)
            tile = _tile(character, width, face, rng)
            image.paste(255, (round(x - tile.width / 2), round(y - tile.height / 2)), tile)
    mask = np.array(image)
    return mask[:, ::-1].copy() if face.mirrored else mask


def _star(draw: ImageDraw.ImageDraw, middle: float, radius: float) -> None:
    corners = []
    for at in range(10):
        r = radius if at % 2 == 0 else radius * 0.382
        corners.append((middle + r * math.sin(at * math.pi / 5), middle - r * math.cos(at * math.pi / 5)))
    draw.polygon(corners, fill=255)


def _letter(image, character, size, place, face, rng, *, turned=False):  # noqa: PLR0917 - a drawing
    middle, radius, angle = place
    tile = _tile(character, size, face, rng)
    tile = tile.rotate(-math.degrees(angle) + (180 if turned else 0), resample=Image.Resampling.BICUBIC, expand=True)
    x, y = middle + radius * math.sin(angle), middle - radius * math.cos(angle)
    image.paste(255, (round(x - tile.width / 2), round(y - tile.height / 2)), tile)


def _tile(character: str, size: float, face: Face, rng: np.random.Generator) -> Image.Image:
    """One letter, upright; moved and bent where the seal was drawn again."""
    side = round(size * 1.5)
    tile = Image.new("L", (side, side), 0)
    font = ImageFont.truetype(FONT, round(size))
    ImageDraw.Draw(tile).text((side / 2, side / 2), character, font=font, fill=255, anchor="mm", stroke_width=1)
    letter = np.array(tile)
    if face.style == "song":
        thin = cv2.erode(letter, np.ones((max(round(size * 0.05), 2), 1), np.uint8))
        letter = np.maximum(
            thin,
            cv2.dilate(
                cv2.erode(letter, np.ones((round(size * 0.18), 1), np.uint8)),
                np.ones((round(size * 0.18), round(size * 0.05)), np.uint8),
            ),
        )
    if face.style == "narrow":
        squeeze = np.array([[1.22, 0, -0.11 * side], [0, 0.97, 0.015 * side]], np.float32)
        letter = cv2.warpAffine(letter, squeeze, (side, side))
    if face.jitter:
        letter = _moved(letter, size * face.jitter, rng)
    return Image.fromarray(letter)


def _moved(letter: np.ndarray, amount: float, rng: np.random.Generator) -> np.ndarray:
    """Each stroke somewhere else by `amount` pixels on average: a smooth random field a few strokes wide."""
    side = letter.shape[0]
    field = cv2.resize(rng.standard_normal((5, 5, 2)).astype(np.float32), (side, side), interpolation=cv2.INTER_CUBIC)
    field *= amount / max(float(np.hypot(field[..., 0], field[..., 1]).mean()), 1e-6)
    xs, ys = np.meshgrid(np.arange(side, dtype=np.float32), np.arange(side, dtype=np.float32))
    return cv2.remap(letter, xs + field[..., 0], ys + field[..., 1], cv2.INTER_LINEAR)
