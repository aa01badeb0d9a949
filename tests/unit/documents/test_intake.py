"""Uploads: real PDFs are rendered, hostile ones refused within bounds, and the parent lives on (DOC-04)."""

import resource

import numpy as np
import pytest

from services.documents.verify.intake import FileRefusedError, pages_of
from services.documents.verify.verifying import verify_upload
from tests.documents_lab import fuzz
from tests.documents_lab.files import hostile_files, patched_text_pdf, scan_pdf, sealed_text_pdf
from tests.documents_lab.samples import sample_form

EXPECTED = {
    "empty": "empty", "text": "not_pdf", "zip_polyglot": "not_pdf", "zip_behind": "polyglot",
    "embedded_file": "embedded", "truncated": "broken", "noise": "broken", "encrypted": "encrypted",
    "no_pages": "no_pages", "ten_thousand_pages": "too_many_pages", "giant_image": "image_size",
    "wide_image": "image_size", "content_bomb": "stream_size", "nested_forms": "too_complex",
    "giant_page": "page_size", "zero_page": "page_size", "looping_tree": "broken", "script": "script",
}  # fmt: skip


def cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_every_hostile_file_has_a_reason_to_be_refused() -> None:
    assert set(hostile_files()) == set(EXPECTED)


@pytest.mark.req("DOC-04")
@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_hostile_file_is_refused_with_a_reason_in_bounded_time(name: str) -> None:
    before = cpu_of_children()

    with pytest.raises(FileRefusedError) as refusal:
        list(pages_of(hostile_files()[name]))

    assert refusal.value.reason == EXPECTED[name]
    assert cpu_of_children() - before < 5


@pytest.mark.req("DOC-04")
@pytest.mark.parametrize("seed", range(6))
def test_a_damaged_file_comes_back_as_pages_or_as_a_refusal_with_a_reason(seed: int) -> None:
    outcome = fuzz.tried(fuzz.damaged(seed))

    assert outcome.in_bounds, outcome


@pytest.mark.req("DOC-04")
def test_a_refused_file_is_a_verdict() -> None:
    verdict = verify_upload(sample_form("swap_list", 1, 5).pdf, hostile_files()["encrypted"])

    assert verdict.outcome == "refused"
    assert "加密" in verdict.sentences()[0]


@pytest.mark.req("DOC-04")
def test_a_scan_is_rendered_at_its_own_resolution() -> None:
    image = np.full((1754, 1240, 3), 255, np.uint8)

    (page,) = pages_of(scan_pdf([image]))

    assert abs(page.shape[0] - 1754) <= 1
    assert abs(page.shape[1] - 1240) <= 1


@pytest.mark.req("DOC-03")
@pytest.mark.parametrize("annotation", [False, True])
def test_a_text_pdf_with_a_digital_seal_passes(annotation: bool) -> None:
    form = sample_form("swap_list", 7, 6)

    verdict = verify_upload(form.pdf, sealed_text_pdf(form, 1, annotation=annotation))

    assert verdict.outcome == "passed", verdict.sentences()


@pytest.mark.req("DOC-03")
def test_a_picture_over_an_untouched_text_layer_is_seen() -> None:
    form = sample_form("city_opening", 7, 4)

    verdict = verify_upload(form.pdf, patched_text_pdf(form, 1))

    assert verdict.outcome in ("differs", "unclear")
    assert any("需求数量合计" in sentence or "条" in sentence for sentence in verdict.sentences())
