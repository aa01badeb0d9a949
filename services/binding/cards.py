"""The read model of inventory's cards: which card there is, whose, and in which state.

Guarantee: each card shows the highest version that any of inventory's events told of, whatever the order and the
number of times in which they arrive.
"""

from kernel.chassis.data.unit_of_work import Tx
from kernel.contracts.inventory.events import CardsMoved

_APPLY = """
INSERT INTO cards (iccid, owner_unit, carrier, card_spec, state, version, changed_at)
SELECT moved.iccid, :owner_unit, :carrier, :card_spec, :state, moved.version, :changed_at
FROM unnest(CAST(:iccids AS text[]), CAST(:versions AS bigint[])) AS moved (iccid, version)
ORDER BY moved.iccid
ON CONFLICT (iccid) DO UPDATE SET
    owner_unit = excluded.owner_unit, carrier = excluded.carrier, card_spec = excluded.card_spec,
    state = excluded.state, version = excluded.version, changed_at = excluded.changed_at
WHERE cards.version < excluded.version
"""


def apply(tx: Tx, moved: CardsMoved) -> int:
    """Takes over what ``moved`` says of its cards, one statement for all. Returns how many were news."""
    return tx.execute(
        _APPLY,
        {
            "owner_unit": moved.to_unit,
            "carrier": moved.carrier,
            "card_spec": moved.card_spec,
            "state": moved.to_state,
            "changed_at": moved.at,
            "iccids": moved.iccids,
            "versions": moved.versions,
        },
    ).rowcount
