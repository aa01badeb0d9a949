"""实物抽查 (IME-11, rules 5.3.4, 9.7.2): devices drawn by lot are looked for in the shop; what is missing is found."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.columns import Column, number, unit_columns
from kernel.chassis.lists.conditions import equals, scope
from kernel.chassis.lists.spec import Asked, SelectList
from kernel.contracts.imei.acts import RefusedSerial
from kernel.contracts.imei.stocktakes import (
    COUNT_SPOT_CHECK,
    LIST_SPOT_CHECK_DEVICES,
    LIST_SPOT_CHECKS,
    CountedSpotCheck,
    CountSpotCheck,
    DrawSpotCheck,
    ListSpotCheckDevices,
    ListSpotChecks,
    SpotCheck,
    SpotCheckDevice,
)
from kernel.contracts.said import say
from kernel.contracts.words import chinese
from kernel.contracts.words_imei import SPOT_CHECK_OUTCOMES, SPOT_CHECK_STATES
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from kernel.model.serial import Refused
from services.imei import organisations
from services.imei.audit_tables import spot_check_devices, spot_checks
from services.imei.codes import judged, written
from services.imei.tables import devices

_C, _L, _D = spot_checks.c, spot_check_devices.c, devices.c
_OPEN = """
INSERT INTO spot_checks (organisation, unit, state, devices, reason, drawn_at, drawn_by_name)
VALUES (:organisation, :unit, 'drawn', 0, :reason, :now, :by_name)
ON CONFLICT (organisation) WHERE state = 'drawn' DO NOTHING RETURNING id
"""
_DRAW = """
INSERT INTO spot_check_devices (check_id, device_id, version)
SELECT :id, id, version FROM devices WHERE organisation = :organisation AND state = 'claimed'
ORDER BY random() LIMIT :devices
"""
_SIZE = "UPDATE spot_checks SET devices = :devices WHERE id = :id RETURNING *"
_DEVICES_OF = "SELECT code, device_id FROM codes WHERE code = ANY(:codes)"
_DRAWN = "SELECT device_id FROM spot_check_devices WHERE check_id = :id"
# What left the shop's stock after it was drawn cannot be seen there.
_OUTCOMES = """
UPDATE spot_check_devices SET outcome = CASE
    WHEN device_id = ANY(:seen) THEN 'found'
    WHEN devices.state <> 'claimed' OR devices.organisation IS DISTINCT FROM :organisation THEN 'moved'
    ELSE 'missing' END
FROM devices WHERE devices.id = device_id AND check_id = :id
"""
_TALLY = """
SELECT count(*) FILTER (WHERE outcome = 'found') AS found, count(*) FILTER (WHERE outcome = 'missing') AS missing,
       count(*) FILTER (WHERE outcome = 'moved') AS moved
FROM spot_check_devices WHERE check_id = :id
"""
_CLOSE = """
UPDATE spot_checks SET state = 'counted', missing = :missing, counted_at = :now, counted_by_name = :by_name
WHERE id = :id
"""
_FOUND = """
INSERT INTO violations (kind, device_id, code, happened_at, organisation, unit, ours, theirs, found_at, state)
SELECT 'missing_stock', device_id, device_id, :now, organisation, unit, organisation || '，账上在库',
       '实物抽查' || :id || '未见实物', :now, 'open'
FROM spot_check_devices JOIN devices ON devices.id = device_id
WHERE check_id = :id AND outcome = 'missing' ORDER BY device_id
ON CONFLICT ON CONSTRAINT uq_violations_kind DO NOTHING
"""


def draw(tx: Tx, request: DrawSpotCheck, *, by: Actor, now: datetime) -> SpotCheck:
    """Raises organisation_not_found, spot_check_open, spot_check_empty."""
    place = organisations.own(tx, request.organisation, by)
    values = {"organisation": place.code, "unit": place.unit, "reason": request.reason, "now": now, "by_name": by.name}
    check_id = tx.execute(_OPEN, values).scalar_one_or_none()
    if check_id is None:
        raise DomainError("spot_check_open", value=place.code)
    drawn = tx.execute(_DRAW, {"id": check_id, "organisation": place.code, "devices": request.devices}).rowcount
    if not drawn:
        raise DomainError("spot_check_empty", value=place.code)
    return _view(tx.execute(_SIZE, {"id": check_id, "devices": drawn}).one(), by)


def count(tx: Tx, request: CountSpotCheck, *, by: Actor, now: datetime) -> CountedSpotCheck:
    """Raises spot_check_not_found, spot_check_counted."""
    check = _own(tx, request.check_id, by, lock=True)
    if check.state != "drawn":
        raise DomainError("spot_check_counted")
    drawn = set(tx.execute(_DRAWN, {"id": check.id}).scalars())
    seen, refused = _seen(tx, request.serials, drawn)
    tx.execute(_OUTCOMES, {"id": check.id, "organisation": check.organisation, "seen": sorted(seen)})
    tally = tx.execute(_TALLY, {"id": check.id}).one()
    tx.execute(_CLOSE, {"id": check.id, "missing": tally.missing, "now": now, "by_name": by.name})
    tx.execute(_FOUND, {"id": check.id, "now": now})
    return CountedSpotCheck(**tally._mapping, refused=refused)


def _seen(tx: Tx, serials: list[str], drawn: set[int]) -> tuple[set[int], list[RefusedSerial]]:
    codes = judged(serials)
    numbers = [code for code in codes if isinstance(code, int)]
    known = {row.code: row.device_id for row in tx.execute(_DEVICES_OF, {"codes": numbers})}
    seen: set[int] = set()
    refused = []
    for row_no, (serial, code) in enumerate(zip(serials, codes, strict=True), start=1):
        device = None if isinstance(code, Refused) else known.get(code)
        if device in drawn:
            seen.add(device)  # type: ignore[arg-type]  # None is never drawn
            continue
        why = code.code if isinstance(code, Refused) else "spot_check_other"
        repair = code.repair if isinstance(code, Refused) else None
        refused.append(RefusedSerial(row=row_no, serial=serial[:64], code=why, message=say(why, {}), repair=repair))
    return seen, refused


def _own(tx: Tx, check_id: int, by: Actor, *, lock: bool = False) -> Any:
    asked = select(spot_checks).where(_C.id == check_id, scope(_C.unit, None, by))
    row = tx.execute(asked.with_for_update() if lock else asked).one_or_none()
    if row is None or not organisations.in_house(tx, row.organisation, by):
        raise DomainError("spot_check_not_found")
    return row


def _view(row: Any, by: Actor) -> SpotCheck:
    able = row.state == "drawn" and COUNT_SPOT_CHECK.allows(by.permissions)
    return SpotCheck.model_validate({**row._mapping, "check_id": row.id, "can": ["count"] if able else []})


def _matching(asked: Asked[ListSpotChecks]) -> Select[Any]:
    request = asked.request
    return select(spot_checks).where(
        scope(_C.unit, request.unit, asked.by),
        *organisations.of_house(_C.organisation, asked),
        *equals(request, {"organisation": _C.organisation, "state": _C.state}),
    )


SPOT_CHECKS = SelectList(
    method=LIST_SPOT_CHECKS,
    title="实物抽查",
    resource="serial-spot-checks",
    matching=_matching,
    items=lambda asked, rows: [_view(row, asked.by) for row in rows],
    key=_C.id,
    newest_first=True,
    columns=(
        Column("check_id", "编号", kind="code", width=12),
        Column("organisation", "库存组织", kind="code"),
        *unit_columns("unit", "单位"),
        Column("state", "状态", words=chinese(SPOT_CHECK_STATES)),
        number("devices", "抽查数量"),
        number("missing", "未见实物"),
        Column("reason", "原因"),
        Column("drawn_at", "抽取时间"),
        Column("drawn_by_name", "抽取人"),
        Column("counted_at", "登记时间"),
        Column("counted_by_name", "登记人"),
    ),
)


def _devices(asked: Asked[ListSpotCheckDevices]) -> Select[Any]:
    check = _own(asked.tx, asked.request.check_id, asked.by)
    return (
        select(spot_check_devices, _D.maker, _D.model)
        .join(devices, _D.id == _L.device_id)
        .where(_L.check_id == check.id)
    )


SPOT_CHECK_DEVICES = SelectList(
    method=LIST_SPOT_CHECK_DEVICES,
    title="抽查清单",
    resource="serial-spot-check-devices",
    matching=_devices,
    items=lambda _, rows: [
        SpotCheckDevice.model_validate({**row._mapping, "serial": written(row.device_id)}) for row in rows
    ],
    key=_L.device_id,
    columns=(
        Column("serial", "串码", kind="code"),
        Column("maker", "厂商"),
        Column("model", "型号"),
        Column("outcome", "结果", words=chinese(SPOT_CHECK_OUTCOMES)),
    ),
)
