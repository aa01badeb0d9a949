"""What the demo's cards use is the same whoever asks, and goes on after the history (TRF-01)."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from deploy.local.demo_volumes import ToldCards, volumes

pytestmark = pytest.mark.req("TRF-01")
CARDS = [f"8986042601{number:010d}" for number in range(400)]
FIRST, LAST = date(2026, 8, 1), date(2026, 11, 25)


def test_carrier_and_station_go_on_with_the_history_as_it_was_told(tmp_path: Path) -> None:
    path = tmp_path / "cards.json"
    told = ToldCards(path)
    assert told.of("china_mobile") == []
    assert told.first_day == date.max
    path.write_text(json.dumps({"from": "2026-11-26", "cards": {"china_mobile": CARDS}}))

    assert told.every() == told.of("china_mobile") == CARDS
    for iccid in CARDS[:40]:
        for day, carrier, station in volumes(iccid, FIRST, LAST):
            assert told.figures(iccid, day) == (carrier, station)


def test_a_card_that_is_silent_in_the_history_stays_so_and_nobody_jumps_for_ever(tmp_path: Path) -> None:
    path = tmp_path / "cards.json"
    path.write_text(json.dumps({"from": "2026-11-26", "cards": {"china_mobile": CARDS}}))
    told = ToldCards(path)
    history = {iccid: [used for _, used, _ in volumes(iccid, FIRST, LAST) if used is not None] for iccid in CARDS}
    later = [LAST + timedelta(days=number) for number in range(3, 15)]

    silent = [iccid for iccid, used in history.items() if used[-10:] == [0] * 10]
    assert len(silent) > 3
    assert {told.figures(iccid, day)[0] for iccid in silent for day in later} <= {0, None}
    for iccid in CARDS:
        usual = sorted(history[iccid])[len(history[iccid]) // 2]
        assert iccid in silent or all((told.figures(iccid, day)[0] or 0) <= 3 * usual for day in later)
