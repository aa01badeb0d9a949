"""The demo self-registration platform: devices that are switched on with a new card announce themselves there.

    python -m deploy.local.registration --state FILE

A process of its own that knows SimKeep by the public bus client and its own account only; SIMKEEP_AMQP_URL and
SIMKEEP_REGISTRATION_KEY are its account's. Every minute it tells what registered in that minute: always the same for
the same minute, so that a minute told twice adds nothing. ``state`` keeps up to which minute it has told; after a
stop it tells the missed ones, of at most HISTORY.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[2]
if __name__ == "__main__":
    sys.path.append(str(CHECKOUT / "clients/bus"))

from deploy.local import demo_serials  # noqa: E402
from simkeep_bus import BusClient, NotAllowedError  # noqa: E402  a distribution of its own

PROVINCE = "99"
HISTORY = timedelta(hours=6)
BATCH = 500
_MINUTE = timedelta(minutes=1)
_CITIES = ("9901", "9902")
_ELSEWHERE, _FAR = "9801", "9905"
_ODD = {7: "diverted", 17: "in_stock", 27: "unknown", 37: "misread", 47: "two_places"}
"""Minute of the hour > what goes wrong in it."""


def registered_in(minute: datetime) -> list[dict[str, Any]]:
    """The minute's registrations, as the platform tells them."""
    chance = random.Random(minute.isoformat())
    number = chance.choice(demo_serials.WITH_CUSTOMERS)
    city, serial, phone = _CITIES[number % 2], demo_serials.serial(number), f"139{number:08d}"
    odd = _ODD.get(minute.minute)
    if odd == "diverted":
        city = _ELSEWHERE
    elif odd == "in_stock":
        serial = demo_serials.serial(chance.choice(demo_serials.IN_SHOPS))
    elif odd == "unknown":
        serial = demo_serials.serial(500_000 + number)
    elif odd == "misread":
        serial = f"{serial[:14]}{(int(serial[14]) + 1) % 10}"
    row = {"serial": serial, "registered_at": minute.isoformat(), "place": city, "msisdn": phone}
    again = {**row, "registered_at": (minute + timedelta(seconds=40)).isoformat(), "place": _FAR}
    return [row, again] if odd == "two_places" else [row]


class Platform:
    """What it has told so far is in ``state``."""

    def __init__(self, client: BusClient, state: Path) -> None:
        self._client, self._state = client, state

    def tell(self, now: datetime) -> dict[str, int]:
        """All minutes that are over and were not told yet."""
        minute, rows = self._next(now), []
        while minute + _MINUTE <= now:
            rows += registered_in(minute)
            minute += _MINUTE
        sums = {"taken": 0, "refused": 0}
        for start in range(0, len(rows), BATCH):
            answer = self._client.call("imei.report_registrations", {"rows": rows[start : start + BATCH]})
            sums["taken"] += answer["done"]
            sums["refused"] += answer["refused_count"]
        draft = self._state.with_suffix(".new")
        draft.write_text(json.dumps({"next": minute.isoformat()}))
        draft.replace(self._state)
        return sums

    def _next(self, now: datetime) -> datetime:
        oldest = (now - HISTORY).replace(second=0, microsecond=0)
        if not self._state.exists():
            return oldest
        return max(oldest, datetime.fromisoformat(json.loads(self._state.read_text())["next"]))


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m deploy.local.registration", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--state", type=Path, required=True)
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    key = os.environ["SIMKEEP_REGISTRATION_KEY"]
    with BusClient(os.environ["SIMKEEP_AMQP_URL"], key, PROVINCE, person="platform") as client:
        platform = Platform(client, options.state)
        try:
            while True:
                print(f"registrations: {platform.tell(datetime.now(UTC))}", flush=True)
                time.sleep(60 - time.time() % 60)
        except NotAllowedError as error:
            print(f"! {error}", flush=True)
            return 1


if __name__ == "__main__":
    sys.exit(main())
