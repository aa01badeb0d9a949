"""An own export of cards can be imported again: as a delivery and as a list (INV-01, INV-04)."""

import io

import pytest

from kernel.chassis.files import Layout, open_rows
from kernel.chassis.lists.files import write_csv
from services.inventory.card_lists.card_file import CARD_COLUMNS
from services.inventory.deliveries.columns import CARD_LIST, DELIVERY

CARD = {"iccid": "89860499269900010000", "imsi": "460040000001000", "msisdn": "1064800001000", "state_days": 3}


@pytest.mark.req("INV-01", "INV-04")
@pytest.mark.parametrize("layout", [DELIVERY, CARD_LIST], ids=["delivery", "list"])
@pytest.mark.parametrize("guard", [True, False])
def test_an_export_with_guards_and_a_line_of_sums_gives_its_cards_again(layout: Layout, guard: bool) -> None:
    shown = [column for column in CARD_COLUMNS if column.name in CARD]
    out = io.StringIO(newline="")
    write_csv([[tuple(CARD[column.name] for column in shown)] * 2], shown, out, guard=guard)

    with open_rows(io.BytesIO(out.getvalue().encode()), layout) as rows:
        (batch,) = rows

    for column in layout.columns:
        assert list(batch[column.name]) == [CARD[column.name]] * 2
    assert batch.faults == []
