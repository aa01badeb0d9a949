"""What inventory does when binding tells which cards are in which terminals (BND-03, INV-05).

Guarantees. A card that was read in a terminal is 运行 and shows it; one that is in no terminal any more is 待装. Of two
facts about one card the one with the higher decision holds, whatever the order and the number of times in which they
arrive. All cards of an event move in at most two statements, through the one door, with their readings in the run log.
A card that cannot be bound is told by ``cards_refused`` with its state; the others of the event move all the same.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from kernel.chassis.data.unit_of_work import Tx
from kernel.contracts.binding.events import BoundCard, CardsBound, CardsUnbound, UnboundCard
from kernel.contracts.inventory.events import CardsRefused, RefusedCard
from kernel.model.actor import Actor
from kernel.model.period import BUSINESS_ZONE
from services.inventory.lifecycle import CardAction, CardState
from services.inventory.movement import Each, Reference, by_ids, move_cards, note_decisions

A, S = CardAction, CardState
READING, BINDING = "reading", "binding"

_LOCKED = """
SELECT id, iccid, state, terminal_asset_no, terminal_decision FROM cards
WHERE iccid = ANY(CAST(:iccids AS text[])) ORDER BY id FOR UPDATE
"""


def bind(tx: Tx, event: CardsBound, *, now: datetime) -> None:
    """待装 cards become 运行 in their terminal; a 运行 card that was in another one leaves that first."""
    told = {card.iccid: card for card in event.cards}
    fresh, unknown = _fresh(tx, told, event.decision)
    running = [card for card in fresh if card.state == S.RUNNING]
    elsewhere = [card for card in running if card.terminal_asset_no != told[card.iccid].terminal]
    to_bind = [card for card in fresh if card.state == S.PENDING_INSTALL] + elsewhere
    refused = [card for card in fresh if card.state not in {S.PENDING_INSTALL, S.RUNNING}]
    _move(tx, A.UNBIND, elsewhere, told, event, now=now)
    _move(tx, A.BIND, sorted(to_bind, key=lambda card: card.id), told, event, now=now)
    _note(tx, fresh, to_bind, told, event.decision)
    refusals = [RefusedCard(iccid=iccid, code="card_unknown") for iccid in unknown]
    refusals += [RefusedCard(iccid=card.iccid, code="card_state_refused", state=card.state) for card in refused]
    if refusals:
        tx.publish(
            CardsRefused(
                action=A.BIND,
                reference_kind=BINDING,
                reference_id=str(event.decision),
                revision=0,
                refused=sorted(refusals, key=lambda card: card.iccid),
                at=now,
            )
        )


def unbind(tx: Tx, event: CardsUnbound, *, now: datetime) -> None:
    """运行 cards become 待装. To take off what is on no terminal is no failure: the card is where it should be."""
    told = {card.iccid: card for card in event.cards}
    fresh, _ = _fresh(tx, told, event.decision)
    to_unbind = [card for card in fresh if card.state == S.RUNNING]
    _move(tx, A.UNBIND, to_unbind, told, event, now=now)
    _note(tx, fresh, to_unbind, told, event.decision)


def _fresh(tx: Tx, told: Mapping[str, Any], decision: int) -> tuple[list[Row[Any]], list[str]]:
    """The told cards, locked, of which nothing newer is known; and the numbers that are no card's."""
    cards = tx.execute(_LOCKED, {"iccids": sorted(told)}).all()
    unknown = sorted(told.keys() - {card.iccid for card in cards})
    return [card for card in cards if (card.terminal_decision or 0) <= decision], unknown


def _move(
    tx: Tx,
    action: CardAction,
    cards: Sequence[Row[Any]],
    told: Mapping[str, BoundCard] | Mapping[str, UnboundCard],
    event: CardsBound | CardsUnbound,
    *,
    now: datetime,
) -> None:
    if not cards:
        return
    given = [told[card.iccid] for card in cards]
    ids = [card.id for card in cards]
    columns: dict[str, list[Any]] = {
        "terminal_decision": [event.decision] * len(ids),
        "terminal_read_at": [_moment(card) for card in given],
        "reference_id": [_reading(card) for card in given],
    }
    if action is A.BIND:
        columns["terminal_asset_no"] = [card.terminal for card in given]
    by = Actor(event.station, event.station, "")
    moved = move_cards(
        tx, action, by_ids(ids), by=by, now=now, reference=Reference(READING, ""), each=Each(ids, columns)
    )
    if moved.count != len(ids):
        raise RuntimeError(f"{action}: {moved.count} of {len(ids)} locked cards moved")


def _note(tx: Tx, fresh: Sequence[Row[Any]], moved: Sequence[Row[Any]], told: Mapping[str, Any], decision: int) -> None:
    done = {card.id for card in moved}
    others = [card for card in fresh if card.id not in done]
    note_decisions(tx, [card.id for card in others], decision, [_moment(told[card.iccid]) for card in others])


def _moment(card: BoundCard | UnboundCard) -> datetime:
    return card.since if isinstance(card, BoundCard) else card.until


def _reading(card: BoundCard | UnboundCard) -> str:
    """As the run log shows it: terminal, slot, and when that was."""
    return f"{card.terminal}/{card.slot} {_moment(card).astimezone(BUSINESS_ZONE):%Y-%m-%d %H:%M:%S}"
