"""Composition: lets fields, tables and the signature block flow over A4 pages with repeated heads.

Nothing is drawn here; the result is a list of `Sheet`s. Type is never under 8 pt, and what a verdict hangs on (ICCIDs,
serials, quantities) is 9.5 pt: measured as the size at which a 150 dpi scan still tells every digit from every other.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.documents.forms.fonts import width_mm, wrap
from services.documents.forms.sheet import Area, Cell, Rule, Sheet

LEFT, RIGHT = 18.0, 196.0
TOP, BOTTOM = 40.0, 272.0
SIGNATURE_TOP = 206.0
BODY, SMALL, HEADING, TITLE = 9.5, 8.5, 10.5, 16.0
TWO_LINES, HEAD_WIDTH = 12.0, 150.0  # points under which a unit's name is set in two lines; mm between mark and code
LINE_HEIGHT = 4.2
PADDING = 1.3


@dataclass(frozen=True, slots=True)
class Column:
    title: str
    width: float


class Flow:
    """Pages being filled. `y` is the next free height on the last page; page 1 ends above its signature block."""

    def __init__(self, title: str, unit: str, number: str, *, signed: bool) -> None:
        self._title, self._unit, self._number = title, unit, number
        self._signed = signed
        self.sheets: list[Sheet] = []
        self.y = TOP
        self.new_page()
        if signed:
            self._signature_block()

    @property
    def sheet(self) -> Sheet:
        return self.sheets[-1]

    @property
    def bottom(self) -> float:
        return SIGNATURE_TOP - 4 if self._signed and len(self.sheets) == 1 else BOTTOM

    def new_page(self) -> None:
        self.sheets.append(Sheet())
        self.y = TOP
        first = len(self.sheets) == 1
        size = TITLE if first else 11.0
        self._unit_name(TITLE if first else BODY)
        middle = 95.0
        self.text("标题", self._title, middle, 26.5, size, centred=True)
        self.text("申请单编号", f"编号：{self._number}", middle, 34.0, BODY, centred=True)

    def _unit_name(self, size: float) -> None:
        """The unit above the title, as large as it fits between the corner's mark and the code, else in two lines."""
        fits = size * HEAD_WIDTH / width_mm(self._unit, size)
        least = min(size, TWO_LINES)
        if fits >= least:
            self.text("单位名称", self._unit, 95.0, 18.0, min(size, int(fits * 2) / 2), centred=True)
            return
        middle = (len(self._unit) + 1) // 2
        small = min(least, HEAD_WIDTH / max(width_mm(part, 1.0) for part in (self._unit[:middle], self._unit[middle:])))
        for part, y in ((self._unit[:middle], 14.5), (self._unit[middle:], 20.0)):
            self.text("单位名称", part.strip(), 95.0, y, small, centred=True)

    def text(self, name: str, text: str, x: float, y: float, size: float, *, centred: bool = False) -> None:
        start = x - width_mm(text, size) / 2 if centred else x
        self.sheet.cells.append(Cell(name, round(start, 3), round(y, 3), size, text))

    def heading(self, name: str, text: str) -> None:
        """A section's title; keeps two rows of what follows on its page."""
        lines = wrap(text, HEADING, RIGHT - LEFT)
        if self.y + 15 + 5 * len(lines) > self.bottom:
            self.new_page()
        for at, line in enumerate(lines):
            self.text(name, line, LEFT, self.y + 4.5 + at * 5.0, HEADING)
        self.y += 2.0 + 5.0 * len(lines)

    def fields(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Labelled values, two to a row."""
        width = (RIGHT - LEFT) / 2
        for start in range(0, len(pairs), 2):
            row = pairs[start : start + 2]
            lines = [wrap(value, BODY, width - 30 - 2 * PADDING) for _, value in row]
            height = max(len(line) for line in lines) * LINE_HEIGHT + 2 * PADDING
            for at, ((label, _), value) in enumerate(zip(row, lines, strict=True)):
                x = LEFT + at * width
                self.text(f"栏名 {label}", label, x + PADDING, self.y + PADDING + 3.2, BODY)
                self._lines(label, value, x + 30 + PADDING)
                self._vertical(x + 30, height)
                self._vertical(x, height)
            self._vertical(RIGHT, height)
            self._horizontal(self.y)
            self.y += height
            self._horizontal(self.y)
        self.y += 3.0

    def table(self, section: str, columns: Sequence[Column], rows: Iterable[Sequence[str]]) -> None:
        """Rows under a head that every page repeats. Cells are named 「{section}第 n 条 {column}」, n from 1."""
        if self.y + 20 > self.bottom:
            self.new_page()
        self._head(section, columns)
        for number, row in enumerate(rows, start=1):
            wrapped = [wrap(text, BODY, c.width - 2 * PADDING) for text, c in zip(row, columns, strict=True)]
            height = max(len(lines) for lines in wrapped) * LINE_HEIGHT + PADDING
            if self.y + height > self.bottom:
                self.new_page()
                self._head(section, columns)
            x = LEFT
            for lines, column in zip(wrapped, columns, strict=True):
                self._lines(f"{section}第 {number} 条 {column.title}", lines, x + PADDING)
                self._vertical(x, height)
                x += column.width
            self._vertical(x, height)
            self.y += height
            self._horizontal(self.y, x)
        self.y += 3.0

    def _head(self, section: str, columns: Sequence[Column]) -> None:
        height = LINE_HEIGHT + 2 * PADDING
        total = sum(column.width for column in columns)
        self._horizontal(self.y, LEFT + total)
        x = LEFT
        for column in columns:
            self.text(f"{section}表头 {column.title}", column.title, x + PADDING, self.y + PADDING + 3.2, BODY)
            self._vertical(x, height)
            x += column.width
        self._vertical(x, height)
        self.y += height
        self._horizontal(self.y, x)

    def _lines(self, name: str, lines: Sequence[str], x: float) -> None:
        for at, line in enumerate(lines):
            if line:
                self.text(name, line, x, self.y + PADDING + 3.0 + at * LINE_HEIGHT, BODY)

    def _horizontal(self, y: float, right: float = RIGHT) -> None:
        self.sheet.rules.append(Rule(LEFT, round(y, 3), round(right, 3), round(y, 3)))

    def _vertical(self, x: float, height: float) -> None:
        self.sheet.rules.append(Rule(round(x, 3), round(self.y, 3), round(x, 3), round(self.y + height, 3)))

    def _signature_block(self) -> None:
        """Bottom of page 1: who signs, when, and where the seal goes; each area has a faint frame."""
        top, split = SIGNATURE_TOP, 128.0
        rows = (("经办人签字", "经办日期"), ("负责人签字", "签字日期"), ("单位领导签字", "批准日期"))
        height = 22.0
        for at, (who, when) in enumerate(rows):
            y = top + at * height
            self.text(f"栏名 {who}", who, LEFT + PADDING, y + 6, BODY)
            self.sheet.areas.append(Area("signature", who, LEFT + 1, y + 1, 66, height - 2))
            self.text(f"栏名 {when}", when, LEFT + 69, y + 6, BODY)
            self.sheet.areas.append(Area("date", when, LEFT + 68, y + 1, split - LEFT - 69, height - 2))
            self.sheet.rules.append(Rule(LEFT, y, split, y))
        bottom = top + len(rows) * height
        self.text("栏名 单位公章", "（单位公章）", split + 3, top + 6, BODY)
        self.sheet.areas.append(Area("seal", "单位公章", split + 1, top + 1, RIGHT - split - 2, bottom - top - 2))
        self.sheet.rules += [
            Rule(split, top, RIGHT, top),
            Rule(LEFT, bottom, RIGHT, bottom),
            *(Rule(x, top, x, bottom) for x in (LEFT, split, RIGHT)),
        ]
