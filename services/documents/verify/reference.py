"""The issued form as the verifier sees it: each page's ink at 200 dpi and the list of its glyphs."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
import pypdfium2 as pdfium

from services.documents.forms.fonts import advance_mm
from services.documents.forms.issuing import IssuedForm
from services.documents.forms.sheet import MARK_CENTRES, MARK_SIDE, Cell, Sheet
from services.documents.verify.grid import GRID_DPI, HEIGHT, PX, WIDTH, runs

RULE_TOLERANCE, BLOCK_GRACE, TOUCH, BESIDE = 0.45, 4.0, 0.5, 0.8
BLUR_REACH = 8  # rows: the widest blur reaches 7


@dataclass(frozen=True, slots=True)
class Glyph:
    """One printed character; (x, y): pen position on the baseline, grid pixels; `cell` indexes the sheet's cells."""

    character: str
    size: float
    x: float
    y: float
    cell: int


@dataclass
class ReferencePage:
    """`ink`: uint8 (2339, 1654), 0 paper to 255 full ink, as rendered from the issued bytes."""

    page: int
    sheet: Sheet
    ink: np.ndarray

    @cached_property
    def glyphs(self) -> list[Glyph]:
        found = []
        for index, cell in enumerate(self.sheet.cells):
            x = cell.x
            for character in cell.text:
                if character != " ":
                    found.append(Glyph(character, cell.size, x * PX, cell.y * PX, index))
                x += advance_mm(character, cell.size)
        return found

    @cached_property
    def boxes(self) -> np.ndarray:
        """Each cell's ink box in grid pixels, float (cells, 4): x0, y0, x1, y1."""
        rows = []
        for cell in self.sheet.cells:
            em = cell.size / 72 * GRID_DPI
            width = sum(advance_mm(character, cell.size) for character in cell.text) * PX
            x, y = cell.x * PX, cell.y * PX
            rows.append((x, y - 0.86 * em, x + width, y + 0.16 * em))
        return np.array(rows, np.float64).reshape(-1, 4)

    @cached_property
    def heavy(self) -> np.ndarray:
        """Where rules, marks and codes are, uint8 0/255: what is not text."""
        mask = np.zeros(self.ink.shape, np.uint8)
        for rule in self.sheet.rules:
            ends = [tuple(round(v * PX) for v in point) for point in ((rule.x1, rule.y1), (rule.x2, rule.y2))]
            cv2.line(mask, ends[0], ends[1], 255, 2)
        return cv2.bitwise_or(mask, self.squares)

    @cached_property
    def squares(self) -> np.ndarray:
        """Where marks and codes are, uint8 0/255."""
        mask = np.zeros(self.ink.shape, np.uint8)
        for x, y in MARK_CENTRES:
            _box(mask, x - MARK_SIDE / 2, y - MARK_SIDE / 2, MARK_SIDE, MARK_SIDE)
        for code in self.sheet.codes:
            _box(mask, code.x, code.y, code.side, code.side)
        return mask

    @cached_property
    def text(self) -> np.ndarray:
        """Printed type alone, uint8 as `ink`."""
        return cv2.bitwise_and(self.ink, cv2.bitwise_not(self.heavy))

    def printed(self, shifts: np.ndarray, sigma: float) -> np.ndarray:
        """The page's type blurred like the scan, uint8, each word where it lies there.

        `shifts`: float (cells, 2) pixels, what each word is off: paper is fed unevenly, a word lies off its place as a
        whole, and ink beside it is as foreign there as anywhere.
        """
        text = self.text.copy()
        moves = np.rint(shifts).astype(int)
        moved = np.flatnonzero(moves.any(axis=1))
        boxes = np.rint(self.boxes[moved]).astype(int).clip(0) + np.array([0, -2, 1, 2])
        words = [text[y0:y1, x0:x1].copy() for x0, y0, x1, y1 in boxes]
        for x0, y0, x1, y1 in boxes:
            text[y0:y1, x0:x1] = 0
        for word, (x0, y0, *_), (dx, dy) in zip(words, boxes, moves[moved], strict=True):
            top, left = max(y0 + dy, 0), max(x0 + dx, 0)
            place = text[top : top + word.shape[0], left : left + word.shape[1]]
            np.maximum(place, word[: place.shape[0], : place.shape[1]], out=place)
        for top, bottom in _bands(text):
            text[top:bottom] = cv2.GaussianBlur(text[top:bottom], (0, 0), max(sigma, 0.4))
        return text

    def allowed(self, printed: np.ndarray) -> np.ndarray:
        """As much ink as an honest scan may show at each point, uint8: what was printed and a pixel of play; rules,
        marks and codes with RULE_TOLERANCE; 255 where people may write."""
        return cv2.max(cv2.dilate(printed, np.ones((3, 3), np.uint8)), self.free)

    @cached_property
    def free(self) -> np.ndarray:
        """Where ink says nothing: round rules, marks and codes, and where people may write; uint8 0/255."""
        side = 2 * round(RULE_TOLERANCE * PX) + 1
        return cv2.bitwise_or(cv2.dilate(self.heavy, np.ones((side, side), np.uint8)), self.writable)

    @cached_property
    def block(self) -> tuple[float, float, float, float] | None:
        """The signature block, mm (x0, y0, x1, y1): the cells for signatures, dates and the seal with their labels, and
        some millimetres all round, but no other line of type. None on a page where nobody signs."""
        areas = self.sheet.areas
        if not areas:
            return None
        labels = [cell for cell in self.sheet.cells if self._is_label(cell)]
        left = min([area.x for area in areas] + [cell.x for cell in labels])
        right = max(area.x + area.width for area in areas)
        top, bottom = min(area.y for area in areas), max(area.y + area.height for area in areas)
        above_it = [cell.y + 1.0 for cell in self.sheet.cells if cell.y < top and not self._is_label(cell)]
        below_it = [cell.y - 4.0 for cell in self.sheet.cells if cell.y > bottom and not self._is_label(cell)]
        return (
            left - BLOCK_GRACE, max([top - BLOCK_GRACE, *above_it]),
            right + BLOCK_GRACE, min([bottom + BLOCK_GRACE, *below_it]),
        )  # fmt: skip

    def _is_label(self, cell: Cell) -> bool:
        names = {f"栏名 {area.name}" for area in self.sheet.areas}
        return cell.name in names

    @cached_property
    def labels(self) -> set[int]:
        """Cells of the signature block that only name what people write there: indices."""
        return {index for index, cell in enumerate(self.sheet.cells) if self._is_label(cell)}

    @cached_property
    def writable(self) -> np.ndarray:
        """Where people may write or seal, uint8 0/255."""
        mask = np.zeros(self.ink.shape, np.uint8)
        if self.block is not None:
            x0, y0, x1, y1 = self.block
            _box(mask, x0, y0, x1 - x0, y1 - y0)
        return mask

    @cached_property
    def touching(self) -> np.ndarray:
        """Lines of type that say something, TOUCH wider all round, uint8 0/255: a mark there touches content."""
        mask = np.zeros(self.ink.shape, np.uint8)
        for index, (x0, y0, x1, y1) in enumerate(self.boxes):
            if index not in self.labels:
                corner, end = (round(x0 - TOUCH * PX), round(y0)), (round(x1 + TOUCH * PX), round(y1))
                cv2.rectangle(mask, corner, end, 255, -1)
        return mask

    @cached_property
    def within(self) -> np.ndarray:
        """Between the tops and the feet of what each line of type says, uint8 0/255, a point's width beside it too."""
        return self._lines(lambda index: index not in self.labels)

    @cached_property
    def numbers(self) -> np.ndarray:
        """The same of lines with a digit in them: a point there changes a number."""
        cells = self.sheet.cells
        return self._lines(lambda index: any(character.isdigit() for character in cells[index].text))

    def _lines(self, wanted: Callable[[int], bool]) -> np.ndarray:
        mask = np.zeros(self.ink.shape, np.uint8)
        for index, (x0, y0, x1, y1) in enumerate(self.boxes):
            if wanted(index):
                high = y1 - y0
                corner = (round(x0 - BESIDE * PX), round(y0 + 0.08 * high))
                cv2.rectangle(mask, corner, (round(x1 + BESIDE * PX), round(y1)), 255, -1)
        return mask

    @cached_property
    def tables(self) -> np.ndarray:
        """The rows of all tables, uint8 0/255: between the outermost upright rules of each."""
        mask = np.zeros(self.ink.shape, np.uint8)
        rows: dict[tuple[float, float], list[float]] = defaultdict(list)
        for rule in self.sheet.rules:
            if rule.x1 == rule.x2:
                rows[min(rule.y1, rule.y2), max(rule.y1, rule.y2)].append(rule.x1)
        for (top, bottom), places in rows.items():
            _box(mask, min(places), top, max(places) - min(places), bottom - top)
        return cv2.bitwise_and(mask, cv2.bitwise_not(self.writable))


def _bands(text: np.ndarray) -> list[tuple[int, int]]:
    """Runs of rows with type and BLUR_REACH rows all round: between them nothing is to blur."""
    inked = text.max(axis=1, keepdims=True)
    return runs(cv2.dilate(inked, np.ones((2 * BLUR_REACH + 1, 1), np.uint8)).ravel() > 0)


def _box(mask: np.ndarray, x: float, y: float, width: float, height: float) -> None:
    cv2.rectangle(mask, (round(x * PX), round(y * PX)), (round((x + width) * PX), round((y + height) * PX)), 255, -1)


class Reference:
    """An issued form's pages, rendered when asked for; only the last one is kept. PDFium is not thread-safe: one thread
    only."""

    def __init__(self, form: IssuedForm) -> None:
        self.form = form
        self._document: pdfium.PdfDocument | None = None
        self._last: ReferencePage | None = None

    def __len__(self) -> int:
        return len(self.form.layout.sheets)

    def page(self, number: int) -> ReferencePage:
        """Page `number`, from 1."""
        if self._last is None or self._last.page != number:
            self._document = self._document or pdfium.PdfDocument(self.form.pdf)
            bitmap = self._document[number - 1].render(scale=GRID_DPI / 72, grayscale=True)
            gray = bitmap.to_numpy().reshape(bitmap.height, -1)[:, : bitmap.width]
            ink = np.zeros((HEIGHT, WIDTH), np.uint8)
            height, width = min(HEIGHT, gray.shape[0]), min(WIDTH, gray.shape[1])
            np.subtract(255, gray[:height, :width], out=ink[:height, :width])
            self._last = ReferencePage(number, self.form.layout.sheets[number - 1], ink)
        return self._last
