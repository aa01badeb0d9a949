"""One IMEI in two terminals at once (IME-15): looked for every hour among the modules that are read now.

A module that was carried to another terminal is no clone: of two slots that name one IMEI each must have read it after
the other had read it first. The later one has the exception; it ends when its slot names another IMEI, or when one of
the two was silent for SILENCE while the other went on.
"""

from datetime import datetime

from kernel.chassis.data.unit_of_work import Tx
from kernel.contracts.binding.events import DoubledImei, ImeisDoubled
from services.binding.exceptions import REOPENED
from services.binding.telling import slices
from services.binding.timeline import SILENCE
from services.binding.turn import lock

KIND = "imei_elsewhere"

# Of many terminals with one IMEI each is told against the one before it.
_FIND = f"""
WITH doubled AS (
    SELECT imei FROM imei_runs WHERE ended_at IS NULL GROUP BY imei HAVING count(*) > 1
), claims AS (
    SELECT m.imei, m.iccid, m.asset_no, m.slot, m.first_read, m.unit, read.last_read, read.last_day, read.first_day,
           read.readings
    FROM doubled JOIN imei_runs AS m USING (imei) CROSS JOIN LATERAL (
        SELECT max(r.read_at) AS last_read, max(r.day) AS last_day, min(r.day) AS first_day, count(*) AS readings
        FROM readings AS r
        WHERE r.day >= (m.first_read AT TIME ZONE 'Asia/Shanghai')::date AND r.asset_no = m.asset_no
          AND r.slot = m.slot AND r.read_at >= m.first_read AND r.outcome = 'read' AND r.imei = m.imei
          AND r.iccid = m.iccid
    ) AS read
    WHERE m.ended_at IS NULL AND read.last_read IS NOT NULL
), pairs AS (
    SELECT claims.*, lag(iccid) OVER device AS other_iccid, lag(asset_no) OVER device AS other_asset_no,
           lag(slot) OVER device AS other_slot, lag(unit) OVER device AS other_unit,
           lag(first_read) OVER device AS other_first, lag(last_read) OVER device AS other_last
    FROM claims WINDOW device AS (PARTITION BY imei ORDER BY first_read, asset_no, slot)
), clones AS MATERIALIZED (
    SELECT * FROM pairs
    WHERE other_last >= first_read AND asset_no <> other_asset_no
      AND abs(extract(epoch FROM last_read - other_last)) < :silence
), over AS (
    UPDATE exceptions AS e SET resolved_at = :now
    WHERE e.kind = '{KIND}' AND e.resolved_at IS NULL AND NOT EXISTS (
        SELECT FROM clones WHERE (clones.asset_no, clones.slot, clones.iccid) = (e.asset_no, e.slot, e.iccid))
), put AS (
    INSERT INTO exceptions AS e (kind, asset_no, slot, iccid, unit, first_day, last_day, last_read_at, readings,
                                 sample, against_asset_no, against_slot)
    SELECT '{KIND}', asset_no, slot, iccid, unit, first_day, last_day, last_read, readings, imei, other_asset_no,
           other_slot
    FROM clones ORDER BY asset_no, slot
    ON CONFLICT (asset_no, slot, kind, iccid) DO UPDATE SET
        first_day = excluded.first_day, last_day = excluded.last_day, last_read_at = excluded.last_read_at,
        readings = excluded.readings, sample = excluded.sample, against_asset_no = excluded.against_asset_no,
        against_slot = excluded.against_slot, resolved_at = NULL,
        state = CASE WHEN {REOPENED} THEN 'open' ELSE e.state END
    RETURNING asset_no, slot, iccid
)
SELECT clones.* FROM clones LEFT JOIN exceptions AS e
  ON e.kind = '{KIND}' AND (e.asset_no, e.slot, e.iccid) = (clones.asset_no, clones.slot, clones.iccid)
WHERE e.id IS NULL OR e.resolved_at IS NOT NULL OR (e.sample, e.against_asset_no) <> (clones.imei, other_asset_no)
ORDER BY clones.imei, clones.first_read
"""


def find(tx: Tx, *, now: datetime) -> None:
    """Brings the exceptions into line with what is read now, and tells the clones that are news."""
    lock(tx)
    found = tx.execute(_FIND, {"now": now, "silence": SILENCE.total_seconds()}).all()
    if not found:
        return
    number = tx.execute("SELECT nextval('decisions')").scalar_one()
    told = [
        DoubledImei(
            iccid=row.iccid, imei=row.imei, terminal=row.asset_no, unit=row.unit, since=row.first_read,
            last_read=row.last_read, other_iccid=row.other_iccid, other_terminal=row.other_asset_no,
            other_unit=row.other_unit, other_since=row.other_first, other_last_read=row.other_last,
        )
        for row in found
    ]  # fmt: skip
    tx.publish(*(ImeisDoubled(decision=number, at=now, clones=list(part)) for part in slices(told)))
