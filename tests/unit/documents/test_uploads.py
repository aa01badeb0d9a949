"""Files as scanners, copiers, phones and mail programs write them, and what they hide (DOC-03, DOC-04)."""

import io
import random
from collections.abc import Callable
from functools import lru_cache

import cv2
import numpy as np
import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf, Stream
from PIL import Image

from services.documents.forms.fonts import advance_mm
from services.documents.verify.intake import FileRefusedError, pages_of
from services.documents.verify.judging import verify_pages
from services.documents.verify.reference import Reference
from services.documents.verify.verifying import verify_upload
from tests.documents_lab import paper
from tests.documents_lab.compact import Coding, compact_pdf, lying_jbig2, one_bit_pdf
from tests.documents_lab.files import sealed_text_pdf
from tests.documents_lab.genuine import any_sealing, genuine, press
from tests.documents_lab.samples import sample_form
from tests.documents_lab.scanner import Scanner, jpeg, scan

FORM = sample_form("swap_list", 1, 6)


@lru_cache(maxsize=4)
def page(dpi: int = 200) -> np.ndarray:
    return scan(genuine(FORM, 1, wear=False).sheets[0], Scanner(dpi=dpi, seed=2))


def picture_pdf(data: bytes, size: tuple[int, int], box: tuple[float, float] = (595.28, 841.89), **keys: object) -> Pdf:
    pdf = Pdf.new()
    sheet = pdf.add_blank_page(page_size=box)
    image = Stream(pdf, data)
    image.stream_dict = Dictionary(
        Type=Name.XObject, Subtype=Name.Image, Width=size[0], Height=size[1], ColorSpace=Name.DeviceRGB,
        BitsPerComponent=8, Filter=Name.DCTDecode,
    )  # fmt: skip
    for key, value in keys.items():
        image[f"/{key}"] = value
    sheet.Resources = Dictionary(XObject=Dictionary(Im=pdf.make_indirect(image)))
    sheet.Contents = Stream(pdf, b"q %f 0 0 %f 0 0 cm /Im Do Q" % box)
    return pdf


def saved(pdf: Pdf, **options: object) -> bytes:
    out = io.BytesIO()
    pdf.save(out, **options)
    return out.getvalue()


def scan_of(dpi: int = 200, **options: object) -> bytes:
    image = page(dpi)
    return saved(picture_pdf(jpeg(image, 88), (image.shape[1], image.shape[0])), **options)


def image_file(kind: str) -> bytes:
    out = io.BytesIO()
    Image.fromarray(page()).save(out, kind, **({"dpi": (200, 200)} if kind == "TIFF" else {}))
    return out.getvalue()


def two_frames() -> bytes:
    out = io.BytesIO()
    back = Image.new("RGB", (1654, 2339), (250, 250, 248))
    Image.fromarray(page()).save(out, "TIFF", save_all=True, append_images=[back], compression="tiff_lzw")
    return out.getvalue()


def with_user_unit() -> bytes:
    pdf = picture_pdf(jpeg(page(), 88), page().shape[1::-1], (297.64, 420.94))
    pdf.pages[0].UserUnit = 2
    return saved(pdf)


def cmyk() -> bytes:
    out = io.BytesIO()
    Image.fromarray(page()).convert("CMYK").save(out, "JPEG", quality=90)
    return out.getvalue()


def picture_2000(dpi: int) -> bytes:
    out = io.BytesIO()
    Image.fromarray(cv2.resize(page(200), None, fx=dpi / 200, fy=dpi / 200)).save(out, "JPEG2000", quality_layers=[30])
    return out.getvalue()


def cmyk_pdf() -> bytes:
    return saved(picture_pdf(cmyk(), page().shape[1::-1], ColorSpace=Name.DeviceCMYK, Decode=Array([1, 0] * 4)))


GOOD: dict[str, Callable[[], bytes]] = {
    "printer job language": lambda: b"\x1b%-12345X@PJL JOB\r\n" + scan_of() + b"\x1b%-12345X@PJL EOJ\r\n",
    "a mail's head": lambda: b"--b1\r\nContent-Type: application/pdf\r\n\r\n" + scan_of() + b"\r\n--b1--\r\n",
    "an owner's password": lambda: scan_of(encryption=pikepdf.Encryption(owner="o", user="")),
    "page boxes in pixels": lambda: saved(picture_pdf(jpeg(page(300), 85), page(300).shape[1::-1], (2480, 3508))),
    "600 dpi boxes": lambda: saved(picture_pdf(jpeg(page(300), 85), page(300).shape[1::-1], (4960, 7016))),
    "a user unit": with_user_unit,
    "TIFF with a blank back": two_frames,
    "PNG": lambda: image_file("PNG"),
    "WebP": lambda: image_file("WEBP"),
    "CMYK JPEG": cmyk, "CMYK JPEG in a PDF": cmyk_pdf, "AVIF": lambda: image_file("AVIF"),
    "JPEG 2000": lambda: picture_2000(200), "JPEG 2000 of 600 dpi": lambda: picture_2000(600),
    "compact PDF, mask in group 4": lambda: compact_pdf([page(300)], 300, "fax", 0.75),
    "compact PDF, mask in JBIG2": lambda: compact_pdf([page(300)], 300, "jbig2"),
}  # fmt: skip


@pytest.mark.req("DOC-03")
@pytest.mark.parametrize("name", list(GOOD))
def test_what_machines_write_is_read(name: str) -> None:
    verdict = verify_upload(FORM.pdf, GOOD[name]())

    assert verdict.outcome == "passed", verdict.sentences()


@pytest.mark.req("DOC-03")
@pytest.mark.parametrize("coding", ["fax", "jbig2"])
def test_a_scan_in_black_and_white_is_read_and_asks_for_colour(coding: Coding) -> None:
    verdict = verify_upload(FORM.pdf, one_bit_pdf(page(300), 300, coding))

    assert verdict.outcome == "unclear"
    assert [finding.kind for finding in verdict.findings if finding.weight != "note"] == ["no_colour"]


@pytest.mark.req("DOC-03")
@pytest.mark.parametrize("way", ["another digit", "a point"])
def test_what_is_altered_in_a_compact_pdf_is_found_at_its_place(way: str) -> None:
    cell = next(cell for cell in FORM.layout.sheets[0].cells if cell.name == "换机明细第 2 条 退回串码")
    sheet = genuine(FORM, 1, wear=False).sheets[0].copy()
    if way == "a point":
        x = cell.x + advance_mm("0", cell.size) * 4
        paper.stroke(sheet, [(x, cell.y - 0.2), (x + 0.02, cell.y - 0.2)], 0.5, paper.BLACK)
    else:
        left, right, top, bottom = (round(v * paper.MM) for v in (cell.x, cell.x + 1.9, cell.y - 3, cell.y + 0.5))
        step = round(advance_mm("0", cell.size) * paper.MM)
        sheet[top:bottom, left + step * 5 : right + step * 5] = sheet[top:bottom, left + step : right + step]
        assert cell.text[5] != cell.text[1]
    upload = compact_pdf([scan(sheet, Scanner(dpi=300, seed=2))], 300, "jbig2", 0.7)

    verdict = verify_upload(FORM.pdf, upload)

    told = [finding for finding in verdict.findings if finding.weight != "note"]
    assert verdict.outcome == ("unclear" if way == "a point" else "differs"), verdict.sentences()
    assert {finding.place.removesuffix(" 旁") for finding in told} == {cell.name}


def with_layer() -> bytes:
    pdf = picture_pdf(jpeg(page(), 88), page().shape[1::-1])
    layer = pdf.make_indirect(Dictionary(Type=Name.OCG, Name="x"))
    pdf.Root.OCProperties = Dictionary(OCGs=Array([layer]), D=Dictionary(OFF=Array([layer])))
    return saved(pdf)


def with_note(**keys: object) -> bytes:
    pdf = picture_pdf(jpeg(page(), 88), page().shape[1::-1])
    look = Stream(pdf, b"1 1 1 rg 0 0 40 12 re f")
    look.stream_dict = Dictionary(Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 40, 12]))
    note = Dictionary(Type=Name.Annot, Subtype=Name.Square, Rect=Array([300, 500, 340, 512]), F=4,
                      AP=Dictionary(N=pdf.make_indirect(look)))  # fmt: skip
    for key, value in keys.items():
        if value is None:
            del note[f"/{key}"]
        else:
            note[f"/{key}"] = value
    pdf.pages[0].Annots = Array([pdf.make_indirect(note)])
    return saved(pdf)


def with_field() -> bytes:
    pdf = picture_pdf(jpeg(page(), 88), page().shape[1::-1])
    field = pdf.make_indirect(
        Dictionary(FT=Name.Tx, T="a", V="1", Subtype=Name.Widget, Rect=Array([300, 500, 340, 512]))
    )
    pdf.Root.AcroForm = Dictionary(Fields=Array([field]), NeedAppearances=True)
    pdf.pages[0].Annots = Array([field])
    return saved(pdf)


def with_alternate() -> bytes:
    other = Dictionary(Image=Name.x, DefaultForPrinting=True)
    return saved(picture_pdf(jpeg(page(), 88), page().shape[1::-1], Alternates=Array([other])))


def cut_short() -> bytes:
    data = jpeg(page(), 88)
    return saved(picture_pdf(data[: len(data) // 2], page().shape[1::-1]))


TOLD: dict[str, tuple[Callable[[], bytes], str]] = {
    "layer": (with_layer, "layers"), "field": (with_field, "form_fields"), "alternate": (with_alternate, "layers"),
    "note for print only": (lambda: with_note(F=4 | 32), "hidden_notes"),
    "note without a look of its own": (lambda: with_note(AP=None), "hidden_notes"),
    "half a picture": (cut_short, "undrawn"),
    "a larger JBIG2 page than it says": (lambda: lying_jbig2(60_000, 60_000), "undrawn"),
    "HEIC": (lambda: b"\0\0\0\x18ftypheic" + bytes(400), "heic"),
}  # fmt: skip


@pytest.mark.req("DOC-04")
@pytest.mark.parametrize("name", list(TOLD))
def test_what_viewers_show_differently_or_not_at_all_is_refused_with_its_cause(name: str) -> None:
    make, reason = TOLD[name]

    with pytest.raises(FileRefusedError) as refusal:
        list(pages_of(make()))

    assert refusal.value.reason == reason


@pytest.mark.req("DOC-03")
def test_a_note_laid_over_a_number_is_judged_as_every_viewer_shows_it() -> None:
    cell = next(cell for cell in FORM.layout.sheets[0].cells if cell.name == "换机明细第 2 条 退回串码")
    x, y = cell.x / 25.4 * 72, 841.89 - cell.y / 25.4 * 72
    upload = with_note(Rect=Array([x, y - 2, x + 40, y + 10]))

    verdict = verify_upload(FORM.pdf, upload)

    assert verdict.outcome != "passed"
    assert any("第 2 条 退回串码" in finding.place for finding in verdict.findings)


@pytest.mark.req("DOC-03")
def test_a_font_that_is_not_in_the_file_is_drawn_differently_by_two_programs() -> None:
    with Pdf.open(io.BytesIO(sealed_text_pdf(FORM, 1, annotation=False))) as pdf:
        font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name("/Unheard-Of"))
        pdf.pages[0].Resources.Font["/Odd"] = pdf.make_indirect(font)
        words = b" ".join(b"BT /Odd 60 Tf 40 %d Td (WMWMWM) Tj ET" % y for y in range(260, 420, 70))
        pdf.pages[0].contents_add(words, prepend=False)
        verdict = verify_upload(FORM.pdf, saved(pdf))

    assert verdict.outcome in ("unclear", "differs")


@pytest.mark.req("DOC-03")
def test_a_form_that_nobody_signed_is_told_or_does_not_pass_as_its_kind_is_set() -> None:
    form = Reference(FORM)
    clean = scan(unsigned_sheet(), Scanner(dpi=200, seed=2))

    told, refused = (verify_pages(form, [clean], unsigned=weight) for weight in ("note", "differs"))

    assert told.outcome == "passed", told.sentences()
    assert [finding.kind for finding in told.findings] == ["unsigned"]
    assert refused.outcome == "differs"


def unsigned_sheet() -> np.ndarray:
    """Printed and sealed only."""
    rng = random.Random(1)
    sheet = paper.toner(rng, paper.rendered(FORM.pdf, 0), 0)
    press(rng, sheet, FORM, any_sealing(rng))
    return sheet
