"""Forged returns from the laboratory: none passes, and its place is named (DOC-03)."""

import copy
import random
from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from services.documents.forms.drawing import draw
from services.documents.forms.fonts import advance_mm
from services.documents.verify.findings import glyph_states
from services.documents.verify.glyphs import Reading
from services.documents.verify.judging import verify_pages
from services.documents.verify.marking import kept_small, marked_page
from services.documents.verify.reference import Glyph, Reference
from services.documents.verify.verdict import Finding, Verdict
from tests.documents_lab import paper
from tests.documents_lab.forger import Forgery, forge, retyped_all
from tests.documents_lab.genuine import genuine
from tests.documents_lab.returns import SMALL, forged, sheets_of, verdict_of, without_code
from tests.documents_lab.samples import sample_form
from tests.documents_lab.scanner import Scanner, any_scanner, as_photo, scan
from tests.documents_lab.trial import forged_trial, names, scanned


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


@pytest.mark.req("DOC-03")
@pytest.mark.parametrize(("name", "kind", "dpi"), [("added_row", "swap_list", 150), ("added_row", "city_opening", 200)])
def test_a_row_added_in_the_forms_own_face_is_read_and_differs(name: str, kind: str, dpi: int) -> None:
    trial = forged(name, kind, dpi)

    read = [finding for finding in trial.verdict.findings if finding.kind == "added"]
    assert trial.verdict.outcome == "differs"
    assert trial.placed
    assert sum(len(finding.seen or "") for finding in read) > 8


@pytest.mark.req("DOC-03")
@pytest.mark.parametrize(("behind", "dpi"), [("0", 150), ("00", 300), ("等", 200), ("有限", 150)])
def test_what_is_printed_behind_a_cells_end_is_read_and_differs(behind: str, dpi: int) -> None:
    form = sample_form("city_opening", 1, SMALL["city_opening"])
    layout = copy.deepcopy(form.layout)
    cells = layout.sheets[0].cells
    wanted = "汇总第 1 条 新增卡数量" if behind.isdigit() else "汇总第 1 条 运营商"
    at = next(at for at, cell in enumerate(cells) if cell.name == wanted)
    cells[at] = replace(cells[at], text=cells[at].text + behind)
    sheet = paper.rendered(draw(layout, "x"), 0)

    verdict = verify_pages(Reference(form), [scan(sheet, Scanner(dpi=dpi, seed=9))])

    added = [finding for finding in verdict.findings if finding.kind == "added"]
    assert {finding.place.removesuffix(" 旁") for finding in added} == {wanted}
    assert behind in {finding.seen for finding in added}


@pytest.mark.req("DOC-03")
@pytest.mark.parametrize("dpi", [150, 300])
def test_a_stamp_or_a_note_in_another_face_accuses_nobody(dpi: int) -> None:
    """A clerk's date stamp, about as large as the form's own type."""
    form = sample_form("city_opening", 1, SMALL["city_opening"])
    sheet = Image.fromarray(sheets_of("city_opening")[0])
    cell = next(cell for cell in form.layout.sheets[0].cells if cell.name == "汇总第 1 条 新增卡数量")
    stamp = ImageDraw.Draw(sheet)
    for x, y, text in ((cell.x + 8, cell.y, "120"), (60.0, 200.0, "2026-11-27 No. 3358")):
        face = ImageFont.load_default(size=cell.size * paper.DPI / 72)
        stamp.text((x * paper.MM, y * paper.MM), text, fill=(20, 20, 24), font=face, anchor="ls")

    verdict = verdict_of("city_opening", [scan(np.asarray(sheet), Scanner(dpi=dpi, seed=9))])

    assert verdict.outcome == "unclear", verdict.sentences()


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
def test_a_forged_page_without_its_code_is_unclear_at_the_forged_place() -> None:
    trial = forged("serial_digit", "swap_list", 200)
    form = sample_form("swap_list", 4_100, SMALL["swap_list"])
    upright = [np.rot90(image, -((page.turn or 0) // 90)) for page, image in zip(
        trial.verdict.pages, trial.images, strict=True)]  # fmt: skip
    verdict = verify_pages(Reference(form), [without_code(image) for image in upright])

    assert verdict.outcome == "unclear"
    assert {finding.place for finding in verdict.findings} >= {finding.place for finding in trial.verdict.findings}


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


def altered_nine(layer: str, dpi: int) -> tuple[str, Verdict]:
    """Where a number has a stroke scratched off, or a blue point of 0.48 mm beside a digit's foot."""
    form = sample_form("swap_list", 1, SMALL["swap_list"])
    sheet = sheets_of("swap_list")[0].copy()
    cell = next(cell for cell in form.layout.sheets[0].cells if cell.text.isdigit() and "9" in cell.text[2:])
    left = cell.x + advance_mm("0", cell.size) * cell.text.index("9", 2)
    high = cell.size / 72 * 25.4
    if layer == "scratched":  # the upper right of a 9
        x0, x1, y0, y1 = (round(v * paper.MM) for v in (left + 0.27 * high, left + 0.6 * high, cell.y - 0.62 * high,
                                                        cell.y - 0.3 * high))  # fmt: skip
        sheet[y0:y1, x0:x1] = 250
    else:
        paper.stroke(sheet, [(left + 0.03, cell.y - 0.2), (left + 0.04, cell.y - 0.2)], 0.48, paper.BLUE)
    return cell.name, verdict_of("swap_list", [scan(sheet, Scanner(dpi=dpi))])


@pytest.mark.req("DOC-03")
@pytest.mark.parametrize("layer", ["scratched", "pointed"])
@pytest.mark.parametrize("dpi", [150, 200, 300])
def test_a_stroke_that_is_gone_and_a_point_that_touches_a_digit_stop_a_pass(layer: str, dpi: int) -> None:
    place, verdict = altered_nine(layer, dpi)

    assert verdict.outcome != "passed"
    assert {finding.place.removesuffix(" 旁") for finding in verdict.findings if finding.weight != "note"} == {place}


@pytest.mark.req("DOC-03")
def test_a_coloured_line_through_a_number_is_seen_where_it_is_most_of_the_words_on_its_page() -> None:
    """The colour of all words was taken for the scanner's fringes."""
    form = sample_form("swap_list", 1, 1)
    sheet = genuine(form, 1, wear=False).sheets[0].copy()
    cell = next(cell for cell in form.layout.sheets[0].cells if cell.name.endswith("退回串码"))
    end = cell.x + advance_mm("0", cell.size) * len(cell.text)
    paper.stroke(sheet, [(cell.x, cell.y - 1.2), (end, cell.y - 1.1)], 0.3, (225, 40, 160))

    verdict = verify_pages(Reference(form), [scan(sheet, Scanner(dpi=200))])

    assert verdict.outcome == "unclear"
    assert {finding.place for finding in verdict.findings if finding.weight != "note"} == {cell.name}


@pytest.mark.req("DOC-03")
def test_a_hyphen_that_poor_toner_has_lost_is_unclear_and_a_digit_that_is_gone_is_not() -> None:
    glyphs = [Glyph(character, 9.5, 10.0, 10.0, 0) for character in "5-"]
    nothing = np.zeros(2)
    reading = Reading(glyphs, nothing, nothing, nothing, np.array([0.1, 0.1]), ["", ""], nothing, nothing)

    assert glyph_states(reading, np.zeros(2, bool)).tolist() == [3, 1]
