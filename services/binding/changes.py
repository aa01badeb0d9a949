"""自动绑定记录: what was added, removed and changed in each slot, told from its bindings (BND-05, BND-11).

| kind | the slot | cause |
|---|---|---|
| added 新增 | held no card before | first: the card was nowhere; terminal_replaced 换终端: it came from elsewhere |
| changed 变更 | held another card before | card_replaced 换卡; both: the new card came from elsewhere |
| removed 减少 | holds none afterwards | moved: the card went elsewhere; gone: the terminal was removed |

A card that goes from one slot of a terminal to another of the same terminal is ``module_changed``.
"""

from collections.abc import Collection

from kernel.chassis.data.unit_of_work import Tx
from services.binding.timeline import Place

_RIGHT = """
wanted (asset_no, slot) AS (
    SELECT * FROM unnest(CAST(:asset_no AS text[]), CAST(:slot AS smallint[]))
), held AS (
    SELECT b.asset_no, b.slot, b.iccid, b.bound_from, b.bound_to,
           lag(b.iccid) OVER slot AS old_iccid, lag(b.bound_to) OVER slot AS old_to,
           lead(b.bound_from) OVER slot AS next_from
    FROM wanted JOIN bindings AS b ON b.asset_no = wanted.asset_no AND b.slot = wanted.slot
    WHERE b.bound_from IS NOT NULL
    WINDOW slot AS (PARTITION BY b.asset_no, b.slot ORDER BY b.bound_from)
), came AS (
    SELECT held.*, old_to IS NOT DISTINCT FROM held.bound_from AS at_once, source.asset_no AS source_asset_no
    FROM held LEFT JOIN bindings AS source ON source.iccid = held.iccid AND source.bound_to = held.bound_from
                                          AND (source.asset_no, source.slot) <> (held.asset_no, held.slot)
), went AS (
    SELECT held.*, target.asset_no AS target_asset_no
    FROM held LEFT JOIN bindings AS target ON target.iccid = held.iccid AND target.bound_from = held.bound_to
                                          AND (target.asset_no, target.slot) <> (held.asset_no, held.slot)
    WHERE held.bound_to IS NOT NULL AND held.bound_to IS DISTINCT FROM held.next_from
), right_changes (asset_no, slot, at, kind, cause, old_iccid, new_iccid, other_asset_no) AS MATERIALIZED (
    SELECT asset_no, slot, bound_from, CASE WHEN at_once THEN 'changed' ELSE 'added' END,
           CASE WHEN source_asset_no = asset_no THEN 'module_changed'
                WHEN at_once AND source_asset_no IS NOT NULL THEN 'both'
                WHEN at_once THEN 'card_replaced'
                WHEN source_asset_no IS NOT NULL THEN 'terminal_replaced' ELSE 'first' END,
           CASE WHEN at_once THEN old_iccid END, iccid, source_asset_no
    FROM came
    UNION ALL
    SELECT asset_no, slot, bound_to, 'removed',
           CASE WHEN target_asset_no = asset_no THEN 'module_changed'
                WHEN target_asset_no IS NOT NULL THEN 'moved' ELSE 'gone' END,
           iccid, NULL, target_asset_no
    FROM went
)
"""

_DROP = f"""
WITH {_RIGHT}, dropped AS (
    DELETE FROM binding_changes AS c USING wanted
    WHERE c.asset_no = wanted.asset_no AND c.slot = wanted.slot AND NOT EXISTS (
        SELECT 1 FROM right_changes AS r
        WHERE (r.asset_no, r.slot, r.at, r.kind, r.cause) = (c.asset_no, c.slot, c.at, c.kind, c.cause)
          AND (r.old_iccid, r.new_iccid, r.other_asset_no)
              IS NOT DISTINCT FROM (c.old_iccid, c.new_iccid, c.other_asset_no)
    )
    RETURNING c.unit, c.day, c.kind, c.cause
)
UPDATE change_counts AS counts SET changes = counts.changes - gone.changes
FROM (
    SELECT coalesce(unit, '') AS unit, day, kind, cause, count(*) AS changes FROM dropped GROUP BY 1, 2, 3, 4
) AS gone
WHERE (counts.unit, counts.day, counts.kind, counts.cause) = (gone.unit, gone.day, gone.kind, gone.cause)
"""

_ADD = f"""
WITH {_RIGHT}, added AS (
    INSERT INTO binding_changes (asset_no, slot, at, day, unit, kind, cause, old_iccid, new_iccid, other_asset_no)
    SELECT r.asset_no, r.slot, r.at, (r.at AT TIME ZONE 'Asia/Shanghai')::date, t.unit, r.kind, r.cause,
           r.old_iccid, r.new_iccid, r.other_asset_no
    FROM right_changes AS r LEFT JOIN terminals AS t USING (asset_no)
    ON CONFLICT DO NOTHING
    RETURNING unit, day, kind, cause
)
INSERT INTO change_counts AS counts (unit, day, kind, cause, changes)
SELECT coalesce(unit, ''), day, kind, cause, count(*) FROM added GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
ON CONFLICT (unit, day, kind, cause) DO UPDATE SET changes = counts.changes + excluded.changes
"""


def bring_into_line(tx: Tx, slots: Collection[Place]) -> None:
    """Makes the records of these slots say what their bindings say; a record that is right already is left alone."""
    if not slots:
        return
    ordered = sorted(slots, key=lambda place: (place.terminal, place.slot))
    wanted = {"asset_no": [place.terminal for place in ordered], "slot": [place.slot for place in ordered]}
    tx.execute(_DROP, wanted)
    tx.execute(_ADD, wanted)
