"""A night's file of a new day goes straight into its table, and comes to the same as by the staged way (TRF-01)."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.traffic import new_day
from tests.integration.traffic.meters import CARRIERS, CITY, NOW, PROVINCE, Meters, day, iccid

WAYS = {"straight": "0", "staged": str(1 << 40)}
SAID = (
    "state", "rows", "taken", "replaced", "repeated", "unknown", "refused", "first_day", "last_day", "reasons",
    "preview",
)  # fmt: skip
NUMBERS = range(0, 420, 7)
"""Some of them differ in their last digit only."""


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Of each file that tried: did it go straight?"""
    tried: list[bool] = []
    take = new_day.take

    def noted(*arguments: Any) -> Any:
        outcome = take(*arguments)
        tried.append(outcome is not None)
        return outcome

    monkeypatch.setattr(new_day, "take", noted)
    monkeypatch.setenv("SIMKEEP_USAGE_STRAIGHT_FROM_BYTES", "0")
    return tried


def a_book(meters: Meters, dice: random.Random) -> None:
    """Sixty cards, a few without check digit."""
    meters.forget()
    for number in NUMBERS:
        meters.have_cards(1, first=number)
    for number in dice.sample(NUMBERS[::2], 6):
        meters.run("UPDATE cards SET iccid = left(iccid, 19) WHERE id = :id", id=number + 1)


def a_night(dice: random.Random, on: int) -> list[tuple[Any, Any, Any]]:
    """Nearly all cards, with what is odd in such files now and then."""
    rows: list[tuple[Any, Any, Any]] = [
        (iccid(number), day(on), dice.choice([0, 7, 1 << dice.randint(1, 40)]))
        for number in NUMBERS
        if dice.random() < 0.9
    ]
    for _ in range(dice.randint(0, 8)):
        again = dice.choice(rows)
        rows.insert(
            dice.randrange(len(rows)),
            dice.choice(
                [
                    again,
                    (again[0], again[1], 5),
                    (again[0][:19], again[1], 9),
                    (iccid(dice.randint(900, 905)), day(on), 3),
                    (iccid(dice.choice(NUMBERS)), day(on), "many"),
                    ("", day(on), 3),
                    (iccid(dice.choice(NUMBERS)), "2026-02-30", 3),
                ]
            ),
        )
    return rows


def play(meters: Meters, seed: int, way: str, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Nights of both sources, cards that move between them, corrections; what each load and the tables said."""
    monkeypatch.setenv("SIMKEEP_USAGE_STRAIGHT_FROM_BYTES", WAYS[way])
    dice = random.Random(f"new day {seed}")
    a_book(meters, dice)
    said: list[Any] = []
    for on in sorted(dice.sample(range(1, 24), 7)):
        for number in dice.sample(NUMBERS, dice.choice([0, 1, 3])):
            at = datetime(2026, 11, min(24, on + dice.choice([0, 1, 2])), 2, tzinfo=UTC)
            unit = dice.choice(["990101", "990201", "990301"])
            meters.run(
                "UPDATE cards SET owner_unit = :u, changed_at = :at WHERE id = :id", u=unit, at=at, id=number + 1
            )
        rows = a_night(dice, on)
        as_of = NOW - timedelta(minutes=dice.randint(1, 500))
        if dice.random() < 0.3:
            load = meters.report(rows, as_of=as_of)
        else:
            load = meters.push(
                rows, as_of=as_of, carrier=dice.choice(CARRIERS), by=dice.choice([PROVINCE, PROVINCE, CITY])
            )
        if dice.random() < 0.3:
            meters.push(
                [
                    (iccid(number), day(max(1, on - 1)), 11)
                    for number in dice.sample([number for number in NUMBERS if number % 3 != 2], 3)
                ],
                as_of=NOW,
            )
        if dice.random() < 0.2:
            meters.have_cards(1, first=900 + dice.randint(0, 5) if not said else 906 + len(said))
        told = {name: load._mapping[name] for name in SAID}
        said.append([told, meters.refused(load), meters.state(), meters.counted_days()])
        assert meters.differences("2026-11") == []
    return said


@pytest.mark.req("TRF-01")
@pytest.mark.parametrize("seed", range(10))
def test_both_ways_come_to_the_same(
    meters: Meters, seed: int, taken: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    straight = play(meters, seed, "straight", monkeypatch)
    assert any(taken)

    assert straight == play(meters, seed, "staged", monkeypatch)
