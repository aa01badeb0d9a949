"""A terminated card that still has traffic or cost: its case is opened again, and closed once more (TER-08)."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from kernel.chassis.data.unit_of_work import UnitOfWork
from kernel.contracts.inventory.cards import GetRunLog
from kernel.contracts.inventory.statistics import CountActivations
from kernel.contracts.traffic.events import CardUsed, StillUsed, TerminatedCardsUsed, UsageWarned
from kernel.contracts.workflow import forms, notices, termination
from kernel.model.errors import DomainError
from services.inventory import run_log
from services.inventory.statistics import activations
from services.workflow import answers, card_list, form_list, reopenings, terminations, todo, usage
from services.workflow import notices as notes
from tests.integration.workflow.office import AFTER, CITY, COUNTY, PROVINCE, Office, clerk
from tests.integration.workflow.test_at_once import Second, first

LATER = datetime(2027, 1, 8, 2, 0, tzinfo=UTC)
"""The carrier's bill of December is there."""
CARDS = 51


@pytest.fixture
def terminated(office: Office) -> tuple[str, list[str]]:
    """A completed form with the carrier's yes to all of its cards, and the cards."""
    office.now = office.stock.now = AFTER
    iccids = office.scrapped(CARDS)
    number = office.termination(iccids).number
    office.seal(number, COUNTY)
    office.act(terminations.review_by_city, termination.ReviewByCity, number, CITY, verdict="pass")
    ticked = [termination.ReviewedForm(number=number, version=office.form(number).version)]
    office.do(terminations.review_by_province, termination.ReviewByProvince(forms=ticked, verdict="pass"), by=PROVINCE)
    answer(office, number)
    assert office.form(number).state_name == "已完成"
    office.now = office.stock.now = LATER
    return number, iccids


def answer(office: Office, number: str, *given: termination.CarrierAnswer) -> termination.AnswersRecorded:
    ask = termination.RecordAnswers(number=number, answers=list(given), others_done=True)
    said = office.do(answers.record, ask, by=PROVINCE)
    office.carry()
    return said


def found(iccid: str, month: str = "2026-12", **more: Any) -> termination.TrafficFound:
    return termination.TrafficFound(**{"iccid": iccid, "month": month, "traffic_mb": "12.5", **more})


def report(office: Office, *cards: termination.TrafficFound, by: Any = PROVINCE, number: str | None = None) -> Any:
    said = office.do(reopenings.reopen, termination.ReopenCases(cards=list(cards), number=number), by=by)
    office.carry()
    return said


def codes(said: Any) -> dict[str, str]:
    return {refused.iccid: refused.code for refused in said.refused}


def cards_of(office: Office, number: str, **filters: Any) -> list[termination.FormCard]:
    return office.ask(
        card_list.list_form_cards, termination.ListFormCards(number=number, size=100, **filters), by=PROVINCE
    ).items


def counted(office: Office) -> dict[str, int]:
    """开卡销卡数量统计 of the county: of January, and cumulative."""
    with UnitOfWork(office.stock.engine).begin() as tx:
        said = activations.count_activations(tx, CountActivations(month="2027-01"), by=COUNTY, now=LATER)
    return said.totals


@pytest.mark.req("TER-08", "TER-09", "INV-05", "INV-08", "INV-10")
def test_a_terminated_card_with_traffic_goes_round_once_more(office: Office, terminated: tuple[str, list[str]]):
    number, iccids = terminated
    hot = iccids[7]
    before = counted(office)

    said = report(office, found(hot, cost="3.20", remark="运营商账单"))

    assert (said.done, said.refused_count, said.forms, said.message) == (1, 0, [number], "操作成功")
    assert office.form(number).state_name == "提交互联网部"
    assert office.stock.states(iccids) == {"terminated": CARDS - 1, "terminating": 1}
    card = office.stock.card(hot)
    assert (card["terminated_at"], card["state_since"]) == (None, LATER)
    assert counted(office)["terminated_total"] == before["terminated_total"] - 1
    (line,) = cards_of(office, number, reopened=True)
    assert (line.iccid, line.follow, line.answered_at) == (hot, "settled", None)
    assert (line.reopened_month, line.reopened_traffic_mb, line.cost) == ("2026-12", "12.500", "3.20")
    assert (line.reopened_remark, line.reopened_by, line.reopened_at) == ("运营商账单", "陈省", LATER)
    assert [(one.answered_by, one.answered_at) for one in line.reopenings] == [("陈省", AFTER)]
    assert len(cards_of(office, number, reopened=False)) == CARDS - 1

    again = answer(office, number)

    assert (again.done, again.completed) == (1, True)
    assert office.form(number).state_name == "已完成"
    assert office.stock.states(iccids) == {"terminated": CARDS}
    after = counted(office)
    assert after["terminated_total"] == before["terminated_total"]
    assert after["terminated_month"] == before["terminated_month"] + 1
    (line,) = cards_of(office, number, reopened=True)
    assert (line.follow, line.answered_at, len(line.reopenings)) == ("terminated", LATER, 1)
    assert [entry["action"] for entry in office.stock.log(hot)][-3:] == ["terminate", "reopen", "terminate"]
    with UnitOfWork(office.stock.engine).begin() as tx:
        log = run_log.get_run_log(tx, GetRunLog(iccid=hot), by=COUNTY).items
    assert (log[-2].reason, log[-2].reference_id) == ("销卡后 2026-12 仍有流量或费用", number)
    steps = office.ask(form_list.get_history, forms.GetHistory(number=number), by=COUNTY).decisions
    assert [step.action for step in steps[-4:]] == ["complete", "reopen", "record_answers", "complete"]
    assert "1 张卡销卡后仍有流量或费用（2026-12）" in [step.remark for step in steps]


@pytest.mark.req("TER-08", "INV-10")
def test_the_book_of_the_stock_stays_true_when_cards_come_back(office: Office, terminated: tuple[str, list[str]]):
    number, iccids = terminated
    report(office, *(found(iccid) for iccid in iccids[:3]))
    refused = termination.CarrierAnswer(iccid=iccids[0], answer="refused", reason="仍在用")
    assert answer(office, number, refused).completed

    assert office.stock.states(iccids) == {"terminated": CARDS - 1, "pending_scrap": 1}
    differing = """
        SELECT state, sum(cards) AS cards, sum(booked) AS booked FROM (
            SELECT state, count(*) AS cards, 0 AS booked FROM cards WHERE owner_unit = '990101' GROUP BY 1
            UNION ALL SELECT state, 0, sum(delta) FROM ledger WHERE owner_unit = '990101' GROUP BY 1
        ) AS side GROUP BY 1 HAVING sum(cards) <> sum(booked)
    """
    assert office.stock.all(differing) == []
    assert office.list_cards(iccids[:1]).done == 1  # what the carrier will not end can stand on a new list


@pytest.mark.req("TER-08")
def test_rows_that_cannot_be_are_named_and_the_good_ones_are_done(office: Office, terminated: tuple[str, list[str]]):
    number, iccids = terminated
    scrap = office.scrapped(1)[0]
    running = office.termination(office.scrapped(CARDS)).number
    waiting = cards_of(office, running)[0].iccid

    said = report(
        office,
        found(iccids[0]),
        found(iccids[0]),
        found(iccids[1], traffic_mb="0", cost="0"),
        found(iccids[2], traffic_mb=None, cost="0.01"),
        found(iccids[3], month="2026-10"),
        found(iccids[4], month="2027-02"),
        found(iccids[5], month="2026-13"),
        found(iccids[6].lower() + " ", month="2026-11"),
        found(scrap),
        found(waiting),
        found("8986\ufffd0"),
        found("no card"),
    )

    assert (said.done, said.forms) == (3, [number])
    assert codes(said) == {
        iccids[0]: "card_reopened_already",
        iccids[1]: "traffic_missing",
        iccids[3]: "traffic_month_refused",
        iccids[4]: "traffic_month_refused",
        iccids[5]: "traffic_month_refused",
        scrap: "card_on_no_form",
        waiting: "card_not_terminated",
        "8986\ufffd0": "card_on_no_form",
        "no card": "card_on_no_form",
    }
    early = report(office, found(iccids[3], month="2026-10")).refused[0]
    assert early.message == "月份“2026-10”应为 2026-11 至 2027-01 之间的月份（YYYY-MM）：销卡当月起、到本月止"
    assert office.stock.states(iccids) == {"terminating": 3, "terminated": CARDS - 3}
    other = report(office, found(iccids[9]), number=running)
    assert codes(other) == {iccids[9]: "card_not_on_form"}


@pytest.mark.req("TER-08")
def test_a_report_that_comes_again_changes_nothing_and_a_new_month_opens_the_case_anew(
    office: Office, terminated: tuple[str, list[str]]
):
    number, iccids = terminated
    assert report(office, found(iccids[0])).done == 1
    version = office.form(number).version

    for again in (found(iccids[0]), found(iccids[0], month="2027-01")):
        assert codes(report(office, again)) == {iccids[0]: "card_reopened_already"}
    answer(office, number)
    assert codes(report(office, found(iccids[0]))) == {iccids[0]: "card_reopened_already"}
    assert office.form(number).version == version + 2

    assert report(office, found(iccids[0], month="2027-01", traffic_mb="0.001")).done == 1
    (line,) = cards_of(office, number, reopened=True)
    assert [one.month for one in line.reopenings] == ["2026-12", "2027-01"]
    assert line.reopened_traffic_mb == "0.001"


@pytest.mark.req("TER-08", "WFL-01")
def test_of_two_who_report_a_card_at_once_one_opens_its_case(office: Office, terminated: tuple[str, list[str]]):
    number, iccids = terminated
    ask = termination.ReopenCases(cards=[found(iccids[0])])

    with first(office, reopenings.reopen, ask, PROVINCE):
        second = Second(lambda: office.do(reopenings.reopen, ask, by=clerk("99", "赵省")))
        second.join(0.3)
        assert second.is_alive()

    assert codes(second.outcome()) == {iccids[0]: "card_reopened_already"}
    office.carry()
    assert len(cards_of(office, number, reopened=True)[0].reopenings) == 1


@pytest.mark.req("TER-08", "WFL-03")
def test_the_owner_and_the_province_hear_of_it_and_the_form_waits_for_the_province(
    office: Office, terminated: tuple[str, list[str]]
):
    number, iccids = terminated

    def texts(by: Any) -> list[str]:
        asked = notices.ListNotices(kind="cards_reopened")
        return [one.text for one in office.ask(notes.list_notices, asked, by=by).items]

    def waiting(by: Any) -> dict[str, int]:
        return {item.key: item.count for item in office.ask(todo.get_todo, notices.GetTodo(), by=by).items}

    assert waiting(PROVINCE) == {}
    assert office.form(number).can == ["reopen", "view"]
    report(office, found(iccids[0]), found(iccids[1], month="2027-01"))

    said = f"申请单 {number} 上有 2 张已销卡在 2026-12、2027-01 仍有流量或费用，已重新办理销卡"
    assert texts(COUNTY) == texts(PROVINCE) == [said]
    assert texts(CITY) == texts(clerk("990201")) == []
    assert waiting(PROVINCE) == {"county_termination.submitted_to_internet_department": 1}
    assert waiting(COUNTY) == waiting(CITY) == {}
    assert office.form(number).can == ["record_answers", "reopen", "view"]


@pytest.mark.req("TER-08", "GTW-02")
@pytest.mark.parametrize(
    ("by", "code"),
    [
        (clerk("98", "邻省"), None),
        (clerk("99", "看客", "viewer"), "permission_denied"),
        (COUNTY, "level_refused"),
        (CITY, "level_refused"),
    ],
)
def test_only_who_records_the_carriers_answers_opens_cases(
    office: Office, terminated: tuple[str, list[str]], by: Any, code: str | None
):
    """The actor who is nobody does not come past the gateway (tests/integration/gateway)."""
    number, iccids = terminated

    if code is None:  # another province: the card is none of his
        assert codes(report(office, found(iccids[0]), by=by)) == {iccids[0]: "card_on_no_form"}
    else:
        with pytest.raises(DomainError) as refused:
            report(office, found(iccids[0]), by=by)
        assert refused.value.code == code
        assert "reopen" not in office.form(number, by).can
    assert office.stock.states(iccids) == {"terminated": CARDS}
    assert report(office, found(iccids[0])).done == 1


@pytest.mark.req("TER-08")
def test_what_traffic_finds_opens_the_case_by_itself_and_once(office: Office, terminated: tuple[str, list[str]]):
    number, iccids = terminated
    cards = [
        StillUsed(iccid=iccids[3], unit="990101", traffic_mb=Decimal("2.5"), cost=Decimal(0)),
        StillUsed(iccid="89860426019999999999", unit="990101", traffic_mb=Decimal(1), cost=Decimal(0)),
    ]
    event = TerminatedCardsUsed(province="99", month="2026-12", cards=cards, at=LATER)

    for _ in range(2):
        with UnitOfWork(office.engine).begin() as tx:
            usage.still_used(tx, event)
            tx.commit()
        office.carry()

    assert office.stock.states(iccids) == {"terminated": CARDS - 1, "terminating": 1}
    (line,) = cards_of(office, number, reopened=True)
    assert (line.iccid, line.reopened_month, line.reopened_traffic_mb) == (iccids[3], "2026-12", "2.500")
    assert len(line.reopenings) == 1


@pytest.mark.req("TRF-07")
def test_a_warning_becomes_a_notice_to_the_rules_unit_and_to_those_whose_cards_are_meant(office: Office):
    cards = [CardUsed(iccid=f"8986042601000000000{n}", unit=COUNTY.unit, value=9, limit_value=8) for n in range(3)]
    event = UsageWarned(
        rule_id=1, name="达 90%", kind="plan_percent", unit=PROVINCE.unit, period="2026-12", cards=cards, at=LATER
    )
    with UnitOfWork(office.engine).begin() as tx:
        usage.warned(tx, event)
        tx.commit()

    for by in (PROVINCE, COUNTY):
        sees = replace(by, permissions=by.permissions | {"usage.view"})
        items = office.ask(notes.list_notices, notices.ListNotices(kind="usage_warned"), by=sees).items
        assert "达 90%”：2026-12 有 3 张卡" in items[0].text
    blind = replace(COUNTY, permissions=COUNTY.permissions - {"usage.view"})
    other = replace(CITY, unit="9902", permissions=CITY.permissions | {"usage.view"})
    for by in (blind, other):
        asked = notices.ListNotices(kind="usage_warned")
        assert office.ask(notes.list_notices, asked, by=by).items == []
