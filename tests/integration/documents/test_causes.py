"""核验原因统计: verdicts and what people decided about them, counted per finding."""

from itertools import count

import pytest
from prometheus_client import REGISTRY

from kernel.chassis.process import measures
from kernel.contracts.documents.causes import CauseCounts, CauseRow, CountCauses
from kernel.contracts.words_documents import FINDING_KINDS
from kernel.model.errors import DomainError
from services.documents import causes
from services.documents.measures import MEASURES
from services.documents.verify.verdict import Kind
from tests.integration.documents.desk import CLERK, NOW, SECOND, STRANGER, Desk, small_content

SERIALS = count(8000)


def counted(desk: Desk, **asked: object) -> CauseCounts:
    with desk.reading(CLERK) as tx:
        return causes.count_causes(tx, CountCauses(**asked), by=CLERK, now=NOW)


@pytest.fixture(scope="module")
def story(desk: Desk) -> Desk:
    """Foreign ink was overridden twice and upheld once; a changed digit was right, a missing seal was scanned again."""
    numbers = []
    for _ in range(3):
        content = small_content(next(SERIALS))
        desk.issue(content)
        numbers.append(content.number)
    first, second, third = numbers
    for number, decision in ((first, "passed"), (second, "passed"), (third, "differs")):
        desk.decide(desk.judge(number, "unclear", "foreign_ink", "foreign_ink"), decision)
    desk.judge(first, "differs", "changed", notes=("unsigned",))
    desk.judge(second, "differs", "seal_missing", "changed")
    desk.judge(second, "passed", notes=("unsigned",))
    desk.judge(third, "unclear", "unreadable")
    return desk


@pytest.mark.req("DOC-03")
def test_a_rule_that_accuses_wrongly_is_seen_by_what_people_decide(story: Desk):
    found = {row.code: row for row in counted(story).items}

    assert set(found) == {"foreign_ink", "changed", "seal_missing", "unreadable"}
    ink = found["foreign_ink"]
    assert (ink.scans, ink.unclear, ink.overridden, ink.upheld, ink.overridden_percent) == (3, 3, 2, 1, 67)
    assert (found["changed"].differs, found["changed"].passed_later, found["changed"].overridden_percent) == (
        2,
        1,
        None,
    )
    assert found["seal_missing"].passed_later == 1
    assert (found["unreadable"].waiting, found["unreadable"].upheld) == (1, 0)


@pytest.mark.req("DOC-03")
def test_the_total_counts_each_scan_once(story: Desk):
    total = counted(story).totals

    assert (total.scans, total.differs, total.unclear, total.overridden, total.waiting) == (7, 2, 4, 2, 1)


@pytest.mark.req("DOC-03")
def test_other_kinds_days_and_units_count_nothing(story: Desk):
    empty = [
        counted(story, kind="city_opening"),
        counted(story, unit="990105"),
        counted(story, uploaded_to="2026-11-19"),
    ]
    with story.reading(STRANGER) as tx:
        empty.append(causes.count_causes(tx, CountCauses(), by=STRANGER, now=NOW))
        with pytest.raises(DomainError) as error:
            causes.count_causes(tx, CountCauses(unit="9901"), by=STRANGER, now=NOW)

    assert [(it.items, it.totals.scans) for it in empty] == [([], 0)] * 4
    assert error.value.code == "unit_out_of_scope"


@pytest.mark.req("DOC-03", "OPS-04")
def test_operations_see_the_causes_as_a_metric(story: Desk):
    with story.writing(SECOND) as tx:
        tx.execute("UPDATE scans SET judged_at = now() WHERE judged_at IS NOT NULL")
        measures.take(tx, MEASURES)

    def gauge(code: str, outcome: str) -> float | None:
        return REGISTRY.get_sample_value("simkeep_scan_causes", {"code": code, "outcome": outcome})

    assert (gauge("foreign_ink", "overridden"), gauge("foreign_ink", "upheld")) == (2, 1)
    assert (gauge("changed", "differs"), gauge("unreadable", "unclear")) == (2, 1)
    assert gauge("unsigned", "passed") is None
    assert REGISTRY.get_sample_value("simkeep_scan_verdicts", {"verdict": "differs"}) == 2


@pytest.mark.req("DOC-03")
def test_every_finding_has_its_name():
    assert set(Kind.__args__) <= set(FINDING_KINDS)
    assert CauseRow.model_fields.keys() == {column.name for column in causes.CAUSES.columns}
