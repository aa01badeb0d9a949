"""Who may do and see what: another unit, the right unit without the role, the wrong level, the right person (GTW-02).

The fourth actor, nobody at all, does not come past the gateway.
"""

from typing import Any

import pytest

from kernel.chassis.data.unit_of_work import UnitOfWork
from kernel.contracts.workflow import activation, forms, notices, termination
from kernel.model.errors import DomainError
from services.workflow import (
    answers,
    applications,
    card_list,
    city,
    form_list,
    province,
    scrap_list,
    signed_forms,
    submission,
    terminations,
    todo,
    window,
)
from tests.integration.workflow.office import AFTER, CITY, COUNTY, PHONE, PROVINCE, SCAN, Office, clerk

STRANGER, VIEWER = clerk("990201", "外人"), clerk("990101", "看客", "viewer")


@pytest.fixture
def number(office: Office) -> str:
    office.now = office.stock.now = AFTER
    return office.termination(office.scrapped(51)).number


def refused(office: Office, act: Any, request: Any, by: Any) -> str:
    with pytest.raises(DomainError) as error:
        office.do(act, request, by=by)
    return error.value.code


APPLY = activation.CreateApplication(carrier="china_mobile", card_spec="plug_in", quantity=1, phone=PHONE)
ADD = termination.AddToList(iccids=["89860012345678901238"])


@pytest.mark.req("GTW-02", "ACT-01", "TER-01")
@pytest.mark.parametrize(
    ("act", "request_", "wrong_level", "viewer"),
    [
        (applications.create, APPLY, CITY, VIEWER),
        (
            city.generate,
            activation.GenerateCityForm(month="2026-12", phone=PHONE),
            COUNTY,
            clerk("9901", role="viewer"),
        ),
        (
            province.generate,
            activation.GenerateProvinceForm(month="2026-12", phone=PHONE),
            CITY,
            clerk("99", role="viewer"),
        ),
        (scrap_list.add_to_list, ADD, PROVINCE, VIEWER),
        (terminations.generate, termination.GenerateTerminationForm(phone=PHONE), PROVINCE, VIEWER),
    ],
)
def test_an_act_is_for_its_level_and_for_those_with_the_role(
    office: Office, act: Any, request_: Any, wrong_level: Any, viewer: Any
):
    assert refused(office, act, request_, wrong_level) == "level_refused"
    assert refused(office, act, request_, viewer) == "permission_denied"


@pytest.mark.req("GTW-02", "ACT-01")
def test_the_province_sets_the_window_and_nobody_else(office: Office):
    ask = notices.SetWindow(version=1, opens_day=18, closes_day=21, remind_hours=12, minimum_cards=10)
    assert refused(office, window.set_window, ask, CITY) == "level_refused"

    said = office.do(window.set_window, ask, by=PROVINCE)

    assert (said.opens_day, said.minimum_cards, said.version, said.can) == (18, 10, 2, ["set"])
    assert refused(office, window.set_window, ask, PROVINCE) == "version_stale"
    reversed_ = ask.model_copy(update={"version": 2, "opens_day": 22})
    assert refused(office, window.set_window, reversed_, PROVINCE) == "window_days_reversed"


@pytest.mark.req("GTW-02", "TER-03")
def test_forms_of_other_units_do_not_exist(office: Office, number: str):
    for act, request in (
        (form_list.get_form, forms.GetForm(number=number)),
        (form_list.get_history, forms.GetHistory(number=number)),
        (submission.view, forms.ViewForm(number=number)),
        (signed_forms.list_attempts, forms.ListAttempts(number=number)),
        (card_list.list_form_cards, termination.ListFormCards(number=number)),
    ):
        with pytest.raises(DomainError) as error:
            office.ask(act, request, by=STRANGER)
        assert error.value.code == "form_not_found"
        assert office.ask(act, request, by=CITY) if act is not submission.view else True
    assert office.ask(form_list.list_forms, forms.ListForms(), by=STRANGER).total == 0
    assert office.ask(form_list.list_forms, forms.ListForms(), by=COUNTY).total == 1
    with pytest.raises(DomainError) as error:
        office.ask(form_list.list_forms, forms.ListForms(unit="990101"), by=STRANGER)
    assert error.value.code == "unit_out_of_scope"
    assert refused(office, signed_forms.upload, forms.UploadSignedForm(number=number, upload=SCAN), STRANGER) == (
        "form_not_found"
    )


@pytest.mark.req("GTW-02", "TER-03")
@pytest.mark.parametrize(
    ("by", "code"),
    [(STRANGER, "form_not_found"), (VIEWER, "permission_denied"), (CITY, "level_refused"), (PROVINCE, "level_refused")],
)
def test_only_the_countys_clerks_submit_its_form(office: Office, number: str, by: Any, code: str):
    ask = forms.SubmitForReview(number=number, version=office.form(number).version)

    assert refused(office, submission.submit, ask, by) == code
    assert office.form(number, COUNTY).can == ["renew", "submit_for_review", "dissolve"]


@pytest.mark.req("GTW-02", "TER-05", "TER-07", "TER-08")
def test_every_review_has_its_level(office: Office, number: str):
    office.seal(number, COUNTY)
    version = office.form(number).version
    by_city = termination.ReviewByCity(number=number, version=version, verdict="pass")
    assert refused(office, terminations.review_by_city, by_city, COUNTY) == "level_refused"
    assert refused(office, terminations.review_by_city, by_city, PROVINCE) == "level_refused"
    assert refused(office, terminations.review_by_city, by_city, clerk("9902")) == "form_not_found"
    office.do(terminations.review_by_city, by_city, by=CITY)

    ticked = [termination.ReviewedForm(number=number, version=version + 1)]
    by_province = termination.ReviewByProvince(forms=ticked, verdict="pass")
    answer = office.do(terminations.review_by_province, by_province, by=CITY)
    assert (answer.done, answer.refused[0].code) == (0, "level_refused")
    assert office.do(terminations.review_by_province, by_province, by=PROVINCE).done == 1
    record = termination.RecordAnswers(number=number, others_done=True)
    assert refused(office, answers.record, record, CITY) == "level_refused"
    assert refused(office, answers.record, record, clerk("99", role="viewer")) == "permission_denied"


@pytest.mark.req("GTW-02", "WFL-01")
def test_no_button_leads_to_a_refusal_and_no_other_way_is_open(office: Office, number: str):
    """Each act is pressed by everybody in every state: it is taken exactly when ``can`` shows it."""
    back = {"verdict": "reject", "opinion": "少两张"}
    pressed = {
        "submit_for_review": (submission.submit, forms.SubmitForReview, {}),
        "renew": (submission.renew, forms.RenewDraft, {"phone": "13900002222"}),
        "submit_to_province": (terminations.review_by_city, termination.ReviewByCity, {"verdict": "pass"}),
        "send_back": (terminations.review_by_city, termination.ReviewByCity, back),
        "pass_on_send_back": (terminations.pass_on_send_back, termination.PassOnSendBack, {"opinion": "少两张"}),
        "generate_again": (terminations.generate_again, termination.GenerateTerminationFormAgain, {}),
        "dissolve": (terminations.dissolve, termination.DissolveForm, {}),
    }
    way = [
        lambda: None,
        lambda: office.submit(number, COUNTY),
        lambda: (office.issue(number), office.judge(number, office.upload(number, COUNTY))),
        lambda: office.act(terminations.review_by_city, termination.ReviewByCity, number, CITY, **back),
        lambda: office.act(terminations.generate_again, termination.GenerateTerminationFormAgain, number, COUNTY),
    ]
    for step in way:
        step()
        for by in (COUNTY, VIEWER, CITY, PROVINCE):
            form = office.form(number, by)
            for action, (act, request, more) in pressed.items():
                taken = attempt(office, act, request(number=number, version=form.version, **more), by)
                assert taken is (action in form.can), (form.state_name, by.id, action, form.can)


def attempt(office: Office, act: Any, request: Any, by: Any) -> bool:
    """Whether the act would be taken; nothing is committed."""
    with UnitOfWork(office.engine).begin(by) as tx:
        try:
            act(tx, request, by=by, now=office.now)
        except DomainError:
            return False
    return True


@pytest.mark.req("WFL-03")
def test_what_waits_is_counted_for_those_who_can_do_it(office: Office, number: str):
    def waiting(by: Any) -> dict[str, int]:
        return {item.key: item.count for item in office.ask(todo.get_todo, notices.GetTodo(), by=by).items}

    assert waiting(COUNTY) == {"county_termination.drafted": 1}
    assert waiting(CITY) == waiting(PROVINCE) == waiting(VIEWER) == waiting(STRANGER) == {}
    office.seal(number, COUNTY)
    assert waiting(COUNTY) == {}
    assert waiting(CITY) == {"county_termination.submitted_to_city": 1}
    shown = office.ask(form_list.list_forms, forms.ListForms(mine=True), by=CITY)
    assert [form.number for form in shown.items] == [number]
    assert office.ask(form_list.list_forms, forms.ListForms(mine=True), by=VIEWER).total == 0


@pytest.mark.req("WFL-03", "ACT-01")
def test_a_county_without_a_line_is_told_so_while_the_window_is_open(office: Office):
    assert [item.key for item in office.ask(todo.get_todo, notices.GetTodo(), by=COUNTY).items] == ["apply"]
    office.apply()
    assert office.ask(todo.get_todo, notices.GetTodo(), by=COUNTY).total == 0
    office.hand_over()
    office.now = AFTER
    assert [item.key for item in office.ask(todo.get_todo, notices.GetTodo(), by=CITY).items] == ["city_lines.2026-12"]
