"""Readings bind cards, whatever the order in which they come (BND-01, BND-03, BND-11)."""

import random
from itertools import chain
from typing import Any

import pytest

from tests.integration.binding.nights import Network, at, card, module, row, terminal


@pytest.mark.req("BND-03")
def test_a_card_read_for_the_first_time_is_bound_and_told(network: Network):
    network.know(cards=[1], terminals=[1])

    taken = network.report([row(1, at(0), card(1))])

    assert (taken.taken, taken.changed, taken.refused) == (1, 1, [])
    assert network.where(1) == terminal(1)
    ((kind, payload),) = network.told()
    (told,) = payload["cards"]
    assert (kind, told["iccid"], told["terminal"]) == ("cards_bound", card(1), terminal(1))


@pytest.mark.req("BND-01")
def test_the_same_batch_again_and_half_of_it_change_nothing(network: Network):
    network.know(cards=range(20), terminals=range(20))
    batch = [row(number, at(0, number), card(number) if number % 5 else None) for number in range(20)]
    network.report(batch)
    before, told = network.tables(), network.told()

    again, half = network.report(batch), network.report(batch[7:14])

    assert (again.taken, again.repeated, half.taken, half.repeated) == (0, 20, 0, 7)
    assert (network.tables(), network.told()) == (before, told)


@pytest.mark.req("BND-03")
def test_two_terminals_that_claim_one_card_leave_it_where_it_was_until_the_old_one_is_silent(network: Network):
    network.know(cards=[1], terminals=[1, 2])
    network.report([row(1, at(0), card(1))])

    network.report([row(2, at(1), card(1)), row(1, at(1, 5), card(1))])
    assert network.where(1) == terminal(1)
    (doubt,) = network.tables()["exceptions"]
    assert doubt[:4] == (terminal(2), 1, "card_elsewhere", card(1))

    network.report([row(2, at(2), card(1)), row(1, at(2, 5), None)])
    assert network.where(1) == terminal(1)

    network.report([row(2, at(3), card(1)), row(1, at(3, 5), None)])
    assert network.where(1) == terminal(1), "it read the card after the other one had begun to"

    network.report([row(1, at(4), card(2))])
    assert network.where(1) == terminal(2)


@pytest.mark.req("BND-11")
def test_a_late_reading_is_placed_by_its_read_time_and_never_overwrites_newer_knowledge(network: Network):
    network.know(cards=[1, 2], terminals=[1])
    network.report([row(1, at(0), card(1)), row(1, at(5), card(2))])

    network.report([row(1, at(2), card(1))])

    assert network.where(2) == terminal(1)
    periods = [(each[2], each[5], each[6]) for each in network.tables()["bindings"]]
    assert sorted(periods) == [(card(1), at(0), at(5)), (card(2), at(5), None)]


@pytest.mark.req("BND-03")
def test_cards_that_may_be_nowhere_are_quarantined_with_their_reason(network: Network):
    network.know(cards=[1], terminals=[1, 2, 3])
    network.know(cards=[2], state="in_stock")
    network.know(cards=[3], state="terminated")

    network.report([row(1, at(0), card(4)), row(2, at(0), card(2)), row(3, at(0), card(3))])

    kinds = {(each[0], each[2]) for each in network.tables()["exceptions"]}
    assert kinds == {
        (terminal(1), "card_unknown"),
        (terminal(2), "card_never_issued"),
        (terminal(3), "card_terminated"),
    }
    assert network.told() == []


def a_night(chance: random.Random, night: int, places: dict[int, int]) -> list[dict[str, Any]]:
    """Ten terminals of two slots; cards stay, move, are swapped, claimed twice, not read, garbled; clocks go wrong."""
    rows = []
    for number in range(10):
        happening = chance.random()
        if happening < 0.15:
            places[number] = chance.randrange(14)
        moment = at(night, chance.randrange(60))
        if happening > 0.92:
            rows.append(row(number, moment, None))
        elif happening > 0.88:
            rows.append(row(number, moment, card(places[number])[:12]))
        elif happening > 0.84:
            wrong = {"received_at": moment.isoformat()}
            rows.append(row(number, at(night + 300), card(places[number]), **wrong))
        elif happening > 0.78:
            rows.append(row(number, moment, card(chance.randrange(14)), imei=module(number)))
        elif happening > 0.70:
            rows.append(row(number, moment, card(chance.randrange(20)), slot=2))
        elif happening > 0.60:
            rows.append(row(number, moment, card(places[number])))
        else:
            rows.append(row(number, moment, card(places[number]), imei=module(number + chance.randrange(2))))
    return rows


def in_any_order(chance: random.Random, rows: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """The same rows shuffled, some of them twice, cut into batches anywhere."""
    mixed = rows + chance.sample(rows, len(rows) // 3)
    chance.shuffle(mixed)
    batches = []
    while mixed:
        size = chance.randrange(1, 25)
        batches.append(mixed[:size])
        mixed = mixed[size:]
    return batches


@pytest.mark.req("BND-01", "BND-11")
@pytest.mark.parametrize("seed", range(6))
def test_any_order_repetition_and_cut_of_the_nights_ends_in_the_same_tables(network: Network, seed: int):
    chance = random.Random(seed)
    places = {number: number for number in range(10)}
    nights = [a_night(chance, night, places) for night in range(5)]
    ends = []
    for batches in (nights, *(in_any_order(chance, list(chain.from_iterable(nights))) for _ in range(3))):
        network.forget()
        network.know(cards=range(16), terminals=range(10))
        for number in range(5):
            network.hold(number, at(1), place=terminal(number))
            network.hold(number + 5, at(0.5), imei=module(number + 5), until=at(3.5))
        for batch in batches:
            network.report(batch)
        ends.append(network.tables())

    for table, rows in ends[0].items():
        for other in ends[1:]:
            assert other[table] == rows, table
