"""The issued form as the verifier sees it: each page's ink at 200 dpi and the list of its glyphs."""

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
import pypdfium2 as pdfium

from services.documents.forms.fonts import advance_mm
from services.documents.forms.issuing import IssuedForm
from services.documents.forms.sheet import MARK_CENTRES, MARK_SIDE, Sheet
from services.documents.verify.grid import GRID_DPI, HEIGHT, PX, WIDTH, above

TEXT_TOLERANCE, RULE_TOLERANCE = 0.26, 0.45


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

    def covered(self, shifts: np.ndarray) -> np.ndarray:
        """Where ink may be: printed ink widened by its tolerance, each word's moved with the word; uint8 0/255.

        `shifts`: float (cells, 2) pixels, what each word is off. The tolerance is no wider for it: paper is fed
        unevenly, a word lies off its place as a whole, and ink beside it is as foreign there as anywhere.
        """
        text = cv2.bitwise_and(above(self.ink, 30), cv2.bitwise_not(self.heavy))
        moves = np.rint(shifts).astype(int)
        moved = np.flatnonzero(moves.any(axis=1))
        boxes = np.rint(self.boxes[moved]).astype(int) + np.array([0, -2, 1, 2])
        words = [text[y0:y1, x0:x1].copy() for x0, y0, x1, y1 in boxes]
        for x0, y0, x1, y1 in boxes:
            text[y0:y1, x0:x1] = 0
        for word, (x0, y0, *_), (dx, dy) in zip(words, boxes, moves[moved], strict=True):
            place = text[y0 + dy : y0 + dy + word.shape[0], x0 + dx : x0 + dx + word.shape[1]]
            np.maximum(place, word[: place.shape[0], : place.shape[1]], out=place)
        return cv2.bitwise_or(_widened(text, TEXT_TOLERANCE), _widened(self.heavy, RULE_TOLERANCE))

    @cached_property
    def writable(self) -> np.ndarray:
        """Where people may write or seal, with 1.5 mm of grace, uint8 0/255."""
        mask = np.zeros(self.ink.shape, np.uint8)
        for area in self.sheet.areas:
            _box(mask, area.x - 1.5, area.y - 1.5, area.width + 3, area.height + 3)
        return mask


def _box(mask: np.ndarray, x: float, y: float, width: float, height: float) -> None:
    cv2.rectangle(
        mask, (round(x * PX), round(y * PX)), (round((x + width) * PX), round((y + height) * PX)), 255, -1
    )


def _widened(mask: np.ndarray, millimetres: float) -> np.ndarray:
    radius = millimetres * PX
    side = 2 * int(np.ceil(radius)) + 1
    ys, xs = np.mgrid[: side, : side] - side // 2
    return cv2.dilate(mask, ((xs**2 + ys**2) <= (radius + 0.3) ** 2).astype(np.uint8))


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
