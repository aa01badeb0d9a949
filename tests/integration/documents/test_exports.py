"""Scans and forms as files: what the lists show, of one's own subtree (GTW-03)."""

import csv
import io
from typing import Any

import pytest

from kernel.chassis.jobs import kinds as jobs
from kernel.contracts.envelope import BlobRef
from kernel.contracts.operations import StartExportRequest
from kernel.model.actor import Actor
from tests.integration.documents.desk import CLERK, STRANGER, UNIT, Desk, small_content


def exported(desk: Desk, resource: str, by: Actor, **filters: Any) -> list[dict[str, str]]:
    """The rows of the file by the heads' Chinese words."""
    asked = StartExportRequest(resource=resource, format="csv", filters=filters, unit_names={UNIT: "东江市供电公司"})
    with desk.writing(by) as tx:
        job_id = jobs.enqueue(tx, jobs.EXPORT_KIND, "导出", asked, by)
    desk.work()
    result = desk.rows("SELECT result FROM jobs WHERE id = %s", job_id)[0]["result"]
    text = desk.read(BlobRef.model_validate(result["blob"])).decode("utf-8-sig")
    return [row for row in csv.DictReader(io.StringIO(text)) if row["申请单号"] != "合计"]


@pytest.mark.req("DOC-05", "GTW-02", "GTW-03")
def test_scans_and_forms_are_written_as_their_lists_show_them(desk: Desk, serial: int):
    content = small_content(serial)
    desk.issue(content)
    desk.issue(content.model_copy(update={"revision": 2}))
    desk.judged(content.number, b"no PDF")

    forms = exported(desk, "issued-forms", CLERK, number=content.number)
    one_page = exported(desk, "issued-forms", CLERK, number=content.number, size=1)
    (scan,) = exported(desk, "scans", CLERK, number=content.number)

    assert [(row["版次"], row["状态"], row["单位"]) for row in forms] == [
        ("2", "有效", "东江市供电公司"),
        ("1", "已被替代", "东江市供电公司"),
    ]
    assert one_page == forms[:1]
    assert (scan["核验结果"], scan["问题数"], scan["单据种类"]) == ("无法处理", "1", "售后换机串码清单")
    assert exported(desk, "scans", STRANGER, number=content.number) == []
