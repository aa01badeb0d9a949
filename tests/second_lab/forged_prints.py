"""Forgeries made before printing: somebody edits the PDF, keeps its codes, prints, signs and seals it like any form."""

from dataclasses import replace

from services.documents.forms.content import TITLES
from services.documents.forms.drawing import draw
from services.documents.forms.sheet import Cell, Code, Sheet
from tests.second_lab import scanners
from tests.second_lab.bench import Bench, kind
from tests.second_lab.stationery import box_of, form_of, glyph_box, redrawn, with_text

LISTS = ("county_termination", "city_termination", "swap_list")
PAGE_WORDS = (
    "page_foreign",
    "page_missing",
    "page_superseded",
    "page_unknown",
    "page_doubled",
    "code_differs",
    "code_unreadable",
)
PAIRS = (
    *("己已", "未末", "土士", "日曰", "大太", "人入", "干千", "王玉", "田由", "天夭", "木本", "门冂"),
    *("白自", "水氷", "县具", "市巿", "号亏", "户尸", "于干", "电甩", "申甲", "工土", "弱溺", "伟伪"),
)
LOOKALIKES = dict(pair for a, b in PAIRS for pair in ((a, b), (b, a)))


def numbers(bench: Bench, least: int = 2) -> list[tuple[int, Cell]]:
    """The form's numeric cells in tables, with their pages."""
    return [
        (page, cell)
        for page, sheet in enumerate(bench.form.layout.sheets, start=1)
        for cell in sheet.cells
        if cell.text.isdigit() and len(cell.text) >= least and "第" in cell.name and "序号" not in cell.name
    ]


def one_number(bench: Bench, least: int = 2) -> tuple[int, Cell]:
    """A cell to forge; another form is taken when this one has none so long."""
    while not (found := numbers(bench, least)):
        bench.choose(*LISTS, "city_opening")
    return found[int(bench.rng.integers(0, len(found)))]


def swap_texts(bench: Bench, changed: dict[Cell, str], page: int | None = None) -> None:
    """Prints the form with these cells' texts replaced, and notes their places."""
    sheets = bench.form.layout.sheets
    for number, sheet in enumerate(sheets, start=1):
        for cell in sheet.cells:
            if cell in changed and (page is None or page == number):
                bench.lies(number, box_of(cell), box_of(with_text(cell, changed[cell])))
    pdf = redrawn(bench.form, lambda at, c: with_text(c, changed[c]) if c in changed and page in (None, at) else c)
    bench.print(pdf)
    bench.prepare()


@kind("forged")
def digit_reprinted(bench: Bench) -> None:
    page, cell = one_number(bench)
    at = int(bench.rng.integers(0, len(cell.text)))
    other = str((int(cell.text[at]) + int(bench.rng.integers(1, 10))) % 10)
    bench.note = f"{cell.name}: {cell.text} digit {at} becomes {other}"
    swap_texts(bench, {cell: cell.text[:at] + other + cell.text[at + 1 :]}, page)


@kind("forged")
def neighbours_exchanged(bench: Bench) -> None:
    """Two unlike digits side by side change places: the sum of the digits stays."""
    while not (
        found := [(p, c, i) for p, c in numbers(bench) for i in range(len(c.text) - 1) if c.text[i] != c.text[i + 1]]
    ):
        bench.choose(*LISTS)
    page, cell, at = found[int(bench.rng.integers(0, len(found)))]
    text = cell.text
    bench.note = f"{cell.name}: {text} digits {at}, {at + 1}"
    swap_texts(bench, {cell: text[:at] + text[at + 1] + text[at] + text[at + 2 :]}, page)


@kind("forged")
def quantity_and_total(bench: Bench) -> None:
    """A quantity, its row's total and the form's total are raised by the same hundred."""
    form = bench.choose("city_opening")
    line = form.content.demands[int(bench.rng.integers(0, len(form.content.demands)))]  # type: ignore[attr-defined]
    row = form.content.demands.index(line) + 1  # type: ignore[attr-defined]
    total = sum(demand.total for demand in form.content.demands)  # type: ignore[attr-defined]
    cells = {cell.name: cell for sheet in form.layout.sheets for cell in sheet.cells}
    changed = {
        cells[f"汇总第 {row} 条 新增卡数量"]: str(line.new + 100),
        cells[f"汇总第 {row} 条 合计"]: str(line.total + 100),
        cells["需求数量合计"]: str(total + 100),
    }
    bench.note = f"row {row}: +100 throughout"
    swap_texts(bench, changed)


@kind("forged")
def rows_exchanged(bench: Bench) -> None:
    """The numbers of two rows change places: each is a number that was issued."""
    bench.choose(*LISTS)
    found = [(page, cell) for page, cell in numbers(bench, 15) if "ICCID" in cell.name or "串码" in cell.name]
    column = found[0][1].name.split()[-1]
    same = [cell for _, cell in found if cell.name.endswith(column)]
    a, b = (same[int(i)] for i in bench.rng.choice(len(same), 2, replace=False))
    bench.note = f"{a.name} and {b.name}"
    swap_texts(bench, {a: b.text, b: a.text})


@kind("forged")
def unit_renamed(bench: Bench) -> None:
    unit = bench.form.content.unit
    at = int(bench.rng.integers(0, len(unit) - 1))
    other = str(bench.rng.choice([w for w in "东南西北上下青白石水山溪" if w not in unit]))
    named = unit[:at] + other + unit[at + 1 :]
    bench.note = f"{unit} becomes {named}"
    swap_texts(
        bench, {c: c.text.replace(unit, named) for s in bench.form.layout.sheets for c in s.cells if unit in c.text}
    )


@kind("forged")
def date_changed(bench: Bench) -> None:
    cell = next(c for c in bench.form.layout.sheets[0].cells if c.name == "日期")
    day = int(cell.text[-1])
    bench.note = cell.text
    swap_texts(bench, {cell: cell.text[:-1] + str((day + int(bench.rng.integers(1, 10))) % 10)})


def _lookalike(bench: Bench) -> None:
    while not (
        found := [
            (page, cell, at)
            for page, sheet in enumerate(bench.form.layout.sheets, start=1)
            for cell in sheet.cells
            for at, letter in enumerate(cell.text)
            if letter in LOOKALIKES and "栏名" not in cell.name
        ]
    ):
        bench.choose(*LISTS, "city_opening")
    page, cell, at = found[int(bench.rng.integers(0, len(found)))]
    other = LOOKALIKES[cell.text[at]]
    bench.note = f"{cell.name}: {cell.text}, {cell.text[at]} becomes {other}"
    swap_texts(bench, {cell: cell.text[:at] + other + cell.text[at + 1 :]}, page)


@kind("forged")
def lookalike(bench: Bench) -> None:
    _lookalike(bench)


@kind("forged")
def lookalike_150(bench: Bench) -> None:
    _lookalike(bench)
    bench.scan(replace(scanners.any_scanner(bench.rng), dpi=150))


@kind("forged")
def last_row_left_out(bench: Bench) -> None:
    """The last row of a list is not printed; its rules are, as if the table had an empty line."""
    bench.choose(*LISTS)
    page, last = numbers(bench, 11)[-1]
    row = last.name.rsplit(" ", 1)[0]
    bench.note = row
    gone = [cell for cell in bench.form.layout.sheets[page - 1].cells if cell.name.startswith(row + " ")]
    bench.lies(page, *(box_of(cell) for cell in gone))
    bench.print(redrawn(bench.form, lambda at, cell: None if at == page and cell in gone else cell))
    bench.prepare()


@kind("forged")
def row_appended(bench: Bench) -> None:
    """One more row below the table in the form's own face and size, without rules."""
    bench.choose(*LISTS)
    page, last = numbers(bench, 11)[-1]
    row = last.name.rsplit(" ", 1)[0]
    new = []
    for cell in bench.form.layout.sheets[page - 1].cells:
        if cell.name.startswith(row + " "):
            text = (
                cell.text[:-3] + str(bench.rng.integers(100, 999))
                if cell.text.isdigit() and len(cell.text) > 5
                else cell.text
            )
            new.append(replace(cell, y=cell.y + 5.5, text=text))
    bench.note = f"under {row}"
    bench.lies(page, *(box_of(cell) for cell in new))
    bench.print(redrawn(bench.form, lambda _, cell: cell, more={page: new}))
    bench.prepare()


@kind("forged")
def word_put_in(bench: Bench) -> None:
    """A word is added in a cell's free end: 贴片卡 becomes 贴片卡两套."""
    cells = [(p, c) for p, s in enumerate(bench.form.layout.sheets, 1) for c in s.cells]
    short = [(p, c) for p, c in cells if "条" in c.name and not c.text.isascii() and len(c.text) < 5]
    page, cell = short[-1] if short else min(cells, key=lambda one: (one[1].text.isascii(), len(one[1].text)))
    more = str(bench.rng.choice(["两套", "各二", "不计", "加急"]))
    bench.note = f"{cell.name}: {cell.text}{more}"
    swap_texts(bench, {cell: cell.text + more}, page)


@kind("forged")
def code_of_this_on_another(bench: Bench) -> None:
    """A form of other content that carries this form's codes, number and check lines."""
    form = bench.choose("city_opening", "swap_list")
    seed = int(bench.rng.integers(60, 90))
    other = form_of(form.layout.kind, seed)
    kept = ("申请单编号", "页码", "校验码", "版次", "单位名称", "单位")
    sheets = []
    for mine, theirs in zip(form.layout.sheets, other.layout.sheets, strict=False):
        cells = [c for c in theirs.cells if c.name not in kept] + [c for c in mine.cells if c.name in kept]
        sheets.append(Sheet(cells, theirs.rules, theirs.areas, mine.codes))
    layout = form.layout
    bench.note = f"content of {other.layout.number}"
    for page in range(1, len(sheets) + 1):
        bench.lies(page)
    bench.says += PAGE_WORDS
    bench.print(draw(replace(layout, sheets=sheets), TITLES[layout.kind]))
    bench.prepare()


@kind("forged")
def code_from_another_form(bench: Bench) -> None:
    """The content is right, the code of one page was copied from another form."""
    form = bench.form
    other = form_of("swap_list", 99)
    page = int(bench.rng.integers(0, len(form.layout.sheets)))
    sheets = list(form.layout.sheets)
    mine = sheets[page]
    stolen = replace(mine.page_code, text=other.layout.sheets[0].page_code.text)
    codes: list[Code] = [stolen if code.use == "page" else code for code in mine.codes]
    sheets[page] = Sheet(mine.cells, mine.rules, mine.areas, codes)
    layout = form.layout
    bench.says += PAGE_WORDS
    bench.lies(page + 1)
    bench.print(draw(replace(layout, sheets=sheets), TITLES[layout.kind]))
    bench.prepare()


@kind("forged")
def reissued_contact(bench: Bench) -> None:
    """The telephone number's last digits are another's; all else is right."""
    cell = next(c for c in bench.form.layout.sheets[0].cells if c.name == "联系电话")
    at = int(bench.rng.integers(3, len(cell.text)))
    glyph_box(cell, at)
    bench.note = cell.text
    swap_texts(bench, {cell: cell.text[:at] + str((int(cell.text[at]) + 5) % 10) + cell.text[at + 1 :]}, 1)
