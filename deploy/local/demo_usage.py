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


def _first_day(today: date, months: int) -> date:
    first = today.year * 12 + today.month - 1 - (months - 1)
    return date(first // 12, first % 12 + 1, 1)


def _file() -> IO[bytes]:
    file = tempfile.TemporaryFile()  # noqa: SIM115  it lives as long as its upload
    file.write("ICCID,日期,流量\n".encode())
    return file


def _write(iccids: Iterable[str], first: date, last: date, billed: IO[bytes], seen: IO[bytes]) -> None:
    """The carrier's figures of these cards into one file, the station's into the other."""
    for iccid in iccids:
        days = list(volumes(iccid, first, last))
        billed.writelines(f"{iccid},{day},{used}\n".encode() for day, used, _ in days if used is not None)
        seen.writelines(f"{iccid},{day},{used}\n".encode() for day, _, used in days if used is not None)


def _cards(province: Someone) -> dict[str, list[str]]:
    """Carrier > cards that are out of the store, and every fortieth of those that are not."""
    found: dict[str, list[str]] = {}
    for place, card in enumerate(province.every("cards")):
        if card["state"] in _IN_THE_FIELD or place % 40 == 0:
            found.setdefault(card["carrier"], []).append(card["iccid"])
    return found


def _send(province: Someone, name: str, note: dict[str, str], file: IO[bytes]) -> dict[str, Any]:
    file.seek(0)
    fields = {"measured_in": "B", "whole": "false", **note}
    return province.upload("usage-loads", fields, (name, file))


def _since(province: Someone, first: date, today: date) -> date:
    """The first day that is still missing; today while files are being taken in."""
    if province.get("usage-loads", state="waiting")["items"]:
        return today
    taken = [load for load in province.every("usage-loads", state="taken") if load["last_day"]]
    newest = max((date.fromisoformat(load["last_day"]) for load in taken), default=first - timedelta(days=1))
    return min(newest + timedelta(days=1), today)


def work(demo: Demo, today: date, told: Path | None = None, months: int = MONTHS) -> None:
    """Sends all days of ``months`` up to yesterday that are missing; the job worker takes them in meanwhile.

    ``told``: where carriers and station read which cards use traffic from ``today`` on.
    """
    province = demo.login("province")
    enter_tariffs(province)
    enter_rules(province)
    first = _since(province, _first_day(today, months), today)
    last = today - timedelta(days=1)
    if first > last:
        return
    cards = _cards(province)
    sent = []
    with _file() as seen:
        for carrier, iccids in sorted(cards.items()):
            with _file() as billed:
                _write(iccids, first, last, billed, seen)
                note = {"carrier": carrier, "source": "carrier"}
                sent.append(_send(province, f"{carrier}-{last}.csv", note, billed))
        sent.append(_send(province, f"station-{last}.csv", {"source": "terminal"}, seen))
    every = sum(len(iccids) for iccids in cards.values())
    _say(f"{len(sent)} files with the usage of {every:,} cards from {first} to {last}; they are being taken in")
    if told is not None:
        draft = told.with_suffix(".new")
        draft.write_text(json.dumps({"from": today.isoformat(), "cards": cards}))
        draft.replace(told)
