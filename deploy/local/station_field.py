"""The demo province's field: which card is in which terminal in which night, and all that goes wrong there.

Everything follows from the list of cards, so that the same night told again is the same to the byte. Nights count from
0, the oldest of the history.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from simkeep_station import Reading, Terminal

KINDS = ("集中器", "专变终端", "融合终端")
SPARE_OF = 20
"""One terminal in so many has no card."""
EVERY = 97
"""One terminal in so many has each of the lasting oddities."""
FAILS, GARBLES = 0.02, 0.002
"""Chances of a reading without an answer, and of a number that arrives broken."""
MOVE_NIGHT, MODULE_NIGHT, REMOVAL_NIGHT = 12, 16, 20
UNKNOWN_CARD = "89860099999999999999"
WRONG_STATES = ("terminated", "in_stock")
_DURATION = timedelta(hours=5)
_ANSWERS_AFTER = timedelta(seconds=7)
_YEAR = timedelta(days=365)

CardAt = Callable[[int], "str | None"]


@dataclass(frozen=True)
class Place:
    """A terminal; ``card_at``: night > the card in it, None while it is empty. ``clock``: how far its clock is off.
    ``silent``: never answers; ``removed``: taken down in REMOVAL_NIGHT; ``new_module``: see ``imei``."""

    number: int
    unit: str
    card_at: CardAt
    clock: timedelta = timedelta(0)
    silent: bool = False
    removed: bool = False
    new_module: bool = False

    @property
    def name(self) -> str:
        return f"35D{self.number:08d}"

    def terminal(self, night: int, moment: datetime) -> Terminal:
        gone = self.removed and night >= REMOVAL_NIGHT
        kind = KINDS[self.number % len(KINDS)]
        return Terminal(self.name, self.unit, kind, "removed" if gone else "running", reported_at=moment)

    def read(self, night: int, moment: datetime, request_id: int | None = None) -> Reading:
        """What the station gets when it asks; the same in the same moment."""
        chance = random.Random(f"{self.number} {moment.isoformat()}").random()
        card = None if self.silent or chance < FAILS else self.card_at(night)
        fault = None if card else ("no_card" if chance >= FAILS and not self.silent else "timeout")
        if card and chance > 1 - GARBLES:
            card = f"{card[:9]}?{card[10:14]}"
        return Reading(
            self.name,
            moment + self.clock,
            card,
            fault,
            imei=self.imei(night) if fault is None else None,
            received_at=moment + _ANSWERS_AFTER,
            request_id=request_id,
        )

    def imei(self, night: int) -> str:
        """Of the communication module; a new one has another from MODULE_NIGHT on."""
        body = f"86{self.number + (500_000 if self.new_module and night >= MODULE_NIGHT else 0):012d}"
        doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(body)]
        return body + str(-sum(value // 10 + value % 10 for value in doubled) % 10)


def _always(card: str | None) -> CardAt:
    return lambda _: card


class Field:
    """All terminals of the province. ``cards``: as `deploy.local.demo_field` writes them."""

    def __init__(self, cards: Sequence[Mapping[str, str]]) -> None:
        good = [card for card in cards if card["state"] not in WRONG_STATES]
        self.places: list[Place] = []
        for card in sorted(good, key=lambda each: each["iccid"]):
            self._install(card["iccid"], card["unit"])
        units = sorted({place.unit for place in self.places})
        wrong = sorted(card["iccid"] for card in cards if card["state"] in WRONG_STATES)
        for number, iccid in enumerate([*wrong, UNKNOWN_CARD] if units else []):
            self._add(units[number % len(units)], _always(iccid))
        self._by_name = {place.name: place for place in self.places}

    def _add(self, unit: str, card_at: CardAt, **more: object) -> None:
        self.places.append(Place(len(self.places) + 1, unit, card_at, **more))  # type: ignore[arg-type]

    def _install(self, iccid: str, unit: str) -> None:
        """One card with its terminal, and what is odd about every so-and-so-many-th."""
        number = len(self.places)
        odd = number % EVERY
        if odd == 1:  # it moves into the terminal next to it
            self._add(unit, lambda night: iccid if night < MOVE_NIGHT else None)
            self._add(unit, lambda night: iccid if night >= MOVE_NIGHT else None)
        elif odd == 11:  # two terminals claim it
            self._add(unit, _always(iccid))
            self._add(unit, _always(iccid))
        elif odd == 21:
            self._add(unit, _always(iccid), removed=True)
        elif odd == 31:
            self._add(_neighbour(unit), _always(iccid))
        elif odd == 41:
            self._add(unit, _always(iccid), clock=-_YEAR)
        elif odd == 51:
            self._add(unit, _always(iccid), silent=True)
        elif odd == 61:
            self._add(unit, _always(f"{iccid[:9]}?{iccid[10:14]}"))
        else:
            self._add(unit, _always(iccid), new_module=odd == 71)
        if number % SPARE_OF == 0:
            self._add(unit, _always(None))

    def terminals(self, night: int, moment: datetime) -> list[Terminal]:
        """The whole list without those that are out of service."""
        told = (place.terminal(night, moment) for place in self.places)
        return [terminal for terminal in told if terminal.state != "removed"]

    def removed(self, moment: datetime) -> list[Terminal]:
        """Those that are taken down in REMOVAL_NIGHT."""
        return [place.terminal(REMOVAL_NIGHT, moment) for place in self.places if place.removed]

    def reading_of(self, night: int, begins: datetime, part: int = 0, parts: int = 1) -> Iterator[Reading]:
        """One pass over every ``parts``-th terminal, spread over the hours that a pass takes."""
        chosen = self.places[part::parts]
        for number, place in enumerate(chosen):
            if not (place.removed and night >= REMOVAL_NIGHT):
                after = _DURATION * number / len(chosen) if parts == 1 else timedelta(0)
                yield place.read(night, begins + after)

    def on_demand(self, name: str, night: int, moment: datetime, request_id: int) -> Reading:
        """One terminal now; one that is not of this field does not answer."""
        place = self._by_name.get(name)
        if place is None:
            return Reading(name, moment, fault="timeout", request_id=request_id)
        return place.read(night, moment, request_id)


def _neighbour(unit: str) -> str:
    """Another county's code, of the same city: 990101 > 990102, 990102 > 990101."""
    return f"{unit[:4]}{1 if unit[4:6] != '01' else 2:02d}" if len(unit) >= 6 else f"{unit}01"
