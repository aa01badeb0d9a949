"""冻结 with its cause, and back again to exactly the state before (IME-10, IME-18)."""

from datetime import datetime, timedelta
from typing import Any

from kernel.chassis.data.unit_of_work import Tx
from kernel.contracts.imei.acts import FreezeSerials, SerialAnswer, ThawSerials
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from services.imei.bulk import choose, in_subtree, require_action
from services.imei.lifecycle import THAWS, SerialAction, SerialState
from services.imei.movement import Note, move, note_change
from services.imei.settings import registry_settings

_KEEP = """
INSERT INTO freezes (device_id, version, cause, at, unit, observed_until, decide_by)
SELECT device_id, version, :cause, at, unit, :observed_until, :decide_by FROM events
WHERE device_id = ANY(:ids) AND change_id = :change_id
"""
_LIFT = """
UPDATE freezes SET lifted_version = events.version FROM events
WHERE events.change_id = :change_id AND events.device_id = ANY(:ids)
  AND freezes.device_id = events.device_id AND freezes.lifted_version IS NULL
"""


def freeze(tx: Tx, request: FreezeSerials, *, by: Actor, now: datetime) -> SerialAnswer:
    """Unclaimed, claimed, sold and silent devices of the caller's subtree; what is subsidised stays so."""
    chosen = choose(
        tx, request.serials, lambda device: require_action(device, SerialAction.FREEZE), seen=in_subtree(tx, by)
    )
    if chosen.rows:
        change_id = note_change(tx, by, now, Note(reason=request.reason))
        move(tx, SerialAction.FREEZE, chosen.rows, change_id, now)
        kept = {"cause": request.cause, "ids": list(chosen.rows), "change_id": change_id}
        tx.execute(_KEEP, {**kept, **deadlines(now)})
    return chosen.answer()


def deadlines(now: datetime) -> dict[str, datetime]:
    """Until when a freeze of now may be contested, and by when it must be decided."""
    settings = registry_settings()
    return {
        "observed_until": now + timedelta(days=settings.serial_observation_days),
        "decide_by": now + timedelta(days=settings.serial_decision_days),
    }


def thaw(tx: Tx, request: ThawSerials, *, by: Actor, now: datetime) -> SerialAnswer:
    """Each device returns to the state that it was frozen in."""

    def judge(device: Any) -> None:
        if device.state != SerialState.FROZEN:
            raise DomainError("serial_state_wrong", state=device.state, action=str(SerialAction.THAW_CLAIMED))
        require_action(device, THAWS[SerialState(device.held_from)])

    chosen = choose(tx, request.serials, judge, seen=in_subtree(tx, by))
    if not chosen.rows:
        return chosen.answer()
    change_id = note_change(tx, by, now, Note(reason=request.reason))
    for state, action in THAWS.items():
        own = {one: row for one, row in chosen.rows.items() if chosen.devices[one].held_from == state}
        move(tx, action, own, change_id, now)
    tx.execute(_LIFT, {"change_id": change_id, "ids": list(chosen.rows)})
    return chosen.answer()
