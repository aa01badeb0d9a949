"""Pictures of scanned pages with the findings marked, for the answer's page (DOC-03)."""

from dataclasses import dataclass

import cv2
import numpy as np

from services.documents.verify.grid import PX
from services.documents.verify.verdict import Finding, Verdict

LONG_SIDE = 1600
COLOURS = {"differs": (214, 30, 60), "unclear": (235, 140, 0), "note": (40, 110, 220)}


@dataclass(frozen=True, slots=True)
class PageImage:
    """A scanned page kept for showing: uint8 RGB, long side at most 1600; `factor` to the scan's own pixels."""

    pixels: np.ndarray
    factor: float


def kept_small(image: np.ndarray) -> PageImage:
    rgb = image if image.ndim == 3 else cv2.cvtColor(image, cv2.COLOR_GRAY2RGB)
    factor = min(1.0, LONG_SIDE / max(rgb.shape[:2]))
    small = cv2.resize(rgb, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA) if factor < 1 else rgb.copy()
    return PageImage(small, factor)


def marked_page(kept: PageImage, verdict: Verdict, scan_page: int, quality: int = 80) -> bytes:
    """JPEG of one scanned page (from 1): upright when it was registered, each finding framed in its weight's colour."""
    report = next((page for page in verdict.pages if page.scan_page == scan_page), None)
    picture = kept.pixels.copy()
    if report is not None and report.to_scan is not None:
        matrix = np.diag([kept.factor, kept.factor, 1.0]) @ np.array(report.to_scan).reshape(3, 3)
        for finding in verdict.findings:
            if finding.scan_page == scan_page and finding.box is not None:
                _frame(picture, matrix, finding)
    for finding in verdict.findings:
        if finding.scan_page == scan_page and finding.box is None:
            cv2.rectangle(picture, (3, 3), (picture.shape[1] - 4, picture.shape[0] - 4), COLOURS[finding.weight], 6)
    picture = np.rot90(picture, -((report.turn or 0) // 90) if report else 0)
    bgr = cv2.cvtColor(np.ascontiguousarray(picture), cv2.COLOR_RGB2BGR)
    return cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()


def _frame(picture: np.ndarray, matrix: np.ndarray, finding: Finding) -> None:
    """The finding's box, 1 mm wider all round, carried onto the scan by the page's homography."""
    x, y, width, height = finding.box or (0, 0, 0, 0)
    corners = np.array([
        [x - 1, y - 1], [x + width + 1, y - 1], [x + width + 1, y + height + 1], [x - 1, y + height + 1]
    ]) * PX  # fmt: skip
    points = np.column_stack([corners, np.ones(4)]) @ matrix.T
    polygon = np.rint(points[:, :2] / points[:, 2:]).astype(np.int32).reshape(-1, 1, 2)
    cv2.polylines(picture, [polygon], True, COLOURS[finding.weight], 3, cv2.LINE_AA)
