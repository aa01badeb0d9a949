"""The file that a person downloads to fill in is read by the reader that it was made for."""

import io

import pytest

from kernel.chassis.files import Layout, open_rows
from kernel.chassis.files.template import template
from services.binding import carrier_counts
from services.imei.lists.staging import SERIAL_LIST
from services.inventory.deliveries.columns import CARD_LIST, DELIVERY
from services.traffic import bills
from services.traffic.rows import USAGE

LAYOUTS = [DELIVERY, CARD_LIST, USAGE, bills.LAYOUT, carrier_counts.LAYOUT, SERIAL_LIST]


@pytest.mark.req("INV-01", "GTW-05")
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.title)
def test_a_template_holds_one_row_that_its_own_reader_takes(layout: Layout, kind: str) -> None:
    with open_rows(io.BytesIO(template(layout, kind)), layout, name=f"模板.{kind}") as rows:
        (batch,) = list(rows)

    assert batch.faults == []
    assert len(batch.row_nos) == 1
    for column in layout.columns:
        assert batch[column.name] == [column.example or None] or batch[column.name] == [column.example], column.name
