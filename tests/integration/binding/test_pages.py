"""Every number on binding's pages is the total of the list that it opens (BND-04 to BND-06)."""

from collections.abc import Callable
from typing import Any

import pytest

from kernel.contracts.binding.changes import CountChanges, ListBindings, ListChanges
from kernel.contracts.binding.exceptions import ListClaims, ListExceptions, SettleException
from kernel.contracts.binding.nights import CountReadings, ListReadings
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from kernel.model.period import business_date
from services.binding.pages import changes, exceptions, nights
from tests.integration.binding.nights import NOW, Network, at, card, row, terminal
from tests.integration.binding.test_settling import COUNTY, OTHER_CITY, act, refused

PROVINCE = Actor("p", "省", "99", frozenset({"binding.settle", "binding.handle"}))
CITY = Actor("c", "市", "9901", frozenset({"binding.settle", "binding.handle"}))
SECOND = business_date(at(1))
DAYS = {"day_from": business_date(at(0)), "day_to": business_date(at(2))}


def ask(network: Network, what: Callable[..., Any], request: Any, by: Actor = CITY) -> Any:
    with network.read() as tx:
        return what(tx, request, by=by, now=NOW)


@pytest.fixture
def three_nights(network: Network) -> Network:
    """Terminals 1 to 3, of counties 990102, 990103, 990101, and number 9 that no station has named."""
    network.know(cards=range(1, 8), terminals=[1, 2, 3])
    network.report([row(number, at(0, number), card(number)) for number in (1, 2, 3)])
    network.report([row(1, at(1), card(4)), row(2, at(1), None), row(3, at(1), card(3)), row(9, at(1), None)])
    network.report([row(2, at(2), card(3)), row(3, at(2, 5), card(3)), row(1, at(2), card(4))])
    return network


@pytest.mark.req("BND-04")
@pytest.mark.parametrize("by", [PROVINCE, CITY, COUNTY, OTHER_CITY])
def test_each_number_of_a_night_is_the_total_of_the_list_it_opens(three_nights: Network, by: Actor):
    counted = ask(three_nights, nights.count_readings, CountReadings(**DAYS), by)

    opened = {"total": {}, "succeeded": {"collected": True, "abnormal": False}, "abnormal": {"abnormal": True}}
    opened["failed"] = {"collected": False}
    for line in counted.items:
        days = {"day_from": line.day, "day_to": line.day}
        for name, more in opened.items():
            request = ListReadings(unit=line.unit, unit_exact=line.exact, **days, **more)
            page = ask(three_nights, nights.READINGS.answer, request, by)
            assert page.total == getattr(line, name), (line, name)
    if by is PROVINCE:
        assert (counted.totals["total"], counted.totals["failed"], counted.totals["abnormal"]) == (10, 2, 1)
        assert any(line.exact and line.day == SECOND for line in counted.items), "the terminal that nobody named"
    if by is OTHER_CITY:
        assert counted.items == []


@pytest.mark.req("BND-05")
@pytest.mark.parametrize("by", [PROVINCE, CITY, COUNTY, OTHER_CITY])
def test_each_number_of_changes_is_the_total_of_the_list_it_opens(three_nights: Network, by: Actor):
    counted = ask(three_nights, changes.count_changes, CountChanges(**DAYS), by)

    for line in counted.items:
        place = {"unit": line.unit, "unit_exact": line.exact, "day_from": line.day, "day_to": line.day}
        for name in ("added", "removed", "changed"):
            page = ask(three_nights, changes.CHANGES.answer, ListChanges(**place, kind=name), by)
            assert page.total == getattr(line, name), (line, name)
        for name in ("card_replaced", "terminal_replaced", "both", "module_changed"):
            page = ask(three_nights, changes.CHANGES.answer, ListChanges(**place, cause=name), by)
            assert page.total == getattr(line, name), (line, name)
    if by is CITY:
        assert (counted.totals["added"], counted.totals["changed"], counted.totals["card_replaced"]) == (3, 1, 1)


@pytest.mark.req("BND-05")
def test_counts_of_changes_follow_what_a_late_reading_undoes(three_nights: Network):
    before = ask(three_nights, changes.count_changes, CountChanges(**DAYS)).totals
    three_nights.report([row(1, at(0, 30), card(4))])  # the card was changed in the first night already

    counted = ask(three_nights, changes.count_changes, CountChanges(**DAYS))
    changed = {line.day: line.changed for line in counted.items if line.changed}
    assert changed == {DAYS["day_from"]: 1}
    assert counted.totals == before


@pytest.mark.req("BND-05")
def test_a_card_shows_every_terminal_and_a_terminal_every_card(three_nights: Network):
    of_terminal = ask(three_nights, changes.BINDINGS.answer, ListBindings(terminal=terminal(1).lower()))
    of_card = ask(three_nights, changes.BINDINGS.answer, ListBindings(iccid=card(1)))

    assert [(it.iccid, it.bound_to is None) for it in of_terminal.items] == [(card(1), False), (card(4), True)]
    assert [it.terminal for it in of_card.items] == [terminal(1)]
    assert ask(three_nights, changes.BINDINGS.answer, ListBindings(iccid=card(1)), OTHER_CITY).items == []


@pytest.mark.req("BND-03", "BND-06")
def test_both_sides_of_a_contradiction_stand_side_by_side_and_are_settled_from_the_exception(three_nights: Network):
    found = ask(three_nights, exceptions.EXCEPTIONS.answer, ListExceptions(kind="card_elsewhere")).items
    assert [(it.terminal, it.other_terminal, it.can) for it in found] == [
        (terminal(2), terminal(3), ["take", "close", "settle"])
    ]
    number = found[0].exception_id

    with three_nights.read() as tx:
        claims = exceptions.list_claims(tx, ListClaims(exception_id=number), by=CITY).items
        with pytest.raises(DomainError, match="exception_not_found"):
            exceptions.list_claims(tx, ListClaims(exception_id=number), by=OTHER_CITY)
    assert [(it.party, it.terminal, it.holds, it.first_read, it.last_read) for it in claims] == [
        ("other", terminal(3), True, at(0, 3), at(2, 5)),
        ("this", terminal(2), False, at(2), at(2)),
    ]

    request = SettleException(exception_id=number, to="this", reason="现场核实")
    assert act(three_nights, exceptions.settle_exception, request, CITY).terminal == terminal(2)
    assert three_nights.where(3) == terminal(2)


@pytest.mark.req("BND-06")
def test_an_exception_of_a_fault_has_no_sides_to_decide_between(three_nights: Network):
    asked = ListExceptions(kind="failed", terminal=terminal(2))
    fault = ask(three_nights, exceptions.EXCEPTIONS.answer, asked).items[0]
    request = SettleException(exception_id=fault.exception_id, to="this", reason="x")

    assert "settle" not in fault.can
    assert refused(three_nights, exceptions.settle_exception, request, CITY) == "exception_settles_nothing"


@pytest.mark.req("BND-04")
def test_the_trend_counts_the_last_nights_to_today(three_nights: Network):
    nights_back = (business_date(NOW) - DAYS["day_from"]).days

    last = ask(three_nights, nights.count_readings, CountReadings(nights=nights_back + 1))
    shorter = ask(three_nights, nights.count_readings, CountReadings(nights=nights_back))

    whole = ask(three_nights, nights.count_readings, CountReadings(**DAYS))
    assert (last.items, last.totals) == (whole.items, whole.totals)
    assert {line.day for line in whole.items} - {line.day for line in shorter.items} == {DAYS["day_from"]}


@pytest.mark.req("BND-04")
def test_a_whole_iccid_finds_every_reading_of_the_card_also_where_it_was_never_bound(network: Network) -> None:
    network.know(cards=[1, 2], terminals=[1, 2, 3])
    network.report([row(1, at(0), card(1)), row(2, at(0, 1), card(1)), row(3, at(0, 2), card(2))])
    network.report([row(3, at(0, 3), card(1), clock="bad")])

    for part, count in ((card(1), 3), (card(1)[:16], 4), (card(1)[:8], 4)):
        found = ask(network, nights.READINGS.answer, ListReadings(iccid=part, **DAYS), PROVINCE)
        assert len(found.items) == count, part
