"""销卡申请: cards, forms and reviews of three levels, with inventory following by events."""

from dataclasses import replace

import pytest

from kernel.contracts.inventory.events import CardsRefused
from kernel.contracts.workflow import forms, termination
from kernel.model.errors import DomainError
from services.inventory.lifecycle import CardAction
from services.workflow import answers, card_list, form_list, scrap_list, signed_forms, terminations
from tests.integration.workflow.office import AFTER, CITY, COUNTY, PHONE, PROVINCE, Office, clerk


@pytest.fixture(autouse=True)
def _today(office: Office):
    office.now = office.stock.now = AFTER


def review(office: Office, number: str, verdict: str, by=PROVINCE, opinion: str | None = None):
    version = office.form(number).version
    request = termination.ReviewByProvince(
        forms=[termination.ReviewedForm(number=number, version=version)], verdict=verdict, opinion=opinion
    )
    return office.do(terminations.review_by_province, request, by=by)


@pytest.mark.req("TER-01", "TER-02", "TER-03", "TER-04", "TER-05", "TER-07", "TER-08", "TER-09")
def test_fifty_one_cards_go_round_twice_and_end_terminated(office: Office):
    iccids = office.scrapped(51)
    form = office.termination(iccids)
    number = form.number
    assert number == "XQ-20261123-990101-01"
    assert (form.state_name, form.quantity, form.cards_waiting) == ("新建", 51, 0)
    assert office.stock.states(iccids) == {"terminating": 51}

    assert office.seal(number, COUNTY).state_name == "提交市级"
    passed = office.act(terminations.review_by_city, termination.ReviewByCity, number, CITY, verdict="pass")
    assert (passed.message, passed.form.state_name) == ("审核成功", "提交省级")
    assert review(office, number, "reject", opinion="数量有误").done == 1
    assert office.form(number).state_name == "省级退回"
    office.act(terminations.pass_on_send_back, termination.PassOnSendBack, number, CITY, opinion="请按省级意见修改")
    assert office.form(number, COUNTY).state_name == "市级退回"

    gone = office.do(terminations.remove_from_list, termination.RemoveFromList(iccids=iccids[:2]), by=COUNTY)
    assert (gone.message, gone.done) == ("删除成功", 2)
    office.carry()
    assert office.stock.states(iccids) == {"terminating": 49, "pending_scrap": 2}
    again = office.act(terminations.generate_again, termination.GenerateTerminationFormAgain, number, COUNTY)
    assert again.message == "市级退回的卡已成功生成申请单"
    assert (again.form.number, again.form.revision, again.form.quantity) == (number, 2, 49)

    office.seal(number, COUNTY)
    office.act(terminations.review_by_city, termination.ReviewByCity, number, CITY, verdict="pass")
    assert review(office, number, "pass").done == 1
    assert office.form(number).state_name == "提交互联网部"

    refused = termination.CarrierAnswer(iccid=iccids[2], answer="refused", reason="号码欠费")
    said = office.do(
        answers.record, termination.RecordAnswers(number=number, answers=[refused], others_done=True), by=PROVINCE
    )
    assert (said.done, said.open, said.completed) == (49, 0, True)
    office.carry()
    assert office.stock.states(iccids) == {"terminated": 48, "pending_scrap": 3}
    page = office.ask(card_list.list_form_cards, termination.ListFormCards(number=number, size=100), by=CITY)
    assert page.counts == {"terminated": 48, "answered_refused": 1}
    assert [card.row for card in page.items] == list(range(1, 50))
    assert page.changed == 0
    assert [card.refusal for card in page.items if card.follow == "answered_refused"] == ["运营商拒绝销卡：号码欠费"]
    assert office.form(number).state_name == "已完成"
    assert office.list_cards(iccids[:3]).done == 3


@pytest.mark.req("TER-01")
def test_a_card_stands_on_one_open_list_only(office: Office):
    iccids = office.scrapped(3)
    assert office.list_cards(iccids[:2]).message == "添加成功"

    again = office.list_cards(iccids)

    assert (again.done, again.refused_count) == (1, 2)
    assert {refused.code for refused in again.refused} == {"card_listed_already"}
    with pytest.raises(DomainError) as few:
        office.do(terminations.generate, termination.GenerateTerminationForm(phone=PHONE), by=COUNTY)
    assert few.value.code == "termination_too_few"


@pytest.mark.req("TER-01")
def test_a_card_that_was_restored_meanwhile_is_shown_with_its_reason_before_anyone_approves(office: Office):
    iccids = office.scrapped(52)
    office.list_cards(iccids)
    number = office.do(terminations.generate, termination.GenerateTerminationForm(phone=PHONE), by=COUNTY).form.number
    office.stock.move(CardAction.RESTORE_TO_STOCK, iccids[:1])
    told = [event for event in office.outbox("workflow") if event.type.startswith("termination")]
    office.deliver(told)
    moved = office.outbox("inventory")
    assert CardsRefused.TYPE in {event.type for event in moved}
    office.deliver(moved)

    form = office.form(number, COUNTY)
    assert (form.cards_refused, form.cards_waiting) == (1, 0)
    assert "submit_for_review" not in form.can
    assert "drop_refused_cards" in form.can
    with pytest.raises(DomainError) as unsettled:
        office.submit(number, COUNTY)
    assert unsettled.value.code == "form_cards_unsettled"
    (card,) = office.ask(
        card_list.list_form_cards, termination.ListFormCards(number=number, follow="refused"), by=CITY
    ).items
    assert (card.iccid, card.refusal_code, card.state_now) == (iccids[0], "card_not_pending_scrap", "in_stock")
    assert "库存" in (card.refusal or "")

    follows = office.do(terminations.remove_from_list, termination.RemoveFromList(iccids=iccids[:2]), by=COUNTY)
    assert (follows.done, follows.refused[0].code) == (1, "card_follows_form")
    office.carry()
    assert office.submit(number, COUNTY).quantity == 51


@pytest.mark.req("TER-06")
def test_a_city_terminates_the_cards_that_it_owns_itself(office: Office):
    own, countys = office.scrapped(51, unit="9901"), office.scrapped(1)
    page = office.ask(scrap_list.list_pending_scrap, termination.ListPendingScrap(unit_exact=True, size=1), by=CITY)
    assert page.items[0].can == ["add_to_list"]
    assert office.list_cards(countys, CITY).refused[0].code == "card_not_own"

    form = office.termination(own, CITY)
    assert form.number == "XS-20261123-9901-01"
    assert office.seal(form.number, CITY).state_name == "提交省级"
    assert review(office, form.number, "reject", opinion="数量有误").done == 1
    office.do(terminations.remove_from_list, termination.RemoveFromList(iccids=own[:1]), by=CITY)
    again = office.act(terminations.generate_again, termination.GenerateTerminationFormAgain, form.number, CITY)
    assert again.message == "省级退回的卡已成功生成申请单"


@pytest.mark.req("TER-07")
def test_only_what_was_submitted_to_the_province_is_reviewed_there(office: Office):
    number = office.termination(office.scrapped(51)).number

    answer = review(office, number, "pass")

    assert (answer.done, answer.refused[0].code) == (0, "review_only_submitted")
    assert answer.message == "只能对状态为“提交省级”的记录进行审核"


@pytest.mark.req("TER-04")
def test_a_form_that_is_given_up_lets_its_cards_go(office: Office):
    iccids = office.scrapped(51)
    number = office.termination(iccids).number

    office.act(terminations.dissolve, termination.DissolveForm, number, COUNTY)
    office.carry()

    assert office.stock.states(iccids) == {"pending_scrap": 51}
    assert office.form(number).state_name == "已作废"
    assert office.list_cards(iccids).done == 51


@pytest.mark.req("WFL-01")
def test_every_step_is_a_row_that_nobody_can_change(office: Office):
    number = office.termination(office.scrapped(51)).number
    office.seal(number, COUNTY)
    history = office.ask(form_list.get_history, forms.GetHistory(number=number), by=COUNTY)

    assert [one.step for one in history.decisions] == [1, 2, 3, 4]
    assert history.decisions[-1].digest == office.row(number)["digest"]
    assert history.decisions[-1].by_name == "系统"
    assert [attempt.state for attempt in history.attempts] == ["passed"]
    with pytest.raises(Exception, match="append-only"):
        office.all("DELETE FROM decisions RETURNING step")
    scan = office.ask(signed_forms.view, forms.ViewSignedForm(number=number), by=CITY)
    assert scan.state == "passed"


@pytest.mark.req("TER-05", "WFL-01")
def test_nobody_judges_a_form_that_he_drafted(office: Office):
    number = office.termination(office.scrapped(51)).number
    office.seal(number, COUNTY)
    promoted = clerk("9901", "王县")
    office.all_written(
        "UPDATE forms SET drafted_by = :by WHERE number = :number RETURNING id", by=promoted.id, number=number
    )

    with pytest.raises(DomainError) as own:
        office.act(terminations.review_by_city, termination.ReviewByCity, number, promoted, verdict="pass")

    assert own.value.code == "own_form"
    key = replace(promoted, id=f"key:ab12cd34@{promoted.id}")
    with pytest.raises(DomainError) as by_key:  # nor by a key that he made
        office.act(terminations.review_by_city, termination.ReviewByCity, number, key, verdict="pass")
    assert by_key.value.code == "own_form"
    assert "submit_to_province" not in office.form(number, promoted).can
    assert "submit_to_province" in office.form(number, CITY).can


@pytest.mark.req("TER-05", "TER-07", "WFL-01")
def test_nothing_is_sent_back_without_an_opinion_which_the_other_side_then_sees(office: Office):
    number = office.termination(office.scrapped(51)).number
    office.seal(number, COUNTY)

    def missing(act, kind, by, **fields) -> None:
        with pytest.raises(DomainError) as refused:
            office.act(act, kind, number, by, opinion=" ", **fields)
        assert (refused.value.code, refused.value.params["field"]) == ("opinion_missing", "opinion")

    missing(terminations.review_by_city, termination.ReviewByCity, CITY, verdict="reject")
    office.act(terminations.review_by_city, termination.ReviewByCity, number, CITY, verdict="pass")
    with pytest.raises(DomainError) as refused:
        review(office, number, "reject")
    assert refused.value.code == "opinion_missing"
    assert review(office, number, "reject", opinion="数量有误").done == 1
    missing(terminations.pass_on_send_back, termination.PassOnSendBack, CITY)
    office.act(terminations.pass_on_send_back, termination.PassOnSendBack, number, CITY, opinion="请剔除两张")
    assert office.form(number, COUNTY).last_opinion == "请剔除两张"


@pytest.mark.req("TER-01", "INV-05", "WFL-01")
def test_the_run_log_of_a_card_on_a_form_names_the_person_and_no_login(office: Office):
    iccids = office.scrapped(51)

    office.termination(iccids)

    line = office.stock.log(iccids[0])[-1]
    assert (line["action"], line["by"], line["by_name"]) == ("put_on_form", COUNTY.id, COUNTY.name)
    assert COUNTY.id != COUNTY.name
