"""Papers that another hand made, each with what is right about it (DOC-03)."""

import random
from functools import lru_cache
from pathlib import Path

import pytest

from services.documents.verify.judging import verify_pages
from services.documents.verify.reference import Reference
from services.documents.verify.verdict import Verdict
from services.documents.verify.verifying import verify_upload
from tests.documents_lab.genuine import genuine
from tests.documents_lab.marks import FOREIGN, HONEST
from tests.documents_lab.samples import sample_form
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


def return_with(mark: str, kind: str, seed: int, dpi: int) -> Verdict:
    """A genuine return on whose first page somebody or something left a mark."""
    form = sample_form(kind, seed, 10 if kind == "city_opening" else 6)
    sheets = genuine(form, seed, wear=False).sheets
    sheets[0] = sheets[0].copy()
    rng = random.Random(f"{mark}/{seed}")
    (HONEST | FOREIGN)[mark](rng, sheets[0], form)
    return verify_pages(Reference(form), scanned(sheets, rng, dpi))


@pytest.mark.req("DOC-03")
@pytest.mark.parametrize("mark", list(HONEST))
def test_what_happens_to_honest_paper_does_not_stop_it(mark: str) -> None:
    verdict = return_with(mark, "city_opening", 7_300, 200)

    assert verdict.outcome == "passed", verdict.sentences()


@pytest.mark.req("DOC-03")
@pytest.mark.parametrize("mark", list(FOREIGN))
def test_no_ink_that_a_person_sees_is_invisible(mark: str) -> None:
    verdict = return_with(mark, "city_opening", 7_403, 300)

    assert verdict.outcome in ("unclear", "differs")
    assert all(finding.weight != "differs" or "bleached" in mark for finding in verdict.findings), verdict.sentences()
