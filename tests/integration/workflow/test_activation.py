"""开卡申请: from the counties' lines to the order, by the acts themselves."""

import pytest

from kernel.contracts.workflow import activation, forms
from services.workflow import applications, city, form_list, fulfilment, province, submission, terminations
from tests.integration.workflow.office import AFTER, CITY, COUNTY, PROVINCE, Office, clerk


@pytest.mark.req("ACT-01", "ACT-02", "ACT-03", "ACT-04", "ACT-05", "ACT-08", "ACT-09", "ACT-11", "ACT-12")
def test_a_month_from_the_counties_to_the_internet_department(office: Office):
    office.apply("990101", 100)
    office.apply("990102", 50)
    office.apply("990201", 7, card_spec="smd")

    assert office.hand_over() == ["2026-12"]
    office.now = AFTER
    lines = office.ask(city.list_city_lines, activation.ListCityLines(month="2026-12"), by=PROVINCE)
    assert [(line.unit, line.original_quantity, line.state) for line in lines.items] == [
        ("9901", 150, "submitted_to_city"),
        ("9902", 7, "submitted_to_city"),
    ]

    (line,) = [line for line in lines.items if line.unit == "9901"]
    split = activation.LineSplit(line_id=line.id, replacement=30, new_quantity=120)
    form = office.city_form("9901", lines=[split])
    assert (form.number, form.state_name, form.quantity) == ("KS-202612-9901", "市级汇总", 150)
    assert "submit_for_review" in office.form(form.number, CITY).can

    assert office.seal(form.number, CITY).state_name == "市级审核通过"
    other = office.city_form("9902")
    office.act(submission.submit_to_province, forms.SubmitToProvince, other.number, clerk("9902"))

    order = office.province_form()
    assert (order.state_name, order.quantity) == ("省级汇总", 157)
    assert office.form(form.number).state_name == "省级汇总"
    assert office.seal(order.number, PROVINCE).state_name == "提交互联网部"

    county = office.ask(applications.list_applications, activation.ListApplications(), by=COUNTY).items[0]
    assert (county.state, county.city_form, county.province_form) == ("submitted_to_city", form.number, order.number)
    office.stock.stocked(60, month="2026-12")
    office.carry()
    rows = office.ask(
        fulfilment.list_fulfilment, activation.ListFulfilment(level="province", card_spec="plug_in"), by=PROVINCE
    ).items
    row = next(row for row in rows if row.month == "2026-12")
    assert (row.applied, row.ordered, row.delivered, row.stocked_in, row.open) == (150, 150, 60, 60, 90)
    history = office.ask(form_list.get_history, forms.GetHistory(number=order.number), by=PROVINCE)
    assert [decision.action for decision in history.decisions] == [
        "generate", "submit_for_review", "upload_signed_form", "pass_signed_form",
    ]  # fmt: skip
    assert province and terminations
