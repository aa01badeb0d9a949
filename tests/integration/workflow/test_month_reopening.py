"""重新开放申请: the province opens a month again that is on no form yet; nothing is lost or counted twice (ACT-02)."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from kernel.chassis.data.unit_of_work import UnitOfWork
from kernel.contracts.workflow import activation, notices
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from services.workflow import applications, city, hand_over, month_reopening, todo, window
from services.workflow import notices as notes
from tests.integration.workflow.office import AFTER, CITY, COUNTY, HAND_OVER, PHONE, PROVINCE, Office, clerk
from tests.integration.workflow.test_at_once import Second, first, waits

MONTH = "2026-12"
UNTIL = date(2026, 11, 26)
CLOSES = datetime(2026, 11, 26, 16, 0, tzinfo=UTC)
"""00:00 after that day in Asia/Shanghai."""
ASK = notices.ReopenMonth(month=MONTH, until=UNTIL, reason="两县漏报")
STRANGER, VIEWER = clerk("990201", "外人"), clerk("99", "看客", "viewer")


@pytest.fixture
def closed(office: Office) -> Office:
    """Handed over: 100 of one county; its neighbour has forgotten to apply."""
    office.apply("990101", 100)
    office.hand_over()
    office.now = AFTER
    return office


def seen(office: Office, by: Actor = PROVINCE) -> notices.Window:
    return office.ask(window.get_window, notices.GetWindow(), by=by)


def refused(office: Office, by: Actor = PROVINCE, **more: Any) -> DomainError:
    with pytest.raises(DomainError) as error:
        office.do(month_reopening.reopen, ASK.model_copy(update=more), by=by)
    return error.value


def apply(office: Office, by: Actor, quantity: int = 7) -> activation.ApplicationView:
    request = activation.CreateApplication(carrier="china_mobile", card_spec="plug_in", phone=PHONE, quantity=quantity)
    return office.do(applications.create, request, by=by).application


def city_lines(office: Office) -> list[tuple[str, int]]:
    listed = office.ask(city.list_city_lines, activation.ListCityLines(month=MONTH), by=PROVINCE).items
    return [(line.unit, line.original_quantity) for line in listed]


@pytest.mark.req("ACT-01", "ACT-02")
def test_a_month_opened_again_takes_lines_until_its_day_and_is_handed_over_once_more(closed: Office) -> None:
    assert city_lines(closed) == [("9901", 100)]
    assert (seen(closed).reopenable, "reopen" in seen(closed).can) == (MONTH, True)

    said = closed.do(month_reopening.reopen, ASK.model_copy(update={"month": None}), by=PROVINCE)
    county = seen(closed, COUNTY)

    assert (said.month, said.is_open, said.handed_over, said.closes_at) == (MONTH, True, False, CLOSES)
    assert (county.can, county.closed_reason) == (["create"], None)
    assert county.reopened is not None
    assert (county.reopened.reason, county.reopened.by_name) == ("两县漏报", "陈省")
    assert city_lines(closed) == []
    (mine,) = closed.ask(applications.list_applications, activation.ListApplications(), by=COUNTY).items
    assert (mine.state, mine.can) == ("drafted", ["change", "delete"])
    closed.do(applications.change, activation.ChangeApplication(id=mine.id, version=1, quantity=90), by=COUNTY)
    apply(closed, STRANGER)

    assert closed.hand_over(CLOSES - timedelta(days=1)) == []
    assert closed.hand_over(CLOSES) == [MONTH]
    assert closed.hand_over(CLOSES) == []
    closed.now = CLOSES
    assert city_lines(closed) == [("9901", 90), ("9902", 7)]
    with pytest.raises(DomainError) as late:
        apply(closed, COUNTY)
    assert late.value.code == "applications_handed_over"
    assert closed.city_form("9901").quantity == 90


@pytest.mark.req("ACT-02")
def test_what_was_withdrawn_why_and_by_whom_stays_written_and_all_units_are_told(closed: Office) -> None:
    (line,) = closed.ask(city.list_city_lines, activation.ListCityLines(month=MONTH), by=CITY).items
    closed.do(city.change, activation.ChangeCityLine(id=line.id, version=1, quantity=80), by=CITY)

    closed.do(month_reopening.reopen, ASK, by=PROVINCE)

    (row,) = closed.all("SELECT * FROM month_reopenings")
    assert (row["month"], row["by"], row["by_name"], row["closes_at"]) == (MONTH, PROVINCE.id, "陈省", CLOSES)
    (lost,) = row["withdrawn"]
    assert (lost["unit"], lost["original_quantity"], lost["quantity"]) == ("9901", 100, 80)
    for by in (COUNTY, CITY):
        told = closed.ask(notes.list_notices, notices.ListNotices(kind="month_reopened"), by=by).items
        assert [re.sub(r"\s", "", str(one.text)) for one in told] == [
            "陈省重新开放了2026-12的开卡申请，截止2026-11-2700:00，原因：两县漏报"
        ]
    with pytest.raises(Exception, match="append"), UnitOfWork(closed.engine).begin() as tx:
        tx.execute("UPDATE month_reopenings SET reason = 'other'")


@pytest.mark.req("ACT-02", "GTW-02")
def test_only_the_province_opens_a_month_again(closed: Office) -> None:
    assert refused(closed, CITY).code == "level_refused"
    assert refused(closed, COUNTY).code == "level_refused"
    assert "activation.province" not in VIEWER.permissions  # the method's permission, checked before the act
    assert "reopen" not in seen(closed, CITY).can + seen(closed, COUNTY).can + seen(closed, VIEWER).can
    assert city_lines(closed) == [("9901", 100)]


@pytest.mark.req("ACT-02", "ACT-03")
def test_a_month_on_a_form_of_any_city_stays_closed(closed: Office) -> None:
    number = closed.city_form("9901").number
    said = refused(closed)
    assert (said.code, said.params["numbers"]) == ("month_on_form", number)
    assert (seen(closed).reopenable, "reopen" in seen(closed).can) == (None, False)
    assert city_lines(closed) == [("9901", 100)]


@pytest.mark.req("ACT-01", "ACT-02")
@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"month": "2026-10"}, "month_over"),
        ({"month": "2027-01"}, "month_not_handed_over"),
        ({"month": "2026-13"}, "month_malformed"),
        ({"until": date(2026, 11, 22)}, "reopening_days_refused"),
        ({"until": date(2026, 12, 20)}, "reopening_days_refused"),
    ],
)
def test_a_month_is_opened_again_only_where_that_makes_sense(closed: Office, more: dict[str, Any], code: str) -> None:
    assert refused(closed, **more).code == code
    assert city_lines(closed) == [("9901", 100)]


@pytest.mark.req("ACT-01")
def test_until_the_day_before_the_next_window_a_month_may_stay_open_and_only_one_at_a_time(closed: Office) -> None:
    last = date(2026, 12, 19)
    closed.do(month_reopening.reopen, ASK.model_copy(update={"until": last}), by=PROVINCE)
    assert refused(closed).code == "other_month_open"
    closed.now = datetime(2026, 12, 5, 2, 0, tzinfo=UTC)  # its month has begun
    assert seen(closed, COUNTY).month == MONTH
    assert apply(closed, COUNTY).month == MONTH
    assert closed.hand_over(datetime(2026, 12, 19, 16, 0, tzinfo=UTC)) == [MONTH]
    closed.now = datetime(2026, 12, 19, 16, 0, tzinfo=UTC)
    assert (seen(closed, COUNTY).month, seen(closed, COUNTY).is_open) == ("2027-01", True)


@pytest.mark.req("ACT-01")
def test_while_applications_are_taken_anyway_no_month_is_opened_again(office: Office) -> None:
    office.apply()
    assert refused(office).code == "other_month_open"


@pytest.mark.req("ACT-01", "WFL-03")
def test_a_county_without_a_line_finds_the_reopened_month_among_its_to_dos(closed: Office) -> None:
    def keys(by: Actor) -> list[str]:
        return [item.key for item in closed.ask(todo.get_todo, notices.GetTodo(), by=by).items]

    assert keys(STRANGER) == []
    closed.do(month_reopening.reopen, ASK, by=PROVINCE)
    assert keys(STRANGER) == ["apply"]
    assert keys(COUNTY) == []


@pytest.mark.req("ACT-01")
def test_new_days_do_not_close_a_month_that_is_open_again(closed: Office) -> None:
    closed.do(month_reopening.reopen, ASK, by=PROVINCE)
    asked = notices.SetWindow(version=1, opens_day=19, closes_day=20, remind_hours=24, minimum_cards=50)
    said = closed.do(hand_over.set_window, asked, by=PROVINCE)
    assert (said.month, said.is_open) == (MONTH, True)
    assert said.effect is not None
    assert MONTH in str(said.effect)
    assert closed.hand_over(HAND_OVER + timedelta(days=2)) == []


GENERATE = activation.GenerateCityForm(month=MONTH, phone=PHONE)


@pytest.mark.req("WFL-01", "ACT-02", "ACT-03")
@pytest.mark.parametrize(
    ("faster", "slower", "code"),
    [
        ((city.generate, GENERATE, CITY), (month_reopening.reopen, ASK, PROVINCE), "month_on_form"),
        ((month_reopening.reopen, ASK, PROVINCE), (city.generate, GENERATE, CITY), "city_lines_missing"),
    ],
    ids=["the city first", "the province first"],
)
def test_of_a_city_that_makes_its_form_and_the_province_that_opens_the_month_one_wins(
    closed: Office, faster: Any, slower: Any, code: str
) -> None:
    act, request, by = faster
    with first(closed, act, request, by):
        second = Second(lambda: closed.do(slower[0], slower[1], by=slower[2]))
        waits(closed)

    assert second.outcome().code == code
    forms = closed.all("SELECT number FROM forms")
    lines = closed.all("SELECT form_id FROM city_lines")
    opened = closed.all("SELECT month FROM month_reopenings")
    assert (len(forms), len(lines), len(opened)) == ((1, 1, 0) if act is city.generate else (0, 0, 1))
    assert all(line["form_id"] is not None for line in lines)


@pytest.mark.req("WFL-01", "ACT-02")
def test_a_month_that_two_open_at_once_is_opened_once(closed: Office) -> None:
    with first(closed, month_reopening.reopen, ASK, PROVINCE):
        second = Second(lambda: closed.do(month_reopening.reopen, ASK, by=clerk("99", "林省")))
        waits(closed)
    assert second.outcome().code == "other_month_open"
    assert len(closed.all("SELECT 1 FROM month_reopenings")) == 1


@pytest.mark.req("WFL-01", "ACT-02")
def test_a_line_written_as_the_reopened_month_closes_is_in_the_sums_or_refused(closed: Office) -> None:
    closed.do(month_reopening.reopen, ASK, by=PROVINCE)
    closed.now = CLOSES - timedelta(seconds=1)
    work: Callable[[], Any] = lambda: closed.hand_over(CLOSES)  # noqa: E731
    request = activation.CreateApplication(carrier="china_mobile", card_spec="plug_in", phone=PHONE, quantity=5)
    with first(closed, applications.create, request, COUNTY):
        second = Second(work)
        waits(closed)
    assert second.outcome() == [MONTH]
    assert city_lines(closed) == [("9901", 105)]
