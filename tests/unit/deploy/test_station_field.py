"""The demo master station's field: the same night is the same readings, and all goes wrong there that may."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import chain

import pytest

from deploy.local.station_field import MODULE_NIGHT, MOVE_NIGHT, REMOVAL_NIGHT, UNKNOWN_CARD, Field
from kernel.model.iccid import luhn_digit

FIRST = datetime(2026, 11, 1, 17, tzinfo=UTC)
UNITS = ("990101", "990102", "9902")


def card(number: int) -> str:
    body = f"898600{number:013d}"
    return body + luhn_digit(body)


CARDS = [{"iccid": card(n), "unit": UNITS[n % 3], "state": "running"} for n in range(200)]
CARDS += [
    {"iccid": card(900), "unit": "99", "state": "terminated"},
    {"iccid": card(901), "unit": "99", "state": "in_stock"},
]


def night(field: Field, number: int) -> dict[str, dict[str, object]]:
    return {each.terminal: each.row() for each in field.reading_of(number, FIRST + timedelta(days=number))}


@pytest.mark.req("BND-01", "BND-12")
def test_the_same_night_told_again_is_the_same_whatever_the_order_of_the_cards():
    assert night(Field(CARDS), 3) == night(Field(CARDS[::-1]), 3)
    assert night(Field(CARDS), 3) != night(Field(CARDS), 4)


@pytest.mark.req("BND-01", "BND-03")
def test_everything_goes_wrong_in_the_field_that_the_demo_is_to_show():
    field = Field(CARDS)
    nights = [night(field, number) for number in (0, MOVE_NIGHT, REMOVAL_NIGHT)]
    rows = list(chain.from_iterable(each.values() for each in nights))
    read = {row["iccid"] for row in rows if "iccid" in row}
    holders = Counter(row["iccid"] for row in nights[0].values() if "iccid" in row)
    before, after = ({row["iccid"]: name for name, row in each.items() if "iccid" in row} for each in nights[:2])
    told = {each.terminal: each.unit for each in field.terminals(0, FIRST)}
    own = {each["iccid"]: each["unit"] for each in CARDS}
    homes = [(told[name], own[str(row["iccid"])]) for name, row in nights[0].items() if row.get("iccid") in own]

    assert {row["fault"] for row in rows if "fault" in row} == {"timeout", "no_card"}
    assert any("?" in str(number) for number in read), "garbled"
    assert max(holders.values()) == 2, "two terminals claim one card"
    assert any(before[iccid] != after[iccid] for iccid in before.keys() & after.keys() if holders[iccid] == 1), "moved"
    assert set(nights[0]) - set(nights[2]) == {each.terminal for each in field.removed(FIRST)} != set()
    assert {UNKNOWN_CARD, card(900), card(901)} <= read
    assert any(terminal != owner for terminal, owner in homes if owner in UNITS), "in another county"
    assert any(str(row["read_at"]) < "2026" for row in rows), "a clock a year off"


@pytest.mark.req("BND-10")
def test_a_module_that_is_changed_has_another_number_from_its_night_on_and_every_number_is_well_formed():
    field = Field(CARDS)
    old, new = ({n: row["imei"] for n, row in night(field, at).items() if "imei" in row} for at in (0, MODULE_NIGHT))
    both = old.keys() & new.keys()

    assert 1 <= sum(old[name] != new[name] for name in both) <= 3
    assert len(set(new.values())) == len(new)
    assert all(imei[-1] == luhn_digit(imei[:-1]) and len(imei) == 15 for imei in [*old.values(), *new.values()])


@pytest.mark.req("BND-04")
def test_a_read_on_demand_answers_what_the_night_would_and_a_foreign_terminal_does_not_answer():
    field = Field(CARDS)
    answer = field.on_demand("35D00000001", 0, FIRST, 7)
    foreign = field.on_demand("no-such", 0, FIRST, 8)

    assert (answer.iccid, answer.request_id) == (card(0), 7)
    assert (foreign.fault, foreign.iccid, foreign.request_id) == ("timeout", None, 8)
