"""终端与卡单位不一致: the list follows terminals, cards and bindings; corrections leave a trail (BND-08)."""

from typing import Any

import pytest

from kernel.chassis.data.unit_of_work import UnitOfWork
from kernel.contracts.binding.mismatches import CorrectUnits, ListCorrections, ListMismatches, UndoCorrection
from kernel.contracts.inventory.events import CardsRefused, CardsUnitCorrected, RefusedCard
from kernel.model.actor import Actor
from services.binding import cards, corrections
from services.binding.pages.mismatches import CORRECTIONS, MISMATCHES
from tests.integration.binding.nights import NOW, STATION, Network, at, card, row, terminal
from tests.integration.binding.test_settling import CITY, OTHER_CITY, act, refused

COUNTY = Actor("k", "县", "990101", frozenset({"binding.settle"}))
VIEWER = Actor("v", "看", "9901", frozenset({"report.view"}))


def differing(network: Network, by: Actor = CITY, **asked: Any) -> list[Any]:
    with network.read() as tx:
        return MISMATCHES.answer(tx, ListMismatches(**asked), by=by, now=NOW).items


def trail(network: Network, by: Actor = CITY, **asked: Any) -> list[Any]:
    with network.read() as tx:
        return CORRECTIONS.answer(tx, ListCorrections(**asked), by=by, now=NOW).items


def correct(network: Network, side: str, by: Actor = CITY, numbers: list[int] | None = None) -> Any:
    found = [it.mismatch_id for it in differing(network, CITY)] if numbers is None else numbers
    return act(network, corrections.correct, CorrectUnits(mismatches=found, side=side, reason="现场核实"), by)


def card_moves(network: Network, number: int, unit: str, version: int, reference: str | None = None) -> None:
    """Inventory tells that a card came to another unit, because of a correction or otherwise."""
    event = CardsUnitCorrected(
        change_id=version, action="correct_unit", at=NOW, by="c", reason=None,
        reference_kind="unit_correction" if reference else None, reference_id=reference,
        from_state="running", to_state="running", from_unit="990101", to_unit=unit, carrier="china_mobile",
        card_spec="plug_in", application_month="202611", iccids=[card(number)], versions=[version],
        terminals=[terminal(number)],
    )  # fmt: skip
    with UnitOfWork(network.engine).begin(STATION, "test") as tx:
        cards.follow(tx, event, now=NOW)
        corrections.moved(tx, event, now=NOW)
        tx.commit()


@pytest.fixture
def bound(network: Network) -> Network:
    """Cards 1 to 3 are county 990101's; terminal 3 is too, terminals 1 and 2 are of 990102 and 990103."""
    network.know(cards=(1, 2, 3), terminals=(1, 2, 3))
    network.report([row(number, at(0, number), card(number)) for number in (1, 2, 3)])
    return network


@pytest.mark.req("BND-08")
def test_terminals_that_hold_a_card_of_another_unit_are_listed_for_both_units(bound: Network) -> None:
    pairs = [(it.terminal, it.terminal_unit, it.iccid, it.card_unit) for it in differing(bound)]

    assert pairs == [
        (terminal(1), "990102", card(1), "990101"),
        (terminal(2), "990103", card(2), "990101"),
    ]
    assert len(differing(bound, COUNTY)) == 2
    assert [it.terminal for it in differing(bound, unit="990103")] == [terminal(2)]
    assert differing(bound, OTHER_CITY) == []


@pytest.mark.req("BND-08")
def test_a_station_below_the_cards_county_is_no_other_unit(bound: Network) -> None:
    bound.place(1, at(1), "99010104")

    assert [it.terminal for it in differing(bound)] == [terminal(2)]


@pytest.mark.req("BND-08")
def test_the_list_follows_the_terminal_the_card_and_the_binding(bound: Network) -> None:
    bound.place(1, at(1), "990101")
    assert [it.terminal for it in differing(bound)] == [terminal(2)]

    card_moves(bound, 2, "990103", 2)
    assert differing(bound) == []

    card_moves(bound, 3, "990102", 2)
    bound.know(cards=[7])
    assert [it.terminal for it in differing(bound)] == [terminal(3)]
    bound.report([row(3, at(2), card(7))])
    assert differing(bound) == []


@pytest.mark.req("BND-08")
def test_a_terminal_comes_to_its_cards_unit_at_once_and_stays_while_the_station_repeats_itself(bound: Network) -> None:
    answer = correct(bound, "terminal")

    assert (answer.done, differing(bound)) == (2, [])
    bound.place(1, at(1), "990102")
    assert differing(bound) == [], "the station said only what it had said before"
    bound.place(1, at(2), "990103")
    assert [it.terminal_unit for it in differing(bound)] == ["990103"], "that is news"
    assert [(it.side, it.from_unit, it.to_unit, it.state, it.by_name) for it in trail(bound, terminal=terminal(2))] == [
        ("terminal", "990103", "990101", "done", "市管理员")
    ]


@pytest.mark.req("BND-08")
def test_a_card_comes_to_its_terminals_unit_when_inventory_has_moved_it(bound: Network) -> None:
    assert correct(bound, "card").done == 2
    kind, payload = bound.told()[-1]
    assert (kind, payload["by_unit"], payload["reason"]) == ("card_units_corrected", "9901", "现场核实")
    assert [(it["iccid"], it["from_unit"], it["to_unit"]) for it in payload["cards"]] == [
        (card(1), "990101", "990102"),
        (card(2), "990101", "990103"),
    ]
    assert {it.state for it in trail(bound)} == {"asked"}
    assert correct(bound, "card").refused[0].code == "correction_waits"

    reference = str(payload["correction"])
    card_moves(bound, 1, "990102", 2, reference)
    refusal = CardsRefused(
        action="correct_unit", reference_kind="unit_correction", reference_id=reference, revision=0, at=NOW,
        refused=[RefusedCard(iccid=card(2), code="card_unit_changed")],
    )  # fmt: skip
    with UnitOfWork(bound.engine).begin(STATION, "test") as tx:
        corrections.refuse(tx, refusal, now=NOW)
        tx.commit()

    assert {it.iccid: (it.state, it.can) for it in trail(bound)} == {
        card(1): ("done", ["undo"]),
        card(2): ("refused", []),
    }
    assert [it.terminal for it in differing(bound)] == [terminal(2)]


@pytest.mark.req("BND-08")
def test_a_correction_is_taken_back_by_one_the_other_way_and_only_once(bound: Network) -> None:
    correct(bound, "terminal", numbers=[differing(bound)[0].mismatch_id])
    done = trail(bound)[0]

    undone = act(bound, corrections.undo, UndoCorrection(correction_id=done.correction_id, reason="误判"), CITY)

    assert undone.state == "done"
    assert [it.terminal_unit for it in differing(bound)] == ["990102", "990103"]
    assert [(it.undoes, it.undone_by, it.can) for it in trail(bound)] == [
        (done.correction_id, None, []),
        (None, undone.correction_id, []),
    ]
    again = UndoCorrection(correction_id=done.correction_id, reason="x")
    assert refused(bound, corrections.undo, again, CITY) == "correction_not_undoable"


@pytest.mark.req("BND-08", "GTW-02")
def test_only_who_sees_both_sides_corrects_them(bound: Network) -> None:
    found = [it.mismatch_id for it in differing(bound)]

    assert {it.code for it in correct(bound, "card", COUNTY).refused} == {"mismatch_needs_superior"}
    assert {it.code for it in correct(bound, "card", OTHER_CITY, found).refused} == {"mismatch_gone"}
    assert all(it.can == [] for it in [*differing(bound, COUNTY), *differing(bound, VIEWER)])
    assert all(it.can == ["correct"] for it in differing(bound, CITY))
    correct(bound, "terminal")
    request = UndoCorrection(correction_id=trail(bound)[0].correction_id, reason="x")
    for stranger in (OTHER_CITY, COUNTY):
        assert refused(bound, corrections.undo, request, stranger) == "correction_not_found"
