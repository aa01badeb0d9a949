"""A character that is printed as its nearest neighbour of the typeface never passes (DOC-03)."""

import numpy as np
import pytest

from services.documents.verify.findings import glyph_states
from services.documents.verify.glyphs import Reading
from services.documents.verify.reference import Glyph
from services.documents.verify.templates import lookalikes, rivals
from tests.documents_lab.lookalikes import FIGURES, LETTERS, NAMED, RARE, both, tried


@pytest.mark.req("DOC-03")
@pytest.mark.parametrize("dpi", [150, 300])
def test_no_lookalike_passes_and_no_genuine_character_is_accused(dpi: int) -> None:
    """The rare ones passed while only GB 2312 was asked for rivals."""
    seen = list(tried([*both(NAMED), *both(RARE)], dpi, seed=40))
    forged = [found for found in seen if found.issued != found.printed]
    honest = [found for found in seen if found.issued == found.printed]

    assert len(seen) == 2 * len(NAMED + RARE)
    assert [found for found in forged if not found.weight] == []
    assert [found for found in honest if found.weight == "differs"] == []
    assert sum(found.weight == "differs" for found in forged) > 0.9 * len(forged)
    assert sum(not found.weight for found in honest) > 0.9 * len(honest)


@pytest.mark.req("DOC-03")
def test_no_latin_letter_passes_for_another_at_150_dpi() -> None:
    """At the end of a line, where nothing behind it is pushed away."""
    seen = list(tried(both(LETTERS) * 2, 150, seed=42))
    honest = [found for found in seen if found.issued == found.printed]

    assert [found for found in seen if found.issued != found.printed and not found.weight] == []
    assert [found for found in honest if found.weight == "differs"] == []
    assert sum(not found.weight for found in honest) > 0.9 * len(honest)


@pytest.mark.req("DOC-03")
def test_no_digit_passes_for_another_at_150_dpi() -> None:
    seen = list(tried(both(FIGURES) * 2, 150, seed=41))

    assert len(seen) == 180
    assert [found for found in seen if found.issued != found.printed and not found.weight] == []
    assert [found for found in seen if found.issued == found.printed and found.weight == "differs"] == []


@pytest.mark.req("DOC-03")
def test_a_bold_character_with_whole_strokes_needs_a_smaller_lead_than_one_that_lacks_some() -> None:
    """An honest 国 that prints bold is hardly more like itself than like 囯; a Latin letter needs its whole lead."""
    glyphs = [Glyph(character, 9.5, 10.0, 10.0, 0) for character in "国国国I"]
    expected, full = np.full(4, 0.96), np.ones(4)
    rival = expected - [0.006, 0.006, 0.004, 0.006]
    lacking = np.array([0.12, 0.3, 0.12, 0.12])
    reading = Reading(glyphs, expected, rival, np.full(4, 0.12), full, ["囯", "囯", "囯", "l"], lacking, full * 0.1)

    assert glyph_states(reading, np.zeros(4, bool)).tolist() == [0, 1, 1, 1]


@pytest.mark.req("DOC-03")
def test_characters_that_print_nearly_the_same_need_whole_strokes_or_a_clear_lead() -> None:
    """A speck in the place of its stub let a 胃 lead by 0.53 as 胄 at 150 dpi, its strokes 0.23 off, and pass."""
    glyphs = [Glyph("胄", 9.5, 10.0, 10.0, 0)] * 4
    expected, lead = np.full(4, 0.98), np.array([0.53, 0.53, 0.9, 0.33])
    rival = expected - [0.0097, 0.0097, 0.0166, 0.0015]
    off = np.array([0.23, 0.10, 0.23, 0.05])
    reading = Reading(glyphs, expected, rival, lead, np.ones(4), ["胃"] * 4, off, off / 2)

    assert glyph_states(reading, np.zeros(4, bool)).tolist() == [1, 0, 0, 1]


@pytest.mark.req("DOC-03")
def test_what_prints_nearly_the_same_is_asked_whatever_a_print_looks_like_from_afar() -> None:
    """A 籝 passed for 籯 where a blurred print looked a little more like a third character."""
    blank = np.zeros((1, 24 * 22), np.float32)
    blank[0, ::7] = 1.0

    assert "籝" not in rivals("籯")
    assert "籝" in lookalikes(blank, "籯", np.array([False]))[0]


@pytest.mark.req("DOC-03")
def test_a_figure_needs_a_smaller_lead_over_a_letter_than_over_another_figure() -> None:
    """Where ink runs an honest 5 leads by 0.29 over S; what a pen or a blade made of a figure is not whole."""
    glyphs = [Glyph("5", 9.5, 10.0, 10.0, 0)] * 3
    expected, full = np.full(3, 0.97), np.ones(3)
    off = np.array([0.2, 0.2, 0.6])
    reading = Reading(glyphs, expected, expected - 0.02, full * 0.25, full, ["S", "6", "S"], off * 0.5, off)

    assert glyph_states(reading, np.zeros(3, bool)).tolist() == [0, 1, 1]
