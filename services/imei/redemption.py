"""核销 (IME-09): answered in real time, and exactly one of two orders wins, for the device's row is locked first."""

from datetime import datetime
from typing import Any

from kernel.chassis.data.unit_of_work import Tx
from kernel.contracts.imei.acts import SerialAnswer
from kernel.contracts.imei.redemption import CheckRedemption, RedeemSerial, Verdict, Verdicts
from kernel.model.actor import Actor
from services.imei import organisations
from services.imei.bulk import Judge, choose, in_province, require_action
from services.imei.lifecycle import SerialAction
from services.imei.movement import Note, move, note_change
from services.imei.scanning import held_by

_ACTIONS = {"terminal": SerialAction.REDEEM_TERMINAL, "airtime": SerialAction.REDEEM_AIRTIME}
_KEEP = """
INSERT INTO redemptions (device_id, version, kind, organisation, order_no, at)
SELECT device_id, version, :kind, :organisation, :order_no, :at FROM events
WHERE device_id = :device_id AND change_id = :change_id
"""


def _judge(kind: str, organisation: str) -> Judge:
    """终补: sellable and in this organisation; 话补: sold and not subsidised, wherever it was."""

    def judge(device: Any) -> None:
        require_action(device, _ACTIONS[kind])
        if kind == "terminal":
            held_by(device, organisation)

    return judge


def check(tx: Tx, request: CheckRedemption, *, by: Actor) -> Verdicts:
    """Whether each device may be redeemed now; changes nothing and waits for nobody."""
    organisations.own(tx, request.organisation, by)
    judge = _judge(request.kind, request.organisation)
    chosen = choose(tx, request.serials, judge, seen=in_province(by), locking=False)
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
    organisations.own(tx, request.organisation, by)
    chosen = choose(tx, [request.serial], _judge(request.kind, request.organisation), seen=in_province(by))
    chosen.require_all()
    change_id = note_change(tx, by, now, Note(document=request.order_no))
    move(tx, _ACTIONS[request.kind], chosen.rows, change_id, now)
    kept = {"kind": request.kind, "organisation": request.organisation, "order_no": request.order_no, "at": now}
    tx.execute(_KEEP, {**kept, "device_id": next(iter(chosen.rows)), "change_id": change_id})
    return chosen.answer()
