"""The carrier's bills: taken in, and compared with ours card by card (TRF-10)."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import BigInteger, Row, Select, and_, case, cast, func, literal_column, select
from sqlalchemy import Text as SqlText

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.files import Column as FileColumn
from kernel.chassis.files import Layout, Limits, open_rows
from kernel.chassis.files.heads import Head
from kernel.chassis.files.layout import Kind
from kernel.chassis.jobs import kinds as jobs
from kernel.chassis.jobs.context import JobContext
from kernel.chassis.lists.columns import Column, number, unit_columns
from kernel.chassis.lists.conditions import begins, equals, scope, within
from kernel.chassis.lists.spec import Asked, SelectList
from kernel.contracts.envelope import BlobRef
from kernel.contracts.files import FileChoice
from kernel.contracts.traffic.costs import (
    LIST_BILL_DIFFERENCES,
    LIST_BILLS,
    BillAccepted,
    BillDifferenceLine,
    BillView,
    ImportBill,
    ListBillDifferences,
    ListBills,
)
from kernel.contracts.words import chinese
from kernel.contracts.words_traffic import BILL_DIFFERENCES, BILL_STATES
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from kernel.model.iccid import KEY, check_shape
from kernel.model.period import business_date
from kernel.model.written import decimal
from services.traffic import months
from services.traffic.money import yuan
from services.traffic.rows import bad_iccid
from services.traffic.tables import bill_lines, bills, cards, chassis, cost_entries
from services.traffic.tariff_list import province_of

BILL_JOB = "carrier_bill"
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

    A bill without a good line takes no other's place. Raises bill_without_lines, bill_unit_differs.
    """
    with job.unit_of_work() as tx:
        bill = tx.execute(select(bills).where(_B.id == job.request["bill_id"]).with_for_update()).one()
        result = {"bill_id": bill.id}
        if bill.state == "waiting":
            tx.execute(_STAGING)
            rows = _stage(job, tx, bill)
            if rows == job.refused_count:
                raise DomainError("bill_without_lines", count=rows)
            tx.execute(_AS_IN_THE_BOOKS)
            for row in tx.execute(_TWICE).all():
                job.refuse(row.row_no, row.iccid, "bill_twice", first=row.first)
            asked = {"id": bill.id, "province": bill.province, "carrier": bill.carrier, "month": bill.month}
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


def _bills(asked: Asked[ListBills]) -> Select[Any]:
    """A bill is the whole province's, and so is who sees it; each unit has its own cards' differences."""
    request = asked.request
    ours = (
        select(func.coalesce(func.sum(_E.fen), 0))
        .where(_E.posted_in == _B.month, _E.carrier == _B.carrier, within(_E.unit, province_of(asked.by)))
        .scalar_subquery()
    )
    waits = select(_J.id).where(
        _J.kind == BILL_JOB,
        _J.state.in_(("queued", "running")),
        _J.request["bill_id"].as_string() == cast(_B.id, SqlText),
    )
    shown = case((and_(_B.state == "waiting", ~waits.exists()), "failed"), else_=_B.state)
    found = select(bills, shown.label("shown"), ours.label("ours")).where(
        _B.province == asked.by.unit, *equals(request, {"carrier": _B.carrier})
    )
    return found if request.month is None else found.where(_B.month == months.first_of(request.month))


def _bill(row: Row[Any]) -> BillView:
    names = ("id", "carrier", "rows", "refused", "asked_by_name", "asked_at")
    shown = {name: row._mapping[name] for name in names}
    return BillView(
        **shown,
        state=row.shown,
        month=row.month.strftime("%Y-%m"),
        billed=yuan(row.fen),
        ours=yuan(int(row.ours)),
        difference=yuan(row.fen - int(row.ours)),
        job=row.job_id,
    )


BILLS = SelectList(
    method=LIST_BILLS,
    title="运营商账单",
    resource="carrier-bills",
    matching=_bills,
    items=lambda asked, rows: [_bill(row) for row in rows],
    key=_B.id,
    newest_first=True,
    columns=(
        number("id", "编号"),
        Column("carrier", "运营商"),
        Column("month", "月份"),
        Column("state", "状态", words=chinese(BILL_STATES)),
        number("rows", "行数"),
        number("refused", "拒收行数"),
        number("billed", "账单金额（元）"),
        number("ours", "我方费用（元）"),
        number("difference", "差额（元）"),
        Column("asked_by_name", "提交人"),
        Column("asked_at", "提交时间"),
    ),
)
list_bills = BILLS.answer


def _differences(asked: Asked[ListBillDifferences]) -> Select[Any]:
    request = asked.request
    month = months.first_of(request.month)
    province = province_of(asked.by)
    newest = (
        select(func.max(_B.id))
        .where(_B.province == province, _B.carrier == request.carrier, _B.month == month, _B.state == "taken")
        .scalar_subquery()
    )
    theirs = select(bill_lines.c.iccid, bill_lines.c.fen).where(bill_lines.c.bill_id == newest).subquery("theirs")
    ours = (
        select(_E.iccid, cast(func.sum(_E.fen), BigInteger).label("fen"), func.max(_E.unit).label("unit"))
        .where(_E.posted_in == month, _E.carrier == request.carrier, within(_E.unit, province))
        .group_by(_E.iccid)
        .subquery("ours")
    )
    kind = case((ours.c.iccid.is_(None), "only_theirs"), (theirs.c.iccid.is_(None), "only_ours"), else_="differs")
    iccid = func.coalesce(theirs.c.iccid, ours.c.iccid)
    lines = (
        select(
            cast(iccid, SqlText).label("iccid"),
            func.coalesce(ours.c.unit, cards.c.owner_unit, province).label("unit"),
            kind.label("kind"),
            cards.c.state,
            theirs.c.fen.label("billed"),
            ours.c.fen.label("ours"),
        )
        .select_from(
            theirs.outerjoin(ours, theirs.c.iccid == ours.c.iccid, full=True).outerjoin(cards, cards.c.iccid == iccid)
        )
        .where(func.coalesce(theirs.c.fen, 0) != func.coalesce(ours.c.fen, 0), newest.is_not(None))
        .subquery("lines")
    )  # fmt: skip
    return select(lines).where(
        and_(
            scope(lines.c.unit, request.unit, asked.by),
            *equals(request, {"kind": lines.c.kind}),
            *begins(lines.c.iccid, request.iccid),
        )
    )


def _lines(asked: Asked[ListBillDifferences], rows: Sequence[Row[Any]]) -> list[BillDifferenceLine]:
    return [
        BillDifferenceLine(
            iccid=row.iccid,
            month=asked.request.month,
            unit=row.unit,
            kind=row.kind,
            state=row.state,
            billed=None if row.billed is None else yuan(row.billed),
            ours=None if row.ours is None else yuan(row.ours),
            difference=yuan((row.billed or 0) - (row.ours or 0)),
        )
        for row in rows
    ]


BILL_DIFFERENCES_LIST = SelectList(
    method=LIST_BILL_DIFFERENCES,
    title="账单差异",
    resource="bill-differences",
    matching=_differences,
    items=_lines,
    key=literal_column("lines.iccid", SqlText),
    columns=(
        Column("iccid", "ICCID", kind="code"),
        Column("month", "月份"),
        *unit_columns("unit", "单位"),
        Column("kind", "差异类型", words=chinese(BILL_DIFFERENCES)),
        Column("state", "卡片状态"),
        number("billed", "账单金额（元）", total=True),
        number("ours", "我方费用（元）", total=True),
        number("difference", "差额（元）", total=True),
    ),
)
list_bill_differences = BILL_DIFFERENCES_LIST.answer
