"""From composed pages to PDF bytes with reportlab. Equal layouts give equal bytes: no clock, no random ids."""

import io
from collections.abc import Iterator

import numpy as np
import zxingcpp
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from services.documents.forms.fonts import FONT_NAME, advance_mm, form_font
from services.documents.forms.sheet import MARK_CENTRES, MARK_SIDE, PAGE_HEIGHT, Cell, Code, Layout, Sheet

FRAME_GRAY, FRAME_WEIGHT = 0.72, 0.15  # round where people write


def draw(layout: Layout, title: str) -> bytes:
    """The pages as PDF: text in an embedded subset of the form's face, rules and codes as vectors."""
    form_font()
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=1, pageCompression=1, lang="zh-CN")
    canvas.setTitle(f"{title} {layout.number}")
    canvas.setAuthor("SimKeep")
    codes: dict[str, tuple[str, str, float]] = {}
    for sheet in layout.sheets:
        _draw_sheet(canvas, sheet, codes)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _draw_sheet(canvas: Canvas, sheet: Sheet, codes: dict[str, tuple[str, str, float]]) -> None:
    for x, y in MARK_CENTRES:
        _draw_mark(canvas, x, y)
    for area in sheet.areas:
        canvas.setStrokeGray(FRAME_GRAY)
        canvas.setLineWidth(FRAME_WEIGHT * mm)
        canvas.rect(area.x * mm, _up(area.y + area.height), area.width * mm, area.height * mm, stroke=1, fill=0)
    canvas.setStrokeGray(0)
    for rule in sheet.rules:
        canvas.setLineWidth(rule.weight * mm)
        canvas.line(rule.x1 * mm, _up(rule.y1), rule.x2 * mm, _up(rule.y2))
    for code in sheet.codes:
        _draw_code(canvas, code)
    for cell in sheet.cells:
        _draw_text(canvas, cell, codes)


def _draw_text(canvas: Canvas, cell: Cell, codes: dict[str, tuple[str, str, float]]) -> None:
    """Every character at its own place: viewers that round widths or even out spacing would move digits by a pixel.

    `codes` remembers each character's subset, code and advance at 1 pt for the whole document.
    """
    text = canvas.beginText(cell.x * mm, _up(cell.y))
    text.setFont(FONT_NAME, cell.size)
    operators, pen, last, subset_in_use = [], 0.0, 0.0, None
    for character in cell.text:
        if character not in codes:
            codes[character] = _encoded(canvas, character)
        subset, data, advance = codes[character]
        if subset != subset_in_use:
            operators.append(f"{subset} {cell.size} Tf")
            subset_in_use = subset
        step = f"{pen - last:.3f}"
        last += float(step)
        operators.append(f"{step} 0 Td <{data}> Tj")
        pen += advance * cell.size
    text._code.append(" ".join(operators))
    canvas.drawText(text)


def _encoded(canvas: Canvas, character: str) -> tuple[str, str, float]:
    font = form_font()
    ((subset, data),) = font.splitString(character, canvas._doc)
    return font.getSubsetInternalName(subset, canvas._doc), data.hex(), advance_mm(character, 1.0) * mm


def _up(y: float) -> float:
    """Points from the bottom, as PDF counts."""
    return float((PAGE_HEIGHT - y) * mm)


def _draw_mark(canvas: Canvas, x: float, y: float) -> None:
    """A square in a square: the verifier's fixed points in the three corners without a code."""
    for side, shade in ((MARK_SIDE, 0), (MARK_SIDE * 0.64, 1), (MARK_SIDE * 0.36, 0)):
        canvas.setFillGray(shade)
        canvas.rect((x - side / 2) * mm, _up(y + side / 2), side * mm, side * mm, stroke=0, fill=1)
    canvas.setFillGray(0)


def code_modules(text: str) -> np.ndarray:
    """The QR matrix at error level M. Returns bool, shape (n, n), True = dark, without quiet zone."""
    barcode = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    modules: np.ndarray = np.array(barcode.to_image(scale=1, add_quiet_zones=False)) == 0
    return modules


def code_runs(text: str, side: float) -> Iterator[tuple[float, float, float, float]]:
    """The dark runs of a QR code that is ``side`` wide: left, top (down from its upper edge), width, height."""
    modules = code_modules(text)
    step = side / len(modules)
    for row, line in enumerate(modules):
        edges = np.flatnonzero(np.diff(np.concatenate(([0], line.astype(np.int8), [0]))))
        for start, end in zip(edges[::2], edges[1::2], strict=True):
            yield start * step, row * step, (end - start) * step, step


def _draw_code(canvas: Canvas, code: Code) -> None:
    path = canvas.beginPath()
    for left, top, width, height in code_runs(code.text, code.side):
        path.rect((code.x + left) * mm, _up(code.y + top + height), width * mm, height * mm)
    canvas.drawPath(path, stroke=0, fill=1)
