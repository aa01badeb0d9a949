"""What inventory does when workflow's termination forms list, release, confirm or reopen cards (TER-01 to TER-08).

Guarantees. Cards move through the one door, with the form as their reference. A card on a form is held by it: another
form can neither take it nor let it go. A repeated message finds the cards moved and does nothing; a card that cannot
follow is told by ``cards_refused`` with its reason, and the others of the message move all the same.
"""

from datetime import datetime

from kernel.chassis.data.unit_of_work import Tx
from kernel.contracts.inventory.events import CardsRefused, RefusedCard
from kernel.contracts.workflow.events import (
    TerminationCardsConfirmed,
    TerminationCardsListed,
    TerminationCardsReleased,
    TerminationCardsReopened,
)
from kernel.model.actor import Actor
from services.inventory.bulk import Chosen, choose
from services.inventory.lifecycle import CARD_LIFECYCLE, CardAction, CardState
from services.inventory.movement import Reference, by_ids, move_cards

Instruction = (
    TerminationCardsListed | TerminationCardsReleased | TerminationCardsConfirmed | TerminationCardsReopened
)
A, S = CardAction, CardState
FORM = "form"

_ACTIONS: dict[type[Instruction], CardAction] = {
    TerminationCardsListed: A.PUT_ON_FORM,
    TerminationCardsReleased: A.TAKE_OFF_FORM,
    TerminationCardsConfirmed: A.TERMINATE,
    TerminationCardsReopened: A.REOPEN,
}
_CODES = {A.TERMINATE: "card_not_terminating", A.TAKE_OFF_FORM: "card_not_terminating", A.REOPEN: "card_not_terminated"}

# The last change of a terminating or terminated card is one that its form asked for.
_HOLDERS = """
SELECT cards.iccid, changes.reference_id
FROM cards JOIN run_log ON run_log.card_id = cards.id AND run_log.version = cards.version
           JOIN changes ON changes.id = run_log.change_id
WHERE cards.id = ANY(CAST(:ids AS bigint[])) AND cards.state IN ('terminating', 'terminated')
  AND changes.reference_kind = 'form'
"""


def follow_form(tx: Tx, event: Instruction, *, now: datetime) -> None:
    """Moves the cards as the form says. Publishes the movement's event, and cards_refused for the others.

    Only cards owned within the form's unit follow; any other is unknown to it.
    """
    action = _ACTIONS[type(event)]
    by = Actor(event.by, event.by_name or event.by, event.unit)
    chosen = choose(tx, event.iccids, by=by)
    states = {iccid: card.state for iccid, card in chosen.able.items()}
    holders = {row.iccid: row.reference_id for row in tx.execute(_HOLDERS, {"ids": chosen.ids()})}
    able, refused = _judge(chosen, action, holders, event.number)
    if able:
        reference = Reference(FORM, event.number)
        reason = f"销卡后 {event.month} 仍有流量或费用" if isinstance(event, TerminationCardsReopened) else None
        moved = move_cards(tx, action, by_ids(able), by=by, now=now, reason=reason, reference=reference)
        if moved.count != len(able):
            raise RuntimeError(f"{action}: {moved.count} of {len(able)} locked cards moved")
    # To release what is not held is no failure: the card is where it should be.
    if refused and action is not A.TAKE_OFF_FORM:
        tx.publish(
            CardsRefused(
                action=action,
                reference_kind=FORM,
                reference_id=event.number,
                revision=event.revision,
                refused=[RefusedCard(iccid=i, code=code, state=states.get(i)) for i, code in sorted(refused.items())],
                at=now,
            )
        )


def _judge(
    chosen: Chosen, action: CardAction, holders: dict[str, str], number: str
) -> tuple[list[int], dict[str, str]]:
    """Ids of the cards that shall move, and code by ICCID of those that cannot. Repeats are in neither."""
    able: list[int] = []
    refused = {iccid: code for iccid, (code, _) in chosen.refusals.items()}
    sources = CARD_LIFECYCLE.row(action).sources
    for iccid, card in chosen.able.items():
        held = holders.get(iccid)
        if action is A.PUT_ON_FORM:
            if card.state == S.PENDING_SCRAP:
                able.append(card.id)
            elif held is None or card.state != S.TERMINATING:
                refused[iccid] = "card_not_pending_scrap"
            elif held != number:
                refused[iccid] = "card_on_other_form"
        elif held == number and card.state in sources:
            able.append(card.id)
        elif (card.state, action) not in CARD_LIFECYCLE.ignores:
            refused[iccid] = _CODES[action]
    return able, refused
