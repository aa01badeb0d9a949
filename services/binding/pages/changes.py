"""自动绑定记录: 统计 from the counts kept with the changes, 明细, and who was where (BND-05)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, or_, select

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.columns import Column, number
from kernel.chassis.lists.conditions import begins, equals
from kernel.chassis.lists.spec import Asked, SelectList, Statistic
from kernel.contracts.binding.changes import (
    COUNT_CHANGES,
    LIST_BINDINGS,
    LIST_CHANGES,
    ChangeCounts,
    CountChanges,
    CountedChanges,
    ListBindings,
    ListChanges,
    ListedBinding,
    ListedChange,
)
from kernel.contracts.words import chinese
from kernel.contracts.words_binding import CHANGE_CAUSES, CHANGE_KINDS
from kernel.model.actor import Actor
from services.binding.pages.scope import (
    COUNTED,
    COUNTED_UNIT,
    UNIT_COLUMNS,
    UNITS,
    asked_days,
    asked_unit,
    counting,
    visible,
)
from services.binding.tables import binding_changes, bindings, terminals

_C, _B, _T = binding_changes.c, bindings.c, terminals.c
_KINDS = ("added", "removed", "changed")
_CAUSES = ("card_replaced", "terminal_replaced", "both", "module_changed")
_SUMS = (*_KINDS, *_CAUSES, "total")
# A card that goes to another module of its terminal leaves one slot and comes to another; it is counted as it comes.
_COUNT = f"""
SELECT {COUNTED_UNIT} AS unit, day,
       {", ".join(f"coalesce(sum(changes) FILTER (WHERE kind = '{kind}'), 0)::bigint AS {kind}" for kind in _KINDS)},
       {", ".join(f"coalesce(sum(changes) FILTER (WHERE cause = '{it}'), 0)::bigint AS {it}" for it in _CAUSES)},
       sum(changes)::bigint AS total
FROM change_counts WHERE {COUNTED}
GROUP BY 1, 2 HAVING sum(changes) > 0 ORDER BY day DESC, 1
"""


def count_changes(tx: Tx, request: CountChanges, *, by: Actor, now: datetime) -> CountedChanges:
    """Changes per unit and day. Raises unit_out_of_scope, too_many_days."""
    unit = asked_unit(request.unit, by)
    rows = tx.execute(_COUNT, counting(unit, *asked_days(request, now))).all()
    items = [ChangeCounts(exact=row.unit == unit, **row._mapping) for row in rows]
    return CountedChanges(items=items, totals={name: sum(getattr(row, name) for row in rows) for name in _SUMS})


CHANGE_COUNTS = Statistic(
    method=COUNT_CHANGES,
    title="自动绑定统计",
    resource="binding/statistics/changes",
    act=count_changes,
    columns=(
        *UNIT_COLUMNS,
        Column("day", "绑定日期", width=12),
        number("added", "新增", total=True),
        number("removed", "减少", total=True),
        number("changed", "变更", total=True),
        number("total", "合计", total=True),
        number("card_replaced", "换卡", total=True),
        number("terminal_replaced", "换终端", total=True),
        number("both", "卡与终端均换", total=True),
        number("module_changed", "换模块", total=True),
    ),
)


def _changes(asked: Asked[ListChanges]) -> Select[Any]:
    request = asked.request
    first, last = asked_days(request, asked.now)
    query = select(binding_changes).where(
        _C.day.between(first, last),
        visible(_C.unit, asked),
        *begins(_C.asset_no, request.terminal),
        *equals(request, {"kind": _C.kind, "cause": _C.cause}),
    )
    if request.iccid:
        query = query.where(or_(*begins(_C.old_iccid, request.iccid), *begins(_C.new_iccid, request.iccid)))
    return query


def _changed(_: Asked[ListChanges], rows: Sequence[Row[Any]]) -> list[ListedChange]:
    return [
        ListedChange(
            terminal=row.asset_no, slot=row.slot, unit=row.unit, day=row.day, at=row.at, kind=row.kind,
            cause=row.cause, old_iccid=row.old_iccid, new_iccid=row.new_iccid, other_terminal=row.other_asset_no,
        )
        for row in rows
    ]  # fmt: skip


CHANGES = SelectList(
    method=LIST_CHANGES,
    title="自动绑定明细",
    resource="binding/changes",
    matching=_changes,
    items=_changed,
    key=(_C.asset_no, _C.slot, _C.at, _C.kind),
    sorts={"terminal": _C.asset_no, "at": _C.at},
    columns=(
        Column("terminal", "终端资产编号", kind="code"),
        number("slot", "模块槽位"),
        *UNITS,
        Column("day", "绑定日期", width=12),
        Column("at", "抄读时间"),
        Column("kind", "变更类型", words=chinese(CHANGE_KINDS), width=10),
        Column("cause", "变更原因", words=chinese(CHANGE_CAUSES), width=14),
        Column("old_iccid", "原 ICCID", kind="code"),
        Column("new_iccid", "新 ICCID", kind="code"),
        Column("other_terminal", "对方终端", kind="code"),
    ),
)


def _bindings(asked: Asked[ListBindings]) -> Select[Any]:
    request = asked.request
    query = (
        select(bindings, _T.unit)
        .outerjoin(terminals, _T.asset_no == _B.asset_no)
        .where(_B.bound_from.is_not(None), visible(_T.unit, asked))
    )
    if request.iccid:
        query = query.where(_B.iccid == request.iccid.replace("\x00", ""))
    if request.terminal:
        query = query.where(_B.asset_no == request.terminal.replace("\x00", "").upper())
    return query


def _bound(_: Asked[ListBindings], rows: Sequence[Row[Any]]) -> list[ListedBinding]:
    return [
        ListedBinding(
            terminal=row.asset_no, slot=row.slot, unit=row.unit, iccid=row.iccid, bound_from=row.bound_from,
            bound_to=row.bound_to,
        )
        for row in rows
    ]  # fmt: skip


BINDINGS = SelectList(
    method=LIST_BINDINGS,
    title="绑定历史",
    resource="binding/bindings",
    matching=_bindings,
    items=_bound,
    key=(_B.asset_no, _B.slot, _B.first_read),
    sorts={"terminal": _B.asset_no, "bound_from": _B.bound_from},
    columns=(
        Column("iccid", "ICCID", kind="code"),
        Column("terminal", "终端资产编号", kind="code"),
        number("slot", "模块槽位"),
        *UNITS,
        Column("bound_from", "绑定时间"),
        Column("bound_to", "解绑时间"),
    ),
)
