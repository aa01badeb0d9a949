"""A character that is printed as its nearest neighbour of the typeface never passes (DOC-03)."""

import numpy as np
import pytest

from services.documents.verify.findings import glyph_states
from services.documents.verify.glyphs import Reading
from services.documents.verify.reference import Glyph
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
