"""What counts as a seal and what is only round and red (DOC-03); the seeds here set no limit."""

import random
from functools import lru_cache

import cv2
import numpy as np
import pytest

from services.documents.impressions.finding import impressions_on
from services.documents.verify.judging import verify_pages
from services.documents.verify.reference import Reference
from tests.documents_lab import paper
from tests.documents_lab.forger import _sheets
from tests.documents_lab.samples import sample_form
from tests.documents_lab.scanner import Scanner, scan
from tests.documents_lab.seal_kinds import FALSE, Drawing, impression, seal_face
from tests.documents_lab.seal_trial import Round, sheet
from tests.second_lab import forged_papers, genuine_seals  # noqa: F401 - register their kinds
from tests.second_lab.bench import build
from tests.second_lab.judging import judge


@lru_cache(maxsize=2)
def rounds(*kinds: str) -> tuple[Round, ...]:
    return tuple(found for seed in range(9_000, 9_003) for found in sheet(seed, kinds))


@pytest.mark.req("DOC-03")
def test_seals_are_seals_faded_starless_folded_short_magenta_or_orange() -> None:
    seen = rounds("seal")

    assert len(seen) == 36
    assert sum(found.counts for found in seen) >= 35, [found for found in seen if not found.counts]


@pytest.mark.req("DOC-03")
def test_what_is_round_and_red_without_a_seals_lettering_is_no_seal() -> None:
    seen = rounds(*FALSE)

    assert {found.kind for found in seen} == set(FALSE)
    assert [found for found in seen if found.counts] == []


def outcome_with(face: np.ndarray, condition: str, dpi: int) -> tuple[str, set[str]]:
    """The verdict on a return with this in the seal's place."""
    form = sample_form("swap_list", 1, 12)
    rng = random.Random(77)
    sheets = _sheets(form, form.layout, rng, sealed=False)
    area = next(area for area in form.layout.sheets[0].areas if area.use == "seal")
    ink, colour = impression(face, rng, condition)
    paper.inked(sheets[0], ink, area.x + area.width / 2, area.y + area.height / 2, colour)
    verdict = verify_pages(Reference(form), [scan(page, Scanner(dpi=dpi, seed=5)) for page in sheets])
    return verdict.outcome, {finding.kind for finding in verdict.findings if finding.weight != "note"}


@pytest.mark.req("DOC-03")
@pytest.mark.parametrize("kind", ["postmark", "gear", "slogan_logo"])
def test_a_return_with_a_postmark_gear_or_badge_for_a_seal_does_not_pass(kind: str) -> None:
    outcome, kinds = outcome_with(FALSE[kind](random.Random(9)), "plain", 200)

    assert outcome != "passed"
    assert kinds <= {"seal_invalid", "seal_unclear"}


@pytest.mark.req("DOC-03")
def test_words_written_straight_across_a_pens_circle_are_no_seal() -> None:
    """The second laboratory's: a red circle round a cup, a star and five letters by pen; it passed."""
    verdict = judge(build("circle_by_pen", 90)).verdict

    assert verdict.outcome in ("differs", "unclear")
    assert any(finding.kind in ("seal_unclear", "seal_invalid") for finding in verdict.findings)


def oval_of(face: np.ndarray) -> np.ndarray:
    """A face 44 mm across made 46 by 31."""
    high, wide = face.shape
    small = cv2.resize(face, (round(wide * 1.05), round(high * 0.7)), interpolation=cv2.INTER_AREA)
    top, left = (high - small.shape[0]) // 2, (small.shape[1] - wide) // 2
    oval = np.zeros_like(face)
    oval[top : top + small.shape[0]] = small[:, left : left + wide]
    return oval


@pytest.mark.req("DOC-03")
@pytest.mark.parametrize("dpi", [150, 300])
def test_an_oval_seal_accuses_nobody_and_an_empty_oval_is_no_seal(dpi: int) -> None:
    empty = Drawing()
    empty.ring(22.0, 1.2)

    oval, ring = (outcome_with(oval_of(face), "plain", dpi) for face in (
        seal_face(random.Random(4), 9, star=False), empty.done()))  # fmt: skip

    assert oval == ("unclear", {"seal_unclear"})
    assert ring == ("differs", {"seal_invalid"})


@pytest.mark.req("DOC-03")
def test_an_oval_seal_of_a_few_small_letters_accuses_nobody() -> None:
    """The second laboratory's: six letters of 4.4 mm and three across the middle, of which little is seen."""
    verdict = judge(build("oval_seal", 72)).verdict

    assert verdict.outcome != "differs", verdict.sentences()


@pytest.mark.req("DOC-03")
@pytest.mark.parametrize(("star", "condition", "dpi"), [
    (False, "coloured", 150), (False, "folded", 300), (True, "faded", 200),
])  # fmt: skip
def test_a_return_with_a_short_seal_passes(star: bool, condition: str, dpi: int) -> None:
    outcome, kinds = outcome_with(seal_face(random.Random(12), 7, star=star), condition, dpi)

    assert (outcome, kinds) == ("passed", set())


@pytest.mark.req("DOC-03")
@pytest.mark.parametrize(("seed", "dpi"), [(3, 200), (12, 300)])
def test_a_seal_of_a_quarter_of_its_ink_is_seen_and_its_scan_is_one_in_colour(seed: int, dpi: int) -> None:
    """No other colour is on the sheet, and the paper is white."""
    form = sample_form("swap_list", 1, 12)
    page = _sheets(form, form.layout, random.Random(seed), sealed=False)[0]
    area = next(area for area in form.layout.sheets[0].areas if area.use == "seal")
    ink, colour = impression(seal_face(random.Random(seed), 9, star=True), random.Random(seed), "plain")
    paper.inked(page, ink * 0.28, area.x + area.width / 2, area.y + area.height / 2, colour)

    verdict = verify_pages(Reference(form), [scan(page, Scanner(dpi=dpi, seed=5, paper=(250, 250, 250), noise=0.5))])

    assert verdict.outcome == "passed", verdict.sentences()


@pytest.mark.req("DOC-06")
def test_three_impressions_of_a_short_name_without_a_number_can_be_registered() -> None:
    page = np.full((1200, 2480, 3), 250, np.uint8)
    for at, x in enumerate((45.0, 105.0, 165.0)):
        rng = random.Random(f"card/{at}")
        ink, colour = impression(seal_face(random.Random(40), 6, star=False), rng, "plain")
        paper.inked(page, ink, x, 50.0, colour)

    assert len(impressions_on(page, 300.0)) == 3


def close_to_the_ring(name: str) -> np.ndarray:
    """A seal of 42 mm with a long name: letters of 4.4 mm that nearly touch the ring, a star."""
    drawing = Drawing()
    drawing.ring(21.0, 1.1)
    drawing.letters(name, 16.8, 4.4, 270 / len(name), wide=0.7)
    drawing.star(6.5)
    return drawing.done()


@pytest.mark.req("DOC-03")
@pytest.mark.parametrize("dpi", [200, 300])
def test_a_seal_whose_long_name_stands_close_to_the_ring_is_a_seal(dpi: int) -> None:
    """Letters were looked for up to a fixed distance from the ring: a third of names of 11 to 21 letters was none."""
    face = close_to_the_ring("青石省电力有限公司东未区供电公司")

    assert outcome_with(face, "plain", dpi) == ("passed", set())


@pytest.mark.req("DOC-03")
def test_small_latin_words_close_to_the_ring_are_no_seals_lettering() -> None:
    outcome, kinds = outcome_with(close_to_the_ring("BEST QUALITY * TOP CHOICE * "), "plain", 300)

    assert outcome != "passed"
    assert kinds <= {"seal_invalid", "seal_unclear"}


@pytest.mark.req("DOC-03")
@pytest.mark.parametrize("dpi", [200, 300])
def test_a_long_narrow_name_is_read_as_fine_as_it_was_scanned(dpi: int) -> None:
    """27 letters of 3.4 mm run together at the 100 dpi that a page's red ink is judged at; a person sees a seal."""
    drawing = Drawing()
    drawing.ring(22.0, 1.1)
    drawing.letters("国网青石省电力有限公司东未区供电分公司营销部计量中心", 18.6, 3.4, 10.3, wide=0.6)
    drawing.star(6.5)

    assert outcome_with(drawing.done(), "plain", dpi) == ("passed", set())


@pytest.mark.req("DOC-03")
def test_latin_words_read_as_fine_as_they_were_scanned_are_no_seals_letters() -> None:
    drawing = Drawing()
    drawing.ring(22.0, 1.1)
    drawing.letters("BEST QUALITY * PREMIUM * TOP CHOICE", 18.6, 3.4, 8.5)
    drawing.star(6.5)
    outcome, kinds = outcome_with(drawing.done(), "plain", 300)

    assert outcome != "passed"
    assert kinds <= {"seal_invalid", "seal_unclear"}


@pytest.mark.req("DOC-03")
def test_a_postmark_of_four_chinese_letters_is_no_seal() -> None:
    """Read as fine as it was scanned, its letters are Chinese: too few for a name that needs to be read so."""
    drawing = Drawing()
    drawing.ring(20.0, 0.7)
    drawing.letters("江北支局", 16.4, 4.0, 24)
    drawing.letters("POST", 16.4, 4.0, 14, 180, inward=True)
    drawing.words("2026.11.27", 0, 4.0, 2.3)

    assert outcome_with(drawing.done(), "weak", 300)[0] != "passed"
