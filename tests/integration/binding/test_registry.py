"""各状态终端数量统计: every number is the total of the list it opens, whatever terminals and cards did (BND-07)."""

from typing import Any

import pytest

from kernel.chassis.data.unit_of_work import UnitOfWork
from kernel.contracts.binding.registry import CountTerminals, ListTerminals
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from services.binding.counted import tell_counts
from services.binding.pages.registry import TERMINALS, count_terminals
from tests.integration.binding.nights import NOW, STATION, Network, at, card, row, terminal
from tests.integration.binding.test_settling import COUNTY, OTHER_CITY

PROVINCE = Actor("p", "省", "99")
CITY = Actor("c", "市", "9901")
STATES = ("running", "stopped", "pending_install", "removed")


def counted(network: Network, by: Actor = CITY, unit: str | None = None) -> Any:
    with network.read() as tx:
        return count_terminals(tx, CountTerminals(unit=unit), by=by)


def listed(network: Network, by: Actor = CITY, **asked: Any) -> Any:
    with network.read() as tx:
        return TERMINALS.answer(tx, ListTerminals(**asked), by=by, now=NOW)


@pytest.fixture
def province(network: Network) -> Network:
    """Terminals 1 to 9 of three counties, of which 1 to 3 hold a card; 5 stops, 6 is taken down, 7 was and comes back
    to another city, 8 moves with its card."""
    network.know(cards=range(1, 10), terminals=range(1, 10))
    network.report([row(number, at(0, number), card(number)) for number in (1, 2, 3, 6, 7, 8)])
    network.place(5, at(1), "990103", "stopped")
    network.place(6, at(1), "990101", "removed")
    network.place(7, at(1), "990102", "removed")
    network.place(7, at(2), "9902", "pending_install")
    network.place(8, at(2), "99010301")
    return network


@pytest.mark.req("BND-07")
@pytest.mark.parametrize("by", [PROVINCE, CITY, COUNTY, OTHER_CITY])
def test_each_number_of_terminals_is_the_total_of_the_list_it_opens(province: Network, by: Actor) -> None:
    found = counted(province, by)

    assert found.items
    for line in found.items:
        place = {"unit": line.unit, "unit_exact": line.exact}
        for state in STATES:
            assert listed(province, by, **place, state=state).total == getattr(line, state), (line, state)
        assert listed(province, by, **place).total == line.total
        assert listed(province, by, **place, bound=False).total == line.unbound
    sums = {name: sum(getattr(line, name) for line in found.items) for name in (*STATES, "total", "unbound")}
    assert found.totals == sums


@pytest.mark.req("BND-07")
def test_terminals_without_a_card_are_those_that_hold_none_and_are_not_removed(province: Network) -> None:
    totals = counted(province, PROVINCE).totals

    assert totals == {"running": 6, "stopped": 1, "pending_install": 1, "removed": 1, "total": 9, "unbound": 4}
    unbound = listed(province, PROVINCE, bound=False).items
    assert sorted(item.terminal for item in unbound) == [terminal(number) for number in (4, 5, 7, 9)]
    assert not any(item.iccids or item.carriers for item in unbound)


@pytest.mark.req("BND-07")
def test_a_terminal_that_loses_its_card_to_another_is_counted_as_without_one(province: Network) -> None:
    province.report([row(1, at(3), None), row(2, at(3), card(1)), row(1, at(3, 9), None)])
    province.report([row(2, at(4), card(1)), row(1, at(4, 1), card(4))])

    bound = listed(province, bound=True).items
    assert {item.terminal: item.iccids for item in bound if item.terminal in (terminal(1), terminal(2))} == {
        terminal(1): [card(4)],
        terminal(2): [card(1)],
    }
    assert counted(province, PROVINCE).totals["unbound"] == 4


@pytest.mark.req("BND-07")
def test_the_kept_counts_are_what_counting_the_terminals_says(province: Network) -> None:
    query = "SELECT unit, state, carriers, count(*) FROM terminals GROUP BY 1, 2, 3"
    with province.read() as tx:
        kept = tx.execute("SELECT * FROM terminal_counts WHERE terminals <> 0").all()
        assert sorted(map(tuple, kept)) == sorted(map(tuple, tx.execute(query)))


@pytest.mark.req("BND-07")
def test_an_asset_number_is_found_as_people_type_it(province: Network) -> None:
    found = listed(province, terminal=" 33t 0000００1 ").items

    assert [item.terminal for item in found] == [terminal(1)]


@pytest.mark.req("BND-07", "GTW-02")
def test_nobody_counts_or_lists_another_units_terminals(province: Network) -> None:
    assert counted(province, OTHER_CITY).totals["total"] == 1
    for ask in (counted, listed):
        with pytest.raises(DomainError, match="unit_out_of_scope"):
            ask(province, OTHER_CITY, unit="9901")


@pytest.mark.req("ACT-10")
def test_units_whose_number_of_terminals_changed_are_told_once(province: Network) -> None:
    def told() -> dict[str, int]:
        with UnitOfWork(province.engine).begin(STATION, "test") as tx:
            tell_counts(tx, now=NOW)
            tx.commit()
        last = province.told()[-1:]
        counts = [(it["unit"], it["terminals"]) for kind, fact in last for it in fact["counts"]] if last else []
        with UnitOfWork(province.engine).begin(STATION, "test") as tx:
            tx.execute("DELETE FROM outbox")
            tx.commit()
        return dict(counts)

    assert told() == {"990101": 2, "990102": 2, "990103": 2, "9902": 1, "99010301": 1}
    assert told() == {}
    province.place(1, at(5), "990102", "removed")
    assert told() == {"990102": 1}
