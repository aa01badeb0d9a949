"""Books of Apache POI and of WPS Office, as far as they can be imitated (``suites``): read whole and right (INV-01)."""

import io

import pytest

from kernel.chassis.files import look
from kernel.model.iccid import normalise
from services.inventory.deliveries.columns import CARD_LIST, DELIVERY
from tests.unit.files.books import CARDS, NUMBERS, read
from tests.unit.files.other_hands import LINES
from tests.unit.files.suites import BOOKS, dated
from tests.unit.files.test_cases import judged

pytestmark = pytest.mark.req("INV-01", "INV-04")


@pytest.mark.parametrize("name", BOOKS)
def test_a_delivery_has_its_five_cards_with_their_numbers(name: str) -> None:
    batch, _ = read(BOOKS[name], DELIVERY)

    found = judged(batch)

    assert found.refused == []
    assert [normalise(iccid) for iccid in batch["iccid"]] == NUMBERS
    assert list(zip(batch["imsi"], batch["msisdn"], strict=True)) == [line[1:] for line in LINES]
    assert batch.row_nos == [2, 3, 4, 5, 6]


@pytest.mark.parametrize("name", BOOKS)
def test_a_list_has_its_five_cards_and_a_look_says_so(name: str) -> None:
    seen = look(io.BytesIO(BOOKS[name]), CARD_LIST)
    batch, _ = read(BOOKS[name], CARD_LIST)

    assert [normalise(iccid) for iccid in batch["iccid"]] == NUMBERS
    assert (seen.rows, seen.problem) == (5, None)


@pytest.mark.parametrize("maker", ["POI", "WPS"])
@pytest.mark.parametrize(("from_1904", "serial"), [(False, "46327.0"), (True, "44865.0"), (False, "46327")])
def test_a_day_is_the_same_in_either_calendar(maker: str, serial: str, *, from_1904: bool) -> None:
    batch, _ = read(dated(maker, from_1904=from_1904, serial=serial), CARDS)

    assert batch["day"] == ["2026-11-01"]
