"""Editing a device by hand: further codes, maker, model; every change with before and after (IME-14, IME-17).

The code by which a device was entered is its key and stays; a device that was entered under a wrong code is frozen,
and the right one entered.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, select

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.columns import Column, unit_columns
from kernel.chassis.lists.conditions import equals, on_days, scope
from kernel.chassis.lists.spec import Asked, Rows, SelectList
from kernel.contracts.imei.edits import LIST_SERIAL_EDITS, EditedSerial, EditSerial, ListEdits, SerialEdit
from kernel.contracts.words import chinese
from kernel.contracts.words_imei import EDITED_FIELDS
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from services.imei import tac_table
from services.imei.bulk import choose, in_subtree
from services.imei.codes import ONE_AT_A_TIME, code_of, of_device, written
from services.imei.lifecycle import SerialState
from services.imei.organisations import of_house
from services.imei.tables import devices, edits

_E = edits.c
_CODES = "SELECT code FROM codes WHERE device_id = :id ORDER BY place"
_OF_OTHERS = "SELECT count(*) FROM codes WHERE code = ANY(:codes) AND device_id <> :id"
_TAKE_CODES = "DELETE FROM further_codes WHERE device_id = :id"
_GIVE_CODES = """
INSERT INTO further_codes (code, device_id, place)
SELECT code, :id, place FROM unnest(CAST(:codes AS bigint[])) WITH ORDINALITY AS given (code, place) WHERE place > 1
"""
_FOLLOW = """
UPDATE registrations SET unit = coalesce((
    SELECT devices.unit FROM codes JOIN devices ON devices.id = device_id WHERE codes.code = registrations.code
), place) WHERE code = ANY(:codes)
"""
_UPDATE = "UPDATE devices SET maker = :maker, model = :model WHERE id = :id"
_NOTE = """
INSERT INTO edits (device_id, unit, at, field, before, after, by, by_name, reason)
VALUES (:device_id, :unit, :at, :field, :before, :after, :by, :by_name, :reason)
"""


def may_edit(device: Any) -> bool:
    """What was swapped out is history."""
    return bool(device.state != SerialState.DAMAGED)


def _judge(device: Any) -> None:
    if not may_edit(device):
        raise DomainError("serial_edit_damaged")


def edit(tx: Tx, request: EditSerial, *, by: Actor, now: datetime) -> EditedSerial:
    """Raises serial_not_found, serial_edit_damaged, serial_edit_entry, serial_twice, serial_of_other_device."""
    if request.serials is not None:
        tx.execute(ONE_AT_A_TIME)
    chosen = choose(tx, [request.serial], _judge, seen=in_subtree(tx, by))
    chosen.require_all()
    device = next(iter(chosen.devices.values()))
    own = list(tx.execute(_CODES, {"id": device.id}).scalars())
    wanted = own if request.serials is None else _wanted(request.serials, device.id)
    before = {"serials": _said(own), "maker": device.maker, "model": device.model}
    after = {**before, **request.model_dump(include=request.model_fields_set & {"maker", "model"})}
    after["serials"] = _said(wanted)
    changed = [name for name in after if after[name] != before[name]]
    if wanted != own:
        _give(tx, device.id, wanted)
        tx.execute(_FOLLOW, {"codes": list({*own, *wanted})})
    tx.execute(_UPDATE, {"id": device.id, "maker": after["maker"], "model": after["model"]})
    tac_table.judge(tx, device.id)
    note = {"device_id": device.id, "unit": device.unit, "at": now, "reason": request.reason}
    note |= {"by": by.id, "by_name": by.name}
    for name in changed:
        tx.execute(_NOTE, {**note, "field": name, "before": before[name], "after": after[name]})
    return EditedSerial.model_validate({**after, "serials": list(map(written, wanted)), "changed": changed})


def _wanted(serials: list[str], entered: int) -> list[int]:
    """The codes in their order; the first is the one by which the device was entered."""
    codes = [code_of(serial) for serial in serials]
    if len(set(codes)) < len(codes):
        raise DomainError("serial_twice", field="serials")
    if entered not in codes:
        raise DomainError("serial_edit_entry", field="serials", value=written(entered))
    return sorted(codes, key=lambda code: code != entered)


def _give(tx: Tx, device: int, wanted: list[int]) -> None:
    given = {"id": device, "codes": wanted}
    if tx.execute(_OF_OTHERS, given).scalar_one():
        raise DomainError("serial_of_other_device", field="serials")
    tx.execute(_TAKE_CODES, {"id": device})
    tx.execute(_GIVE_CODES, given)


def _said(codes: list[int]) -> str:
    return "、".join(map(written, codes))


def _of_house(asked: Asked[ListEdits]) -> list[ColumnElement[bool]]:
    """An edit is shown to who sees the device where it lies now."""
    own = of_house(devices.c.organisation, asked)
    return [_E.device_id.in_(select(devices.c.id).where(*own))] if own else []


def _matching(asked: Asked[ListEdits]) -> Select[Any]:
    request = asked.request
    return select(edits).where(
        scope(_E.unit, request.unit, asked.by),
        *_of_house(asked),
        *equals(request, {"field": _E.field}),
        *of_device(_E.device_id, request.serial),
        *on_days(_E.at, request.day_from, request.day_to),
    )


def _items(_: Asked[ListEdits], rows: Rows) -> list[SerialEdit]:
    return [SerialEdit.model_validate({**row._mapping, "serial": written(row.device_id)}) for row in rows]


SERIAL_EDITS = SelectList(
    method=LIST_SERIAL_EDITS,
    title="串码修改记录",
    resource="serial-edits",
    matching=_matching,
    items=_items,
    key=_E.id,
    newest_first=True,
    columns=(
        Column("serial", "串码", kind="code"),
        *unit_columns("unit", "单位"),
        Column("field", "修改项", words=chinese(EDITED_FIELDS)),
        Column("before", "修改前"),
        Column("after", "修改后"),
        Column("at", "时间"),
        Column("by_name", "操作人"),
        Column("reason", "原因"),
    ),
)
