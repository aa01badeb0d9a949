"""Two people, or two processes, at the same moment: one outcome, and the loser is told why (WFL-01)."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from pydantic import BaseModel

from kernel.chassis.data.unit_of_work import Tx, UnitOfWork
from kernel.contracts.workflow import activation, forms, termination
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from services.workflow import applications, city, hand_over, province, scrap_list, signed_forms, terminations
from tests.integration.workflow.office import (
    AFTER,
    CITY,
    COUNTY,
    HAND_OVER,
    PHONE,
    PROVINCE,
    Office,
    clerk,
)

JUST_BEFORE = HAND_OVER - timedelta(milliseconds=100)


class Second(threading.Thread):
    """The second of two: begins while the first has not committed, and must wait for it."""

    def __init__(self, work: Callable[[], Any]) -> None:
        super().__init__(daemon=True)
        self._work = work
        self.result: Any = None
        self.start()

    def run(self) -> None:
        try:
            self.result = self._work()
        except DomainError as error:
            self.result = error

    def outcome(self) -> Any:
        self.join(10)
        assert not self.is_alive()
        return self.result


@contextmanager
def first(office: Office, act: Callable[..., Any], request: BaseModel, by: Actor, **more: Any) -> Iterator[Tx]:
    """An act that is done and not yet committed; it commits at the end of the block."""
    with UnitOfWork(office.engine).begin(by, "first") as tx:
        act(tx, request, by=by, now=more.get("now", office.now))
        yield tx
        tx.commit()


def waits(office: Office) -> None:
    """Until somebody waits for a lock."""
    for _ in range(200):
        if office.all("SELECT 1 FROM pg_locks WHERE NOT granted"):
            return
        threading.Event().wait(0.02)
    pytest.fail("nobody waits")


@pytest.fixture
def submitted(office: Office) -> str:
    """A county form at the city."""
    office.now = office.stock.now = AFTER
    number = office.termination(office.scrapped(51)).number
    office.seal(number, COUNTY)
    return number


@pytest.mark.req("WFL-01")
def test_of_two_approvers_one_wins_and_the_other_is_told_who_was_faster(office: Office, submitted: str):
    version = office.form(submitted).version
    ask = termination.ReviewByCity(number=submitted, version=version, verdict="pass")
    other = ask.model_copy(update={"verdict": "reject", "opinion": "少两张"})
    with first(office, terminations.review_by_city, ask, CITY):
        second = Second(lambda: office.do(terminations.review_by_city, other, by=clerk("9901", "赵二")))
        waits(office)

    refused = second.outcome()

    assert refused.code == "form_moved_meanwhile"
    assert (refused.params["by_name"], refused.params["state"]) == ("李市", "submitted_to_province")
    assert office.form(submitted).version == version + 1
    assert len(office.all("SELECT 1 FROM decisions WHERE action IN ('submit_to_province', 'send_back')")) == 1


@pytest.mark.req("WFL-01", "ACT-05")
def test_a_verdict_that_comes_during_another_ones_passing_moves_the_form_once(office: Office):
    office.now = office.stock.now = AFTER
    number = office.termination(office.scrapped(51)).number
    office.submit(number, COUNTY)
    office.issue(number)
    one, other = office.upload(number, COUNTY), office.upload(number, COUNTY)
    with UnitOfWork(office.engine).begin() as tx:
        tx.execute("SELECT 1 FROM forms WHERE number = :number FOR UPDATE", {"number": number})
        judging = [Second(lambda attempt=attempt: office.judge(number, attempt)) for attempt in (one, other)]
        waits(office)
    for judge in judging:
        judge.outcome()

    attempts = office.ask(signed_forms.list_attempts, forms.ListAttempts(number=number), by=COUNTY).items
    assert sorted(attempt.state for attempt in attempts) == ["outdated", "passed"]
    assert office.form(number).state_name == "提交市级"
    assert len(office.all("SELECT 1 FROM decisions WHERE action = 'pass_signed_form'")) == 1


@pytest.mark.req("ACT-05", "ACT-08")
def test_a_verdict_on_a_form_that_was_sent_back_meanwhile_is_kept_and_moves_nothing(office: Office):
    office.apply()
    office.hand_over()
    office.now = AFTER
    number = office.city_form().number
    office.submit(number, CITY)
    office.issue(number)
    late = office.upload(number, CITY)
    office.judge(number, office.upload(number, CITY))
    ask = forms.SendBack(number=number, version=office.form(number).version, opinion="数量过大")
    with first(office, terminations.send_back, ask, PROVINCE):
        second = Second(lambda: office.judge(number, late))
        waits(office)
    second.outcome()

    attempts = office.ask(signed_forms.list_attempts, forms.ListAttempts(number=number), by=CITY).items
    assert [attempt.state for attempt in attempts] == ["passed", "outdated"]
    assert office.form(number).state_name == "省级退回"


@pytest.mark.req("ACT-01", "ACT-02")
def test_an_edit_just_before_midnight_is_in_the_sum_or_refused(office: Office):
    line = office.apply(quantity=10)
    ask = activation.ChangeApplication(id=line.id, version=1, quantity=25)
    with first(office, applications.change, ask, COUNTY, now=JUST_BEFORE):
        second = Second(office.hand_over)
        waits(office)
    assert second.outcome() == ["2026-12"]
    assert office.one("SELECT quantity, original_quantity FROM city_lines") == {
        "quantity": 25, "original_quantity": 25,
    }  # fmt: skip

    late = ask.model_copy(update={"version": 3, "quantity": 99})
    with pytest.raises(DomainError) as refused:
        office.do(applications.change, late, by=COUNTY, now=JUST_BEFORE)
    assert refused.value.code == "applications_handed_over"


@pytest.mark.req("ACT-02")
def test_an_edit_that_comes_during_the_hand_over_is_refused_though_it_was_pressed_in_time(office: Office):
    line = office.apply(quantity=10)
    ask = activation.ChangeApplication(id=line.id, version=1, quantity=25)
    with UnitOfWork(office.engine).begin() as tx:
        hand_over.hand_over(tx, due_at=HAND_OVER)
        second = Second(lambda: office.do(applications.change, ask, by=COUNTY, now=JUST_BEFORE))
        waits(office)
        tx.commit()

    assert second.outcome().code == "applications_handed_over"
    assert office.one("SELECT quantity FROM city_lines") == {"quantity": 10}


@pytest.mark.req("ACT-02")
def test_two_replicas_hand_over_once(office: Office):
    for unit in ("990101", "990102", "990201"):
        office.apply(unit, 10)
    with UnitOfWork(office.engine).begin() as tx:
        assert hand_over.hand_over(tx, due_at=HAND_OVER) == ["2026-12"]
        second = Second(office.hand_over)
        waits(office)
        tx.commit()

    assert second.outcome() == []
    assert office.one("SELECT count(*) AS n, sum(quantity) AS q FROM city_lines") == {"n": 2, "q": 30}
    assert office.one("SELECT lines, cities, quantity FROM hand_overs") == {"lines": 3, "cities": 2, "quantity": 30}


@pytest.mark.req("ACT-02")
def test_a_hand_over_that_broke_off_leaves_nothing_and_is_made_up_for(office: Office):
    office.apply()
    with UnitOfWork(office.engine).begin() as tx:
        hand_over.hand_over(tx, due_at=HAND_OVER)  # and the process dies

    assert office.all("SELECT 1 FROM hand_overs") == []
    assert office.hand_over(HAND_OVER + timedelta(days=9)) == ["2026-12"]
    assert office.hand_over(HAND_OVER + timedelta(days=30)) == ["2027-01"]


@pytest.mark.req("ACT-02")
def test_months_that_fell_into_a_shutdown_are_made_up_for_each_by_itself(office: Office):
    office.apply(quantity=10)
    office.apply(quantity=4)
    office.all_written("UPDATE applications SET month = '2026-11' WHERE quantity = 4 RETURNING id")

    assert office.hand_over() == ["2026-11", "2026-12"]

    lines = office.all("SELECT month, quantity FROM city_lines ORDER BY month")
    assert lines == [{"month": "2026-11", "quantity": 4}, {"month": "2026-12", "quantity": 10}]
    assert office.hand_over() == []


@pytest.mark.req("TER-01")
def test_a_card_that_two_clerks_tick_at_once_stands_on_one_list(office: Office):
    office.now = office.stock.now = AFTER
    iccids = office.scrapped(2)
    ask = termination.AddToList(iccids=iccids)
    with first(office, scrap_list.add_to_list, ask, COUNTY):
        second = Second(lambda: office.do(scrap_list.add_to_list, ask, by=clerk("990101", "孙三")))
        waits(office)

    answer = second.outcome()

    assert (answer.done, [refused.code for refused in answer.refused]) == (0, ["card_listed_already"] * 2)


@pytest.mark.req("TER-02")
def test_of_two_forms_made_of_one_list_at_once_there_is_one(office: Office):
    office.now = office.stock.now = AFTER
    office.list_cards(office.scrapped(51))
    ask = termination.GenerateTerminationForm(phone=PHONE)
    with first(office, terminations.generate, ask, COUNTY):
        second = Second(lambda: office.do(terminations.generate, ask, by=clerk("990101", "孙三")))
        waits(office)

    assert second.outcome().code == "termination_too_few"
    assert len(office.all("SELECT 1 FROM forms")) == 1


@pytest.mark.req("ACT-08", "ACT-09")
def test_a_city_that_is_sent_back_while_the_province_summarises_is_on_one_side_only(office: Office):
    office.apply()
    office.hand_over()
    office.now = AFTER
    number = office.city_form().number
    office.seal(number, CITY)
    ask = forms.SendBack(number=number, version=office.form(number).version, opinion="数量过大")
    with first(office, terminations.send_back, ask, PROVINCE):
        second = Second(
            lambda: office.do(
                province.generate,
                activation.GenerateProvinceForm(month="2026-12", phone=PHONE),
                by=clerk("99", "周五"),
            )
        )
        waits(office)

    assert second.outcome().code == "province_lines_missing"
    assert office.form(number).state_name == "省级退回"


@pytest.mark.req("ACT-03")
def test_a_line_that_changes_while_its_form_is_made_is_in_it_or_refused(office: Office):
    office.apply(quantity=10)
    office.hand_over()
    office.now = AFTER
    (line,) = office.ask(city.list_city_lines, activation.ListCityLines(), by=CITY).items
    ask = activation.GenerateCityForm(month="2026-12", phone=PHONE)
    change = activation.ChangeCityLine(id=line.id, version=1, quantity=99)
    with first(office, city.generate, ask, CITY):
        second = Second(lambda: office.do(city.change, change, by=clerk("9901", "赵二")))
        waits(office)

    assert second.outcome().code == "city_line_fixed"
    assert office.form("KS-202612-9901").quantity == 10
