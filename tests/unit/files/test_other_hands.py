"""Files of other programs and people, as a delivery and as a list: exactly the five cards that one sees (INV-01)."""

import pytest

from kernel.model.errors import DomainError
from kernel.model.iccid import normalise
from services.inventory.deliveries.columns import CARD_LIST, DELIVERY
from tests.unit.files.books import NUMBERS, read
from tests.unit.files.other_hands import BOOKS, LINES, TEXTS, one, rows
from tests.unit.files.test_cases import judged

pytestmark = pytest.mark.req("INV-01", "INV-04", "INV-12")
FILES = {**{f"{name}.xlsx": data for name, data in BOOKS.items()}, **{f"{name}.csv": it for name, it in TEXTS.items()}}


@pytest.mark.parametrize("name", FILES)
def test_a_delivery_has_its_five_cards_with_their_numbers(name: str) -> None:
    batch, _ = read(FILES[name], DELIVERY, name=name)

    found = judged(batch)

    assert found.refused == []
    assert [normalise(iccid) for iccid in batch["iccid"]] == NUMBERS
    assert list(zip(batch["imsi"], batch["msisdn"], strict=True)) == [line[1:] for line in LINES]


@pytest.mark.parametrize("name", FILES)
def test_a_list_has_its_five_cards(name: str) -> None:
    batch, _ = read(FILES[name], CARD_LIST, name=name)

    assert [normalise(iccid) for iccid in batch["iccid"]] == NUMBERS
    assert not batch.faults


def test_a_book_that_is_named_as_an_old_one_is_what_it_holds() -> None:
    batch, _ = read(one(rows()), DELIVERY, name="导出.xls")

    assert len(batch) == 5


@pytest.mark.parametrize("text", [",".join(NUMBERS), "\n".join(f"{it},{it}" for it in NUMBERS), ";".join(NUMBERS[:2])])
def test_a_list_whose_numbers_stand_side_by_side_never_loses_some_of_them_silently(text: str) -> None:
    with pytest.raises(DomainError) as refused:
        read(text, CARD_LIST)

    assert refused.value.code == "file_columns_twice"
