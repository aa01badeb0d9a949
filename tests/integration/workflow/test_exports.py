"""导出 of workflow's lists: what the list shows, all of it, within the units of who asks (requirements, section 0)."""

from operator import attrgetter
from typing import Any

import pytest

from kernel.contracts.paging import PageRequest
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from services.workflow.exports import EXPORTS
from tests.integration.workflow.office import PROVINCE, Office, clerk

pytestmark = pytest.mark.req("ACT-01", "GTW-03")


def rows(office: Office, resource: str, by: Actor, **filters: Any) -> list[Any]:
    """The rows that the export of ``resource`` writes, each with every column."""
    spec = EXPORTS[resource]
    request = spec.filters.model_validate(filters)
    assert spec.rows is not None
    write = spec.rows

    def read(tx: Any, asked: PageRequest, *, by: Actor, now: Any) -> list[Any]:
        return list(write(tx, asked, by, now))

    found: list[Any] = office.ask(read, request, by=by)
    for row in found:
        for column in spec.columns:
            attrgetter(column.source)(row)
    return found


def test_every_line_of_every_page_is_written_and_those_of_other_units_are_not(office: Office) -> None:
    for number in range(7):
        office.apply("990101", 100 + number)
    office.apply("990201", 5)

    everything = rows(office, "activation/applications", PROVINCE)
    own = rows(office, "activation/applications", clerk("990101"))
    page = rows(office, "activation/applications", clerk("990101"), size=3, sort="quantity", order="desc")

    assert sorted(row.quantity for row in everything) == [5, 100, 101, 102, 103, 104, 105, 106]
    assert {row.unit for row in own} == {"990101"}
    assert [row.quantity for row in page] == [106, 105, 104]


def test_a_form_is_written_with_its_kinds_and_figures_as_columns(office: Office) -> None:
    office.apply("990101", 100)
    office.hand_over()
    office.city_form()

    (line,) = rows(office, "activation/city-lines", clerk("9901"), month="2026-12")
    (form,) = rows(office, "forms", clerk("9901"), kind=["city_opening"])

    assert (line.original_quantity, line.state) == (100, "city_summarised")
    assert (form.kinds, form.devices, form.state) == ("china_mobile plug_in 100", None, "city_summarised")


def test_units_beyond_ones_own_cannot_be_exported(office: Office) -> None:
    with pytest.raises(DomainError) as refused:
        rows(office, "forms", clerk("9901"), unit="9902")
    assert refused.value.code == "unit_out_of_scope"


@pytest.mark.parametrize("resource", sorted(set(EXPORTS) - {"forms/cards"}))
def test_an_empty_list_makes_an_empty_file(office: Office, resource: str) -> None:
    assert rows(office, resource, clerk("990701")) == []


def test_the_cards_of_a_form_are_written_as_they_are_now(office: Office) -> None:
    form = office.termination(office.scrapped(51))

    cards = rows(office, "forms/cards", clerk("990101"), number=form.number)

    assert [card.row for card in cards] == list(range(1, 52))
    assert {(card.follow, card.state_now, card.changed) for card in cards} == {("settled", "terminating", "")}


def test_a_city_asks_for_its_own_list_without_those_of_its_counties(office: Office) -> None:
    office.list_cards(office.scrapped(2, "990101"))
    office.list_cards(own := office.scrapped(1, "9901"), by=clerk("9901"))

    everything = rows(office, "termination/list", clerk("9901"))
    only = rows(office, "termination/list", clerk("9901"), unit_exact=True)

    assert (len(everything), [card.iccid for card in only]) == (3, own)
