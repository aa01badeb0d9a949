"""A content becomes a form once, and for ever the same one (DOC-01, DOC-02)."""

from datetime import date

import pytest

from kernel.contracts.documents.events import FormIssued, FormNotIssued
from kernel.contracts.workflow.events import FormSubmitted
from kernel.model.errors import DomainError
from services.documents import issuance
from services.documents.forms.issuing import issue
from tests.documents_lab.samples import KEY, sample_content
from tests.integration.documents.desk import CLERK, STRANGER, UNIT, Desk, small_content


@pytest.mark.req("DOC-01", "DOC-02")
def test_an_issued_form_is_kept_with_its_bytes_its_content_and_its_digest(desk: Desk, serial: int):
    content = small_content(serial)

    form = desk.issue(content)

    assert (form.state, form.kind, form.unit, form.pages) == ("current", "swap_list", UNIT, 1)
    assert desk.read(form.pdf) == issue(content, KEY).pdf
    assert form.digest == content.digest().hex()
    assert desk.form(content.number, with_content=True).content == content.model_dump(mode="json")
    assert desk.told(content.number) == [
        FormIssued(
            number=content.number, revision=1, kind="swap_list", unit=UNIT, digest=form.digest, pdf=form.pdf, pages=1,
            issued_at=form.issued_at,
        )
    ]  # fmt: skip


@pytest.mark.req("DOC-02")
def test_the_same_content_again_is_the_same_form_and_nothing_twice(desk: Desk, serial: int):
    content = small_content(serial)
    first = desk.issue(content)

    again = desk.accept(content)

    assert desk.work() == []
    assert (again.job_id, again.digest) == (first.job_id, first.digest)
    assert desk.form(content.number) == first


@pytest.mark.req("DOC-02")
def test_other_content_under_the_same_number_and_revision_is_refused_even_before_it_is_drawn(desk: Desk, serial: int):
    content = small_content(serial)
    desk.accept(content)

    with pytest.raises(DomainError) as refused:
        desk.accept(content.model_copy(update={"phone": "13800000000"}))

    assert refused.value.code == "form_differs"
    desk.work()
    assert desk.form(content.number).digest == content.digest().hex()


@pytest.mark.req("DOC-02", "TER-04")
def test_a_new_revision_supersedes_the_one_before_and_both_stay(desk: Desk, serial: int):
    content = small_content(serial)
    desk.issue(content)

    second = desk.issue(content.model_copy(update={"revision": 2, "issued_on": date(2026, 11, 21)}))

    assert (second.state, desk.form(content.number).revision) == ("current", 2)
    first = desk.form(content.number, 1)
    assert (first.state, first.superseded_at) == ("superseded", second.issued_at)
    assert desk.read(first.pdf) != desk.read(second.pdf)


def test_a_revision_drawn_late_is_superseded_from_the_start(desk: Desk, serial: int):
    content = small_content(serial)
    desk.accept(content)
    held = desk.claim()
    assert held is not None
    desk.issue(content.model_copy(update={"revision": 2}))

    desk.run(held)

    assert (desk.form(content.number, 1).state, desk.form(content.number).revision) == ("superseded", 2)


@pytest.mark.req("DOC-02", "GTW-02")
def test_a_number_belongs_to_one_unit_one_kind_and_one_source(desk: Desk, serial: int):
    content = small_content(serial)
    desk.issue(content)
    labels = sample_content("box_labels", serial, 2).model_copy(update={"number": content.number, "revision": 2})

    for wrong in (
        lambda: desk.accept(content.model_copy(update={"revision": 2}), by=STRANGER, unit="9902"),
        lambda: desk.accept(labels),
    ):
        with pytest.raises(DomainError) as refused:
            wrong()
        assert refused.value.code == "form_number_taken"


@pytest.mark.req("DOC-01")
def test_a_wrong_content_is_refused_field_by_field_in_the_users_words(desk: Desk, serial: int):
    body = small_content(serial).model_dump(mode="json")
    body["phone"] = ""
    body["swaps"][2]["returned"] = "86A-1"
    body["swaps"][3]["model"] = "型号\u0007"
    body["colour"] = "red"

    with pytest.raises(DomainError) as refused:
        desk.accept(body)
    with pytest.raises(DomainError) as unknown:
        desk.accept({"kind": "letter"})

    assert refused.value.code == "request_invalid"
    assert {item["field"]: item["message"] for item in refused.value.params["errors"]} == {
        "content.phone": "不能为空",
        "content.swaps.2.returned": "格式不正确",
        "content.swaps.3.model": "字符 U+0007 无法打印",
        "content.colour": "没有此项",
    }
    assert unknown.value.params["errors"][0]["message"].startswith("没有这种申请单")


@pytest.mark.req("GTW-02")
def test_nobody_issues_for_a_unit_that_is_not_his(desk: Desk, serial: int):
    with pytest.raises(DomainError) as refused:
        desk.accept(small_content(serial), by=STRANGER)

    assert refused.value.code == "unit_out_of_scope"


def submitted(desk: Desk, body: dict, revision: int = 1) -> None:
    event = FormSubmitted(kind=body["kind"], number=body["number"], revision=revision, unit=UNIT, content=body)
    with desk.writing(CLERK) as tx:
        issuance.form_submitted(tx, event, by=CLERK)


@pytest.mark.req("ACT-04", "DOC-02")
def test_what_workflow_submits_is_issued_and_told_again_when_it_submits_again(desk: Desk, serial: int):
    body = small_content(serial).model_dump(mode="json")

    submitted(desk, body)
    submitted(desk, body)
    assert desk.work() == ["issue_form"]
    submitted(desk, body)

    first, again = desk.told(body["number"])
    assert isinstance(first, FormIssued)
    assert first == again


@pytest.mark.req("DOC-02", "WFL-01")
def test_nobody_can_put_a_revision_of_his_own_behind_a_form_under_approval(desk: Desk, serial: int):
    content = small_content(serial)
    submitted(desk, content.model_dump(mode="json"))
    desk.work()

    with pytest.raises(DomainError) as refused:
        desk.accept(content.model_copy(update={"revision": 2}))

    assert refused.value.code == "form_number_taken"
    assert desk.form(content.number).state == "current"


@pytest.mark.req("ACT-04")
def test_what_workflow_submits_wrongly_is_answered_with_the_place_and_the_reason(desk: Desk, serial: int):
    body = small_content(serial).model_dump(mode="json")

    submitted(desk, body | {"applicant": "李\u0001"})
    submitted(desk, body, revision=2)
    submitted(desk, body)
    submitted(desk, body | {"applicant": "李强"})
    desk.work()

    wrong, other_revision, differs, issued = desk.told(body["number"])
    assert (wrong.field, wrong.reason) == ("applicant", "字符 U+0001 无法打印")
    assert isinstance(other_revision, FormNotIssued)
    assert (differs.field, "已按其他内容签发" in differs.reason) == ("number", True)
    assert isinstance(issued, FormIssued)


@pytest.mark.req("DOC-02")
def test_a_form_that_cannot_be_drawn_is_told_and_can_be_sent_again(
    desk: Desk, serial: int, monkeypatch: pytest.MonkeyPatch
):
    content = small_content(serial)
    with monkeypatch.context() as patch:
        patch.delenv("SIMKEEP_FORM_PRIVATE_KEY")
        desk.issue(content)
        with desk.writing(CLERK) as tx:
            told = issuance.tell_failures(tx)

    failed = desk.form(content.number)
    again = desk.issue(content)

    assert (told, failed.state, failed.pdf) == (1, "failed", None)
    assert "签名密钥" in desk.told(content.number)[0].reason
    assert again.state == "current"
    assert isinstance(desk.told(content.number)[1], FormIssued)


@pytest.mark.req("DOC-01")
def test_drawing_goes_before_verifying_whatever_waits_longer(desk: Desk, serial: int):
    first = desk.issue(small_content(serial))
    desk.submit(first.number, b"not a PDF")
    desk.accept(small_content(serial, number=f"HJ-{UNIT}-9{serial}"))

    assert desk.work() == ["issue_form", "verify_scan"]
