"""沉默 (rule 8.5): what stayed unsold for a year falls silent every night, and is woken by hand (IME-02, IME-14)."""

from datetime import datetime, timedelta

from kernel.chassis.data.unit_of_work import Tx
from kernel.contracts.imei.acts import SerialAnswer, WakeSerials
from kernel.model.actor import Actor
from services.imei.bulk import choose, in_subtree, require_action
from services.imei.lifecycle import SerialAction
from services.imei.movement import Note, move, note_change
from services.imei.settings import registry_settings

SLICE = 20_000
REASON = "库存超过一年未销售"
_UNSOLD = """
SELECT devices.id FROM devices LEFT JOIN reservations ON reservations.device_id = devices.id AND expires_at > :now
WHERE state = 'claimed' AND state_since < :before AND reservations.device_id IS NULL
ORDER BY state_since LIMIT :slice FOR UPDATE OF devices SKIP LOCKED
"""


def fall_silent(tx: Tx, *, by: Actor, now: datetime) -> int:
    """One slice; answers how many. What a clerk is working on just now waits for the next run."""
    before = now - timedelta(days=registry_settings().serial_silent_days)
    ids = tx.execute(_UNSOLD, {"before": before, "now": now, "slice": SLICE}).scalars().all()
    if ids:
        change_id = note_change(tx, by, now, Note(reason=REASON))
        move(tx, SerialAction.FALL_SILENT, dict.fromkeys(sorted(ids)), change_id, now)
    return len(ids)


def wake(tx: Tx, request: WakeSerials, *, by: Actor, now: datetime) -> SerialAnswer:
    """沉默 > 已领用未销售; its year begins anew."""
    chosen = choose(
        tx, request.serials, lambda device: require_action(device, SerialAction.WAKE), seen=in_subtree(tx, by)
    )
    if chosen.rows:
        move(tx, SerialAction.WAKE, chosen.rows, note_change(tx, by, now, Note(reason=request.reason)), now)
    return chosen.answer()
