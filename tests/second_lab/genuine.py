"""Genuine papers: each kind is one thing that happens in offices. A person would accept every one of them."""

from dataclasses import replace

import numpy as np

from tests.second_lab import pens, scanners, stamps, wear
from tests.second_lab.bench import Bench, kind
from tests.second_lab.papers import HEIGHT_MM, Paper
from tests.second_lab.printers import Printer
from tests.second_lab.stationery import form_of
from tests.second_lab.typewriter import type_text


@kind("normal")
def box_label_sheet(bench: Bench) -> None:
    bench.choose("box_labels")
    bench.prepare()


@kind("normal")
def fit_to_page(bench: Bench) -> None:
    """Printed with "fit to page": 97 to 103 %, off the middle."""
    rng = bench.rng
    scale = float(rng.choice([rng.uniform(0.968, 0.98), rng.uniform(1.01, 1.03)]))
    bench.print(
        printer=replace(bench.printer, scale=scale, shift=(float(rng.normal(0, 1.5)), float(rng.normal(0, 1.5))))
    )
    bench.prepare()


@kind("normal")
def inkjet(bench: Bench) -> None:
    rng = bench.rng
    ink = (int(rng.integers(22, 44)), int(rng.integers(24, 44)), int(rng.integers(34, 60)))
    bench.print(
        printer=Printer(ink=ink, feather=float(rng.uniform(0.03, 0.07)), bands=float(rng.uniform(0, 0.1)), specks=2)
    )
    bench.prepare()


@kind("normal")
def glossy_toner(bench: Bench) -> None:
    bench.print(printer=replace(bench.printer, gloss=float(bench.rng.uniform(0.1, 0.25))))
    bench.prepare()


@kind("normal")
def faint_streaks(bench: Bench) -> None:
    bench.print(printer=replace(bench.printer, streaks=int(bench.rng.integers(1, 4)), streak_depth=0.2))
    bench.prepare()


@kind("hard")
def low_toner(bench: Bench) -> None:
    bench.print(printer=replace(bench.printer, weak=float(bench.rng.uniform(0.2, 0.35))))
    bench.prepare()


@kind("limit")
def dark_streaks(bench: Bench) -> None:
    """A scratched drum's lines run through everything on the page."""
    bench.print(printer=replace(bench.printer, streaks=int(bench.rng.integers(1, 4)), streak_depth=0.6))
    bench.prepare()


@kind("normal")
def recycled_paper(bench: Bench) -> None:
    bench.print(printer=replace(bench.printer, tone=(233, 230, 222), specks=90))
    bench.prepare()


@kind("normal")
def wide_signatures(bench: Bench) -> None:
    bench.print()
    bench.sign(wide=True)
    bench.stamp()


@kind("normal")
def over_the_rule(bench: Bench) -> None:
    """A name that begins in its cell and runs over the cell's rule by some millimetres, up, down or into the date."""
    rng = bench.rng
    bench.print()
    for who in bench.areas("signature")[: int(rng.integers(1, 4))]:
        at = bench.on(who.x + rng.uniform(24, 30), who.y + rng.choice([-3.0, who.height - 8.0]))
        pens.write(bench.papers[0], pens.a_name(rng), *at, float(rng.uniform(10, 11)), bench.a_pen(), rng)
    bench.stamp()


@kind("normal")
def date_beside_its_label(bench: Bench) -> None:
    rng = bench.rng
    bench.print()
    for when in bench.areas("date"):
        at = bench.on(when.x + rng.uniform(17, 19), when.y + rng.uniform(1.5, 3))
        pens.write(bench.papers[0], pens.a_date(rng)[2:], *at, 3.2, bench.a_pen(), rng)
    bench.stamp()


@kind("normal")
def agreed_in_red(bench: Bench) -> None:
    """The leader writes 同意, name and date in his cell with a red pen."""
    rng = bench.rng
    bench.print()
    bench.sign(rows=2)
    who = bench.areas("signature")[2]
    pens.write(bench.papers[0], "同意 " + pens.a_name(rng), *bench.on(who.x + 6, who.y + 9), 7.5, pens.RED_BALL, rng)
    bench.stamp()


@kind("normal")
def stapled(bench: Bench) -> None:
    bench.prepare()
    for paper in bench.papers:
        wear.staple(paper, bench.rng)


@kind("normal")
def punched(bench: Bench) -> None:
    bench.prepare()
    for paper in bench.papers:
        wear.punch_holes(paper, bench.rng)


@kind("normal")
def dusty_glass(bench: Bench) -> None:
    """Dust beside the content, grains up to 0.9 mm."""
    bench.prepare()
    for paper in bench.papers:
        boxes = [(c.x, c.y - 4.0, 60.0, 5.0) for c in bench.form.layout.sheets[(paper.page or 1) - 1].cells]
        wear.dust(paper, bench.rng, [(*bench.on(x, y), w, h) for x, y, w, h in boxes], count=30)


@kind("hard")
def dust_anywhere(bench: Bench) -> None:
    bench.prepare()
    for paper in bench.papers:
        wear.dust(paper, bench.rng, count=25)


@kind("normal")
def hair_on_the_glass(bench: Bench) -> None:
    """A hair in the empty lower half or the margin."""
    bench.prepare()
    paper = bench.papers[-1] if len(bench.papers) > 1 else bench.papers[0]
    used = max((cell.y for cell in bench.form.layout.sheets[(paper.page or 1) - 1].cells if cell.y < 200), default=60)
    wear.hair(paper, bench.rng, float(bench.rng.uniform(50, 160)), float(min(190, used + 22)))


@kind("normal")
def bound_volume(bench: Bench) -> None:
    bench.prepare()
    bench.after_scan.append(wear.binding_shadow)


@kind("normal")
def open_lid(bench: Bench) -> None:
    bench.prepare()
    bench.after_scan.append(wear.black_edges)


@kind("normal")
def thin_paper(bench: Bench) -> None:
    """Both sides printed on thin paper: the back shows through, its own scan follows as a page if there is one."""
    bench.prepare()
    other = form_of("swap_list", int(bench.rng.integers(0, 60)))
    bench_back = Bench("thin_paper_back", bench.number)
    bench_back.form = other
    back = bench_back.print()[0]
    wear.show_through(bench.any_page(), back, float(bench.rng.uniform(0.06, 0.12)))


@kind("normal")
def duplex_blanks(bench: Bench) -> None:
    """Scanned on both sides: every second page is an empty back through which the front shows."""
    bench.prepare()
    sheets = []
    for paper in bench.papers:
        back = Paper.blank(bench.rng, bench.printer.tone)
        wear.show_through(back, paper, float(bench.rng.uniform(0.03, 0.08)))
        sheets += [paper, back]
    bench.papers = sheets


@kind("normal")
def ticked_margin(bench: Bench) -> None:
    """Somebody checked the list and left a tick in the margin."""
    bench.prepare()
    y, left = float(bench.rng.uniform(70, 230)), bool(bench.rng.random() < 0.5)
    x = 6.5 if left else 201.0
    lines = [np.array([(x, y), (x + 1.6, y + 2.4), (x + 5.0, y - 3.0)])]
    pens.draw(bench.any_page(), lines, bench.a_pen(), bench.rng)


@kind("hard")
def folded_in_three(bench: Bench) -> None:
    bench.prepare()
    for paper in bench.papers:
        for y in (HEIGHT_MM / 3, HEIGHT_MM * 2 / 3):
            wear.fold(paper, bench.rng, float(y + bench.rng.normal(0, 1)))


@kind("normal")
def dog_ear(bench: Bench) -> None:
    bench.prepare()
    wear.corner_turned(bench.any_page(), bench.rng)
    wear.thumb(bench.any_page(), bench.rng)


@kind("limit")
def coffee_cup(bench: Bench) -> None:
    """A pale ring over the content, all of it readable: a mark that touches content may be *unclear*, never more."""
    bench.prepare()
    at = float(bench.rng.uniform(60, 150)), float(bench.rng.uniform(80, 230))
    wear.coffee_ring(bench.any_page(), bench.rng, *at, strength=float(bench.rng.uniform(0.25, 0.5)))


@kind("hard")
def thick_fountain(bench: Bench) -> None:
    bench.print()
    bench.sign(replace(pens.FOUNTAIN, width=1.1), rows=3)
    bench.stamp()


@kind("hard")
def everything_at_once(bench: Bench) -> None:
    """Stapled, punched, folded, dusty, from the sheet feeder: an archive's copy."""
    bench.prepare()
    for paper in bench.papers:
        wear.staple(paper, bench.rng)
        wear.punch_holes(paper, bench.rng)
        wear.dust(paper, bench.rng, count=8)
    wear.fold(bench.papers[0], bench.rng, 148.0, 0.12)
    bench.scan(scanners.feeder(bench.rng))


@kind("limit")
def note_on_the_table(bench: Bench) -> None:
    """A clerk's pencilled remark in the empty middle of the sheet: a person should see it before it passes."""
    bench.prepare()
    pens.write(bench.papers[0], "同意", 120, 190, 6, pens.PENCIL, bench.rng)


@kind("normal")
def name_chop(bench: Bench) -> None:
    """The leader's square name seal in his cell instead of a signature."""
    bench.print()
    bench.sign(rows=2)
    who = bench.areas("signature")[2]
    at = bench.on(who.x + float(bench.rng.uniform(28, 50)), who.y + 10)
    stamps.chop(bench.papers[0], pens.a_name(bench.rng)[:2], *at, bench.rng)
    bench.stamp()


@kind("normal")
def dates_by_a_date_stamp(bench: Bench) -> None:
    """Dates pressed with a rubber date stamp in blue or red, a little askew, in the date cells."""
    bench.print()
    bench.sign(rows=1)
    colour = (40, 60, 160) if bench.rng.random() < 0.5 else stamps.RED
    for when in bench.areas("date"):
        at = bench.on(when.x + 4, when.y + 15)
        type_text(
            bench.papers[0], f"2026.{bench.rng.integers(1, 13):02}.{bench.rng.integers(1, 29):02}", *at, 13, colour
        )
    bench.stamp()


@kind("hard")
def red_thumb(bench: Bench) -> None:
    """A red thumb-print on the signature, as on many an agreement."""
    bench.print()
    bench.sign(rows=1)
    who = bench.areas("signature")[0]
    stamps.thumb(bench.papers[0], *bench.on(who.x + float(bench.rng.uniform(34, 52)), who.y + 10), bench.rng)
    bench.stamp()


@kind("limit")
def highlighted_row(bench: Bench) -> None:
    """A yellow highlighter over a row: nothing is hidden, yet it is ink on content."""
    bench.prepare()
    cell = next(c for c in bench.form.layout.sheets[0].cells if "第 1 条" in c.name)
    x, y = bench.on(cell.x, cell.y)
    line = np.array([(x, y - 1), (x + 60, y - 0.6)])
    pens.draw(bench.papers[0], [line], pens.Pen("gel", (255, 244, 120), 3.6), bench.rng)


@kind("limit")
def received_stamp(bench: Bench) -> None:
    """The registry's blue 收文 box in free space: words that nobody issued, and no forgery."""
    bench.prepare()
    x, y = 130.0, 186.0
    frame = [np.array([(x, y), (x + 40, y), (x + 40, y + 15), (x, y + 15), (x, y)])]
    pens.draw(bench.papers[0], frame, pens.Pen("gel", (50, 70, 170), 0.5), bench.rng)
    type_text(bench.papers[0], "收文 2026-06-03", x + 3, y + 9, 10, (50, 70, 170))
