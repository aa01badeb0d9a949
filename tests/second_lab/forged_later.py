"""Forgeries written later, by somebody who had read the verifier: all passed once, all are for tuning."""

from dataclasses import replace

import numpy as np

from tests.second_lab import pens
from tests.second_lab.bench import Bench, kind
from tests.second_lab.forged_papers import spot
from tests.second_lab.forged_prints import LISTS, numbers, one_number
from tests.second_lab.stationery import box_of, glyph_box
from tests.second_lab.typewriter import type_text

SIX_TO_EIGHT = [[(0.3, 0.1), (0.8, 0.15), (0.8, 0.4), (0.4, 0.5)]]


@kind("forged", tuned=True)
def one_at_the_rule(bench: Bench) -> None:
    """A 1 written in front of a number, where a printed one would stand: close to the table's rule."""
    page, cell = one_number(bench)
    bench.prepare()
    x, y, _, h = spot(bench, glyph_box(cell, 0))
    before = x - float(bench.rng.uniform(0.7, 0.95))
    pen = replace(pens.BLACK_GEL, width=float(bench.rng.uniform(0.26, 0.34)))
    pens.draw(bench.papers[page - 1], [np.array([(before, y), (before, y + h)])], pen, bench.rng)
    left, top, _, high = box_of(cell)
    bench.lies(page, (left - 3, top, 6, high))


@kind("forged", tuned=True)
def tiny_print(bench: Bench) -> None:
    """A line in print of four or five points in the foot's free part: some take it for the printer's own mark."""
    bench.prepare()
    x, y = float(bench.rng.uniform(60, 120)), float(bench.rng.choice([281.5, 291.0]))
    text = str(bench.rng.choice(["本单第3行作废", "+500", "另见附页"]))
    type_text(bench.papers[0], text, x, y, float(bench.rng.uniform(4, 5)), (30, 30, 30))
    bench.lies(1, (x - 3, y - 5, 20, 8))


@kind("forged", tuned=True)
def cross_beside_a_row(bench: Bench) -> None:
    """A cross in the margin: this row is not meant. A tick in its place would be a clerk's who has counted."""
    page, cell = one_number(bench)
    bench.prepare()
    x, y = bench.on(13.5, cell.y - 1.5)
    side = float(bench.rng.uniform(0.9, 1.6))
    lines = [
        np.array([(x - side, y - side), (x + side, y + side)]),
        np.array([(x + side, y - side), (x - side, y + side)]),
    ]
    pens.draw(bench.papers[page - 1], lines, replace(bench.a_pen(), kind="gel", width=0.4), bench.rng)
    bench.lies(page, (10, cell.y - 5, 10, 8))


@kind("forged", tuned=True)
def six_made_eight_in_pencil(bench: Bench) -> None:
    while not (found := [(p, c, i) for p, c in numbers(bench) for i, d in enumerate(c.text) if d == "6"]):
        bench.choose(*LISTS)
    page, cell, at = found[int(bench.rng.integers(0, len(found)))]
    bench.prepare()
    x, y, w, h = spot(bench, glyph_box(cell, at))
    lines = [np.array([(x + u * w, y + v * h) for u, v in line]) for line in SIX_TO_EIGHT]
    pen = pens.PENCIL.of((80, 80, 84))
    pens.draw(bench.papers[page - 1], lines, replace(pen, width=float(bench.rng.uniform(0.32, 0.42))), bench.rng)
    bench.note = f"{cell.name}: {cell.text} digit {at}"
    bench.lies(page, glyph_box(cell, at))
