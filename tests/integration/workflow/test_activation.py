"""开卡申请: from the counties' lines to the order, by the acts themselves."""

from typing import Any

import pytest
from pydantic import BaseModel

from kernel.chassis.data.unit_of_work import UnitOfWork
from kernel.contracts.binding.events import TerminalsCounted, UnitTerminals
from kernel.contracts.workflow import activation, forms
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from services.documents.forms.content import FORM
from services.workflow import (
    applications,
    cards,
    city,
    form_list,
    fulfilment,
    province,
    signed_forms,
    submission,
    terminations,
)
from tests.integration.workflow.office import (
    AFTER,
    CITY,
    COUNTY,
    HAND_OVER,
    PHONE,
    PROVINCE,
    WINDOW,
    Office,
    clerk,
)

MONTH = "2026-12"
NAMES = {"99": "示范省电力公司", "9901": "东江市供电公司", "990101": "东江城区供电公司"}


def refusal(office: Office, act: Any, request: BaseModel, by: Actor, **more: Any) -> DomainError:
    with pytest.raises(DomainError) as refused:
        office.do(act, request, by=by, **more)
    return refused.value


def summarised(office: Office, *lines: tuple[str, int]) -> None:
    """Handed-over lines; it is the day after."""
    for unit, quantity in lines:
        office.apply(unit, quantity)
    office.hand_over()
    office.now = AFTER


def lines(office: Office, by: Actor = PROVINCE, **filters: Any) -> list[activation.CityLineView]:
    return office.ask(city.list_city_lines, activation.ListCityLines(month=MONTH, **filters), by=by).items


@pytest.mark.req("ACT-02", "ACT-03", "ACT-04", "ACT-05", "ACT-06", "ACT-09", "ACT-11", "ACT-12")
def test_a_month_from_the_counties_to_the_internet_department(office: Office):
    office.apply("990101", 100)
    office.apply("990102", 50)
    office.apply("990201", 7, card_spec="smd")

    assert office.hand_over() == [MONTH]
    office.now = AFTER
    assert [(line.unit, line.original_quantity, line.state) for line in lines(office)] == [
        ("9901", 150, "submitted_to_city"),
        ("9902", 7, "submitted_to_city"),
    ]
    (line,) = lines(office, CITY)
    split = activation.LineSplit(line_id=line.id, replacement=30, new_quantity=120)
    form = office.city_form("9901", lines=[split])
    assert (form.number, form.state_name, form.quantity) == ("KS-202612-9901", "市级汇总", 150)
    assert office.seal(form.number, CITY).state_name == "市级审核通过"
    other = office.city_form("9902")
    sent = office.act(submission.submit_to_province, forms.SubmitToProvince, other.number, clerk("9902"))
    assert sent.form.state_name == "市级审核通过"

    order = office.province_form()
    assert (order.state_name, order.quantity) == ("省级汇总", 157)
    assert office.form(form.number).state_name == "省级汇总"
    assert office.seal(order.number, PROVINCE).state_name == "提交互联网部"

    county = office.ask(applications.list_applications, activation.ListApplications(), by=COUNTY).items[0]
    assert (county.state, county.city_form, county.province_form) == ("submitted_to_city", form.number, order.number)
    office.stock.stocked(60, month=MONTH)
    office.carry()
    asked = activation.ListFulfilment(level="province", card_spec="plug_in", month=MONTH)
    (row,) = office.ask(fulfilment.list_fulfilment, asked, by=PROVINCE).items
    assert (row.applied, row.ordered, row.delivered, row.stocked_in, row.open) == (150, 150, 60, 60, 90)
    history = office.ask(form_list.get_history, forms.GetHistory(number=order.number), by=PROVINCE)
    assert [decision.action for decision in history.decisions] == [
        "generate", "submit_for_review", "upload_signed_form", "pass_signed_form",
    ]  # fmt: skip


@pytest.mark.req("ACT-01")
def test_a_county_adds_changes_and_deletes_its_lines(office: Office):
    line = office.apply(quantity=10)
    assert (line.month, line.applicant, line.state, line.can) == (MONTH, "王芳", "drafted", ["change", "delete"])

    changed = office.do(
        applications.change, activation.ChangeApplication(id=line.id, version=1, quantity=12), by=COUNTY
    )
    assert (changed.message, changed.application.quantity, changed.application.version) == ("修改成功", 12, 2)
    stale = refusal(office, applications.delete, activation.DeleteApplication(id=line.id, version=1), COUNTY)
    assert stale.code == "version_stale"
    gone = office.do(applications.delete, activation.DeleteApplication(id=line.id, version=2), by=COUNTY)
    assert gone.message == "删除成功"
    assert office.ask(applications.list_applications, activation.ListApplications(), by=COUNTY).total == 0


@pytest.mark.req("ACT-01")
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"month": "2026-11"}, "application_month_refused"),
        ({"month": "2026-10"}, "application_month_refused"),
        ({"month": "2027-01"}, "application_month_refused"),
        ({"month": "2026-13"}, "month_malformed"),
        ({"carrier": "no_such"}, "catalogue_unknown"),
        ({"card_spec": "no_such"}, "catalogue_unknown"),
    ],
)
def test_a_line_for_what_cannot_be_ordered_is_refused(office: Office, change: dict[str, str], code: str):
    good = {"carrier": "china_mobile", "card_spec": "plug_in", "quantity": 1, "phone": PHONE}

    refused = refusal(office, applications.create, activation.CreateApplication(**(good | change)), COUNTY)

    assert refused.code == code


@pytest.mark.req("ACT-01")
def test_outside_the_window_and_after_the_hand_over_nothing_is_written(office: Office):
    line = office.apply()
    request = activation.ChangeApplication(id=line.id, version=1, quantity=5)

    assert refusal(office, applications.change, request, COUNTY, now=HAND_OVER).code == "window_closed"
    office.hand_over()
    for act, asked in (
        (applications.change, request),
        (applications.delete, activation.DeleteApplication(id=line.id, version=1)),
        (
            applications.create,
            activation.CreateApplication(carrier="china_mobile", card_spec="smd", quantity=1, phone=PHONE),
        ),
    ):
        assert refusal(office, act, asked, COUNTY, now=WINDOW).code == "applications_handed_over"
    view = office.ask(applications.get, activation.GetApplication(id=line.id), by=COUNTY)
    assert (view.state, view.can) == ("submitted_to_city", [])


@pytest.mark.req("ACT-03")
def test_a_city_changes_its_summary_and_the_original_stays(office: Office):
    summarised(office, ("990101", 40), ("990102", 60))
    (line,) = lines(office, CITY)
    assert (line.county_lines, line.can) == (2, ["change"])

    request = activation.ChangeCityLine(id=line.id, version=1, quantity=90, applicant="李市", phone=PHONE)
    changed = office.do(city.change, request, by=CITY).line

    assert (changed.original_quantity, changed.quantity, changed.applicant) == (100, 90, "李市")
    assert refusal(office, city.change, request, CITY).code == "version_stale"
    assert refusal(office, city.change, request, clerk("9902")).code == "city_line_not_found"
    office.city_form()
    again = request.model_copy(update={"version": 2})
    assert refusal(office, city.change, again, CITY).code == "city_line_fixed"


@pytest.mark.req("ACT-03")
def test_replacement_and_new_must_make_the_total(office: Office):
    summarised(office, ("990101", 100))
    (line,) = lines(office, CITY)
    split = activation.LineSplit(line_id=line.id, replacement=30, new_quantity=60)

    refused = refusal(office, city.generate, activation.GenerateCityForm(month=MONTH, phone=PHONE, lines=[split]), CITY)

    assert (refused.code, refused.params["quantity"]) == ("demand_not_total", 100)
    strange = activation.LineSplit(line_id=line.id + 1, replacement=0, new_quantity=1)
    request = activation.GenerateCityForm(month=MONTH, phone=PHONE, lines=[strange])
    assert refusal(office, city.generate, request, CITY).code == "city_line_not_found"
    request = activation.GenerateCityForm(month="2026-11", phone=PHONE)
    assert refusal(office, city.generate, request, CITY).code == "city_lines_missing"
    assert office.all("SELECT 1 FROM forms") == []


@pytest.mark.req("ACT-04")
def test_a_form_can_be_viewed_after_it_was_submitted_and_made(office: Office):
    summarised(office, ("990101", 100))
    number = office.city_form().number
    ask = forms.ViewForm(number=number)

    def view() -> DomainError:
        with pytest.raises(DomainError) as refused:
            office.ask(submission.view, ask, by=CITY)
        return refused.value

    assert view().code == "form_not_submitted"
    assert office.submit(number, CITY).state_name == "市级审核中"
    assert view().code == "form_being_issued"
    waits = refusal(office, signed_forms.upload, forms.UploadSignedForm(number=number, upload=SCAN_OF_IT), CITY)
    assert waits.code == "form_being_issued"
    office.issue(number)
    assert office.ask(submission.view, ask, by=CITY).pages == 1
    assert office.form(number, CITY).can == ["upload_signed_form", "view"]


SCAN_OF_IT = {"sha256": "c" * 64, "size": 10, "name": "x.pdf", "media_type": "application/pdf"}


@pytest.mark.req("ACT-05")
def test_a_wrong_scan_is_told_and_the_next_may_be_right(office: Office):
    summarised(office, ("990101", 100))
    number = office.city_form().number
    office.submit(number, CITY)
    office.issue(number)
    finding = {"page": 1, "place": "第 1 行 数量", "code": "digits", "message": "应为 100，实为 160"}
    first = office.upload(number, CITY)
    office.judge(number, first, "differs", findings=[finding])

    form = office.form(number, CITY)
    assert (form.state_name, form.last_attempt) == ("市级审核中", "differs")
    office.judge(number, office.upload(number, CITY))
    attempts = office.ask(signed_forms.list_attempts, forms.ListAttempts(number=number), by=CITY).items
    assert [(attempt.state, attempt.findings_count) for attempt in attempts] == [("passed", 0), ("differs", 1)]
    assert attempts[1].findings[0].message == "应为 100，实为 160"
    assert office.form(number).state_name == "市级审核通过"


@pytest.mark.req("ACT-05")
def test_an_unclear_scan_waits_for_a_person_and_a_repeated_verdict_changes_nothing(office: Office):
    summarised(office, ("990101", 100))
    number = office.city_form().number
    office.submit(number, CITY)
    office.issue(number)
    attempt = office.upload(number, CITY)
    unclear = office.judge(number, attempt, "unclear")
    assert office.form(number).state_name == "市级审核中"

    office.judge(number, attempt, decided_by="chen", decided_by_name="陈审", remark="印章清楚")
    office.told(signed_forms.judged, unclear, now=office.now)

    history = office.ask(form_list.get_history, forms.GetHistory(number=number), by=CITY)
    assert history.form.state_name == "市级审核通过"
    assert (history.decisions[-1].by_name, history.decisions[-1].remark) == ("陈审", "印章清楚")
    assert [one.state for one in history.attempts] == ["passed"]


@pytest.mark.req("ACT-04")
def test_a_form_that_cannot_be_printed_goes_back_with_the_reason(office: Office):
    summarised(office, ("990101", 100))
    number = office.city_form().number
    office.submit(number, CITY)
    office.refuse_to_issue(number)

    form = office.form(number, CITY)
    assert (form.state_name, form.issue_problem) == ("市级汇总", "applicant：无法打印")
    renewed = office.act(submission.renew, forms.RenewDraft, number, CITY, applicant="李四")
    assert renewed.form.applicant == "李四"
    assert office.submit(number, CITY).revision == 2
    office.issue(number)
    assert office.form(number, CITY).pdf_ready


@pytest.mark.req("ACT-07", "ACT-08")
def test_what_the_province_sends_back_goes_round_again(office: Office):
    summarised(office, ("990101", 100))
    number = office.city_form().number
    office.seal(number, CITY)
    sent_back = office.act(terminations.send_back, forms.SendBack, number, PROVINCE, opinion="数量过大")
    assert (sent_back.form.state_name, sent_back.form.last_opinion) == ("省级退回", "数量过大")

    (line,) = lines(office, CITY)
    assert line.can == ["change"]
    split = office.ask(city.list_city_lines, activation.ListCityLines(month=MONTH), by=CITY)
    assert split.replacement + split.new_quantity == split.quantity == 100
    office.do(city.change, activation.ChangeCityLine(id=line.id, version=line.version, quantity=80), by=CITY)
    page = office.ask(city.list_city_lines, activation.ListCityLines(month=MONTH), by=CITY)
    assert (page.can, page.original_quantity, page.quantity) == (["generate_again"], 100, 80)
    version = office.form(number).version
    again = office.city_form(version=version)
    assert (again.number, again.state_name, again.quantity, again.revision) == (number, "市级汇总", 80, 2)
    assert office.seal(number, CITY).state_name == "市级审核通过"
    office.province_form()
    refused = refusal(
        office,
        terminations.send_back,
        forms.SendBack(number=number, version=office.form(number).version, opinion="数量过大"),
        PROVINCE,
    )
    assert (refused.code, refused.params["state"]) == ("form_state_refused", "province_summarised")


@pytest.mark.req("ACT-09")
def test_missing_cities_are_listed_and_left_out_only_when_confirmed(office: Office):
    summarised(office, ("990101", 100), ("990201", 5), ("990301", 6))
    assert (
        refusal(office, province.generate, activation.GenerateProvinceForm(month=MONTH, phone=PHONE), PROVINCE).code
        == "province_lines_missing"
    )
    office.seal(office.city_form().number, CITY)
    office.city_form("9902")

    summary = office.ask(province.get_summary, activation.GetProvinceSummary(month=MONTH), by=PROVINCE)
    assert (summary.approved, summary.missing, summary.quantity) == (["9901"], ["9902", "9903"], 100)
    refused = refusal(office, province.generate, activation.GenerateProvinceForm(month=MONTH, phone=PHONE), PROVINCE)
    assert (refused.code, refused.params["cities"]) == ("province_cities_missing", ["9902", "9903"])
    first = office.province_form(confirm_missing=True)
    assert (first.quantity, first.applicant) == (100, "陈省")

    office.seal("KS-202612-9902", clerk("9902"))
    office.seal(office.city_form("9903").number, clerk("9903"))
    second = office.province_form()
    assert (second.number, second.quantity) == ("KP-202612-99-02", 11)


@pytest.mark.req("ACT-10")
def test_the_province_form_shows_what_the_cities_have_then_and_now(office: Office):
    before = office.one("SELECT coalesce(sum(cards), 0) AS n FROM card_counts WHERE owner_unit LIKE '9901%'")["n"]
    idle = office.stock.stocked(8, unit="990101").iccids
    office.carry()
    summarised(office, ("990101", 100))
    office.seal(office.city_form().number, CITY)
    order = office.province_form()
    assert order.figures is not None
    assert (order.figures.devices, order.figures.cards_now) == (None, before + 8), "unknown is not 0"
    assert [(kind.carrier, kind.card_spec, kind.quantity) for kind in order.kinds] == [("china_mobile", "plug_in", 100)]

    office.stock.stocked(2, unit="9901")
    office.carry()
    detail = office.ask(form_list.get_form, forms.GetForm(number=order.number), by=PROVINCE)
    (figures,) = detail.cities
    assert figures.now.cards_now == figures.printed.cards_now + 2
    assert figures.printed.not_activated >= len(idle)
    assert sum(line.quantity for line in detail.lines) == detail.form.quantity == figures.demand


@pytest.mark.req("DOC-01", "WFL-01")
def test_what_is_submitted_is_what_documents_prints_and_its_digest_is_the_decisions(office: Office):
    summarised(office, ("990101", 100), ("990102", 3))
    number = office.city_form().number
    office.act(submission.submit, forms.SubmitForReview, number, CITY, unit_names=NAMES)
    (event,) = [one for one in office.outbox("workflow") if one.type == "form_submitted"]

    printed = FORM.validate_python(event.payload["content"])

    assert event.payload["by_name"] == CITY.name  # who is shown as the asker of the job that makes the PDF
    assert (printed.unit, printed.counties[0].unit, printed.counties[1].unit) == (
        "东江市供电公司", "东江城区供电公司", "990102",
    )  # fmt: skip
    assert printed.demands[0].carrier == "中国移动"
    decided = office.one("SELECT digest FROM decisions WHERE action = 'submit_for_review'")
    assert printed.digest().hex() == decided["digest"]


@pytest.mark.req("ACT-10")
def test_the_devices_of_a_city_are_those_that_binding_told_of_last(office: Office):
    def told(number: int, **counts: int) -> None:
        terminals = [UnitTerminals(unit=unit.removeprefix("u"), terminals=count) for unit, count in counts.items()]
        with UnitOfWork(office.engine).begin() as tx:
            cards.count_devices(tx, TerminalsCounted(number=number, at=office.now, counts=terminals))
            tx.commit()

    told(5, u9907=1, u990701=20, u99070102=300)
    told(4, u990701=7)

    with UnitOfWork(office.engine).begin() as tx:
        assert cards.figures(tx, "99", "9:")["9907"]["devices"] == 321
        tx.execute("DELETE FROM device_counts")
        tx.commit()
