"""A night's file large enough for the straight way, of cards that have moved since the night before (TRF-01)."""

from collections import Counter

import pytest

from services.traffic.settings import UsageSettings
from tests.integration.traffic.meters import CARRIERS, UNITS, Meters, day, iccid, unit_of

CARDS = 32_000
MOVED = range(0, CARDS, 40)
ELSEWHERE = "990301"
_CARDS = """
INSERT INTO cards (id, iccid, version, owner_unit, carrier, card_spec, application_month, state, changed_at)
SELECT number + 1, '8986042601' || lpad(number::text, 10, '0'), 1, (CAST(:units AS text[]))[number % 2 + 1], :carrier,
       'plug_in', '2026-10', 'running', '2026-10-01'
FROM generate_series(0, :last) AS number
"""
_MOVE = """
UPDATE cards SET owner_unit = :unit, terminal_asset_no = 'T' || id, changed_at = '2026-11-02 02:00+00'
WHERE id = ANY(:ids)
"""
_BY_UNIT = """
SELECT unit, sum(cards) AS cards, sum(bytes) AS bytes FROM usage_histogram WHERE source = 'carrier' GROUP BY unit
"""


def a_night(number_of_day: int) -> bytes:
    lines = (f"{iccid(number)},{day(number_of_day)},{used(number, number_of_day)}" for number in range(CARDS))
    return "\n".join(["ICCID,日期,流量", *lines]).encode()


def used(number: int, number_of_day: int) -> int:
    return 1000 + number * number_of_day % 977


@pytest.mark.req("TRF-01", "TRF-02")
def test_cards_that_moved_before_a_large_file_count_in_their_new_unit_from_that_day_on(meters: Meters) -> None:
    meters.run("TRUNCATE cards CASCADE")
    meters.run(_CARDS, units=list(UNITS), carrier=CARRIERS[0], last=CARDS - 1)
    assert len(a_night(2)) > UsageSettings().straight_from_bytes

    first = meters.upload(a_night(1))
    meters.run(_MOVE, unit=ELSEWHERE, ids=[number + 1 for number in MOVED])
    second = meters.upload(a_night(2))

    assert [(it.state, it.taken, it.refused) for it in (first, second)] == [("taken", CARDS, 0)] * 2
    sums, cards = Counter[str](), Counter[str]()
    for number in range(CARDS):
        now = ELSEWHERE if number in MOVED else unit_of(number)
        sums[unit_of(number)] += used(number, 1)
        sums[now] += used(number, 2)
        cards.update({unit_of(number), now})
    assert {row.unit: (int(row.bytes), row.cards) for row in meters.run(_BY_UNIT)} == {
        unit: (sums[unit], cards[unit]) for unit in sums
    }
    assert meters.differences("2026-11") == []
