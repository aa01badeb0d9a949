"""The demo master station: a process of its own that knows SimKeep by the public bus client and its own account only.

    python -m deploy.local.station --field FILE --state FILE [--usage FILE]

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
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

CHECKOUT = Path(__file__).resolve().parents[2]
if __name__ == "__main__":
    sys.path += [str(CHECKOUT / "clients/station"), str(CHECKOUT / "clients/bus")]

from deploy.local.demo_volumes import ToldCards  # noqa: E402
from deploy.local.station_field import REMOVAL_NIGHT, Field  # noqa: E402
from simkeep_station import NotAllowedError, ReadRequest, StationClient  # noqa: E402  a distribution of its own

HISTORY = 30
ROUND_SECONDS = 300.0
PARTS = 24
USAGE_BATCH = 5000
PROVINCE = "99"
_HERE = ZoneInfo("Asia/Shanghai")
_NIGHT_BEGINS = timedelta(hours=1)


class Station:
    """``first_night``: 01:00 of the day on which the history begins; kept in ``state`` for the station's whole life."""

    def __init__(
        self, client: StationClient, field: Field, state: Path, now: datetime, usage: ToldCards | None = None
    ) -> None:
        self._client, self._field, self._state, self._usage = client, field, state, usage
        today = now.astimezone(_HERE).replace(hour=0, minute=0, second=0, microsecond=0)
        begins = today - timedelta(days=HISTORY - 1) + _NIGHT_BEGINS
        kept: dict[str, Any] = {"first_night": begins.isoformat(), "told": 0}
        if state.exists():
            kept = json.loads(state.read_text())
        self.first_night = datetime.fromisoformat(kept["first_night"])
        self.told: int = kept["told"]
        self.used_until: str | None = kept.get("used_until")
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

    def tell_usage(self, now: datetime) -> int:
        """What each card used on the days that are over and were not told yet. How many figures that were."""
        if self._usage is None or self._usage.first_day == date.max:
            return 0
        day = self._usage.first_day
        if self.used_until is not None:
            day = date.fromisoformat(self.used_until) + timedelta(days=1)
        told = 0
        while day < now.astimezone(_HERE).date():
            seen = ((iccid, self._usage.figures(iccid, day)[1]) for iccid in self._usage.every())
            rows = [{"iccid": iccid, "day": str(day), "volume": str(used)} for iccid, used in seen if used is not None]
            for start in range(0, len(rows), USAGE_BATCH):
                batch = {"rows": rows[start : start + USAGE_BATCH], "as_of": now.isoformat()}
                self._client.call("traffic.report_usage", batch, key=f"usage-{day}-{start}")
            told += len(rows)
            self.used_until = day.isoformat()
            self._keep()
            day += timedelta(days=1)
        return told

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
        kept = {"first_night": self.first_night.isoformat(), "told": self.told, "used_until": self.used_until}
        draft.write_text(json.dumps(kept))
        draft.replace(self._state)


def run(station: Station, client: StationClient) -> None:
    """For good: history, then rounds with reads on demand between them."""
    while True:
        began = time.monotonic()
        readings = station.tell_history(datetime.now(UTC))
        if readings:
            print(f"{readings:,} readings of past nights in {time.monotonic() - began:.0f} s", flush=True)
        used = station.tell_usage(datetime.now(UTC))
        if used:
            print(f"{used:,} figures of usage", flush=True)
        print(f"round: {station.go_round(datetime.now(UTC))}", flush=True)
        until = time.monotonic() + ROUND_SECONDS
        client.serve_reads(station.read, while_true=partial(_is_before, until))


def _is_before(until: float) -> bool:
    return time.monotonic() < until


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.local.station", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--field", type=Path, required=True)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--usage", type=Path, help="file that names the cards that use traffic")
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    field = Field(json.loads(options.field.read_text()))
    with StationClient(os.environ["SIMKEEP_AMQP_URL"], os.environ["SIMKEEP_STATION_KEY"], PROVINCE) as client:
        print(f"demo master station: {len(field.places):,} terminals", flush=True)
        try:
            usage = ToldCards(options.usage) if options.usage else None
            run(Station(client, field, options.state, datetime.now(UTC), usage), client)
        except NotAllowedError as error:
            print(f"! {error}", flush=True)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
