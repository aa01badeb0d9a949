"""Is a scanned page blank: the back of a sheet, with nothing on it but what happens to paper?"""

import cv2
import numpy as np

from services.documents.verify.grid import HALF
from services.documents.verify.ink import ANY_LEVEL, Foreign
from services.documents.verify.marks import marks_on_bare_paper
from services.documents.verify.photometry import AS_INK, LIGHT, paper_brightness


def is_blank(image: np.ndarray) -> bool:
    """`image`: uint8 RGB on any turn. The print of the other side may show through; nothing may be written."""
    upright = np.rot90(image) if image.shape[1] > image.shape[0] else image
    small = cv2.resize(upright, HALF, interpolation=cv2.INTER_AREA)
    paper = cv2.resize(paper_brightness(small), HALF, interpolation=cv2.INTER_LINEAR)
    ink = cv2.LUT(cv2.divide(small, paper, scale=LIGHT).min(axis=2), AS_INK)
    ink = cv2.threshold(ink, ANY_LEVEL, 0, cv2.THRESH_TOZERO)[1]
    return all(mark.harmless for mark in marks_on_bare_paper(Foreign(np.zeros((1, 1), np.uint8), ink)))
