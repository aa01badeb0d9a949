"""What is sent: a batch stays far under what a broker takes, and a time without an offset never leaves (BND-12)."""

import json
from datetime import UTC, datetime

import pytest

from simkeep_station import Reading, Terminal
from simkeep_station.client import MAX_ROWS, _batches

MOMENT = datetime(2026, 11, 2, 2, 0, 0, 123456, tzinfo=UTC)
BROKER_BYTES = 16 * 1024 * 1024
"""The largest message of RabbitMQ 4."""


@pytest.mark.req("BND-12")
def test_a_full_batch_of_the_longest_rows_is_a_quarter_of_what_the_broker_takes() -> None:
    longest = Reading(
        "T" * 32, MOMENT, iccid="8" * 20, fault="误" * 64, slot=2, imei="8" * 16, received_at=MOMENT, clock="unsure",
        request_id=2**63 - 1,
    )  # fmt: skip

    (batch, rest) = _batches([longest] * (MAX_ROWS + 1))
    body = json.dumps({"rows": [each.row() for each in batch]}, ensure_ascii=False).encode()

    assert (len(batch), len(rest)) == (MAX_ROWS, 1)
    assert len(body) < BROKER_BYTES / 4


@pytest.mark.req("BND-12")
@pytest.mark.parametrize("field", ["read_at", "received_at"])
def test_a_time_without_an_offset_is_refused_before_it_is_sent(field: str) -> None:
    times = {"read_at": MOMENT, field: MOMENT.replace(tzinfo=None)}

    with pytest.raises(ValueError, match=field):
        Reading("33T0000001", iccid="8" * 20, **times).row()


@pytest.mark.req("BND-12")
def test_bytes_that_no_utf_8_carries_cost_their_row_and_not_the_batch() -> None:
    garbled = b"8986\xff\xfe".decode("ascii", "surrogateescape")
    rows = [
        Reading(garbled, MOMENT, iccid=garbled, imei=garbled, clock=garbled).row(),
        Reading("33T0000001", MOMENT, fault=garbled).row(),
        Terminal(garbled, garbled, garbled, garbled).row(),
    ]

    assert json.loads(json.dumps(rows, ensure_ascii=False).encode()) == rows
    assert {rows[0]["iccid"], rows[1]["fault"], rows[2]["kind"]} == {"8986??"}
