"""Verdicts on scans from the laboratory: honest ones pass, forged ones never do (DOC-03)."""

import random
from dataclasses import replace
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.documents.verify.judging import verify_pages
from services.documents.verify.marking import kept_small, marked_page
from services.documents.verify.reference import Reference
from services.documents.verify.verdict import Finding, Verdict
from tests.documents_lab import paper
from tests.documents_lab.forger import Forgery, forge, retyped_all
from tests.documents_lab.genuine import genuine
from tests.documents_lab.samples import sample_form
from tests.documents_lab.scanner import Scanner, any_scanner, as_photo, scan
from tests.documents_lab.trial import Trial, forged_trial, genuine_trial, names, scanned

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
@pytest.mark.parametrize(
    ("name", "kind", "dpi"),
    [
        ("serial_digit", "swap_list", 200), ("handwriting", "province_opening", 150),
        ("quantity_digit", "city_opening", 150),
        ("pen_digit", "swap_list", 200), ("appended_digit", "city_opening", 150), ("swapped_cells", "swap_list", 150),
        ("pasted_cell", "swap_list", 200), ("erased_cell", "city_opening", 150), ("covered_row", "swap_list", 200),
        ("added_row", "swap_list", 150), ("handwriting", "city_opening", 200), ("page_older", "swap_list", 150),
        ("page_foreign_recoded", "swap_list", 200), ("page_missing", "county_termination", 150),
        ("page_doubled", "swap_list", 150), ("seal_none", "city_opening", 150), ("seal_black", "city_opening", 200),
        ("seal_circle", "swap_list", 150), ("seal_logo", "swap_list", 200),
        ("seal_cut_off", "swap_list", 200),
    ],
)  # fmt: skip
def test_a_forged_return_never_passes_and_its_place_is_named(name: str, kind: str, dpi: int) -> None:
    trial = forged(name, kind, dpi)

    assert trial.verdict.outcome in ("differs", "unclear")
    assert trial.placed is not False, trial.verdict.sentences()


@pytest.mark.req("DOC-03")
@pytest.mark.parametrize(
    ("kind", "dpi", "names_of_all"),
    [
        ("swap_list", 150, ("serial_digit", "swapped_digits", "deleted_digit", "date", "inserted_digit")),
        ("city_opening", 200, ("quantity_digit", "inserted_digit", "one_character", "phone_digit", "two_characters")),
        ("box_labels", 150, ("serial_digit", "quantity_digit", "date", "one_character", "swapped_digits")),
    ],
)
def test_each_of_several_changes_on_one_return_is_named_by_itself(
    kind: str, dpi: int, names_of_all: tuple[str, ...]
) -> None:
    """Cells are judged each for itself: a change that is named among others would not have passed alone."""
    form = sample_form(kind, 4_100, SMALL[kind])
    changes = retyped_all(names_of_all, form, 4_100)

    verdict = verify_pages(Reference(form), scanned(changes[0].sheets, random.Random(4_100), dpi))

    at = [[finding for finding in verdict.findings if covers(finding, change)] for change in changes]
    assert [len(found) for found in at] == [1] * len(changes), verdict.sentences()
    assert len({found[0].place for found in at}) == len(changes)


def covers(finding: Finding, forgery: Forgery) -> bool:
    """Is it certain, and its box on the forged cell itself?"""
    if finding.weight != "differs" or finding.page != forgery.page or finding.box is None or forgery.box is None:
        return False
    (x, y, width, height), cell = finding.box, forgery.box
    middle = (x + width / 2, y + height / 2)
    return cell[0] - 1 < middle[0] < cell[0] + cell[2] + 1 and cell[1] - 1 < middle[1] < cell[1] + cell[3] + 1


@pytest.mark.req("DOC-03")
def test_a_blue_stroke_that_lies_wholly_on_a_digit_is_told_by_its_colour() -> None:
    """0.3 mm wide along the top of a 3 at 150 dpi: the digit reads as issued."""
    trial = forged_trial("pen_digit", "province_opening", 20_990, 150, 2)

    assert trial is not None
    told = [finding for finding in trial.verdict.findings if finding.weight != "note"]
    assert [(finding.weight, finding.kind, finding.place) for finding in told] == [
        ("unclear", "foreign_ink", "全省汇总第 5 条 新增卡数量")
    ]


@pytest.mark.req("DOC-03")
def test_a_scanner_that_gives_print_coloured_fringes_is_not_taken_for_a_pen() -> None:
    """Sensors half a pixel apart along the feed."""
    fringed = clean_scan("city_opening", seed=7)[0].copy()
    fringed[:, :, 0] = cv2.warpAffine(
        fringed[:, :, 0], np.float32([[1, 0, 0], [0, 1, 0.5]]), fringed.shape[1::-1], borderValue=245
    )

    assert verdict_of("city_opening", [fringed]).outcome == "passed"


@pytest.mark.req("DOC-03")
@pytest.mark.parametrize("name", ["seal_square", "seal_grid"])
def test_straight_red_lines_in_the_seals_place_are_no_seal(name: str) -> None:
    trial = forged(name, "swap_list", 150)

    assert trial.verdict.outcome == "differs"
    assert "方框或格线" in trial.verdict.sentences()[0]


@pytest.mark.req("DOC-03")
@settings(max_examples=3, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(5_000, 9_000), name=st.sampled_from(("quantity_digit", "serial_digit", "one_character")))
def test_no_changed_digit_or_character_passes(seed: int, name: str) -> None:
    trial = forged_trial(name, "swap_list", seed, 150, SMALL["swap_list"])

    assert trial is None or trial.verdict.outcome != "passed"


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
@pytest.mark.parametrize(("name", "kind"), [
    ("serial_digit", "swap_list"), ("quantity_digit", "city_opening"), ("serial_digit", "box_labels"),
])  # fmt: skip
def test_a_forgery_on_a_gray_scan_is_found_where_no_seal_can_lie(name: str, kind: str) -> None:
    form = sample_form(kind, 4_400, SMALL[kind])
    forgery = forge(name, form, 4_400)
    assert forgery is not None

    verdict = verify_pages(Reference(form), [scan(sheet, Scanner(dpi=150, gray=True)) for sheet in forgery.sheets])

    assert verdict.outcome == "differs", verdict.sentences()
    assert any(names(finding, forgery) for finding in verdict.findings)


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


def without_code(image: np.ndarray) -> np.ndarray:
    """The page with its code's corner torn off."""
    torn = image.copy()
    height, width = torn.shape[:2]
    cv2.fillPoly(torn, [np.array([[width, 0], [width * 4 // 5, 0], [width, height // 8]])], (251, 250, 248))
    return torn


@pytest.mark.req("DOC-03")
def test_a_page_without_its_code_is_known_by_its_looks_and_passes_if_everything_on_it_agrees() -> None:
    verdict = verdict_of("swap_list", [without_code(image) for image in clean_scan("swap_list")])

    assert verdict.outcome == "passed", verdict.sentences()
    assert [(finding.weight, finding.kind) for finding in verdict.findings] == [("note", "code_unreadable")]


@pytest.mark.req("DOC-03")
def test_a_forged_page_without_its_code_is_unclear_at_the_forged_place() -> None:
    trial = forged("serial_digit", "swap_list", 200)
    form = sample_form("swap_list", 4_100, SMALL["swap_list"])
    upright = [np.rot90(image, -((page.turn or 0) // 90)) for page, image in zip(
        trial.verdict.pages, trial.images, strict=True)]  # fmt: skip
    verdict = verify_pages(Reference(form), [without_code(image) for image in upright])

    assert verdict.outcome == "unclear"
    assert {finding.place for finding in verdict.findings} >= {finding.place for finding in trial.verdict.findings}


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


@pytest.mark.req("DOC-03")
@pytest.mark.parametrize(
    ("name", "kind"), [("serial_digit", "swap_list"), ("dot", "city_opening"), ("seal_circle", "city_opening")]
)
def test_a_photo_of_a_forged_page_does_not_pass(name: str, kind: str) -> None:
    form = sample_form(kind, 4_100, SMALL[kind])
    forgery = forge(name, form, 4_100)
    assert forgery is not None
    rng = random.Random(4_100)
    machine = as_photo(any_scanner(rng, 300), rng)

    verdict = verify_pages(Reference(form), [scan(sheet, machine) for sheet in forgery.sheets])

    assert verdict.outcome in ("differs", "unclear")
    assert verdict.outcome == "unclear" or any(names(finding, forgery) for finding in verdict.findings)


@pytest.mark.req("DOC-03")
def test_the_page_is_shown_upright_with_its_findings_framed() -> None:
    trial = forged("serial_digit", "swap_list", 200)
    plain = kept_small(trial.images[0])

    marked = cv2.imdecode(np.frombuffer(marked_page(plain, trial.verdict, 1), np.uint8), cv2.IMREAD_COLOR)

    assert marked.shape[0] > marked.shape[1]
    assert ((marked[:, :, 2] > 180) & (marked[:, :, 1] < 70)).sum() > 200


def test_a_finding_reads_as_a_sentence() -> None:
    trial = forged("serial_digit", "swap_list", 200)

    sentence, in_english = trial.verdict.sentences()[0], trial.verdict.sentences("en")[0]

    assert sentence.startswith("第 1 页 换机明细第 ")
    assert "串码：内容不一致，应为“" in sentence
    assert in_english.startswith("Page 1, 换机明细第 ")
    assert '串码: not what was issued; issued "' in in_english


def test_trials_repeat_exactly() -> None:
    form = sample_form("swap_list", 6, SMALL["swap_list"])
    first, second = (scanned(genuine(form, 6).sheets, random.Random(6), 150) for _ in range(2))

    assert np.array_equal(first[0], second[0])
