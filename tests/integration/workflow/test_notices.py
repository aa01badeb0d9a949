"""Notices and reminders: to whom they go, and once (WFL-03)."""

from datetime import timedelta

import pytest

from kernel.chassis.data.unit_of_work import UnitOfWork
from kernel.contracts.workflow import notices, termination
from services.workflow import hand_over, terminations
from services.workflow import notices as notes
from tests.integration.workflow.office import AFTER, CITY, COUNTY, HAND_OVER, PROVINCE, Office, clerk


def remind(office: Office, hours_before: int) -> int:
    with UnitOfWork(office.engine).begin() as tx:
        told = hand_over.remind(tx, due_at=HAND_OVER - timedelta(hours=hours_before))
        tx.commit()
    return told


def texts(office: Office, by, **filters) -> list[str]:
    return [one.text for one in office.ask(notes.list_notices, notices.ListNotices(**filters), by=by).items]


@pytest.mark.req("WFL-03", "ACT-01")
def test_counties_are_reminded_once_before_the_window_closes(office: Office):
    office.apply("990101", 5)
    office.apply("990102", 5)

    assert remind(office, 25) == 0
    told = remind(office, 24)
    assert told >= 2
    assert remind(office, 23) == 0
    assert remind(office, 0) == 0

    assert texts(office, COUNTY) == ["2026-12 的开卡申请将于 2026-11-22 00:00 截止，本单位已填 1 条"]
    assert texts(office, clerk("990101", role="viewer")) == []


@pytest.mark.req("WFL-03", "ACT-02")
def test_a_city_hears_of_the_hand_over_and_marks_it_as_read(office: Office):
    office.apply("990101", 30)
    office.apply("990102", 12)
    office.hand_over()

    (notice,) = office.ask(notes.list_notices, notices.ListNotices(unread=True), by=CITY).items
    assert notice.text == "2026-12 的开卡申请已汇总：1 条，共 42 张"
    assert texts(office, clerk("9902")) == []
    assert office.do(notes.mark_read, notices.MarkRead(ids=[notice.id]), by=clerk("9902")).done == 0
    assert office.do(notes.mark_read, notices.MarkRead(), by=CITY).done == 1
    assert office.do(notes.mark_read, notices.MarkRead(), by=CITY).done == 0
    assert texts(office, CITY, unread=True) == []
    assert texts(office, clerk("9901", "赵二"), unread=True) != []


@pytest.mark.req("WFL-03")
def test_those_whose_turn_it_is_and_the_forms_owner_hear_of_every_move(office: Office):
    office.now = office.stock.now = AFTER
    number = office.termination(office.scrapped(51)).number
    office.seal(number, COUNTY)
    assert texts(office, CITY) == [f"申请单 {number}：系统 执行“回传单校验通过”，现为“提交市级”"]
    assert texts(office, PROVINCE) == []

    office.act(terminations.review_by_city, termination.ReviewByCity, number, CITY, verdict="reject", opinion="少两张")
    assert texts(office, COUNTY)[0] == f"申请单 {number}：李市 执行“退回”，现为“市级退回”：少两张"


@pytest.mark.req("WFL-03", "ACT-05")
def test_the_uploader_hears_the_verdict(office: Office):
    office.apply()
    office.hand_over()
    office.now = AFTER
    number = office.city_form().number
    office.submit(number, CITY)
    office.issue(number)
    finding = {"page": 2, "place": "第 2 行", "code": "digits", "message": "数量应为 100"}
    office.judge(number, office.upload(number, CITY), "differs", findings=[finding])

    assert texts(office, CITY, kind="signed_form_judged") == [
        f"申请单 {number} 的审核回传单：内容不一致（1 处：数量应为 100）"
    ]
