"""The one typeface of all forms: metrics for composition, outlines for the glyph templates of the verifier."""

import os
import unicodedata
from functools import lru_cache
from pathlib import Path

from PIL import ImageFont
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

FONT_NAME = "SimKeepCJK"
FONT_PATH_VARIABLE = "SIMKEEP_FORM_FONT"
DEFAULT_FONT_PATH = "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc"
POINT_MM = 25.4 / 72
PRINTED = "LNPS"  # letters, numbers, punctuation, signs


class FontMissingError(RuntimeError):
    """The TrueType face of the forms is not on this machine; names the package and the variable that set it."""


def font_path() -> Path:
    """Where the face lies. It must have glyf outlines: reportlab cannot embed CFF, and the verifier matches these."""
    path = Path(os.environ.get(FONT_PATH_VARIABLE, DEFAULT_FONT_PATH))
    if not path.is_file():
        raise FontMissingError(f"{path}: install fonts-wqy-microhei or set {FONT_PATH_VARIABLE}")
    return path


@lru_cache(maxsize=1)
def form_font() -> TTFont:
    """Registered face; loading it takes a sixth of a second, so once per process."""
    font = TTFont(FONT_NAME, str(font_path()), subfontIndex=0)
    pdfmetrics.registerFont(font)
    return font


@lru_cache(maxsize=16384)
def can_print(character: str) -> bool:
    """Does the face draw something for it, in a place of its own? No controls, no marks that join others, no space but
    the plain one, nothing that the face only has empty."""
    if character == " ":
        return True
    if unicodedata.category(character)[0] not in PRINTED or ord(character) not in form_font().face.charToGlyph:
        return False
    return advance_mm(character, 10.0) > 0 and _outlines().getmask(character).getbbox() is not None


@lru_cache(maxsize=1)
def _outlines() -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(font_path()), 24, index=0, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=16384)
def advance_mm(character: str, size_pt: float) -> float:
    """Width the pen moves for one character, in mm; the same figures stand in the PDF's width table."""
    face = form_font().face
    return float(face.charWidths.get(ord(character), face.defaultWidth) / 1000 * size_pt * POINT_MM)


def width_mm(text: str, size_pt: float) -> float:
    return sum(advance_mm(character, size_pt) for character in text)


def wrap(text: str, size_pt: float, width: float) -> list[str]:
    """Lines no wider than `width` mm, broken anywhere: Chinese has no spaces to break at."""
    lines, line = [], ""
    for character in text:
        if line and width_mm(line + character, size_pt) > width:
            lines.append(line)
            line = ""
        line += character
    return [*lines, line]
