"""Which carriers' cards a terminal holds now: kept at the terminal, so that bound ones are counted without a join."""

from collections.abc import Collection

from kernel.chassis.data.unit_of_work import Tx

# A card that is bound and not known (its facts are being read anew) has a carrier all the same: an unknown one.
_HELD = """
UPDATE terminals AS t SET carriers = held.carriers
FROM (
    SELECT wanted.asset_no, coalesce(string_agg(DISTINCT card.carrier, ',' ORDER BY card.carrier), '') AS carriers
    FROM unnest(CAST(:terminals AS text[])) AS wanted (asset_no)
    LEFT JOIN LATERAL (
        SELECT coalesce(c.carrier, 'unknown') AS carrier FROM bindings AS b LEFT JOIN cards AS c USING (iccid)
        WHERE b.asset_no = wanted.asset_no AND b.bound_from IS NOT NULL AND b.bound_to IS NULL
    ) AS card ON true
    GROUP BY 1
) AS held
WHERE t.asset_no = held.asset_no AND t.carriers <> held.carriers
"""


def bring_into_line(tx: Tx, terminals: Collection[str]) -> None:
    """Makes these terminals name the carriers that their bindings say. The caller holds the decisions' lock."""
    if terminals:
        tx.execute(_HELD, {"terminals": sorted(terminals)})
