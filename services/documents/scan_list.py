"""Scans as people look for them, and the decision on an unclear one (DOC-03, DOC-05)."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.listing import listed, within
from kernel.contracts.documents.scans import (
    DecideScan,
    GetScan,
    ListScans,
    ScanFinding,
    ScanList,
    ScanPage,
    ScanRow,
    ScanView,
)
from kernel.contracts.envelope import BlobRef
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from kernel.model.period import days
from services.documents import judgement
from services.documents.tables import scans

_OUTCOME = func.coalesce(scans.c.decision, scans.c.verdict, "waiting")
_SHOWN = [column for column in scans.c if column.name not in ("findings", "pages")]


def get_scan(tx: Tx, request: GetScan, *, by: Actor) -> ScanView:
    """Raises scan_not_found, for a scan of a form outside the actor's subtree too."""
    return _view(_find(tx, request, by), by)


def list_scans(tx: Tx, request: ListScans, *, by: Actor) -> ScanList:
    """Raises sort_unknown, cursor_invalid, unit_out_of_scope."""
    query = select(*_SHOWN).where(*_conditions(request, by))
    page, total = listed(tx, query, request, scans.c.sequence, by=by)
    return ScanList(
        items=[ScanRow(**_shared(row, by)) for row in page.rows], total=total,
        next_cursor=page.next_cursor, previous_cursor=page.previous_cursor,
    )  # fmt: skip


def decide_scan(tx: Tx, request: DecideScan, *, by: Actor, now: datetime) -> ScanView:
    """Raises scan_not_found, scan_own_upload, scan_not_unclear."""
    row = _find(tx, GetScan(scan_id=request.scan_id), by)
    return _view(judgement.decide(tx, row, request, by=by, now=now), by)


def _find(tx: Tx, request: GetScan, by: Actor) -> Any:
    row = tx.execute(select(scans).where(scans.c.id == request.scan_id)).one_or_none()
    if row is None or not row.unit.startswith(by.unit):
        raise DomainError("scan_not_found")
    return row


def _conditions(request: ListScans, by: Actor) -> list[ColumnElement[bool]]:
    if request.unit is not None:
        by.require_within(request.unit)
    conditions = [within(scans.c.unit, request.unit or by.unit)]
    if request.number:
        conditions.append(scans.c.number.startswith(request.number.upper(), autoescape=True))
    if request.outcome:
        conditions.append(_OUTCOME == request.outcome)  # noqa: SIM300  a column stands left
    if request.mine:
        conditions.append(scans.c.uploaded_by == by.id)
    period = days(request.uploaded_from, request.uploaded_to)
    if period.start is not None:
        conditions.append(scans.c.uploaded_at >= period.start)
    if period.end is not None:
        conditions.append(scans.c.uploaded_at < period.end)
    return conditions


def _view(row: Any, by: Actor) -> ScanView:
    findings = [ScanFinding.model_validate(finding) for finding in row.findings]
    pages = [ScanPage.model_validate(page) for page in row.pages]
    return ScanView(**_shared(row, by), findings=findings, pages=pages, seals=row.seals)


def _shared(row: Any, by: Actor) -> dict[str, Any]:
    is_open = row.verdict == "unclear" and row.decision is None
    can = ["decide"] if is_open and "document.decide" in by.permissions and row.uploaded_by != by.id else []
    plain = {name: row._mapping[name] for name in ScanRow.model_fields if name in row._fields and name != "upload"}
    outcome = row.decision or row.verdict or "waiting"
    return plain | {"upload": BlobRef.model_validate(row.upload), "outcome": outcome, "can": can}
