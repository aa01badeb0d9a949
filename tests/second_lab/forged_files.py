"""Forgeries of the file: pages left out or exchanged, and things that some viewers show over the scan."""

import io
from dataclasses import replace

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf

from tests.second_lab import files, scanners
from tests.second_lab.bench import Bench, kind
from tests.second_lab.forged_prints import LISTS, PAGE_WORDS, one_number
from tests.second_lab.papers import HEIGHT_MM
from tests.second_lab.stationery import Box, box_of, form_of, redrawn, with_text

POINTS = 72 / 25.4


@kind("forged")
def page_left_out(bench: Bench) -> None:
    bench.choose("county_termination", "city_termination", pages=2)
    bench.prepare()
    gone = int(bench.rng.integers(0, len(bench.papers)))
    del bench.papers[gone]
    bench.says += [*PAGE_WORDS, "seal_missing"]
    bench.lies(gone + 1)


@kind("forged")
def page_of_another_form(bench: Bench) -> None:
    """The list's page comes from another termination form."""
    form = bench.choose("county_termination", "city_termination", pages=2)
    other = form_of(form.layout.kind, 91)
    bench.prepare()
    first = bench.papers[0]
    pages = Bench("page_of_another_form_other", bench.number)
    pages.form = other
    pages.print()
    bench.papers = [first, *pages.papers[1:]]
    bench.says += PAGE_WORDS


@kind("forged")
def old_signature_page(bench: Bench) -> None:
    """The signed and sealed first page of revision 1, the list of revision 2: nobody signed that list."""
    form = bench.choose("county_termination", "city_termination", pages=2)
    seed = next(s for s in range(60) if form_of(form.layout.kind, s).layout.number == form.layout.number)
    bench.prepare()
    first = bench.papers[0]
    bench.form = form_of(form.layout.kind, seed, 2)
    bench.print()
    bench.papers = [first, *bench.papers[1:]]
    bench.says += PAGE_WORDS
    bench.lies(1)


@kind("forged")
def first_page_twice(bench: Bench) -> None:
    bench.choose("county_termination", "city_termination", pages=2)
    bench.prepare()
    bench.papers = [bench.papers[0]] * len(bench.papers)
    bench.says += PAGE_WORDS


@kind("forged")
def photocopied_page(bench: Bench) -> None:
    """A page of the list was copied, changed and copied again: other numbers under the right code."""
    form = bench.choose("county_termination", "city_termination", pages=2)
    page, cell = next((p, c) for p, c in [one_number(bench, 19) for _ in range(1)])
    text = cell.text[:-4] + "".join(str(d) for d in bench.rng.integers(0, 10, 4))
    while text == cell.text:
        text = cell.text[:-4] + "".join(str(d) for d in bench.rng.integers(0, 10, 4))
    edited = redrawn(form, lambda at, c: with_text(c, text) if at == page and c == cell else c)
    bench.print(edited, replace(bench.printer, weak=0.25, specks=80, spread=0.06))
    bench.prepare()
    bench.note = f"{cell.name}: {cell.text} becomes {text}"
    bench.lies(page, box_of(cell))


def _straight(bench: Bench) -> tuple[Pdf, int, Box, str, str]:
    """A scan that lies straight; the place of a number on it in points, and the number that covers it."""
    page, cell = one_number(bench)
    bench.prepare()
    scanner = replace(scanners.flatbed(bench.rng), skew=0.0, shift=(0.0, 0.0))
    pdf = Pdf.open(io.BytesIO(files.as_pdf(bench.scan(scanner))))
    x, y, w, h = box_of(cell)
    left, top = bench.on(x, y)
    box = (left * POINTS, (HEIGHT_MM - top - h) * POINTS, w * POINTS, h * POINTS)
    text = "".join(str(d) for d in bench.rng.integers(0, 10, len(cell.text)))
    bench.note = f"{cell.name}: {cell.text} becomes {text}"
    bench.lies(page, box_of(cell))
    bench.says += ["renderings_differ", "not_drawn_twice"]
    return pdf, page - 1, box, text, cell.name


def _over(box: Box, text: str) -> bytes:
    """A white patch and a number in Helvetica of the same size."""
    x, y, w, h = box
    return (
        f"q 0.98 g {x - 0.5:.2f} {y - 0.5:.2f} {w + 1:.2f} {h + 1:.2f} re f 0.1 g "
        f"BT /F0 9.2 Tf {x:.2f} {y + h * 0.2:.2f} Td ({text}) Tj ET Q"
    ).encode()


def _font(pdf: Pdf) -> Dictionary:
    return pdf.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))


def _look(pdf: Pdf, box: Box, text: str) -> pikepdf.Object:
    """A form object that draws the number on a white patch, its own corner at 0, 0."""
    stream = pdf.make_stream(_over((0.5, 0.5, box[2], box[3]), text))
    stream.Type, stream.Subtype = Name.XObject, Name.Form
    stream.BBox = Array([0, 0, round(box[2] + 1, 2), round(box[3] + 1, 2)])
    stream.Resources = Dictionary(Font=Dictionary(F0=_font(pdf)))
    return pdf.make_indirect(stream)


def _saved(bench: Bench, pdf: Pdf) -> None:
    out = io.BytesIO()
    pdf.save(out, deterministic_id=True)
    bench.upload = out.getvalue()


def _rectangle(box: Box) -> Array:
    return Array([round(v, 2) for v in (box[0] - 0.5, box[1] - 0.5, box[0] + box[2] + 0.5, box[1] + box[3] + 0.5)])


@kind("forged")
def vector_overlay(bench: Bench) -> None:
    pdf, at, box, text, _ = _straight(bench)
    page = pdf.pages[at]
    page.Resources.Font = Dictionary(F0=_font(pdf))
    page.contents_add(_over(box, text))
    _saved(bench, pdf)


@kind("forged")
def annotation_over(bench: Bench) -> None:
    pdf, at, box, text, _ = _straight(bench)
    note = Dictionary(Type=Name.Annot, Subtype=Name.FreeText, Rect=_rectangle(box), F=4, Contents=text,
                      DA="/Helv 9 Tf 0 g", AP=Dictionary(N=_look(pdf, box, text)))  # fmt: skip
    pdf.pages[at].Annots = Array([pdf.make_indirect(note)])
    _saved(bench, pdf)


@kind("forged")
def form_field_over(bench: Bench) -> None:
    pdf, at, box, text, name = _straight(bench)
    widget = pdf.make_indirect(
        Dictionary(Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, T=name, V=text, Rect=_rectangle(box), F=4,
                   DA="/Helv 9 Tf 0 g", AP=Dictionary(N=_look(pdf, box, text)))
    )  # fmt: skip
    pdf.pages[at].Annots = Array([widget])
    pdf.Root.AcroForm = Dictionary(Fields=Array([widget]), DR=Dictionary(Font=Dictionary(Helv=_font(pdf))))
    _saved(bench, pdf)


@kind("forged")
def optional_layer(bench: Bench) -> None:
    """A layer with another number: shown by default, or only when printed."""
    pdf, at, box, text, _ = _straight(bench)
    shown = bool(bench.rng.random() < 0.5)
    group = pdf.make_indirect(Dictionary(Type=Name.OCG, Name="note"))
    state = Dictionary(
        ON=Array([group]) if shown else Array(), OFF=Array() if shown else Array([group]), Order=Array([group])
    )
    pdf.Root.OCProperties = Dictionary(OCGs=Array([group]), D=state)
    page = pdf.pages[at]
    page.Resources.Properties = Dictionary(L0=group)
    page.Resources.Font = Dictionary(F0=_font(pdf))
    page.contents_add(b"/OC /L0 BDC " + _over(box, text) + b" EMC")
    bench.note += " (shown)" if shown else " (hidden)"
    _saved(bench, pdf)


@kind("forged")
def patched_window(bench: Bench) -> None:
    """A window of a second scan, with another number in it, is set into the first: same printer, scanner and noise."""
    form = bench.choose(*LISTS)
    page, cell = one_number(bench, 11)
    text = "".join(str((int(d) + 3) % 10) for d in cell.text)
    bench.prepare()
    straight = replace(scanners.flatbed(bench.rng), dpi=200, skew=0.0, shift=(0.0, 0.0))
    shots = bench.scan(straight)
    signed = bench.papers
    bench.print(redrawn(form, lambda at, c: with_text(c, text) if at == page and c == cell else c))
    forged = scanners.scan(bench.papers[page - 1], straight, bench.rng)
    bench.papers = signed
    x, y, w, h = box_of(cell)
    left, top = bench.on(x, y)
    unit = 200 / 25.4
    rows = slice(round((top - 0.4) * unit), round((top + h + 0.4) * unit))
    columns = slice(round((left - 0.4) * unit), round((left + w + 0.4) * unit))
    shots[page - 1].pixels[rows, columns] = forged[rows, columns]
    bench.upload = files.as_strips(shots, 1)
    bench.note = f"{cell.name}: {cell.text} becomes {text}"
    bench.lies(page, box_of(cell))


@kind("forged")
def strip_of_another_page(bench: Bench) -> None:
    """A scan in strips, of which one comes from the same form with other numbers."""
    form = bench.choose(*LISTS)
    page, cell = one_number(bench, 11)
    text = "".join(str((int(d) + 7) % 10) for d in cell.text)
    bench.prepare()
    straight = replace(scanners.flatbed(bench.rng), dpi=200, skew=0.0, shift=(0.0, 0.0))
    shots = bench.scan(straight)
    bench.print(redrawn(form, lambda at, c: with_text(c, text) if at == page and c == cell else c))
    forged = scanners.scan(bench.papers[page - 1], straight, bench.rng)
    middle = round(bench.on(cell.x, cell.y)[1] * 200 / 25.4)
    rows = slice(max(0, middle - 60), middle + 40)
    shots[page - 1].pixels[rows] = forged[rows]
    bench.upload = files.as_strips(shots, 9)
    bench.note = f"{cell.name}: {cell.text} becomes {text}"
    bench.lies(page, box_of(cell))


@kind("forged")
def edited_issued_file(bench: Bench) -> None:
    """No paper at all: the issued PDF with a number edited and a picture of a seal as an image over it."""
    form = bench.form
    page, cell = one_number(bench)
    form = bench.form
    text = "".join(str((int(d) + 1) % 10) for d in cell.text)
    pdf = Pdf.open(io.BytesIO(redrawn(form, lambda at, c: with_text(c, text) if at == page and c == cell else c)))
    bench.note = f"{cell.name}: {cell.text} becomes {text}"
    bench.lies(page, box_of(cell))
    bench.says += ["seal_missing", "renderings_differ", "not_drawn_twice"]
    _saved(bench, pdf)


@kind("forged")
def stamped_number(bench: Bench) -> None:
    """A stamp annotation without "print" lies over a number: on the screen it is there, on paper not."""
    pdf, at, box, text, _ = _straight(bench)
    note = Dictionary(
        Type=Name.Annot, Subtype=Name.Stamp, Rect=_rectangle(box), F=0, AP=Dictionary(N=_look(pdf, box, text))
    )
    pdf.pages[at].Annots = Array([pdf.make_indirect(note)])
    _saved(bench, pdf)
