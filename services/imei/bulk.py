"""Acts on up to a thousand devices named by their codes: the good ones go, each bad one says why not."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from kernel.chassis.data.unit_of_work import Tx
from kernel.contracts.imei.acts import RefusedSerial, SerialAnswer
from kernel.contracts.said import say
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from kernel.model.serial import Refused
from kernel.model.unit import Level, is_within
from services.imei import organisations
from services.imei.codes import judged
from services.imei.lifecycle import SERIAL_LIFECYCLE, SerialAction
from services.imei.movement import lock

Judge = Callable[[Any], None]
"""Raises DomainError when the device's row may not go."""

_RESERVED = """
SELECT device_id, order_no FROM reservations
WHERE device_id = ANY(:ids) AND expires_at > :now AND order_no IS DISTINCT FROM :order_no
"""
_DEVICES_OF = "SELECT code, device_id FROM codes WHERE code = ANY(:codes)"
_AS_THEY_ARE = """
SELECT codes.code AS found_by, {columns}, reservations.order_no AS kept_for
FROM codes JOIN devices ON devices.id = codes.device_id
LEFT JOIN reservations ON reservations.device_id = devices.id AND expires_at > :now
    AND order_no IS DISTINCT FROM CAST(:order_no AS text)
WHERE codes.code = ANY(:codes)
"""
AS_THEY_ARE = _AS_THEY_ARE.format(columns="devices.*")
WHERE_THEY_LIE = _AS_THEY_ARE.format(
    columns="devices.id, devices.state, devices.held_from, devices.province, devices.unit, devices.organisation"
)
"""The same without what only a list shows: each column of an answer costs its reader."""
Found = tuple[dict[int, int], dict[int, Any], dict[int, str]]
"""Code > device, device > its row, device > the order for which it is kept."""


@dataclass
class Chosen:
    """``rows``: device > its row in the request, of those that may go. ``devices``: their rows as they were."""

    rows: dict[int, int | None] = field(default_factory=dict)
    devices: dict[int, Any] = field(default_factory=dict)
    refused: list[RefusedSerial] = field(default_factory=list)
    errors: list[DomainError] = field(default_factory=list)

    def require_all(self) -> None:
        """For acts on one device: raises why it may not go."""
        if self.errors:
            raise self.errors[0]

    def answer(self) -> SerialAnswer:
        return SerialAnswer(done=len(self.rows), refused_count=len(self.refused), refused=self.refused)


@dataclass(frozen=True)
class Free:
    """Only devices that are not reserved at ``now`` for an order other than ``order_no``."""

    now: datetime
    order_no: str | None = None

    def taken(self, tx: Tx, ids: Sequence[int]) -> dict[int, str]:
        """Device > the order that it is reserved for. Asked after the devices are locked: reserving locks them too."""
        found = tx.execute(_RESERVED, {"ids": list(ids), "now": self.now, "order_no": self.order_no})
        return {row.device_id: row.order_no for row in found}


def require_action(device: Any, action: SerialAction) -> None:
    """Raises DomainError serial_state_wrong, or the code of the lifecycle's condition."""
    try:
        SERIAL_LIFECYCLE.next_state(device.state, action, {"held_from": device.held_from})
    except DomainError as error:
        if error.code != "transition_refused":
            raise
        raise DomainError("serial_state_wrong", state=device.state, action=str(action)) from error


def in_subtree(tx: Tx, by: Actor) -> Callable[[Any], bool]:
    """Devices that lie in the actor's subtree, and in the organisation in which he works."""
    own = organisations.house(tx, by)
    return lambda device: is_within(device.unit, by.unit) and (own is None or device.organisation in own)


def in_province(by: Actor) -> Callable[[Any], bool]:
    """Devices of the actor's province, wherever they lie: goods arrive from above, customers from anywhere."""
    return lambda device: device.province == by.unit[: Level.PROVINCE]


def choose(
    tx: Tx,
    serials: Sequence[str],
    judge: Judge,
    *,
    seen: Callable[[Any], bool],
    locking: bool = True,
    free: Free | None = None,
    read: Callable[[list[int]], Sequence[Any]] | None = None,
) -> Chosen:
    """Finds the devices by any of their codes and asks ``judge`` of each. Devices that are not ``seen`` are not found.

    ``locking``: until the transaction ends; ``judge`` then sees what nobody else can change. ``free``: what is
    reserved for another order is refused. ``read``: in place of both, gives the rows of ``WHERE_THEY_LIE`` of codes.
    """
    codes = judged(serials)
    numbers = [code for code in codes if isinstance(code, int)]
    known, devices, taken = _sorted(read(numbers)) if read else (_lock if locking else _read)(tx, numbers, free)
    chosen = Chosen()
    for row_no, (serial, code) in enumerate(zip(serials, codes, strict=True), start=1):
        try:
            device = _found(code, known, devices, seen)
            if device.id in chosen.rows:
                raise DomainError("serial_twice")
            judge(device)
            if device.id in taken:
                raise DomainError("serial_reserved", number=taken[device.id])
        except DomainError as error:
            chosen.errors.append(error)
            chosen.refused.append(_refusal(row_no, serial, code, error))
        else:
            chosen.rows[device.id] = row_no
            chosen.devices[device.id] = device
    return chosen


def _refusal(row_no: int, serial: str, code: int | Refused, error: DomainError) -> RefusedSerial:
    return RefusedSerial(
        row=row_no,
        serial=serial[:64],
        code=error.code,
        message=say(error.code, error.params),
        repair=code.repair if isinstance(code, Refused) else None,
    )


def _found(code: int | Refused, known: dict[int, int], devices: dict[int, Any], seen: Callable[[Any], bool]) -> Any:
    if isinstance(code, Refused):
        raise DomainError(code.code)
    device = devices.get(known.get(code, -1))
    if device is None or not seen(device):
        raise DomainError("serial_not_found")
    return device


def _lock(tx: Tx, codes: Sequence[int], free: Free | None) -> Found:
    known = {row.code: row.device_id for row in tx.execute(_DEVICES_OF, {"codes": codes})}
    devices = lock(tx, list(known.values()))
    return known, devices, free.taken(tx, list(devices)) if free else {}


def _read(tx: Tx, codes: Sequence[int], free: Free | None) -> Found:
    asked = {"codes": codes, "now": free.now if free else None, "order_no": free.order_no if free else None}
    return _sorted(tx.execute(AS_THEY_ARE, asked).all())


def _sorted(rows: Sequence[Any]) -> Found:
    kept = {row.id: row.kept_for for row in rows if row.kept_for is not None}
    return {row.found_by: row.id for row in rows}, {row.id: row for row in rows}, kept
