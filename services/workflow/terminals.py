"""Which terminal a card is in, or was in last: what the approver of a form sees beside it (TER-09).

Guarantee: of two facts about one card the one with the higher decision holds, whatever the order of their arrival.
"""

from collections.abc import Sequence
from datetime import datetime

from kernel.chassis.data.unit_of_work import Tx
from kernel.contracts.binding.events import CardsBound, CardsUnbound

_PUT = """
INSERT INTO card_terminals AS t (iccid, terminal, left_at, decision)
SELECT iccid, terminal, left_at, :decision
FROM unnest(CAST(:iccids AS text[]), CAST(:terminals AS text[]), CAST(:left AS timestamptz[]))
     AS told (iccid, terminal, left_at)
ORDER BY iccid
ON CONFLICT (iccid) DO UPDATE SET terminal = excluded.terminal, left_at = excluded.left_at, decision = excluded.decision
WHERE t.decision < excluded.decision
"""


def bound(tx: Tx, event: CardsBound) -> None:
    """These cards are in these terminals."""
    cards = event.cards
    _put(tx, event.decision, [it.iccid for it in cards], [it.terminal for it in cards], [None] * len(cards))


def unbound(tx: Tx, event: CardsUnbound) -> None:
    """These cards have left them."""
    cards = event.cards
    _put(tx, event.decision, [it.iccid for it in cards], [it.terminal for it in cards], [it.until for it in cards])


def _put(
    tx: Tx, decision: int, iccids: Sequence[str], terminals: Sequence[str], left: Sequence[datetime | None]
) -> None:
    tx.execute(_PUT, {"decision": decision, "iccids": iccids, "terminals": terminals, "left": left})
