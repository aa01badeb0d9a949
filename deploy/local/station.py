"""The demo master station: a process of its own that knows SimKeep by the public bus client and its own account only.

    python -m deploy.local.station --field FILE --state FILE

It tells the demo province's terminals and HISTORY nights of readings at its first start, goes on with a part of the
terminals every few minutes, and answers reads on demand in between. SIMKEEP_AMQP_URL and SIMKEEP_STATION_KEY are its
account's. ``state`` keeps which nights it has told; told twice they would be the same.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

CHECKOUT = Path(__file__).resolve().parents[2]
if __name__ == "__main__":
    sys.path.append(str(CHECKOUT / "clients/station"))

from deploy.local.station_field import REMOVAL_NIGHT, Field  # noqa: E402
from simkeep_station import NotAllowedError, ReadRequest, StationClient  # noqa: E402  a distribution of its own

HISTORY = 30
ROUND_SECONDS = 300.0
PARTS = 24
PROVINCE = "99"
_HERE = ZoneInfo("Asia/Shanghai")
_NIGHT_BEGINS = timedelta(hours=1)


class Station:
    """``first_night``: 01:00 of the day on which the history begins; kept in ``state`` for the station's whole life."""

    def __init__(self, client: StationClient, field: Field, state: Path, now: datetime) -> None:
        self._client, self._field, self._state = client, field, state
        today = now.astimezone(_HERE).replace(hour=0, minute=0, second=0, microsecond=0)
        begins = today - timedelta(days=HISTORY - 1) + _NIGHT_BEGINS
        kept: dict[str, Any] = {"first_night": begins.isoformat(), "told": 0}
        if state.exists():
            kept = json.loads(state.read_text())
        self.first_night = datetime.fromisoformat(kept["first_night"])
        self.told: int = kept["told"]
        self._round = 0

    def night(self, now: datetime) -> int:
        """Number of the night that has begun last."""
        return (now - self.first_night).days

    def tell_history(self, now: datetime) -> int:
        """Terminals and nights that were not told yet and are over. How many readings that were."""
        if self.told == 0:
            listed = self.first_night - timedelta(days=1)
            self._client.report_all_terminals(
                self._field.terminals(0, listed), as_of=listed, list_id=f"first-{listed:%Y%m%d}"
            )
        readings = 0
        while self._begins(self.told) + timedelta(hours=6) <= now:
            if self.told == REMOVAL_NIGHT:
                moment = self._begins(self.told)
                self._client.report_terminals(self._field.removed(moment), as_of=moment)
            readings += self._client.report_readings(self._field.reading_of(self.told, self._begins(self.told)))[
                "taken"
            ]
            self.told += 1
            self._keep()
        return readings

    def go_round(self, now: datetime) -> dict[str, int]:
        """Reads the next part of the terminals now."""
        self._round += 1
        part = self._field.reading_of(self.night(now), now, self._round % PARTS, PARTS)
        return self._client.report_readings(part)

    def read(self, wanted: ReadRequest) -> Any:
        """Answers a read on demand."""
        now = datetime.now(UTC)
        return self._field.on_demand(wanted.terminal, self.night(now), now, wanted.request_id)

    def _begins(self, night: int) -> datetime:
        return self.first_night + timedelta(days=night)

    def _keep(self) -> None:
        draft = self._state.with_suffix(".new")
        draft.write_text(json.dumps({"first_night": self.first_night.isoformat(), "told": self.told}))
        draft.replace(self._state)


def run(station: Station, client: StationClient) -> None:
    """For good: history, then rounds with reads on demand between them."""
    while True:
        began = time.monotonic()
        readings = station.tell_history(datetime.now(UTC))
        if readings:
            print(f"{readings:,} readings of past nights in {time.monotonic() - began:.0f} s", flush=True)
        print(f"round: {station.go_round(datetime.now(UTC))}", flush=True)
        until = time.monotonic() + ROUND_SECONDS
        client.serve_reads(station.read, while_true=partial(_is_before, until))


def _is_before(until: float) -> bool:
    return time.monotonic() < until


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.local.station", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--field", type=Path, required=True)
    parser.add_argument("--state", type=Path, required=True)
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    field = Field(json.loads(options.field.read_text()))
    with StationClient(os.environ["SIMKEEP_AMQP_URL"], os.environ["SIMKEEP_STATION_KEY"], PROVINCE) as client:
        print(f"demo master station: {len(field.places):,} terminals", flush=True)
        try:
            run(Station(client, field, options.state, datetime.now(UTC)), client)
        except NotAllowedError as error:
            print(f"! {error}", flush=True)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
