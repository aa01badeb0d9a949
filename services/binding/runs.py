"""Runs: which card a slot held from when on, derived from its readings (``timeline`` says what a run is).

A slot's runs are always what its good readings say, so a late reading may split, shift or join them. Only the part of
a slot's past that can have changed is derived anew.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kernel.chassis.data.unit_of_work import Tx
from kernel.model.period import business_date
from services.binding.timeline import Place

_DERIVE = """
WITH wanted (asset_no, slot, since) AS (
    SELECT * FROM unnest(CAST(:asset_no AS text[]), CAST(:slot AS smallint[]), CAST(:since AS timestamptz[]))
), seen AS (
    SELECT wanted.asset_no, wanted.slot, r.read_at, r.iccid,
           lag(r.iccid, 1, before.iccid) OVER (
               PARTITION BY wanted.asset_no, wanted.slot ORDER BY r.read_at
           ) AS previous
    FROM wanted
    JOIN readings AS r ON r.asset_no = wanted.asset_no AND r.slot = wanted.slot AND r.read_at >= wanted.since
                      AND r.outcome = 'read' AND r.day >= CAST(:from_day AS date)
    LEFT JOIN LATERAL (
        SELECT iccid FROM bindings
        WHERE bindings.asset_no = wanted.asset_no AND bindings.slot = wanted.slot
          AND bindings.first_read < wanted.since
        ORDER BY first_read DESC LIMIT 1
    ) AS before ON true
)
SELECT asset_no, slot, read_at AS first_read, iccid FROM seen WHERE previous IS DISTINCT FROM iccid
"""

# Also the run before that moment: its card's stay may change, too.
_STANDING = """
SELECT b.asset_no, b.slot, b.first_read, b.iccid, b.bound_from, b.bound_to, b.first_read >= wanted.since AS later
FROM unnest(CAST(:asset_no AS text[]), CAST(:slot AS smallint[]), CAST(:since AS timestamptz[]))
     AS wanted (asset_no, slot, since)
JOIN bindings AS b ON b.asset_no = wanted.asset_no AND b.slot = wanted.slot
WHERE b.first_read >= coalesce(
    (SELECT max(first_read) FROM bindings AS n
     WHERE n.asset_no = wanted.asset_no AND n.slot = wanted.slot AND n.first_read < wanted.since), '-infinity')
"""

_DROP = """
DELETE FROM bindings AS b
USING unnest(CAST(:asset_no AS text[]), CAST(:slot AS smallint[]), CAST(:first_read AS timestamptz[]))
      AS gone (asset_no, slot, first_read)
WHERE (b.asset_no, b.slot, b.first_read) = (gone.asset_no, gone.slot, gone.first_read)
"""

_ADD = """
INSERT INTO bindings (asset_no, slot, first_read, iccid, decided_at)
SELECT *, :now FROM unnest(
    CAST(:asset_no AS text[]), CAST(:slot AS smallint[]), CAST(:first_read AS timestamptz[]), CAST(:iccid AS text[])
)
"""


@dataclass(frozen=True, order=True, slots=True)
class _Run:
    asset_no: str
    slot: int
    first_read: datetime
    iccid: str


def _arrays(runs: Iterable[_Run]) -> dict[str, list[object]]:
    runs = sorted(runs)
    return {name: [getattr(run, name) for run in runs] for name in ("asset_no", "slot", "first_read", "iccid")}


def _runs(rows: Iterable[Any]) -> set[_Run]:
    return {_Run(row.asset_no, row.slot, row.first_read, row.iccid) for row in rows}


def derive(tx: Tx, since: Mapping[Place, datetime], *, now: datetime) -> tuple[set[str], Sequence[Any]]:
    """Makes the runs of these slots from a moment on what their readings say now.

    Answers the ICCIDs whose stays may be others because of it, and the slots' rows of bindings as they were, from the
    run before that moment on. The caller holds the decisions' lock.
    """
    slots: Sequence[tuple[Place, datetime]] = sorted(since.items(), key=lambda item: (item[0].terminal, item[0].slot))
    wanted = {
        "asset_no": [place.terminal for place, _ in slots],
        "slot": [place.slot for place, _ in slots],
        "since": [moment for _, moment in slots],
    }
    before = tx.execute(_STANDING, wanted).all()
    standing = _runs(row for row in before if row.later)
    from_day = business_date(min(since.values()))
    right = _runs(tx.execute(_DERIVE, {**wanted, "from_day": from_day}))
    gone, new = standing - right, right - standing
    if gone:
        tx.execute(_DROP, {name: values for name, values in _arrays(gone).items() if name != "iccid"})
    if new:
        tx.execute(_ADD, {**_arrays(new), "now": now})
    return {row.iccid for row in before} | {run.iccid for run in right}, before
