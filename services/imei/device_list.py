"""串码池: the list of devices, and one device with its codes and its history as of any moment (IME-01, IME-17)."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.columns import Column, number, unit_columns
from kernel.chassis.lists.conditions import equals, scope
from kernel.chassis.lists.spec import Asked, Rows, SelectList
from kernel.contracts.imei.acts import FREEZE_SERIALS, THAW_SERIALS, TRANSFER_SERIALS, WAKE_SERIALS
from kernel.contracts.imei.devices import (
    LIST_SERIAL_EVENTS,
    LIST_SERIALS,
    GetSerial,
    ListSerialEvents,
    ListSerials,
    SerialEvent,
    SerialHistory,
    SerialView,
)
from kernel.contracts.imei.edits import EDIT_SERIAL
from kernel.contracts.method import Method
from kernel.contracts.words import chinese
from kernel.contracts.words_imei import LIST_SOURCES, POOLS, SERIAL_ACTIONS, SERIAL_STATES
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from kernel.model.unit import Level, is_within
from services.imei import editing
from services.imei.ages import entered_at_age
from services.imei.codes import code_of, of_device, written
from services.imei.lifecycle import SERIAL_LIFECYCLE, THAWS, SerialAction
from services.imei.organisations import in_house, of_house
from services.imei.tables import changes, devices, events

_D = devices.c
_E = events.c
_SHOWN = [name for name in SerialView.model_fields if name not in ("serial", "can")]
_EVENTS = """
SELECT version, events.at, action, from_state, to_state, organisation, unit, by, by_name, reason, document,
       row_no AS row
FROM events JOIN changes ON changes.id = events.change_id
WHERE device_id = :id AND (CAST(:until AS timestamptz) IS NULL OR events.at <= :until) ORDER BY version
"""


def _matching(asked: Asked[ListSerials]) -> Select[Any]:
    request = asked.request
    same = {"state": _D.state, "pool": _D.pool, "organisation": _D.organisation, "source": _D.source}
    query = select(devices).where(
        scope(_D.unit, request.unit, asked.by),
        *of_house(_D.organisation, asked),
        *equals(request, same),
        *of_device(_D.id, request.serial),
        *entered_at_age(_D.entered_at, _D.state_since, request.age, asked.now),
    )
    if request.model_differs is not None:
        query = query.where(_D.model_differs if request.model_differs else _D.model_differs.is_(False))
    if request.unplaced:  # what is in no organisation has the unit of its province
        query = query.where(_D.organisation.is_(None), _D.unit == asked.by.unit[: Level.PROVINCE])
    return query.where(_D.unit == (request.unit or asked.by.unit)) if request.unit_exact else query


def _items(asked: Asked[ListSerials], rows: Rows) -> list[SerialView]:
    """Devices as people see them, with what the caller may do."""
    able = [it for it in _ACTS if it.method.allows(asked.by.permissions)]
    edits = EDIT_SERIAL.allows(asked.by.permissions)
    return [
        SerialView(
            serial=written(row.id),
            can=[it.word for it in able if it.allows(row)] + ["edit"] * (edits and editing.may_edit(row)),
            **{name: row._mapping[name] for name in _SHOWN},
        )
        for row in rows
    ]


@dataclass(frozen=True)
class _Act:
    """``word``: in a device's ``can``."""

    word: str
    method: Method[Any, Any]
    actions: tuple[SerialAction, ...]

    def allows(self, device: Any) -> bool:
        """Whether the lifecycle lets the device go by one of the actions."""
        ways = SERIAL_LIFECYCLE.actions_from(device.state)
        return any(action in ways for action in self.actions) and (
            self.word != "transfer" or device.organisation is not None
        )


_ACTS = (
    _Act("transfer", TRANSFER_SERIALS, (SerialAction.TRANSFER,)),
    _Act("freeze", FREEZE_SERIALS, (SerialAction.FREEZE,)),
    _Act("wake", WAKE_SERIALS, (SerialAction.WAKE,)),
    _Act("thaw", THAW_SERIALS, tuple(THAWS.values())),
)


SERIALS = SelectList(
    method=LIST_SERIALS,
    title="串码池",
    resource="serials",
    matching=_matching,
    items=_items,
    key=_D.id,
    sorts={"id": _D.id, "state_since": _D.state_since},
    usual_sort=lambda request: "state_since" if request.age else None,  # along the ids the old ones may come last
    columns=(
        Column("serial", "串码", kind="code"),
        Column("state", "状态", words=chinese(SERIAL_STATES)),
        Column("pool", "串码池", words=chinese(POOLS)),
        Column("organisation", "库存组织", kind="code"),
        *unit_columns("unit", "单位"),
        Column("maker", "厂商"),
        Column("model", "型号"),
        Column("model_differs", "型号与TAC不符"),
        Column("source", "来源", words=chinese(LIST_SOURCES)),
        Column("state_since", "进入状态时间"),
        Column("sold_at", "销售时间"),
        Column("entered_at", "录入时间"),
    ),
)


def _of_device(asked: Asked[ListSerialEvents]) -> Select[Any]:
    device = _device(asked.tx, asked.request.serial, asked.by)
    return (
        select(events, changes.c.by, changes.c.by_name, changes.c.reason, changes.c.document)
        .join(changes, changes.c.id == _E.change_id)
        .where(_E.device_id == device.id)
    )


SERIAL_EVENTS = SelectList(
    method=LIST_SERIAL_EVENTS,
    title="串码流转记录",
    resource="serial-events",
    matching=_of_device,
    items=lambda _, rows: [SerialEvent.model_validate({**row._mapping, "row": row.row_no}) for row in rows],
    key=_E.version,
    columns=(
        number("version", "序号"),
        Column("at", "时间"),
        Column("action", "操作", words=chinese(SERIAL_ACTIONS)),
        Column("from_state", "原状态", words=chinese(SERIAL_STATES)),
        Column("to_state", "新状态", words=chinese(SERIAL_STATES)),
        Column("organisation", "库存组织", kind="code"),
        *unit_columns("unit", "单位"),
        Column("by_name", "操作人"),
        Column("reason", "原因"),
        Column("document", "依据文件"),
        number("row", "清单行号"),
    ),
)


def _device(tx: Tx, serial: str, by: Actor) -> Any:
    row = tx.execute(
        "SELECT devices.* FROM codes JOIN devices ON devices.id = device_id WHERE code = :code",
        {"code": code_of(serial)},
    ).one_or_none()
    if row is None or not is_within(row.unit, by.unit) or not in_house(tx, row.organisation, by):
        raise DomainError("serial_not_found")
    return row


def get(tx: Tx, request: GetSerial, *, by: Actor) -> SerialHistory:
    """The device of any of its codes as it stood ``at``. Raises serial_not_found, also for a moment before it came."""
    row = _device(tx, request.serial, by)
    found = [SerialEvent(**it._mapping) for it in tx.execute(_EVENTS, {"id": row.id, "until": request.at})]
    if not found:
        raise DomainError("serial_not_found")
    own = tx.execute("SELECT code FROM codes WHERE device_id = :id ORDER BY place", {"id": row.id}).scalars()
    last = found[-1]
    return SerialHistory(
        serials=[written(code) for code in own],
        maker=row.maker,
        model=row.model,
        state=last.to_state,
        organisation=last.organisation,
        unit=last.unit,
        events=found,
    )
