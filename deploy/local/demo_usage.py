"""Fourteen months of usage for the demo's cards: a file per carrier and one of the master station.

What these cards are is told to the demo carriers and the demo station, which go on from there by themselves. With
tariffs, so that what they use costs something.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import IO, Any

from deploy.local.demo_client import Demo, Someone
from deploy.local.demo_rules import enter_rules
from deploy.local.demo_tariffs import enter_tariffs
from deploy.local.demo_volumes import volumes

MONTHS = 14
_IN_THE_FIELD = ("pending_install", "running", "terminating", "pending_scrap")


def _say(text: str) -> None:
    print(f"    {text}")


def _first_day(today: date) -> date:
    months = today.year * 12 + today.month - 1 - (MONTHS - 1)
    return date(months // 12, months % 12 + 1, 1)


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


def work(demo: Demo, today: date, told: Path | None = None) -> None:
    """Sends all days up to yesterday that are missing; the job worker takes them in meanwhile.

    ``told``: where carriers and station read which cards use traffic from ``today`` on.
    """
    province = demo.login("province")
    enter_tariffs(province)
    enter_rules(province)
    first = _since(province, _first_day(today), today)
    last = today - timedelta(days=1)
    if first > last:
        return
    cards = _cards(province)
    sent = []
    for carrier, iccids in sorted(cards.items()):
        billed = ((iccid, day, used) for iccid in iccids for day, used, _ in volumes(iccid, first, last))
        lines = ((iccid, day, used) for iccid, day, used in billed if used is not None)
        sent.append(_send(province, f"{carrier}-{last}.csv", {"carrier": carrier, "source": "carrier"}, lines))
    every = [iccid for iccids in cards.values() for iccid in iccids]
    seen = ((iccid, day, used) for iccid in every for day, _, used in volumes(iccid, first, last))
    station = ((iccid, day, used) for iccid, day, used in seen if used is not None)
    sent.append(_send(province, f"station-{last}.csv", {"source": "terminal"}, station))
    _say(f"{len(sent)} files with the usage of {len(every):,} cards from {first} to {last}; they are being taken in")
    if told is not None:
        draft = told.with_suffix(".new")
        draft.write_text(json.dumps({"from": today.isoformat(), "cards": cards}))
        draft.replace(told)
