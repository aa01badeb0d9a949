"""Machine type on a sheet: the form's own face, or one that looks much the same."""

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from services.documents.forms.fonts import POINT_MM, font_path
from tests.second_lab.papers import SCALE, Colour, Paper

NEAR_FACE = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"


def type_text(  # noqa: PLR0917
    paper: Paper, text: str, x: float, baseline: float, points: float, colour: Colour, *, near: bool = False
) -> float:
    """Machine type, its baseline starting at (x, baseline) mm; `near`: in the other face. Returns its width."""
    size = points * POINT_MM * SCALE * 4
    face = ImageFont.truetype(NEAR_FACE if near else str(font_path()), round(size))
    wide = face.getlength(text)
    picture = Image.new("L", (round(wide) + 40, round(size * 2)), 0)
    ImageDraw.Draw(picture).text((20, size * 1.3), text, 255, face, anchor="ls")
    mask = np.asarray(picture.resize((picture.width // 4, picture.height // 4), Image.Resampling.BOX), np.float32) / 255
    paper.ink(cv2.GaussianBlur(mask, (0, 0), 0.5), colour, x - 5 / SCALE, baseline - size * 1.3 / 4 / SCALE)
    return float(wide / 4 / SCALE)
