"""What became of a scan: the program's verdict, or why there is none, or a second person's decision; and its telling.

Every change of a scan goes through this module, and each is told by one ``signed_form_judged``.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from kernel.chassis.data.unit_of_work import Tx
from kernel.contracts.documents.events import MAX_FINDINGS, FormFinding, SignedFormJudged, Verdict
from kernel.contracts.documents.scans import DecideScan, ScanFinding, ScanPage, SealComparison
from kernel.contracts.errors import text
from kernel.model.actor import Actor, same_person
from kernel.model.errors import DomainError

_JUDGE = """
UPDATE scans SET verdict = :verdict, findings = :findings, findings_count = :count, pages = :pages, seals = :seals,
    comparison = CAST(:comparison AS json), judged_at = :now
WHERE id = :id AND verdict IS NULL RETURNING *
"""
_DECIDE = """
UPDATE scans SET decision = :decision, decided_by = :by, decided_by_name = :by_name, decided_at = :now, remark = :remark
WHERE id = :id AND verdict = 'unclear' AND decision IS NULL RETURNING *
"""


def judge(
    tx: Tx, scan: UUID, verdict: Verdict, findings: list[ScanFinding], pages: list[ScanPage], *, seals: int,
    now: datetime, comparison: SealComparison | None = None,
) -> Any:  # fmt: skip
    """Keeps a verdict and tells it, once: a scan that is judged already stays as it is (then None)."""
    row = tx.execute(
        _JUDGE,
        {
            "id": scan, "verdict": verdict, "findings": _json(findings), "count": len(findings),
            "pages": _json(pages), "seals": seals, "now": now,
            "comparison": comparison.model_dump_json() if comparison else None,
        },
    ).one_or_none()  # fmt: skip
    if row is not None:
        tx.publish(_told(row))
    return row


def refuse(tx: Tx, scan: UUID, reason: str, reason_en: str, *, now: datetime) -> Any:
    """The scan could not be looked at; ``reason`` for people, in Chinese and English."""
    finding = ScanFinding(
        weight="differs", code="refused", page=None, scan_page=None, place="文件", expected=None, seen=None,
        advice=reason, box=None, message=f"文件：无法处理，{reason}",
        message_en=f"File: the file cannot be processed; {reason_en}",
    )  # fmt: skip
    return judge(tx, scan, "refused", [finding], [], seals=0, now=now)


def decide(tx: Tx, row: Any, request: DecideScan, *, by: Actor, now: datetime) -> Any:
    """A second person's decision on an unclear scan; the row as it is then.

    Raises scan_own_upload, scan_not_unclear (judged otherwise, or decided already, even in this very moment).
    """
    if same_person(row.uploaded_by, by.id):
        raise DomainError("scan_own_upload")
    decided = tx.execute(
        _DECIDE,
        {
            "id": row.id, "decision": request.verdict, "by": by.id, "by_name": by.name, "now": now,
            "remark": request.remark,
        },
    ).one_or_none()  # fmt: skip
    if decided is None:
        raise DomainError("scan_not_unclear", outcome=row.decision or row.verdict or "waiting")
    tx.publish(_told(decided))
    return decided


_FAILED = """
SELECT scans.id, jobs.state, jobs.error_code, jobs.error_params FROM scans JOIN jobs USING (id)
WHERE scans.verdict IS NULL AND jobs.state IN ('failed', 'cancelled')
    AND NOT EXISTS (SELECT FROM jobs AS again WHERE again.retry_of = jobs.id AND again.state IN ('queued', 'running'))
FOR UPDATE OF scans
"""


def tell_failures(tx: Tx, *, now: datetime) -> int:
    """Scans whose job ended without a verdict are refused, so that nobody waits for them for ever. How many."""
    rows = tx.execute(_FAILED).all()
    for row in rows:
        code, params = row.error_code, row.error_params or {}
        reason = text(code, params) if code else "核验任务已取消"
        reason_en = text(code, params, "en") if code else "the verification was cancelled"
        refuse(tx, row.id, f"{reason}。请重新上传", f"{reason_en}; upload it again", now=now)
    return len(rows)


def _told(row: Any) -> SignedFormJudged:
    return SignedFormJudged(
        number=row.number,
        revision=row.revision,
        attempt_id=row.attempt_id,
        scan_id=row.id,
        verdict=row.decision or row.verdict,
        findings_count=row.findings_count,
        findings=[FormFinding.model_validate(finding) for finding in row.findings[:MAX_FINDINGS]],
        judged_at=row.decided_at or row.judged_at,
        decided_by=row.decided_by,
        decided_by_name=row.decided_by_name,
        remark=row.remark,
    )


def _json(items: list[Any]) -> str:
    return orjson.dumps([item.model_dump(mode="json") for item in items]).decode()
