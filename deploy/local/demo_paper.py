"""Paper for the demo: an issued form printed, sealed with the unit's round seal, and scanned."""

from __future__ import annotations

import io
import math

import pypdfium2 as pdfium
from PIL import Image, ImageChops, ImageDraw, ImageFont

from services.documents.forms.fonts import font_path
from services.documents.forms.issuing import read_issued

_DPI = 200
_MM = _DPI / 25.4
_SEAL_MM = 42
_FINE = 4
_RED, _BLUE = (206, 36, 44), (44, 62, 152)


def signed_scan(pdf: bytes, *, sealed: bool = True) -> bytes:
    """The form's pages as a scanner writes them: signed, and the first one sealed unless somebody forgot it."""
    form = read_issued(pdf)
    pages = _printed(pdf)
    for page, sheet in zip(pages, form.layout.sheets, strict=True):
        for area in sheet.areas:
            if area.use == "signature":
                _sign(page, area.x, area.y, area.width, area.height)
    if sealed:
        area = next(area for area in form.layout.sheets[0].areas if area.use == "seal")
        seal = _seal(form.content.unit)
        ink = Image.composite(Image.new("RGB", seal.size, _RED), Image.new("RGB", seal.size, "white"), seal)
        left = round((area.x + area.width / 2) * _MM - seal.width / 2)
        top = round((area.y + area.height / 2) * _MM - seal.height / 2)
        place = (left, top, left + seal.width, top + seal.height)
        pages[0].paste(ImageChops.multiply(pages[0].crop(place), ink), place)
    scan = io.BytesIO()
    pages[0].save(scan, "PDF", save_all=True, append_images=pages[1:], resolution=_DPI, quality=85)
    return scan.getvalue()


def _sign(page: Image.Image, x: float, y: float, width: float, height: float) -> None:
    """A flourish with a blue pen."""
    steps = [step / 40 for step in range(41)]
    points = [
        ((x + width * (0.2 + 0.5 * t)) * _MM, (y + height * (0.5 + 0.22 * math.sin(t * 17) * (1 - t / 2))) * _MM)
        for t in steps
    ]
    ImageDraw.Draw(page).line(points, fill=_BLUE, width=round(0.5 * _MM), joint="curve")


def _printed(pdf: bytes) -> list[Image.Image]:
    document = pdfium.PdfDocument(pdf)
    try:
        return [page.render(scale=_DPI / 72).to_pil().convert("RGB") for page in document]
    finally:
        document.close()


def _seal(unit: str) -> Image.Image:
    """A ring, a star, and the unit's name along the upper arc, as a mask."""
    side = round(_SEAL_MM * _MM * _FINE)
    mask = Image.new("L", (side, side), 0)
    draw = ImageDraw.Draw(mask)
    middle, radius = side / 2, side / 2 - 8
    draw.ellipse((8, 8, side - 8, side - 8), outline=235, width=round(1.2 * _MM * _FINE))
    star = [
        (
            middle + radius * (0.3 if point % 2 == 0 else 0.115) * math.sin(point * math.pi / 5),
            middle - radius * (0.3 if point % 2 == 0 else 0.115) * math.cos(point * math.pi / 5),
        )
        for point in range(10)
    ]
    draw.polygon(star, fill=235)
    font = ImageFont.truetype(str(font_path()), round(5.2 * _MM * _FINE))
    spread = 250.0
    number = ImageFont.truetype(str(font_path()), round(2.6 * _MM * _FINE))
    draw.text((middle, middle + radius * 0.64), "9900000012345", fill=235, font=number, anchor="mm")
    for index, letter in enumerate(unit):
        angle = -spread / 2 + spread * index / max(1, len(unit) - 1)
        tile = Image.new("L", (round(font.size * 1.4),) * 2, 0)
        spot = (tile.width / 2, tile.height / 2)
        ImageDraw.Draw(tile).text(spot, letter, fill=235, font=font, anchor="mm", stroke_width=3)
        turned = tile.rotate(-angle, resample=Image.Resampling.BICUBIC)
        x = middle + radius * 0.74 * math.sin(math.radians(angle)) - tile.width / 2
        y = middle - radius * 0.74 * math.cos(math.radians(angle)) - tile.height / 2
        mask.paste(turned, (round(x), round(y)), turned)
    return mask.resize((side // _FINE, side // _FINE), Image.Resampling.LANCZOS)
