"""Is what stands inside a round red ring a seal's lettering? A gear, a postmark or a badge has a ring too.

A seal has one row of Chinese characters along its ring: dense strokes, several one above another on the way from the
ring to the middle, about one stroke a millimetre along the row, and no two parts alike. Latin words have fewer strokes
above one another and more gaps; gears, wheels and flowers look alike when they are turned; postmarks and badges have
a second circle; a postmark's date stands between long straight lines.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from services.documents.verify.grid import PX, above

HALF_PX = PX / 2
ANGLES, SHARES = 720, 110  # half degrees; hundredths of the radius
RING, ROW, INNER = np.s_[88:106], np.s_[54:86], np.s_[28:84]
TURNED, GAPS = np.s_[20:88], range(38, 58)
RING_LEVEL, STROKE_LEVEL, LEAST_LEVEL = 0.45, 0.5, 20.0
NEAR = 40  # half degrees on each side that tell how strong letters are here
FEW, LEAST_SPREAD = 20, 0.03  # directions; of the radius
TALL = 12  # hundredths of the radius from a letter's first stroke to its last
NEAREST = 93  # nothing of a letter is nearer to the ring's outer edge, hundredths of the radius
OWN_SHARE, EDGE_SHARE = 0.55, 0.25  # of a row's height, and of its most ink


@dataclass(frozen=True, slots=True)
class Row:
    """Letters along a ring. `tall`: share of the directions with a letter's height of ink; `deep`: strokes one above
    another there, on average; `crowded`: share of them with three and more; `strokes`: a mm along the row."""

    tall: float
    deep: float
    crowded: float
    strokes: float


@dataclass(frozen=True, slots=True)
class Lettering:
    """`usual`: the row where most seals have it; `own`: the row where this face has it, for the small letters of long
    names, which stand close to the ring; `circle`: the most complete circle inside the ring, 0..1; `straight`: the
    longest straight line, in radii; `alike`: how like itself turned; `gap`: ink between row and middle, where there is
    least; `level`: how surely the letters stand in a straight line and not along the ring."""

    usual: Row
    own: Row
    circle: float
    straight: float
    alike: float
    gap: float
    level: float


REPEATED, UNLETTERED = "图案各向重复，不是公章", "圈内没有公章的文字和图案"
LIMITS = {"circle": 0.76, "straight": 0.75, "alike": 0.78, "gap": 0.14, "level": 0.55}
SURE = {"straight": 0.9, "gap": 0.18}
LEAST_TALL, LEAST_DEEP, LEAST_CROWDED = 0.1, 1.4, 0.05
STROKES = (0.46, 0.83, 0.9)  # from, up to, and how much more where strokes are crowded
# Of 162 round things that are no seals a badge of Latin words came nearest: 1.55 and 0.09; a postmark was 0.12 tall.
OWN_TALL, OWN_DEEP, OWN_CROWDED = 0.25, 1.6, 0.1
SURE_SHALLOW, SURE_STROKES = 1.2, (0.35, 2.0)


def lettering_of(strokes: np.ndarray, x: float, y: float, radius: float) -> Lettering:
    """`strokes`: red ink by the channel it darkens most, half size, uint8; middle and radius in mm."""
    polar, on_paper = _polar(strokes, x, y, radius)
    level = np.maximum(_smoothed(polar[:, RING].max(axis=1), 61), 25)
    inked = polar > RING_LEVEL * level[:, None]
    letters = polar > STROKE_LEVEL * _letters_level(polar, level)[:, None]
    letters[:, _within(inked[on_paper]) :] = False
    letters[:, cv2.dilate((inked.mean(axis=0) > 0.8).astype(np.uint8), np.ones((3, 1), np.uint8)).ravel() > 0] = False
    usual, tall, middles = _row(letters[:, ROW], on_paper, radius * 0.72, TALL)
    own = _own_row(letters[on_paper])
    high = own.stop - own.start
    least = min(max(OWN_SHARE * high, TALL / 2), TALL)
    circles = cv2.dilate(inked[:, INNER].astype(np.uint8), np.ones((1, 3), np.uint8))
    return Lettering(
        usual=usual,
        own=_row(letters[:, own], on_paper, radius * (own.start + high / 2) / 100, least)[0],
        circle=float(circles[on_paper].mean(axis=0)[1:-1].max()) if on_paper.any() else 0.0,
        straight=_straight(strokes, float(np.median(level)), x, y, radius) / radius,
        alike=_alike(polar / level[:, None], inked),
        gap=float(min(letters[:, at : at + 6].mean() for at in GAPS)),
        level=_level(np.flatnonzero(tall), middles[tall] / 100),
    )


def _within(inked: np.ndarray) -> int:
    """Where, in hundredths of the radius, the ring begins for somebody who comes from the middle."""
    if not len(inked):
        return ROW.stop
    share = inked.mean(axis=0)
    edge = RING.start - 2 + int(share[RING.start - 2 :].argmax())
    half = share[edge] / 2
    while edge > 80 and share[edge - 1] > half:
        edge -= 1
    return min(max(edge - 1, ROW.stop), NEAREST)


def _own_row(letters: np.ndarray) -> slice:
    """Where the most inked row between the middle and the ring lies, hundredths of the radius."""
    ink = np.convolve(letters[:, ROW.start : NEAREST].mean(axis=0), np.ones(3) / 3, "same") if len(letters) else None
    if ink is None or not ink.any():
        return ROW
    first = last = int(ink.argmax())
    least = EDGE_SHARE * ink[first]
    while first > 0 and ink[first - 1] > least:
        first -= 1
    while last < len(ink) - 1 and ink[last + 1] > least:
        last += 1
    return slice(ROW.start + first, ROW.start + last + 1)


def _row(row: np.ndarray, on_paper: np.ndarray, middle: float, least: float) -> tuple[Row, np.ndarray, np.ndarray]:
    """What a row of letters amounts to; which directions have a letter's height, `least`; and the letters' middles.

    `row`: bool (directions, hundredths of the radius); `middle`: its radius in mm."""
    outer, inner = row.shape[1] - np.argmax(row[:, ::-1], axis=1), np.argmax(row, axis=1)
    tall = (np.where(row.any(axis=1), outer - inner, 0) >= least) & on_paper
    deep = begun(np.pad(row, ((0, 0), (1, 0))), axis=1)[tall]
    most = min(TALL, max(row.shape[1] * 2 // 3, 5))
    along = np.sort(begun(np.concatenate([row[-1:], row]), axis=0))[-most:].mean()
    seen = Row(
        tall=float(tall.sum()) / max(int(on_paper.sum()), 1),
        deep=float(deep.mean()) if deep.size else 0.0,
        crowded=float((deep >= 3).mean()) if deep.size else 0.0,
        strokes=float(along) / max(float(tall.mean()) * 2 * np.pi * middle, 1.0),
    )
    return seen, tall, (inner + outer) / 2


def why_none(seen: Lettering) -> tuple[str | None, bool]:
    """Why it is no seal's lettering (None: it is), and whether poor ink may be the reason."""
    doubts = {
        "圈内另有圆圈，不是公章": seen.circle > LIMITS["circle"],
        "圈内有长直线，不是公章": seen.straight > LIMITS["straight"],
        "圈内文字不沿圆周排列，不是公章": seen.level > LIMITS["level"],
        REPEATED: seen.alike > LIMITS["alike"],
        UNLETTERED: seen.gap > LIMITS["gap"]
        or not (
            _written(seen.usual, LEAST_TALL, LEAST_DEEP, LEAST_CROWDED)
            or _written(seen.own, OWN_TALL, OWN_DEEP, OWN_CROWDED)
        ),
    }
    why = next((why for why, holds in doubts.items() if holds), None)
    sure = any(getattr(seen, name) > limit for name, limit in SURE.items())
    sure |= seen.usual.tall >= LEAST_TALL and not (_perhaps(seen.usual) or _perhaps(seen.own))
    return why, why is not None and not sure


def _written(row: Row, tall: float, deep: float, crowded: float) -> bool:
    """A seal's row of Chinese letters, with at least so much of each?"""
    least, most, more = STROKES
    dense = least <= row.strokes <= most + more * row.crowded
    return dense and row.tall >= tall and row.deep >= deep and row.crowded >= crowded


def _perhaps(row: Row) -> bool:
    return SURE_STROKES[0] <= row.strokes <= SURE_STROKES[1] and row.deep >= SURE_SHALLOW


def _polar(strokes: np.ndarray, x: float, y: float, radius: float) -> tuple[np.ndarray, np.ndarray]:
    """Ink by direction and share of the radius, float32 (ANGLES, SHARES); which directions lie on the paper."""
    steps = (np.arange(SHARES) + 0.5) / 100 * radius
    angles = np.radians(np.arange(ANGLES) * 360 / ANGLES)[:, None]
    map_x = ((x + steps * np.cos(angles)) * HALF_PX - 0.5).astype(np.float32)
    map_y = ((y + steps * np.sin(angles)) * HALF_PX - 0.5).astype(np.float32)
    polar = cv2.remap(strokes, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=0)
    height, width = strokes.shape
    inside = (map_x >= 0) & (map_y >= 0) & (map_x <= width - 1) & (map_y <= height - 1)
    return polar.astype(np.float32), inside[:, :100].all(axis=1)


def _smoothed(values: np.ndarray, width: int) -> np.ndarray:
    """A running mean round the circle."""
    side = width // 2
    around = np.concatenate([values[-side:], values, values[:side]])
    mean: np.ndarray = np.convolve(around, np.ones(width) / width, "valid")
    return mean


def _letters_level(polar: np.ndarray, level: np.ndarray) -> np.ndarray:
    """How strong letters print in each direction: thin strokes are paler than the ring."""
    top = np.sort(polar[:, ROW], axis=1)[:, -3:].mean(axis=1)
    own = upper_quartile(top, NEAR)
    strength: np.ndarray = np.maximum(np.clip(own, 0.35 * level, level), LEAST_LEVEL)
    return strength


def upper_quartile(values: np.ndarray, near: int) -> np.ndarray:
    """Of each value and `near` others on both sides round the circle, float32 (n,)."""
    around = np.concatenate([values[-near:], values, values[:near]])
    ordered = np.sort(np.lib.stride_tricks.sliding_window_view(around, 2 * near + 1), axis=1)  # quicker than percentile
    at, part = divmod(0.75 * 2 * near, 1)
    below, beyond = ordered[:, int(at)], ordered[:, int(at) + 1]
    quartile: np.ndarray = below + np.float32(part) * (beyond - below)
    return quartile


def _level(directions: np.ndarray, middles: np.ndarray) -> float:
    """How the letters' middles move outwards to both sides of the row's own middle, as a straight line's do: the
    correlation, -1..1; 0 where they hardly move. 36 seals had 0.2 at most, words written across a pen's circle 0.84."""
    if len(directions) < FEW or middles.std() < LEAST_SPREAD:
        return 0.0
    angles = directions * 2 * np.pi / ANGLES
    away = angles - np.arctan2(np.sin(angles).mean(), np.cos(angles).mean())
    return float(np.corrcoef(np.abs((away + np.pi) % (2 * np.pi) - np.pi), middles)[0, 1])


def begun(ink: np.ndarray, axis: int) -> np.ndarray:
    """How many strokes begin along an axis."""
    begun: np.ndarray = (np.diff(ink.astype(np.int8), axis=axis) == 1).sum(axis=axis)
    return begun


def _alike(ink: np.ndarray, inked: np.ndarray) -> float:
    """The best correlation of the face with itself turned by 12 degrees or more; whole circles do not count."""
    part = np.clip(ink[:, TURNED], 0, 1.2)
    whole = cv2.dilate((inked.mean(axis=0) > 0.8).astype(np.uint8), np.ones((3, 1), np.uint8)).ravel() > 0
    part[:, whole[TURNED]] = 0
    part = cv2.GaussianBlur(part, (0, 0), 1.5)
    part -= part.mean(axis=0, keepdims=True)
    power = (np.abs(np.fft.rfft(part, axis=0)) ** 2).sum(axis=1)
    turned = np.fft.irfft(power)
    return float(turned[24 : ANGLES // 2].max() / max(turned[0], 1e-6))


def _straight(strokes: np.ndarray, level: float, x: float, y: float, radius: float) -> float:
    """The longest straight line inside the ring, mm."""
    reach = 0.86 * radius
    x0, y0 = max(round((x - reach) * HALF_PX), 0), max(round((y - reach) * HALF_PX), 0)
    part = strokes[y0 : round((y + reach) * HALF_PX), x0 : round((x + reach) * HALF_PX)]
    disk = np.zeros_like(part)
    cv2.circle(disk, (round(x * HALF_PX) - x0, round(y * HALF_PX) - y0), round(reach * HALF_PX), 255, -1)
    mask = cv2.bitwise_and(above(part, RING_LEVEL * level), disk)
    least = int(0.5 * radius * HALF_PX)
    lines = cv2.HoughLinesP(mask, 1, np.pi / 180, 20, minLineLength=least, maxLineGap=1)
    if lines is None:
        return 0.0
    ends = lines.reshape(-1, 4).astype(float)
    return float(np.hypot(ends[:, 2] - ends[:, 0], ends[:, 3] - ends[:, 1]).max()) / HALF_PX
