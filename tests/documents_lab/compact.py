"""What copiers call compact PDF: print as a mask of one bit over a coarse colour picture; masks as fax and JBIG2.

No encoder of JBIG2 is needed: its generic region may hold the very bits of a group 4 fax.
"""

import io
import struct
from typing import Literal

import cv2
import numpy as np
import pikepdf
from pikepdf import Dictionary, Name, Pdf, Stream
from PIL import Image

from tests.documents_lab.scanner import jpeg

Coding = Literal["flate", "fax", "jbig2"]
COARSE = 100


def print_of(image: np.ndarray, level: float = 0.62) -> np.ndarray:
    """Where a scan (uint8 RGB) has dark ink without colour, bool: darker than a share of the paper around it."""
    light, dark = image.max(axis=2), image.min(axis=2)
    paper = cv2.medianBlur(cv2.dilate(light, np.ones((25, 25), np.uint8)), 5)
    bits: np.ndarray = (light < level * paper) & (light.astype(int) - dark < 90)
    return bits


def fax_of(bits: np.ndarray) -> bytes:
    """Group 4 of a mask, True being black, in one strip."""
    out = io.BytesIO()
    Image.fromarray(bits).save(out, "TIFF", compression="group4", tiffinfo={278: bits.shape[0]})
    with Image.open(out) as tiff:
        (start,), (length,) = tiff.tag_v2[273], tiff.tag_v2[279]
    return out.getvalue()[start : start + length]


def jbig2_of(bits: np.ndarray) -> bytes:
    """The same as an embedded JBIG2 stream: a page and one generic region coded like a fax."""
    height, width = bits.shape
    page = struct.pack(">IIIIBH", width, height, 0, 0, 0, 0)
    region = struct.pack(">IIIIBB", width, height, 0, 0, 0, 1) + fax_of(bits)
    parts = ((0, 48, page), (1, 38, region))
    return b"".join(struct.pack(">IBBBI", at, kind, 0, 1, len(data)) + data for at, kind, data in parts)


def one_bit(pdf: Pdf, bits: np.ndarray, coding: Coding, **keys: object) -> Stream:
    """A one-bit image of an open PDF, True being black."""
    height, width = bits.shape
    image = Dictionary(Type=Name.XObject, Subtype=Name.Image, Width=width, Height=height, BitsPerComponent=1)
    if coding == "flate":
        stream = Stream(pdf, np.packbits(~bits, axis=1).tobytes())
    elif coding == "fax":
        stream = Stream(pdf, fax_of(bits))
        image.Filter = Name.CCITTFaxDecode
        image.DecodeParms = Dictionary(K=-1, Columns=width, Rows=height, BlackIs1=False)
    else:
        stream = Stream(pdf, jbig2_of(bits))
        image.Filter = Name.JBIG2Decode
    for key, value in keys.items():
        image[f"/{key}"] = value
    stream.stream_dict = image
    return stream


def compact_pdf(images: list[np.ndarray], dpi: int, coding: Coding, level: float = 0.62) -> bytes:
    """Scans (uint8 RGB) as a compact PDF; `level`: how light a pixel may be and still become black."""
    pdf = Pdf.new()
    for image in images:
        bits = print_of(image, level)
        height, width = image.shape[:2]
        paper = cv2.medianBlur(cv2.dilate(image, np.ones((15, 15), np.uint8)), 5)
        hidden = cv2.dilate(bits.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
        back = np.where(hidden[:, :, None], paper, image)
        back = cv2.resize(back, None, fx=COARSE / dpi, fy=COARSE / dpi, interpolation=cv2.INTER_AREA)
        picture = Stream(pdf, jpeg(back, 60))
        picture.stream_dict = Dictionary(
            Type=Name.XObject, Subtype=Name.Image, Width=back.shape[1], Height=back.shape[0], BitsPerComponent=8,
            ColorSpace=Name.DeviceRGB, Filter=Name.DCTDecode,
        )  # fmt: skip
        box = (width * 72 / dpi, height * 72 / dpi)
        page = pdf.add_blank_page(page_size=box)
        mask = one_bit(pdf, bits, coding, ImageMask=True)
        page.Resources = Dictionary(XObject=Dictionary(B=pdf.make_indirect(picture), M=pdf.make_indirect(mask)))
        place = b"q %f 0 0 %f 0 0 cm" % box
        page.Contents = Stream(pdf, place + b" /B Do Q " + place + b" 0.1 g /M Do Q")
    return _saved(pdf)


def one_bit_pdf(image: np.ndarray, dpi: int, coding: Coding) -> bytes:
    """A scan in black and white."""
    pdf = Pdf.new()
    gray = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    page = pdf.add_blank_page(page_size=(gray.shape[1] * 72 / dpi, gray.shape[0] * 72 / dpi))
    picture = one_bit(pdf, gray < 150, coding, ColorSpace=Name.DeviceGray)
    page.Resources = Dictionary(XObject=Dictionary(I=pdf.make_indirect(picture)))
    page.Contents = Stream(pdf, b"q %f 0 0 %f 0 0 cm /I Do Q" % (gray.shape[1] * 72 / dpi, gray.shape[0] * 72 / dpi))
    return _saved(pdf)


def lying_jbig2(width: int, height: int) -> bytes:
    """A small picture by its dictionary whose JBIG2 page says it is much larger."""
    pdf = Pdf.new()
    page = pdf.add_blank_page(page_size=(595, 842))
    picture = one_bit(pdf, np.zeros((64, 64), bool), "jbig2", ColorSpace=Name.DeviceGray)
    data = picture.read_raw_bytes().replace(struct.pack(">II", 64, 64), struct.pack(">II", width, height))
    keys = picture.stream_dict
    picture = Stream(pdf, data)
    picture.stream_dict = keys
    page.Resources = Dictionary(XObject=Dictionary(I=pdf.make_indirect(picture)))
    page.Contents = Stream(pdf, b"q 595 0 0 842 0 0 cm /I Do Q")
    return _saved(pdf)


def _saved(pdf: Pdf) -> bytes:
    out = io.BytesIO()
    pdf.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return out.getvalue()
