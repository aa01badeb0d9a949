"""Terminals by their stations' reports (BND-02)."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from kernel.chassis.data.unit_of_work import UnitOfWork
from kernel.contracts.binding.terminals import DecideTerminalList, ReportTerminals
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from services.binding.terminals import decide_list, report_terminals
from tests.integration.binding.nights import NIGHT, NOW, STATION, Network, at, card, row, terminal

CLERK = Actor("clerk-99", "省公司", "99", frozenset({"terminal.decide"}))


def entry(number: int, **more: Any) -> dict[str, Any]:
    return {"terminal": terminal(number), "unit": "990101", "kind": "集中器", "state": "running", **more}


def report(network: Network, rows: list[Any], *, as_of: datetime = NIGHT, by: Actor = STATION, **more: Any) -> Any:
    with UnitOfWork(network.engine).begin(by, "test") as tx:
        taken = report_terminals(tx, ReportTerminals(as_of=as_of, rows=rows, **more), by=by, now=NOW)
        tx.commit()
    return taken


def states(network: Network) -> dict[str, str]:
    with network.read() as tx:
        return {row.asset_no: row.state for row in tx.execute("SELECT asset_no, state FROM terminals")}


@pytest.mark.req("BND-02")
def test_the_later_report_holds_whatever_the_order_of_arrival(network: Network):
    report(network, [entry(1, state="stopped")], as_of=at(2))

    late = report(network, [entry(1, state="running")], as_of=at(1))

    assert late.changed == 0
    assert states(network) == {terminal(1): "stopped"}


@pytest.mark.req("BND-02")
def test_a_broken_row_costs_only_itself(network: Network):
    taken = report(
        network,
        [
            entry(1),
            "nonsense",
            entry(2, unit="9"),
            entry(3, unit="980101"),
            entry(4, state="dancing"),
            entry(5, slots=9),
            entry(6, kind=""),
            entry(7, terminal=" ３３t 000 0007 "),
        ],
    )

    assert states(network) == {terminal(1): "running", terminal(7): "running"}
    assert [(each.row_no, each.field, each.code) for each in taken.refused] == [
        (2, "row", "row_not_an_object"),
        (3, "unit", "unit_malformed"),
        (4, "unit", "unit_out_of_scope"),
        (5, "state", "terminal_state_unknown"),
        (6, "slots", "slot_out_of_range"),
        (7, "kind", "terminal_kind_missing"),
    ]


@pytest.mark.req("BND-02")
def test_a_report_from_the_future_does_not_outweigh_the_true_ones(network: Network):
    report(network, [entry(1)])
    ahead = NOW + timedelta(days=700)

    taken = report(network, [entry(1, state="stopped", reported_at=ahead.isoformat()), entry(2)])
    with pytest.raises(DomainError) as refused:
        report(network, [entry(1, state="stopped")], as_of=ahead)
    report(network, [entry(1, state="pending_install")], as_of=NOW)

    assert [(it.row_no, it.field, it.code) for it in taken.refused] == [(1, "reported_at", "report_in_the_future")]
    assert refused.value.code == "report_in_the_future"
    assert states(network) == {terminal(1): "pending_install", terminal(2): "running"}


@pytest.mark.req("BND-02", "GTW-02")
def test_a_station_takes_no_terminal_that_stands_in_units_of_others(network: Network):
    stranger = Actor("station-98", "外省主站", "9902", STATION.permissions)
    report(network, [entry(1), entry(2)])

    refused = report(network, [entry(1, unit="990201"), entry(3, unit="990201")], as_of=at(5), by=stranger)
    report(network, [entry(1, state="removed")], as_of=at(6))
    moved = report(network, [entry(1, unit="990201")], as_of=at(7), by=stranger)

    assert [(it.row_no, it.terminal, it.field, it.code) for it in refused.refused] == [
        (1, terminal(1), "terminal", "terminal_elsewhere")
    ]
    assert (refused.taken, moved.changed, moved.refused) == (1, 1, [])


@pytest.mark.req("BND-02")
def test_a_full_list_in_parts_removes_what_it_lacks_and_frees_its_card(network: Network):
    network.know(cards=[20])
    report(network, [entry(number) for number in range(1, 21)])
    network.report([row(20, at(0, 5), card(20))])

    first = report(
        network, [entry(n) for n in range(1, 11)], as_of=at(3), full={"list_id": "L1", "part": 1, "parts": 2}
    )
    last = report(
        network, [entry(n) for n in range(11, 20)], as_of=at(3), full={"list_id": "L1", "part": 2, "parts": 2}
    )

    assert (first.list_state, last.list_state, last.missing) == ("receiving", "applied", 1)
    assert states(network)[terminal(20)] == "removed"
    assert network.where(20) is None
    assert [kind for kind, _ in network.told()] == ["cards_bound", "cards_unbound"]


@pytest.mark.req("BND-02")
def test_a_broken_row_of_a_full_list_does_not_remove_its_terminal(network: Network):
    network.know(cards=[20])
    report(network, [entry(number) for number in range(1, 21)])
    network.report([row(20, at(0, 5), card(20))])
    broken = entry(20, state="dancing", terminal=f" {terminal(20).lower()}")

    taken = report(
        network,
        [entry(number) for number in range(1, 20)] + [broken, "nonsense", {"terminal": ["x"]}],
        as_of=at(3),
        full={"list_id": "L", "part": 1, "parts": 1},
    )

    assert (taken.list_state, taken.missing, len(taken.refused)) == ("applied", 0, 3)
    assert states(network)[terminal(20)] == "running"
    assert network.where(20) == terminal(20)


@pytest.mark.req("BND-02")
def test_a_full_list_that_shrinks_too_much_waits_for_a_person(network: Network):
    report(network, [entry(number) for number in range(1, 21)])
    held = report(network, [entry(n) for n in range(1, 11)], as_of=at(3), full={"list_id": "L", "part": 1, "parts": 1})

    assert (held.list_state, held.missing) == ("held", 10)
    assert set(states(network).values()) == {"running"}

    ask = DecideTerminalList(list_id="L", station=STATION.id, decision="apply", reason="台区改造")
    with UnitOfWork(network.engine).begin(CLERK, "test") as tx:
        decided = decide_list(tx, ask, by=CLERK, now=NOW)
        tx.commit()
    assert (decided.list_state, decided.removed) == ("applied", 10)
    assert sorted(states(network).values()) == ["removed"] * 10 + ["running"] * 10

    with UnitOfWork(network.engine).begin(CLERK, "test") as tx, pytest.raises(DomainError) as refusal:
        decide_list(tx, ask, by=CLERK, now=NOW)
    assert refusal.value.code == "terminal_list_not_held"
