"""Scans as people look for them, and the decision on an unclear one (DOC-03, DOC-05)."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.columns import Column, number
from kernel.chassis.lists.conditions import begins, equals, on_days, scope
from kernel.chassis.lists.spec import Asked, SelectList
from kernel.contracts.documents.scans import (
    LIST_SCANS,
    DecideScan,
    GetScan,
    ListScans,
    ScanFinding,
    ScanPage,
    ScanRow,
    ScanView,
    SealComparison,
)
from kernel.contracts.envelope import BlobRef
from kernel.contracts.words import chinese
from kernel.contracts.words_documents import SCAN_OUTCOMES
from kernel.model.actor import Actor, same_person
from kernel.model.errors import DomainError
from kernel.model.unit import is_within
from services.documents import judgement
from services.documents.form_list import FORM_COLUMNS, person_columns
from services.documents.tables import scans

_OUTCOME = func.coalesce(scans.c.decision, scans.c.verdict, "waiting")
_SHOWN = [column for column in scans.c if column.name not in ("findings", "pages", "comparison")]


def get_scan(tx: Tx, request: GetScan, *, by: Actor) -> ScanView:
    """Raises scan_not_found, for a scan of a form outside the actor's subtree too."""
    return _view(_find(tx, request, by), by)


def _matching(asked: Asked[ListScans]) -> Select[Any]:
    request = asked.request
    conditions = [
        scope(scans.c.unit, request.unit, asked.by),
        *begins(scans.c.number, (request.number or "").upper()),
        *equals(request, {"outcome": _OUTCOME}),
        *on_days(scans.c.uploaded_at, request.uploaded_from, request.uploaded_to),
    ]
    if request.mine:
        conditions.append(scans.c.uploaded_by == asked.by.id)
    return select(*_SHOWN).where(*conditions)


_OUTCOMES = chinese(SCAN_OUTCOMES)

SCANS = SelectList(
    method=LIST_SCANS,
    title="审批单核验",
    resource="scans",
    matching=_matching,
    items=lambda asked, rows: [ScanRow(**_shared(row, asked.by)) for row in rows],
    key=scans.c.sequence,
    newest_first=True,
    columns=(
        *FORM_COLUMNS,
        Column("outcome", "核验结果", words=_OUTCOMES, width=12),
        number("findings_count", "问题数", width=10, total=True),
        *person_columns("uploaded_by", "上传人"),
        Column("uploaded_at", "上传时间"),
        Column("judged_at", "核验时间"),
        *person_columns("decided_by", "判定人"),
        Column("remark", "判定依据", width=40),
    ),
)
list_scans = SCANS.answer
"""Scans of forms of the actor's subtree, newest first."""


def decide_scan(tx: Tx, request: DecideScan, *, by: Actor, now: datetime) -> ScanView:
    """Raises scan_not_found, scan_own_upload, scan_not_unclear."""
    row = _find(tx, GetScan(scan_id=request.scan_id), by)
    return _view(judgement.decide(tx, row, request, by=by, now=now), by)


def _find(tx: Tx, request: GetScan, by: Actor) -> Any:
    row = tx.execute(select(scans).where(scans.c.id == request.scan_id)).one_or_none()
    if row is None or not is_within(row.unit, by.unit):
        raise DomainError("scan_not_found")
    return row


def _view(row: Any, by: Actor) -> ScanView:
    findings = [ScanFinding.model_validate(finding) for finding in row.findings]
    pages = [ScanPage.model_validate(page) for page in row.pages]
    comparison = SealComparison.model_validate(row.comparison) if row.comparison else None
    return ScanView(**_shared(row, by), findings=findings, pages=pages, seals=row.seals, comparison=comparison)


def _shared(row: Any, by: Actor) -> dict[str, Any]:
    is_open = row.verdict == "unclear" and row.decision is None
    his_own = same_person(row.uploaded_by, by.id)
    can = ["decide"] if is_open and "document.decide" in by.permissions and not his_own else []
    plain = {name: row._mapping[name] for name in ScanRow.model_fields if name in row._fields and name != "upload"}
    outcome = row.decision or row.verdict or "waiting"
    return plain | {"upload": BlobRef.model_validate(row.upload), "outcome": outcome, "can": can}
