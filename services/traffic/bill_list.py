"""The carriers' bills as lists: beside our own sums, and card by card (TRF-10)."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import CTE, BigInteger, Row, Select, and_, case, cast, func, literal_column, select
from sqlalchemy import Text as SqlText

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.columns import Column, number, unit_columns
from kernel.chassis.lists.conditions import begins, equals, scope, within
from kernel.chassis.lists.spec import Asked, SelectList
from kernel.contracts.said import say
from kernel.contracts.traffic.costs import (
    DECIDE_BILL,
    LIST_BILL_DIFFERENCES,
    LIST_BILLS,
    BillDifferenceLine,
    BillView,
    ListBillDifferences,
    ListBills,
)
from kernel.contracts.words import chinese
from kernel.contracts.words_traffic import BILL_DIFFERENCES, BILL_STATES
from kernel.model.actor import Actor
from services.traffic import months
from services.traffic.money import yuan
from services.traffic.tables import bill_lines, bills, cards, chassis, cost_entries
from services.traffic.tariff_list import province_of

BILL_JOB = "carrier_bill"
_B = bills.c
_E = cost_entries.c
_J = chassis.jobs.c


def _shown(by: Actor) -> Select[Any]:
    """A bill is the whole province's, and so is who sees it; each unit has its own cards' differences."""
    ours = (
        select(func.coalesce(func.sum(_E.fen), 0))
        .where(_E.posted_in == _B.month, _E.carrier == _B.carrier, within(_E.unit, province_of(by)))
        .scalar_subquery()
    )
    waits = select(_J.id).where(
        _J.kind == BILL_JOB,
        _J.state.in_(("queued", "running")),
        _J.request["bill_id"].as_string() == cast(_B.id, SqlText),
    )
    shown = case((and_(_B.state == "waiting", ~waits.exists()), "failed"), else_=_B.state)
    return select(bills, shown.label("shown"), ours.label("ours")).where(_B.province == by.unit)


def _bills(asked: Asked[ListBills]) -> Select[Any]:
    request = asked.request
    found = _shown(asked.by).where(*equals(request, {"carrier": _B.carrier}))
    return found if request.month is None else found.where(_B.month == months.first_of(request.month))


def bill_view(tx: Tx, bill_id: int, by: Actor) -> BillView:
    """A bill of the actor's province as lists show it."""
    return _bill(tx.execute(_shown(by).where(_B.id == bill_id)).one(), by)


def _bill(row: Row[Any], by: Actor) -> BillView:
    names = ("id", "carrier", "rows", "refused", "asked_by_name", "asked_at", "decided_by", "remark")
    shown = {name: row._mapping[name] for name in names}
    return BillView(
        **shown,
        state=row.shown,
        month=row.month.strftime("%Y-%m"),
        billed=yuan(row.fen),
        ours=yuan(int(row.ours)),
        difference=yuan(row.fen - int(row.ours)),
        job=row.job_id,
        reasons=[say(code, params) for code, params in row.reasons],
        can=["decide"] if row.state == "held" and DECIDE_BILL.allows(by.permissions) else [],
    )


BILLS = SelectList(
    method=LIST_BILLS,
    title="运营商账单",
    resource="carrier-bills",
    matching=_bills,
    items=lambda asked, rows: [_bill(row, asked.by) for row in rows],
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
        Column("decided_by", "确认人"),
        Column("remark", "确认说明"),
    ),
)
list_bills = BILLS.answer


def _newest_bill(request: ListBillDifferences, province: str) -> CTE:
    """The last bill taken of the newest month that has one."""
    taken = select(_B.id, _B.carrier, _B.month).where(
        _B.province == province, _B.state == "taken", *equals(request, {"carrier": _B.carrier})
    )
    if request.month is not None:
        taken = taken.where(_B.month == months.first_of(request.month))
    return taken.order_by(_B.month.desc(), _B.id.desc()).limit(1).cte("bill")


def _differences(asked: Asked[ListBillDifferences]) -> Select[Any]:
    request = asked.request
    province = province_of(asked.by)
    bill = _newest_bill(request, province)
    newest, carrier, month = (select(bill.c[name]).scalar_subquery() for name in ("id", "carrier", "month"))
    theirs = select(bill_lines.c.iccid, bill_lines.c.fen).where(bill_lines.c.bill_id == newest).subquery("theirs")
    ours = (
        select(_E.iccid, cast(func.sum(_E.fen), BigInteger).label("fen"), func.max(_E.unit).label("unit"))
        .where(_E.posted_in == month, _E.carrier == carrier, within(_E.unit, province))
        .group_by(_E.iccid)
        .subquery("ours")
    )
    kind = case((ours.c.iccid.is_(None), "only_theirs"), (theirs.c.iccid.is_(None), "only_ours"), else_="differs")
    iccid = func.coalesce(theirs.c.iccid, ours.c.iccid)
    lines = (
        select(
            cast(iccid, SqlText).label("iccid"),
            carrier.label("carrier"),
            month.label("month"),
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
            carrier=row.carrier,
            month=row.month.strftime("%Y-%m"),
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
        Column("carrier", "运营商"),
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
