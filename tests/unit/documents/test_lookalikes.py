"""A character that is printed as its nearest neighbour of the typeface never passes (DOC-03)."""

import pytest

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
