"""查询: cards go back to stock, out for scrap, or back from there (INV-05)."""

from datetime import datetime

from kernel.chassis.data.unit_of_work import Tx
from kernel.contracts.inventory.acts import (
    BulkAnswer,
    CardsRequest,
    MarkPendingScrap,
    Restore,
    ReturnToStock,
)
from kernel.model.actor import Actor
from services.inventory.bulk import Chosen, choose, move_chosen, state_refusal
from services.inventory.lifecycle import CardAction, CardState

A, S = CardAction, CardState

_WAY_BACK = {S.IN_STOCK: A.RESTORE_TO_STOCK, S.PENDING_INSTALL: A.RESTORE_TO_PENDING_INSTALL}


def move(
    tx: Tx, request: CardsRequest, action: CardAction, *, by: Actor, now: datetime, reason: str | None
) -> BulkAnswer:
    """``action`` on the chosen cards; those that cannot are named."""
    chosen = choose(tx, request.iccids, by=by)
    return chosen.answer(move_chosen(tx, chosen, action, by=by, now=now, reason=reason))


def return_to_stock(tx: Tx, request: ReturnToStock, *, by: Actor, now: datetime) -> BulkAnswer:
    """返库: pending_install > in_stock; forgets who the cards were issued to. Publishes cards_returned_to_stock."""
    return move(tx, request, A.RETURN_TO_STOCK, by=by, now=now, reason=request.reason)


def mark_pending_scrap(
    tx: Tx, request: MarkPendingScrap, *, by: Actor, now: datetime
) -> BulkAnswer:
    """待报废: in_stock or pending_install > pending_scrap. Publishes cards_marked_for_scrap."""
    return move(tx, request, A.MARK_PENDING_SCRAP, by=by, now=now, reason=request.reason)


def restore(tx: Tx, request: Restore, *, by: Actor, now: datetime) -> BulkAnswer:
    """Each card goes back from pending_scrap to the state it came from. Publishes cards_restored."""
    chosen = choose(tx, request.iccids, by=by)
    chosen.check(lambda card: None if card.state == S.PENDING_SCRAP else state_refusal(card.state, A.RESTORE_TO_STOCK))
    done = 0
    for state, action in _WAY_BACK.items():
        part = Chosen(chosen.sent, {iccid: card for iccid, card in chosen.able.items() if card.scrapped_from == state})
        done += move_chosen(tx, part, action, by=by, now=now, reason=request.reason)
    return chosen.answer(done)
