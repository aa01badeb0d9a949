"""Sheets of labels: every code is read again from the drawn page, at its place (INV-11)."""

import io

import pypdfium2
import pytest
import zxingcpp

from kernel.contracts.documents.labels import Label
from kernel.model.label_code import label_code
from services.documents.label_job import draw
from services.documents.label_sheets import SHEETS, LabelSheet

pytestmark = pytest.mark.req("INV-11")
DPI = 200


def labels(count: int, **more: str) -> list[Label]:
    return [
        Label(
            title=more.get("title", f"箱 {number} / {count}"),
            lines=["CM-2026-11-001", "中国移动 插拔卡 2026-11", "89860012345678900007", "至 89860012345678901237"],
            code=label_code(417, "box", number),
        )
        for number in range(1, count + 1)
    ]


def found(pdf: bytes) -> list[list[tuple[str, float, float]]]:
    """Per page the codes with their centres in mm from the upper left."""
    pages = []
    for page in pypdfium2.PdfDocument(io.BytesIO(pdf)):
        image = page.render(scale=DPI / 72).to_pil()
        codes = []
        for code in zxingcpp.read_barcodes(image):
            corners = (code.position.top_left, code.position.bottom_right)
            x, y = (sum(getattr(corner, axis) for corner in corners) / 2 * 25.4 / DPI for axis in "xy")
            codes.append((code.text, x, y))
        pages.append(sorted(codes))
    return pages


def holds(sheet: LabelSheet, number: int, x: float, y: float) -> bool:
    left, top = sheet.place(number)
    return left < x < left + sheet.label[0] and top < y < top + sheet.label[1]


@pytest.mark.parametrize("name", SHEETS)
def test_each_label_lies_at_its_place_and_is_read_again(name: str):
    sheet = SHEETS[name]
    start = min(5, sheet.places)
    wanted = labels(sheet.places + 3)

    pages = found(draw(wanted, sheet, start))

    places = [divmod(start - 1 + number, sheet.places) for number in range(len(wanted))]
    assert sum(map(len, pages)) == len(wanted)
    assert len(pages) == places[-1][0] + 1
    for label, (page, place) in zip(wanted, places, strict=True):
        (at,) = [(x, y) for text, x, y in pages[page] if text == label.code]
        assert holds(sheet, place, *at)


@pytest.mark.parametrize("name", SHEETS)
def test_nothing_is_printed_beyond_a_label_however_long_its_texts(name: str):
    sheet = SHEETS[name]
    long = labels(1, title="CM-2026-11-001-非常长的批次号🙂" * 4)

    page = pypdfium2.PdfDocument(io.BytesIO(draw(long, sheet, sheet.places)))[0]
    ink = page.render(scale=DPI / 72, grayscale=True).to_numpy().squeeze() < 128

    left, top = (round(value * DPI / 25.4) for value in sheet.place(sheet.places - 1))
    width, height = (round(value * DPI / 25.4) for value in sheet.label)
    margin = round(2 * DPI / 25.4)  # printers keep off an edge, and cutters are not exact
    inside = ink[top + margin : top + height - margin, left + margin : left + width - margin]
    assert inside.sum() == ink.sum() > 0
