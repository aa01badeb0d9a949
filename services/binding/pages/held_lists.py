"""终端全量清单: which came, which wait for a decision, and what those lack (BND-02)."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, exists, select

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.columns import Column, number
from kernel.chassis.lists.conditions import equals, within
from kernel.chassis.lists.spec import Asked, SelectList
from kernel.contracts.binding.held_lists import (
    LIST_MISSING_TERMINALS,
    LIST_TERMINAL_LISTS,
    DecideHeldList,
    ListedTerminalList,
    ListMissingTerminals,
    ListTerminalLists,
    MissingTerminal,
)
from kernel.contracts.binding.terminals import DecideTerminalList, TerminalListDecided
from kernel.contracts.words import chinese
from kernel.contracts.words_binding import LIST_STATES, TERMINAL_STATES
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from kernel.model.unit import is_within
from services.binding.pages.scope import UNITS
from services.binding.tables import bindings, terminal_list_members, terminal_lists, terminals
from services.binding.terminals import decide_list

_L, _T, _M, _B = terminal_lists.c, terminals.c, terminal_list_members.c, bindings.c


def _lists(asked: Asked[ListTerminalLists]) -> Select[Any]:
    return select(terminal_lists).where(within(_L.unit, asked.by.unit), *equals(asked.request, {"state": _L.state}))


def _listed(_: Asked[ListTerminalLists], rows: Sequence[Row[Any]]) -> list[ListedTerminalList]:
    return [
        ListedTerminalList(
            number=row.id, can=["decide", "preview"] if row.state == "held" else [],
            **{name: row._mapping[name] for name in ListedTerminalList.model_fields if name not in ("number", "can")},
        )
        for row in rows
    ]  # fmt: skip


TERMINAL_LISTS = SelectList(
    method=LIST_TERMINAL_LISTS,
    title="终端全量清单",
    resource="binding/terminal-lists",
    matching=_lists,
    items=_listed,
    key=_L.id,
    newest_first=True,
    columns=(
        Column("station", "采集主站"),
        Column("list_id", "清单编号", kind="code"),
        Column("as_of", "清单时间"),
        number("parts", "分段数"),
        Column("state", "清单状态", words=chinese(LIST_STATES), width=12),
        number("missing", "缺少终端数"),
        Column("received_at", "接收时间"),
        Column("decided_at", "裁定时间"),
        Column("decided_by_name", "裁定人", width=12),
        Column("reason", "原因"),
    ),
)


def _held(tx: Tx, wanted: int, by: Actor) -> Row[Any]:
    """The list. Raises DomainError terminal_list_not_held for one that is not there, is another's, or is decided."""
    row = tx.execute(select(terminal_lists).where(_L.id == wanted)).one_or_none()
    if row is None or row.state != "held" or not is_within(row.unit or "", by.unit):
        raise DomainError("terminal_list_not_held", list_id=str(wanted))
    return row


def _missing(asked: Asked[ListMissingTerminals]) -> Select[Any]:
    held = _held(asked.tx, asked.request.number, asked.by)
    named = exists().where(_M.station == held.station, _M.list_id == held.list_id, _M.asset_no == _T.asset_no)
    return select(terminals).where(
        _T.station == held.station, _T.state != "removed", _T.reported_at < held.as_of, ~named
    )


def _would_go(asked: Asked[ListMissingTerminals], rows: Sequence[Row[Any]]) -> list[MissingTerminal]:
    cards = defaultdict(list)
    query = select(_B.asset_no, _B.iccid).where(
        _B.asset_no.in_([row.asset_no for row in rows]), _B.bound_from.is_not(None), _B.bound_to.is_(None)
    )
    for row in asked.tx.execute(query.order_by(_B.asset_no, _B.slot)):
        cards[row.asset_no].append(row.iccid)
    return [
        MissingTerminal(
            terminal=row.asset_no, unit=row.unit, kind=row.kind, state=row.state, reported_at=row.reported_at,
            iccids=cards[row.asset_no],
        )
        for row in rows
    ]  # fmt: skip


MISSING_TERMINALS = SelectList(
    method=LIST_MISSING_TERMINALS,
    title="清单缺少的终端",
    resource="binding/missing-terminals",
    matching=_missing,
    items=_would_go,
    key=_T.asset_no,
    columns=(
        Column("terminal", "终端资产编号", kind="code"),
        *UNITS,
        Column("kind", "终端类型"),
        Column("state", "终端状态", words=chinese(TERMINAL_STATES), width=10),
        Column("reported_at", "上报时间"),
        Column("iccids", "ICCID", kind="code"),
    ),
)


def decide_held(tx: Tx, request: DecideHeldList, *, by: Actor, now: datetime) -> TerminalListDecided:
    """Accepts or refuses a held list. Raises DomainError terminal_list_not_held, unit_out_of_scope."""
    held = _held(tx, request.number, by)
    asked = DecideTerminalList(
        station=held.station, list_id=held.list_id, decision=request.decision, reason=request.reason
    )
    return decide_list(tx, asked, by=by, now=now)
