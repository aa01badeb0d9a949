"""People settle contradictions and work through exceptions (BND-03, BND-06)."""

from collections.abc import Callable
from typing import Any

import pytest

from kernel.chassis.data.unit_of_work import Tx, UnitOfWork
from kernel.contracts.binding.exceptions import ListSettlements
from kernel.contracts.binding.settling import HandleException, Settle, UndoSettlement
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from services.binding.pages.exceptions import SETTLEMENTS
from services.binding.settling import handle, settle, undo
from tests.integration.binding.nights import NOW, Network, at, card, row, terminal

CITY = Actor("city-1", "市管理员", "9901", frozenset({"binding.settle", "binding.handle"}))
OTHER_CITY = Actor("city-2", "另一市", "9902", frozenset({"binding.settle", "binding.handle"}))
COUNTY = Actor("county-1", "县管理员", "990103", frozenset({"binding.settle", "binding.handle"}))
COLLEAGUE = Actor("city-3", "同事", "9901", frozenset({"binding.handle"}))


def act(network: Network, what: Callable[..., Any], request: Any, by: Actor) -> Any:
    with UnitOfWork(network.engine).begin(by, "test") as tx:
        answer = what(tx, request, by=by, now=NOW)
        tx.commit()
    return answer


def refused(network: Network, what: Callable[..., Any], request: Any, by: Actor) -> str:
    with UnitOfWork(network.engine).begin(by, "test") as tx, pytest.raises(DomainError) as refusal:
        what(tx, request, by=by, now=NOW)
    return refusal.value.code


@pytest.fixture
def contested(network: Network) -> Network:
    """Card 1 is bound in terminal 1 (unit 990102); terminal 2 (unit 990103) reads it too."""
    network.know(cards=[1], terminals=[1, 2])
    network.report([row(1, at(0), card(1))])
    network.report([row(2, at(1), card(1)), row(1, at(1, 5), card(1))])
    return network


@pytest.mark.req("BND-03")
def test_a_contradiction_is_settled_told_and_undone(contested: Network):
    request = Settle(iccid=card(1), terminal=terminal(2), reason="现场核实")

    answer = act(contested, settle, request, CITY)

    assert (answer.terminal, contested.where(1)) == (terminal(2), terminal(2))
    kind, payload = contested.told()[-1]
    assert (kind, payload["cards"][0]["from_terminal"]) == ("cards_bound", terminal(1))
    assert [each[2] for each in contested.tables()["exceptions"] if each[-1]] == ["card_elsewhere"], "the other side"

    act(contested, undo, UndoSettlement(settlement_id=answer.settlement_id, reason="误判"), CITY)

    assert contested.where(1) == terminal(1)
    assert refused(contested, undo, UndoSettlement(settlement_id=answer.settlement_id, reason="x"), CITY) == (
        "settlement_undone"
    )


@pytest.mark.req("BND-03")
@pytest.mark.parametrize("by", [OTHER_CITY, COUNTY])
def test_who_does_not_see_both_sides_settles_nothing(contested: Network, by: Actor):
    request = Settle(iccid=card(1), terminal=terminal(2), reason="现场核实")

    assert refused(contested, settle, request, by) == "claim_not_found"
    assert contested.where(1) == terminal(1)


@pytest.mark.req("BND-06")
def test_an_exception_is_taken_in_hand_noted_and_closed_and_opens_when_it_comes_back(network: Network):
    network.know(terminals=[1])
    network.report([row(1, at(0), None)])
    with network.read() as tx:
        number = tx.execute("SELECT id FROM exceptions").scalar_one()

    act(network, handle, HandleException(exception_id=number, state="in_hand"), CITY)
    taken = HandleException(exception_id=number, state="in_hand")
    assert refused(network, handle, taken, COLLEAGUE) == "exception_in_other_hands"
    assert refused(network, handle, taken, OTHER_CITY) == "exception_not_found"
    assert refused(network, handle, HandleException(exception_id=number, state="closed"), CITY) == (
        "exception_note_missing"
    )
    act(network, handle, HandleException(exception_id=number, state="closed", note="已更换天线"), CITY)

    def state(tx: Tx) -> tuple[str, int]:
        row = tx.execute("SELECT state, readings FROM exceptions").one()
        return row.state, row.readings

    with network.read() as tx:
        assert state(tx) == ("closed", 1)
    network.report([row(1, at(30), None)], now=at(30, 60))
    with network.read() as tx:
        assert state(tx) == ("open", 2)
        notes = tx.execute("SELECT from_state, to_state, note FROM exception_notes ORDER BY id").all()
    assert [tuple(each) for each in notes] == [("open", "in_hand", None), ("in_hand", "closed", "已更换天线")]


@pytest.mark.req("BND-03", "GTW-02")
def test_a_decision_is_seen_by_whoever_has_the_terminal_now(contested: Network):
    act(contested, settle, Settle(iccid=card(1), terminal=terminal(2), reason="现场核实"), CITY)

    def seen_by(unit: str) -> list[str | None]:
        by = Actor("v", "看", unit, frozenset({"report.view"}))
        with contested.read() as tx:
            return [it.unit for it in SETTLEMENTS.answer(tx, ListSettlements(), by=by, now=NOW).items]

    assert (seen_by("990103"), seen_by("9902"), seen_by("99")) == (["990103"], [], ["990103"])

    with UnitOfWork(contested.engine).begin(CITY, "test") as tx:
        tx.execute("UPDATE terminals SET unit = '990201' WHERE asset_no = :asset_no", {"asset_no": terminal(2)})
        tx.commit()

    assert (seen_by("990103"), seen_by("9902"), seen_by("99")) == ([], ["990201"], ["990201"])


@pytest.mark.req("BND-03")
def test_a_decision_for_a_terminal_that_nobody_reported_is_the_provinces_until_it_is(network: Network):
    network.know(cards=[1], terminals=[1])
    network.report([row(1, at(0), card(1))])
    network.report([row(5, at(1), card(1)), row(1, at(1, 5), card(1))])
    province = Actor("p", "省", "99", frozenset({"binding.settle", "report.view"}))
    act(network, settle, Settle(iccid=card(1), terminal=terminal(5), reason="现场核实"), province)

    def units() -> list[str | None]:
        with network.read() as tx:
            return [it.unit for it in SETTLEMENTS.answer(tx, ListSettlements(), by=province, now=NOW).items]

    assert units() == [None]

    network.know(terminals=[5])

    assert units() == ["990103"]
