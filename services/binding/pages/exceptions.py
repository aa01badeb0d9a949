"""绑定异常查看: exceptions, both sides of a contradiction, decisions and notes (BND-06)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, select

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.columns import Column, number
from kernel.chassis.lists.conditions import begins, equals
from kernel.chassis.lists.spec import Asked, SelectList
from kernel.contracts.binding.exceptions import (
    LIST_EXCEPTIONS,
    LIST_NOTES,
    LIST_SETTLEMENTS,
    Claim,
    Claims,
    ListClaims,
    ListedException,
    ListedNote,
    ListedSettlement,
    ListExceptions,
    ListNotes,
    ListSettlements,
    SettleException,
)
from kernel.contracts.binding.settling import HANDLE_EXCEPTION, SETTLE, Settle, Settled
from kernel.contracts.words import chinese
from kernel.contracts.words_binding import EXCEPTION_KINDS, HANDLING_STATES
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from services.binding import settling
from services.binding.pages.scope import UNITS, sees, visible
from services.binding.tables import exception_notes, exceptions, settlements
from services.binding.timeline import CONTRADICTION

_E, _N, _S = exceptions.c, exception_notes.c, settlements.c

_CLAIMS = """
SELECT b.asset_no, b.slot, b.iccid, b.first_read, b.bound_from, b.bound_to, t.unit, t.kind, t.state,
       (SELECT max(r.read_at) FROM readings AS r
        WHERE r.day >= (b.first_read AT TIME ZONE 'Asia/Shanghai')::date AND r.asset_no = b.asset_no
          AND r.slot = b.slot AND r.iccid = b.iccid AND r.outcome = 'read' AND r.read_at >= b.first_read) AS last_read
FROM bindings AS b LEFT JOIN terminals AS t USING (asset_no)
WHERE b.iccid = :iccid AND b.ended_at IS NULL
ORDER BY b.first_read, b.asset_no, b.slot
"""


def _matching(asked: Asked[ListExceptions]) -> Select[Any]:
    request = asked.request
    query = select(exceptions).where(
        visible(_E.unit, asked),
        *begins(_E.asset_no, request.terminal),
        *begins(_E.iccid, request.iccid),
        *equals(request, {"kind": _E.kind, "state": _E.state}),
    )
    if request.day_from is not None:
        query = query.where(_E.last_day >= request.day_from)
    if request.day_to is not None:
        query = query.where(_E.last_day <= request.day_to)
    if request.standing is not None:
        query = query.where(_E.resolved_at.is_(None) if request.standing else _E.resolved_at.is_not(None))
    return query


def _items(asked: Asked[ListExceptions], rows: Sequence[Row[Any]]) -> list[ListedException]:
    return [
        ListedException(
            exception_id=row.id, kind=row.kind, terminal=row.asset_no, slot=row.slot, unit=row.unit,
            iccid=row.iccid or None, other_terminal=row.against_asset_no, other_slot=row.against_slot,
            sample=row.sample, readings=row.readings, first_day=row.first_day, last_day=row.last_day,
            last_read_at=row.last_read_at, standing=row.resolved_at is None, state=row.state,
            handler_name=row.handler_name, handled_at=row.handled_at, note=row.note, can=_can(row, asked.by),
        )
        for row in rows
    ]  # fmt: skip


def _can(row: Row[Any], by: Actor) -> list[str]:
    """What the actor may do about an exception; what another person has in hand he may not take."""
    can = []
    if HANDLE_EXCEPTION.allows(by.permissions):
        can += ["take"] if row.state == "open" else []
        can += ["close"] if row.state != "closed" else []
        can += ["give_back"] if row.state != "open" else []
    contested = row.kind == CONTRADICTION and row.resolved_at is None and row.against_asset_no is not None
    return can + (["settle"] if contested and SETTLE.allows(by.permissions) else [])


EXCEPTIONS = SelectList(
    method=LIST_EXCEPTIONS,
    title="绑定异常",
    resource="binding/exceptions",
    matching=_matching,
    items=_items,
    key=_E.id,
    sorts={"last_day": _E.last_day, "terminal": _E.asset_no, "readings": _E.readings},
    newest_first=True,
    columns=(
        Column("exception_id", "异常编号", kind="code", width=12),
        Column("kind", "异常原因", words=chinese(EXCEPTION_KINDS)),
        Column("terminal", "终端资产编号", kind="code"),
        number("slot", "模块槽位"),
        *UNITS,
        Column("iccid", "ICCID", kind="code"),
        Column("other_terminal", "对方终端", kind="code"),
        number("other_slot", "对方槽位"),
        Column("sample", "抄读内容"),
        number("readings", "出现次数"),
        Column("first_day", "首次日期", width=12),
        Column("last_day", "最近日期", width=12),
        Column("last_read_at", "最近抄读时间"),
        Column("standing", "仍存在", width=10),
        Column("state", "处理状态", words=chinese(HANDLING_STATES), width=10),
        Column("handler_name", "处理人", width=12),
        Column("handled_at", "处理时间"),
        Column("note", "处理说明"),
    ),
)


def list_claims(tx: Tx, request: ListClaims, *, by: Actor) -> Claims:
    """Both sides of a contradiction, with their reading times. Raises exception_not_found.

    The other side may belong to a unit that the actor does not see; that it claims the card is his matter all the same.
    """
    found = _exception(tx, request.exception_id, by)
    this, other = (found.asset_no, found.slot), (found.against_asset_no, found.against_slot)
    return Claims(
        items=[
            Claim(
                party="this" if (row.asset_no, row.slot) == this else
                "other" if (row.asset_no, row.slot) == other else "third",
                terminal=row.asset_no, slot=row.slot, unit=row.unit, kind=row.kind, state=row.state, iccid=row.iccid,
                first_read=row.first_read, last_read=row.last_read, bound_from=row.bound_from,
                holds=row.bound_from is not None and row.bound_to is None,
            )
            for row in tx.execute(_CLAIMS, {"iccid": found.iccid})
        ]
    )  # fmt: skip


def settle_exception(tx: Tx, request: SettleException, *, by: Actor, now: datetime) -> Settled:
    """Decides for one side. Raises exception_not_found, exception_settles_nothing, claim_not_found."""
    found = _exception(tx, request.exception_id, by)
    if found.kind != CONTRADICTION or found.against_asset_no is None:
        raise DomainError("exception_settles_nothing", id=request.exception_id)
    chosen = (found.asset_no, found.slot) if request.to == "this" else (found.against_asset_no, found.against_slot)
    asked = Settle(iccid=found.iccid, terminal=chosen[0], slot=chosen[1], reason=request.reason)
    return settling.settle(tx, asked, by=by, now=now)


def _exception(tx: Tx, number: int, by: Actor) -> Row[Any]:
    row = tx.execute(select(exceptions).where(_E.id == number)).one_or_none()
    if row is None or not sees(row.unit, by):
        raise DomainError("exception_not_found", id=number)
    return row


def _of_exception(asked: Asked[ListNotes]) -> Select[Any]:
    _exception(asked.tx, asked.request.exception_id, asked.by)
    return select(exception_notes).where(_N.exception_id == asked.request.exception_id)


def _noted(_: Asked[ListNotes], rows: Sequence[Row[Any]]) -> list[ListedNote]:
    return [ListedNote(**{name: row._mapping[name] for name in ListedNote.model_fields}) for row in rows]


NOTES = SelectList(
    method=LIST_NOTES,
    title="异常处理记录",
    matching=_of_exception,
    items=_noted,
    key=_N.id,
)


def _settlements(asked: Asked[ListSettlements]) -> Select[Any]:
    request = asked.request
    return select(settlements).where(
        visible(_S.unit, asked),
        *begins(_S.asset_no, request.terminal),
        *begins(_S.iccid, request.iccid),
    )


def _settled(asked: Asked[ListSettlements], rows: Sequence[Row[Any]]) -> list[ListedSettlement]:
    able = SETTLE.allows(asked.by.permissions)
    return [
        ListedSettlement(
            settlement_id=row.id, iccid=row.iccid, terminal=row.asset_no, slot=row.slot, unit=row.unit,
            decided_at=row.decided_at, decided_by_name=row.decided_by_name, reason=row.reason,
            undone_at=row.undone_at, undone_by_name=row.undone_by_name, undo_reason=row.undo_reason,
            can=["undo"] if able and row.undone_at is None else [],
        )
        for row in rows
    ]  # fmt: skip


SETTLEMENTS = SelectList(
    method=LIST_SETTLEMENTS,
    title="绑定裁定记录",
    resource="binding/settlements",
    matching=_settlements,
    items=_settled,
    key=_S.id,
    newest_first=True,
    columns=(
        Column("settlement_id", "裁定编号", kind="code", width=12),
        Column("iccid", "ICCID", kind="code"),
        Column("terminal", "终端资产编号", kind="code"),
        number("slot", "模块槽位"),
        *UNITS,
        Column("decided_at", "裁定时间"),
        Column("decided_by_name", "裁定人", width=12),
        Column("reason", "原因"),
        Column("undone_at", "撤销时间"),
        Column("undone_by_name", "撤销人", width=12),
        Column("undo_reason", "撤销原因"),
    ),
)
