"""redeem: may this device be subsidised? Asked by 32 clients, over gateway, bus, service and database.

Baseline of ``redeem.check``: `rpc`'s own side without stock, that is GET of one card, by the same clients in turns on
the same machine. ``redeem.batch``: devices a second when a thousand are asked at once, against one at a time on one
connection.
"""

import json
import time
from collections.abc import Iterator
from statistics import median

import httpx
import psycopg

from benchmarks import dataset, load
from benchmarks import serial_ground as ground
from benchmarks.lines import Line
from benchmarks.rpc import CARDS, CLIENTS, ROUNDS, SECONDS
from benchmarks.stack import BenchStack, System

DEVICES = 1_000_000
BATCH, SINGLES = 1_000, 300
_CHECK = "/api/v1/serial-redemptions/check"
_SOLD = "SELECT id FROM imei.devices WHERE state = 'sold' ORDER BY random() LIMIT 1000"


def run(stack: BenchStack, cards: int = DEVICES) -> Iterator[Line]:
    """For `./simkeep bench redeem`; ``--cards N``: with so many devices."""
    with stack.database() as url:
        dataset.fill(url, CARDS)
        ground.fill(url, cards)
        with psycopg.connect(url) as db:
            iccids = [row[0] for row in db.execute("SELECT iccid FROM inventory.cards ORDER BY random() LIMIT 500")]
            serials = [ground.written(row[0]) for row in db.execute(_SOLD)]
        with stack.system(url, ("inventory", "imei", "gateway")) as system:
            yield from _by_many(system, iccids, serials)
            yield from _by_thousands(system, serials)


def _asked(serials: list[str]) -> dict[str, object]:
    return {"kind": "airtime", "serials": serials, "organisation": "centre"}


def _by_many(system: System, iccids: list[str], serials: list[str]) -> Iterator[Line]:
    bearer = {"Authorization": f"Bearer {system.token('province')}"}
    bodies = [json.dumps(_asked([serial])) for serial in serials[:500]]
    rates: dict[str, list[float]] = {"checks": [], "cards": []}
    slow: list[float] = []
    for number in range(ROUNDS + 1):
        for name in ("checks", "cards"):
            paths = [_CHECK] if name == "checks" else [f"/api/v1/cards/{iccid}" for iccid in iccids]
            seen = load.measure(
                system.base_url, paths, clients=CLIENTS, seconds=SECONDS if number else 2, headers=bearer,
                bodies=bodies if name == "checks" else (),
            )  # fmt: skip
            if seen["failures"] or not seen["answers"]:
                raise RuntimeError(f"{name}: {seen}")
            if number:
                rates[name].append(seen["answers"] / seen["seconds"])
                slow += [seen["p95_ms"]] if name == "checks" else []
    yield Line("redeem.check", median(rates["checks"]), "answers/s", median(rates["cards"]), at_least=0.8)
    yield Line("redeem.check.p95", median(slow), "ms")


def _by_thousands(system: System, serials: list[str]) -> Iterator[Line]:
    with system.client("province") as client:
        whole = [_seconds(client, serials[:BATCH]) for _ in range(7)]
        single = [_seconds(client, [serial]) for serial in serials[:SINGLES]]
    yield Line("redeem.batch", BATCH / median(whole), "devices/s", len(single) / sum(single), at_least=30)


def _seconds(client: httpx.Client, serials: list[str]) -> float:
    began = time.perf_counter()
    answer = client.post("serial-redemptions/check", json=_asked(serials)).raise_for_status().json()
    if answer["allowed_count"] != len(serials):
        raise RuntimeError(f"some may not be redeemed: {answer['items'][:3]}")
    return time.perf_counter() - began
