"""Uploads: scans wrapped in PDFs, text PDFs with a pasted seal, and hostile files."""

import io
import random
import zlib
from functools import lru_cache

import cv2
import numpy as np
import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream

from services.documents.forms.issuing import IssuedForm
from tests.documents_lab import paper
from tests.documents_lab.genuine import any_sealing
from tests.documents_lab.scanner import jpeg


def scan_pdf(images: list[np.ndarray], quality: int = 88) -> bytes:
    """An image-only PDF as scanners write it, every page A4 upright or lying."""
    with Pdf.new() as pdf:
        for image in images:
            height, width = image.shape[:2]
            size = (595.28, 841.89) if height >= width else (841.89, 595.28)
            colours = Name.DeviceGray if image.ndim == 2 else Name.DeviceRGB
            picture = Stream(pdf, jpeg(image, quality))
            picture.stream_dict = Dictionary(
                Type=Name.XObject, Subtype=Name.Image, Width=width, Height=height, ColorSpace=colours,
                BitsPerComponent=8, Filter=Name.DCTDecode,
            )  # fmt: skip
            page = pdf.add_blank_page(page_size=size)
            page.Resources = Dictionary(XObject=Dictionary(Im=picture))
            page.Contents = Stream(pdf, f"q {size[0]} 0 0 {size[1]} 0 0 cm /Im Do Q".encode())
        return _bytes(pdf)


def sealed_text_pdf(form: IssuedForm, seed: int, *, annotation: bool, source: bytes | None = None) -> bytes:
    """The issued PDF itself with a digital picture of a seal on page 1, drawn in or as a stamp annotation."""
    rng = random.Random(seed)
    sealing = any_sealing(rng)
    ink = paper.seal(rng, form.content.unit, diameter=42.0, strength=max(sealing.strength, 0.7))
    area = next(area for area in form.layout.sheets[0].areas if area.use == "seal")
    side = ink.shape[0] / paper.MM / 25.4 * 72
    x = (area.x + area.width / 2) / 25.4 * 72 - side / 2
    y = 841.89 - (area.y + area.height / 2) / 25.4 * 72 - side / 2
    with Pdf.open(io.BytesIO(source or form.pdf)) as pdf:
        picture = _red_picture(pdf, ink)
        drawing = f"q {side:.2f} 0 0 {side:.2f} 0 0 cm /Seal Do Q".encode()
        resources = Dictionary(XObject=Dictionary(Seal=picture))
        stamp = Stream(pdf, drawing)
        stamp.stream_dict = Dictionary(
            Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, side, side]), Resources=resources
        )
        page = pdf.pages[0]
        if annotation:
            note = Dictionary(
                Type=Name.Annot, Subtype=Name.Stamp, F=4, Rect=Array([x, y, x + side, y + side]),
                AP=Dictionary(N=stamp),
            )  # fmt: skip
            page.Annots = Array([pdf.make_indirect(note)])
        else:
            name = page.add_resource(stamp, Name.XObject)
            page.contents_add(f"q 1 0 0 1 {x:.2f} {y:.2f} cm {name} Do Q".encode(), prepend=False)
        return _bytes(pdf)


def _red_picture(pdf: Pdf, ink: np.ndarray) -> Stream:
    side = ink.shape[0]
    colour = np.empty((side, side, 3), np.uint8)
    colour[:] = paper.RED
    mask = Stream(pdf, (ink * 255).astype(np.uint8).tobytes())
    mask.stream_dict = Dictionary(
        Type=Name.XObject, Subtype=Name.Image, Width=side, Height=side, ColorSpace=Name.DeviceGray, BitsPerComponent=8
    )
    picture = Stream(pdf, colour.tobytes())
    picture.stream_dict = Dictionary(
        Type=Name.XObject, Subtype=Name.Image, Width=side, Height=side, ColorSpace=Name.DeviceRGB,
        BitsPerComponent=8, SMask=mask,
    )  # fmt: skip
    return picture


def patched_text_pdf(form: IssuedForm, seed: int) -> bytes:
    """The classic: a picture of another number laid over an untouched text layer."""
    cell = next(c for c in form.layout.sheets[0].cells if c.text.isdigit() and len(c.text) < 9)
    tile = np.full((60, 200), 255, np.uint8)
    cv2.putText(tile, str(int(cell.text) + 1), (5, 45), cv2.FONT_HERSHEY_SIMPLEX, 1.6, 0, 4)
    with Pdf.open(io.BytesIO(sealed_text_pdf(form, seed, annotation=False))) as pdf:
        picture = Stream(pdf, tile.tobytes())
        picture.stream_dict = Dictionary(
            Type=Name.XObject, Subtype=Name.Image, Width=200, Height=60, ColorSpace=Name.DeviceGray, BitsPerComponent=8
        )
        name = pdf.pages[0].add_resource(picture, Name.XObject)
        x, y = cell.x / 25.4 * 72 - 1, 841.89 - cell.y / 25.4 * 72 - 2
        pdf.pages[0].contents_add(f"q 34 0 0 10.5 {x:.1f} {y:.1f} cm {name} Do Q".encode(), prepend=False)
        return _bytes(pdf)


def _bytes(pdf: Pdf) -> bytes:
    out = io.BytesIO()
    pdf.save(out)
    return out.getvalue()


def _with_content(content: bytes, **page_keys: object) -> bytes:
    with Pdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(595, 842))
        page.Contents = Stream(pdf, content)
        for key, value in page_keys.items():
            page[f"/{key}"] = value
        return _bytes(pdf)


def _nested_forms(depth: int, times: int) -> bytes:
    with Pdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(595, 842))
        inner = None
        for _ in range(depth):
            form = Stream(pdf, b"0 0 1 1 re f" if inner is None else b"/F Do " * times)
            form.stream_dict = Dictionary(Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 9, 9]))
            if inner is not None:
                form.Resources = Dictionary(XObject=Dictionary(F=inner))
            inner = pdf.make_indirect(form)
        page.Resources = Dictionary(XObject=Dictionary(F=inner))
        page.Contents = Stream(pdf, b"/F Do")
        return _bytes(pdf)


def _image(width: int, height: int) -> bytes:
    with Pdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(595, 842))
        packed = _packed(b"\0" * 2**20, min((width + 7) // 8 * height, 50_000_000) // 2**20)
        picture = Stream(pdf, packed)
        picture.stream_dict = Dictionary(
            Type=Name.XObject, Subtype=Name.Image, Width=width, Height=height, ColorSpace=Name.DeviceGray,
            BitsPerComponent=1, Filter=Name.FlateDecode,
        )  # fmt: skip
        page.Resources = Dictionary(XObject=Dictionary(Im=picture))
        page.Contents = Stream(pdf, b"q 595 0 0 842 0 0 cm /Im Do Q")
        return _bytes(pdf)


def _packed(block: bytes, times: int) -> bytes:
    """The zlib stream of a block many times over, without compressing it more than once."""
    once = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = once.compress(block) + once.flush(zlib.Z_FULL_FLUSH)
    check = 1
    for _ in range(times):
        check = zlib.adler32(block, check)
    return b"\x78\xda" + packed * times + b"\x03\x00" + check.to_bytes(4, "big")


def _bomb(megabytes: int) -> bytes:
    packed = _packed(b"0 0 m 9 9 l S\n" * (2**20 // 14), megabytes)
    with Pdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(595, 842))
        stream = Stream(pdf, packed)
        stream.Filter = Name.FlateDecode
        page.Contents = stream
        return _bytes(pdf)


def _encrypted() -> bytes:
    out = io.BytesIO()
    with Pdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(out, encryption=pikepdf.Encryption(owner="o", user="u"))
    return out.getvalue()


def _many_pages(count: int) -> bytes:
    with Pdf.new() as pdf:
        for _ in range(count):
            pdf.add_blank_page(page_size=(595, 842))
        return _bytes(pdf)


def _looping_tree() -> bytes:
    return (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[2 0 R 2 0 R]/Count 2>>endobj\ntrailer<</Root 1 0 R/Size 3>>\n%%EOF"
    )


@lru_cache(maxsize=1)
def hostile_files() -> dict[str, bytes]:
    """Each must be refused with a reason within 5 s and 512 MiB (DOC-04)."""
    good = _with_content(b"0 0 9 9 re f")
    return {
        "empty": b"",
        "text": b"just words, no PDF",
        "zip_polyglot": b"PK\x03\x04" + good,
        "zip_behind": good + b"PK\x03\x04" + b"x" * 5000,
        "embedded_file": _with_attachment(),
        "truncated": good[: len(good) // 2],
        "noise": b"%PDF-1.7\n" + random.Random(5).randbytes(20_000),
        "encrypted": _encrypted(),
        "no_pages": _many_pages(0),
        "ten_thousand_pages": _many_pages(10_000),
        "giant_image": _image(100_000, 100_000),
        "wide_image": _image(60_000, 60_000),
        "content_bomb": _bomb(400),
        "nested_forms": _nested_forms(9, 10),
        "giant_page": _with_content(b"", MediaBox=Array([0, 0, 2_000_000, 2_000_000])),
        "zero_page": _with_content(b"", MediaBox=Array([0, 0, 0, 0])),
        "looping_tree": _looping_tree(),
        "script": _scripted(),
    }


def _scripted() -> bytes:
    with Pdf.new() as pdf:
        pdf.add_blank_page()
        pdf.Root.OpenAction = Dictionary(S=Name.JavaScript, JS=pikepdf.String("app.alert(1)"))
        return _bytes(pdf)


def _with_attachment() -> bytes:
    with Pdf.new() as pdf:
        pdf.add_blank_page()
        pdf.attachments["invoice.exe"] = pikepdf.AttachedFileSpec(pdf, b"MZ...", filename="invoice.exe")
        return _bytes(pdf)
