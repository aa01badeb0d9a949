"""A sample of the seals' table (`python -m tests.seal_lab`): what is called same, and what never is."""

import pytest

from services.documents.impressions.reuse import REUSED
from services.documents.impressions.specimen import Specimen, letters_at
from tests.seal_lab.trial import GOOD, NEAR, NEVER_SAME, compared, likeness_of_prints, specimen_of

SEALS = (3, 221)


@pytest.mark.req("DOC-06")
@pytest.mark.parametrize("seal", SEALS)
def test_a_genuine_impression_is_the_same(seal: int):
    assert [compared(GOOD, seal, seed, 300).comparison.outcome for seed in (0, 1)] == ["same", "same"]


@pytest.mark.req("DOC-06")
@pytest.mark.parametrize("seal", SEALS)
@pytest.mark.parametrize("kind", [*NEVER_SAME, *NEAR])
def test_a_copy_with_the_genuine_seals_wear_is_never_the_same(seal: int, kind: str):
    assert compared(kind, seal, 20, 300).comparison.outcome != "same"


@pytest.mark.req("DOC-06")
@pytest.mark.parametrize("seal", SEALS)
def test_an_impression_is_known_again_and_another_is_not(seal: int):
    assert likeness_of_prints(seal, 1, 200, reused=True) >= REUSED
    assert likeness_of_prints(seal, 1, 200, reused=False) < REUSED


@pytest.mark.req("DOC-06")
def test_a_specimen_survives_being_kept():
    specimen = specimen_of(3)
    kept = Specimen.from_bytes(specimen.as_bytes())

    assert abs(kept.ink - specimen.ink).max() < 0.01
    assert (kept.known == specimen.known).all()
    assert kept.radius == specimen.radius == pytest.approx(22.0, abs=0.3)


@pytest.mark.req("DOC-06")
def test_letters_are_counted_along_the_arc():
    """Eight letters over 200 degrees: the fifth begins at the top, the first has its middle 87 degrees to the left."""
    specimen = specimen_of(3)

    assert letters_at(specimen, 8, (12.0,)) == [5]
    assert letters_at(specimen, 8, (272.0, 88.0)) == [1, 8]
    assert letters_at(specimen, 8, (180.0,)) == []
