"""Acts on chosen cards: what can be done is done, and every other card is named with its reason (INV-02..INV-06).

Guarantee: the cards are locked before they are judged, so what the answer says is what happened. A card outside the
actor's subtree is unknown to him, like one that does not exist.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from typing import Any

from sqlalchemy import Row

from kernel.chassis.data.unit_of_work import Tx
from kernel.contracts.inventory.acts import BulkAnswer, RefusedCard
from kernel.contracts.said import say
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from kernel.model.iccid import check_shape, normalise, spellings
from kernel.model.unit import prefix_end
from services.inventory.lifecycle import CARD_LIFECYCLE, CardAction
from services.inventory.movement import Reference, by_ids, move_cards

Card = Row[Any]
Refusal = tuple[str, dict[str, Any]]
Guard = Callable[[Card], Refusal | None]

SHOWN = 64
"""Characters of a wrong value that a refusal repeats."""
FIRST = 10
"""How many cards a reason names where it may hold for a hundred thousand."""

SCOPE = "cards.owner_unit >= :scope AND cards.owner_unit < :scope_end"
"""Cards of the actor's subtree; parameters: ``scope_params``."""

_CHOSEN = f"""
SELECT id, iccid, state, scrapped_from, owner_unit, delivery_id FROM cards
WHERE iccid = ANY(CAST(:iccids AS text[])) AND {SCOPE}
ORDER BY id FOR UPDATE
"""
_DELIVERIES_OF_CHOSEN = f"""
SELECT DISTINCT delivery_id FROM cards WHERE iccid = ANY(CAST(:iccids AS text[])) AND {SCOPE}
"""


def scope_params(by: Actor) -> dict[str, str]:
    """Parameters of SCOPE."""
    return {"scope": by.unit, "scope_end": prefix_end(by.unit)}


@dataclass
class Chosen:
    """Cards as sent, each once: ``able`` may go on, ``refusals`` may not. Keys are normalised ICCIDs."""

    sent: dict[str, str]
    able: dict[str, Card] = field(default_factory=dict)
    refusals: dict[str, Refusal] = field(default_factory=dict)

    def refuse(self, iccid: str, refusal: Refusal) -> None:
        """Takes a card out of the able ones, with its reason."""
        self.able.pop(iccid, None)
        self.refusals[iccid] = refusal

    def check(self, guard: Guard) -> "Chosen":
        """Refuses the able cards that ``guard`` has something against."""
        for iccid, card in list(self.able.items()):
            if refusal := guard(card):
                self.refuse(iccid, refusal)
        return self

    def ids(self) -> list[int]:
        return [card.id for card in self.able.values()]

    def answer(self, done: int) -> BulkAnswer:
        """What was done and what not, in the order sent."""
        refused = [
            RefusedCard(iccid=raw, code=self.refusals[iccid][0], message=say(*self.refusals[iccid]))
            for iccid, raw in self.sent.items()
            if iccid in self.refusals
        ]
        return BulkAnswer(done=done, refused_count=len(refused), refused=refused)


def _sent(iccids: Iterable[str]) -> dict[str, str]:
    sent: dict[str, str] = {}
    for raw in iccids:
        sent.setdefault(normalise(raw), raw)
    return sent


def choose(tx: Tx, iccids: Iterable[str], *, by: Actor) -> Chosen:
    """Locks the cards and refuses what is malformed or unknown to the actor. A card in two spellings counts once."""
    chosen = Chosen(_sent(iccids))
    for iccid, raw in chosen.sent.items():
        shape = check_shape(raw)
        if shape.error:
            chosen.refusals[iccid] = shape.error, {"value": raw[:SHOWN], "length": len(iccid), **shape.strange}
    asked = {iccid: spellings(iccid) for iccid in chosen.sent if iccid not in chosen.refusals}
    forms = list(chain.from_iterable(asked.values()))
    found = {card.iccid: card for card in tx.execute(_CHOSEN, {"iccids": forms, **scope_params(by)})}
    taken: set[int] = set()
    for iccid, ways in asked.items():
        cards = [found[way] for way in ways if way in found]
        card = cards[0] if cards and (cards[0].iccid == iccid or len(cards) == 1) else None
        if card is None:
            chosen.refusals[iccid] = "card_unknown", {}
        elif card.id in taken:
            del chosen.sent[iccid]
        else:
            taken.add(card.id)
            chosen.able[iccid] = card
    return chosen


def lock_deliveries(tx: Tx, iccids: Iterable[str], *, by: Actor) -> None:
    """Locks the deliveries of the cards, in the order of their ids.

    For acts that change a delivery's counts, before they lock cards: everybody takes deliveries first, then cards.
    """
    asked = [way for iccid in _sent(iccids) if "\x00" not in iccid for way in spellings(iccid)]
    ids = tx.execute(_DELIVERIES_OF_CHOSEN, {"iccids": asked, **scope_params(by)}).scalars().all()
    tx.execute("SELECT id FROM deliveries WHERE id = ANY(CAST(:ids AS bigint[])) ORDER BY id FOR UPDATE", {"ids": ids})


def state_refusal(state: str, action: CardAction) -> Refusal:
    """Why a card in ``state`` cannot: for people."""
    return "card_state_refused", {"state": state, "action": action.value}


def lifecycle_guard(action: CardAction) -> Guard:
    """Refuses what CARD_LIFECYCLE does not allow. A repeat is no late message here, but a refusal."""

    def guard(card: Card) -> Refusal | None:
        if card.state not in CARD_LIFECYCLE.row(action).sources:
            return state_refusal(card.state, action)
        try:
            CARD_LIFECYCLE.next_state(card.state, action, dict(card._mapping))
        except DomainError as error:
            return error.code, dict(error.params)
        return None

    return guard


def move_chosen(
    tx: Tx,
    chosen: Chosen,
    action: CardAction,
    *,
    by: Actor,
    now: datetime,
    reason: str | None = None,
    reference: Reference | None = None,
    sets: Mapping[str, str | None] | None = None,
) -> int:
    """Moves the able cards after the lifecycle's own guard; answers how many."""
    chosen.check(lifecycle_guard(action))
    if not chosen.able:
        return 0
    moved = move_cards(tx, action, by_ids(chosen.ids()), by=by, now=now, reason=reason, reference=reference, sets=sets)
    if moved.count != len(chosen.able):
        raise RuntimeError(f"{action}: {moved.count} of {len(chosen.able)} locked cards moved")
    return moved.count
