"""Which module (IMEI) a card was read in, kept per slot (BND-10): a *run* is one card in one module of one slot.

Guarantee: the runs, and which card or slot had which module before, are a function of the stored readings, not of the
order in which they came. A reading without an IMEI, or with a garbled one, says nothing about modules and ends no run.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from kernel.chassis.data.unit_of_work import Tx
from kernel.contracts.binding.events import ChangedImei, ImeisChanged
from kernel.model.period import business_date
from services.binding.readings import News
from services.binding.telling import slices
from services.binding.timeline import Place

_WANTED = """
wanted (asset_no, slot, since) AS (
    SELECT * FROM unnest(CAST(:asset_no AS text[]), CAST(:slot AS smallint[]), CAST(:since AS timestamptz[]))
)
"""
_DERIVE = f"""
WITH {_WANTED}, seen AS (
    SELECT wanted.asset_no, wanted.slot, r.read_at, r.iccid, r.imei,
           lag(r.iccid, 1, before.iccid) OVER slot AS iccid_before, lag(r.imei, 1, before.imei) OVER slot AS imei_before
    FROM wanted
    JOIN readings AS r ON r.asset_no = wanted.asset_no AND r.slot = wanted.slot AND r.read_at >= wanted.since
                      AND r.outcome = 'read' AND r.imei IS NOT NULL AND r.day >= CAST(:from_day AS date)
    LEFT JOIN LATERAL (
        SELECT iccid, imei FROM imei_runs AS m
        WHERE m.asset_no = wanted.asset_no AND m.slot = wanted.slot AND m.first_read < wanted.since
        ORDER BY first_read DESC LIMIT 1
    ) AS before ON true
    WINDOW slot AS (PARTITION BY wanted.asset_no, wanted.slot ORDER BY r.read_at)
)
SELECT asset_no, slot, read_at AS first_read, iccid, imei FROM seen
WHERE (iccid_before, imei_before) IS DISTINCT FROM (iccid, imei)
"""
_STANDING = f"""
WITH {_WANTED}
SELECT m.asset_no, m.slot, m.first_read, m.iccid, m.imei
FROM wanted JOIN imei_runs AS m ON m.asset_no = wanted.asset_no AND m.slot = wanted.slot
                              AND m.first_read >= wanted.since
"""
_DROP = """
DELETE FROM imei_runs AS m
USING unnest(CAST(:asset_no AS text[]), CAST(:slot AS smallint[]), CAST(:first_read AS timestamptz[]))
      AS gone (asset_no, slot, first_read)
WHERE (m.asset_no, m.slot, m.first_read) = (gone.asset_no, gone.slot, gone.first_read)
"""
_ADD = """
INSERT INTO imei_runs (asset_no, slot, first_read, iccid, imei, unit)
SELECT new.*, terminals.unit FROM unnest(
    CAST(:asset_no AS text[]), CAST(:slot AS smallint[]), CAST(:first_read AS timestamptz[]), CAST(:iccid AS text[]),
    CAST(:imei AS text[])
) AS new (asset_no, slot, first_read, iccid, imei) LEFT JOIN terminals USING (asset_no)
ORDER BY 1, 2, 3
"""
# The neighbours in time: of the card anywhere, and of the slot whatever card it held.
_LINK = """
WITH concerned AS (
    SELECT asset_no, slot, first_read, iccid FROM imei_runs WHERE iccid = ANY(CAST(:iccids AS text[]))
    UNION
    SELECT m.asset_no, m.slot, m.first_read, m.iccid
    FROM unnest(CAST(:asset_no AS text[]), CAST(:slot AS smallint[])) AS wanted (asset_no, slot)
    JOIN imei_runs AS m ON m.asset_no = wanted.asset_no AND m.slot = wanted.slot
), linked AS (
    SELECT c.asset_no, c.slot, c.first_read, card.imei AS card_imei, card.asset_no AS card_asset_no,
           module.imei AS slot_imei, next.first_read AS ended_at
    FROM concerned AS c
    LEFT JOIN LATERAL (
        SELECT imei, asset_no FROM imei_runs AS m
        WHERE m.iccid = c.iccid AND (m.first_read, m.asset_no, m.slot) < (c.first_read, c.asset_no, c.slot)
        ORDER BY m.first_read DESC, m.asset_no DESC, m.slot DESC LIMIT 1
    ) AS card ON true
    LEFT JOIN LATERAL (
        SELECT imei FROM imei_runs AS m
        WHERE m.asset_no = c.asset_no AND m.slot = c.slot AND m.first_read < c.first_read
        ORDER BY m.first_read DESC LIMIT 1
    ) AS module ON true
    LEFT JOIN LATERAL (
        SELECT m.first_read FROM imei_runs AS m
        WHERE m.asset_no = c.asset_no AND m.slot = c.slot AND m.first_read > c.first_read
        ORDER BY m.first_read LIMIT 1
    ) AS next ON true
), told AS (
    SELECT m.asset_no, m.slot, m.first_read,
           (m.card_imei, m.card_asset_no, m.slot_imei) IS DISTINCT FROM
               (linked.card_imei, linked.card_asset_no, linked.slot_imei) AS news
    FROM imei_runs AS m JOIN linked USING (asset_no, slot, first_read)
)
UPDATE imei_runs AS m
SET card_imei = linked.card_imei, card_asset_no = linked.card_asset_no, slot_imei = linked.slot_imei,
    ended_at = linked.ended_at,
    changed = coalesce(linked.card_imei <> m.imei, false) OR coalesce(linked.slot_imei <> m.imei, false)
FROM linked JOIN told USING (asset_no, slot, first_read)
WHERE (m.asset_no, m.slot, m.first_read) = (linked.asset_no, linked.slot, linked.first_read)
  AND (told.news OR m.ended_at IS DISTINCT FROM linked.ended_at)
RETURNING m.*, told.news
"""


@dataclass(frozen=True, order=True, slots=True)
class _Run:
    asset_no: str
    slot: int
    first_read: datetime
    iccid: str
    imei: str


def follow(tx: Tx, news: Iterable[News], *, now: datetime) -> None:
    """Makes the runs of the slots that these readings touch what all readings say, and tells what changed by it.

    The caller holds the decisions' lock.
    """
    since: dict[Place, datetime] = {}
    for each in news:
        if each.module:
            place = Place(each.asset_no, each.slot)
            since[place] = min(since.get(place, each.read_at), each.read_at)
    if not since:
        return
    gone, new, iccids = _derive(tx, since)
    if gone:
        tx.execute(_DROP, _arrays(gone, but=("iccid", "imei")))
    if new:
        tx.execute(_ADD, _arrays(new))
    if gone or new:
        linked = tx.execute(_LINK, {"iccids": sorted(iccids), **_places(since)}).all()
        _tell(tx, [row for row in linked if row.news and row.changed], now=now)


def _derive(tx: Tx, since: Mapping[Place, datetime]) -> tuple[set[_Run], set[_Run], set[str]]:
    """Runs that stand and are none, runs that are missing, and the cards of all runs from then on."""
    wanted = {**_places(since), "since": list(since.values())}
    standing = _runs(tx.execute(_STANDING, wanted))
    right = _runs(tx.execute(_DERIVE, {**wanted, "from_day": business_date(min(since.values()))}))
    return standing - right, right - standing, {run.iccid for run in standing | right}


def _places(places: Collection[Place]) -> dict[str, Any]:
    return {"asset_no": [place.terminal for place in places], "slot": [place.slot for place in places]}


def _runs(rows: Iterable[Any]) -> set[_Run]:
    return {_Run(row.asset_no, row.slot, row.first_read, row.iccid, row.imei) for row in rows}


def _arrays(runs: Iterable[_Run], but: Collection[str] = ()) -> dict[str, list[Any]]:
    ordered = sorted(runs)
    return {each.name: [getattr(run, each.name) for run in ordered] for each in fields(_Run) if each.name not in but}


def _tell(tx: Tx, changed: Sequence[Any], *, now: datetime) -> None:
    if not changed:
        return
    number = tx.execute("SELECT nextval('decisions')").scalar_one()
    told = [
        ChangedImei(
            iccid=row.iccid, imei=row.imei, terminal=row.asset_no, slot=row.slot, unit=row.unit, since=row.first_read,
            card_imei_before=row.card_imei, terminal_before=row.card_asset_no, slot_imei_before=row.slot_imei,
        )
        for row in sorted(changed, key=lambda each: (each.first_read, each.asset_no, each.slot))
    ]  # fmt: skip
    tx.publish(*(ImeisChanged(decision=number, at=now, changes=list(part)) for part in slices(told)))
