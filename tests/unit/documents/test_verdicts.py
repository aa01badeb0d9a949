"""Verdicts on scans from the laboratory: honest ones pass, in whatever order and turn (DOC-03)."""

import random
from dataclasses import replace

import cv2
import numpy as np
import pytest

from services.documents.verify.judging import verify_pages
from services.documents.verify.reference import Reference
from tests.documents_lab import paper
from tests.documents_lab.genuine import genuine
from tests.documents_lab.returns import SMALL, clean_scan, scans_of, sheets_of, verdict_of, without_code
from tests.documents_lab.samples import sample_form
from tests.documents_lab.scanner import Scanner, scan
from tests.documents_lab.trial import genuine_trial, scanned


@pytest.mark.req("DOC-03")
@pytest.mark.parametrize(
    ("kind", "dpi"),
    [("city_opening", 150), ("province_opening", 200), ("county_termination", 150), ("city_termination", 200),
     ("swap_list", 300), ("box_labels", 150)],
)  # fmt: skip
def test_an_honest_scan_passes(kind: str, dpi: int) -> None:
    trial = genuine_trial(kind, 4_000, dpi, SMALL[kind])

    assert trial.verdict.outcome == "passed", trial.verdict.sentences()
    assert all(abs(page.dpi - dpi) < dpi * 0.04 for page in trial.verdict.pages)


@pytest.mark.req("DOC-03")
def test_a_scanner_that_gives_print_coloured_fringes_is_not_taken_for_a_pen() -> None:
    """Sensors half a pixel apart along the feed."""
    fringed = clean_scan("city_opening", seed=7)[0].copy()
    fringed[:, :, 0] = cv2.warpAffine(
        fringed[:, :, 0], np.float32([[1, 0, 0], [0, 1, 0.5]]), fringed.shape[1::-1], borderValue=245
    )

    assert verdict_of("city_opening", [fringed]).outcome == "passed"


@pytest.mark.req("DOC-03")
def test_pages_are_found_in_any_order_and_turn() -> None:
    images = clean_scan("county_termination")
    verdict = verdict_of("county_termination", [np.rot90(images[1], 2), np.ascontiguousarray(np.rot90(images[0]))])

    assert verdict.outcome == "passed", verdict.sentences()
    assert [finding.kind for finding in verdict.findings if finding.kind != "overwritten_label"] == ["page_order"]


@pytest.mark.req("DOC-03")
def test_a_gray_scan_is_unclear_because_a_seal_is_red() -> None:
    verdict = verdict_of("swap_list", clean_scan("swap_list", gray=True))

    assert verdict.outcome == "unclear"
    assert [finding.kind for finding in verdict.findings] == ["no_colour"]


def sealed_at(kind: str, x: float, y: float, page: int = 0) -> list[np.ndarray]:
    """Gray scans of a return whose seal has its middle at (x, y) mm of a page (from 0), wherever that is."""
    sheets = [sheet.copy() for sheet in sheets_of(kind)]
    ink = paper.seal(random.Random(1), "某某供电公司", diameter=42.0, strength=0.95)
    paper.inked(sheets[page], ink, x, y, paper.RED)
    return [scan(sheet, Scanner(dpi=150, gray=True)) for sheet in sheets]


@pytest.mark.req("DOC-03")
@pytest.mark.parametrize(
    ("kind", "x", "y", "page"),
    [
        ("city_opening", 136.0, 214.0, 0), ("swap_list", 150.0, 90.0, 0), ("box_labels", 60.0, 100.0, 0),
        ("county_termination", 100.0, 60.0, 1),
    ],
)  # fmt: skip
def test_a_gray_seal_over_type_is_unclear_and_not_another_content(kind: str, x: float, y: float, page: int) -> None:
    verdict = verdict_of(kind, sealed_at(kind, x, y, page))

    assert verdict.outcome == "unclear", verdict.sentences()
    assert all("彩色" in (finding.advice or "彩色") for finding in verdict.findings)
    assert kind == "box_labels" or "no_colour" in {finding.kind for finding in verdict.findings}


@pytest.mark.req("DOC-03")
def test_paper_that_was_fed_unevenly_has_no_ink_beside_its_digits() -> None:
    """The last row of its page lies 0.4 mm above its place; it was taken for ink set into the numbers."""
    trial = genuine_trial("province_opening", 20_038, 150, 2)

    assert trial.verdict.outcome == "passed", trial.verdict.sentences()


@pytest.mark.req("DOC-03")
def test_a_coarse_scan_never_passes() -> None:
    assert verdict_of("swap_list", clean_scan("swap_list", dpi=100)).outcome == "unclear"


@pytest.mark.req("DOC-03")
def test_a_blank_page_is_named() -> None:
    images = clean_scan("swap_list")
    verdict = verdict_of("swap_list", [*images, np.full_like(images[0], 250)])

    assert verdict.outcome == "passed"
    assert ("note", "page_blank", 2) in [(f.weight, f.kind, f.scan_page) for f in verdict.findings]


@pytest.mark.req("DOC-03")
def test_the_blank_back_of_a_sheet_may_have_holes_a_dark_rim_and_its_front_showing_through_but_no_writing() -> None:
    front = clean_scan("swap_list")[0]
    back = np.full_like(front, 246)
    back = np.minimum(back, 255 - (255 - front[:, ::-1]) // 12)  # a twelfth of the print, mirrored
    back[:, :25] = 30
    cv2.circle(back, (80, 800), 22, (40, 40, 42), -1)
    written = back.copy()
    cv2.putText(written, "void", (400, 900), cv2.FONT_HERSHEY_SIMPLEX, 2, (60, 60, 160), 4)

    assert verdict_of("swap_list", [front, back]).outcome == "passed"
    assert verdict_of("swap_list", [front, written]).outcome == "unclear"


@pytest.mark.req("DOC-03")
def test_a_page_without_its_code_is_known_by_its_looks_and_passes_if_everything_on_it_agrees() -> None:
    verdict = verdict_of("swap_list", [without_code(image) for image in clean_scan("swap_list")])

    assert verdict.outcome == "passed", verdict.sentences()
    assert [(finding.weight, finding.kind) for finding in verdict.findings] == [("note", "code_unreadable")]


@pytest.mark.req("DOC-03")
def test_a_page_of_another_form_without_its_code_stays_unknown() -> None:
    verdict = verify_pages(
        Reference(sample_form("swap_list", 2, SMALL["swap_list"])), [without_code(clean_scan("swap_list")[0])]
    )

    assert verdict.outcome == "unclear"
    assert [finding.kind for finding in verdict.findings] == ["page_unknown", "page_missing"]


@pytest.mark.req("DOC-03")
def test_a_photo_of_a_page_is_read() -> None:
    scanner = replace(Scanner(dpi=300, seed=3), photo=True, perspective=0.02, light=0.25, angle=3.0)

    verdict = verdict_of("swap_list", list(scans_of("swap_list", scanner)))

    assert verdict.outcome in ("passed", "unclear"), verdict.sentences()


def test_trials_repeat_exactly() -> None:
    form = sample_form("swap_list", 6, SMALL["swap_list"])
    first, second = (scanned(genuine(form, 6).sheets, random.Random(6), 150) for _ in range(2))

    assert np.array_equal(first[0], second[0])
