"""Modules (IMEI) that cards were read in: their history, changes as facts, clones (BND-10, IME-15)."""

from typing import Any

import pytest

from kernel.chassis.data.unit_of_work import UnitOfWork
from kernel.contracts.binding.exceptions import ListExceptions
from kernel.contracts.binding.imeis import ListImeis
from kernel.model.actor import Actor
from services.binding import clones
from services.binding.pages.exceptions import EXCEPTIONS
from services.binding.pages.imeis import IMEIS
from tests.integration.binding.nights import NOW, STATION, Network, at, card, module, row, terminal

CITY = Actor("c", "市", "9901", frozenset({"card.view"}))
COUNTY = Actor("k", "县", "990103", frozenset({"card.view"}))
OTHER_CITY = Actor("o", "另一市", "9902", frozenset({"card.view"}))


def imeis(network: Network, by: Actor = CITY, **asked: Any) -> list[Any]:
    with network.read() as tx:
        return IMEIS.answer(tx, ListImeis(**asked), by=by, now=NOW).items


def changes(network: Network) -> list[tuple[Any, ...]]:
    """What was told: card, its IMEI before and now, the slot's before."""
    return [
        (it["iccid"], it["card_imei_before"], it["imei"], it["slot_imei_before"])
        for kind, payload in network.told()
        if kind == "imeis_changed"
        for it in payload["changes"]
    ]


@pytest.fixture
def network_of_three(network: Network) -> Network:
    network.know(cards=(1, 2, 3), terminals=(1, 2, 3))
    network.report([row(number, at(0, number), card(number), imei=module(number)) for number in (1, 2, 3)])
    return network


@pytest.mark.req("BND-10")
def test_a_first_reading_is_no_change_and_a_night_of_the_same_modules_adds_nothing(network_of_three: Network) -> None:
    network_of_three.report([row(n, at(1, n), card(n), imei=f"{module(n)[:14]}07") for n in (1, 2, 3)])
    network_of_three.report([row(n, at(2, n), card(n), imei=module(n)[:14] + "0") for n in (1, 2, 3)])
    network_of_three.report([row(n, at(3, n), card(n)) for n in (1, 2, 3)])

    assert changes(network_of_three) == []
    assert [(it.iccid, it.imei, it.until) for it in imeis(network_of_three)] == [
        (card(n), module(n), None) for n in (3, 2, 1)
    ]


@pytest.mark.req("BND-10")
def test_a_card_in_another_module_is_told_with_the_old_and_the_new_imei(network_of_three: Network) -> None:
    network_of_three.report([row(1, at(1), card(1), imei=module(11))])

    assert changes(network_of_three) == [(card(1), module(1), module(11), module(1))]
    now, before = imeis(network_of_three, iccid=card(1))
    assert (now.imei, now.card_imei_before, now.slot_imei_before, now.until) == (module(11), module(1), module(1), None)
    assert (before.imei, before.until) == (module(1), at(1))
    assert [it.imei for it in imeis(network_of_three, changed=True)] == [module(11)]


@pytest.mark.req("BND-10")
def test_a_card_that_moves_to_another_terminal_names_the_terminal_it_came_from(network_of_three: Network) -> None:
    network_of_three.report([row(1, at(1), card(2), imei=module(1)), row(2, at(1), card(1), imei=module(2))])

    assert sorted(changes(network_of_three)) == [
        (card(1), module(1), module(2), module(2)),
        (card(2), module(2), module(1), module(1)),
    ]
    assert [(it.terminal, it.terminal_before) for it in imeis(network_of_three, iccid=card(1))] == [
        (terminal(2), terminal(1)),
        (terminal(1), None),
    ]
    assert [it.iccid for it in imeis(network_of_three, imei=module(1))] == [card(2), card(1)]


@pytest.mark.req("BND-10", "BND-11")
def test_a_late_reading_between_two_puts_the_history_right_and_tells_it_again(network_of_three: Network) -> None:
    network_of_three.report([row(1, at(4), card(1), imei=module(12))])
    network_of_three.report([row(1, at(2), card(1), imei=module(11))])

    assert [(it.imei, it.card_imei_before, it.until) for it in imeis(network_of_three, iccid=card(1))] == [
        (module(12), module(11), None),
        (module(11), module(1), at(4)),
        (module(1), None, at(2)),
    ]
    assert changes(network_of_three)[1:] == [
        (card(1), module(1), module(11), module(1)),
        (card(1), module(11), module(12), module(11)),
    ]


@pytest.mark.req("BND-10")
def test_a_garbled_imei_is_no_change(network_of_three: Network) -> None:
    garbled = module(1)[:-1] + str((int(module(1)[-1]) + 1) % 10 or 1)

    network_of_three.report([row(1, at(1), card(1), imei=garbled), row(2, at(1), card(2), imei="86??")])

    assert changes(network_of_three) == []
    assert len(imeis(network_of_three)) == 3


@pytest.mark.req("BND-10", "GTW-02")
def test_the_history_is_seen_by_whoever_sees_the_terminal(network_of_three: Network) -> None:
    assert [it.terminal for it in imeis(network_of_three, COUNTY)] == [terminal(2)]
    assert imeis(network_of_three, OTHER_CITY) == []
    assert [it.terminal for it in imeis(network_of_three, CITY, unit="990102")] == [terminal(1)]


def look_for_clones(network: Network) -> None:
    with UnitOfWork(network.engine).begin(STATION, "test") as tx:
        clones.find(tx, now=NOW)
        tx.commit()


def doubled(network: Network) -> list[tuple[str, str, str | None, bool]]:
    province = Actor("p", "省", "99", frozenset({"report.view"}))
    with network.read() as tx:
        found = EXCEPTIONS.answer(tx, ListExceptions(kind="imei_elsewhere"), by=province, now=NOW).items
    return [(it.terminal, it.other_terminal, it.sample, it.standing) for it in found]


@pytest.mark.req("IME-15", "BND-10")
def test_one_imei_that_two_terminals_go_on_reading_is_a_clone_and_told_once(network_of_three: Network) -> None:
    network_of_three.report([row(2, at(1), card(2), imei=module(1)), row(1, at(1, 5), card(1), imei=module(1))])

    look_for_clones(network_of_three)
    look_for_clones(network_of_three)

    assert doubled(network_of_three) == [(terminal(2), terminal(1), module(1), True)]
    told = [payload for kind, payload in network_of_three.told() if kind == "imeis_doubled"]
    assert [(it["imei"], it["terminal"], it["other_terminal"]) for it in told[0]["clones"]] == [
        (module(1), terminal(2), terminal(1))
    ]
    assert len(told) == 1

    network_of_three.report([row(2, at(2), card(2), imei=module(2))])
    look_for_clones(network_of_three)
    assert doubled(network_of_three) == [(terminal(2), terminal(1), module(1), False)]


@pytest.mark.req("IME-15", "BND-10")
def test_a_module_that_was_carried_to_another_terminal_is_no_clone(network_of_three: Network) -> None:
    network_of_three.report([row(2, at(1), card(2), imei=module(1))])
    network_of_three.report([row(2, at(2), card(2), imei=module(1)), row(1, at(2), None)])

    look_for_clones(network_of_three)

    assert doubled(network_of_three) == []
