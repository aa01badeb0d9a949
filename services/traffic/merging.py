"""Figures of a load become the days and the month to date, set-wise, within the caller's transaction (TRF-01).

What stands in the tables afterwards is a function of the figures that came, not of their order:

* a day's row holds the figure with the newest ``as_of``; of two of the same moment, the larger;
* the rows of a month's newest day hold the month to date of every card that has a figure in the month;
* the histogram counts those rows.

A day after the newest is written once, by joining its figures with the newest day's rows. A late or corrected figure
changes its own day and the newest day's sum; the sums in days between are history and are read by nobody.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from kernel.chassis.data.partitions import Partitioned, make
from kernel.chassis.data.unit_of_work import Tx
from services.traffic.buckets import STARTS

DAYS = Partitioned("usage_days", "day", every="day", keep=None, ahead=2)
_ONE = Partitioned("usage_days", "day", every="day", keep=None, ahead=0, back=0)
SOURCES = ("carrier", "terminal")

STAGING = """
CREATE TEMPORARY TABLE figures (
    card_id bigint NOT NULL, day date NOT NULL, bytes bigint NOT NULL, load_id bigint NOT NULL,
    as_of timestamptz NOT NULL, unit text COLLATE "C" NOT NULL, carrier text NOT NULL
) ON COMMIT DROP;
CREATE TEMPORARY TABLE changes (
    card_id bigint NOT NULL, bytes bigint NOT NULL, load_id bigint NOT NULL, delta bigint NOT NULL,
    known boolean NOT NULL, unit text COLLATE "C" NOT NULL, carrier text NOT NULL
) ON COMMIT DROP
"""

_LOCK = """
SELECT set_config('lock_timeout', '0', true), set_config('work_mem', '64MB', true),
       pg_advisory_xact_lock(hashtextextended(current_schema() || '.usage', 0))
"""
_NEWEST = """
SELECT max(day) FROM usage_days WHERE day >= :month AND day < CAST(:month AS date) + interval '1 month'
"""


def _changes(source: str) -> str:
    return f"""
INSERT INTO changes
SELECT DISTINCT ON (figures.card_id) figures.card_id, figures.bytes, figures.load_id,
       figures.bytes - coalesce(days.{source}_bytes, 0), days.{source}_load IS NOT NULL, figures.unit, figures.carrier
FROM figures
LEFT JOIN usage_days AS days ON days.day = :day AND days.card_id = figures.card_id
LEFT JOIN loads ON loads.id = days.{source}_load
WHERE figures.day = :day
  AND (days.{source}_load IS NULL OR (figures.as_of, figures.bytes) > (loads.as_of, days.{source}_bytes))
ORDER BY figures.card_id, figures.as_of DESC, figures.bytes DESC, figures.load_id
"""


def _carry(source: str) -> str:
    other = SOURCES[source == "carrier"]
    return f"""
INSERT INTO usage_days (day, card_id, unit, carrier, {source}_bytes, {source}_load, {source}_month, {other}_month)
SELECT :day, card_id, coalesce(cards.owner_unit, changes.unit, before.unit), coalesce(changes.carrier, before.carrier),
       changes.bytes, changes.load_id,
       CASE WHEN changes.bytes IS NULL THEN before.{source}_month
            ELSE coalesce(before.{source}_month, 0) + changes.bytes END,
       before.{other}_month
FROM changes
FULL JOIN (SELECT * FROM usage_days WHERE day = :newest) AS before USING (card_id)
LEFT JOIN cards ON cards.id = card_id
ORDER BY card_id
"""


def _late(source: str) -> str:
    return f"""
INSERT INTO usage_days AS days (day, card_id, unit, carrier, {source}_bytes, {source}_load)
SELECT :day, card_id, unit, carrier, bytes, load_id FROM changes ORDER BY card_id
ON CONFLICT (day, card_id) DO UPDATE
SET {source}_bytes = excluded.{source}_bytes, {source}_load = excluded.{source}_load
"""


def _follow(source: str) -> str:
    return f"""
INSERT INTO usage_days AS days (day, card_id, unit, carrier, {source}_month)
SELECT :newest, card_id, unit, carrier, delta FROM changes ORDER BY card_id
ON CONFLICT (day, card_id) DO UPDATE SET {source}_month = coalesce(days.{source}_month, 0) + excluded.{source}_month
"""


def histogram_of(source: str) -> str:
    """A month's distribution from the rows of its newest day."""
    return f"""
SELECT CAST(:month AS date) AS month, unit, carrier, '{source}' AS source,
       (CAST(:starts AS bigint[]))[width_bucket({source}_month, CAST(:starts AS bigint[]))] AS at_least,
       count(*) AS cards, sum({source}_month) AS bytes
FROM usage_days WHERE day = :newest AND {source}_month IS NOT NULL GROUP BY unit, carrier, 5
"""


_CHANGE, _CARRY, _LATE, _FOLLOW = (
    {source: made(source) for source in SOURCES} for made in (_changes, _carry, _late, _follow)
)
_FORGET = "DELETE FROM usage_histogram WHERE month = :month AND source = :source"
_COUNT_AGAIN = "INSERT INTO usage_histogram (month, unit, carrier, source, at_least, cards, bytes)"
_COUNT = "SELECT count(*), count(*) FILTER (WHERE known) FROM changes WHERE load_id = :load_id"


@dataclass
class Merged:
    """``taken``: figures of the load that were news; ``replaced``: of these, those that took another's place."""

    taken: int = 0
    replaced: int = 0


def lock(tx: Tx) -> None:
    """Loads are merged one after the other, each until its transaction ends."""
    tx.execute(_LOCK)


def month_begin(day: date) -> date:
    """First day of the month of ``day``."""
    return day.replace(day=1)


def newest_day(tx: Tx, month: date) -> date | None:
    """The day that carries the month to date; None for a month without figures."""
    found: date | None = tx.execute(_NEWEST, {"month": month}).scalar_one()
    return found


def merge(tx: Tx, source: str, load_id: int) -> Merged:
    """Takes all rows of ``figures``, which are ``source``'s. The caller holds the lock."""
    merged = Merged()
    carried: dict[date, bool] = {}
    for day in tx.execute("SELECT DISTINCT day FROM figures ORDER BY day").scalars().all():
        month = month_begin(day)
        carried[month] = _merge_day(tx, source, day, merged, load_id) or carried.get(month, False)
    for month, all_sources in carried.items():
        _count_again(tx, month, SOURCES if all_sources else (source,))
    return merged


def _merge_day(tx: Tx, source: str, day: date, merged: Merged, load_id: int) -> bool:
    """True when the day became the newest of its month."""
    make(tx.connection, _ONE, day)
    newest = newest_day(tx, month_begin(day))
    tx.execute("TRUNCATE changes")
    tx.execute(_CHANGE[source], {"day": day})
    counted: Any = tx.execute(_COUNT, {"load_id": load_id}).one()
    merged.taken += counted[0]
    merged.replaced += counted[1]
    if newest is None or day > newest:
        tx.execute(_CARRY[source], {"day": day, "newest": newest})
        tx.execute(f"ANALYZE {_ONE.name(day)}")
        return True
    tx.execute(_LATE[source], {"day": day})
    tx.execute(_FOLLOW[source], {"newest": newest})
    return False


def _count_again(tx: Tx, month: date, sources: tuple[str, ...]) -> None:
    params = {"month": month, "newest": newest_day(tx, month), "starts": list(STARTS)}
    for source in sources:
        tx.execute(_FORGET, {"month": month, "source": source})
        tx.execute(f"{_COUNT_AGAIN} {histogram_of(source)}", params)
