"""归属变更 (IME-03, rule 9.2.1): the group reviews what a province claimed of another's serials."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.columns import Column, unit_columns
from kernel.chassis.lists.conditions import equals, within
from kernel.chassis.lists.spec import Asked, Rows, SelectList
from kernel.contracts.imei.acts import RefusedSerial, SerialAnswer
from kernel.contracts.imei.ownership import (
    LIST_OWNERSHIP_MOVES,
    REVIEW_OWNERSHIP,
    ListOwnershipMoves,
    OwnershipMove,
    ReviewOwnership,
)
from kernel.contracts.said import say
from kernel.contracts.words import chinese
from kernel.contracts.words_imei import OWNERSHIP_STATES
from kernel.model.actor import Actor, same_person
from kernel.model.errors import DomainError
from kernel.model.unit import is_within
from services.imei.audit_tables import ownership_moves
from services.imei.bulk import require_action
from services.imei.codes import of_device, written
from services.imei.lifecycle import SerialAction
from services.imei.movement import Note, Place, lock, move, note_change

_M = ownership_moves.c
_DECIDE = """
UPDATE ownership_moves SET state = :state, decided_at = :now, decided_by_name = :by_name, remark = :remark
WHERE id = ANY(:ids)
"""
_OWNER = "UPDATE devices SET province = :province WHERE id = ANY(:ids)"
_SUBSIDISED = """
SELECT DISTINCT device_id FROM codes JOIN subsidised USING (code) WHERE device_id = ANY(:ids)
"""


def review(tx: Tx, request: ReviewOwnership, *, by: Actor, now: datetime) -> SerialAnswer:
    """Each by itself; what may not move says why. Refused ones stay where they are."""
    moves = {row.id: row for row in tx.execute(_wanted(request.moves).with_for_update())}
    devices = lock(tx, [row.device_id for row in moves.values()])
    paid = set(tx.execute(_SUBSIDISED, {"ids": list(devices)}).scalars()) if request.approved else set()
    good: dict[int, Any] = {}
    refused: list[RefusedSerial] = []
    for row_no, move_id in enumerate(request.moves, start=1):
        asked = moves.get(move_id)
        try:
            _judge(asked, good, by)
            if request.approved:
                _may_move(asked, devices, paid, good)
        except DomainError as error:
            serial = "" if asked is None else written(asked.device_id)
            message = say(error.code, error.params)
            refused.append(RefusedSerial(row=row_no, serial=serial, code=error.code, message=message))
        else:
            good[move_id] = asked
    if request.approved:
        _move(tx, list(good.values()), request.remark, by, now)
    state = "approved" if request.approved else "refused"
    values = {"ids": list(good), "now": now, "by_name": by.name, "remark": request.remark}
    tx.execute(_DECIDE, {**values, "state": state})
    return SerialAnswer(done=len(good), refused_count=len(refused), refused=refused)


def _wanted(ids: Sequence[int]) -> Select[Any]:
    return select(ownership_moves).where(_M.id.in_(set(ids))).order_by(_M.id)


def _judge(asked: Any, good: dict[int, Any], by: Actor) -> None:
    if asked is None or not (is_within(asked.to_province, by.unit) or is_within(asked.from_province, by.unit)):
        raise DomainError("ownership_not_found")
    if asked.state != "pending" or asked.id in good:
        raise DomainError("ownership_decided")
    if same_person(asked.asked_by, by.id):
        raise DomainError("ownership_own")


def _may_move(asked: Any, devices: dict[int, Any], paid: set[int], good: dict[int, Any]) -> None:
    """Two provinces may have asked for one device; the one that is approved first has it."""
    device = devices[asked.device_id]
    require_action(device, SerialAction.CLAIM)
    if device.province != asked.from_province or any(it.device_id == device.id for it in good.values()):
        raise DomainError("serial_other_province")
    if device.id in paid:
        raise DomainError("serial_subsidised_elsewhere")


def _move(tx: Tx, approved: list[Any], remark: str, by: Actor, now: datetime) -> None:
    for province in sorted({asked.to_province for asked in approved}):
        own: dict[int, int | None] = {it.device_id: it.row_no for it in approved if it.to_province == province}
        change_id = note_change(tx, by, now, Note(reason=remark))
        move(tx, SerialAction.CLAIM, own, change_id, now, to=Place(None, province))
        tx.execute(_OWNER, {"province": province, "ids": list(own)})


def _of_the_province(asked: Asked[ListOwnershipMoves]) -> ColumnElement[bool]:
    return or_(within(_M.to_province, asked.by.unit), within(_M.from_province, asked.by.unit))


def _matching(asked: Asked[ListOwnershipMoves]) -> Select[Any]:
    return select(ownership_moves).where(
        _of_the_province(asked),
        *equals(asked.request, {"state": _M.state, "list_id": _M.list_id}),
        *of_device(_M.device_id, asked.request.serial),
    )


def _items(asked: Asked[ListOwnershipMoves], rows: Rows) -> list[OwnershipMove]:
    able = REVIEW_OWNERSHIP.allows(asked.by.permissions)
    return [
        OwnershipMove.model_validate({
            **row._mapping, "move_id": row.id, "serial": written(row.device_id), "row": row.row_no,
            "can": ["review"]
            if able and row.state == "pending" and not same_person(row.asked_by, asked.by.id)
            else [],
        })
        for row in rows
    ]  # fmt: skip


OWNERSHIP_MOVES = SelectList(
    method=LIST_OWNERSHIP_MOVES,
    title="归属变更",
    resource="serial-ownership",
    matching=_matching,
    items=_items,
    key=_M.id,
    newest_first=True,
    columns=(
        Column("move_id", "编号", kind="code", width=12),
        Column("serial", "串码", kind="code"),
        *unit_columns("from_province", "原归属省"),
        *unit_columns("to_province", "申请归属省"),
        Column("list_id", "清单编号", kind="code"),
        Column("row", "清单行号", kind="code"),
        Column("state", "状态", words=chinese(OWNERSHIP_STATES)),
        Column("asked_at", "提交时间"),
        Column("asked_by_name", "提交人"),
        Column("decided_at", "审核时间"),
        Column("decided_by_name", "审核人"),
        Column("remark", "审核说明"),
    ),
)
