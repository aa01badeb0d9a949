"""Numbers that are written to do harm cost their own row or request, nobody else's (TRF-01, GTW-01)."""

from datetime import date

import pytest

from kernel.model.errors import DomainError
from services.traffic import bills, ranges, rows

REACH = rows.Reach.of(date(2026, 11, 27), 30, "GB")


@pytest.mark.req("TRF-01", "GTW-01")
@pytest.mark.parametrize("volume", ["9e999999", "-9e999999", "1e99999999999999999999", "sNaN", "Infinity"])
def test_a_volume_beyond_all_numbers_is_a_bad_row(volume: str):
    with pytest.raises(rows.BadRowError) as refused:
        rows.clean("89860200000000000010", "2026-11-20", volume, REACH)

    assert refused.value.code == "usage_volume_malformed"


@pytest.mark.req("TRF-05", "GTW-01")
@pytest.mark.parametrize("amount", ["9e999999", "-9e999999", "1e900000", "sNaN"])
def test_an_amount_beyond_all_numbers_is_none(amount: str):
    assert bills._fen(amount) is None


@pytest.mark.req("TRF-02", "GTW-01")
@pytest.mark.parametrize("text", ["9e999999", "1,-9e999999", "1,1e900000", "NaN", ",", "1,Infinity"])
def test_ranges_beyond_all_numbers_are_refused(text: str):
    with pytest.raises(DomainError) as refused:
        ranges.parse(text)

    assert refused.value.code == "usage_ranges_malformed"


@pytest.mark.req("TRF-02")
def test_ranges_up_to_the_largest_are_taken():
    assert ranges.parse(f"0.5,{1 << 30}") == [1 << 19, 1 << 50]
