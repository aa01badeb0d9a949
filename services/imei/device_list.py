"""串码池: the list of devices, and one device with its codes and its history as of any moment (IME-01, IME-17)."""

from typing import Any

from sqlalchemy import Select, select

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.columns import Column, unit_columns
from kernel.chassis.lists.conditions import equals, scope
from kernel.chassis.lists.spec import Asked, SelectList
from kernel.contracts.imei.devices import (
    LIST_SERIALS,
    GetSerial,
    ListSerials,
    SerialEvent,
    SerialHistory,
    SerialView,
)
from kernel.contracts.words import chinese
from kernel.contracts.words_imei import POOLS, SERIAL_STATES
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from kernel.model.serial import Refused
from kernel.model.unit import is_within
from services.imei.codes import code_of, judged, written
from services.imei.tables import codes, devices

_D = devices.c
_SHOWN = [name for name in SerialView.model_fields if name != "serial"]
_EVENTS = """
SELECT version, events.at, action, from_state, to_state, organisation, unit, by, by_name, reason, document,
       row_no AS row
FROM events JOIN changes ON changes.id = events.change_id
WHERE device_id = :id AND (CAST(:until AS timestamptz) IS NULL OR events.at <= :until) ORDER BY version
"""


def _matching(asked: Asked[ListSerials]) -> Select[Any]:
    request = asked.request
    found = select(devices).where(
        scope(_D.unit, request.unit, asked.by),
        *equals(request, {"state": _D.state, "pool": _D.pool, "organisation": _D.organisation}),
    )
    if request.serial is None:
        return found
    code = judged([request.serial])[0]
    known = select(codes.c.device_id).where(codes.c.code == (-1 if isinstance(code, Refused) else code))
    return found.where(_D.id.in_(known))


def view(row: Any) -> SerialView:
    """A device's row as people see it."""
    shown = row._mapping
    return SerialView(serial=written(row.id), **{name: shown[name] for name in _SHOWN})


SERIALS = SelectList(
    method=LIST_SERIALS,
    title="串码池",
    resource="serials",
    matching=_matching,
    items=lambda _, rows: [view(row) for row in rows],
    key=_D.id,
    sorts={"id": _D.id, "state_since": _D.state_since},
    columns=(
        Column("serial", "串码", kind="code"),
        Column("state", "状态", words=chinese(SERIAL_STATES)),
        Column("pool", "串码池", words=chinese(POOLS)),
        Column("organisation", "库存组织", kind="code"),
        *unit_columns("unit", "单位"),
        Column("maker", "厂商"),
        Column("model", "型号"),
        Column("state_since", "进入状态时间"),
        Column("entered_at", "录入时间"),
    ),
)


def get(tx: Tx, request: GetSerial, *, by: Actor) -> SerialHistory:
    """The device of any of its codes as it stood ``at``. Raises serial_not_found, also for a moment before it came."""
    row = tx.execute(
        "SELECT devices.* FROM codes JOIN devices ON devices.id = device_id WHERE code = :code",
        {"code": code_of(request.serial)},
    ).one_or_none()
    if row is None or not is_within(row.unit, by.unit):
        raise DomainError("serial_not_found")
    events = [SerialEvent(**it._mapping) for it in tx.execute(_EVENTS, {"id": row.id, "until": request.at})]
    if not events:
        raise DomainError("serial_not_found")
    own = tx.execute("SELECT code FROM codes WHERE device_id = :id ORDER BY place", {"id": row.id}).scalars()
    last = events[-1]
    return SerialHistory(
        serials=[written(code) for code in own],
        state=last.to_state,
        organisation=last.organisation,
        unit=last.unit,
        events=events,
    )
