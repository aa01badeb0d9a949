"""What happens to honest paper between printer and scanner. Places in mm; all seeded by the caller's generator."""

import cv2
import numpy as np

from tests.second_lab.papers import HEIGHT, HEIGHT_MM, SCALE, WIDTH, WIDTH_MM, Paper, Random, cloud, field, px, soft


def staple(paper: Paper, rng: Random) -> None:
    """Metal at the top left, askew, with its shadow; both legs' dents."""
    x, y, tilt = rng.uniform(7, 22), rng.uniform(3.5, 7.5), rng.choice([0.0, 45.0, -45.0, 10.0])
    box = field(22, 22)
    middle = box.shape[0] / 2
    reach = np.array([np.cos(np.radians(tilt)), np.sin(np.radians(tilt))]) * px(5.5)
    a, b = (tuple(int(v) for v in (middle + sign * reach)) for sign in (-1, 1))
    cv2.line(box, a, b, 1.0, max(2, px(0.55)), cv2.LINE_AA)
    paper.ink(soft(np.roll(box, (px(0.5), px(0.4)), (0, 1)), 0.5) * 0.55, (70, 70, 74), x - 11, y - 11)
    paper.cover(box * 0.95, (168, 170, 176), x - 11, y - 11)
    shine = np.zeros_like(box)
    cv2.line(shine, a, b, 1.0, 1, cv2.LINE_AA)
    paper.cover(shine * 0.7, (226, 228, 232), x - 11, y - 11.1)


def punch_holes(paper: Paper, rng: Random) -> None:
    """Two or four holes of 6 mm at the left; what the lid shows through them is gray to black."""
    shade = int(rng.choice([25, 60, 190]))
    for y in (108.5, 188.5) if rng.random() < 0.7 else (28.5, 108.5, 188.5, 268.5):
        box = field(10, 10)
        cv2.circle(box, (px(5), px(5)), px(rng.uniform(2.7, 3.1)), 1.0, -1, cv2.LINE_AA)
        paper.cover(box, (shade, shade, shade), 10 - 5 + rng.normal(0, 0.7) - 1.5, y - 5 + rng.normal(0, 0.7))


def dust(
    paper: Paper, rng: Random, keep_off: list[tuple[float, float, float, float]] | None = None, count: int = 40
) -> None:
    """Grains to 0.9 mm, most far smaller, gray to brown; `keep_off` boxes stay clean."""
    done = 0
    while done < count:
        x, y, size = rng.uniform(3, 207), rng.uniform(3, 294), min(0.9, 0.12 + rng.exponential(0.18))
        if any(a - 2 < x < a + w + 2 and b - 2 < y < b + h + 2 for a, b, w, h in keep_off or []):
            continue
        box = field(3, 3)
        axes = (max(1, px(size / 2)), max(1, px(size / 2 * rng.uniform(0.4, 1))))
        cv2.ellipse(
            box, (px(1.5), px(1.5)), axes, rng.uniform(0, 180), 0, 360, float(rng.uniform(0.35, 0.9)), -1, cv2.LINE_AA
        )
        tone = int(rng.integers(40, 120))
        paper.ink(box, (tone, tone, max(20, tone - int(rng.integers(0, 30)))), x - 1.5, y - 1.5)
        done += 1


def hair(paper: Paper, rng: Random, x: float, y: float) -> None:
    """A curled dark hair of some 25 mm, 0.07 mm thick, about (x, y)."""
    t = np.linspace(0, 1, 60)
    length, bend = rng.uniform(18, 30), rng.uniform(2, 7)
    turn = rng.uniform(0, np.pi)
    along, aside = (t - 0.5) * length, np.sin(t * np.pi * rng.uniform(1, 2.2)) * bend
    points = np.stack(
        [x + along * np.cos(turn) - aside * np.sin(turn), y + along * np.sin(turn) + aside * np.cos(turn)], 1
    )
    mask = np.zeros((HEIGHT, WIDTH), np.float32)
    cv2.polylines(mask, [np.round(points * SCALE).astype(np.int32)], False, 0.75, 1, cv2.LINE_AA)
    paper.ink(mask, (52, 44, 40))


def coffee_ring(paper: Paper, rng: Random, x: float, y: float, strength: float = 0.4) -> None:
    """A brown ring of a cup, 75 mm, broken and darker at its edge."""
    radius, box = rng.uniform(34, 39), field(90, 90)
    cv2.circle(box, (px(45), px(45)), px(radius), 1.0, px(2.4), cv2.LINE_AA)
    edge = field(90, 90)
    cv2.circle(edge, (px(45), px(45)), px(radius + 1.1), 1.0, px(0.5), cv2.LINE_AA)
    uneven = np.clip(0.6 + 0.5 * cloud(rng, box.shape, px(14)), 0, 1)
    paper.ink(
        np.clip(soft(box, 0.4) * 0.6 + soft(edge, 0.15) * 0.5, 0, 1) * uneven * strength, (150, 104, 58), x - 45, y - 45
    )


def fold(paper: Paper, rng: Random, y: float, depth: float = 0.22) -> None:
    """A crease across the sheet: a bright and a dark flank, and toner flaked off along it."""
    band = field(WIDTH_MM, 8)
    band[px(4) : px(4) + 2] = 1.0
    paper.ink(soft(band, 0.6) * depth * 3, (120, 120, 124), 0, y - 3.6)
    flaked = field(WIDTH_MM, 8)
    flaked[px(4) - 2 : px(4) + 1] = np.clip(0.3 + 0.5 * cloud(rng, (3, flaked.shape[1]), 9), 0, 0.8)
    paper.cover(flaked, (240, 239, 236), 0, y - 4)


def show_through(paper: Paper, back: Paper, strength: float = 0.1) -> None:
    """The other side's print, mirrored, dim and blurred."""
    dark = 255 - cv2.GaussianBlur(cv2.flip(cv2.cvtColor(back.image, cv2.COLOR_RGB2GRAY), 1), (0, 0), px(0.35))
    base = int(np.median(dark[::16, ::16]))
    mask = np.clip(dark.astype(np.float32) - base - 6, 0, 255) / 255
    paper.ink(mask * strength, (40, 40, 46))


def corner_turned(paper: Paper, rng: Random) -> None:
    """A dog-ear at the bottom left: what is under the folded corner is gone, its own back shows."""
    side = px(rng.uniform(5, 8))
    mask = np.zeros((HEIGHT, WIDTH), np.float32)
    triangle = np.array([[0, HEIGHT], [0, HEIGHT - side], [side, HEIGHT]])
    cv2.fillPoly(mask, [triangle], 1.0)
    paper.cover(mask, (205, 205, 206))


def binding_shadow(image: np.ndarray, rng: Random, dpi: int) -> None:
    """The gutter of a bound file at the left of the scan: darkness that dies away over 8 to 14 mm."""
    wide = round(rng.uniform(8, 14) * dpi / 25.4)
    fall = 1 - 0.75 * np.exp(-np.linspace(0, 4, wide)) * rng.uniform(0.7, 1.0)
    image[:, :wide] = (image[:, :wide] * fall[None, :, None]).astype(np.uint8)


def black_edges(image: np.ndarray, rng: Random, dpi: int) -> None:
    """The open lid: black beyond the sheet's edge on one or two sides, with a slanting border of some mm."""
    unit = dpi / 25.4
    height, width = image.shape[:2]
    sides = rng.choice(["right", "bottom", "left", "top"], size=int(rng.integers(1, 3)), replace=False)
    for side in sides:
        a, b = rng.uniform(0.5, 4.0, 2) * unit
        corners = {
            "right": [(width, 0), (width - a, 0), (width - b, height), (width, height)],
            "left": [(0, 0), (a, 0), (b, height), (0, height)],
            "top": [(0, 0), (width, 0), (width, a), (0, b)],
            "bottom": [(0, height), (width, height), (width, height - a), (0, height - b)],
        }[str(side)]
        cv2.fillPoly(image, [np.round(corners).astype(np.int32)], (14, 14, 16), cv2.LINE_AA)


def thumb(paper: Paper, rng: Random) -> None:
    """A greasy print of a thumb at the lower edge: faint and gray."""
    box = field(24, 30)
    rows, columns = np.indices(box.shape)
    distance = np.hypot((columns - box.shape[1] / 2) / px(8), (rows - box.shape[0] / 2) / px(11))
    ridges = 0.5 + 0.5 * np.sin(distance * 38 + cloud(rng, box.shape, px(4)) * 1.5)
    mask = (ridges * np.clip(1.15 - distance, 0, 1) * 0.16).astype(np.float32)
    paper.ink(mask, (70, 62, 60), rng.uniform(70, 120), HEIGHT_MM - 26)
