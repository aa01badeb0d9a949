"""Which cards a load's rows are of (TRF-01): ``arrivals`` become ``figures`` of cards, and ``strangers``.

Cards are looked up within the unit of whoever sent the load. Figures of unknown ones are kept; those that are known by
now come along with the next load.
"""

from typing import Any, NamedTuple

from kernel.chassis.data.unit_of_work import Tx
from kernel.model.iccid import KEY
from services.traffic import merging, rows

_KNOWN = """
INSERT INTO figures
SELECT cards.id, day, bytes, :load_id, :as_of, owner_unit, carrier, row_no FROM arrivals JOIN cards USING (iccid)
WHERE starts_with(owner_unit, :unit)
"""
_STRANGERS = """
CREATE TEMPORARY TABLE strangers ON COMMIT DROP AS
SELECT * FROM arrivals
WHERE NOT EXISTS (SELECT FROM cards WHERE cards.iccid = arrivals.iccid AND starts_with(owner_unit, :unit))
"""
_SPELLED_OTHERWISE = f"""
WITH found AS (
    SELECT row_no, day, bytes, cards.id, owner_unit, carrier FROM strangers JOIN cards
        ON left(cards.iccid, {KEY}) = left(strangers.iccid, {KEY})
       AND cards.iccid >= left(strangers.iccid, {KEY}) AND cards.iccid < left(strangers.iccid, {KEY}) || '~'
       AND {KEY} IN (length(cards.iccid), length(strangers.iccid))
    WHERE starts_with(owner_unit, :unit)
), only_one AS (
    SELECT * FROM found WHERE row_no IN (SELECT row_no FROM found GROUP BY row_no HAVING count(*) = 1)
), gone AS (
    DELETE FROM strangers USING only_one WHERE strangers.row_no = only_one.row_no
)
INSERT INTO figures SELECT id, day, bytes, :load_id, :as_of, owner_unit, carrier, row_no FROM only_one
"""
"""With and without its check digit a number is one card (INV-12)."""
_OTHER_CARRIER = """
WITH gone AS (
    DELETE FROM figures WHERE carrier <> :carrier RETURNING row_no
)
INSERT INTO refusals SELECT row_no, iccid, 'usage_other_carrier', '{}' FROM gone JOIN arrivals USING (row_no)
"""
_MANY_DAYS = 7
_BY_DAY = ("CREATE INDEX figures_by_day ON figures (day)", "CLUSTER figures USING figures_by_day")
"""Each day is examined and merged by itself: of many days, one is then found without reading the figures of all."""
_ANY_KEPT = "SELECT EXISTS (SELECT FROM unknown_usage WHERE source = :source)"
_KNOWN_BY_NOW = """
WITH gone AS (
    DELETE FROM unknown_usage AS kept USING cards, loads
    WHERE kept.iccid = cards.iccid AND kept.source = :source AND starts_with(cards.owner_unit, kept.unit)
      AND loads.id = kept.load_id AND (loads.carrier IS NULL OR loads.carrier = cards.carrier)
    RETURNING cards.id, kept.day, kept.bytes, kept.load_id, loads.as_of, cards.owner_unit, cards.carrier
)
INSERT INTO figures SELECT * FROM gone
"""
_UNKNOWN = """
INSERT INTO unknown_usage AS kept (iccid, day, source, unit, bytes, load_id)
SELECT iccid, day, :source, :unit, bytes, :load_id FROM strangers ORDER BY iccid, day
ON CONFLICT (iccid, day, source) DO UPDATE
SET bytes = excluded.bytes, load_id = excluded.load_id,
    unit = CASE WHEN length(kept.unit) < length(excluded.unit) THEN kept.unit ELSE excluded.unit END
WHERE (CAST(:as_of AS timestamptz), excluded.bytes)
    > ((SELECT as_of FROM loads WHERE loads.id = kept.load_id), kept.bytes)
"""
_COUNTS = """
SELECT (SELECT count(*) FROM strangers) AS unknown, (SELECT count(DISTINCT row_no) FROM refusals) AS refused,
       (SELECT min(day) FROM strangers) AS first_day, (SELECT max(day) FROM strangers) AS last_day
"""


class Found(NamedTuple):
    """What ``figures`` say, and how many rows were mere repetitions."""

    told: list[merging.Told]
    repeated: int


def asked_of(load: Any) -> dict[str, Any]:
    """What the statements of this module need to know of a load."""
    return {"load_id": load.id, **{name: getattr(load, name) for name in ("unit", "carrier", "source", "as_of")}}


def look_up(tx: Tx, asked: dict[str, Any], arrived: int) -> Found:
    """Rows become ``figures`` of cards and ``strangers``, each card and day once. ``arrived``: rows of ``arrivals``.

    Holds the lock of loads from here on.
    """
    for statement in merging.STAGING.split(";"):
        tx.execute(statement)
    merging.lock(tx)
    found = tx.execute(_KNOWN, asked).rowcount
    tx.execute(_STRANGERS if found < arrived else f"{_STRANGERS} LIMIT 0", asked)
    if found < arrived:
        tx.execute("ANALYZE strangers")
        tx.execute(_SPELLED_OTHERWISE, asked)
    tx.execute("ANALYZE figures")
    told, repeated = merging.told(tx), 0
    if asked["carrier"] is not None and any(it.carrier != asked["carrier"] for it in told):
        tx.execute(_OTHER_CARRIER, asked)
        told = [it for it in told if it.carrier == asked["carrier"]]
    if merging.several(tx):
        repeated = tx.execute(rows.CONTRADICTIONS).scalar_one()
        told = merging.told(tx)
    if len({it.day for it in told}) > _MANY_DAYS:
        for statement in _BY_DAY:
            tx.execute(statement)
    if found < arrived:
        repeated += tx.execute(rows.CONTRADICTIONS_OF_STRANGERS).scalar_one()
    return Found(told, int(repeated))


def counts(tx: Tx) -> dict[str, Any]:
    """``unknown`` and ``refused`` rows, and the first and last day of the unknown ones."""
    return dict(tx.execute(_COUNTS).mappings().one())


def keep_unknown(tx: Tx, asked: dict[str, Any]) -> bool:
    """Puts by the figures of ``strangers``; kept ones whose cards are known by now join ``figures``: did any?"""
    come_along = tx.execute(_ANY_KEPT, asked).scalar_one() and tx.execute(_KNOWN_BY_NOW, asked).rowcount
    tx.execute(_UNKNOWN, asked)
    return bool(come_along)
