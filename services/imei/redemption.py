"""核销 (IME-09): answered in real time, and exactly one of two orders wins, for the device's row is locked first."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.columns import Column, unit_columns
from kernel.chassis.lists.conditions import equals, on_days, scope, whether
from kernel.chassis.lists.spec import Asked, Rows, SelectList
from kernel.contracts.imei.acts import SerialAnswer
from kernel.contracts.imei.redemption import (
    LIST_REDEMPTIONS,
    REDEEM_SERIAL,
    CheckRedemption,
    ListRedemptions,
    RedeemSerial,
    Redemption,
    Verdict,
    Verdicts,
)
from kernel.contracts.words import chinese
from kernel.contracts.words_imei import REDEMPTION_KINDS
from kernel.model.actor import Actor
from services.imei import organisations
from services.imei.bulk import WHERE_THEY_LIE, Free, Judge, choose, in_province, require_action
from services.imei.codes import of_device, written
from services.imei.lifecycle import SerialAction
from services.imei.movement import Note, move, note_change
from services.imei.scanning import held_by
from services.imei.tables import redemptions

_R = redemptions.c
_ACTIONS = {"terminal": SerialAction.REDEEM_TERMINAL, "airtime": SerialAction.REDEEM_AIRTIME}
_KEEP = """
INSERT INTO redemptions (device_id, version, kind, organisation, unit, order_no, msisdn, at, by_name)
SELECT device_id, version, :kind, :organisation, :unit, :order_no, :msisdn, :at, :by_name FROM events
WHERE device_id = :device_id AND change_id = :change_id
"""


def may_be_redeemed(kind: str, organisation: str) -> Judge:
    """终补: sellable and in this organisation; 话补: sold and not subsidised, wherever it was."""

    def judge(device: Any) -> None:
        require_action(device, _ACTIONS[kind])
        if kind == "terminal":
            held_by(device, organisation)

    return judge


def check(tx: Tx, request: CheckRedemption, *, by: Actor, now: datetime) -> Verdicts:
    """Whether each device may be redeemed now; changes nothing and waits for nobody.

    All is asked in one statement: it sees one moment, and somebody stands before the clerk.
    """

    def read(codes: list[int]) -> Sequence[Any]:
        params = {"codes": codes, "now": now, "order_no": None}
        rows = organisations.active_beside(tx, request.organisation, by, WHERE_THEY_LIE, params)
        return [row for row in rows if row.id is not None]

    judge = may_be_redeemed(request.kind, request.organisation)
    chosen = choose(tx, request.serials, judge, seen=in_province(by), read=read)
    refused = {it.row: it for it in chosen.refused}
    items = [
        Verdict(row=row, serial=serial[:64], allowed=True)
        if (no := refused.get(row)) is None
        else Verdict(row=row, serial=no.serial, allowed=False, code=no.code, message=no.message, repair=no.repair)
        for row, serial in enumerate(request.serials, start=1)
    ]
    return Verdicts(items=items, allowed_count=len(items) - len(refused))


def redeem(tx: Tx, request: RedeemSerial, *, by: Actor, now: datetime) -> SerialAnswer:
    """> 已补贴. Raises the reason when the device may not be redeemed: the order is not made then."""
    place = organisations.active(tx, request.organisation, by)
    judge = may_be_redeemed(request.kind, request.organisation)
    chosen = choose(tx, [request.serial], judge, seen=in_province(by), free=Free(now, request.order_no))
    chosen.require_all()
    change_id = note_change(tx, by, now, Note(document=request.order_no))
    move(tx, _ACTIONS[request.kind], chosen.rows, change_id, now)
    kept = {**request.model_dump(exclude={"serial"}), "unit": place.unit, "at": now, "by_name": by.name}
    tx.execute(_KEEP, {**kept, "device_id": next(iter(chosen.rows)), "change_id": change_id})
    tx.execute("DELETE FROM reservations WHERE device_id = :id", {"id": next(iter(chosen.rows))})
    return chosen.answer()


def _matching(asked: Asked[ListRedemptions]) -> Select[Any]:
    request = asked.request
    return select(redemptions).where(
        scope(_R.unit, request.unit, asked.by),
        *organisations.of_house(_R.organisation, asked),
        *equals(request, {"kind": _R.kind, "organisation": _R.organisation, "order_no": _R.order_no}),
        *of_device(_R.device_id, request.serial),
        *on_days(_R.at, request.day_from, request.day_to),
        *whether(_R.cancelled_version.is_not(None), request.cancelled),
    )


def _items(asked: Asked[ListRedemptions], rows: Rows) -> list[Redemption]:
    able = REDEEM_SERIAL.allows(asked.by.permissions)
    return [
        Redemption(
            serial=written(row.device_id), kind=row.kind, organisation=row.organisation, unit=row.unit,
            order_no=row.order_no, at=row.at, by_name=row.by_name, cancelled=row.cancelled_version is not None,
            can=["cancel"] if able and row.cancelled_version is None else [],
        )
        for row in rows
    ]  # fmt: skip


REDEMPTIONS = SelectList(
    method=LIST_REDEMPTIONS,
    title="核销记录",
    resource="serial-redemptions",
    matching=_matching,
    items=_items,
    key=(_R.at, _R.device_id, _R.version),
    sorts={"at": _R.at},
    newest_first=True,
    columns=(
        Column("order_no", "订单号", kind="code"),
        Column("serial", "串码", kind="code"),
        Column("kind", "补贴类型", words=chinese(REDEMPTION_KINDS)),
        Column("organisation", "库存组织", kind="code"),
        *unit_columns("unit", "单位"),
        Column("at", "核销时间"),
        Column("by_name", "操作人"),
        Column("cancelled", "已取消", width=10),
    ),
)
