"""More genuine papers, from how the world differs: apps, clips, tape, smudges, other pads, ghosts of other seals.

Written later than the rest, by somebody who had read the verifier: all of them are for tuning, none is kept apart.
"""

from dataclasses import replace

import cv2
import numpy as np

from tests.second_lab import pens, scanners, stamps
from tests.second_lab.bench import Bench, kind
from tests.second_lab.papers import HEIGHT, HEIGHT_MM, SCALE, WIDTH, WIDTH_MM, Paper, Random, cloud, field, px, soft
from tests.second_lab.typewriter import type_text


def _whitened(image: np.ndarray, rng: Random, dpi: int) -> None:
    """What an app calls magic colour: light divided out by its neighbourhood, contrast pulled up, whites cut off."""
    wide = round(dpi / 25.4 * rng.uniform(8, 16)) | 1
    small = cv2.resize(image, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    light = cv2.medianBlur(cv2.dilate(small, np.ones((9, 9), np.uint8)), min(wide // 4 | 1, 101))
    light = cv2.resize(light, image.shape[1::-1], interpolation=cv2.INTER_LINEAR).astype(np.float32)
    even = image / np.maximum(light, 1)
    pulled = (even - 0.5) * float(rng.uniform(1.2, 1.5)) + 0.58
    image[:] = np.clip(pulled * 255, 0, 255).astype(np.uint8)


@kind("hard", tuned=True)
def whitened_by_an_app(bench: Bench) -> None:
    bench.prepare()
    bench.after_scan.append(_whitened)
    bench.scan(replace(scanners.telephone(bench.rng), quality=int(bench.rng.integers(60, 80))))


@kind("hard", tuned=True)
def jpeg_30(bench: Bench) -> None:
    bench.prepare()
    bench.scan(replace(scanners.flatbed(bench.rng), quality=int(bench.rng.integers(28, 34))))


@kind("normal", tuned=True)
def banding(bench: Bench) -> None:
    """A gear of the printer's drum that slips: pale bands every 3 to 8 mm."""
    bench.print(printer=replace(bench.printer, bands=float(bench.rng.uniform(0.1, 0.25))))
    bench.prepare()


@kind("normal", tuned=True)
def pulled_by_the_feeder(bench: Bench) -> None:
    rng = bench.rng
    bench.prepare()
    bench.scan(
        replace(scanners.feeder(rng), skew=float(rng.uniform(-1.5, 1.5)), stretch=float(rng.choice([0.995, 1.005])),
                wave=float(rng.uniform(0.2, 0.35)))
    )  # fmt: skip


@kind("normal", tuned=True)
def received_in_the_block(bench: Bench) -> None:
    """A blue or red box with 收到 and a date beside the signature, pressed askew, inside the signature block."""
    rng = bench.rng
    bench.print()
    bench.sign(rows=2)
    who = bench.areas("signature")[2]
    x, y = bench.on(who.x + rng.uniform(22, 28), who.y + rng.uniform(4, 6))
    colour = (50, 70, 170) if rng.random() < 0.6 else stamps.RED
    frame = [np.array([(x, y), (x + 36, y + 0.4), (x + 36, y + 11), (x, y + 10.6), (x, y)])]
    pens.draw(bench.papers[0], frame, pens.Pen("gel", colour, 0.5), rng)
    type_text(bench.papers[0], f"收到 2026-06-{rng.integers(1, 29):02}", x + 3, y + 7, 11, colour)
    bench.stamp()


@kind("hard", tuned=True)
def ghost_of_another_seal(bench: Bench) -> None:
    """Wet ink of the next sheet's seal came off on this one, mirrored and faint, blue or red, wherever it lay."""
    rng = bench.rng
    bench.prepare()
    relief = stamps.inked(stamps.cut(stamps.ordinary_stamp("溪口县供电局", rng)), stamps.ordinary_press(rng), rng)
    ghost = soft(np.ascontiguousarray(relief[:, ::-1]), 0.3) * float(rng.uniform(0.05, 0.1))
    colour = stamps.RED if rng.random() < 0.6 else (44, 62, 170)
    bench.papers[0].ink(ghost, colour, float(rng.uniform(20, 140)), float(rng.uniform(90, 190)))


@kind("normal", tuned=True)
def clipped(bench: Bench) -> None:
    """A black or wire paper clip was left on the upper edge."""
    rng = bench.rng
    bench.prepare()
    for paper in bench.papers[:1]:
        box = field(12, 34)
        for inset in (0.0, 1.6):
            a, b = (px(1 + inset), px(1 + inset)), (px(9 - inset), px(31 - 2 * inset))
            cv2.rectangle(box, a, b, 1.0, px(0.9), cv2.LINE_AA)
        x, y = float(rng.uniform(8, 16)), -22.0
        paper.ink(soft(np.roll(box, px(0.5), 1), 0.5) * 0.4, (80, 80, 84), x, y)
        paper.cover(box * 0.95, (150, 152, 158), x, y)


@kind("normal", tuned=True)
def in_a_file_fastener(bench: Bench) -> None:
    """Two holes at the left and the plastic strip that holds them, its shadow to one side."""
    rng = bench.rng
    bench.prepare()
    shade = tuple(int(v) for v in (rng.integers(200, 235), rng.integers(200, 235), rng.integers(205, 240)))
    x, y = float(rng.uniform(4, 6)), float(rng.uniform(98, 104))
    strip = np.ones((px(96), px(6)), np.float32)
    shadow = cv2.copyMakeBorder(strip, px(1), px(1), px(1), px(1), cv2.BORDER_CONSTANT, value=0.0)
    bench.papers[0].ink(soft(shadow, 0.5) * 0.35, (90, 90, 94), x - 0.4, y - 0.6)
    bench.papers[0].cover(strip, shade, x, y)  # type: ignore[arg-type]


@kind("hard", tuned=True)
def flagged(bench: Bench) -> None:
    """A coloured tab 签字处 sticks out at the right edge."""
    rng = bench.rng
    bench.prepare()
    colours = ((250, 226, 90), (250, 150, 170), (130, 210, 140), (120, 180, 240))
    tab = np.ones((px(12), px(12)), np.float32)
    bench.papers[0].cover(tab, colours[int(rng.integers(0, 4))], 202.0, float(rng.uniform(60, 230)))


@kind("hard", tuned=True)
def mended_with_tape(bench: Bench) -> None:
    """A tear mended with clear tape: a band a little yellower, its two edges faint and dusty."""
    rng = bench.rng
    bench.prepare()
    y = float(rng.uniform(100, 200))
    band = np.ones((px(18), px(70)), np.float32)
    bench.papers[0].ink(band * 0.5, (244, 240, 222), 142, y)
    for edge in (y, y + 18):
        line = np.ones((1, px(70)), np.float32) * np.clip(0.15 + 0.1 * cloud(rng, (1, px(70)), 20), 0, 0.3)
        bench.papers[0].ink(line.astype(np.float32), (90, 86, 80), 142, edge)


@kind("normal", tuned=True)
def yellowed_edges(bench: Bench) -> None:
    """Old paper, browner towards its edges."""
    bench.print(printer=replace(bench.printer, tone=(243, 238, 224)))
    bench.prepare()
    rows, columns = np.indices((HEIGHT // 8, WIDTH // 8), dtype=np.float32)
    away = np.minimum(np.minimum(columns, WIDTH // 8 - columns), np.minimum(rows, HEIGHT // 8 - rows)) * 8 / SCALE
    brown = cv2.resize(np.exp(-away / 14) * 0.5, (WIDTH, HEIGHT))
    for paper in bench.papers:
        paper.ink(brown.astype(np.float32), (226, 206, 160))


def _on_a_larger_glass(image: np.ndarray, rng: Random, lid: int) -> np.ndarray:
    high, wide = image.shape[:2]
    glass = np.full((round(high * 1.05), round(wide * 1.25), 3), lid, np.uint8)
    y, x = int(rng.integers(0, glass.shape[0] - high)), int(rng.integers(0, 12))
    glass[y : y + high, x : x + wide] = image
    return glass


@kind("normal", tuned=True)
def on_a_larger_glass(bench: Bench) -> None:
    """The glass is larger than the sheet: the lid, white or light gray, is in the file beside it."""
    bench.prepare()
    lid = int(bench.rng.integers(236, 256))
    for shot in bench.scan(replace(scanners.flatbed(bench.rng), lid=lid)):
        shot.pixels = _on_a_larger_glass(shot.pixels, bench.rng, lid)


@kind("hard", tuned=True)
def cropped_tight(bench: Bench) -> None:
    """An app cut one to three mm off each side, the corner marks still in."""
    bench.prepare()
    for shot in bench.scan(scanners.telephone(bench.rng)):
        cut = [round(v * shot.dpi / 25.4) for v in bench.rng.uniform(1, 3, 4)]
        high, wide = shot.pixels.shape[:2]
        shot.pixels = np.ascontiguousarray(shot.pixels[cut[0] : high - cut[1], cut[2] : wide - cut[3]])


@kind("normal", tuned=True)
def dark_red_pad(bench: Bench) -> None:
    """Old cinnabar: brownish or dark red."""
    bench.print()
    bench.sign()
    red = tuple(int(v) for v in (bench.rng.integers(140, 176), bench.rng.integers(18, 50), bench.rng.integers(26, 54)))
    bench.stamp(how=replace(stamps.ordinary_press(bench.rng), colour=red))  # type: ignore[arg-type]


@kind("normal", tuned=True)
def light_red_pad(bench: Bench) -> None:
    """A photosensitive stamp: even, light red, nothing worn off."""
    bench.print()
    bench.sign()
    red = (238, 82, 92)
    bench.stamp(how=replace(stamps.ordinary_press(bench.rng), colour=red, worn=0.0, lean=0.05))


@kind("hard", tuned=True)
def wet_pad(bench: Bench) -> None:
    """Too much ink: strokes run together, counters fill."""
    bench.print()
    bench.sign()
    stamp = stamps.ordinary_stamp(bench.form.content.unit, bench.rng)
    bench.stamp(replace(stamp, bold=4), replace(stamps.ordinary_press(bench.rng), ink=1.0, worn=0.0, lean=0.0))


@kind("hard", tuned=True)
def smudged_seal(bench: Bench) -> None:
    """A sleeve drew the wet ink a few mm to one side, pale."""
    rng = bench.rng
    bench.print()
    bench.sign()
    stamp, how = stamps.ordinary_stamp(bench.form.content.unit, rng), stamps.ordinary_press(rng)
    mask = stamps.inked(stamps.cut(stamp), how, rng)
    drawn = cv2.blur(mask, (px(rng.uniform(2, 4)), 1)) * 0.25
    area = bench.areas("seal")[0]
    x, y = bench.on(area.x + area.width / 2, area.y + area.height / 2)
    bench.papers[0].ink(
        np.maximum(mask, drawn), how.colour, x - mask.shape[1] / SCALE / 2, y - mask.shape[0] / SCALE / 2
    )


@kind("hard", tuned=True)
def sheet_below(bench: Bench) -> None:
    """The next sheet of the pile looks out at the lower or right edge, with its border in shadow."""
    rng = bench.rng
    bench.prepare()
    paper: Paper = bench.papers[0]
    wide = float(rng.uniform(1.5, 3))
    line = np.ones((HEIGHT, px(0.3)), np.float32) * 0.6
    if rng.random() < 0.5:
        paper.ink(soft(line, 0.2), (110, 110, 112), WIDTH_MM - wide, 0)
    else:
        paper.ink(soft(np.ascontiguousarray(line.T[:, :WIDTH]), 0.2), (110, 110, 112), 0, HEIGHT_MM - wide)


@kind("hard", tuned=True)
def rubbed_with_a_thumb(bench: Bench) -> None:
    """A gray smear of graphite or grease over a row, everything under it readable."""
    rng = bench.rng
    bench.prepare()
    smear = np.clip(0.5 + 0.4 * cloud(rng, (px(14), px(46)), px(4)), 0, 1) * 0.09
    edge = cv2.GaussianBlur(
        np.pad(np.ones((px(8), px(38)), np.float32), (px(3), px(4)))[: px(14), : px(46)], (0, 0), 14
    )
    smear = smear[: edge.shape[0], : edge.shape[1]] * edge[: smear.shape[0], : smear.shape[1]]
    bench.papers[0].ink(
        smear.astype(np.float32), (70, 66, 64), float(rng.uniform(30, 120)), float(rng.uniform(70, 180))
    )


@kind("limit", tuned=True)
def two_pages_on_one_glass(bench: Bench) -> None:
    """Two pages side by side on a glass of A3: somebody should scan them one by one, nobody left anything out."""
    bench.choose("county_termination", "city_termination", pages=2)
    bench.prepare()
    first, second, *others = bench.scan(replace(scanners.flatbed(bench.rng), dpi=200))
    bench.shots = [replace(first, pixels=np.hstack([first.pixels, second.pixels])), *others]
