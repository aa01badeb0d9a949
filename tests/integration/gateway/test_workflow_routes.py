"""The approval workflow over REST: who may what, versions, uploads, PDFs, and units by their names (issue 4)."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import pytest

from kernel.model.errors import DomainError
from tests.integration.gateway.conftest import LiveGateway
from tests.integration.gateway.peer import Peer
from tests.integration.gateway.test_permissions import Case, send

ATTEMPT = "7d9f3c1e-6a52-4b0e-9f3d-0a4f5b8c2d11"
NUMBER = "KS-9901-202612-01"
ICCIDS = ["89860012345678900007"]
FORM = {"number": NUMBER, "unit": "9901", "version": 4, "can": ["submit_for_review"], "figures": None}
ANSWER = {"message": "操作成功", "form": FORM}
LINE = {"id": 7, "unit": "9901", "version": 2, "can": []}
BULK = {"done": 1, "refused_count": 0, "refused": [], "message": "添加成功"}
SPLIT = {"line_id": 7, "replacement": 300, "new_quantity": 900}
APPLICATION = {"carrier": "china_mobile", "card_spec": "plug_in", "quantity": 1200, "phone": "13800000000"}
TAG = {"If-Match": '"3"'}
PAGE = {"items": [], "total": 0}


@pytest.fixture
def workflow(gateway: LiveGateway) -> Iterator[Peer]:
    """Workflow's end of the bus, answering as the test says."""
    peer = Peer(gateway.amqp_url, service="workflow")
    peer.start()
    yield peer
    peer.stop()


CASES = [
    Case("GET", "/activation/applications", "list_applications", PAGE, "city1", None, "city2",
         params={"unit": "990101"}),
    Case("POST", "/activation/applications", "create_application", {"application": LINE}, "county1", "viewer1", None,
         APPLICATION, status=201),
    Case("GET", "/activation/city-lines", "list_city_lines", PAGE, "city1", None, "city2", params={"unit": "9901"}),
    Case("POST", "/activation/city-forms", "generate_city_form", ANSWER, "city1", "county1", None,
         {"month": "2026-12", "phone": "13800000000", "lines": [SPLIT]}),
    Case("POST", "/activation/province-forms", "generate_province_form", ANSWER, "province", "city1", None,
         {"month": "2026-12", "phone": "13800000000"}),
    Case("GET", "/activation/fulfilment", "list_fulfilment", PAGE, "viewer1", None, "city2", params={"unit": "9901"}),
    Case("GET", "/forms", "list_forms", PAGE, "viewer1", None, "city2",
         params={"unit": "9901", "kind": "city_opening"}),
    Case("GET", "/termination/pending-scrap", "list_pending_scrap", PAGE, "county1", None, "city2",
         params={"unit": "990101"}),
    Case("POST", "/termination/list", "add_to_list", BULK, "county1", "viewer1", None, {"iccids": ICCIDS}),
    Case("POST", "/termination/list/remove", "remove_from_list", BULK, "county1", "viewer1", None, {"iccids": ICCIDS}),
    Case("POST", "/termination/forms", "generate_termination_form", ANSWER, "county1", "viewer1", None,
         {"phone": "13800000000"}),
    Case("POST", "/termination/reviews", "review_by_province", {"done": 1}, "province", "city1", None,
         {"forms": [{"number": "XQ-2026-0001", "version": 1}], "verdict": "pass"}),
    Case("POST", "/termination/forms/XQ-2026-0001/answers", "record_answers", {"done": 1}, "province", "city1", None,
         {"iccids": ICCIDS, "answer": "refused", "reason": "协议期内"}),
    Case("POST", "/termination/reopenings", "reopen_cases", {"done": 1}, "province", "city1", None,
         {"iccids": ICCIDS, "month": "2026-11", "traffic_mb": "12.5"}),
    Case("GET", "/todo", "get_todo", {"items": []}, "viewer1", None, None),
    Case("POST", "/activation/window/reopenings", "reopen_month", {"month": "2026-12"}, "province", "city1", None,
         {"month": "2026-12", "until": "2026-11-26", "reason": "两县漏报"}),
    Case("GET", "/overview", "get_overview", {"orders": {}, "overdue": {}}, "viewer1", None, None),
    Case("POST", "/notices/read", "mark_read", {"done": 3}, "viewer1", None, None),
]  # fmt: skip


@pytest.mark.req("GTW-02", "WFL-01")
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.method} {case.path}")
def test_four_actors(gateway: LiveGateway, workflow: Peer, case: Case) -> None:
    workflow.answers[case.rpc] = lambda _: dict(case.reply)

    anonymous = send(gateway, case, None)
    assert (anonymous.status_code, anonymous.json()["code"]) == (401, "not_signed_in")
    if case.outsider:
        outsider = send(gateway, case, case.outsider)
        assert (outsider.status_code, outsider.json()["code"]) == (403, "unit_out_of_scope")
    if case.unprivileged:
        unprivileged = send(gateway, case, case.unprivileged)
        assert (unprivileged.status_code, unprivileged.json()["code"]) == (403, "permission_denied")
    assert workflow.count(case.rpc) == 0

    right = send(gateway, case, case.right)
    assert right.status_code == case.status, right.text
    assert workflow.last(case.rpc).actor.id == case.right


ACTS: list[tuple[str, str, str, dict[str, Any] | None, str]] = [
    ("POST", f"/forms/{NUMBER}/submit-for-review", "submit_for_review", None, "city1"),
    ("POST", f"/forms/{NUMBER}/submit-to-province", "submit_to_province", None, "city1"),
    ("POST", f"/forms/{NUMBER}/send-back", "send_back", {"opinion": "数量偏多"}, "province"),
    ("PATCH", f"/forms/{NUMBER}", "renew_draft", {"phone": "13800000001"}, "city1"),
    ("POST", "/termination/forms/XQ-2026-0001/generate-again", "generate_termination_form_again", {}, "county1"),
    ("POST", "/termination/forms/XQ-2026-0001/dissolve", "dissolve_form", None, "county1"),
    ("POST", "/termination/forms/XQ-2026-0001/city-review", "review_by_city", {"verdict": "reject"}, "city1"),
    ("POST", "/termination/forms/XQ-2026-0001/pass-on-send-back", "pass_on_send_back", None, "city1"),
    ("PATCH", "/activation/applications/5", "change_application", {"quantity": 9}, "county1"),
    ("DELETE", "/activation/applications/5", "delete_application", None, "county1"),
    ("PATCH", "/activation/city-lines/7", "change_city_line", {"quantity": 9}, "city1"),
    (
        "PUT", "/activation/window", "set_window",
        {"opens_day": 20, "closes_day": 22, "remind_hours": 24, "minimum_cards": 50}, "province",
    ),
]  # fmt: skip


@pytest.mark.req("WFL-01")
@pytest.mark.parametrize("act", ACTS, ids=lambda act: act[2])
def test_an_act_names_the_version_that_was_read_and_answers_the_new_one(
    gateway: LiveGateway, workflow: Peer, act: tuple[str, str, str, dict[str, Any] | None, str]
) -> None:
    method, path, rpc, body, login = act
    workflow.answers[rpc] = lambda _: {"message": "操作成功", "form": FORM}
    client = gateway.login(login)

    missing = client.request(method, path, json=body)
    assert (missing.status_code, missing.json()["code"]) == (428, "precondition_required")
    foreign = client.request(method, path, json=body, headers={"If-Match": '"of another program"'})
    assert (foreign.status_code, foreign.json()["code"]) == (409, "version_stale")
    assert workflow.count(rpc) == 0

    done = client.request(method, path, json=body, headers=TAG)

    assert (done.status_code, done.headers["ETag"]) == (200, '"4"'), done.text
    assert workflow.last(rpc).request["version"] == 3


@pytest.mark.req("WFL-01")
def test_who_was_faster_is_told_as_the_service_says_it(gateway: LiveGateway, workflow: Peer) -> None:
    said = {"number": NUMBER, "by_name": "王建国", "action": "send_back", "action_name": "退回", "state": "x",
            "state_name": "省级退回"}  # fmt: skip

    def refuse(_: Any) -> Any:
        raise DomainError("form_moved_meanwhile", **said)

    workflow.answers["send_back"] = refuse
    answer = gateway.login("province").post(f"/forms/{NUMBER}/send-back", headers=TAG)

    assert (answer.status_code, answer.json()["code"]) == (409, "form_moved_meanwhile")
    assert "王建国" in answer.json()["detail"]


@pytest.mark.req("ACT-04")
def test_the_names_of_units_come_from_the_gateway_and_never_from_the_caller(
    gateway: LiveGateway, workflow: Peer
) -> None:
    workflow.answers["submit_for_review"] = lambda _: ANSWER
    client = gateway.login("city1")
    path = f"/forms/{NUMBER}/submit-for-review"

    forged = client.post(path, json={"unit_names": {"9901": "别的公司"}}, headers=TAG)
    done = client.post(path, headers=TAG)

    assert (forged.status_code, done.status_code) == (422, 200)
    names = workflow.last("submit_for_review").request["unit_names"]
    assert names == {"9901": "东江市供电公司", "990101": "东江城区供电公司"}
    assert done.json()["form"]["unit_name"] == "东江市供电公司"


@pytest.mark.req("ACT-09")
def test_missing_cities_are_named_and_stay_codes_for_programs(gateway: LiveGateway, workflow: Peer) -> None:
    def refuse(_: Any) -> Any:
        raise DomainError("province_cities_missing", cities=["9902"], month="2026-12")

    workflow.answers["generate_province_form"] = refuse
    body = {"month": "2026-12", "phone": "13800000000"}
    refused = gateway.login("province").post("/activation/province-forms", json=body).json()

    assert refused["code"] == "province_cities_missing"
    assert "西岭市供电公司" in refused["detail"]
    assert refused["params"]["cities"] == ["9902"]


@pytest.mark.req("ACT-05", "GTW-03")
def test_a_signed_form_is_stored_and_its_job_is_documents(gateway: LiveGateway, workflow: Peer) -> None:
    workflow.answers["upload_signed_form"] = lambda _: {"attempt_id": ATTEMPT, "number": NUMBER, "revision": 1}
    content = b"%PDF-1.7 a scan"

    answer = gateway.login("city1").post(
        f"/forms/{NUMBER}/signed-forms", files={"file": ("扫描件.pdf", content, "application/pdf")}
    )

    assert answer.status_code == 202, answer.text
    assert answer.json()["job_id"] == f"documents-{ATTEMPT}"
    assert answer.headers["Location"] == f"/api/v1/jobs/documents-{ATTEMPT}"
    asked = workflow.last("upload_signed_form").request
    assert asked["upload"]["sha256"] == hashlib.sha256(content).hexdigest()
    assert asked["version"] is None


@pytest.mark.req("ACT-05")
def test_an_upload_without_a_file_reaches_nobody(gateway: LiveGateway, workflow: Peer) -> None:
    answer = gateway.login("city1").post(f"/forms/{NUMBER}/signed-forms", files={"note": (None, "x")})
    assert (answer.status_code, answer.json()["code"]) == (422, "upload_file_missing")
    assert workflow.count("upload_signed_form") == 0


def _stored(gateway: LiveGateway, workflow: Peer, content: bytes, media_type: str) -> dict[str, Any]:
    workflow.answers["upload_signed_form"] = lambda _: {"attempt_id": ATTEMPT, "number": NUMBER, "revision": 1}
    files = {"file": ("回传单.pdf", content, media_type)}
    gateway.login("city1").post(f"/forms/{NUMBER}/signed-forms", files=files).raise_for_status()
    return dict(workflow.last("upload_signed_form").request["upload"])


@pytest.mark.req("ACT-04", "ACT-11")
def test_the_pdf_is_shown_or_saved_and_refused_before_it_exists(gateway: LiveGateway, workflow: Peer) -> None:
    client = gateway.login("city1")

    def not_yet(_: Any) -> Any:
        raise DomainError("form_not_submitted")

    workflow.answers["view_form"] = not_yet
    early = client.get(f"/forms/{NUMBER}/pdf")
    assert (early.status_code, early.json()["detail"]) == (409, "请提交审核单")

    pdf = _stored(gateway, workflow, b"%PDF-1.7 the form", "application/pdf")
    workflow.answers["view_form"] = lambda _: {"number": NUMBER, "revision": 2, "pdf": pdf, "pages": 1}
    shown = client.get(f"/forms/{NUMBER}/pdf")
    saved = client.get(f"/forms/{NUMBER}/pdf", params={"download": True})

    assert shown.content == saved.content == b"%PDF-1.7 the form"
    assert shown.headers["Content-Type"] == "application/pdf"
    assert shown.headers["Content-Disposition"].startswith("inline")
    assert saved.headers["Content-Disposition"] == f"attachment; filename*=UTF-8''{NUMBER}-2.pdf"
    noted = gateway.sql("SELECT action, actor, target FROM audit_log ORDER BY id DESC LIMIT 2")
    assert noted == [("form.download", "city1", f"{NUMBER} / 2")] * 2


@pytest.mark.req("TER-05", "GTW-03")
def test_an_upload_that_is_a_page_of_scripts_is_saved_and_never_shown(gateway: LiveGateway, workflow: Peer) -> None:
    upload = _stored(gateway, workflow, b"<script>alert(1)</script>", "text/html")
    workflow.answers["view_signed_form"] = lambda _: {"number": NUMBER, "attempt_id": ATTEMPT, "upload": upload}

    answer = gateway.login("city1").get(f"/forms/{NUMBER}/signed-form", params={"attempt_id": ATTEMPT})

    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert workflow.last("view_signed_form").request["attempt_id"] == ATTEMPT
    noted = gateway.sql("SELECT action, actor, target FROM audit_log ORDER BY id DESC LIMIT 1")
    assert noted == [("signed_form.download", "city1", NUMBER)]


@pytest.mark.req("GTW-01")
@pytest.mark.parametrize("number", ["ks-1", "KS", "KS-" + "9" * 40, "KS-99%2F..%2F", "KS-中文"])
def test_a_number_that_is_none_is_refused_before_anybody_is_asked(
    gateway: LiveGateway, workflow: Peer, number: str
) -> None:
    answer = gateway.login("city1").get(f"/forms/{number}")
    assert answer.status_code in (404, 422)
    assert workflow.received == []


BAD = [
    {"quantity": 0}, {"quantity": -5}, {"quantity": 10**12}, {"quantity": "很多"}, {"quantity": 1.5},
    {"phone": "12"}, {"phone": "电话"}, {"applicant": "张\u202e三"}, {"carrier": "a b"}, {"month_": "2026-12"},
]  # fmt: skip


@pytest.mark.req("ACT-01", "GTW-01")
@pytest.mark.parametrize("wrong", BAD, ids=json.dumps)
def test_bad_input_is_refused_with_its_field(gateway: LiveGateway, workflow: Peer, wrong: dict[str, Any]) -> None:
    answer = gateway.login("county1").post("/activation/applications", json={**APPLICATION, **wrong})

    assert (answer.status_code, answer.json()["code"]) == (422, "request_invalid")
    assert answer.json()["errors"][0]["field"] == next(iter(wrong))
    assert workflow.received == []


@pytest.mark.req("ACT-10")
def test_a_form_has_its_figures_beside_its_other_fields(gateway: LiveGateway, workflow: Peer) -> None:
    figures = {"devices": 5, "cards_now": 7, "not_activated": 2}
    workflow.answers["list_forms"] = lambda _: {"items": [{**FORM, "figures": figures}], "total": 1}
    workflow.answers["get_form"] = lambda _: {
        "form": {**FORM, "figures": figures}, "lines": [{"unit": "990101"}], "cities": []
    }  # fmt: skip

    row = gateway.login("province").get("/forms", params={"kind": "province_opening"}).json()["items"][0]
    whole = gateway.login("province").get(f"/forms/{NUMBER}")

    assert (row["devices"], row["cards_now"], row["not_activated"]) == (5, 7, 2)
    assert whole.headers["ETag"] == '"4"'
    assert whole.json()["can"] == ["submit_for_review"]
    assert whole.json()["lines"][0]["unit_name"] == "东江城区供电公司"


@pytest.mark.req("TER-02")
@pytest.mark.parametrize(("count", "said"), [(0, False), (50, True), (51, False)])
def test_the_list_says_when_it_has_too_few_cards_for_a_form(
    gateway: LiveGateway, workflow: Peer, count: int, said: bool
) -> None:
    workflow.answers["list_termination_list"] = lambda _: {**PAGE, "open_cards": count, "minimum": 50}
    found = gateway.login("county1").get("/termination/list").json()["too_few"]
    assert (found == "新生成的销卡申请明细数量必须大于50才能生成申请单") is said


@pytest.mark.req("GTW-01")
def test_a_repeated_write_is_done_once(gateway: LiveGateway, workflow: Peer) -> None:
    workflow.answers["create_application"] = lambda _: {"message": "新增成功", "application": LINE}
    headers = {"Idempotency-Key": "once-and-no-more"}
    client = gateway.login("county1")

    first = client.post("/activation/applications", json=APPLICATION, headers=headers)
    again = client.post("/activation/applications", json=APPLICATION, headers=headers)

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert workflow.count("create_application") == 1


@pytest.mark.req("GTW-03")
def test_workflow_exports_its_own_lists_and_takes_one_value_where_it_may_have_many(
    gateway: LiveGateway, workflow: Peer
) -> None:
    workflow.answers["start_export"] = lambda _: {"job_id": ATTEMPT}
    body = {"resource": "forms", "filters": {"kind": "city_opening", "month": ""}, "columns": ["number", "unit_name"]}

    answer = gateway.login("city1").post("/exports", json=body)

    assert (answer.status_code, answer.json()["job_id"]) == (202, f"workflow-{ATTEMPT}")
    asked = workflow.last("start_export").request
    assert asked["filters"] == {"kind": ["city_opening"]}
    assert asked["columns"] == ["number", "unit_name"]
