"""The safety stop of bills: is one so unlike what is known that a person must look at it first? (TRF-10)

Compared with the bill whose place it would take, else with the carrier's newest one before it, else with the cards that
cost with us: how many cards, and how much money.
"""

import json
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

from sqlalchemy import Row, select

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.jobs import kinds as jobs
from kernel.contracts.traffic.costs import BillPreview, BillPreviewLine, BillView, DecideBill, GetBill, PreviewBill
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from kernel.model.unit import prefix_end
from services.traffic.bill_list import BILL_JOB, bill_view
from services.traffic.gate import Reason
from services.traffic.money import yuan
from services.traffic.settings import UsageSettings
from services.traffic.tables import bills, chassis

_B = bills.c
_NOW = "SELECT count(*) AS cards, coalesce(sum(fen), 0) AS fen FROM billed"
_BEFORE = """
SELECT bills.id, bills.month, count(*) AS cards, bills.fen FROM bills JOIN bill_lines ON bill_id = bills.id
WHERE bills.id = (
    SELECT id FROM bills WHERE province = :province AND carrier = :carrier AND state = 'taken' AND month <= :month
    ORDER BY month DESC, id DESC LIMIT 1
) GROUP BY bills.id, bills.month, bills.fen
"""
_OURS = """
SELECT count(DISTINCT iccid) AS cards, coalesce(sum(fen), 0) AS fen FROM cost_entries
WHERE posted_in = :month AND carrier = :carrier AND unit >= :province AND unit < :end
"""
_HOLD = """
UPDATE bills SET state = 'held', rows = :rows, refused = :refused, fen = (SELECT sum(fen) FROM billed),
    reasons = CAST(:reasons AS jsonb), preview = CAST(:preview AS jsonb) WHERE id = :id
"""


def hold(tx: Tx, bill: Row[Any], *, rows: int, refused: int) -> list[Reason]:
    """Holds the bill whose lines stand in ``billed``, and says why; it passes when a person has decided so."""
    reasons, preview = _examine(tx, bill, UsageSettings())
    if not reasons or bill.decided_by is not None:
        return []
    seen = {"reasons": json.dumps(reasons), "preview": json.dumps(preview)}
    tx.execute(_HOLD, {"id": bill.id, "rows": rows, "refused": refused, **seen})
    return reasons


def _examine(tx: Tx, bill: Row[Any], settings: UsageSettings) -> tuple[list[Reason], list[dict[str, Any]]]:
    """Why it has to be held, nothing when it may pass; and what it is compared with."""
    asked = {"province": bill.province, "end": prefix_end(bill.province), "carrier": bill.carrier, "month": bill.month}
    now: Any = tx.execute(_NOW).one()
    before: Any = tx.execute(_BEFORE, asked).one_or_none()
    ours: Any = tx.execute(_OURS, asked).one()
    preview = [_line("bill", bill.month, now), *([_line("before", before.month, before)] if before else [])]
    preview += [_line("ours", bill.month, ours)] if ours.cards else []
    known, said = (before, before.month) if before else (ours, bill.month)
    if known.cards < settings.compared_cards:
        return [], preview
    reasons: list[Reason] = []
    params = {"cards": now.cards, "before": known.cards, "percent": settings.least_percent}
    if now.cards * 100 < known.cards * settings.least_percent:
        reasons.append(("bill_rows_few", {**params, "month": f"{said:%Y-%m}"}))
    ratio = Decimal(now.fen) / Decimal(known.fen) if known.fen > 0 else None
    if ratio is not None and not 1 / Decimal(settings.bill_factor) < ratio < settings.bill_factor:
        reasons.append(("bill_total_jumps", {"ratio": f"{ratio:.3g}", "month": f"{said:%Y-%m}"}))
    return reasons, preview


def _line(what: str, month: Any, row: Any) -> dict[str, Any]:
    return {"what": what, "month": f"{month:%Y-%m}", "cards": row.cards, "fen": int(row.fen)}


def get_bill(tx: Tx, request: GetBill, *, by: Actor) -> BillView:
    """One bill. Raises bill_not_found."""
    return bill_view(tx, _find(tx, request.bill_id, by).id, by)


def preview_bill(tx: Tx, request: PreviewBill, *, by: Actor) -> BillPreview:
    """The bill beside what it was compared with. Raises bill_not_found."""
    lines = _find(tx, request.bill_id, by).preview
    return BillPreview(
        items=[
            BillPreviewLine(**{name: line[name] for name in ("what", "month", "cards")}, amount=yuan(line["fen"]))
            for line in lines
        ]
    )


def decide_bill(tx: Tx, request: DecideBill, *, by: Actor, now: datetime) -> BillView:
    """A held bill is taken by a new job, or dropped. Raises bill_not_found, bill_not_held."""
    row = _find(tx, request.bill_id, by, lock=True)
    if row.state != "held":
        raise DomainError("bill_not_held", id=row.id)
    job_id = uuid4() if request.take else row.job_id
    state = "waiting" if request.take else "dropped"
    decided = {"state": state, "decided_by": by.name, "remark": request.remark, "job_id": job_id}
    asked = tx.execute(select(chassis.jobs.c.request).where(chassis.jobs.c.id == row.job_id)).scalar_one()
    tx.execute(bills.update().where(_B.id == row.id).values(**decided))
    if request.take:
        jobs.enqueue(tx, BILL_JOB, f"运营商账单 {row.month:%Y-%m}", asked, by, job_id=job_id)
    return bill_view(tx, row.id, by)


def _find(tx: Tx, bill_id: int, by: Actor, *, lock: bool = False) -> Row[Any]:
    query = select(bills).where(_B.id == bill_id, _B.province == by.unit)
    row = tx.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise DomainError("bill_not_found", id=bill_id)
    return row
