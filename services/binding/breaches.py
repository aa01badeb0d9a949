"""Breaches of locks (BND-10): readings of a locked card in another module or terminal than it is held to.

Guarantee: which exceptions there are is a function of the locks and of the readings between setting and releasing them.
A breach ends when its slot reads the card well, or reads another card; when the card is read where it belongs for
SILENCE while this slot says nothing; or with its lock.
"""

from collections.abc import Collection

from kernel.chassis.data.unit_of_work import Tx
from kernel.contracts.binding.readings import Outcome
from services.binding.exceptions import REOPENED
from services.binding.readings import SENT, Row, as_sent
from services.binding.timeline import SILENCE

KIND = "lock_breached"

_WRONG = "(coalesce(l.asset_no <> r.asset_no, false) OR coalesce(l.imei <> r.imei, false))"
_TOUCHED = f"""
WITH {SENT}
SELECT l.iccid FROM sent AS r JOIN card_locks AS l USING (iccid)
WHERE r.read_at >= l.set_at AND (l.released_at IS NULL OR r.read_at < l.released_at) AND {_WRONG}
UNION
SELECT e.iccid FROM exceptions AS e
WHERE e.kind = '{KIND}' AND (e.iccid IN (SELECT iccid FROM sent)
                             OR (e.asset_no, e.slot) IN (SELECT asset_no, slot FROM sent))
"""
_PUT = f"""
WITH slots AS (
    SELECT iccid, asset_no, slot, min(first_read) AS first_read,
           (array_agg(ended_at ORDER BY first_read DESC))[1] AS ended_at
    FROM bindings WHERE iccid = ANY(CAST(:iccids AS text[])) GROUP BY 1, 2, 3
), judged AS (
    SELECT l.iccid, l.asset_no AS held_asset_no, l.released_at, slots.ended_at, r.asset_no, r.slot, r.day, r.read_at,
           r.imei, {_WRONG} AS wrong
    FROM card_locks AS l JOIN slots USING (iccid) CROSS JOIN LATERAL (
        SELECT r.* FROM readings AS r
        WHERE r.day >= (SELECT min((set_at AT TIME ZONE 'Asia/Shanghai')::date) FROM card_locks
                        WHERE iccid = ANY(CAST(:iccids AS text[])))
          AND r.asset_no = slots.asset_no AND r.slot = slots.slot
          AND r.read_at >= greatest(slots.first_read, l.set_at)
          AND (l.released_at IS NULL OR r.read_at < l.released_at) AND r.outcome = 'read' AND r.iccid = l.iccid
        OFFSET 0
    ) AS r
), well AS (
    SELECT iccid, max(read_at) AS read_at FROM judged WHERE NOT wrong GROUP BY 1
), well_here AS (
    SELECT iccid, asset_no, slot, max(read_at) AS read_at FROM judged WHERE NOT wrong GROUP BY 1, 2, 3
), breached AS (
    SELECT iccid, asset_no, slot, min(day) AS first_day, max(day) AS last_day, max(read_at) AS last_read_at,
           count(*) AS readings, (array_agg(imei ORDER BY read_at DESC))[1] AS sample, max(ended_at) AS ended_at,
           (array_agg(held_asset_no ORDER BY read_at DESC))[1] AS against_asset_no,
           (array_agg(released_at ORDER BY read_at DESC))[1] AS released_at
    FROM judged WHERE wrong GROUP BY 1, 2, 3
), found AS MATERIALIZED (
    SELECT b.*, terminals.unit, coalesce(
               b.released_at, CASE WHEN well_here.read_at > b.last_read_at THEN well_here.read_at END,
               CASE WHEN b.ended_at > b.last_read_at THEN b.ended_at END,
               CASE WHEN well.read_at - b.last_read_at >= make_interval(hours => :silence) THEN well.read_at END
           ) AS resolved_at
    FROM breached AS b LEFT JOIN terminals USING (asset_no) LEFT JOIN well USING (iccid)
         LEFT JOIN well_here ON (well_here.iccid, well_here.asset_no, well_here.slot) = (b.iccid, b.asset_no, b.slot)
), wrong AS (
    SELECT id, handled_at FROM exceptions AS e
    WHERE e.kind = '{KIND}' AND e.iccid = ANY(CAST(:iccids AS text[])) AND NOT EXISTS (
        SELECT FROM found WHERE (found.iccid, found.asset_no, found.slot) = (e.iccid, e.asset_no, e.slot))
), gone AS (
    DELETE FROM exceptions WHERE id IN (SELECT id FROM wrong WHERE handled_at IS NULL)
), dissolved AS (
    UPDATE exceptions SET resolved_at = coalesce(resolved_at, last_read_at)
    WHERE id IN (SELECT id FROM wrong WHERE handled_at IS NOT NULL)
)
INSERT INTO exceptions AS e (kind, asset_no, slot, iccid, unit, first_day, last_day, last_read_at, readings, sample,
                             against_asset_no, resolved_at)
SELECT '{KIND}', asset_no, slot, iccid, unit, first_day, last_day, last_read_at, readings, sample,
       nullif(against_asset_no, asset_no), resolved_at
FROM found ORDER BY asset_no, slot
ON CONFLICT (asset_no, slot, kind, iccid) DO UPDATE SET
    first_day = excluded.first_day, last_day = excluded.last_day, last_read_at = excluded.last_read_at,
    readings = excluded.readings, sample = excluded.sample, against_asset_no = excluded.against_asset_no,
    resolved_at = excluded.resolved_at, state = CASE WHEN {REOPENED} THEN 'open' ELSE e.state END
"""


def note_breaches(tx: Tx, rows: Collection[Row]) -> None:
    """Takes over what a batch says of locked cards. The caller holds the decisions' lock and has decided."""
    good = [row for row in rows if row.outcome is Outcome.READ]
    touched = tx.execute(_TOUCHED, as_sent(good)).scalars().all()
    bring_into_line(tx, touched)


def bring_into_line(tx: Tx, iccids: Collection[str]) -> None:
    """Makes the breaches of these cards what their locks and readings say."""
    if iccids:
        tx.execute(_PUT, {"iccids": sorted(iccids), "silence": int(SILENCE.total_seconds() // 3600)})
