"""The demo self-registration platform: a minute is always the same, nothing is told twice, and enough goes wrong."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from deploy.local.registration import BATCH, HISTORY, Platform, registered_in

NOON = datetime(2026, 11, 27, 12, 0, 30, tzinfo=UTC)


class Ear:
    """Hears what the platform tells, as the bus would."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []

    def call(self, method: str, request: dict[str, Any]) -> dict[str, int]:
        assert method == "imei.report_registrations"
        assert len(request["rows"]) <= BATCH
        self.heard += request["rows"]
        return {"done": len(request["rows"]), "refused_count": 0}


@pytest.mark.req("IME-11")
def test_the_platform_goes_on_after_a_stop_and_tells_each_minute_once(tmp_path: Path) -> None:
    ear, state = Ear(), tmp_path / "state.json"

    for later in (0, 1, 1, 7):
        Platform(ear, state).tell(NOON + timedelta(minutes=later))  # type: ignore[arg-type]

    minutes = {row["registered_at"][:16] for row in ear.heard if not row["registered_at"].endswith("40+00:00")}
    assert len(minutes) == HISTORY // timedelta(minutes=1) + 7
    assert len({(row["serial"], row["registered_at"]) for row in ear.heard}) == len(ear.heard)
    assert json.loads(state.read_text())["next"] == (NOON + timedelta(minutes=7)).replace(second=0).isoformat()


@pytest.mark.req("IME-11", "IME-13", "IME-15")
def test_an_hour_of_the_demo_has_every_kind_of_oddity() -> None:
    hour = [registered_in(NOON.replace(minute=minute, second=0)) for minute in range(60)]
    rows = [row for rows in hour for row in rows]

    assert registered_in(NOON) == registered_in(NOON)
    assert {row["place"] for row in rows} == {"9901", "9902", "9801", "9905"}
    assert [len(rows) for rows in hour].count(2) == 1
