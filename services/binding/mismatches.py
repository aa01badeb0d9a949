"""终端与卡单位不一致 (BND-08): terminals that hold a card of another unit; kept as a table that follows what happens.

A station and its county are one: cards belong to counties, and terminals may be reported at their stations. Guarantee:
the table is what ``bindings``, ``terminals`` and ``cards`` say; whatever changes one of them brings it into line.
"""

from collections.abc import Collection

from kernel.chassis.data.unit_of_work import Tx
from services.binding.turn import lock

_RIGHT = """
WITH wanted (asset_no) AS (SELECT unnest(CAST(:terminals AS text[]))), found AS MATERIALIZED (
    SELECT b.asset_no, b.slot, b.iccid, t.unit AS terminal_unit, c.owner_unit AS card_unit, b.bound_from
    FROM wanted JOIN bindings AS b USING (asset_no) JOIN terminals AS t USING (asset_no) JOIN cards AS c USING (iccid)
    WHERE b.bound_from IS NOT NULL AND b.bound_to IS NULL AND left(t.unit, 6) <> left(c.owner_unit, 6)
), gone AS (
    DELETE FROM unit_mismatches AS m USING wanted
    WHERE m.asset_no = wanted.asset_no
      AND NOT EXISTS (SELECT 1 FROM found WHERE found.asset_no = m.asset_no AND found.slot = m.slot)
)
INSERT INTO unit_mismatches AS m (asset_no, slot, iccid, terminal_unit, card_unit, bound_from)
SELECT * FROM found ORDER BY asset_no, slot
ON CONFLICT (asset_no, slot) DO UPDATE SET
    iccid = excluded.iccid, terminal_unit = excluded.terminal_unit, card_unit = excluded.card_unit,
    bound_from = excluded.bound_from
WHERE (m.iccid, m.terminal_unit, m.card_unit, m.bound_from)
    IS DISTINCT FROM (excluded.iccid, excluded.terminal_unit, excluded.card_unit, excluded.bound_from)
"""
_TERMINALS = """
SELECT DISTINCT asset_no FROM bindings
WHERE iccid = ANY(CAST(:iccids AS text[])) AND bound_from IS NOT NULL AND bound_to IS NULL
"""


def bring_into_line(tx: Tx, terminals: Collection[str]) -> None:
    """Makes the rows of these terminals what is right. The caller holds the decisions' lock."""
    if terminals:
        tx.execute(_RIGHT, {"terminals": sorted(terminals)})


def follow_cards(tx: Tx, iccids: Collection[str]) -> None:
    """The units of these cards may be others. Takes the decisions' lock: none may look at the old unit meanwhile."""
    lock(tx)
    bring_into_line(tx, [row.asset_no for row in tx.execute(_TERMINALS, {"iccids": sorted(iccids)})])
