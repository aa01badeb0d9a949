"""Pens and the hands that hold them: strokes of digits and simple characters, shaky, slanted, skipping and bleeding."""

import json
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np

from tests.second_lab.papers import SCALE, Colour, Paper, Random, cloud, px

Points = list[tuple[float, float]]
STROKES: dict[str, list[Points]] = {
    letter: [[(u / 100, v / 100) for u, v in stroke] for stroke in strokes]
    for letter, strokes in json.loads(Path(__file__).with_name("handwriting.json").read_text()).items()
}
"""Each letter's strokes in a box of 1 by 1, y down."""
FAMILY, GIVEN = "王李林文方", "小山大明华文方林"


@dataclass(frozen=True)
class Pen:
    """`kind`: ball (skips), gel (even), fountain (bleeds), pencil (grainy), marker (broad and even)."""

    kind: str
    colour: Colour
    width: float

    def of(self, colour: Colour) -> "Pen":
        return replace(self, colour=colour)


BLUE_BALL = Pen("ball", (38, 58, 160), 0.42)
BLACK_GEL = Pen("gel", (22, 22, 26), 0.5)
RED_BALL = Pen("ball", (206, 44, 48), 0.45)
FOUNTAIN = Pen("fountain", (20, 26, 74), 0.6)
PENCIL = Pen("pencil", (96, 96, 100), 0.5)
MARKER = Pen("marker", (30, 30, 30), 0.9)
OFFICE_PENS = (BLUE_BALL, BLACK_GEL, FOUNTAIN, Pen("gel", (30, 40, 120), 0.55), Pen("ball", (36, 36, 44), 0.4))


def _curve(points: Points) -> np.ndarray:
    """Corners cut twice (Chaikin); ends stay."""
    line = np.array(points, np.float64)
    for _ in range(2):
        if len(line) < 3:
            return line
        a, b = line[:-1], line[1:]
        cut = np.empty((2 * len(a), 2))
        cut[0::2], cut[1::2] = a * 0.75 + b * 0.25, a * 0.25 + b * 0.75
        line = np.vstack([line[:1], cut, line[-1:]])
    return line


def draw(paper: Paper, lines: list[np.ndarray], pen: Pen, rng: Random) -> tuple[float, float, float, float]:
    """Polylines in mm, by this pen. Returns their box (x, y, width, height)."""
    every = np.vstack(lines)
    low, high = every.min(0) - 2, every.max(0) + 2
    fine = 3
    size = np.ceil((high - low) * SCALE * fine).astype(int) + 1
    big = np.zeros((size[1], size[0]), np.uint8)
    for line in lines:
        for start, end in pairwise(line):
            wide = pen.width * rng.uniform(0.8, 1.2) * SCALE * fine
            if pen.kind == "ball" and rng.random() < 0.04:
                continue
            a, b = (np.round((p - low) * SCALE * fine).astype(int).tolist() for p in (start, end))
            cv2.line(big, a, b, 255, max(1, round(wide)), cv2.LINE_AA)
    mask = cv2.resize(big, None, fx=1 / fine, fy=1 / fine, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    paper.ink(_textured(mask, pen, rng), pen.colour, float(low[0]), float(low[1]))
    return float(low[0] + 2), float(low[1] + 2), float(high[0] - low[0] - 4), float(high[1] - low[1] - 4)


def _textured(mask: np.ndarray, pen: Pen, rng: Random) -> np.ndarray:
    if pen.kind == "ball":
        return mask * np.clip(0.88 + 0.18 * cloud(rng, mask.shape, 3), 0.2, 1)
    if pen.kind == "fountain":
        return np.clip(cv2.GaussianBlur(mask, (0, 0), 1.2) * (1.2 + 0.15 * cloud(rng, mask.shape, px(3))), 0, 1)
    if pen.kind == "pencil":
        return mask * np.clip(0.6 + 0.35 * cloud(rng, mask.shape, 2), 0.05, 1)
    return mask * 0.97


def write(  # noqa: PLR0917
    paper: Paper, text: str, x: float, y: float, height: float, pen: Pen, rng: Random, *, slant: float | None = None
) -> tuple[float, float, float, float]:
    """Handwriting whose letters' tops begin at (x, y) mm. Returns its box."""
    lean = rng.normal(0.12, 0.08) if slant is None else slant
    lines, at = [], x
    for letter in text:
        narrow = 0.58 if letter.isascii() else 0.95
        tall, rise = height * rng.uniform(0.9, 1.1), rng.normal(0, 0.05) * height
        for stroke in STROKES.get(letter, []):
            line = _curve([(u + rng.normal(0, 0.025), v + rng.normal(0, 0.025)) for u, v in stroke])
            placed = np.empty_like(line)
            placed[:, 0] = at + line[:, 0] * tall * narrow + (1 - line[:, 1]) * lean * tall
            placed[:, 1] = y + rise + line[:, 1] * tall
            lines.append(placed)
        at += tall * narrow * rng.uniform(1.08, 1.3)
    return draw(paper, lines, pen, rng)


def scribble(  # noqa: PLR0917
    paper: Paper, x: float, y: float, width: float, height: float, pen: Pen, rng: Random
) -> None:
    """A running signature: loops that go on to the right, with a flourish under them."""
    count = int(rng.integers(5, 9))
    t = np.linspace(0, count * 2 * np.pi, count * 26)
    swell = 0.35 + 0.65 * np.abs(np.interp(t, np.linspace(0, t[-1], count), rng.uniform(0.2, 1.0, count)))
    loops = np.stack(
        [x + width * t / t[-1] + np.cos(t) * height * 0.22, y + height / 2 + np.sin(t) * swell * height / 2], 1
    )
    tail = _curve(
        [(x + width * 0.95, y + height * 0.8), (x + width * 0.4, y + height * 1.02), (x + width, y + height * 0.9)]
    )
    draw(paper, [loops, tail], pen, rng)


def a_name(rng: Random) -> str:
    length = int(rng.integers(1, 3))
    return str(rng.choice(list(FAMILY))) + "".join(str(rng.choice(list(GIVEN))) for _ in range(length))


def a_date(rng: Random) -> str:
    year, month, day = int(rng.integers(2025, 2028)), int(rng.integers(1, 13)), int(rng.integers(1, 29))
    return str(
        rng.choice(
            [
                f"{year}年{month}月{day}日",
                f"{year}.{month}.{day}",
                f"{year}/{month}/{day}",
                f"{year}-{month:02}-{day:02}",
            ]
        )
    )
