"""Doubts (BND-03, BND-06): readings that bind nothing because of a quarantine, marked and shown as exceptions.

A reading of a card is *abnormal* when its slot did not hold the card then by what is decided now: the card was
quarantined there, or had moved on. Marks, the night's counts and the exceptions follow every decision, also an old
night's when a late reading or a person decides it otherwise. An exception that dissolves and that nobody had touched
leaves nothing behind: it never was one.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from kernel.chassis.data.unit_of_work import Tx
from kernel.model.period import business_date
from services.binding.exceptions import FOUND, REOPENED, Finding
from services.binding.readings import columns
from services.binding.timeline import CONTRADICTION, Place, Stay

_KINDS = "('card_elsewhere', 'card_unknown', 'card_never_issued', 'card_terminated')"
# Two questions with an index each: as one with OR it read all exceptions that there ever were.
_KNOWN = f"""
SELECT id, kind, asset_no, slot, iccid FROM exceptions
WHERE kind IN {_KINDS} AND iccid = ANY(CAST(:iccids AS text[]))
UNION
SELECT e.id, e.kind, e.asset_no, e.slot, e.iccid
FROM unnest(CAST(:asset_no AS text[]), CAST(:slot AS smallint[])) AS wanted (asset_no, slot)
JOIN exceptions AS e ON e.asset_no = wanted.asset_no AND e.slot = wanted.slot AND e.kind IN {_KINDS}
"""

_MARK = """
WITH stay (asset_no, slot, iccid, first_read, ended_at, bound_from, bound_to) AS (
    SELECT * FROM unnest(
        CAST(:asset_no AS text[]), CAST(:slot AS smallint[]), CAST(:iccid AS text[]),
        CAST(:first_read AS timestamptz[]), CAST(:ended_at AS timestamptz[]),
        CAST(:bound_from AS timestamptz[]), CAST(:bound_to AS timestamptz[])
    )
), wrong AS MATERIALIZED (
    SELECT r.day, r.asset_no, r.slot, r.read_at, NOT r.abnormal AS abnormal
    FROM stay CROSS JOIN LATERAL (
        SELECT * FROM readings AS r
        WHERE r.day >= CAST(:from_day AS date) AND r.asset_no = stay.asset_no AND r.slot = stay.slot
          AND r.read_at >= stay.first_read AND (stay.ended_at IS NULL OR r.read_at < stay.ended_at)
          AND r.outcome = 'read' AND r.iccid = stay.iccid
          AND r.abnormal = (coalesce(r.read_at >= stay.bound_from, false)
                            AND (stay.bound_to IS NULL OR r.read_at < stay.bound_to))
        OFFSET 0
    ) AS r
), marked AS (
    UPDATE readings AS r SET abnormal = wrong.abnormal FROM wrong
    WHERE r.day = wrong.day AND r.asset_no = wrong.asset_no AND r.slot = wrong.slot AND r.read_at = wrong.read_at
      AND r.day >= CAST(:from_day AS date)
    RETURNING r.day, coalesce(r.unit, '') AS unit, CASE WHEN r.abnormal THEN 1 ELSE -1 END AS n
)
UPDATE night_counts AS counts
SET abnormal = counts.abnormal + delta.n, succeeded = counts.succeeded - delta.n
FROM (SELECT day, unit, sum(n) AS n FROM marked GROUP BY day, unit) AS delta
WHERE counts.day = delta.day AND counts.unit = delta.unit
"""

_COUNT = """
SELECT stay.asset_no, stay.slot, stay.first_read, min(r.day) AS first_day, max(r.day) AS last_day,
       max(r.read_at) AS last_read_at, count(*) AS readings
FROM unnest(CAST(:asset_no AS text[]), CAST(:slot AS smallint[]), CAST(:iccid AS text[]),
            CAST(:first_read AS timestamptz[]), CAST(:ended_at AS timestamptz[]))
     AS stay (asset_no, slot, iccid, first_read, ended_at)
CROSS JOIN LATERAL (
    SELECT r.day, r.read_at FROM readings AS r
    WHERE r.day >= CAST(:from_day AS date) AND r.asset_no = stay.asset_no AND r.slot = stay.slot
      AND r.read_at >= stay.first_read AND (stay.ended_at IS NULL OR r.read_at < stay.ended_at)
      AND r.outcome = 'read' AND r.abnormal AND r.iccid = stay.iccid
    OFFSET 0
) AS r
GROUP BY stay.asset_no, stay.slot, stay.first_read
"""

_PUT = f"""
WITH {FOUND}
INSERT INTO exceptions AS e (kind, asset_no, slot, iccid, unit, first_day, last_day, last_read_at, readings,
                             against_asset_no, against_slot, resolved_at)
SELECT found.kind, found.asset_no, found.slot, found.iccid, terminals.unit, found.first_day, found.last_day,
       found.last_read_at, found.readings, found.against_asset_no, found.against_slot, ended.at
FROM found JOIN unnest(CAST(:kind AS text[]), CAST(:asset_no AS text[]), CAST(:slot AS smallint[]),
                       CAST(:iccid AS text[]), CAST(:resolved_at AS timestamptz[]))
           AS ended (kind, asset_no, slot, iccid, at) USING (kind, asset_no, slot, iccid)
     LEFT JOIN terminals USING (asset_no)
ORDER BY found.asset_no, found.slot, found.kind
ON CONFLICT (asset_no, slot, kind, iccid) DO UPDATE SET
    first_day = excluded.first_day, last_day = excluded.last_day, last_read_at = excluded.last_read_at,
    readings = excluded.readings, against_asset_no = excluded.against_asset_no, against_slot = excluded.against_slot,
    resolved_at = excluded.resolved_at, state = CASE WHEN {REOPENED} THEN 'open' ELSE e.state END
"""

_DISSOLVE = """
WITH gone AS (
    DELETE FROM exceptions WHERE id = ANY(CAST(:ids AS bigint[])) AND handled_at IS NULL
)
UPDATE exceptions SET resolved_at = coalesce(resolved_at, last_read_at)
WHERE id = ANY(CAST(:ids AS bigint[])) AND handled_at IS NOT NULL
"""


def bring_into_line(tx: Tx, by_card: Mapping[str, list[Stay]]) -> None:
    """Marks readings and keeps exceptions as these cards' stays say."""
    stays = [(iccid, stay) for iccid, each in by_card.items() for stay in each]
    places = {stay.run.place for _, stay in stays}
    known = tx.execute(
        _KNOWN,
        {
            "iccids": sorted(by_card),
            "asset_no": [place.terminal for place in places],
            "slot": [place.slot for place in places],
        },
    ).all()
    once_doubted = {Place(row.asset_no, row.slot) for row in known}
    concerned = [(iccid, stay) for iccid, stay in stays if _doubted(stay) or stay.run.place in once_doubted]
    if not concerned:
        return
    tx.execute(_MARK, _arrays(concerned))
    findings = _findings(tx, [(iccid, stay) for iccid, stay in concerned if _doubted(stay)])
    if findings:
        values = columns((finding for finding, _ in findings), Finding)
        tx.execute(_PUT, {**values, "resolved_at": [end for _, end in findings]})
    right = {(each.kind, each.asset_no, each.slot, each.iccid) for each, _ in findings}
    wrong = [
        row.id
        for row in known
        if row.iccid in by_card and (row.kind, row.asset_no, row.slot, row.iccid) not in right
    ]
    if wrong:
        tx.execute(_DISSOLVE, {"ids": wrong})


def _doubted(stay: Stay) -> bool:
    """Some reading of the run bound nothing."""
    if stay.bound_from is None or stay.bound_from > stay.run.first_read:
        return True
    return stay.bound_to is not None and stay.bound_to <= stay.run.last_read


def _arrays(stays: Iterable[tuple[str, Stay]]) -> dict[str, object]:
    listed = list(stays)
    return {
        "asset_no": [stay.run.place.terminal for _, stay in listed],
        "slot": [stay.run.place.slot for _, stay in listed],
        "iccid": [iccid for iccid, _ in listed],
        "first_read": [stay.run.first_read for _, stay in listed],
        "ended_at": [stay.run.ended_at for _, stay in listed],
        "bound_from": [stay.bound_from for _, stay in listed],
        "bound_to": [stay.bound_to for _, stay in listed],
        "from_day": _earliest(stay.run.first_read for _, stay in listed),
    }


def _earliest(moments: Iterable[datetime]) -> date:
    return business_date(min(moments))


def _findings(tx: Tx, doubted: list[tuple[str, Stay]]) -> list[tuple[Finding, datetime | None]]:
    """What the doubted stays show, each with the moment at which its doubt ended. One per slot, kind and card."""
    if not doubted:
        return []
    counts = {
        (Place(row.asset_no, row.slot), row.first_read): row for row in tx.execute(_COUNT, _arrays(doubted)).all()
    }
    found: dict[tuple[str, str, int, str], tuple[Finding, datetime | None]] = {}
    for iccid, stay in sorted(doubted, key=lambda each: each[1].run.order):
        count = counts.get((stay.run.place, stay.run.first_read))
        if count is None:
            continue
        place, against = stay.run.place, stay.against
        kind = stay.quarantine or stay.run.refusal or CONTRADICTION
        end = None if stay.quarantine else stay.bound_from or stay.run.ended_at or count.last_read_at
        key = (kind, place.terminal, place.slot, iccid)
        before = found.get(key)
        first_day = min(before[0].first_day, count.first_day) if before else count.first_day
        readings = count.readings + (before[0].readings if before else 0)
        finding = Finding(
            kind, place.terminal, place.slot, iccid, first_day, count.last_day, count.last_read_at, readings, None,
            against.terminal if against else None, against.slot if against else None,
        )  # fmt: skip
        found[key] = (finding, end)
    return list(found.values())
