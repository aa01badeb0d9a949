"""Issuing: what stands on the paper, and that it is the same paper every time (DOC-01, DOC-02)."""

import io
import json
import time
from functools import lru_cache
from pathlib import Path

import numpy as np
import pdfplumber
import pikepdf
import pypdfium2 as pdfium
import pytest
from PIL import Image
from pydantic import ValidationError

from services.documents.forms.codes import NotAPageCodeError, parse_page_code
from services.documents.forms.content import MAX_CARDS, CountyTerminationForm, parse_content
from services.documents.forms.drawing import draw
from services.documents.forms.fonts import can_print, width_mm
from services.documents.forms.issuing import NotAnIssuedFormError, issue, read_issued
from services.documents.forms.sheet import Cell, Layout, Sheet
from services.documents.verify.pages import read_codes
from tests.documents_lab.samples import KEY, KINDS, sample_content, sample_form

GOLDEN = Path(__file__).parent / "golden"
GOLDEN_DPI = 60
SIZES = {"city_opening": 12, "province_opening": 2, "swap_list": 8, "box_labels": 5}


def golden_form(kind: str):
    return sample_form(kind, 77, SIZES.get(kind, 51))


@lru_cache(maxsize=len(KINDS))
def text_of(pdf: bytes) -> str:
    with pdfplumber.open(io.BytesIO(pdf)) as document:
        return "\f".join(page.extract_text() for page in document.pages)


def picture_of(pdf: bytes, page: int) -> np.ndarray:
    document = pdfium.PdfDocument(pdf)
    image = document[page].render(scale=GOLDEN_DPI / 72, grayscale=True).to_pil().convert("L")
    document.close()
    return np.asarray(image, np.int16)


@pytest.mark.req("DOC-02")
@pytest.mark.parametrize("kind", KINDS)
def test_the_same_content_gives_the_same_bytes(kind: str) -> None:
    first, second = issue(sample_content(kind, 77, 9), KEY), issue(sample_content(kind, 77, 9), KEY)

    assert first.pdf == second.pdf
    assert first.pdf != issue(sample_content(kind, 78, 9), KEY).pdf


@pytest.mark.req("DOC-01")
@pytest.mark.parametrize("kind", KINDS)
def test_a_form_says_what_it_said_before(kind: str) -> None:
    assert text_of(golden_form(kind).pdf) == (GOLDEN / f"{kind}.txt").read_text()


@pytest.mark.req("DOC-01")
@pytest.mark.parametrize("kind", KINDS)
def test_a_form_looks_as_it_looked_before(kind: str) -> None:
    expected = np.asarray(Image.open(GOLDEN / f"{kind}.png"), np.int16)

    seen = picture_of(golden_form(kind).pdf, 0)

    assert seen.shape == expected.shape
    assert np.abs(seen - expected).mean() < 1.0


@pytest.mark.req("DOC-01")
def test_every_page_repeats_the_table_head_and_counts_itself() -> None:
    pages = text_of(golden_form("county_termination").pdf).split("\f")

    assert len(pages) == 3
    assert all("ICCID" in page and "销卡原因" in page for page in pages[1:])
    assert all(f"第 {at} 页 共 3 页" in page for at, page in enumerate(pages, start=1))


@pytest.mark.req("DOC-01")
@pytest.mark.parametrize("kind", KINDS)
def test_no_type_is_small_and_numbers_are_nine_and_a_half_points(kind: str) -> None:
    cells = [cell for sheet in golden_form(kind).layout.sheets for cell in sheet.cells]

    assert min(cell.size for cell in cells) >= 8
    assert all(cell.size == 9.5 for cell in cells if cell.text.isdigit())


@pytest.mark.req("DOC-01")
def test_the_face_is_embedded_as_a_subset() -> None:
    with pikepdf.open(io.BytesIO(golden_form("county_termination").pdf)) as pdf:
        fonts = [font for page in pdf.pages for font in page.Resources.Font.values()]
        embedded = [font for font in fonts if "/FontDescriptor" in font]

        assert embedded
        assert all("/FontFile2" in font.FontDescriptor and "+" in str(font.BaseFont) for font in embedded)
        assert len(golden_form("county_termination").pdf) < 200_000


@pytest.mark.req("DOC-01")
def test_content_and_layout_travel_inside_the_file() -> None:
    form = golden_form("swap_list")
    with pikepdf.open(io.BytesIO(form.pdf)) as pdf:
        kinds = {str(spec.AFRelationship) for spec in pdf.Root.AF}

    read = read_issued(form.pdf)

    assert kinds == {"/Source"}
    assert read.content == form.content
    assert read.layout == form.layout


@pytest.mark.req("DOC-02")
def test_a_file_without_our_attachments_is_no_issued_form() -> None:
    with pikepdf.open(io.BytesIO(golden_form("swap_list").pdf)) as pdf:
        del pdf.attachments["content.json"]
        out = io.BytesIO()
        pdf.save(out)

    with pytest.raises(NotAnIssuedFormError):
        read_issued(out.getvalue())
    with pytest.raises(NotAnIssuedFormError):
        read_issued(b"%PDF-1.4 nothing")


@pytest.mark.req("DOC-05")
def test_a_page_code_is_signed_and_cannot_be_moved_to_another_page() -> None:
    code = parse_page_code(golden_form("county_termination").layout.sheets[1].page_code.text)
    moved = parse_page_code(code.text().replace(f".{code.page}.{code.pages}.", f".3.{code.pages}."))

    assert code.is_genuine(KEY.public_key())
    assert not moved.is_genuine(KEY.public_key())
    with pytest.raises(NotAPageCodeError):
        parse_page_code("https://example.org")


@pytest.mark.req("DOC-01")
def test_the_code_on_a_rendered_page_is_readable_at_150_dpi() -> None:
    form = golden_form("city_opening")
    document = pdfium.PdfDocument(form.pdf)
    gray = document[0].render(scale=150 / 72, grayscale=True).to_numpy().squeeze()

    assert [code.text for code in read_codes(np.ascontiguousarray(gray))] == [form.layout.sheets[0].page_code.text]


@pytest.mark.req("DOC-01")
def test_two_thousand_cards_are_issued_in_seconds() -> None:
    content = sample_content("county_termination", 3, MAX_CARDS)
    started = time.process_time()

    form = issue(content, KEY)

    assert time.process_time() - started < 10
    assert len(form.layout.sheets) == 51
    assert form.layout.sheets[-1].cells[-4].name == "明细第 2000 条 销卡原因"


def test_a_card_cannot_stand_on_a_form_twice() -> None:
    content = sample_content("county_termination", 3, 51)

    with pytest.raises(ValidationError, match="出现两次"):
        CountyTerminationForm(**{**content.model_dump(), "cards": [content.cards[0], content.cards[0]]})


def test_a_character_the_face_lacks_is_refused_before_printing() -> None:
    raw = sample_content("swap_list", 3, 5).canonical().decode()

    with pytest.raises(ValidationError, match="无法打印"):
        parse_content(raw.replace("城东一级库存组织", "城东🙂组织"))


@pytest.mark.req("DOC-01")
def test_every_character_that_a_form_lets_in_is_printed() -> None:
    """All of them on sheets of 60 by 60, drawn as forms are: each leaves ink in its own square."""
    accepted = [chr(code) for code in range(0x30000) if not 0xD800 <= code < 0xE000 and lets_in(chr(code))]
    step, per_row, per_sheet = 3.2, 60, 60 * 80
    assert len(accepted) > 20_000
    for start in range(0, len(accepted), per_sheet):
        part = accepted[start : start + per_sheet]
        cells = [
            Cell("x", 8 + at % per_row * step, 12 + at // per_row * step, 8.0, character)
            for at, character in enumerate(part)
        ]
        pdf = draw(Layout("XX-0000", 1, "swap_list", "", [Sheet(cells=cells)], []), "x")
        page = pdfium.PdfDocument(pdf)[0].render(scale=150 / 72, grayscale=True).to_numpy().squeeze()
        scale = 150 / 25.4
        empty = [
            cell.text for cell in cells
            if page[round((cell.y - 2.6) * scale) : round((cell.y + 0.6) * scale),
                    round(cell.x * scale) : round((cell.x + 3.0) * scale)].min() > 200
        ]  # fmt: skip
        assert [f"U+{ord(character):04X}" for character in empty] == []


def lets_in(character: str) -> bool:
    return character != " " and can_print(character)


@pytest.mark.req("DOC-01")
@pytest.mark.parametrize("character", ["\0", "\u200b", "\ufeff", "\u00ad", "\u3000", "\u212b", "℃", "Ⅴ", "ǎ", "\u0301"])
def test_a_character_that_would_print_blank_is_refused_by_name(character: str) -> None:
    raw = sample_content("swap_list", 3, 5).model_dump(mode="json")
    raw["organisation"] = f"城东{character}组织"

    with pytest.raises(ValidationError, match=f"U\\+{ord(character):04X}"):
        parse_content(json.dumps(raw))


@pytest.mark.req("DOC-02")
def test_a_form_issued_before_its_character_was_refused_can_still_be_read() -> None:
    raw = sample_content("swap_list", 3, 5).model_dump(mode="json")
    raw["organisation"] = "城东℃组织"

    form = issue(parse_content(json.dumps(raw), issued=True), KEY)

    assert read_issued(form.pdf).content.organisation == "城东℃组织"


@pytest.mark.req("DOC-01")
@pytest.mark.parametrize("length", [2, 20, 27, 34, 60])
@pytest.mark.parametrize("kind", ["province_opening", "county_termination", "box_labels"])
def test_a_units_name_of_any_length_stays_between_the_mark_and_the_code(kind: str, length: int) -> None:
    unit = ("国网示范省电力有限公司东江市青石县供电分公司营销部计量室物资供应配送中心仓储管理班组" * 2)[:length]
    form = issue(sample_content(kind, 77, SIZES.get(kind, 51)).model_copy(update={"unit": unit}), KEY)

    for sheet in form.layout.sheets:
        name = [cell for cell in sheet.cells if cell.name == "单位名称"]
        assert "".join(cell.text for cell in name) == unit
        assert all(cell.size >= 8 for cell in name)
        assert all(cell.x > 19 and cell.x + width_mm(cell.text, cell.size) < 171 for cell in name)
        assert all(cell.x + width_mm(cell.text, cell.size) < 200 for cell in sheet.cells)


@pytest.mark.req("DOC-01")
def test_a_value_too_long_for_a_label_is_refused_and_a_long_one_is_set_in_two_lines() -> None:
    content = sample_content("box_labels", 77, 3)
    raw = content.model_dump(mode="json")
    raw["boxes"][0]["carrier"] = "中国移动通信集团示范省有限公司"
    form = issue(parse_content(json.dumps(raw)), KEY)
    lines = [cell for cell in form.layout.sheets[0].cells if cell.name == "第 1 个标签 运营商"]
    raw["boxes"][0]["carrier"] = "中" * 40

    assert len(lines) == 2
    with pytest.raises(ValidationError, match="标签上印不下"):
        parse_content(json.dumps(raw))


@pytest.mark.req("ACT-05")
def test_the_form_shows_where_people_may_write() -> None:
    form = golden_form("city_opening")
    area = next(area for area in form.layout.sheets[0].areas if area.use == "signature")
    page = pdfium.PdfDocument(form.pdf)[0].render(scale=300 / 72, grayscale=True).to_numpy().squeeze()

    left = page[
        round((area.y + 3) * 300 / 25.4), round((area.x - 0.5) * 300 / 25.4) : round((area.x + 0.5) * 300 / 25.4)
    ]

    assert area.width >= 60
    assert 100 < left.min() < 235
