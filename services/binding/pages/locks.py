"""机卡锁定: the locks of one's cards, and which of them are breached (BND-10)."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, Select, exists, select

from kernel.chassis.lists.columns import Column, unit_columns
from kernel.chassis.lists.conditions import begins, within
from kernel.chassis.lists.spec import Asked, SelectList
from kernel.contracts.binding.locks import LIST_LOCKS, RELEASE_LOCKS, ListedLock, ListLocks
from kernel.contracts.words import chinese
from kernel.contracts.words_people import CARRIER_NAMES
from services.binding.breaches import KIND
from services.binding.module_tables import card_locks
from services.binding.pages.scope import asked_unit, asset_no_begins
from services.binding.tables import cards, exceptions

_L, _E = card_locks.c, exceptions.c
_BREACHED = (
    exists()
    .where(_E.kind == KIND, _E.iccid == _L.iccid, _E.resolved_at.is_(None), _L.released_at.is_(None))
    .correlate(card_locks)
)
_CARRIER = select(cards.c.carrier).where(cards.c.iccid == _L.iccid).correlate(card_locks).scalar_subquery()


def _locks(asked: Asked[ListLocks]) -> Select[Any]:
    request = asked.request
    query = (
        select(card_locks, _CARRIER.label("carrier"), _BREACHED.label("breached"))
        .where(
            within(_L.unit, asked_unit(request.unit, asked.by)),
            *asset_no_begins(_L.asset_no, request.terminal),
            *begins(_L.iccid, request.iccid),
            *begins(_L.imei, request.imei),
        )
    )
    if request.standing is not None:
        query = query.where(_L.released_at.is_(None) if request.standing else _L.released_at.is_not(None))
    if request.breached is not None:
        query = query.where(_BREACHED if request.breached else ~_BREACHED)
    return query


def _locked(asked: Asked[ListLocks], rows: Sequence[Row[Any]]) -> list[ListedLock]:
    able = RELEASE_LOCKS.allows(asked.by.permissions)
    return [
        ListedLock(
            lock_id=row.id, iccid=row.iccid, unit=row.unit, carrier=row.carrier, imei=row.imei,
            terminal=row.asset_no, reason=row.reason, set_at=row.set_at, set_by_name=row.set_by_name,
            breached=row.breached, released_at=row.released_at, released_by_name=row.released_by_name,
            release_reason=row.release_reason, can=["release"] if able and row.released_at is None else [],
        )
        for row in rows
    ]  # fmt: skip


LOCKS = SelectList(
    method=LIST_LOCKS,
    title="机卡锁定",
    resource="binding/locks",
    matching=_locks,
    items=_locked,
    key=_L.id,
    newest_first=True,
    columns=(
        Column("lock_id", "锁定编号", kind="code", width=12),
        Column("iccid", "ICCID", kind="code"),
        *unit_columns("unit", "卡单位"),
        Column("carrier", "运营商", words=chinese(CARRIER_NAMES)),
        Column("imei", "锁定 IMEI", kind="code"),
        Column("terminal", "锁定终端", kind="code"),
        Column("breached", "已违反", width=10),
        Column("reason", "原因"),
        Column("set_at", "锁定时间"),
        Column("set_by_name", "锁定人", width=12),
        Column("released_at", "解除时间"),
        Column("released_by_name", "解除人", width=12),
        Column("release_reason", "解除原因"),
    ),
)
