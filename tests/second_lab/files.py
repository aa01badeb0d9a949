"""From pages of pixels to the file that somebody uploads: PDF, TIFF, compact PDF with a mask, strips; and back."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import pikepdf
from pikepdf import Dictionary, Name, Pdf, Stream
from PIL import Image


@dataclass
class Shot:
    """One scanned page: pixels (RGB), resolution, JPEG quality."""

    pixels: np.ndarray
    dpi: int
    quality: int = 85
    gray: bool = False


def jpeg(shot: Shot) -> bytes:
    picture = Image.fromarray(shot.pixels)
    out = io.BytesIO()
    (picture.convert("L") if shot.gray else picture).save(out, "JPEG", quality=shot.quality, dpi=(shot.dpi, shot.dpi))
    return out.getvalue()


def _image(pdf: Pdf, data: bytes, wide: int, high: int, *, gray: bool = False) -> Stream:
    return Stream(
        pdf, data, Type=Name.XObject, Subtype=Name.Image, Width=wide, Height=high, BitsPerComponent=8,
        ColorSpace=Name.DeviceGray if gray else Name.DeviceRGB, Filter=Name.DCTDecode,
    )  # fmt: skip


def _page(pdf: Pdf, shot: Shot, content: bytes, images: dict[str, Stream]) -> None:
    high, wide = shot.pixels.shape[:2]
    points = [0, 0, round(wide * 72 / shot.dpi, 3), round(high * 72 / shot.dpi, 3)]
    objects = Dictionary({f"/{name}": pdf.make_indirect(image) for name, image in images.items()})
    page = Dictionary(
        Type=Name.Page, MediaBox=points, Resources=Dictionary(XObject=objects), Contents=pdf.make_stream(content)
    )
    pdf.pages.append(pikepdf.Page(pdf.make_indirect(page)))


def _saved(pdf: Pdf) -> bytes:
    out = io.BytesIO()
    pdf.save(out, deterministic_id=True)
    return out.getvalue()


def as_pdf(shots: Sequence[Shot]) -> bytes:
    """One JPEG a page, as most scanners write."""
    pdf = Pdf.new()
    for shot in shots:
        high, wide = shot.pixels.shape[:2]
        across, up = wide * 72 / shot.dpi, high * 72 / shot.dpi
        _page(pdf, shot, f"q {across:.3f} 0 0 {up:.3f} 0 0 cm /P Do Q".encode(),
              {"P": _image(pdf, jpeg(shot), wide, high, gray=shot.gray)})  # fmt: skip
    return _saved(pdf)


def as_strips(shots: Sequence[Shot], count: int = 5) -> bytes:
    """Each page in horizontal strips, as some copiers write."""
    pdf = Pdf.new()
    for shot in shots:
        high, wide = shot.pixels.shape[:2]
        unit = 72 / shot.dpi
        images, content = {}, []
        for at, rows in enumerate(np.array_split(np.arange(high), count)):
            strip = Shot(shot.pixels[rows[0] : rows[-1] + 1], shot.dpi, shot.quality, shot.gray)
            images[f"S{at}"] = _image(pdf, jpeg(strip), wide, len(rows), gray=shot.gray)
            content.append(
                f"q {wide * unit:.4f} 0 0 {len(rows) * unit:.4f} 0 {(high - rows[-1] - 1) * unit:.4f} cm /S{at} Do Q"
            )
        _page(pdf, shot, "\n".join(content).encode(), images)
    return _saved(pdf)


def as_compact_pdf(shots: Sequence[Shot]) -> bytes:
    """A copier's "compact PDF": black print as a one-bit mask in full resolution over a coarse colour picture."""
    pdf = Pdf.new()
    for shot in shots:
        high, wide = shot.pixels.shape[:2]
        value = shot.pixels.max(2)
        dark = (value < 168).astype(np.uint8)
        hidden = cv2.dilate(dark, np.ones((3, 3), np.uint8))
        hidden = (cv2.resize(hidden, None, fx=100 / shot.dpi, fy=100 / shot.dpi) > 0).astype(np.uint8)
        filled = cv2.inpaint(
            cv2.resize(shot.pixels, None, fx=100 / shot.dpi, fy=100 / shot.dpi, interpolation=cv2.INTER_AREA),
            hidden, 2, cv2.INPAINT_TELEA,
        )  # fmt: skip
        back = _image(pdf, jpeg(Shot(filled, 100, 60)), filled.shape[1], filled.shape[0])
        bits = np.packbits(1 - dark, axis=1).tobytes()
        mask = Stream(
            pdf,
            bits,
            Type=Name.XObject,
            Subtype=Name.Image,
            Width=wide,
            Height=high,
            BitsPerComponent=1,
            ImageMask=True,
        )
        across, up = wide * 72 / shot.dpi, high * 72 / shot.dpi
        place = f"q {across:.3f} 0 0 {up:.3f} 0 0 cm"
        _page(pdf, shot, f"{place} /B Do Q {place} 0.08 g /M Do Q".encode(), {"B": back, "M": mask})
    return _saved(pdf)


def as_tiff(shots: Sequence[Shot]) -> bytes:
    pictures = [Image.fromarray(shot.pixels) for shot in shots]
    out = io.BytesIO()
    pictures[0].save(
        out, "TIFF", save_all=True, append_images=pictures[1:], compression="tiff_lzw", dpi=(shots[0].dpi,) * 2
    )
    return out.getvalue()
