"""Cards and answers that are not what they should be: each named with its reason, the good ones done (issue 4)."""

import pytest
from pydantic import ValidationError

from kernel.chassis.data.unit_of_work import UnitOfWork
from kernel.contracts.binding.events import BoundCard, CardsBound, CardsUnbound, UnboundCard
from kernel.contracts.workflow import activation, forms, termination
from kernel.contracts.workflow.notices import ListNotices
from kernel.model.errors import DomainError
from services.inventory.lifecycle import CardAction
from services.workflow import (
    answers,
    applications,
    card_list,
    city,
    form_list,
    fulfilment,
    scrap_list,
    signed_forms,
    terminals,
    terminations,
)
from services.workflow import notices as notes
from tests.integration.workflow.office import AFTER, CITY, COUNTY, PHONE, PROVINCE, Office, clerk


@pytest.fixture(autouse=True)
def _today(office: Office):
    office.now = office.stock.now = AFTER


def codes(answer) -> list[str]:
    return [refused.code for refused in answer.refused]


@pytest.mark.req("TER-01")
def test_cards_that_cannot_go_on_the_list_are_named_and_the_others_go(office: Office):
    good = office.scrapped(1)
    in_stock = office.stock.stocked(1, unit="990101").iccids
    theirs = office.scrapped(1, unit="990102")
    strangers = office.scrapped(1, unit="990201")
    office.carry()

    answer = office.list_cards(
        [good[0], good[0].lower(), *in_stock, *theirs, *strangers, "898600", "8.986E+18", "", office.stock.number(99)]
    )

    assert answer.done == 1
    assert codes(answer) == [
        "card_not_pending_scrap", "card_unknown", "card_unknown", "iccid_length", "iccid_scientific", "iccid_blank",
        "card_unknown",
    ]  # fmt: skip
    assert answer.refused[0].message == "卡片状态为“库存”，不是待报废，不能销卡"


@pytest.mark.parametrize("request_", [termination.CarrierAnswer, termination.TrafficFound])
def test_a_remark_that_the_database_cannot_keep_is_refused(request_: type):
    good = {"iccid": "8986", "answer": "done", "month": "2026-11", "reason": "好", "remark": "好"}
    fields = {name: value for name, value in good.items() if name in request_.model_fields}
    assert request_.model_validate(fields)
    with pytest.raises(ValidationError):
        request_.model_validate({name: f"{value}\x00" if value == "好" else value for name, value in fields.items()})


@pytest.mark.req("TER-01")
def test_a_card_without_a_number_that_prints_is_refused(office: Office):
    iccids = office.scrapped(1)
    office.all_written("UPDATE cards SET msisdn = NULL WHERE iccid = :i RETURNING iccid", i=iccids[0])

    assert codes(office.list_cards(iccids)) == ["card_not_printable"]


@pytest.mark.req("TER-02")
def test_a_form_is_made_of_cards_that_stand_on_the_list(office: Office):
    office.list_cards(office.scrapped(51))
    ask = termination.GenerateTerminationForm(phone=PHONE, iccids=[office.stock.number(98)])

    with pytest.raises(DomainError) as refused:
        office.do(terminations.generate, ask, by=COUNTY)

    assert refused.value.code == "card_not_listed"


@pytest.mark.req("TER-08")
def test_answers_are_taken_card_by_card(office: Office):
    iccids = office.scrapped(52)
    number = office.termination(iccids).number
    early = termination.RecordAnswers(number=number, others_done=True)
    with pytest.raises(DomainError) as refused:
        office.do(answers.record, early, by=PROVINCE)
    assert refused.value.code == "form_state_refused"
    office.seal(number, COUNTY)
    office.act(terminations.review_by_city, termination.ReviewByCity, number, CITY, verdict="pass")
    ticked = [termination.ReviewedForm(number=number, version=office.form(number).version)]
    office.do(terminations.review_by_province, termination.ReviewByProvince(forms=ticked, verdict="pass"), by=PROVINCE)

    def say(*said: tuple[str, str]) -> termination.AnswersRecorded:
        given = [termination.CarrierAnswer(iccid=iccid, answer=answer) for iccid, answer in said]
        return office.do(answers.record, termination.RecordAnswers(number=number, answers=given), by=PROVINCE)

    first = say((iccids[0], "done"), (iccids[1], "refused"), (office.stock.number(97), "done"))
    assert (first.done, first.open, first.completed) == (1, 51, False)
    assert codes(first) == ["answer_reason_missing", "card_not_on_form"]
    again = say((iccids[0], "done"))
    assert codes(again) == ["card_answered_already"]
    office.carry()
    assert office.stock.states(iccids) == {"terminated": 1, "terminating": 51}


@pytest.mark.req("TER-09")
def test_the_approver_sees_what_changed_since_submission(office: Office):
    iccids = office.scrapped(51)
    number = office.termination(iccids).number
    office.submit(number, COUNTY)
    office.stock.move(CardAction.TAKE_OFF_FORM, iccids[:1])
    office.carry()

    page = office.ask(card_list.list_form_cards, termination.ListFormCards(number=number, changed=True), by=CITY)

    assert page.changed == 1
    (card,) = page.items
    assert (card.iccid, card.state_then, card.state_now, card.changed) == (
        iccids[0], "terminating", "pending_scrap", ["state"],
    )  # fmt: skip
    assert office.form(number, CITY).cards_waiting == 1


@pytest.mark.req("TER-09")
def test_the_approver_sees_the_terminal_that_each_card_was_in_and_when_it_left_whatever_was_told_first(office: Office):
    iccids = office.scrapped(51)
    number = office.termination(iccids).number
    place = {"slot": 1, "unit": "990101", "since": office.now}
    told = [
        CardsBound(decision=1, at=office.now, station="s", cards=[
            BoundCard(iccid=iccid, terminal="33T0000001", **place) for iccid in iccids[:2]
        ]),
        CardsUnbound(decision=2, at=office.now, station="s", cards=[
            UnboundCard(iccid=iccids[0], terminal="33T0000001", slot=1, until=office.now)
        ]),
        CardsBound(decision=3, at=office.now, station="s", cards=[
            BoundCard(iccid=iccids[1], terminal="33T0000002", **place)
        ]),
    ]  # fmt: skip

    def seen() -> dict[str, tuple[str | None, bool]]:
        page = office.ask(card_list.list_form_cards, termination.ListFormCards(number=number, size=100), by=CITY)
        return {it.iccid: (it.terminal, it.terminal_left_at is None) for it in page.items}

    assert set(seen().values()) == {(None, True)}
    for event in (*reversed(told), *told):
        with UnitOfWork(office.engine).begin() as tx:
            (terminals.unbound if isinstance(event, CardsUnbound) else terminals.bound)(tx, event)
            tx.commit()

    found = seen()
    assert (found[iccids[0]], found[iccids[1]], found[iccids[2]]) == (
        ("33T0000001", False), ("33T0000002", True), (None, True),
    )  # fmt: skip


@pytest.mark.req("GTW-01")
@pytest.mark.parametrize(
    ("act", "request_"),
    [
        (applications.list_applications, activation.ListApplications),
        (city.list_city_lines, activation.ListCityLines),
        (fulfilment.list_fulfilment, activation.ListFulfilment),
        (form_list.list_forms, forms.ListForms),
        (scrap_list.list_pending_scrap, termination.ListPendingScrap),
        (scrap_list.list_termination_list, termination.ListTerminationList),
        (notes.list_notices, ListNotices),
    ],
)
def test_every_list_refuses_a_strange_order_and_a_strange_cursor(office: Office, act, request_):
    for strange, code in (({"sort": "nonsense"}, "sort_unknown"), ({"cursor": "bm9uZQ"}, "cursor_invalid")):
        with pytest.raises(DomainError) as refused:
            office.ask(act, request_(**strange), by=PROVINCE)
        assert refused.value.code == code


@pytest.mark.req("GTW-01")
def test_lists_are_paged_to_the_end_and_back(office: Office):
    iccids = sorted(office.scrapped(25))
    mine = termination.ListPendingScrap(iccid=iccids[0][:12], size=10)
    seen, page = [], office.ask(scrap_list.list_pending_scrap, mine, by=COUNTY)
    while True:
        seen += [card.iccid for card in page.items]
        if page.next_cursor is None:
            break
        page = office.ask(
            scrap_list.list_pending_scrap, mine.model_copy(update={"cursor": page.next_cursor}), by=COUNTY
        )
    assert seen == iccids
    assert page.total == 25


@pytest.mark.req("TER-03")
def test_forms_are_found_by_what_the_manual_asks_for(office: Office):
    number = office.termination(office.scrapped(51)).number
    office.termination(office.scrapped(51, unit="990201"), clerk("990201"))

    def found(**filters) -> list[str]:
        return [one.number for one in office.ask(form_list.list_forms, forms.ListForms(**filters), by=PROVINCE).items]

    assert found(month="2026-11", applicant="王县", state=["drafted"]) == [number]
    assert found(number="990101") == [number]
    assert found(carrier="china_mobile", unit="9901") == [number]
    assert found(carrier="china_unicom") == []
    today = {"drafted_from": AFTER.date(), "drafted_to": AFTER.date()}
    assert found(**today, kind=["county_termination"], unit="9901") == [number]
    assert found(state=["completed"]) == []
    with pytest.raises(DomainError):
        office.ask(signed_forms.view, forms.ViewSignedForm(number=number), by=PROVINCE)
