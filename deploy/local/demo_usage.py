"""Fourteen months of usage for the demo's cards: a file per carrier and one of the master station.

Volumes follow from the card's number and the day alone, so that a second run sends the same. A few cards are silent, a
few jump, and a few of the carrier's figures differ from the station's: the pages have something to find.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import IO, Any

from deploy.local.demo_client import Demo, Someone

MONTHS = 14
MB = 1 << 20
_IN_THE_FIELD = ("pending_install", "running", "terminating", "pending_scrap")
_JUMP_DAYS = 3


def _say(text: str) -> None:
    print(f"    {text}")


def _first_day(today: date) -> date:
    months = today.year * 12 + today.month - 1 - (MONTHS - 1)
    return date(months // 12, months % 12 + 1, 1)


def volumes(iccid: str, first: date, last: date) -> Iterator[tuple[date, int | None, int | None]]:
    """Each day's figure of the carrier and of the station; None: no figure."""
    habit = random.Random(f"simkeep {iccid}")
    mean = habit.lognormvariate(0.6, 1.1) * MB
    kind = habit.random()
    silent_since = last - timedelta(days=habit.randint(40, 200)) if kind < 0.03 else None
    jumps_at = last - timedelta(days=habit.randint(1, 8)) if 0.03 <= kind < 0.05 else None
    disputed = 0.05 <= kind < 0.09
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        dice = random.Random(f"{iccid} {day}")
        used = int(mean * dice.uniform(0.7, 1.3))
        if silent_since and day > silent_since:
            used = 0
        if jumps_at and jumps_at <= day < jumps_at + timedelta(days=_JUMP_DAYS):
            used *= 40
        station = int(used * dice.uniform(0.985, 1.015) * (0.6 if disputed else 1))
        yield day, None if dice.random() < 0.004 else used, None if dice.random() < 0.02 else station


def _file(lines: Iterable[tuple[str, date, int]]) -> IO[bytes]:
    file = tempfile.TemporaryFile()  # noqa: SIM115  it lives as long as its upload
    file.write("ICCID,日期,流量\n".encode())
    file.writelines(f"{iccid},{day},{volume}\n".encode() for iccid, day, volume in lines)
    file.seek(0)
    return file


def _cards(province: Someone) -> dict[str, list[str]]:
    """Carrier > cards that are out of the store, and every fortieth of those that are not."""
    found: dict[str, list[str]] = {}
    for place, card in enumerate(province.every("cards")):
        if card["state"] in _IN_THE_FIELD or place % 40 == 0:
            found.setdefault(card["carrier"], []).append(card["iccid"])
    return found


def _send(province: Someone, name: str, note: dict[str, str], lines: Iterable[tuple[str, date, int]]) -> dict[str, Any]:
    with _file(lines) as file:
        fields = {"measured_in": "B", "whole": "false", **note}
        return province.upload("usage-loads", fields, (name, file))


def _since(province: Someone, first: date, today: date) -> date:
    """The first day that is still missing; today while files are being taken in."""
    if province.get("usage-loads", state="waiting")["items"]:
        return today
    taken = [load for load in province.every("usage-loads", state="taken") if load["last_day"]]
    newest = max((date.fromisoformat(load["last_day"]) for load in taken), default=first - timedelta(days=1))
    return min(newest + timedelta(days=1), today)


def work(demo: Demo, today: date) -> None:
    """Sends all days up to yesterday that are missing; the job worker takes them in meanwhile."""
    province = demo.login("province")
    first = _since(province, _first_day(today), today)
    last = today - timedelta(days=1)
    if first > last:
        return
    cards = _cards(province)
    sent = []
    for carrier, iccids in sorted(cards.items()):
        told = ((iccid, day, used) for iccid in iccids for day, used, _ in volumes(iccid, first, last))
        lines = ((iccid, day, used) for iccid, day, used in told if used is not None)
        sent.append(_send(province, f"{carrier}-{last}.csv", {"carrier": carrier, "source": "carrier"}, lines))
    every = [iccid for iccids in cards.values() for iccid in iccids]
    seen = ((iccid, day, used) for iccid in every for day, _, used in volumes(iccid, first, last))
    station = ((iccid, day, used) for iccid, day, used in seen if used is not None)
    sent.append(_send(province, f"station-{last}.csv", {"source": "terminal"}, station))
    _say(f"{len(sent)} files with the usage of {len(every):,} cards from {first} to {last}; they are being taken in")
