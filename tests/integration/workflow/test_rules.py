"""The province's rules of the window: which days, and what a change of them brings about at once."""

from datetime import UTC, datetime

import pytest

from kernel.chassis.data.unit_of_work import UnitOfWork
from kernel.contracts.workflow import activation, notices
from kernel.model.errors import DomainError
from services.workflow import applications, city, hand_over, window
from tests.integration.workflow.office import COUNTY, PHONE, PROVINCE, Office

THIRTIETH = datetime(2026, 11, 30, 2, 0, tzinfo=UTC)
SHORT_MONTH = datetime(2027, 2, 28, 15, 59, tzinfo=UTC)
"""23:59 of the last day of February in Asia/Shanghai."""
RULES = {"remind_hours": 24, "minimum_cards": 50}


def change(office: Office, opens_day: int, closes_day: int) -> notices.Window:
    version = office.ask(window.get_window, notices.GetWindow(), by=PROVINCE).version
    request = notices.SetWindow(version=version, opens_day=opens_day, closes_day=closes_day, **RULES)
    return office.do(hand_over.set_window, request, by=PROVINCE)


def apply(office: Office) -> activation.ApplicationView:
    request = activation.CreateApplication(carrier="china_mobile", card_spec="plug_in", phone=PHONE, quantity=80)
    return office.do(applications.create, request, by=COUNTY).application


@pytest.mark.req("ACT-01")
@pytest.mark.parametrize("moment", [THIRTIETH, SHORT_MONTH])
def test_a_closing_day_beyond_the_months_last_one_means_its_end(office: Office, moment: datetime):
    office.now = moment

    changed = change(office, 1, 32)

    assert changed.is_open
    assert changed.closes_at == datetime(moment.year, moment.month, moment.day, 16, 0, tzinfo=UTC)
    assert apply(office).state == "drafted"


@pytest.mark.req("ACT-01", "ACT-02")
def test_a_window_that_the_new_rules_have_closed_is_handed_over_with_them(office: Office):
    office.now = THIRTIETH
    change(office, 1, 32)
    apply(office)

    changed = change(office, 20, 22)
    (line,) = office.ask(city.list_city_lines, activation.ListCityLines(month="2026-12"), by=PROVINCE).items

    assert (changed.is_open, changed.handed_over) == (False, True)
    assert (line.unit, line.quantity) == ("9901", 80)
    with pytest.raises(DomainError) as late:
        apply(office)
    assert late.value.code == "applications_handed_over"


@pytest.mark.req("ACT-01")
def test_rules_that_leave_the_window_open_hand_nothing_over(office: Office):
    office.now = THIRTIETH
    change(office, 1, 32)
    apply(office)

    changed = change(office, 2, 32)

    assert (changed.is_open, changed.handed_over) == (True, False)
    assert apply(office).state == "drafted"


@pytest.mark.req("ACT-01", "ACT-02")
def test_days_that_are_the_same_close_the_window_even_on_the_first(office: Office):
    office.now = datetime(2026, 11, 30, 17, 0, tzinfo=UTC)  # 01:00 of 1 December in Asia/Shanghai
    change(office, 1, 32)
    apply(office)

    changed = change(office, 1, 1)

    assert (changed.month, changed.is_open, changed.handed_over) == ("2027-01", False, True)
    (line,) = office.ask(city.list_city_lines, activation.ListCityLines(month="2027-01"), by=PROVINCE).items
    assert line.quantity == 80


@pytest.mark.req("WFL-03")
def test_nobody_is_reminded_of_a_window_that_takes_nothing(office: Office):
    office.now = datetime(2026, 11, 2, 2, 0, tzinfo=UTC)
    change(office, 20, 20)

    with UnitOfWork(office.engine).begin() as tx:
        assert hand_over.remind(tx, due_at=datetime(2026, 11, 19, 2, 0, tzinfo=UTC)) == 0


@pytest.mark.req("ACT-01")
def test_after_the_hand_over_it_is_told_from_which_month_on_new_days_count_and_when_it_opens_next(office: Office):
    office.now = THIRTIETH
    change(office, 1, 32)
    apply(office)
    told = change(office, 20, 22)
    county = office.ask(window.get_window, notices.GetWindow(), by=COUNTY)

    assert told.effect is not None
    assert "2026-12" in str(told.effect)
    assert county.next_opens_at == datetime(2026, 12, 19, 16, 0, tzinfo=UTC)  # the 20th in Asia/Shanghai


@pytest.mark.req("ACT-01")
def test_before_its_days_the_window_of_this_month_is_the_next_and_while_open_there_is_none(office: Office):
    office.now = datetime(2026, 11, 10, 2, 0, tzinfo=UTC)
    before = change(office, 20, 22)
    office.now = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
    during = office.ask(window.get_window, notices.GetWindow(), by=COUNTY)

    assert (before.effect, before.next_opens_at) == (None, datetime(2026, 11, 19, 16, 0, tzinfo=UTC))
    assert (during.is_open, during.next_opens_at) == (True, None)


@pytest.mark.req("ACT-01")
def test_where_the_days_are_the_same_no_opening_is_promised(office: Office):
    office.now = datetime(2026, 11, 10, 2, 0, tzinfo=UTC)
    assert change(office, 20, 20).next_opens_at is None
