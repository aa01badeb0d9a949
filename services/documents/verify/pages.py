"""Which page of the form is each page of the scan? By its code, on any of the four turns."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
import zxingcpp

from services.documents.forms.codes import NotAPageCodeError, PageCode, parse_page_code

QR: Any = zxingcpp.BarcodeFormat.QRCode


@dataclass(frozen=True, slots=True)
class SeenCode:
    """A page code on a scan; `corners` float32 (4, 2): its top left, top right, bottom right, bottom left in pixels."""

    text: str
    code: PageCode
    corners: np.ndarray


def read_codes(gray: np.ndarray) -> list[SeenCode]:
    """Page codes of ours on a scanned page (uint8, shape (h, w)): in the corner where an upright page has its own, in
    the others, on the whole page, then enlarged and sharpened. A second code on a page that has its own is ink."""
    found = next(filter(None, map(_decode_part, _corners(gray))), None) or _decode(gray, 1.0)
    if not found and max(gray.shape) <= 4000:
        factor = 1.5 if max(gray.shape) > 2600 else 2.0
        large = cv2.resize(gray, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)
        found = _decode(cv2.addWeighted(large, 1.8, cv2.GaussianBlur(large, (0, 0), 2.0), -0.8, 0), factor)
    return found


def _corners(gray: np.ndarray) -> Iterator[tuple[np.ndarray, tuple[int, int]]]:
    """The parts of a page where its code lies on one of the four turns, with their places (x, y)."""
    height, width = gray.shape
    span = max(height, width) // 5
    for x, y in ((width - span, 0), (0, height - span), (width - span, height - span), (0, 0)):
        yield gray[max(y, 0) : max(y, 0) + span, max(x, 0) : max(x, 0) + span], (max(x, 0), max(y, 0))


def _decode_part(part: tuple[np.ndarray, tuple[int, int]]) -> list[SeenCode]:
    gray, corner = part
    return [replace(code, corners=code.corners + np.array(corner, np.float32)) for code in _decode(gray, 1.0)]


def _decode(gray: np.ndarray, factor: float) -> list[SeenCode]:
    seen = []
    for barcode in zxingcpp.read_barcodes(gray, formats=QR, try_invert=False):
        try:
            code = parse_page_code(barcode.text)
        except NotAPageCodeError:
            continue
        at = barcode.position
        corners = [(p.x / factor, p.y / factor) for p in (at.top_left, at.top_right, at.bottom_right, at.bottom_left)]
        if _is_mirrored(corners):
            continue  # it shows through from the back
        seen.append(SeenCode(barcode.text, code, np.array(corners, np.float32)))
    return seen


def texts_at(gray: np.ndarray, box: tuple[int, int, int, int]) -> list[str]:
    """Texts of the QR codes inside a box (x0, y0, x1, y1) of an upright page, uint8 (h, w)."""
    x0, y0, x1, y1 = box
    part = np.ascontiguousarray(gray[max(y0, 0) : y1, max(x0, 0) : x1])
    for factor in (1, 2, 3):
        large = cv2.resize(part, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)
        texts = [barcode.text for barcode in zxingcpp.read_barcodes(large, formats=QR, try_rotate=False)]
        if texts:
            return texts
    return []


def _is_mirrored(corners: list[tuple[float, float]]) -> bool:
    (x0, y0), (x1, y1), _, (x3, y3) = corners
    return (x1 - x0) * (y3 - y0) - (y1 - y0) * (x3 - x0) < 0
