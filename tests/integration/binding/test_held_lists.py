"""A full list of terminals that shrank too much waits for a person, who sees first what it lacks (BND-02)."""

from typing import Any

import pytest

from kernel.chassis.data.unit_of_work import UnitOfWork
from kernel.contracts.binding.held_lists import DecideHeldList, ListMissingTerminals, ListTerminalLists
from kernel.contracts.binding.registry import ListTerminals
from kernel.contracts.binding.terminals import FullList, ReportTerminals
from kernel.model.actor import Actor
from services.binding.pages.held_lists import MISSING_TERMINALS, TERMINAL_LISTS, decide_held
from services.binding.pages.registry import TERMINALS
from services.binding.terminals import report_terminals
from tests.integration.binding.nights import NOW, STATION, Network, at, card, row, terminal
from tests.integration.binding.test_settling import act, refused

PROVINCE = Actor("p", "省管理员", "99", frozenset({"terminal.decide"}))
CITY = Actor("c", "市管理员", "9901", frozenset({"terminal.decide"}))


def ask(network: Network, spec: Any, request: Any, by: Actor = PROVINCE) -> list[Any]:
    with network.read() as tx:
        return list(spec.answer(tx, request, by=by, now=NOW).items)


def send_list(network: Network, name: str, numbers: range) -> None:
    lines = [{"terminal": terminal(n), "unit": "990101", "kind": "集中器", "state": "running"} for n in numbers]
    full = FullList(list_id=name, part=1, parts=1)
    with UnitOfWork(network.engine).begin(STATION, "test") as tx:
        report_terminals(tx, ReportTerminals(as_of=at(5), rows=lines, full=full), by=STATION, now=NOW)
        tx.commit()


@pytest.fixture
def held(network: Network) -> Network:
    """The station has terminals 1 to 10; its list names only 1 to 6. Terminal 9 holds a card."""
    network.know(cards=[9], terminals=range(1, 11))
    network.report([row(9, at(0), card(9))])
    send_list(network, "L1", range(1, 7))
    return network


@pytest.mark.req("BND-02")
def test_the_held_list_says_how_many_it_lacks_and_the_preview_which(held: Network) -> None:
    (found,) = ask(held, TERMINAL_LISTS, ListTerminalLists(state="held"))

    assert (found.station, found.list_id, found.missing, found.can) == ("station-1", "L1", 4, ["decide", "preview"])
    lacking = ask(held, MISSING_TERMINALS, ListMissingTerminals(number=found.number))
    assert {it.terminal: it.iccids for it in lacking} == {
        terminal(7): [], terminal(8): [], terminal(9): [card(9)], terminal(10): [],
    }  # fmt: skip


@pytest.mark.req("BND-02")
@pytest.mark.parametrize(("decision", "removed"), [("apply", 4), ("discard", 0)])
def test_a_person_takes_or_refuses_the_list_once(held: Network, decision: str, removed: int) -> None:
    number = ask(held, TERMINAL_LISTS, ListTerminalLists())[0].number
    request = DecideHeldList(number=number, decision=decision, reason="已核实")

    assert act(held, decide_held, request, PROVINCE).removed == removed

    assert len(ask(held, TERMINALS, ListTerminals(state="removed"))) == removed
    assert held.where(9) == (None if removed else terminal(9))
    (after,) = ask(held, TERMINAL_LISTS, ListTerminalLists())
    assert (after.decided_by_name, after.reason, after.can) == ("省管理员", "已核实", [])
    assert refused(held, decide_held, request, PROVINCE) == "terminal_list_not_held"


@pytest.mark.req("BND-02", "GTW-02")
def test_a_list_of_a_station_of_the_province_is_no_citys_matter(held: Network) -> None:
    number = ask(held, TERMINAL_LISTS, ListTerminalLists())[0].number

    assert ask(held, TERMINAL_LISTS, ListTerminalLists(), CITY) == []
    request = DecideHeldList(number=number, decision="apply", reason="x")
    assert refused(held, decide_held, request, CITY) == "terminal_list_not_held"
    asked = ListMissingTerminals(number=number)
    assert refused(held, lambda tx, _, *, by, now: ask(held, MISSING_TERMINALS, asked, by), request, CITY) == (
        "terminal_list_not_held"
    )
