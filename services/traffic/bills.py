"""A carrier's bill is taken in, or held for a person (TRF-10)."""

import re
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import select

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.files import Column as FileColumn
from kernel.chassis.files import Layout, Limits, open_rows
from kernel.chassis.files.heads import Head
from kernel.chassis.files.layout import Kind
from kernel.chassis.jobs import kinds as jobs
from kernel.chassis.jobs.context import JobContext
from kernel.contracts.envelope import BlobRef
from kernel.contracts.files import FileChoice
from kernel.contracts.traffic.costs import (
    BillAccepted,
    ImportBill,
)
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from kernel.model.iccid import KEY, check_shape
from kernel.model.period import business_date
from kernel.model.written import decimal
from services.traffic import bill_gate, gate, months
from services.traffic.bill_list import BILL_JOB
from services.traffic.rows import bad_iccid
from services.traffic.tables import bills, chassis, cost_entries
from services.traffic.tariff_list import province_of

LAYOUT = Layout(
    "运营商账单",
    FileColumn(
        "iccid",
        "ICCID",
        ("iccid号", "iccid号码", "sim卡号", "卡号"),
        within=("iccid", "卡号"),
        example="89860426010000000011",
    ),
    FileColumn(
        "amount",
        "费用",
        ("金额", "费用（元）", "金额（元）", "amount"),
        within=("费用", "金额"),
        kind=Kind.NUMBER,
        example="5.00",
    ),
)
_MOST_ROWS = 3_500_000
_MOST_FEN = 10**9
_OTHER_UNIT = re.compile(r"(?:[(（\[【:：/]|单位)\s*([角分厘]|[百千万]+元|美元|港元)\s*[)）\]】]?\s*$")
"""Not «分摊费用»."""
_B = bills.c
_E = cost_entries.c
_J = chassis.jobs.c
_STAGING = 'CREATE TEMPORARY TABLE billed (row_no int, iccid text COLLATE "C", fen bigint) ON COMMIT DROP'
_AS_IN_THE_BOOKS = f"""
WITH found AS (
    SELECT row_no, min(cards.iccid) AS iccid FROM billed JOIN cards
        ON cards.iccid >= left(billed.iccid, {KEY}) AND cards.iccid < left(billed.iccid, {KEY}) || '~'
       AND cards.iccid <> billed.iccid AND {KEY} IN (length(cards.iccid), length(billed.iccid))
    WHERE NOT EXISTS (SELECT FROM cards AS same WHERE same.iccid = billed.iccid)
    GROUP BY row_no HAVING count(*) = 1
)
UPDATE billed SET iccid = found.iccid FROM found WHERE billed.row_no = found.row_no
"""
"""With and without its check digit a number is one card (INV-12)."""
_TWICE = """
WITH gone AS (
    DELETE FROM billed
    USING (SELECT iccid, min(row_no) AS first FROM billed GROUP BY iccid HAVING count(*) > 1) AS twice
    WHERE billed.iccid = twice.iccid AND row_no > first RETURNING row_no, billed.iccid, first
) SELECT row_no, iccid, first FROM gone ORDER BY row_no
"""
_TAKE = "INSERT INTO bill_lines (bill_id, iccid, fen) SELECT :id, iccid, fen FROM billed ORDER BY iccid"
_REPLACE = """
UPDATE bills SET state = 'replaced'
WHERE province = :province AND carrier = :carrier AND month = :month AND state = 'taken' AND id <> :id
"""
_DONE = """
UPDATE bills SET state = 'taken', rows = :rows, refused = :refused,
    fen = (SELECT coalesce(sum(fen), 0) FROM bill_lines WHERE bill_id = :id) WHERE id = :id
"""


def import_bill(tx: Tx, request: ImportBill, *, by: Actor, now: datetime) -> BillAccepted:
    """A job takes it in. Raises month_malformed, month_not_begun."""
    month = months.first_of(request.month)
    if month > business_date(now):
        raise DomainError("month_not_begun", month=request.month)
    job_id = uuid4()
    bill_id = tx.execute(
        bills.insert()
        .values(
            province=province_of(by),
            carrier=request.carrier,
            month=month,
            state="waiting",
            file=request.file.model_dump(mode="json"),
            asked_by_name=by.name,
            asked_at=now,
            job_id=job_id,
        )
        .returning(_B.id)
    ).scalar_one()
    choice = request.choice.model_dump(mode="json") if request.choice else {}
    asked = {"bill_id": bill_id, "choice": choice}
    jobs.enqueue(tx, BILL_JOB, f"运营商账单 {request.month}", asked, by, job_id=job_id)
    return BillAccepted(bill_id=bill_id, job_id=job_id)


def run_bill(job: JobContext) -> dict[str, Any]:
    """The job. Bad lines are its rows; a bill that was taken in already stays as it is.

    A bill without a good line takes no other's place; one that is unlike what is known is held.
    Raises bill_without_lines, bill_unit_differs.
    """
    with job.unit_of_work() as tx:
        bill = tx.execute(select(bills).where(_B.id == job.request["bill_id"]).with_for_update()).one()
        result: dict[str, Any] = {"bill_id": bill.id}
        if bill.state == "waiting":
            tx.execute(_STAGING)
            rows = _stage(job, tx, bill)
            if rows == job.refused_count:
                raise DomainError("bill_without_lines", count=rows)
            tx.execute(_AS_IN_THE_BOOKS)
            for row in tx.execute(_TWICE).all():
                job.refuse(row.row_no, row.iccid, "bill_twice", first=row.first)
            asked = {"id": bill.id, "province": bill.province, "carrier": bill.carrier, "month": bill.month}
            reasons = bill_gate.hold(tx, bill, rows=rows, refused=job.refused_count)
            result["notes"] = gate.notes(reasons)
            if not reasons:
                tx.execute(_TAKE, asked)
                tx.execute(_REPLACE, asked)
                tx.execute(_DONE, {**asked, "rows": rows, "refused": job.refused_count})
        job.complete(tx, result)
    return result


def _stage(job: JobContext, tx: Tx, bill: Any) -> int:
    file = BlobRef.model_validate(bill.file)
    choice = FileChoice.model_validate(job.request["choice"])
    rows = 0
    with (
        job.blobs.open(file) as stream,
        open_rows(stream, LAYOUT, name=file.name, choice=choice, limits=Limits(rows=_MOST_ROWS)) as batches,
        tx.raw.cursor() as cursor,
    ):
        _check_unit(batches.head)
        for batch in batches:
            rows += len(batch)
            for fault in batch.faults:
                job.refuse(fault.row_no, fault.shown, fault.code, **fault.params)
            with cursor.copy("COPY billed (row_no, iccid, fen) FROM STDIN") as copy:
                for row_no, iccid, amount in zip(batch.row_nos, batch["iccid"], batch["amount"], strict=True):
                    card, fen = check_shape(iccid), _fen(amount)
                    if card.error:
                        job.refuse(row_no, iccid[:64], card.error, **bad_iccid(card, iccid))
                    elif fen is None:
                        job.refuse(row_no, iccid[:64], "bill_amount_malformed", value=amount[:64])
                    else:
                        copy.write_row((row_no, card.iccid, fen))
            job.progress(rows)
    return rows


def _check_unit(head: Head) -> None:
    """Raises bill_unit_differs when the head of the amounts names another unit than yuan."""
    place = head.places.get("amount")
    said = head.texts[place] if head.row_no and place is not None and place < len(head.texts) else ""
    if found := _OTHER_UNIT.search(said):
        raise DomainError("bill_unit_differs", said=found[1])


def _fen(text: str) -> int | None:
    """Whole 分; None for what is no amount."""
    amount = decimal(text.strip())
    if amount is None or abs(amount * 100) > _MOST_FEN or amount * 100 != (amount * 100).to_integral_value():
        return None
    return int(amount * 100)
