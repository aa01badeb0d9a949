"""The forger: every way of the issue to hand in something else than what was issued, deterministic from a seed.

Forged characters are printed in the form's own face and size, so that nothing but the content differs. Each forgery
says what a right finding must name: the form page (from 1; None for the whole form) and, where there is one, its box.
"""

import copy
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from services.documents.forms.drawing import draw
from services.documents.forms.fonts import width_mm
from services.documents.forms.issuing import IssuedForm
from services.documents.forms.sheet import Cell, Layout
from tests.documents_lab import paper
from tests.documents_lab.genuine import Return, Sealing, any_sealing, press, sign
from tests.documents_lab.paper import BLACK, BLUE, RED

Box = tuple[float, float, float, float]
ALIKE = {"0": "86", "1": "7", "2": "7", "3": "8", "4": "1", "5": "6", "6": "8", "7": "1", "8": "3", "9": "0"}


@dataclass(slots=True)
class Forgery:
    """The forged sheets and the truth about them. `kinds`: finding kinds that count as naming it."""

    name: str
    sheets: list[np.ndarray]
    page: int | None
    box: Box | None = None


def _sheets(form: IssuedForm, layout: Layout, rng: random.Random, *, sealed: bool = True) -> list[np.ndarray]:
    """Print a (changed) layout; sign and seal it like an honest return."""
    pdf = form.pdf if layout is form.layout else draw(layout, "x")
    sheets = []
    for page, sheet in enumerate(layout.sheets):
        printed = paper.toner(rng, paper.rendered(pdf, page), rng.choice((0, 0.3)))
        sign(rng, printed, sheet.areas)
        if page == 0 and layout.seals and sealed:
            press(rng, printed, form, any_sealing(rng))
        sheets.append(printed)
    return sheets


def _cell_box(cell: Cell) -> Box:
    em = cell.size * 25.4 / 72
    return (cell.x, cell.y - em, width_mm(cell.text, cell.size), em * 1.2)


def _choose(form: IssuedForm, rng: random.Random, wanted: Callable[[Cell], bool]) -> tuple[int, int] | None:
    places = [
        (page, at)
        for page, sheet in enumerate(form.layout.sheets)
        for at, cell in enumerate(sheet.cells)
        if wanted(cell) and "栏名" not in cell.name and "表头" not in cell.name
    ]
    return rng.choice(places) if places else None


def _retyped(name: str, wanted: Callable[[Cell], bool], change: Callable[[random.Random, str], str]):
    """A forgery that retypes one cell: `change` answers its new text."""

    def forge(form: IssuedForm, rng: random.Random) -> Forgery | None:
        place = _choose(form, rng, wanted)
        if place is None:
            return None
        layout = copy.deepcopy(form.layout)
        cell = layout.sheets[place[0]].cells[place[1]]
        text = change(rng, cell.text)
        if text == cell.text:
            return None
        layout.sheets[place[0]].cells[place[1]] = replace(cell, text=text)
        return Forgery(name, _sheets(form, layout, rng), place[0] + 1, _cell_box(cell))

    return forge


def _digit(rng: random.Random, text: str) -> str:
    at = rng.choice([i for i, c in enumerate(text) if c.isdigit()])
    new = rng.choice(ALIKE[text[at]]) if rng.random() < 0.5 else rng.choice("0123456789".replace(text[at], ""))
    return text[:at] + new + text[at + 1 :]


def _swap_digits(rng: random.Random, text: str) -> str:
    pairs = [i for i in range(len(text) - 1) if text[i : i + 2].isdigit() and text[i] != text[i + 1]]
    if not pairs:
        return text
    at = rng.choice(pairs)
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def _insert(rng: random.Random, text: str) -> str:
    at = rng.randrange(len(text) + 1)
    return text[:at] + rng.choice("0123456789") + text[at:]


def _delete(rng: random.Random, text: str) -> str:
    at = rng.randrange(len(text))
    return text[:at] + text[at + 1 :]


def _hanzi(rng: random.Random, text: str) -> str:
    from services.documents.verify.templates import rivals  # the nearest characters of the face  # noqa: PLC0415

    places = [i for i, c in enumerate(text) if ord(c) > 0x2E7F]
    at = rng.choice(places)
    near = rivals(text[at])
    pool = near if rng.random() < 0.5 and near else "王李张刘陈东西南北海江湖石市县区移动联通电信插拔贴片"
    return text[:at] + rng.choice([c for c in pool if c != text[at]]) + text[at + 1 :]


def _two_hanzi(rng: random.Random, text: str) -> str:
    return _hanzi(rng, _hanzi(rng, text))


def _word(rng: random.Random, text: str) -> str:
    return text + rng.choice(("有限", "（新）", "等", "一"))


def _is_quantity(cell: Cell) -> bool:
    return cell.text.isdigit() and len(cell.text) <= 8 and "电话" not in cell.name


def _is_serial(cell: Cell) -> bool:
    return len(cell.text) >= 15 and cell.text.isdigit()


def _is_date(cell: Cell) -> bool:
    return len(cell.text) in (7, 10) and cell.text.count("-") in (1, 2) and cell.text.replace("-", "").isdigit()


def _is_words(cell: Cell) -> bool:
    return sum(ord(c) > 0x2E7F for c in cell.text) >= 2


def _is_name(cell: Cell) -> bool:
    return _is_words(cell) and any(word in cell.name for word in ("单位", "申请人", "原因", "运营商"))


def pen_digit(form: IssuedForm, rng: random.Random) -> Forgery | None:
    """A digit is altered by pen: a stroke added to make it another."""
    place = _choose(form, rng, lambda cell: _is_quantity(cell) or _is_serial(cell))
    if place is None:
        return None
    sheets = _sheets(form, form.layout, rng)
    cell = form.layout.sheets[place[0]].cells[place[1]]
    at = rng.randrange(len(cell.text))
    x = cell.x + width_mm(cell.text[:at], cell.size)
    w, h = width_mm(cell.text[at], cell.size), cell.size * 0.352 * 0.72
    shapes = {
        "bar": [(x + 0.1, cell.y - h), (x + w - 0.1, cell.y - h)],
        "left": [(x + 0.25, cell.y - h), (x + 0.2, cell.y)],
        "loop": [
            (x + 0.3, cell.y - h * 0.5),
            (x + w - 0.3, cell.y - h),
            (x + w - 0.2, cell.y - h * 0.2),
            (x + 0.3, cell.y),
        ],
        "slash": [(x + w, cell.y - h), (x, cell.y)],
    }
    paper.stroke(sheets[place[0]], rng.choice(list(shapes.values())), rng.uniform(0.25, 0.4), rng.choice((BLACK, BLUE)))
    return Forgery("pen_digit", sheets, place[0] + 1, _cell_box(cell))


def appended_digit(form: IssuedForm, rng: random.Random) -> Forgery | None:
    """A digit written behind a quantity by hand: 12 becomes 120."""
    place = _choose(form, rng, _is_quantity)
    if place is None:
        return None
    sheets = _sheets(form, form.layout, rng)
    cell = form.layout.sheets[place[0]].cells[place[1]]
    x, h = cell.x + width_mm(cell.text, cell.size) + 0.4, cell.size * 0.352 * 0.7
    angle = np.linspace(0, 2 * np.pi, 14)
    points = [(x + 0.8 + 0.7 * np.cos(a), cell.y - h / 2 + h / 2 * np.sin(a)) for a in angle]
    paper.stroke(sheets[place[0]], points, rng.uniform(0.3, 0.45), rng.choice((BLACK, BLUE)))
    return Forgery("appended_digit", sheets, place[0] + 1, (x, cell.y - h, 2, h))


def swapped_cells(form: IssuedForm, rng: random.Random) -> Forgery | None:
    """Two cells of one column of one page exchanged: a cell pasted from elsewhere, perfectly printed."""
    place = _choose(form, rng, lambda cell: _is_serial(cell) or _is_quantity(cell) or _is_name(cell))
    if place is None:
        return None
    layout = copy.deepcopy(form.layout)
    cells = layout.sheets[place[0]].cells
    mine = cells[place[1]]
    column = [i for i, c in enumerate(cells) if abs(c.x - mine.x) < 0.01 and c.size == mine.size]
    others = [i for i in column if cells[i].text != mine.text]
    if not others:
        return None
    other = rng.choice(others)
    cells[place[1]], cells[other] = replace(mine, text=cells[other].text), replace(cells[other], text=mine.text)
    return Forgery("swapped_cells", _sheets(form, layout, rng), place[0] + 1, _cell_box(mine))


def pasted_cell(form: IssuedForm, rng: random.Random) -> Forgery | None:
    """A strip cut from another copy glued over a cell: slightly off, of another density, with its own text."""
    place = _choose(form, rng, lambda cell: _is_serial(cell) or _is_quantity(cell))
    if place is None:
        return None
    sheets = _sheets(form, form.layout, rng)
    cell = form.layout.sheets[place[0]].cells[place[1]]
    layout = copy.deepcopy(form.layout)
    layout.sheets[place[0]].cells[place[1]] = replace(cell, text=_digit(rng, cell.text))
    donor = paper.toner(rng, paper.rendered(draw(layout, "x"), place[0]), 0)
    x, y, w, h = _cell_box(cell)
    x0, y0, x1, y1 = (round(v * paper.MM) for v in (x - 0.3, y + 0.1, x + w + 0.3, y + h - 0.1))
    dx, dy = rng.randrange(-4, 5), rng.randrange(-4, 5)
    part = donor[y0:y1, x0:x1]
    sheets[place[0]][y0 + dy : y1 + dy, x0 + dx : x1 + dx] = part * rng.uniform(0.95, 1.0) + rng.uniform(0, 8)
    return Forgery("pasted_cell", sheets, place[0] + 1, (x, y, w, h))


def erased_cell(form: IssuedForm, rng: random.Random) -> Forgery | None:
    """A cell whited out."""
    place = _choose(form, rng, lambda cell: _is_serial(cell) or _is_quantity(cell) or _is_words(cell))
    layout = copy.deepcopy(form.layout)
    cell = layout.sheets[place[0]].cells.pop(place[1])
    return Forgery("erased_cell", _sheets(form, layout, rng), place[0] + 1, _cell_box(cell))


def covered_row(form: IssuedForm, rng: random.Random) -> Forgery | None:
    """A strip of paper over a whole row of a table."""
    place = _choose(form, rng, lambda cell: "条" in cell.name)
    if place is None:
        return None
    cell = form.layout.sheets[place[0]].cells[place[1]]
    sheets = _sheets(form, form.layout, rng)
    top, bottom = round((cell.y - 4.4) * paper.MM), round((cell.y + 1.1) * paper.MM)
    sheets[place[0]][top:bottom, round(18.3 * paper.MM) : round(195.7 * paper.MM)] = 252
    return Forgery("covered_row", sheets, place[0] + 1, (18.0, cell.y - 4.4, 178.0, 5.5))


def added_row(form: IssuedForm, rng: random.Random) -> Forgery | None:
    """A row printed under a page's last row, in the form's own type."""
    pages = [p for p, s in enumerate(form.layout.sheets) if any("条" in c.name for c in s.cells)]
    ends = {p: max(c.y for c in form.layout.sheets[p].cells if "条" in c.name) for p in pages}
    pages = [p for p in pages if ends[p] < (195 if p == 0 else 262)]
    if not pages:
        return None
    page = rng.choice(pages)
    layout = copy.deepcopy(form.layout)
    cells = layout.sheets[page].cells
    last = max(c.y for c in cells if "条" in c.name)
    row = [c for c in cells if c.y == last and "条" in c.name]
    for cell in row:
        text = _digit(rng, cell.text) if any(ch.isdigit() for ch in cell.text) else cell.text
        cells.append(replace(cell, y=cell.y + 5.5, text=text))
    return Forgery("added_row", _sheets(form, layout, rng), page + 1, (18, last + 0.5, 178, 5.5))


def handwriting(form: IssuedForm, rng: random.Random) -> Forgery:
    """Words written where the form has nothing."""
    sheets = _sheets(form, form.layout, rng)
    page = rng.randrange(len(sheets))
    spots = [
        (x, y) for x in range(20, 170, 10) for y in range(42, 275, 6)
        if not any(a.contains(x, y, 12) for a in form.layout.sheets[page].areas)
    ]  # fmt: skip
    x, y = rng.choice(spots)
    paper.scribble(rng, sheets[page], x, y, rng.uniform(4, 15), rng.uniform(2.5, 5), rng.choice((BLACK, BLUE, RED)))
    return Forgery("handwriting", sheets, page + 1, (x, y, 15, 5))


def label_code(form: IssuedForm, rng: random.Random) -> Forgery | None:
    """Another box's code on a label."""
    places = [(p, i) for p, s in enumerate(form.layout.sheets) for i, c in enumerate(s.codes) if c.use == "label"]
    if not places:
        return None
    page, at = rng.choice(places)
    layout = copy.deepcopy(form.layout)
    code = layout.sheets[page].codes[at]
    layout.sheets[page].codes[at] = replace(code, text=_digit(rng, code.text))
    return Forgery("label_code", _sheets(form, layout, rng), page + 1, (code.x, code.y, code.side, code.side))


def red_digit(form: IssuedForm, rng: random.Random) -> Forgery | None:
    """A digit made into another with a red pen, away from any seal."""
    place = _choose(form, rng, lambda cell: (_is_quantity(cell) or _is_serial(cell)) and cell.y < 195)
    if place is None:
        return None
    sheets = _sheets(form, form.layout, rng)
    cell = form.layout.sheets[place[0]].cells[place[1]]
    x = cell.x + width_mm(cell.text[: rng.randrange(len(cell.text))], cell.size)
    w, h = width_mm("0", cell.size), cell.size * 0.352 * 0.72
    points = [(x + 0.2, cell.y - h), (x + w, cell.y - h), (x + 0.4, cell.y)]
    paper.stroke(sheets[place[0]], points, 0.4, RED)
    return Forgery("red_digit", sheets, place[0] + 1, _cell_box(cell))


def dot(form: IssuedForm, rng: random.Random) -> Forgery | None:
    """A decimal point set into a number by pen."""
    place = _choose(form, rng, lambda cell: _is_quantity(cell) and len(cell.text) > 1)
    if place is None:
        return None
    sheets = _sheets(form, form.layout, rng)
    cell = form.layout.sheets[place[0]].cells[place[1]]
    x = cell.x + width_mm(cell.text[:-1], cell.size)
    paper.stroke(sheets[place[0]], [(x, cell.y + 0.05), (x + 0.1, cell.y + 0.2)], 0.6, BLACK)
    return Forgery("dot", sheets, place[0] + 1, _cell_box(cell))


def other_content(form: IssuedForm, rng: random.Random) -> Forgery | None:
    """Codes and headings of the issued form, but every quantity or serial of one page is another's."""
    layout = copy.deepcopy(form.layout)
    page = rng.randrange(len(layout.sheets))
    cells = layout.sheets[page].cells
    changed = [i for i, c in enumerate(cells) if _is_quantity(c) or _is_serial(c)]
    if not changed:
        return None
    for at in changed:
        cells[at] = replace(cells[at], text=_digit(rng, cells[at].text))
    return Forgery("other_content", _sheets(form, layout, rng), page + 1)


RETYPED: dict[str, tuple[Callable[[Cell], bool], Callable[[random.Random, str], str]]] = {
    "quantity_digit": (_is_quantity, _digit),
    "serial_digit": (_is_serial, _digit),
    "swapped_digits": (lambda c: _is_serial(c) or _is_quantity(c), _swap_digits),
    "inserted_digit": (lambda c: _is_serial(c) or _is_quantity(c), _insert),
    "deleted_digit": (lambda c: _is_serial(c) or (len(c.text) > 1 and _is_quantity(c)), _delete),
    "phone_digit": (lambda c: "电话" in c.name or "手机" in c.name, _digit),
    "date": (_is_date, _digit),
    "one_character": (_is_name, _hanzi),
    "two_characters": (_is_words, _two_hanzi),
    "word_added": (_is_words, _word),
    "page_number": (lambda c: c.name == "页码", _digit),
}
CONTENT: dict[str, Callable[[IssuedForm, random.Random], Forgery | None]] = {
    **{name: _retyped(name, *how) for name, how in RETYPED.items()},
    "pen_digit": pen_digit,
    "appended_digit": appended_digit,
    "swapped_cells": swapped_cells,
    "pasted_cell": pasted_cell,
    "erased_cell": erased_cell,
    "covered_row": covered_row,
    "added_row": added_row,
    "handwriting": handwriting,
    "label_code": label_code,
    "red_digit": red_digit,
    "dot": dot,
    "other_content": other_content,
}


def retyped_all(names: tuple[str, ...], form: IssuedForm, seed: int) -> list[Forgery]:
    """Several RETYPED forgeries on one return, each in a cell of its own; they share their sheets."""
    rng = random.Random(f"{names}/{seed}/{form.layout.number}")
    layout, truths, taken = copy.deepcopy(form.layout), [], set()
    for name in names:
        wanted, change = RETYPED[name]
        text = cell = None
        while cell is None or text == cell.text:
            page, at = _choose(form, rng, lambda cell: wanted(cell) and cell not in taken)  # noqa: B023 - asked at once
            cell = form.layout.sheets[page].cells[at]
            text = change(rng, cell.text)
        taken.add(cell)
        layout.sheets[page].cells[at] = replace(cell, text=text)
        truths.append(Forgery(name, [], page + 1, _cell_box(cell)))
    sheets = _sheets(form, layout, rng)
    return [replace(truth, sheets=sheets) for truth in truths]


@lru_cache(maxsize=1)
def all_forgers() -> dict[str, Callable[[IssuedForm, random.Random], Forgery | None]]:
    """Every forgery by name; each answers None when the form has nothing to forge that way."""
    from tests.documents_lab.forged_pages import PAGES  # noqa: PLC0415
    from tests.documents_lab.forged_seals import SEALS  # noqa: PLC0415

    return {**CONTENT, **PAGES, **SEALS}


def forge(name: str, form: IssuedForm, seed: int) -> Forgery | None:
    return all_forgers()[name](form, random.Random(f"{name}/{seed}/{form.layout.number}"))


__all__ = ["CONTENT", "Forgery", "Return", "Sealing", "all_forgers", "forge"]
