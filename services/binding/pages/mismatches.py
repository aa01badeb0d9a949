"""终端与卡单位不一致 and 单位更正记录, each seen from both sides' units (BND-08)."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, or_, select

from kernel.chassis.lists.columns import Column, number, unit_columns
from kernel.chassis.lists.conditions import begins, equals, within
from kernel.chassis.lists.spec import Asked, SelectList
from kernel.contracts.binding.mismatches import (
    CORRECT_UNITS,
    LIST_CORRECTIONS,
    LIST_MISMATCHES,
    UNDO_CORRECTION,
    ListCorrections,
    ListedCorrection,
    ListedMismatch,
    ListMismatches,
)
from kernel.contracts.said import say
from kernel.contracts.words import chinese
from kernel.contracts.words_binding import CORRECTION_SIDES, CORRECTION_STATES
from kernel.contracts.words_people import CARRIER_NAMES
from kernel.model.actor import Actor
from kernel.model.unit import is_within
from services.binding.pages.scope import asked_unit, asset_no_begins
from services.binding.tables import cards, unit_corrections, unit_mismatches

_M, _C = unit_mismatches.c, unit_corrections.c


def _either(one: ColumnElement[Any], other: ColumnElement[Any], asked: Asked[Any]) -> ColumnElement[bool]:
    unit = asked_unit(asked.request.unit, asked.by)
    return or_(within(one, unit), within(other, unit))


def _both(one: str, other: str, by: Actor) -> bool:
    return is_within(one, by.unit) and is_within(other, by.unit)


def _mismatches(asked: Asked[ListMismatches]) -> Select[Any]:
    request = asked.request
    return (
        select(unit_mismatches, cards.c.carrier)
        .outerjoin(cards, cards.c.iccid == _M.iccid)
        .where(
            _either(_M.terminal_unit, _M.card_unit, asked),
            *asset_no_begins(_M.asset_no, request.terminal),
            *begins(_M.iccid, request.iccid),
        )
    )


def _mismatched(asked: Asked[ListMismatches], rows: Sequence[Row[Any]]) -> list[ListedMismatch]:
    able = CORRECT_UNITS.allows(asked.by.permissions)
    return [
        ListedMismatch(
            mismatch_id=row.id, terminal=row.asset_no, slot=row.slot, terminal_unit=row.terminal_unit, iccid=row.iccid,
            card_unit=row.card_unit, carrier=row.carrier, since=row.bound_from,
            can=["correct"] if able and _both(row.terminal_unit, row.card_unit, asked.by) else [],
        )
        for row in rows
    ]  # fmt: skip


MISMATCHES = SelectList(
    method=LIST_MISMATCHES,
    title="终端与卡单位不一致",
    resource="binding/mismatches",
    matching=_mismatches,
    items=_mismatched,
    key=(_M.terminal_unit, _M.asset_no, _M.slot),
    sorts={"terminal_unit": _M.terminal_unit, "terminal": _M.asset_no, "since": _M.bound_from},
    columns=(
        Column("terminal", "终端资产编号", kind="code"),
        number("slot", "模块槽位"),
        *unit_columns("terminal_unit", "终端单位"),
        Column("iccid", "ICCID", kind="code"),
        *unit_columns("card_unit", "卡单位"),
        Column("carrier", "运营商", words=chinese(CARRIER_NAMES)),
        Column("since", "绑定时间"),
    ),
)


def _corrections(asked: Asked[ListCorrections]) -> Select[Any]:
    request = asked.request
    return select(unit_corrections).where(
        _either(_C.from_unit, _C.to_unit, asked),
        *asset_no_begins(_C.asset_no, request.terminal),
        *begins(_C.iccid, request.iccid),
        *equals(request, {"side": _C.side, "state": _C.state}),
    )


def _corrected(asked: Asked[ListCorrections], rows: Sequence[Row[Any]]) -> list[ListedCorrection]:
    able = UNDO_CORRECTION.allows(asked.by.permissions)
    return [
        ListedCorrection(
            correction_id=row.id, side=row.side, terminal=row.asset_no, slot=row.slot, iccid=row.iccid,
            from_unit=row.from_unit, to_unit=row.to_unit, state=row.state,
            message=say(row.code, {"state": ""}) if row.code else None, reason=row.reason, at=row.at,
            by_name=row.by_name, undoes=row.undoes, undone_by=row.undone_by,
            can=["undo"] if able and row.state == "done" and row.undone_by is None and row.undoes is None
            and _both(row.from_unit, row.to_unit, asked.by) else [],
        )
        for row in rows
    ]  # fmt: skip


CORRECTIONS = SelectList(
    method=LIST_CORRECTIONS,
    title="单位更正记录",
    resource="binding/corrections",
    matching=_corrections,
    items=_corrected,
    key=_C.id,
    newest_first=True,
    columns=(
        Column("correction_id", "更正编号", kind="code", width=12),
        Column("at", "更正时间"),
        Column("by_name", "更正人", width=12),
        Column("side", "更正对象", words=chinese(CORRECTION_SIDES), width=12),
        Column("terminal", "终端资产编号", kind="code"),
        number("slot", "模块槽位"),
        Column("iccid", "ICCID", kind="code"),
        *unit_columns("from_unit", "原单位"),
        *unit_columns("to_unit", "新单位"),
        Column("state", "更正状态", words=chinese(CORRECTION_STATES), width=12),
        Column("message", "未能更正的原因", width=30),
        Column("reason", "原因"),
        Column("undoes", "撤销的更正", kind="code", width=12),
        Column("undone_by", "被何更正撤销", kind="code", width=12),
    ),
)
