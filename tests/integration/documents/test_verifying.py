"""Scans come in, are judged by a job, told, kept, and decided by a second person where nobody can be sure (DOC-03)."""

from dataclasses import replace

import pytest

from kernel.chassis.jobs.context import JobLostError
from kernel.contracts.documents.events import SignedFormJudged
from kernel.contracts.documents.scans import ListScans
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from services.documents import judgement, scan_list
from services.documents.jobs import JOBS
from tests.documents_lab.files import hostile_files
from tests.integration.documents.desk import ALL, CLERK, NOW, SECOND, STRANGER, UNIT, Desk, small_content, uploads

SAMPLE = 7


@pytest.fixture(scope="module")
def papers(desk: Desk) -> dict[str, bytes]:
    """What came back of the form of SAMPLE, which is issued."""
    desk.issue(small_content(SAMPLE))
    return uploads(SAMPLE)[1]


NUMBER = small_content(SAMPLE).number


def judgements(desk: Desk, scan_id: object) -> list[SignedFormJudged]:
    told = desk.told(NUMBER)
    return [event for event in told if isinstance(event, SignedFormJudged) and event.scan_id == scan_id]


def is_jpeg(content: bytes) -> bool:
    return content.startswith(b"\xff\xd8\xff") and len(content) > 20_000


@pytest.mark.req("DOC-03", "DOC-05")
def test_a_genuine_scan_passes_and_is_kept_with_its_picture(desk: Desk, papers: dict[str, bytes]):
    scan = desk.judged(NUMBER, papers["genuine"])

    assert (scan.outcome, scan.seals, scan.revision) == ("passed", 1, 1)
    assert {finding.weight for finding in scan.findings} <= {"note"}  # the pen ran over a label
    assert [(page.scan_page, page.page, page.original) for page in scan.pages] == [(1, 1, None)]
    assert is_jpeg(desk.read(scan.pages[0].marked))
    assert desk.read(scan.upload) == papers["genuine"]
    (told,) = judgements(desk, scan.id)
    assert (told.verdict, told.attempt_id, told.findings_count) == ("passed", None, len(scan.findings))
    job = desk.rows("SELECT * FROM jobs WHERE id = %s", scan.id)[0]
    assert (job["state"], job["done"], job["result"]) == ("done", 1, {"scan_id": str(scan.id), "verdict": "passed"})


@pytest.mark.req("DOC-03", "ACT-05")
def test_one_changed_digit_is_named_and_shown_beside_the_original(desk: Desk, papers: dict[str, bytes]):
    attempt = desk.attempt(NUMBER, papers["forged"])
    desk.work()

    scan = desk.scan(attempt)

    assert (scan.id, scan.attempt_id, scan.outcome) == (attempt, attempt, "differs")
    finding = scan.findings[0]
    assert (finding.page, finding.code) == (1, "changed")
    assert "串码" in finding.place
    assert finding.message.startswith(f"第 1 页 {finding.place}：内容不一致，应为“{finding.expected}”")
    assert finding.message_en.startswith(f'Page 1, {finding.place}: not what was issued; issued "{finding.expected}"')
    assert is_jpeg(desk.read(scan.pages[0].marked))
    assert is_jpeg(desk.read(scan.pages[0].original))
    (told,) = judgements(desk, attempt)
    assert (told.attempt_id, told.verdict, told.findings[0].message) == (attempt, "differs", finding.message)


@pytest.mark.req("DOC-03", "DOC-04")
def test_a_file_that_is_no_scan_is_refused_with_the_reason(desk: Desk, papers: dict[str, bytes]):
    scan = desk.judged(NUMBER, papers["text"])

    assert (scan.outcome, scan.pages) == ("refused", [])
    assert "文件不是 PDF" in scan.findings[0].message
    assert judgements(desk, scan.id)[0].verdict == "refused"


@pytest.mark.req("DOC-04")
@pytest.mark.parametrize("name", ["encrypted", "script", "ten_thousand_pages", "nested_forms"])
def test_a_hostile_file_is_refused_and_the_next_scan_is_judged(desk: Desk, papers: dict[str, bytes], name: str):
    hostile = desk.submit(NUMBER, hostile_files()[name])
    next_one = desk.submit(NUMBER, papers["text"])

    assert desk.work() == ["verify_scan", "verify_scan"]

    assert [desk.scan(scan_id).outcome for scan_id in (hostile, next_one)] == ["refused", "refused"]
    assert desk.scan(hostile).findings[0].advice != desk.scan(next_one).findings[0].advice


@pytest.mark.req("ACT-05", "OPS-04")
def test_an_attempt_that_arrives_twice_is_judged_once(desk: Desk, papers: dict[str, bytes]):
    attempt = desk.attempt(NUMBER, papers["text"])
    desk.attempt(NUMBER, papers["text"], attempt_id=attempt)

    assert desk.work() == ["verify_scan"]

    assert len(judgements(desk, attempt)) == 1


@pytest.mark.req("ACT-05")
def test_an_attempt_for_a_form_that_was_never_issued_is_refused_at_once(desk: Desk, papers: dict[str, bytes]):
    attempt = desk.attempt(NUMBER, papers["genuine"], revision=5)

    assert desk.work() == []
    (told,) = judgements(desk, attempt)
    assert (told.verdict, "没有签发过" in told.findings[0].message) == ("refused", True)


@pytest.mark.req("DOC-03")
def test_a_scan_with_a_foreign_page_is_unclear_until_a_second_person_decides(desk: Desk, papers: dict[str, bytes]):
    scan = desk.judged(NUMBER, papers["scribbled"])
    assert (scan.outcome, scan.can) == ("unclear", [])
    assert desk.scan(scan.id, by=SECOND).can == ["decide"]
    assert [is_jpeg(desk.read(page.original)) for page in scan.pages if page.original] == [True]

    decided = desk.decide(scan.id, "passed", remark="与纸质原件核对无误")

    assert (decided.outcome, decided.verdict, decided.can) == ("passed", "unclear", [])
    assert (decided.decided_by, decided.decided_by_name, decided.remark) == (
        SECOND.id, SECOND.name, "与纸质原件核对无误"
    )  # fmt: skip
    first, second = judgements(desk, scan.id)
    assert (first.verdict, first.decided_by) == ("unclear", None)
    assert (second.verdict, second.decided_by, second.remark) == ("passed", SECOND.id, "与纸质原件核对无误")


@pytest.mark.req("DOC-03", "GTW-02")
def test_an_api_key_is_no_second_person(desk: Desk, papers: dict[str, bytes]):
    unclear = desk.judged(NUMBER, papers["scribbled"])
    his_key = replace(SECOND, id=f"key:ab12cd34@{CLERK.id}")
    once_his = replace(SECOND, id=f"key:ab12cd34@somebody,{CLERK.id}")  # passed on; he may have kept it
    by_his_key = desk.judged(NUMBER, papers["scribbled"])
    desk.rows("UPDATE scans SET uploaded_by = %s WHERE id = %s", f"key:ef56ab78@{SECOND.id}", by_his_key.id)
    codes = []

    for scan_id, by in ((unclear.id, his_key), (unclear.id, once_his), (by_his_key.id, SECOND)):
        with pytest.raises(DomainError) as error:
            desk.decide(scan_id, "passed", by=by)
        codes.append((error.value.code, desk.scan(scan_id, by=by).can))

    assert codes == [("scan_own_upload", [])] * 3


@pytest.mark.req("DOC-03", "GTW-02")
def test_who_may_not_decide_does_not(desk: Desk, papers: dict[str, bytes]):
    unclear = desk.judged(NUMBER, papers["scribbled"])
    refused = desk.judged(NUMBER, papers["text"])
    codes = []

    for scan_id, by in ((unclear.id, CLERK), (unclear.id, STRANGER), (refused.id, SECOND)):
        with pytest.raises(DomainError) as error:
            desk.decide(scan_id, "passed", by=by)
        codes.append(error.value.code)
    desk.decide(unclear.id, "differs")
    with pytest.raises(DomainError) as late:
        desk.decide(unclear.id, "passed")

    assert codes == ["scan_own_upload", "scan_not_found", "scan_not_unclear"]
    assert (late.value.code, late.value.params["outcome"]) == ("scan_not_unclear", "differs")


@pytest.mark.req("DOC-03")
def test_a_form_that_is_not_there_not_drawn_or_not_sealed_cannot_be_verified(desk: Desk, serial: int):
    from tests.documents_lab.samples import sample_content  # noqa: PLC0415

    waiting = small_content(serial)
    desk.accept(waiting)
    labels = sample_content("box_labels", serial, 2).model_copy(update={"number": f"BX-{serial:05d}"})
    codes = []
    for number, by in ((f"HJ-{UNIT}-00000", CLERK), (waiting.number, STRANGER), (waiting.number, CLERK)):
        with pytest.raises(DomainError) as error:
            desk.submit(number, b"x", by=by)
        codes.append(error.value.code)
    desk.issue(labels)
    with pytest.raises(DomainError) as unsealed:
        desk.submit(labels.number, b"x")

    assert codes == ["issued_form_not_found", "issued_form_not_found", "form_not_drawn"]
    assert unsealed.value.code == "form_not_sealed"


@pytest.mark.req("DOC-03", "OPS-04")
def test_a_run_that_lost_its_job_commits_nothing_and_the_next_one_judges(desk: Desk, papers: dict[str, bytes]):
    scan_id = desk.submit(NUMBER, papers["forged"])
    dead = desk.claim()
    assert dead is not None
    desk.rows("UPDATE jobs SET lease_until = now() - interval '1 minute' WHERE id = %s", scan_id)
    alive = desk.claim()
    assert alive is not None

    with pytest.raises(JobLostError):
        JOBS[dead.kind].handler(desk.context(dead))
    lost = desk.scan(scan_id)
    desk.run(alive)

    assert (lost.outcome, judgements(desk, scan_id)[0].verdict) == ("waiting", "differs")
    assert desk.scan(scan_id).outcome == "differs"


@pytest.mark.req("DOC-04")
def test_a_scan_whose_job_failed_for_good_is_refused_so_that_nobody_waits_for_ever(
    desk: Desk, papers: dict[str, bytes]
):
    scan_id = desk.submit(NUMBER, papers["genuine"])
    desk.rows("UPDATE jobs SET state = 'failed', error_code = 'job_too_large' WHERE id = %s", scan_id)

    with desk.writing(CLERK) as tx:
        told = judgement.tell_failures(tx, now=NOW)
    with desk.writing(CLERK) as tx:
        again = judgement.tell_failures(tx, now=NOW)

    assert (told, again, desk.scan(scan_id).outcome) == (1, 0, "refused")
    assert judgements(desk, scan_id)[0].findings[0].message.endswith("请重新上传")


@pytest.mark.req("DOC-03")
def test_a_unit_that_sends_many_scans_does_not_keep_the_others_waiting(desk: Desk, papers: dict[str, bytes]):
    busy = Actor("busy", "东江", UNIT, ALL)
    other = Actor("other", "省公司", "99", ALL)
    many = [desk.submit(NUMBER, papers["text"], by=busy) for _ in range(4)]
    few = [desk.submit(NUMBER, papers["text"], by=other) for _ in range(2)]
    order = []

    while (job := desk.claim()) is not None:
        order.append(job.created_unit)
        desk.run(job)

    assert {desk.scan(scan_id).outcome for scan_id in [*many, *few]} == {"refused"}
    assert order[:4] in ([UNIT, "99", UNIT, "99"], ["99", UNIT, "99", UNIT])
    assert order[4:] == [UNIT, UNIT]


@pytest.mark.req("DOC-05", "GTW-01", "GTW-02")
def test_scans_are_listed_newest_first_in_ones_own_subtree(desk: Desk, papers: dict[str, bytes]):
    mine = [desk.submit(NUMBER, papers["text"], by=Actor("lister", "L", UNIT, ALL)) for _ in range(3)]
    lister = Actor("lister", "L", UNIT, ALL)

    def page(by: Actor, **query: object) -> object:
        with desk.reading(by) as tx:
            return scan_list.list_scans(tx, ListScans(**query), by=by, now=NOW)

    first = page(lister, mine=True, size=2)
    second = page(lister, mine=True, size=2, cursor=first.next_cursor)
    back = page(lister, mine=True, size=2, cursor=second.previous_cursor)
    desk.work()

    assert [row.id for row in (*first.items, *second.items)] == mine[::-1]
    assert (first.total, second.next_cursor, [row.id for row in back.items]) == (3, None, mine[:0:-1])
    assert page(STRANGER).items == []
    assert page(lister, mine=True, outcome="waiting").total == 0
    assert page(lister, mine=True, outcome="refused", number=NUMBER[:5].lower()).total == 3
    with pytest.raises(DomainError) as elsewhere:
        page(lister, unit="9902")
    with pytest.raises(DomainError) as foreign:
        page(SECOND, size=2, cursor=first.next_cursor)
    assert (elsewhere.value.code, foreign.value.code) == ("unit_out_of_scope", "cursor_invalid")
    with pytest.raises(DomainError) as unseen:
        desk.scan(mine[0], by=STRANGER)
    assert unseen.value.code == "scan_not_found"
