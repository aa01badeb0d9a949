"""A row that is written to do harm costs itself, not the batch that it came with (BND-01, BND-09)."""

import pytest

from kernel.model.errors import DomainError
from services.binding import carrier_counts, intake

ETHIOPIC_ONE, KHAROSHTHI_ONE, ARABIC_ONE = "\u1369", "\U00010a40", "\u0661"


@pytest.mark.req("BND-01", "GTW-01")
@pytest.mark.parametrize("digit", [ETHIOPIC_ONE, KHAROSHTHI_ONE, ARABIC_ONE])
@pytest.mark.parametrize("length", [19, 20])
def test_digits_of_another_script_stand_for_no_card(digit: str, length: int):
    assert intake.spellings(digit * length) == []


@pytest.mark.req("BND-09", "GTW-01")
@pytest.mark.parametrize("cards", ["000000000001" + "9" * 20, "9" * 5000, "0" * 5000 + "1" + "0" * 10, "-1", "", True])
def test_a_count_that_no_unit_can_have_is_refused(cards: object):
    with pytest.raises(DomainError) as refused:
        carrier_counts._number(cards)

    assert refused.value.code == "count_malformed"


@pytest.mark.req("BND-09")
@pytest.mark.parametrize(("cards", "meant"), [("0", 0), ("000", 0), ("0012", 12), ("1,200", 1200), (10**9, 10**9)])
def test_a_count_is_taken_as_people_write_it(cards: object, meant: int):
    assert carrier_counts._number(cards) == meant
