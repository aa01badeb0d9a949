"""IMEI 变更记录 and the history of modules, of a card and of a terminal (BND-10)."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, select

from kernel.chassis.lists.columns import Column, number
from kernel.chassis.lists.conditions import begins, on_days
from kernel.chassis.lists.spec import Asked, SelectList
from kernel.contracts.binding.imeis import LIST_IMEIS, ListedImei, ListImeis
from services.binding.intake import imei_of
from services.binding.module_tables import imei_runs
from services.binding.pages.scope import UNITS, asset_no_begins, visible

_M = imei_runs.c


def _of_imei(written: str | None) -> list[ColumnElement[bool]]:
    """One device, however its IMEI is written; nothing matches what is none."""
    return [_M.imei == (imei_of(written) or "")] if written else []


def _imeis(asked: Asked[ListImeis]) -> Select[Any]:
    request = asked.request
    query = select(imei_runs).where(
        visible(_M.unit, asked),
        *asset_no_begins(_M.asset_no, request.terminal),
        *begins(_M.iccid, request.iccid),
        *_of_imei(request.imei),
        *on_days(_M.first_read, request.day_from, request.day_to),
    )
    if request.changed is None:
        return query
    return query.where(_M.changed) if request.changed else query.where(~_M.changed)


def _listed(_: Asked[ListImeis], rows: Sequence[Row[Any]]) -> list[ListedImei]:
    return [
        ListedImei(
            iccid=row.iccid, imei=row.imei, terminal=row.asset_no, slot=row.slot, unit=row.unit, since=row.first_read,
            until=row.ended_at, card_imei_before=row.card_imei, terminal_before=row.card_asset_no,
            slot_imei_before=row.slot_imei,
        )
        for row in rows
    ]  # fmt: skip


IMEIS = SelectList(
    method=LIST_IMEIS,
    title="模块 IMEI 记录",
    resource="binding/imeis",
    matching=_imeis,
    items=_listed,
    key=(_M.first_read, _M.asset_no, _M.slot),
    newest_first=True,
    columns=(
        Column("since", "首次抄到"),
        Column("terminal", "终端资产编号", kind="code"),
        number("slot", "模块槽位"),
        *UNITS,
        Column("iccid", "ICCID", kind="code"),
        Column("imei", "IMEI", kind="code"),
        Column("card_imei_before", "卡原 IMEI", kind="code"),
        Column("terminal_before", "卡原终端", kind="code"),
        Column("slot_imei_before", "槽位原 IMEI", kind="code"),
        Column("until", "截止时间"),
    ),
)
