"""扫码: goods arrive, are sold, move within one level; the last scan can be taken back (IME-07, IME-19).

A scan has an id of the client's own: sent again after a lost answer it is answered again and does nothing.
"""

from datetime import datetime
from typing import Any

import orjson

from kernel.chassis.data.unit_of_work import Tx
from kernel.contracts.imei.acts import ScanSerials, SellSerials, SerialAnswer, TransferSerials, UndoScan
from kernel.contracts.said import Said
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from services.imei import organisations
from services.imei.bulk import Free, Judge, choose, in_province, in_subtree, require_action
from services.imei.lifecycle import SerialAction
from services.imei.movement import Note, Place, lock, move, note_change, restore

_KEEP = """
INSERT INTO scans (organisation, client_id, act, change_id, request, answer)
VALUES (:organisation, :client_id, :act, :change_id, CAST(:request AS jsonb), CAST(:answer AS jsonb))
"""
_KEEP_DEVICES = """
INSERT INTO scanned (change_id, device_id, version)
SELECT change_id, device_id, version FROM events WHERE device_id = ANY(:ids) AND change_id = :change_id
"""

def held_by(device: Any, organisation: str) -> None:
    """Raises DomainError unless the organisation holds the device."""
    if device.organisation is None:
        raise DomainError("serial_without_organisation")
    if device.organisation != organisation:
        raise DomainError("serial_in_other_organisation", value=device.organisation)


def scan_in(tx: Tx, request: ScanSerials, *, by: Actor, now: datetime) -> SerialAnswer:
    """Devices of the province that no organisation holds fall to this one."""

    def judge(device: Any) -> None:
        require_action(device, SerialAction.SCAN_IN)
        if device.organisation is not None:
            raise DomainError("serial_in_other_organisation", value=device.organisation)

    return _scan(tx, request, SerialAction.SCAN_IN, judge, by=by, now=now)


def sell(tx: Tx, request: SellSerials, *, by: Actor, now: datetime) -> SerialAnswer:
    """裸机销售 of devices that the organisation holds."""

    def judge(device: Any) -> None:
        require_action(device, SerialAction.SELL)
        held_by(device, request.organisation)

    return _scan(tx, request, SerialAction.SELL, judge, by=by, now=now)


def _scan(
    tx: Tx, request: ScanSerials, action: SerialAction, judge: Judge, *, by: Actor, now: datetime
) -> SerialAnswer:
    place = organisations.active(tx, request.organisation, by)
    _queue(tx, request.organisation)
    asked = {"act": str(action), "serials": request.serials}
    if (known := _known(tx, request)) is not None:
        if known.request != asked:
            raise DomainError("scan_differs")
        return _again(known.answer)
    chosen = choose(tx, request.serials, judge, seen=in_province(by), free=Free(now))
    change_id = note_change(tx, by, now)
    to = Place(place.code, place.unit) if action is SerialAction.SCAN_IN else None
    move(tx, action, chosen.rows, change_id, now, to=to)
    tx.execute(_KEEP_DEVICES, {"ids": list(chosen.rows), "change_id": change_id})
    answer = chosen.answer()
    kept = {
        "organisation": request.organisation,
        "client_id": request.client_id,
        "act": str(action),
        "change_id": change_id,
        "request": orjson.dumps(asked).decode(),
        "answer": _dump(answer),
    }
    tx.execute(_KEEP, kept)
    return answer


def _dump(answer: SerialAnswer) -> str:
    """Codes and texts in both languages, so that the repeat speaks the language of who asks then."""
    refused = [
        {"row": it.row, "serial": it.serial, "code": it.code, "repair": it.repair, "zh": str(it.message),
         "en": getattr(it.message, "en", str(it.message))}
        for it in answer.refused
    ]  # fmt: skip
    return orjson.dumps({"done": answer.done, "refused": refused}).decode()


def _again(kept: dict[str, Any]) -> SerialAnswer:
    refused = [{**it, "message": Said(it["zh"], it["en"])} for it in kept["refused"]]
    return SerialAnswer.model_validate({"done": kept["done"], "refused_count": len(refused), "refused": refused})


def _queue(tx: Tx, organisation: str) -> None:
    """Scans of one organisation come one after the other: what the last is, is then certain."""
    tx.execute("SELECT 1 FROM organisations WHERE code = :code FOR UPDATE", {"code": organisation})


def _known(tx: Tx, request: Any) -> Any:
    return tx.execute(
        "SELECT * FROM scans WHERE organisation = :organisation AND client_id = :client_id",
        {"organisation": request.organisation, "client_id": request.client_id},
    ).one_or_none()


def undo(tx: Tx, request: UndoScan, *, by: Actor, now: datetime) -> SerialAnswer:
    """All devices of the scan are again where and what they were, or nothing happens.

    Raises scan_not_last, scan_moved_on. Taken back already: answered again.
    """
    organisations.own(tx, request.organisation, by)
    _queue(tx, request.organisation)
    scan = _known(tx, request)
    if scan is not None and scan.undone_by is not None:
        return SerialAnswer(done=scan.answer["done"], refused_count=0, refused=[])
    last = tx.execute(
        "SELECT max(number) FROM scans WHERE organisation = :organisation AND undone_by IS NULL"
        " AND (answer ->> 'done')::int > 0",
        {"organisation": request.organisation},
    ).scalar_one()
    if scan is None or scan.number != last:
        raise DomainError("scan_not_last")
    marks = {
        row.device_id: row.version
        for row in tx.execute("SELECT device_id, version FROM scanned WHERE change_id = :id", {"id": scan.change_id})
    }
    devices = lock(tx, list(marks))
    moved_on = sum(devices[one].version != version for one, version in marks.items())
    if moved_on:
        raise DomainError("scan_moved_on", count=moved_on)
    action = SerialAction.UNDO_SCAN if scan.act == SerialAction.SCAN_IN else SerialAction.UNDO_SALE
    change_id = note_change(tx, by, now)
    restore(tx, action, marks, change_id, now)
    tx.execute(
        "UPDATE scans SET undone_by = :change_id WHERE organisation = :organisation AND client_id = :client_id",
        {"change_id": change_id, "organisation": request.organisation, "client_id": request.client_id},
    )
    return SerialAnswer(done=len(marks), refused_count=0, refused=[])


def transfer(tx: Tx, request: TransferSerials, *, by: Actor, now: datetime) -> SerialAnswer:
    """调拨 to an organisation of the same level in the province; the devices must lie in the caller's subtree."""
    target = organisations.of_province(tx, request.to_organisation, by)

    def judge(device: Any) -> None:
        require_action(device, SerialAction.TRANSFER)
        if device.organisation is None:
            raise DomainError("serial_without_organisation")
        if device.organisation == target.code:
            raise DomainError("serial_lies_there")
        if levels[device.organisation] != target.level:
            raise DomainError("serial_levels_differ")

    levels = {row.code: row.level for row in tx.execute("SELECT code, level FROM organisations")}
    chosen = choose(tx, request.serials, judge, seen=in_subtree(tx, by), free=Free(now))
    if chosen.rows:
        change_id = note_change(tx, by, now, Note(reason=request.reason))
        move(tx, SerialAction.TRANSFER, chosen.rows, change_id, now, to=Place(target.code, target.unit))
    return chosen.answer()
