"""A month over REST: applications on three levels, sealed paper, the order filled; a termination that goes twice.

Business time is the tests' own: the stack lives on the 21st of a month, and workflow starts again after the 22nd 00:00.
"""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from kernel.model.period import BUSINESS_ZONE, month_of, next_month
from tests.databases import fresh_database
from tests.e2e.paper_story import altered_scan, signed_scan
from tests.e2e.story import as_csv, delivery_of, get, key, numbers, post, upload
from tests.messaging.harness import until
from tests.running_stack import RunningStack, explain, running

pytestmark = pytest.mark.stack

PROCESSES = ("inventory", "inventory-jobs", "workflow", "documents", "documents-jobs", "gateway")
PHONE = "13800001111"
_TODAY = datetime.now(BUSINESS_ZONE)
_EVE = (_TODAY.replace(day=1) + timedelta(days=32)).replace(day=21, hour=22, minute=0, second=0, microsecond=0)
OFFSET = int((_EVE - _TODAY).total_seconds())
"""At 22:00 of the 21st of next month the stack starts."""
TWO_HOURS = 2 * 3600 + 60
MONTH = next_month(month_of(_EVE))
"""The month that is applied for."""


class Desk:
    """One clerk's calls."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client

    def form(self, number: str) -> dict[str, Any]:
        return get(self.client, f"forms/{number}")

    def act(self, path: str, number: str, body: dict[str, Any] | None = None, status: int = 200) -> Any:
        """An act on a form as it stands now; ``path`` after the form's own, or a whole one with {}."""
        headers = key() | {"If-Match": f'"{self.form(number)["version"]}"'}
        whole = path.format(number) if "{}" in path else f"forms/{number}/{path}"
        answer = self.client.post(whole, json=body or {}, headers=headers)
        assert answer.status_code == status, explain(answer)
        return answer.json()

    def edit(self, path: str, **changes: Any) -> Any:
        """Reads, then changes what was read."""
        version = get(self.client, path)["version"]
        answer = self.client.patch(path, json=changes, headers=key() | {"If-Match": f'"{version}"'})
        assert answer.is_success, explain(answer)
        return answer.json()

    def pdf(self, number: str) -> bytes:
        """The issued form, once documents has made it."""
        until(f"{number} is issued", lambda: self.form(number)["pdf_ready"])
        answer = self.client.get(f"forms/{number}/pdf")
        assert answer.is_success, explain(answer)
        return answer.content

    def return_paper(self, number: str, scan: bytes) -> dict[str, Any]:
        """Uploads a scan; the attempt once it is judged."""
        answer = self.client.post(
            f"forms/{number}/signed-forms", files={"file": ("scan.pdf", scan, "application/pdf")}, headers=key()
        )
        assert answer.status_code == 202, explain(answer)
        attempt_id = answer.json()["attempt_id"]

        def judged() -> dict[str, Any] | None:
            attempts = get(self.client, f"forms/{number}/signed-forms")["items"]
            (attempt,) = [it for it in attempts if it["attempt_id"] == attempt_id]
            return None if attempt["state"] == "verifying" else attempt

        return until("the scan is judged", judged, seconds=120)

    def seal(self, number: str) -> dict[str, Any]:
        """提交审核, print, sign, seal, scan, 审核回传单: the form afterwards."""
        self.act("submit-for-review", number)
        attempt = self.return_paper(number, signed_scan(self.pdf(number)))
        assert attempt["state"] == "passed", attempt
        return self.form(number)


@pytest.fixture(scope="module")
def stack(database_url: str, amqp_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    clock = {"SIMKEEP_CLOCK_OFFSET_SECONDS": str(OFFSET)}
    folder = tmp_path_factory.mktemp("month")
    with (
        fresh_database(database_url) as url,
        running(url, amqp_url, folder, demo=False, only=PROCESSES, settings=clock) as stack,
    ):
        yield stack


@pytest.fixture(scope="module")
def desks(stack: RunningStack) -> Iterator[dict[str, Desk]]:
    logins = ("province", "city1", "city2", "county1", "county2", "county5")
    desks = {name: Desk(stack.login(name)) for name in logins}
    yield desks
    for desk in desks.values():
        desk.client.close()


def apply(desk: Desk, quantity: int, card_spec: str = "plug_in") -> Any:
    return post(
        desk.client,
        "activation/applications",
        {"carrier": "china_mobile", "card_spec": card_spec, "quantity": quantity, "phone": PHONE},
    )


@pytest.mark.req("ACT-01", "ACT-02")
def test_counties_apply_until_the_twenty_second_also_when_everything_was_down_then(stack: RunningStack, desks):
    county1, county2, other = desks["county1"], desks["county2"], desks["county5"]
    first = apply(county1, 300)
    assert (first["message"], first["application"]["month"]) == ("新增成功", MONTH)
    apply(county2, 120)
    apply(county2, 40, "smd")
    apply(other, 75)
    wrong = apply(county1, 9)["application"]
    county1.edit(f"activation/applications/{first['application']['id']}", quantity=280)
    gone = county1.client.delete(
        f"activation/applications/{wrong['id']}", headers=key() | {"If-Match": f'"{wrong["version"]}"'}
    )
    assert gone.json()["message"] == "删除成功"

    stack.kill9("workflow")  # down at 00:00 of the 22nd
    stack.restart("workflow", SIMKEEP_CLOCK_OFFSET_SECONDS=str(OFFSET + TWO_HOURS))
    lines = until("the hand-over is caught up", lambda: get(desks["city1"].client, "activation/city-lines")["items"])
    late = county1.client.post(
        "activation/applications",
        json={"carrier": "china_mobile", "card_spec": "plug_in", "quantity": 5, "phone": PHONE},
        headers=key(),
    )

    assert sorted((line["card_spec"], line["original_quantity"]) for line in lines) == [("plug_in", 400), ("smd", 40)]
    assert (late.status_code, late.json()["code"]) == (409, "applications_handed_over")
    assert {line["state"] for line in get(county1.client, "activation/applications")["items"]} == {"submitted_to_city"}


@pytest.mark.req("ACT-03", "ACT-04", "ACT-05", "ACT-06")
def test_a_city_is_told_what_is_wrong_with_its_scan_and_passes_with_the_right_one(desks):
    city = desks["city1"]
    lines = get(city.client, "activation/city-lines")["items"]
    plug_in = next(line for line in lines if line["card_spec"] == "plug_in")
    changed = city.edit(f"activation/city-lines/{plug_in['id']}", quantity=390)["line"]
    assert (changed["original_quantity"], changed["quantity"]) == (400, 390)
    split = {"line_id": plug_in["id"], "replacement": 90, "new_quantity": 301}
    body = {"month": MONTH, "phone": PHONE, "lines": [split]}
    assert post(city.client, "activation/city-forms", body, 422)["code"] == "demand_not_total"
    split["new_quantity"] = 300
    made = post(city.client, "activation/city-forms", body)
    number = made["form"]["number"]
    assert (made["message"], made["form"]["state_name"]) == ("生成申请单成功", "市级汇总")
    unsubmitted = city.client.get(f"forms/{number}/pdf")
    assert "请提交审核单" in unsubmitted.json()["title"] + unsubmitted.json()["detail"]

    city.act("submit-for-review", number)
    pdf = city.pdf(number)
    wrong = city.return_paper(number, altered_scan(pdf))
    assert (wrong["state"], city.form(number)["state_name"]) == ("differs", "市级审核中")
    (finding,) = (each for each in wrong["findings"] if each["code"] == "changed")
    assert finding["page"] == 1
    assert re.fullmatch(r"(汇总|明细)第 \d+ 条 \S+", finding["place"]), finding
    right = city.return_paper(number, signed_scan(pdf))

    assert (right["state"], city.form(number)["state_name"]) == ("passed", "市级审核通过")
    assert len(get(city.client, f"forms/{number}/signed-forms")["items"]) == 2


@pytest.mark.req("ACT-07", "ACT-08", "ACT-09", "ACT-10", "ACT-11")
def test_the_province_sends_one_city_back_and_issues_its_own_form(desks):
    province, city = desks["province"], desks["city2"]
    second = post(city.client, "activation/city-forms", {"month": MONTH, "phone": PHONE})["form"]["number"]
    summary = get(province.client, "activation/province-summary", month=MONTH)
    assert summary["missing"] == ["9902"]
    body = {"month": MONTH, "phone": PHONE}
    missing = post(province.client, "activation/province-forms", body, 409)
    assert missing["code"] == "province_cities_missing"
    city.act("submit-to-province", second)
    sent_back = province.act("send-back", second, {"opinion": "数量偏大"})
    assert sent_back["form"]["state_name"] == "省级退回"
    (line,) = get(city.client, "activation/city-lines")["items"]
    city.edit(f"activation/city-lines/{line['id']}", quantity=60)
    headers = key() | {"If-Match": f'"{city.form(second)["version"]}"'}
    again = city.client.post("activation/city-forms", json={"month": MONTH, "phone": PHONE}, headers=headers)
    assert (again.json()["form"]["number"], again.json()["form"]["quantity"]) == (second, 60)
    assert city.seal(second)["state_name"] == "市级审核通过"

    order = post(province.client, "activation/province-forms", body)["form"]
    assert (order["state_name"], order["quantity"]) == ("省级汇总", 390 + 40 + 60)
    refused = province.act("send-back", second, status=409)
    assert refused["code"]
    sealed = province.seal(order["number"])

    assert sealed["state_name"] == "提交互联网部"
    assert {kind["card_spec"]: kind["quantity"] for kind in sealed["kinds"]} == {"plug_in": 450, "smd": 40}
    history = get(province.client, f"forms/{order['number']}/history")["decisions"]
    assert [step["action"] for step in history][-1] == "pass_signed_form"
    county_line = get(desks["county1"].client, "activation/applications")["items"][0]
    assert county_line["province_form"] == order["number"]


@pytest.fixture(scope="module")
def delivered(desks) -> list[str]:
    """Sixty cards of the applied month, delivered and stocked in at the province."""
    cards = numbers(60)
    province = desks["province"].client
    upload(province, "order.csv", as_csv(cards), f"ORD-{cards[0][6:19]}", application_month=MONTH)
    delivery = delivery_of(province, f"ORD-{cards[0][6:19]}")
    inspected = {"inspected_on": _TODAY.date().isoformat(), "inspector": "李伟", "result": "qualified"}
    post(province, f"deliveries/{delivery['id']}/inspection", inspected)
    post(province, f"deliveries/{delivery['id']}/stock-in", {})
    return cards


@pytest.mark.req("ACT-12")
def test_the_order_shows_what_was_applied_for_delivered_and_stocked_in(desks, delivered):
    client = desks["province"].client

    def row() -> dict[str, Any] | None:
        query = {"month": MONTH, "level": "province", "card_spec": "plug_in"}
        (found,) = get(client, "activation/fulfilment", **query)["items"]
        return found if found["stocked_in"] == len(delivered) else None

    found = until("workflow has heard of the cards", row)

    assert (found["applied"], found["ordered"], found["delivered"]) == (475, 450, 60)
    assert found["open"] == 450 - 60


@pytest.mark.req("TER-01", "TER-02", "TER-03", "TER-04", "TER-05", "TER-07", "TER-08")
def test_a_termination_goes_round_twice_under_one_number_and_ends_card_by_card(desks, delivered):
    province, city, county = desks["province"], desks["city1"], desks["county1"]
    scrap = delivered[:51]
    range_ = {"application_month": MONTH, "carrier": "china_mobile", "card_spec": "plug_in"}
    ends = {"start_iccid": scrap[0], "end_iccid": scrap[-1]}
    post(province.client, "allocations", {**range_, **ends, "to_unit": "990101"})
    post(county.client, "cards/mark-pending-scrap", {"iccids": scrap, "reason": "卡片损坏"})

    def pending() -> bool:
        return get(county.client, "termination/pending-scrap", size=100)["total"] == 51

    until("workflow has heard of the scrap", pending)
    post(county.client, "termination/list", {"iccids": scrap[:50]})
    few = post(county.client, "termination/forms", {"phone": PHONE}, 409)
    assert "新生成的销卡申请明细数量必须大于50才能生成申请单" in few["title"] + few["detail"]
    post(county.client, "termination/list", {"iccids": scrap[50:]})
    made = post(county.client, "termination/forms", {"phone": PHONE})
    number = made["form"]["number"]
    assert (made["message"], made["form"]["state_name"]) == ("生成申请单成功", "新建")
    until("every card follows", lambda: county.form(number)["cards_waiting"] == 0)
    assert get(county.client, f"cards/{scrap[0]}")["state"] == "terminating"
    assert county.seal(number)["state_name"] == "提交市级"

    city.act("termination/forms/{}/city-review", number, {"verdict": "pass", "opinion": "同意"})
    version = province.form(number)["version"]
    judged = {"forms": [{"number": number, "version": version}], "verdict": "reject", "opinion": "请剔除两张"}
    assert post(province.client, "termination/reviews", judged)["done"] == 1
    city.act("termination/forms/{}/pass-on-send-back", number, {"opinion": "请按省级意见修改"})
    assert county.form(number)["state_name"] == "市级退回"
    assert post(county.client, "termination/list/remove", {"iccids": scrap[:2]})["message"] == "删除成功"
    again = county.act("termination/forms/{}/generate-again", number)
    assert (again["message"], again["form"]["number"]) == ("市级退回的卡已成功生成申请单", number)
    until("the two are back", lambda: get(county.client, f"cards/{scrap[0]}")["state"] == "pending_scrap")
    until("every card follows", lambda: county.form(number)["cards_waiting"] == 0)
    assert county.seal(number)["quantity"] == 49
    city.act("termination/forms/{}/city-review", number, {"verdict": "pass"})
    judged = {"forms": [{"number": number, "version": province.form(number)["version"]}], "verdict": "pass"}
    assert post(province.client, "termination/reviews", judged)["done"] == 1
    judged["forms"] = [{"number": number, "version": province.form(number)["version"]}]
    twice = post(province.client, "termination/reviews", judged)
    assert "只能对状态为“提交省级”的记录进行审核" in twice["refused"][0]["message"]

    refused = {"iccid": scrap[2], "answer": "refused", "reason": "卡在协议期内"}
    answered = post(province.client, f"termination/forms/{number}/answers", {"answers": [refused]})
    assert (answered["completed"], answered["open"]) == (False, 48)
    done = post(province.client, f"termination/forms/{number}/answers", {"others_done": True})
    assert done["completed"]
    until("已销卡", lambda: get(county.client, f"cards/{scrap[-1]}")["state"] == "terminated")
    until("refused by the carrier", lambda: get(county.client, f"cards/{scrap[2]}")["state"] == "pending_scrap")
    assert county.form(number)["state_name"]
