"""自注册: where and when devices announced themselves, and what dealers have sold without redeeming it (IME-11)."""

from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Select, select

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.columns import Column, number, unit_columns
from kernel.chassis.lists.conditions import equals, scope
from kernel.chassis.lists.spec import Asked, Rows, SelectList
from kernel.contracts.imei.acts import RefusedSerial, SerialAnswer
from kernel.contracts.imei.audits import (
    LIST_UNREDEEMED,
    ListUnredeemed,
    RegistrationRow,
    ReportRegistrations,
    Unredeemed,
)
from kernel.contracts.said import say
from kernel.model.actor import Actor
from kernel.model.serial import Refused
from services.imei.codes import judged, written
from services.imei.lifecycle import SerialState
from services.imei.tables import devices

_D = devices.c
_AHEAD = timedelta(hours=1)
"""Clocks differ; what lies further in the future is no registration."""
_KEEP = """
INSERT INTO registrations (code, registered_at, place, msisdn, received_at)
SELECT DISTINCT ON (code, registered_at) code, registered_at, place, msisdn, :now FROM unnest(
    CAST(:codes AS bigint[]), CAST(:times AS timestamptz[]), CAST(:places AS text[]), CAST(:msisdns AS text[])
) AS told (code, registered_at, place, msisdn)
ON CONFLICT (code, registered_at) DO NOTHING
"""


def report(tx: Tx, request: ReportRegistrations, *, by: Actor, now: datetime) -> SerialAnswer:
    """Good rows are kept, also of devices that nobody knows yet; each bad one says why."""
    good: list[tuple[int, RegistrationRow]] = []
    refused: list[RefusedSerial] = []
    for row_no, raw in enumerate(request.rows, start=1):
        shown = str(raw.get("serial", ""))[:64] if isinstance(raw, dict) else ""
        try:
            row = RegistrationRow.model_validate(raw)
        except ValidationError as error:
            field = ".".join(map(str, error.errors(include_url=False)[0]["loc"])) or "row"
            refused.append(_refusal(row_no, shown, "registration_row_invalid", field=field))
            continue
        if row.registered_at > now + _AHEAD:
            refused.append(_refusal(row_no, shown, "registration_in_future"))
            continue
        good.append((row_no, row))
    codes = judged([row.serial for _, row in good])
    kept = []
    for (row_no, row), code in zip(good, codes, strict=True):
        if isinstance(code, Refused):
            refusal = _refusal(row_no, row.serial[:64], code.code)
            refused.append(refusal.model_copy(update={"repair": code.repair}))
        else:
            kept.append((code, row.registered_at, row.place, row.msisdn))
    if kept:
        columns = dict(zip(("codes", "times", "places", "msisdns"), map(list, zip(*kept, strict=True)), strict=True))
        tx.execute(_KEEP, {**columns, "now": now})
    refused.sort(key=lambda it: it.row)
    return SerialAnswer(done=len(kept), refused_count=len(refused), refused=refused)


def _refusal(row_no: int, serial: str, code: str, **params: Any) -> RefusedSerial:
    return RefusedSerial(row=row_no, serial=serial, code=code, message=say(code, params))


def _matching(asked: Asked[ListUnredeemed]) -> Select[Any]:
    request = asked.request
    query = select(devices).where(
        scope(_D.unit, request.unit, asked.by),
        _D.state == SerialState.SOLD,
        *equals(request, {"organisation": _D.organisation}),
    )
    if request.days is not None:
        query = query.where(_D.sold_at <= asked.now - timedelta(days=request.days))
    return query


def _items(asked: Asked[ListUnredeemed], rows: Rows) -> list[Unredeemed]:
    return [
        Unredeemed(
            serial=written(row.id), organisation=row.organisation, unit=row.unit, maker=row.maker, model=row.model,
            since=row.sold_at, days=(asked.now - row.sold_at).days,
        )
        for row in rows
    ]  # fmt: skip


UNREDEEMED = SelectList(
    method=LIST_UNREDEEMED,
    title="已销售未核销",
    resource="serial-unredeemed",
    matching=_matching,
    items=_items,
    key=(_D.sold_at, _D.id),
    sorts={"since": _D.sold_at},
    columns=(
        Column("serial", "串码", kind="code"),
        Column("organisation", "库存组织", kind="code"),
        *unit_columns("unit", "单位"),
        Column("maker", "厂商"),
        Column("model", "型号"),
        Column("since", "销售时间"),
        number("days", "未核销天数"),
    ),
)
