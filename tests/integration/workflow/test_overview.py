"""Each number of the first page is that of the list behind it: orders, overdue forms, ages of what waits (GTW-05)."""

from datetime import timedelta

import pytest

from kernel.contracts.workflow import activation, forms, notices
from kernel.contracts.workflow.overview import GetOverview, Overview
from kernel.model.actor import Actor
from services.workflow import form_list, fulfilment, hand_over, overview, submission, todo
from tests.integration.workflow.office import AFTER, CITY, COUNTY, HAND_OVER, PROVINCE, WINDOW, Office, clerk

STRANGER = clerk("9902", "外人")


@pytest.fixture
def ordered(office: Office) -> Office:
    """Two cities' orders with the internet department; nothing has arrived."""
    office.apply("990101", 100)
    office.apply("990102", 50)
    office.apply("990201", 7, card_spec="smd")
    office.hand_over()
    office.now = AFTER
    office.seal(office.city_form("9901").number, CITY)
    other = office.city_form("9902").number
    office.act(submission.submit_to_province, forms.SubmitToProvince, other, STRANGER)
    office.seal(office.province_form().number, PROVINCE)
    return office


def seen(office: Office, by: Actor) -> Overview:
    return office.ask(overview.get_overview, GetOverview(), by=by)


SEEN = [
    (PROVINCE, (157, 157, 60, 60, 97, 2)),
    (CITY, (150, 150, 60, 60, 90, 1)),
    (STRANGER, (7, 7, 0, 0, 7, 1)),
    (COUNTY, (100, 100, 60, 60, 40, 1)),
    (clerk("990102", "别县"), (50, 50, 0, 0, 50, 1)),
    (clerk("990202", "旁县"), (0, 0, 0, 0, 0, 0)),
]


@pytest.mark.req("GTW-05", "ACT-12")
def test_orders_on_the_first_page_are_the_sums_of_the_list_that_they_open(ordered: Office) -> None:
    ordered.stock.stocked(60, unit="990101", month="2026-12")
    ordered.carry()
    for by, expected in SEEN:
        orders = seen(ordered, by).orders
        every = activation.ListFulfilment(month_from=orders.month_from)
        waiting = activation.ListFulfilment(month_from=orders.month_from, open=True)
        listed = ordered.ask(fulfilment.list_fulfilment, every, by=by)
        still_open = ordered.ask(fulfilment.list_fulfilment, waiting, by=by)

        shown = (orders.applied, orders.ordered, orders.delivered, orders.stocked_in, orders.open)
        assert (*shown, orders.open_lines) == expected, by.unit
        assert listed.sums == orders.model_dump(include={*listed.sums}), by.unit
        assert (still_open.total, still_open.sums["open"]) == (orders.open_lines, orders.open), by.unit


@pytest.mark.req("GTW-05", "ACT-12")
def test_an_order_of_more_than_a_year_ago_is_no_longer_on_the_first_page(ordered: Office) -> None:
    ordered.now = AFTER + timedelta(days=370)
    assert seen(ordered, PROVINCE).orders.month_from == "2026-12"
    assert seen(ordered, PROVINCE).orders.applied == 157
    ordered.now = AFTER + timedelta(days=400)
    assert seen(ordered, PROVINCE).orders.applied == 0


@pytest.mark.req("GTW-05", "WFL-03")
def test_a_form_that_nobody_moves_is_overdue_for_everybody_above_it_until_it_moves(office: Office) -> None:
    office.apply()
    office.hand_over()
    office.now = AFTER
    number = office.city_form("9901").number

    def counted(by: Actor) -> tuple[int, int]:
        said = seen(office, by).overdue
        listed = office.ask(form_list.list_forms, forms.ListForms(overdue=True), by=by)
        assert (listed.total, said.days) == (said.count, 5)
        assert (said.oldest is None) == (said.count == 0)
        return said.count, len(listed.items)

    office.now = AFTER + timedelta(days=5)
    assert counted(PROVINCE) == (0, 0)
    office.now = AFTER + timedelta(days=5, minutes=1)
    assert counted(PROVINCE) == counted(CITY) == (1, 1)
    assert counted(STRANGER) == counted(COUNTY) == (0, 0)
    office.submit(number, CITY)
    assert counted(PROVINCE) == (0, 0)


@pytest.mark.req("GTW-05")
def test_what_waits_for_nobody_is_never_overdue_and_the_province_sets_the_days(ordered: Office) -> None:
    ordered.now = AFTER + timedelta(days=300)
    assert seen(ordered, PROVINCE).overdue.count == 0
    asked = notices.SetWindow(version=1, opens_day=20, closes_day=22, remind_hours=24, minimum_cards=50, overdue_days=9)
    assert ordered.do(hand_over.set_window, asked, by=PROVINCE).overdue_days == 9
    kept = ordered.do(hand_over.set_window, asked.model_copy(update={"version": 2, "overdue_days": None}), by=PROVINCE)
    assert (kept.overdue_days, seen(ordered, PROVINCE).overdue.days) == (9, 9)


@pytest.mark.req("GTW-05", "WFL-03")
def test_what_waits_says_since_when_the_oldest_of_it_does(office: Office) -> None:
    def ages(by: Actor) -> dict[str, object]:
        return {item.key: item.since for item in office.ask(todo.get_todo, notices.GetTodo(), by=by).items}

    assert ages(COUNTY) == {"apply": WINDOW.replace(hour=16) - timedelta(days=1)}
    office.apply()
    office.hand_over()
    office.now = AFTER
    assert ages(CITY) == {"city_lines.2026-12": HAND_OVER}
    office.city_form("9901")
    office.now = AFTER + timedelta(days=2)
    assert ages(CITY) == {"city_opening.city_summarised": AFTER}
