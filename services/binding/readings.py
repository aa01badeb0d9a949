"""Readings as they are stored: one row per terminal, slot and read time, whoever sends it and however often (BND-01).

Guarantee: what stands in the table does not depend on the order, the repetition or the cut of the batches. Where two
rows of one terminal, slot and read time contradict each other, the one that sorts first stays.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from kernel.chassis.data.unit_of_work import Tx
from kernel.contracts.binding.readings import Outcome


@dataclass(frozen=True, slots=True)
class Row:
    """One reading, cleaned (``intake``). ``day``: business day of the read time; of the station's for a bad clock."""

    day: date
    asset_no: str
    slot: int
    read_at: datetime
    outcome: Outcome
    iccid: str | None
    fault: str | None
    imei: str | None
    received_at: datetime | None

    @property
    def key(self) -> tuple[date, str, int, datetime]:
        return (self.day, self.asset_no, self.slot, self.read_at)

    @property
    def rank(self) -> tuple[bool, str, str, str]:
        """Of two rows with the same key the one with the lower rank stays."""
        return (self.outcome is not Outcome.READ, self.iccid or "", self.fault or "", self.imei or "")


@dataclass(frozen=True, slots=True)
class News:
    """A stored reading that is no mere confirmation of what is bound there, or whose terminal nobody has reported.

    ``decides``: the slot has to be decided about because of it. ``replaced``: it took the place of another row.
    """

    day: date
    asset_no: str
    slot: int
    read_at: datetime
    outcome: Outcome
    replaced: bool = False
    decides: bool = True
    unknown: bool = False


@dataclass(frozen=True)
class Stored:
    """``new``: rows that were not there. ``replaced``: rows that took the place of one with the same key.
    ``news``: those of both that have to be decided about. ``outcomes``: how many of both went how."""

    new: int
    replaced: int
    news: list[News]
    outcomes: Mapping[Outcome, int]


# Each column is one text, taken apart by the server: psycopg writes an array of texts value by value in Python, which
# took as long as all else that a batch costs us. Only ``fault`` is free text; it may hold what divides the others.
_SENT = """
sent (day, asset_no, slot, read_at, outcome, iccid, fault, imei, received_at) AS (
    SELECT * FROM unnest(
        CAST(string_to_array(:day, ',', '') AS date[]), string_to_array(:asset_no, ',', ''),
        CAST(string_to_array(:slot, ',', '') AS smallint[]), CAST(string_to_array(:read_at, ',', '') AS timestamptz[]),
        string_to_array(:outcome, ',', ''), string_to_array(:iccid, ',', ''), CAST(:fault AS text[]),
        string_to_array(:imei, ',', ''), CAST(string_to_array(:received_at, ',', '') AS timestamptz[])
    )
)
"""


def _as_sent(rows: Iterable[Row]) -> dict[str, Any]:
    """Rows as ``_SENT`` takes them."""
    arrays = columns(rows, Row)
    texts = {
        name: ",".join(["" if value is None else str(value) for value in values])
        for name, values in arrays.items()
        if name != "fault"
    }
    return {**texts, "fault": arrays["fault"]}


# A good reading that confirms the current binding needs no decision; ``news`` are all the others.
_STORE = f"""
WITH {_SENT}, stored AS (
    INSERT INTO readings (day, asset_no, slot, read_at, outcome, iccid, fault, imei, received_at,
                          unit, arrived_at, station, abnormal)
    SELECT sent.*, terminals.unit, :now, :station, sent.outcome = 'clock_off'
    FROM sent LEFT JOIN terminals USING (asset_no)
    ON CONFLICT DO NOTHING
    RETURNING day, asset_no, slot, read_at, outcome, iccid, unit
), counted AS (
    INSERT INTO night_counts AS counts (day, unit, succeeded, abnormal, failed)
    SELECT day, coalesce(unit, ''), count(*) FILTER (WHERE outcome = 'read'),
           count(*) FILTER (WHERE outcome = 'clock_off'), count(*) FILTER (WHERE outcome IN ('failed', 'malformed'))
    FROM stored GROUP BY 1, 2 ORDER BY 1, 2
    ON CONFLICT (unit, day) DO UPDATE SET succeeded = counts.succeeded + excluded.succeeded,
        abnormal = counts.abnormal + excluded.abnormal, failed = counts.failed + excluded.failed
), newest AS (
    INSERT INTO newest_readings AS n (unit, read_at)
    SELECT unit, max(read_at) FROM stored WHERE unit IS NOT NULL AND outcome = 'read' GROUP BY unit ORDER BY unit
    ON CONFLICT (unit) DO UPDATE SET read_at = excluded.read_at WHERE n.read_at < excluded.read_at
), judged AS (
    SELECT stored.*, last.iccid IS NOT DISTINCT FROM stored.iccid AND last.bound_to IS NULL
                     AND stored.read_at >= last.bound_from AS confirms
    FROM stored LEFT JOIN LATERAL (
        SELECT iccid, bound_from, bound_to FROM bindings
        WHERE bindings.asset_no = stored.asset_no AND bindings.slot = stored.slot
        ORDER BY first_read DESC LIMIT 1
    ) AS last ON stored.outcome = 'read'
)
SELECT (SELECT count(*) FROM stored) AS new, day, asset_no, slot, read_at, outcome,
       outcome = 'read' AND confirms IS NOT TRUE AS decides, unit IS NULL AS unknown
FROM (SELECT 1) AS always LEFT JOIN judged ON outcome <> 'read' OR confirms IS NOT TRUE OR unit IS NULL
"""

_KNOWN = f"""
WITH {_SENT}
SELECT r.day, r.asset_no, r.slot, r.read_at, r.outcome, r.iccid, r.fault, r.imei, r.received_at
FROM sent JOIN readings AS r USING (day, asset_no, slot, read_at)
WHERE r.day = ANY(CAST(:days AS date[]))
"""

_REPLACE = f"""
WITH {_SENT}, old AS (
    SELECT r.day, coalesce(r.unit, '') AS unit, r.outcome, r.abnormal
    FROM sent JOIN readings AS r USING (day, asset_no, slot, read_at)
), replaced AS (
    UPDATE readings AS r
    SET outcome = sent.outcome, iccid = sent.iccid, fault = sent.fault, imei = sent.imei,
        abnormal = sent.outcome = 'clock_off'
    FROM sent
    WHERE (r.day, r.asset_no, r.slot, r.read_at) = (sent.day, sent.asset_no, sent.slot, sent.read_at)
    RETURNING r.day, coalesce(r.unit, '') AS unit, r.outcome, r.abnormal
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


def columns(rows: Iterable[Any], row_type: type[Any]) -> dict[str, list[Any]]:
    """Rows of one dataclass as arrays by field name, for ``unnest``."""
    rows = list(rows)
    return {each.name: [getattr(row, each.name) for row in rows] for each in fields(row_type)}


def without_repeats(rows: Iterable[Row]) -> list[Row]:
    """One row per key, the one with the lowest rank; sorted by key, so that neighbours in the table come together."""
    best: dict[tuple[date, str, int, datetime], Row] = {}
    for row in rows:
        known = best.get(row.key)
        if known is None or row.rank < known.rank:
            best[row.key] = row
    return [best[key] for key in sorted(best)]


def store(tx: Tx, rows: Sequence[Row], *, station: str, now: datetime) -> Stored:
    """Stores rows without repeats among them. The partitions of their days must exist."""
    found = tx.execute(_STORE, {**_as_sent(rows), "station": station, "now": now}).all()
    new = found[0].new
    news = [
        News(
            row.day, row.asset_no, row.slot, row.read_at, Outcome(row.outcome),
            decides=row.decides, unknown=row.unknown,
        )
        for row in found
        if row.asset_no
    ]  # fmt: skip
    better = _better(tx, rows) if new < len(rows) else []
    if better:
        tx.execute(_REPLACE, _as_sent(better))
        news += [News(row.day, row.asset_no, row.slot, row.read_at, row.outcome, replaced=True) for row in better]
    faults: Counter[Outcome] = Counter(each.outcome for each in news if each.outcome is not Outcome.READ)
    good = new + len(better) - faults.total()
    return Stored(new, len(better), news, {Outcome.READ: good, **faults})


def _better(tx: Tx, rows: Collection[Row]) -> list[Row]:
    """Those of ``rows`` that stand in the table with a higher rank."""
    known = tx.execute(_KNOWN, {**_as_sent(rows), "days": sorted({row.day for row in rows})})
    ranks = {}
    for row in known:
        old = Row(**{**row._mapping, "outcome": Outcome(row.outcome)})
        ranks[old.key] = old.rank
    return [row for row in rows if row.key in ranks and row.rank < ranks[row.key]]
