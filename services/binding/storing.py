"""Readings as they are stored: one row per terminal, slot and read time, whoever sends it and however often (BND-01).

Guarantee: what stands in the table does not depend on the order, the repetition or the cut of the batches. Where two
rows of one terminal, slot and read time contradict each other, the one that sorts first stays.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.process import green
from kernel.contracts.binding.readings import Outcome
from kernel.model.actor import Actor
from services.binding.exceptions import FAULTS, RESOLVE, Fault
from services.binding.on_demand import SEEN
from services.binding.readings import SENT, News, Row, as_sent


@dataclass(frozen=True)
class Stored:
    """``rows``: those that the station may report. ``elsewhere``: the terminals of the others.

    ``new``: rows that were not there. ``replaced``: rows that took the place of one with the same key; ``recount``: the
    kinds of fault and the slots of which such a row was, or became, one.
    ``news``: those of both that have to be decided about. ``outcomes``: how many of both went how. ``locks``: cards are
    or were locked, so breaches may be among them.
    """

    rows: Sequence[Row]
    elsewhere: frozenset[str]
    new: int
    replaced: int
    recount: Collection[Fault]
    news: list[News]
    outcomes: Mapping[Outcome, int]
    locks: bool


# A good reading that confirms the current binding needs no decision; ``news`` are all the others. What is read in a
# terminal that stands outside the station's unit is not stored: whoever has it says first that it is removed (GTW-02).
_STORE = f"""
WITH {SENT}, placed AS MATERIALIZED (
    SELECT sent.*, t.unit, t.state <> 'removed' AND NOT starts_with(t.unit, :unit) AS elsewhere
    FROM sent LEFT JOIN terminals AS t USING (asset_no)
), stored AS (
    INSERT INTO readings (day, asset_no, slot, read_at, outcome, iccid, fault, imei, received_at,
                          unit, arrived_at, station, abnormal)
    SELECT day, asset_no, slot, read_at, outcome, iccid, fault, imei, received_at,
           unit, :now, :station, outcome = 'clock_off'
    FROM placed WHERE elsewhere IS NOT TRUE
    ON CONFLICT DO NOTHING
    RETURNING day, asset_no, slot, read_at, outcome, iccid, imei, unit
), of_units AS MATERIALIZED (
    SELECT day, unit, count(*) FILTER (WHERE outcome = 'read') AS succeeded,
           count(*) FILTER (WHERE outcome = 'clock_off') AS abnormal,
           count(*) FILTER (WHERE outcome IN ('failed', 'malformed')) AS failed,
           max(read_at) FILTER (WHERE outcome = 'read') AS newest
    FROM stored GROUP BY 1, 2
), counted AS (
    INSERT INTO night_counts AS counts (day, unit, succeeded, abnormal, failed)
    SELECT day, coalesce(unit, ''), succeeded, abnormal, failed FROM of_units
    ON CONFLICT (unit, day) DO UPDATE SET succeeded = counts.succeeded + excluded.succeeded,
        abnormal = counts.abnormal + excluded.abnormal, failed = counts.failed + excluded.failed
), newest AS (
    INSERT INTO newest_readings AS n (unit, read_at)
    SELECT unit, max(newest) FROM of_units WHERE unit IS NOT NULL AND newest IS NOT NULL GROUP BY 1
    ON CONFLICT (unit) DO UPDATE SET read_at = excluded.read_at WHERE n.read_at < excluded.read_at
), seen AS (
    {SEEN}
), well AS (
    SELECT asset_no, slot, max(read_at) AS read_at FROM stored WHERE outcome = 'read' GROUP BY 1, 2
), resolved AS (
    {RESOLVE}
), judged AS (
    SELECT stored.*, last.iccid IS NOT DISTINCT FROM stored.iccid AND last.bound_to IS NULL
                     AND stored.read_at >= last.bound_from AS confirms,
           stored.outcome = 'read' AND stored.imei IS NOT NULL AND ((module.iccid, module.imei) IS DISTINCT FROM
               (stored.iccid, stored.imei) OR stored.read_at < module.first_read) AS module
    FROM stored LEFT JOIN LATERAL (
        SELECT iccid, bound_from, bound_to FROM bindings
        WHERE bindings.asset_no = stored.asset_no AND bindings.slot = stored.slot AND stored.outcome = 'read'
        ORDER BY first_read DESC LIMIT 1
    ) AS last ON true
    LEFT JOIN LATERAL (
        SELECT iccid, imei, first_read FROM imei_runs
        WHERE imei_runs.asset_no = stored.asset_no AND imei_runs.slot = stored.slot
          AND stored.outcome = 'read' AND stored.imei IS NOT NULL
        ORDER BY first_read DESC LIMIT 1
    ) AS module ON true
)
SELECT (SELECT count(*) FROM stored) AS new, EXISTS (SELECT FROM card_locks) AS locks,
       (SELECT array_agg(DISTINCT asset_no) FROM placed WHERE elsewhere) AS elsewhere,
       day, asset_no, slot, read_at, outcome, outcome = 'read' AND confirms IS NOT TRUE AS decides,
       unit IS NULL AS unknown, module
FROM (SELECT 1) AS always LEFT JOIN judged ON outcome <> 'read' OR confirms IS NOT TRUE OR unit IS NULL OR module
"""

_KNOWN = f"""
WITH {SENT}
SELECT r.day, r.asset_no, r.slot, r.read_at, r.outcome, r.iccid, r.fault, r.imei, r.received_at
FROM sent JOIN readings AS r USING (day, asset_no, slot, read_at)
WHERE r.day = ANY(CAST(:days AS date[]))
  AND (r.outcome, r.iccid, r.fault, r.imei) IS DISTINCT FROM (sent.outcome, sent.iccid, sent.fault, sent.imei)
"""

_REPLACE = f"""
WITH {SENT}, old AS (
    SELECT r.day, coalesce(r.unit, '') AS unit, r.outcome, r.abnormal
    FROM sent JOIN readings AS r USING (day, asset_no, slot, read_at)
), replaced AS (
    UPDATE readings AS r
    SET outcome = sent.outcome, iccid = sent.iccid, fault = sent.fault, imei = sent.imei,
        abnormal = sent.outcome = 'clock_off'
    FROM sent
    WHERE (r.day, r.asset_no, r.slot, r.read_at) = (sent.day, sent.asset_no, sent.slot, sent.read_at)
    RETURNING r.day, coalesce(r.unit, '') AS unit, r.outcome, r.abnormal, r.asset_no, r.slot, r.read_at
), newest AS (
    INSERT INTO newest_readings AS n (unit, read_at)
    SELECT unit, max(read_at) FROM replaced WHERE unit <> '' AND outcome = 'read' GROUP BY unit ORDER BY unit
    ON CONFLICT (unit) DO UPDATE SET read_at = excluded.read_at WHERE n.read_at < excluded.read_at
), well AS (
    SELECT asset_no, slot, max(read_at) AS read_at FROM replaced WHERE outcome = 'read' GROUP BY 1, 2
), resolved AS (
    {RESOLVE}
), moved AS (
    SELECT day, unit, outcome, abnormal, 1 AS n FROM replaced UNION ALL
    SELECT day, unit, outcome, abnormal, -1 FROM old
)
UPDATE night_counts AS counts
SET succeeded = counts.succeeded + delta.succeeded, abnormal = counts.abnormal + delta.abnormal,
    failed = counts.failed + delta.failed
FROM (
    SELECT day, unit, coalesce(sum(n) FILTER (WHERE outcome = 'read' AND NOT abnormal), 0) AS succeeded,
           coalesce(sum(n) FILTER (WHERE abnormal), 0) AS abnormal,
           coalesce(sum(n) FILTER (WHERE outcome IN ('failed', 'malformed')), 0) AS failed
    FROM moved GROUP BY day, unit
) AS delta
WHERE counts.day = delta.day AND counts.unit = delta.unit
"""


def store(tx: Tx, rows: Sequence[Row], *, by: Actor, now: datetime) -> Stored:
    """Stores rows without repeats among them, and notes that the station is there. The partitions of their days must
    exist, and the caller holds the decisions' lock: one batch counts at a time."""
    found = tx.execute(_STORE, {**as_sent(rows), "station": by.id, "unit": by.unit, "now": now}).all()
    new, elsewhere = found[0].new, frozenset(found[0].elsewhere or ())
    if elsewhere:
        rows = [row for row in rows if row.asset_no not in elsewhere]
    news = [
        News(
            row.day, row.asset_no, row.slot, row.read_at, Outcome(row.outcome),
            decides=row.decides, unknown=row.unknown, module=row.module,
        )
        for row in green.breathing(found)
        if row.asset_no
    ]  # fmt: skip
    better = _better(tx, rows) if new < len(rows) else {}
    if better:
        tx.execute(_REPLACE, as_sent(better))
        news += [News(row.day, row.asset_no, row.slot, row.read_at, row.outcome, replaced=True) for row in better]
    faults: Counter[Outcome] = Counter(each.outcome for each in news if each.outcome is not Outcome.READ)
    return Stored(
        rows=rows,
        elsewhere=elsewhere,
        new=new,
        replaced=len(better),
        recount={
            Fault(kind.value, row.asset_no, row.slot)
            for row, old in better.items()
            for kind in {row.outcome, old}
            if kind in FAULTS
        },
        news=news,
        outcomes={Outcome.READ: new + len(better) - faults.total(), **faults},
        locks=found[0].locks,
    )


def _better(tx: Tx, rows: Collection[Row]) -> dict[Row, Outcome]:
    """Those of ``rows`` that stand in the table with a higher rank, each with how it went there. Most that stand there
    are the same, and are not even read."""
    known = tx.execute(_KNOWN, {**as_sent(rows), "days": sorted({row.day for row in rows})})
    standing = {}
    for row in green.breathing(known):
        old = Row(**{**row._mapping, "outcome": Outcome(row.outcome)})
        standing[old.key] = old
    return {row: standing[row.key].outcome for row in rows if row.key in standing and row.rank < standing[row.key].rank}
