"""Small returns of every kind of form, printed, scanned and judged once for all tests of a process."""

from functools import lru_cache
from typing import Any

import cv2
import numpy as np

from services.documents.verify.judging import verify_pages
from services.documents.verify.reference import Reference
from services.documents.verify.verdict import Verdict
from tests.documents_lab.genuine import genuine
from tests.documents_lab.samples import sample_form
from tests.documents_lab.scanner import Scanner, scan
from tests.documents_lab.trial import Trial, forged_trial

SMALL = {"city_opening": 8, "province_opening": 1, "county_termination": 10, "city_termination": 10,
         "swap_list": 12, "box_labels": 4}  # fmt: skip


def verdict_of(kind: str, images: list[np.ndarray], seed: int = 1) -> Verdict:
    return verify_pages(Reference(sample_form(kind, seed, SMALL[kind])), images)


@lru_cache(maxsize=6)
def sheets_of(kind: str) -> list[np.ndarray]:
    """A return of form 1 on unworn paper; nobody may write on it."""
    sheets = genuine(sample_form(kind, 1, SMALL[kind]), 1, wear=False).sheets
    for sheet in sheets:
        sheet.setflags(write=False)
    return sheets


@lru_cache(maxsize=4)
def scans_of(kind: str, scanner: Scanner) -> list[np.ndarray]:
    return [scan(sheet, scanner) for sheet in sheets_of(kind)]


def clean_scan(kind: str, **settings_of_scanner: Any) -> list[np.ndarray]:
    return list(scans_of(kind, Scanner(**settings_of_scanner)))


@lru_cache(maxsize=12)
def forged(name: str, kind: str, dpi: int) -> Trial:
    """A forged return, judged once for all tests that look at it."""
    trial = forged_trial(name, kind, 4_100, dpi, SMALL[kind])
    assert trial is not None
    return trial


def without_code(image: np.ndarray) -> np.ndarray:
    """The page with its code's corner torn off."""
    torn = image.copy()
    height, width = torn.shape[:2]
    cv2.fillPoly(torn, [np.array([[width, 0], [width * 4 // 5, 0], [width, height // 8]])], (251, 250, 248))
    return torn
