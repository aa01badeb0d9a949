"""导出 of workflow's lists: what the list shows, all of it, within the units of who asks (requirements, section 0)."""

from types import SimpleNamespace
from typing import Any

import pytest

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.columns import texts
from kernel.chassis.lists.spec import Asked
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from services.workflow.exports import EXPORTS
from tests.integration.workflow.office import PROVINCE, Office, clerk

pytestmark = pytest.mark.req("ACT-01", "GTW-03")


def rows(office: Office, resource: str, by: Actor, **filters: Any) -> list[Any]:
    """The lines that the export of ``resource`` writes, by column, in names and texts as the file has them."""
    spec = EXPORTS[resource]
    request = spec.filters.model_validate(filters)

    def read(engine: Any) -> list[Any]:
        with engine.connect() as connection:
            tx = Tx(connection, by, None, writable=False)
            columns = spec.worded(spec.columns, tx, {})
            parts = spec.lines(Asked(tx, request, by, office.now), columns)
            return [
                SimpleNamespace(**dict(zip([column.name for column in columns], line, strict=True)))
                for part in parts
                if part
                for line in zip(*map(texts, columns, zip(*part, strict=True)), strict=True)
            ]

    return read(office.engine)


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

    assert (line.original_quantity, line.state) == (100, "市级汇总")
    assert (form.kinds, form.devices, form.state) == ("中国移动 插拔卡 100", None, "市级汇总")


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
    assert {(card.follow, card.state_now, card.changed) for card in cards} == {("销卡中", "销卡中", "")}


def test_a_city_asks_for_its_own_list_without_those_of_its_counties(office: Office) -> None:
    office.list_cards(office.scrapped(2, "990101"))
    office.list_cards(own := office.scrapped(1, "9901"), by=clerk("9901"))

    everything = rows(office, "termination/list", clerk("9901"))
    only = rows(office, "termination/list", clerk("9901"), unit_exact=True)

    assert (len(everything), [card.iccid for card in only]) == (3, own)
