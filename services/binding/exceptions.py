"""Exceptions (绑定异常, BND-06): what a person has to look at, one row per slot, kind and card, however often read.

*Faults* are about a reading by itself (no answer, garbled, a clock that is off); they are resolved when the slot is
read well again. What a person did with an exception is his; here only what the readings say is kept, and an exception
that comes back after it was resolved or closed is open again. ``doubts`` has the other family.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from kernel.chassis.data.unit_of_work import Tx
from kernel.contracts.binding.readings import Outcome
from services.binding.readings import News, Row, columns

FAULTS = (Outcome.FAILED, Outcome.MALFORMED, Outcome.CLOCK_OFF)
TERMINAL_UNKNOWN = "terminal_unknown"
FAULT_KINDS = "('failed', 'malformed', 'clock_off')"


class Fault(NamedTuple):
    """A kind of fault of one slot."""

    kind: str
    asset_no: str
    slot: int


@dataclass(frozen=True, slots=True)
class Finding:
    """``readings``: how many readings show it, from ``first_day`` to ``last_day``, the last one at ``last_read_at``."""

    kind: str
    asset_no: str
    slot: int
    iccid: str
    first_day: date
    last_day: date
    last_read_at: datetime
    readings: int
    sample: str | None
    against_asset_no: str | None = None
    against_slot: int | None = None


FOUND = """
found (kind, asset_no, slot, iccid, first_day, last_day, last_read_at, readings, sample,
       against_asset_no, against_slot) AS (
    SELECT * FROM unnest(
        CAST(:kind AS text[]), CAST(:asset_no AS text[]), CAST(:slot AS smallint[]), CAST(:iccid AS text[]),
        CAST(:first_day AS date[]), CAST(:last_day AS date[]), CAST(:last_read_at AS timestamptz[]),
        CAST(:readings AS bigint[]), CAST(:sample AS text[]), CAST(:against_asset_no AS text[]),
        CAST(:against_slot AS smallint[])
    )
)
"""

REOPENED = """(e.state = 'closed' OR e.resolved_at IS NOT NULL)
    AND excluded.last_read_at > greatest(e.last_read_at, e.resolved_at, e.handled_at)"""
"""It came back: a reading newer than the last one, than its end and than what a person did."""

_ADD_FAULTS = f"""
WITH {FOUND}
INSERT INTO exceptions AS e (kind, asset_no, slot, iccid, unit, first_day, last_day, last_read_at, readings, sample)
SELECT found.kind, found.asset_no, found.slot, found.iccid, terminals.unit, found.first_day, found.last_day,
       found.last_read_at, found.readings, found.sample
FROM found LEFT JOIN terminals USING (asset_no)
ORDER BY found.asset_no, found.slot, found.kind
ON CONFLICT (asset_no, slot, kind, iccid) DO UPDATE SET
    first_day = least(e.first_day, excluded.first_day), last_day = greatest(e.last_day, excluded.last_day),
    last_read_at = greatest(e.last_read_at, excluded.last_read_at), readings = e.readings + excluded.readings,
    sample = CASE WHEN excluded.last_read_at > e.last_read_at THEN excluded.sample ELSE e.sample END,
    resolved_at = CASE WHEN excluded.last_read_at > e.resolved_at THEN NULL ELSE e.resolved_at END,
    state = CASE WHEN {REOPENED} THEN 'open' ELSE e.state END
"""

# A fault may lie before a good reading of its own batch, or of one that is long known. Each place is looked up by
# itself: joined the other way round, every batch of a night asked anew for each exception that stood already.
_RESOLVE_LATE = f"""
WITH good AS MATERIALIZED (
    SELECT wanted.asset_no, wanted.slot, read.at
    FROM unnest(CAST(:asset_no AS text[]), CAST(:slot AS smallint[])) AS wanted (asset_no, slot)
    CROSS JOIN LATERAL (
        SELECT max(r.read_at) AS at FROM readings AS r
        WHERE r.asset_no = wanted.asset_no AND r.slot = wanted.slot AND r.outcome = 'read'
          AND r.day >= CAST(:from_day AS date)
    ) AS read
    WHERE read.at IS NOT NULL
)
UPDATE exceptions AS e SET resolved_at = standing.at
FROM good CROSS JOIN LATERAL (
    SELECT id, good.at FROM exceptions AS x
    WHERE x.asset_no = good.asset_no AND x.slot = good.slot AND x.kind IN {FAULT_KINDS}
      AND x.resolved_at IS NULL AND good.at > x.last_read_at
    OFFSET 0
) AS standing
WHERE e.id = standing.id
"""

_RECOUNT = f"""
WITH wanted (kind, asset_no, slot) AS (
    SELECT * FROM unnest(CAST(:kind AS text[]), CAST(:asset_no AS text[]), CAST(:slot AS smallint[]))
), found AS MATERIALIZED (
    SELECT wanted.kind, wanted.asset_no, wanted.slot, said.*,
           CASE WHEN well.at > said.last_read_at THEN well.at END AS resolved_at
    FROM wanted CROSS JOIN LATERAL (
        SELECT min(r.day) AS first_day, max(r.day) AS last_day, max(r.read_at) AS last_read_at, count(*) AS readings,
               (array_agg(coalesce(r.fault, r.iccid) ORDER BY r.read_at DESC))[1] AS sample
        FROM readings AS r
        WHERE r.asset_no = wanted.asset_no AND r.slot = wanted.slot AND r.outcome = wanted.kind
    ) AS said CROSS JOIN LATERAL (
        SELECT max(r.read_at) AS at FROM readings AS r
        WHERE r.asset_no = wanted.asset_no AND r.slot = wanted.slot AND r.outcome = 'read'
    ) AS well
), gone AS (
    DELETE FROM exceptions AS e USING found
    WHERE (e.kind, e.asset_no, e.slot) = (found.kind, found.asset_no, found.slot) AND e.iccid = ''
      AND found.readings = 0 AND e.handled_at IS NULL
), ended AS (
    UPDATE exceptions AS e SET resolved_at = coalesce(e.resolved_at, e.last_read_at) FROM found
    WHERE (e.kind, e.asset_no, e.slot) = (found.kind, found.asset_no, found.slot) AND e.iccid = ''
      AND found.readings = 0 AND e.handled_at IS NOT NULL
)
INSERT INTO exceptions AS e (kind, asset_no, slot, unit, first_day, last_day, last_read_at, readings, sample,
                             resolved_at)
SELECT found.kind, found.asset_no, found.slot, terminals.unit, found.first_day, found.last_day, found.last_read_at,
       found.readings, found.sample, found.resolved_at
FROM found LEFT JOIN terminals USING (asset_no)
WHERE found.readings > 0
ORDER BY found.asset_no, found.slot, found.kind
ON CONFLICT (asset_no, slot, kind, iccid) DO UPDATE SET
    first_day = excluded.first_day, last_day = excluded.last_day, last_read_at = excluded.last_read_at,
    readings = excluded.readings, sample = excluded.sample, resolved_at = excluded.resolved_at,
    state = CASE WHEN {REOPENED} THEN 'open' ELSE e.state END
"""

_UNITS = """
UPDATE exceptions AS e SET unit = t.unit FROM terminals AS t
WHERE t.asset_no = e.asset_no AND e.asset_no = ANY(CAST(:terminals AS text[])) AND e.unit IS DISTINCT FROM t.unit
"""
_KNOWN = """
UPDATE exceptions SET resolved_at = :now
WHERE asset_no = ANY(CAST(:terminals AS text[])) AND kind = 'terminal_unknown' AND resolved_at IS NULL
"""

RESOLVE = f"""
UPDATE exceptions AS e SET resolved_at = well.read_at FROM well
WHERE e.asset_no = well.asset_no AND e.slot = well.slot AND e.kind IN {FAULT_KINDS}
  AND e.resolved_at IS NULL AND well.read_at > e.last_read_at
"""
"""Ends the faults of slots that were read well: rows ``well`` with ``asset_no``, ``slot`` and ``read_at``."""


def note_faults(tx: Tx, fresh: Collection[Row]) -> None:
    """Takes over the faults of a batch that are news; its readings are stored already."""
    findings = _faults(fresh)
    if findings:
        tx.execute(_ADD_FAULTS, columns(findings, Finding))
        places = {
            "asset_no": [each.asset_no for each in findings],
            "slot": [each.slot for each in findings],
            "from_day": min(each.last_day for each in findings),
        }
        tx.execute(_RESOLVE_LATE, places)


def recount(tx: Tx, faults: Collection[Fault]) -> None:
    """Makes these exceptions what the readings say, where one reading has taken the place of another."""
    if faults:
        tx.execute(_RECOUNT, {name: [getattr(each, name) for each in faults] for name in Fault._fields})


def note_unknown_terminals(tx: Tx, news: Collection[News]) -> None:
    """Terminals that report readings and that no station has named; resolved when one does."""
    by_terminal: dict[str, list[News]] = {}
    for each in news:
        by_terminal.setdefault(each.asset_no, []).append(each)
    findings = [
        Finding(
            TERMINAL_UNKNOWN, name, 1, "", min(each.day for each in seen), max(each.day for each in seen),
            max(each.read_at for each in seen), len(seen), None,
        )
        for name, seen in by_terminal.items()
    ]  # fmt: skip
    if findings:
        tx.execute(_ADD_FAULTS, columns(findings, Finding))


def terminals_known(tx: Tx, terminals: Collection[str], *, now: datetime) -> None:
    """These terminals were reported: their exceptions belong to their units, and are none for being unknown."""
    tx.execute(_UNITS, {"terminals": list(terminals)})
    tx.execute(_KNOWN, {"terminals": list(terminals), "now": now})


def _faults(fresh: Iterable[Row]) -> list[Finding]:
    """One finding per slot and kind."""
    by_key: dict[tuple[str, int, str], list[Row]] = {}
    for row in fresh:
        by_key.setdefault((row.asset_no, row.slot, row.outcome.value), []).append(row)
    findings = []
    for (asset_no, slot, kind), rows in by_key.items():
        last = max(rows, key=lambda row: row.read_at)
        days = [row.day for row in rows]
        findings.append(
            Finding(kind, asset_no, slot, "", min(days), max(days), last.read_at, len(rows), last.fault or last.iccid)
        )
    return findings
