"""Our own exports of lists that can also be imported come back as they were (GTW-03)."""

import io

import pytest

from kernel.chassis.files import Layout, open_rows
from kernel.chassis.lists.files import write_csv
from services.binding import carrier_counts
from services.binding.exports import EXPORTS as OF_BINDING
from services.imei.exports import EXPORTS as OF_IMEI
from services.imei.lists.staging import SERIAL_LIST
from services.traffic.exports import EXPORTS as OF_TRAFFIC
from services.traffic.rows import USAGE

ICCID = "89860499269900010000"
LOOKED_UP = {"unit_name", "organisation", "carrier"}
"""Columns of words that a service looks up; none is read again."""
PAIRS = [
    (OF_TRAFFIC["unknown-usage"], USAGE, {"iccid": ICCID, "day": "2026-11-02", "usage_bytes": 1048576},
     {"iccid": ICCID, "day": "2026-11-02", "volume": "1048576"}),
    (OF_IMEI["serials"], SERIAL_LIST, {"serial": "490154203237518", "maker": "华为", "model": "MC509"},
     {"serial": "490154203237518", "maker": "华为", "model": "MC509"}),
    (OF_BINDING["binding/statistics/cards-terminals"], carrier_counts.LAYOUT, {"unit": "990101", "cards": 12},
     {"unit": "990101", "cards": "12"}),
]  # fmt: skip


@pytest.mark.req("GTW-03")
@pytest.mark.parametrize(("spec", "layout", "row", "wanted"), PAIRS, ids=["usage", "serials", "carrier-counts"])
@pytest.mark.parametrize("guard", [True, False])
def test_an_export_is_read_again(spec, layout: Layout, row: dict, wanted: dict[str, str], guard: bool) -> None:
    out = io.StringIO(newline="")
    columns = [column for column in spec.columns if column.name not in LOOKED_UP]
    write_csv([[tuple(row.get(column.name) for column in columns)]], columns, out, guard=guard)

    with open_rows(io.BytesIO(out.getvalue().encode()), layout) as rows:
        (batch,) = rows

    assert batch.faults == []
    assert {name: str(batch[name][0]) for name in wanted} == wanted
