"""What inventory does when somebody decides at binding that cards belong to their terminal's unit (BND-08).

Guarantee. A card moves when it is still running, still the unit's that the decision saw, and within the units of who
decided; the others are told by ``cards_refused`` with their reason, and the good ones move all the same.
"""

from datetime import datetime

from kernel.chassis.data.unit_of_work import Tx
from kernel.contracts.binding.events import UNIT_CORRECTION, CardUnitsCorrected
from kernel.contracts.inventory.events import CardsRefused, RefusedCard
from kernel.model.actor import Actor
from kernel.model.unit import is_within
from services.inventory.lifecycle import CardAction, CardState
from services.inventory.movement import Each, Reference, by_ids, move_cards

_LOCKED = """
SELECT id, iccid, state, owner_unit FROM cards WHERE iccid = ANY(CAST(:iccids AS text[])) ORDER BY id FOR UPDATE
"""


def correct(tx: Tx, event: CardUnitsCorrected, *, now: datetime) -> None:
    """Moves the cards to the units that the event says; who they were issued to is that unit, too."""
    told = {card.iccid: card for card in event.cards}
    found = {card.iccid: card for card in tx.execute(_LOCKED, {"iccids": sorted(told)})}
    able, refused = [], []
    for iccid, asked in sorted(told.items()):
        card = found.get(iccid)
        if card is None or not is_within(card.owner_unit, event.by_unit):
            refused.append(RefusedCard(iccid=iccid, code="card_unknown"))
        elif card.owner_unit != asked.from_unit:
            refused.append(RefusedCard(iccid=iccid, code="card_unit_changed", state=card.state))
        elif card.state != CardState.RUNNING:
            refused.append(RefusedCard(iccid=iccid, code="card_state_refused", state=card.state))
        else:
            able.append(card)
    reference = Reference(UNIT_CORRECTION, str(event.correction))
    if able:
        able.sort(key=lambda card: card.id)
        ids, units = [card.id for card in able], [told[card.iccid].to_unit for card in able]
        by = Actor(event.by, event.by_name, event.by_unit)
        each = Each(ids, {"owner_unit": units, "issued_to_unit": units})
        action = CardAction.CORRECT_UNIT
        moved = move_cards(tx, action, by_ids(ids), by=by, now=now, reason=event.reason, reference=reference, each=each)
        if moved.count != len(ids):
            raise RuntimeError(f"{action}: {moved.count} of {len(ids)} locked cards moved")
    if refused:
        tx.publish(
            CardsRefused(
                action=CardAction.CORRECT_UNIT,
                reference_kind=reference.kind,
                reference_id=reference.id,
                revision=0,
                refused=refused,
                at=now,
            )
        )
