"""Forgeries of less usual ideas: strokes scratched off, dashes and words that multiply, labels' codes, torn corners."""

from dataclasses import replace

import numpy as np

from tests.second_lab import files, pens, scanners, wear
from tests.second_lab.bench import Bench, kind
from tests.second_lab.forged_papers import ODD, PALE, STRONG, spot
from tests.second_lab.forged_prints import LISTS, PAGE_WORDS, numbers, one_number, swap_texts
from tests.second_lab.papers import Colour, field, px, soft
from tests.second_lab.stationery import box_of, glyph_box, redrawn, with_text

# What is left of a digit when these parts of its box (x, y, width, height, each 0..1) are scratched off.
SCRATCHED = {
    "8": [("3", (0.0, 0.16, 0.36, 0.24)), ("3", (0.0, 0.6, 0.32, 0.26))],
    "6": [("5", (0.0, 0.58, 0.34, 0.24))],
    "9": [("5", (0.66, 0.14, 0.34, 0.28))],
}


@kind("forged")
def stroke_scratched_off(bench: Bench) -> None:
    """A blade takes the left strokes off an 8, so that it reads 3; of a 6 a 5 stays, of a 9 too."""
    while not (found := [(p, c, i) for p, c in numbers(bench) for i, d in enumerate(c.text) if d in SCRATCHED]):
        bench.choose(*LISTS)
    page, cell, at = found[int(bench.rng.integers(0, len(found)))]
    bench.prepare()
    x, y, w, h = spot(bench, glyph_box(cell, at))
    parts = SCRATCHED[cell.text[at]]
    for _, (u, v, wide, high) in parts:
        mask = field(4, 5)
        mask[px(1 + v * h) : px(1 + (v + high) * h), px(1 + u * w) : px(1 + (u + wide) * w)] = 1.0
        bench.papers[page - 1].cover(soft(mask, 0.05) * 0.97, bench.printer.tone, x - 1, y - 1)
    bench.note = f"{cell.name}: {cell.text} digit {at} becomes {parts[0][0]}"
    bench.lies(page, glyph_box(cell, at))


@kind("forged")
def digit_in_a_poor_scan(bench: Bench) -> None:
    """A digit reprinted, little toner, squeezed hard at 150 dpi: what cannot be read must not pass."""
    page, cell = one_number(bench)
    at = int(bench.rng.integers(0, len(cell.text)))
    near = {"0": "8", "1": "7", "2": "7", "3": "8", "4": "9", "5": "6", "6": "8", "7": "1", "8": "6", "9": "8"}
    bench.printer = replace(bench.printer, weak=0.2)
    bench.note = f"{cell.name}: {cell.text} digit {at} becomes {near[cell.text[at]]}"
    swap_texts(bench, {cell: cell.text[:at] + near[cell.text[at]] + cell.text[at + 1 :]}, page)
    bench.scan(replace(scanners.copier(bench.rng, 42, 50), dpi=150))


@kind("forged")
def dash_before_a_quantity(bench: Bench) -> None:
    """A short stroke of a pen before a number makes it negative."""
    page, cell = one_number(bench)
    bench.prepare()
    x, y, _, h = spot(bench, box_of(cell))
    colour: Colour = STRONG[int(bench.rng.integers(0, 2))]
    ends = np.array([(x - 1.25, y + h * 0.55), (x - 0.2, y + h * 0.53)])
    pens.draw(bench.papers[page - 1], [ends], pens.Pen("gel", colour, 0.35), bench.rng)
    bench.note = f"{cell.name}: -{cell.text}"
    bench.lies(page, (box_of(cell)[0] - 2, box_of(cell)[1], 3, box_of(cell)[3]))


@kind("forged")
def ten_thousand_fold(bench: Bench) -> None:
    """万 or 00 printed behind a quantity in the form's own face."""
    page, cell = one_number(bench, 1)
    short = [(p, c) for p, c in numbers(bench, 1) if len(c.text) < 6] or [(page, cell)]
    page, cell = short[int(bench.rng.integers(0, len(short)))]
    more = "万" if bench.rng.random() < 0.5 else "00"
    bench.note = f"{cell.name}: {cell.text}{more}"
    swap_texts(bench, {cell: cell.text + more}, page)


@kind("forged")
def dotted_through(bench: Bench) -> None:
    """A row struck out by dots of a pen, a millimetre and a half apart."""
    page, cell = one_number(bench, 4)
    bench.prepare()
    x, y, w, h = spot(bench, box_of(cell))
    colour = (STRONG + ODD)[int(bench.rng.integers(0, 7))]
    for at in np.arange(x - 1, x + w + 1, 1.5):
        dash = np.array([(at, y + h * 0.5), (at + 0.5, y + h * 0.5)])
        pens.draw(bench.papers[page - 1], [dash], pens.Pen("gel", colour, 0.4), bench.rng)
    bench.note = f"{cell.name}, colour {colour}"
    bench.lies(page, (box_of(cell)[0] - 2, box_of(cell)[1], box_of(cell)[2] + 4, box_of(cell)[3]))


@kind("forged")
def words_at_the_edge(bench: Bench) -> None:
    """同意 and a number at the sheet's very edge, above the head or down the side, in any colour."""
    bench.prepare()
    colour = (STRONG + ODD + PALE)[int(bench.rng.integers(0, 12))]
    x, y = ((60.0, 1.5), (120.0, 292.0), (60.0, 291.5))[int(bench.rng.integers(0, 3))]
    pens.write(bench.papers[-1], f"同意{bench.rng.integers(10, 999)}", x, y, 4.0, pens.BLACK_GEL.of(colour), bench.rng)
    bench.note = f"last page at {x}, {y}, colour {colour}"
    bench.lies(len(bench.papers), (x - 2, y - 3, 30, 10))


@kind("forged")
def pale_number_beside(bench: Bench) -> None:
    """A second number in a pale colour in the free end of the cell, the printed one untouched."""
    page, cell = one_number(bench)
    bench.prepare()
    colour = PALE[int(bench.rng.integers(0, len(PALE)))]
    x, y, w, _ = spot(bench, box_of(cell))
    pen = pens.Pen("gel", colour, float(bench.rng.uniform(0.5, 0.8)))
    pens.write(bench.papers[page - 1], str(bench.rng.integers(10, 99)), x + w + 1.2, y, 3.0, pen, bench.rng)
    bench.note = f"{cell.name}, colour {colour}"
    bench.lies(page, (box_of(cell)[0] + box_of(cell)[2], box_of(cell)[1] - 1, 9, 6))


@kind("forged")
def label_codes_exchanged(bench: Bench) -> None:
    """Two labels of a sheet carry each other's square code: the scanner at the shelf will book the wrong box."""
    form = bench.choose("box_labels")
    sheet = form.layout.sheets[0]
    labels = [code for code in sheet.codes if code.use == "label"]
    a, b = labels[0], labels[1]
    changed = {a: replace(a, text=b.text), b: replace(b, text=a.text)}
    forged = replace(
        form.layout, sheets=[replace(sheet, codes=[changed.get(c, c) for c in sheet.codes]), *form.layout.sheets[1:]]
    )
    bench.note = "labels 1 and 2"
    bench.lies(1, *((code.x, code.y, code.side, code.side) for code in (a, b)))
    bench.print(redrawn(replace(form, layout=forged), lambda _, cell: cell))
    bench.prepare()


@kind("forged")
def code_torn_off(bench: Bench) -> None:
    """The corner with the code is torn off, and a digit is another."""
    page, cell = one_number(bench)
    at = int(bench.rng.integers(0, len(cell.text)))
    other = str((int(cell.text[at]) + 1) % 10)
    swap_texts(bench, {cell: cell.text[:at] + other + cell.text[at + 1 :]}, page)
    torn = field(48, 48)
    rows, columns = np.indices(torn.shape)
    torn[rows < columns - px(6) + (np.sin(columns / 9.0) * 5)] = 1.0
    bench.papers[page - 1].cover(torn, (240, 240, 240), 210 - 48, 0)
    bench.note = f"{cell.name}: {cell.text} digit {at} becomes {other}"
    bench.says += PAGE_WORDS


@kind("forged")
def cut_off_below(bench: Bench) -> None:
    """The scan ends above the last rows of a list: nobody sees what stood there."""
    bench.choose("county_termination", "city_termination", pages=2)
    bench.prepare()
    shots = bench.scan(replace(scanners.flatbed(bench.rng), skew=0.0, shift=(0.0, 0.0)))
    page, last = numbers(bench, 11)[-1]
    rows = round((bench.on(0, last.y)[1] - 9) * shots[page - 1].dpi / 25.4)
    shots[page - 1].pixels = shots[page - 1].pixels[:rows].copy()
    bench.upload = files.as_pdf(shots)
    bench.note = f"page {page} ends above {last.name}"
    bench.says += PAGE_WORDS
    bench.lies(page, (0, last.y - 12, 210, 300))


@kind("forged")
def hidden_by_a_slip(bench: Bench) -> None:
    """A slip of white paper lay over a row on the glass; its edges are hardly seen."""
    bench.choose(*LISTS)
    found = numbers(bench, 11)
    page, cell = found[int(bench.rng.integers(0, len(found)))]
    row = cell.name.rsplit(" ", 1)[0]
    bench.prepare()
    _, y = bench.on(0, cell.y)
    tone = bench.printer.tone
    slip = field(182, 7)
    slip[px(1) : -px(1), px(1) : -px(1)] = 1.0
    bench.papers[page - 1].cover(soft(slip, 0.06), tone, 15, y - 5)
    wear.dust(bench.papers[page - 1], bench.rng, count=3)
    bench.note = row
    cells = [c for c in bench.form.layout.sheets[page - 1].cells if abs(c.y - cell.y) < 2.5]
    bench.lies(page, *(box_of(c) for c in cells), (15, cell.y - 6, 182, 9))


@kind("forged")
def last_page_of_fewer(bench: Bench) -> None:
    """The list's page is left out and the first says 共 1 页 and a smaller total."""
    form = bench.choose("county_termination", "city_termination", pages=2)
    cells = form.layout.sheets[0].cells
    footer = next(c for c in cells if c.name == "页码")
    total = next(c for c in cells if c.name == "销卡数量合计")
    changed = {footer: "第 1 页 共 1 页", total: str(int(total.text) // 2 or 1)}
    bench.lies(1, *(box_of(c) for c in changed))
    bench.print(redrawn(form, lambda _, c: with_text(c, changed[c]) if c in changed else c))
    bench.prepare()
    del bench.papers[1:]
    bench.says += PAGE_WORDS
    bench.lies(2)
