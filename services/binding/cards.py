"""The read model of inventory's cards: which card there is, whose, in which state, and on which terminal."""

from datetime import datetime

from kernel.chassis.data.read_models import ReadModel
from kernel.chassis.data.unit_of_work import Tx
from kernel.contracts.inventory import card_facts
from kernel.contracts.inventory.events import CardsMoved
from services.binding import mismatches, tables
from services.binding.deciding import decide
from services.binding.telling import tell
from services.binding.turn import lock

CARDS = ReadModel(card_facts.CARDS, tables.cards, counts=tables.card_counts)
REBUILT = ReadModel(
    card_facts.CARDS, tables.cards, counts=tables.card_counts, after=mismatches.follow_cards
)
"""The same, filled anew: its slices may bring other units than the events told."""

_DOUBTED = """
SELECT DISTINCT iccid FROM bindings
WHERE iccid = ANY(CAST(:iccids AS text[])) AND quarantine IN ('card_unknown', 'card_never_issued', 'card_terminated')
"""


def follow(tx: Tx, moved: CardsMoved, *, now: datetime) -> None:
    """Takes over what inventory tells. Cards that were read before they were known or issued are decided again."""
    CARDS.apply(tx, moved)
    if moved.from_unit != moved.to_unit:
        mismatches.follow_cards(tx, moved.iccids)
    doubted = [row.iccid for row in tx.execute(_DOUBTED, {"iccids": moved.iccids})]
    if doubted:
        lock(tx)
        tell(tx, decide(tx, {}, doubted, now=now), station="inventory", now=now)
