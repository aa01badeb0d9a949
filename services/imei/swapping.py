"""售后换机 (IME-08): the returned device is 置坏, its replacement is with the customer; both, or nothing."""

from datetime import datetime
from typing import Any

from kernel.chassis.data.unit_of_work import Tx
from kernel.contracts.imei.acts import SerialAnswer, SwapSerial
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from kernel.model.period import business_date
from services.imei import organisations
from services.imei.bulk import Chosen, Free, choose, in_province, require_action
from services.imei.lifecycle import SerialAction
from services.imei.movement import Note, move, note_change

SWAP_DAYS = 15
"""Calendar days after the day of the sale (rule 8.7): on the fifteenth until midnight."""
REASON = "售后换机"


def swap(tx: Tx, request: SwapSerial, *, by: Actor, now: datetime, asked_at: datetime | None = None) -> SerialAnswer:
    """Raises serial_swap_level, serial_swap_too_late, and what is wrong with either device.

    ``asked_at``: when the customer's swap was written down; the paper takes its days.
    """
    require_first_level(tx, request.organisation, by)
    pair = (request.serial, request.replacement)
    chosen = chosen_pair(tx, pair, by=by, now=now, asked_at=asked_at or now)
    chosen.require_all()
    returned, replacement = chosen.rows
    change_id = note_change(tx, by, now, Note(reason=REASON, document=request.document))
    move(tx, SerialAction.SWAP_OUT, {returned: 1}, change_id, now)
    move(tx, SerialAction.HAND_OVER, {replacement: 2}, change_id, now)
    return chosen.answer()


def require_first_level(tx: Tx, organisation: str, by: Actor) -> Any:
    """The organisation's row. Raises serial_swap_level."""
    place = organisations.active(tx, organisation, by)
    if place.level != 1:
        raise DomainError("serial_swap_level")
    return place


def chosen_pair(
    tx: Tx, serials: tuple[str, str], *, by: Actor, now: datetime, asked_at: datetime, locking: bool = True
) -> Chosen:
    """Both devices, if the one may come back and the other go out."""

    def judge(device: Any) -> None:
        swapped_out = len(seen) == 0
        seen.append(device.id)
        require_action(device, SerialAction.SWAP_OUT if swapped_out else SerialAction.HAND_OVER)
        if swapped_out and (device.sold_at is None or _days_after(device.sold_at, asked_at) > SWAP_DAYS):
            raise DomainError("serial_swap_too_late", limit=SWAP_DAYS)

    seen: list[int] = []
    return choose(tx, serials, judge, seen=in_province(by), free=Free(now), locking=locking)


def _days_after(sold_at: datetime, asked_at: datetime) -> int:
    return (business_date(asked_at) - business_date(sold_at)).days
