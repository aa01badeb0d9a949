"""自注册: where and when devices announced themselves, and what dealers have sold without redeeming it (IME-11)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Select, func, select, text

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.columns import Column, number, unit_columns
from kernel.chassis.lists.conditions import equals, on_days, scope, whether
from kernel.chassis.lists.spec import Asked, Rows, SelectList
from kernel.contracts.imei.acts import RefusedSerial, SerialAnswer
from kernel.contracts.imei.audits import (
    LIST_REGISTRATIONS,
    LIST_UNREDEEMED,
    ListRegistrations,
    ListUnredeemed,
    Registration,
    RegistrationRow,
    ReportRegistrations,
    Unredeemed,
)
from kernel.contracts.said import say
from kernel.contracts.words import chinese
from kernel.contracts.words_imei import SERIAL_STATES
from kernel.model.actor import Actor
from kernel.model.serial import Refused
from services.imei import tables
from services.imei.audit_tables import registrations
from services.imei.codes import codes_beside, judged, written
from services.imei.movement import lock
from services.imei.organisations import of_house
from services.imei.tables import codes, devices

_D, _G = devices.c, registrations.c
_AHEAD = timedelta(hours=1)
"""Clocks differ; what lies further in the future is no registration."""
_KEEP = """
INSERT INTO registrations (code, registered_at, place, msisdn, received_at)
SELECT DISTINCT ON (code, registered_at) code, registered_at, place, msisdn, :now FROM unnest(
    CAST(:codes AS bigint[]), CAST(:times AS timestamptz[]), CAST(:places AS text[]), CAST(:msisdns AS text[])
) AS told (code, registered_at, place, msisdn)
ON CONFLICT (code, registered_at) DO NOTHING
"""
_TOLD_OF = "SELECT DISTINCT device_id FROM codes WHERE code = ANY(:codes)"
_MARK = """
UPDATE devices SET registered_at = first.at
FROM (SELECT device_id, min(registrations.registered_at) AS at
      FROM codes JOIN registrations USING (code) WHERE device_id = ANY(:ids) GROUP BY device_id) AS first
WHERE devices.id = first.device_id AND (devices.registered_at IS NULL OR devices.registered_at > first.at)
"""
# A device that is entered or moves while its registration is being told: neither sees the other.
_LATE = """
SELECT DISTINCT device_id FROM registrations JOIN codes USING (code) JOIN devices ON devices.id = device_id
WHERE received_at >= :since AND (devices.registered_at IS NULL OR devices.registered_at > registrations.registered_at
                                 OR devices.unit <> registrations.unit)
"""
_PLACE = """
UPDATE registrations SET unit = devices.unit FROM codes AS own JOIN devices ON devices.id = device_id
WHERE own.device_id = ANY(:ids) AND registrations.code = own.code AND registrations.unit <> devices.unit
"""
_LOOKS_BACK = timedelta(days=3)


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
        mark(tx, tx.execute(_TOLD_OF, {"codes": columns["codes"]}).scalars().all())
    refused.sort(key=lambda it: it.row)
    return SerialAnswer(done=len(kept), refused_count=len(refused), refused=refused)


def mark(tx: Tx, ids: Sequence[int]) -> None:
    """Notes at each of these devices when it announced itself first; what it told is shown where it lies now."""
    if ids:
        lock(tx, ids)
        tx.execute(_MARK, {"ids": list(ids)})
        tx.execute(_PLACE, {"ids": list(ids)})


def mark_late(tx: Tx, *, now: datetime) -> None:
    """Of the last nights: devices that came later than their registration."""
    mark(tx, tx.execute(_LATE, {"since": now - _LOOKS_BACK}).scalars().all())


def _refusal(row_no: int, serial: str, code: str, **params: Any) -> RefusedSerial:
    return RefusedSerial(row=row_no, serial=serial, code=code, message=say(code, params))


_since = func.coalesce(_D.sold_at, _D.registered_at)


def _matching(asked: Asked[ListUnredeemed]) -> Select[Any]:
    request = asked.request
    query = select(devices).where(
        scope(_D.unit, request.unit, asked.by),
        *of_house(_D.organisation, asked),
        text(tables.UNREDEEMED),
        *equals(request, {"organisation": _D.organisation, "state": _D.state}),
    )
    if request.days is not None:
        query = query.where(_since <= asked.now - timedelta(days=request.days))
    return query


def _items(asked: Asked[ListUnredeemed], rows: Rows) -> list[Unredeemed]:
    return [
        Unredeemed(
            serial=written(row.id), state=row.state, organisation=row.organisation, unit=row.unit, maker=row.maker,
            model=row.model, sold_at=row.sold_at, registered_at=row.registered_at,
            since=since, days=(asked.now - since).days,
        )
        for row in rows
        for since in [row.sold_at or row.registered_at]
    ]  # fmt: skip


UNREDEEMED = SelectList(
    method=LIST_UNREDEEMED,
    title="已销售未核销",
    resource="serial-unredeemed",
    matching=_matching,
    items=_items,
    key=(_since, _D.id),
    sorts={"since": _since},
    columns=(
        Column("serial", "串码", kind="code"),
        Column("state", "状态", words=chinese(SERIAL_STATES)),
        Column("organisation", "库存组织", kind="code"),
        *unit_columns("unit", "单位"),
        Column("maker", "厂商"),
        Column("model", "型号"),
        Column("sold_at", "售出时间"),
        Column("registered_at", "首次自注册时间"),
        Column("since", "起算时间"),
        number("days", "未核销天数"),
    ),
)


def _told(asked: Asked[ListRegistrations]) -> Select[Any]:
    request = asked.request
    query = (
        select(registrations, _D.id.label("device_id"), _D.state, _D.organisation)
        .outerjoin(codes, codes.c.code == _G.code)
        .outerjoin(devices, _D.id == codes.c.device_id)
        .where(
            scope(_G.unit, request.unit, asked.by),
            *of_house(_D.organisation, asked),
            *equals(request, {"msisdn": _G.msisdn}),
            *whether(_D.id.is_not(None), request.known),
            *on_days(_G.registered_at, request.day_from, request.day_to),
        )
    )
    return query if request.serial is None else query.where(_G.code.in_(codes_beside(asked.tx, request.serial)))


REGISTRATIONS = SelectList(
    method=LIST_REGISTRATIONS,
    title="自注册记录",
    resource="serial-registrations",
    matching=_told,
    items=lambda _, rows: [
        Registration.model_validate({**row._mapping, "serial": written(row.code), "place_unit": row.place})
        for row in rows
    ],
    key=(_G.registered_at, _G.code),
    sorts={"registered_at": _G.registered_at},
    newest_first=True,
    columns=(
        Column("serial", "串码", kind="code"),
        Column("registered_at", "注册时间"),
        *unit_columns("place_unit", "注册地"),
        Column("msisdn", "手机号", kind="code"),
        Column("state", "状态", words=chinese(SERIAL_STATES)),
        Column("organisation", "库存组织", kind="code"),
        *unit_columns("unit", "单位"),
        Column("received_at", "接收时间"),
    ),
)
