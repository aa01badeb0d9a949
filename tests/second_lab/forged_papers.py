"""Forgeries on the printed sheet: one stroke of a pen, correction fluid, glued strips, dots, words struck out."""

from dataclasses import replace

import cv2
import numpy as np

from services.documents.forms.sheet import Cell
from tests.second_lab import pens, stamps, wear
from tests.second_lab.bench import Bench, kind
from tests.second_lab.forged_prints import LISTS, numbers, one_number
from tests.second_lab.papers import SCALE, Colour, Paper, cloud, field, px, soft
from tests.second_lab.stationery import Box, box_of, glyph_box
from tests.second_lab.typewriter import type_text

# What one or two strokes make of a printed digit, in the digit's own box.
STROKES: dict[str, list[tuple[str, list[pens.Points]]]] = {
    "0": [("8", [[(0.18, 0.48), (0.82, 0.48)]])],
    "1": [("4", [[(0.5, 0.02), (0.05, 0.66), (0.95, 0.66)]]), ("7", [[(0.02, 0.05), (0.6, 0.05)]])],
    "3": [("8", [[(0.3, 0.08), (0.2, 0.25), (0.35, 0.44)], [(0.35, 0.5), (0.14, 0.7), (0.3, 0.92)]])],
    "5": [("6", [[(0.2, 0.45), (0.14, 0.7), (0.25, 0.92)]])],
    "6": [("8", [[(0.72, 0.06), (0.85, 0.25), (0.68, 0.46)]])],
    "7": [("2", [[(0.35, 0.95), (0.95, 0.95)]])],
    "9": [("8", [[(0.25, 0.5), (0.14, 0.72), (0.3, 0.94)]])],
}
STRONG: tuple[Colour, ...] = ((24, 24, 26), (30, 52, 160), (200, 36, 40))
PALE: tuple[Colour, ...] = ((246, 226, 70), (176, 232, 70), (150, 196, 240), (176, 176, 178), (250, 190, 120))
ODD: tuple[Colour, ...] = ((214, 40, 150), (120, 60, 180), (240, 130, 30), (20, 150, 90))


def spot(bench: Bench, box: Box) -> Box:
    """The same box on the sheet, after the printer."""
    (x, y), scale = bench.on(box[0], box[1]), bench.printer.scale
    return x, y, box[2] * scale, box[3] * scale


def _start(bench: Bench, least: int = 2) -> tuple[Paper, int, Cell]:
    """A signed and sealed form, and one of its numbers."""
    page, cell = one_number(bench, least)
    bench.prepare()
    return bench.papers[page - 1], page, cell


@kind("forged")
def one_stroke(bench: Bench) -> None:
    """A black pen makes another digit of a printed one."""
    while not (found := [(p, c, i) for p, c in numbers(bench) for i, d in enumerate(c.text) if d in STROKES]):
        bench.choose(*LISTS)
    page, cell, at = found[int(bench.rng.integers(0, len(found)))]
    options = STROKES[cell.text[at]]
    digit, lines = options[int(bench.rng.integers(0, len(options)))]
    bench.prepare()
    x, y, w, h = spot(bench, glyph_box(cell, at))
    pen = replace(pens.BLACK_GEL, width=float(bench.rng.uniform(0.26, 0.38)))
    pens.draw(
        bench.papers[page - 1], [np.array([(x + u * w, y + v * h) for u, v in line]) for line in lines], pen, bench.rng
    )
    bench.note = f"{cell.name}: {cell.text} digit {at}, {cell.text[at]} becomes {digit}"
    bench.lies(page, glyph_box(cell, at))


@kind("forged")
def pasted_digit(bench: Bench) -> None:
    """A digit of the same page, cut out and laid over another."""
    paper, page, cell = _start(bench)
    at = int(bench.rng.integers(0, len(cell.text)))
    others = [
        (c, i)
        for p, c in numbers(bench)
        if p == page
        for i, d in enumerate(c.text)
        if d != cell.text[at] and c.size == cell.size
    ]
    source, which = others[int(bench.rng.integers(0, len(others)))]
    x, y, w, h = spot(bench, glyph_box(source, which))
    piece = paper.piece(x, y - 0.2, w, h + 0.4).copy()
    a, b, _, _ = spot(bench, glyph_box(cell, at))
    target = paper.piece(a, b - 0.2, w, h + 0.4)
    rows, columns = min(len(piece), len(target)), min(piece.shape[1], target.shape[1])
    target[:rows, :columns] = piece[:rows, :columns]
    bench.note = f"{cell.name}: {cell.text} digit {at} becomes {source.text[which]}"
    bench.lies(page, glyph_box(cell, at))


@kind("forged")
def strips_exchanged(bench: Bench) -> None:
    """Two numbers of a column are cut out and glued in each other's place, with hair-thin edges."""
    bench.choose(*LISTS)
    page = numbers(bench, 11)[-1][0]
    column = [c for p, c in numbers(bench, 11) if p == page]
    name = column[0].name.split()[-1]
    a, b = (c for c in [c for c in column if c.name.endswith(name)][:40:3][:2])
    bench.prepare()
    paper, views = bench.papers[page - 1], []
    for cell in (a, b):
        x, y, w, h = spot(bench, box_of(cell))
        views.append(paper.piece(x - 0.3, y + 0.1, w + 0.6, h - 0.1))
    rows, columns = min(len(v) for v in views), min(v.shape[1] for v in views)
    first, second = (view[:rows, :columns].copy() for view in views)
    views[0][:rows, :columns], views[1][:rows, :columns] = second, first
    bench.note = f"{a.name} and {b.name}"
    bench.lies(page, box_of(a), box_of(b))


def _fluid(bench: Bench, paper: Paper, box: Box) -> None:
    """Correction fluid: a white patch with wavy edges, a little brighter than the paper."""
    x, y, w, h = box
    mask = field(w + 4, h + 4)
    mask[px(2) : px(2 + h), px(2) : px(2 + w)] = 1.0
    mask = (soft(mask, 0.25) + 0.12 * cloud(bench.rng, mask.shape, px(0.8)) > 0.5).astype(np.float32)
    tone = min(255, bench.printer.tone[0] + 3)
    paper.cover(soft(mask, 0.05), (tone, tone, tone - 2), x - 2, y - 2)


@kind("forged")
def row_painted_out(bench: Bench) -> None:
    bench.choose(*LISTS)
    page, last = numbers(bench, 11)[-1]
    row = last.name.rsplit(" ", 1)[0]
    bench.prepare()
    for cell in bench.form.layout.sheets[page - 1].cells:
        if cell.name.startswith(row + " "):
            _fluid(bench, bench.papers[page - 1], spot(bench, box_of(cell)))
            bench.lies(page, box_of(cell))
    bench.note = row


@kind("forged")
def first_digit_painted_out(bench: Bench) -> None:
    paper, page, cell = _start(bench)
    x, y, w, h = glyph_box(cell, 0)
    _fluid(bench, paper, spot(bench, (x, y - 0.2, w - 0.1, h + 0.4)))
    bench.note = f"{cell.name}: {cell.text}"
    bench.lies(page, (x, y, w, h))


@kind("forged")
def digit_repainted(bench: Bench) -> None:
    """A digit painted out and another typed over the dry fluid in a near face."""
    paper, page, cell = _start(bench)
    at = int(bench.rng.integers(0, len(cell.text)))
    box = glyph_box(cell, at)
    _fluid(bench, paper, spot(bench, (box[0], box[1] - 0.2, box[2], box[3] + 0.4)))
    x, y = bench.on(box[0], cell.y)
    other = str((int(cell.text[at]) + int(bench.rng.integers(1, 10))) % 10)
    type_text(paper, other, x, y, cell.size * bench.printer.scale * 0.93, (34, 34, 36), near=True)
    bench.note = f"{cell.name}: {cell.text} digit {at} becomes {other}"
    bench.lies(page, box)


@kind("forged")
def row_in_a_near_face(bench: Bench) -> None:
    """A row typed into free space under the table in a face that looks much the same."""
    bench.choose(*LISTS)
    page, last = numbers(bench, 11)[-1]
    bench.prepare()
    x, y = bench.on(last.x, last.y + float(bench.rng.uniform(5, 9)))
    text = "".join(str(d) for d in bench.rng.integers(0, 10, len(last.text)))
    wide = type_text(bench.papers[page - 1], text, x, y, 8.9, bench.printer.ink, near=True)
    bench.note = f"{text} under {last.name}"
    bench.lies(page, (last.x, last.y + 1, wide, 9))


@kind("forged")
def digit_put_behind(bench: Bench) -> None:
    """A tenfold quantity: one more digit in a near face behind the last."""
    page, cell = one_number(bench, 1)
    short = [(p, c) for p, c in numbers(bench, 1) if len(c.text) < 6] or [(page, cell)]
    page, cell = short[int(bench.rng.integers(0, len(short)))]
    bench.prepare()
    end = box_of(cell)[0] + box_of(cell)[2]
    x, y = bench.on(end + 0.05, cell.y)
    type_text(
        bench.papers[page - 1],
        "0",
        x,
        y,
        cell.size * bench.printer.scale,
        bench.printer.ink,
        near=bool(bench.rng.random() < 0.5),
    )
    bench.note = f"{cell.name}: {cell.text}0"
    bench.lies(page, (end - 1, cell.y - 3, 3.5, 3.5))


@kind("forged")
def decimal_point(bench: Bench) -> None:
    """A dot of 0.45 to 0.6 mm between two digits of a quantity."""
    paper, page, cell = _start(bench, 3)
    at = int(bench.rng.integers(1, len(cell.text)))
    box = glyph_box(cell, at)
    x, y = bench.on(box[0], cell.y - 0.25)
    dot, size = field(2, 2), float(bench.rng.uniform(0.45, 0.6))
    cv2.circle(dot, (px(1), px(1)), 1, 1.0, -1)
    cv2.circle(
        dot, (round(1 * SCALE * 16), round(1 * SCALE * 16)), round(size / 2 * SCALE * 16), 1.0, -1, cv2.LINE_AA, 4
    )
    paper.ink(soft(dot, 0.02), STRONG[int(bench.rng.integers(0, 2))], x - 1, y - 1)
    bench.note = f"{cell.name}: {cell.text[:at]}.{cell.text[at:]} ({size:.2f} mm)"
    bench.lies(page, (box[0] - 1, cell.y - 2, 2, 2.5))


def _struck(bench: Bench, colours: tuple[Colour, ...], pen: pens.Pen) -> None:
    """A number struck out and another written behind or above it, in one of these colours."""
    paper, page, cell = _start(bench)
    colour = colours[int(bench.rng.integers(0, len(colours)))]
    used = pen.of(colour)
    x, y, w, h = spot(bench, box_of(cell))
    line = [(x - 0.5, y + h * 0.55), (x + w / 2, y + h * 0.48), (x + w + 0.5, y + h * 0.56)]
    pens.draw(paper, [np.array(line)], used, bench.rng)
    written = pens.write(paper, str(bench.rng.integers(10, 999)), x + w + 1.0, y - 0.3, 3.4, used, bench.rng)
    bench.note = f"{cell.name}: {cell.text} struck out, colour {colour}"
    bench.lies(page, box_of(cell), (*on_the_form(bench, written[0], written[1]), written[2], written[3]))


def on_the_form(bench: Bench, x: float, y: float) -> tuple[float, float]:
    """From the sheet back to the form's own mm."""
    (ox, oy), scale = bench.on(0, 0), bench.printer.scale
    return (x - ox) / scale, (y - oy) / scale


@kind("forged")
def struck_out(bench: Bench) -> None:
    _struck(bench, STRONG, pens.BLUE_BALL)


@kind("forged")
def struck_out_pale(bench: Bench) -> None:
    """Yellow, lime, pale blue, light gray, pale orange: a felt pen as people see it well enough."""
    _struck(bench, PALE, replace(pens.BLACK_GEL, width=0.8))


@kind("forged")
def struck_out_odd(bench: Bench) -> None:
    """Magenta, violet, orange, green."""
    _struck(bench, ODD, replace(pens.BLACK_GEL, width=0.5))


@kind("forged")
def struck_out_in_pencil(bench: Bench) -> None:
    _struck(bench, ((110, 110, 114), (140, 140, 142)), pens.PENCIL)


@kind("forged")
def bleached_and_overwritten(bench: Bench) -> None:
    """A number washed out to a trace, another written over it in colour."""
    paper, page, cell = _start(bench)
    x, y, w, h = spot(bench, box_of(cell))
    mask = field(w + 2, h + 2)
    mask[px(0.8) : px(1.2 + h), px(0.8) : px(1.2 + w)] = 0.88
    paper.cover(soft(mask, 0.2), bench.printer.tone, x - 1, y - 1)
    colour = (ODD + STRONG)[int(bench.rng.integers(0, 7))]
    text = "".join(str(d) for d in bench.rng.integers(0, 10, len(cell.text)))
    pens.write(paper, text, x, y, 2.7, pens.BLACK_GEL.of(colour), bench.rng, slant=0.05)
    bench.note = f"{cell.name}: {cell.text} becomes {text}, colour {colour}"
    bench.lies(page, box_of(cell))


@kind("forged")
def word_erased(bench: Bench) -> None:
    """A word rubbed out; a trace of it stays. A form without words in its lines gives way to another."""
    while not (words := [(p, c) for p, s in enumerate(bench.form.layout.sheets, 1) for c in s.cells
               if "第" in c.name and "页" not in c.name and not c.text.isascii()]):  # fmt: skip
        bench.choose("city_opening", "province_opening", "county_termination")
    page, cell = words[int(bench.rng.integers(0, len(words)))]
    bench.prepare()
    x, y, w, h = spot(bench, box_of(cell))
    mask = field(w + 1, h + 1)
    mask[px(0.4) : px(0.6 + h), px(0.4) : px(0.6 + w)] = float(bench.rng.uniform(0.75, 0.95))
    bench.papers[page - 1].cover(soft(mask, 0.15), bench.printer.tone, x - 0.5, y - 0.5)
    bench.note = f"{cell.name}: {cell.text}"
    bench.lies(page, box_of(cell))


@kind("forged")
def glued_strip(bench: Bench) -> None:
    """A strip of paper with another number over the old one: its edges throw a faint shadow."""
    paper, page, cell = _start(bench, 3)
    x, y, w, h = spot(bench, box_of(cell))
    strip = field(w + 4, h + 3)
    strip[px(1) : -px(1), px(1) : -px(1)] = 1.0
    paper.ink(np.clip(soft(np.roll(strip, (2, 2), (0, 1)), 0.15) - strip, 0, 1) * 0.4, (90, 90, 92), x - 2, y - 1.2)
    tone = tuple(min(255, t + 2) for t in bench.printer.tone)
    paper.cover(strip, tone, x - 2, y - 1.2)  # type: ignore[arg-type]
    text = "".join(str(d) for d in bench.rng.integers(0, 10, len(cell.text)))
    at = bench.on(cell.x, cell.y)
    type_text(paper, text, at[0], at[1], cell.size * bench.printer.scale, bench.printer.ink)
    bench.note = f"{cell.name}: {cell.text} becomes {text}"
    bench.lies(page, (box_of(cell)[0] - 2, box_of(cell)[1] - 1.5, box_of(cell)[2] + 4, box_of(cell)[3] + 3))


@kind("forged")
def thin_line_through(bench: Bench) -> None:
    """A ruler's line through a row, 0.25 to 0.4 mm, in any colour: this card is not meant."""
    paper, page, cell = _start(bench)
    x, y, w, h = spot(bench, box_of(cell))
    colour = (STRONG + ODD)[int(bench.rng.integers(0, 7))]
    ends = np.array([(x - 2, y + h * 0.5), (x + w + 2, y + h * 0.52)])
    pens.draw(paper, [ends], pens.Pen("gel", colour, float(bench.rng.uniform(0.25, 0.4))), bench.rng)
    bench.note = f"{cell.name}, colour {colour}"
    bench.lies(page, (box_of(cell)[0] - 2, box_of(cell)[1], box_of(cell)[2] + 4, box_of(cell)[3]))


@kind("forged")
def crossed_out(bench: Bench) -> None:
    """Two long strokes across the whole table."""
    bench.prepare()
    colour = (STRONG + ODD + PALE)[int(bench.rng.integers(0, 12))]
    pen = pens.Pen("gel", colour, 0.8)
    ends = [np.array([(25.0, 60.0), (190.0, 150.0)]), np.array([(190.0, 60.0), (25.0, 150.0)])]
    pens.draw(bench.papers[-1], ends, pen, bench.rng)
    bench.note = f"last page, colour {colour}"
    bench.lies(len(bench.papers))


@kind("forged")
def red_digit_under_a_seal(bench: Bench) -> None:
    """A second seal on the table hides what a red pen did to a number under it."""
    page, cell = one_number(bench)
    bench.prepare()
    paper = bench.papers[page - 1]
    x, y, w, _ = spot(bench, box_of(cell))
    stamp = stamps.ordinary_stamp(bench.form.content.unit, bench.rng)
    stamps.press(paper, stamp, x + w / 2, y + 9, stamps.ordinary_press(bench.rng), bench.rng)
    pens.write(paper, str(bench.rng.integers(1, 10)), x + w + 0.2, y - 0.2, 3.0, pens.RED_BALL, bench.rng, slant=0.05)
    bench.note = f"{cell.name}: a red digit behind {cell.text}"
    bench.lies(page, (x - 25, y - 15, w + 50, 50))
    bench.says.append("seal_over_content")


@kind("forged")
def no_seal(bench: Bench) -> None:
    bench.print()
    bench.sign()
    bench.says += ["seal_missing", "seal_unclear", "seal_invalid"]


@kind("forged")
def photocopied_seal(bench: Bench) -> None:
    """The seal came with the photocopy: black or gray."""
    bench.print()
    bench.sign()
    tone = int(bench.rng.integers(40, 130))
    bench.stamp(how=replace(stamps.ordinary_press(bench.rng), colour=(tone, tone, tone)))
    bench.says += ["seal_missing", "seal_unclear", "seal_invalid"]
    bench.lies(1, (128, 206, 68, 66))


@kind("forged")
def badge_for_seal(bench: Bench) -> None:
    """A red advertising badge or a toothed wheel where the seal belongs."""
    bench.print()
    bench.sign()
    bench.papers[0].ink(soft(stamps.logo(bench.rng), 0.05) * 0.9, stamps.RED, *bench.on(141, 218))
    bench.says += ["seal_missing", "seal_unclear", "seal_invalid"]
    bench.lies(1, (128, 206, 68, 66))


@kind("forged")
def circle_by_pen(bench: Bench) -> None:
    """A red circle round a cup, a star and some words by pen."""
    bench.print()
    bench.sign()
    x, y = bench.on(162, 239)
    turn = np.linspace(0, 2 * np.pi, 80)
    pen = replace(pens.RED_BALL, width=0.7)
    pens.draw(bench.papers[0], [np.stack([x + 20 * np.cos(turn), y + 20 * np.sin(turn)], 1)], pen, bench.rng)
    star = [np.pi * (0.8 * k - 0.5) for k in range(6)]
    pens.draw(bench.papers[0], [np.array([(x + 6 * np.cos(a), y + 6 * np.sin(a)) for a in star])], pen, bench.rng)
    pens.write(bench.papers[0], "王李林文方", x - 15, y - 15, 5, pen, bench.rng)
    bench.says += ["seal_missing", "seal_unclear", "seal_invalid"]
    bench.lies(1, (128, 206, 68, 66))


@kind("forged")
def pasted_seal_box(bench: Bench) -> None:
    """An image editor's seal with its opaque white square: frame, rule and label under it are gone."""
    bench.print()
    bench.sign()
    area = bench.areas("seal")[0]
    x, y = bench.on(area.x - 4, area.y - 4)
    paper = bench.papers[0]
    paper.cover(np.ones((px(48), px(48)), np.float32), (255, 255, 255), x, y)
    stamp = replace(stamps.ordinary_stamp(bench.form.content.unit, bench.rng), sizes=(42.0, 42.0))
    stamps.press(paper, stamp, x + 24, y + 24, stamps.Press(ink=1.0, worn=0.0, lean=0.0), bench.rng)
    bench.lies(1, (area.x - 5, area.y - 5, 50, 50))
    wear.dust(paper, bench.rng, count=3)
