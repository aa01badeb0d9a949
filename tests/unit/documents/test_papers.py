"""Papers that another hand made, each with what is right about it (DOC-03)."""

import random
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest

from services.documents.forms.issuing import IssuedForm
from services.documents.verify.judging import verify_pages
from services.documents.verify.reference import Reference
from services.documents.verify.verdict import Verdict
from services.documents.verify.verifying import verify_upload
from tests.documents_lab.genuine import genuine
from tests.documents_lab.marks import FOREIGN, HONEST, Box, overlap, put_apart
from tests.documents_lab.samples import sample_form
from tests.documents_lab.scanner import any_scanner, scan
from tests.documents_lab.trial import scanned

PAPERS = Path(__file__).parents[2] / "documents_lab" / "papers"


@lru_cache(maxsize=32)
def verdict_on(name: str) -> Verdict:
    """The file's name begins with the number of the issued form that it is the return of."""
    issued = next(PAPERS.glob(f"issued-{name[0]}*.pdf"))
    return verify_upload(issued.read_bytes(), (PAPERS / name).read_bytes())


@pytest.mark.req("DOC-03")
@pytest.mark.parametrize("name", [
    "1-control.pdf", "1-opens-at-a-page.pdf", "1-zeros-after-the-end.pdf", "1-compact-scan-with-mask.pdf",
    "2-genuine-date-beside-label.pdf", "2-genuine-strips-150dpi.pdf", "3-genuine-staple.pdf",
    "3-genuine-binding-shadow.pdf",
])  # fmt: skip
def test_an_honest_paper_of_another_hand_passes(name: str) -> None:
    assert verdict_on(name).outcome == "passed", verdict_on(name).sentences()


@pytest.mark.req("DOC-03")
@pytest.mark.parametrize("name", ["1-transparent-paper.png", "1-jpx-600dpi.pdf"])
def test_a_picture_that_is_hard_to_decode_accuses_nobody(name: str) -> None:
    verdict = verdict_on(name)

    assert verdict.outcome == "passed", verdict.sentences()


@pytest.mark.req("DOC-03")
@pytest.mark.parametrize(("name", "place"), [
    ("2-magenta-note.pdf", "汇总"), ("2-decimal-dot.pdf", "汇总第 1 条 旧卡更换数量"),
    ("2-red-digit-inside-second-seal.pdf", "汇总第 3 条"),
])  # fmt: skip
def test_no_ink_of_another_hand_is_invisible(name: str, place: str) -> None:
    verdict = verdict_on(name)

    assert verdict.outcome in ("differs", "unclear")
    assert any(place in finding.place for finding in verdict.findings if finding.weight != "note"), verdict.sentences()


@pytest.mark.req("DOC-03")
def test_a_form_field_over_a_number_is_refused_with_its_cause() -> None:
    verdict = verdict_on("2-form-field-over-number.pdf")

    assert verdict.outcome == "refused"
    assert "表单域" in verdict.sentences()[0]


@pytest.mark.req("DOC-03")
def test_a_sheet_without_a_code_gets_a_verdict() -> None:
    verdict = verdict_on("2-sheet-without-code.pdf")

    assert verdict.outcome == "unclear"
    assert {finding.kind for finding in verdict.findings} == {"page_unknown", "page_missing"}


@pytest.mark.req("DOC-03")
def test_marks_that_touch_no_content_are_named_in_the_notes() -> None:
    notes = [(finding.seen, finding.page) for finding in verdict_on("3-genuine-binding-shadow.pdf").findings]

    assert ("边缘阴影", 2) in notes
    assert ("订书钉或细线", 1) in [(f.seen, f.page) for f in verdict_on("3-genuine-staple.pdf").findings]


@pytest.mark.req("DOC-03")
def test_an_unsigned_form_is_told() -> None:
    told = [finding for finding in verdict_on("2-genuine-date-beside-label.pdf").findings if finding.kind == "unsigned"]

    assert [(finding.weight, finding.place) for finding in told] == [("note", "经办人签字、负责人签字、单位领导签字")]


@lru_cache(maxsize=2)
def unmarked(seed: int) -> tuple[IssuedForm, list[np.ndarray]]:
    """A return that nothing has happened to; nobody may write on it."""
    form = sample_form("city_opening", seed, 10)
    sheets = genuine(form, seed, wear=False).sheets
    for sheet in sheets:
        sheet.setflags(write=False)
    return form, sheets


@pytest.mark.req("DOC-03")
@pytest.mark.parametrize("mark", list(HONEST))
def test_what_happens_to_honest_paper_does_not_stop_it(mark: str) -> None:
    form, (first, *others) = unmarked(7_300)
    rng, sheet = random.Random(f"{mark}/7300"), first.copy()
    HONEST[mark](rng, sheet, form)

    verdict = verify_pages(Reference(form), scanned([sheet, *others], rng, 200))

    assert verdict.outcome == "passed", verdict.sentences()


SHEETS = 6


@pytest.mark.req("DOC-03")
@pytest.mark.parametrize("part", range(SHEETS))
def test_no_ink_that_a_person_sees_is_invisible(part: int) -> None:
    """Some marks of every sort on one sheet; each is told at its own place."""
    form, (first, *others) = unmarked(7_403)
    rng, sheet = random.Random(f"foreign/{part}"), first.copy()
    names = list(FOREIGN)[part::SHEETS]
    places = put_apart(rng, sheet, form, names)

    machine = replace(any_scanner(rng, (200, 300)[part % 2]), shift=(0.0, 0.0))  # it sees the sheet's edges

    verdict = verify_pages(Reference(form), [scan(page, machine) for page in (sheet, *others)])

    found = [(f.weight, sides_of(f.box)) for f in verdict.findings if f.weight != "note" and f.page == 1 and f.box]
    told = {name: [weight for weight, box in found if overlap(box, place, 1.0)] for name, place in places.items()}
    assert sorted(places) == sorted(names)
    assert all(box[2] - box[0] < 60 for _, box in found), "one finding for everything says no place"
    assert [name for name, weights in told.items() if not weights] == []
    assert [name for name, weights in told.items() if "differs" in weights and "bleached" not in name] == []


def sides_of(box: Box) -> Box:
    return (box[0], box[1], box[0] + box[2], box[1] + box[3])
