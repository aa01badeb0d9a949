"""Figures of a load become the days and the month to date, set-wise, within the caller's transaction (TRF-01).

What stands in the tables afterwards is a function of the figures that came, not of their order:

* a day's row holds the figure with the newest ``as_of``; of two of the same moment, the larger;
* the rows of a month's newest day hold the month to date of every card that has a figure in the month, in the unit
  that the card belongs to; what it used in units that it has left stands in ``moved_usage``;
* the histogram counts both: each unit sees its own days;
* the counts of a day say how many cards have a figure of it.

A day after the newest is written once, by joining its figures with the newest day's rows. A late or corrected figure
changes its own day and the newest day's sum; the sums in days between are history and are read by nobody.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from kernel.chassis.data.partitions import Partitioned, make
from kernel.chassis.data.unit_of_work import Tx
from services.traffic import folding, months
from services.traffic.buckets import STARTS

DAYS = Partitioned("usage_days", "day", every="day", keep=None, ahead=2)
_ONE = Partitioned("usage_days", "day", every="day", keep=None, ahead=0, back=0)
SOURCES = ("carrier", "terminal")


def other_source(source: str) -> str:
    """The one that it is compared with."""
    return SOURCES[source == SOURCES[0]]


STAGING = """
CREATE TEMPORARY TABLE figures (
    card_id bigint NOT NULL, day date NOT NULL, bytes bigint NOT NULL, load_id bigint NOT NULL,
    as_of timestamptz NOT NULL, unit text COLLATE "C" NOT NULL, carrier text NOT NULL, row_no integer
) ON COMMIT DROP;
CREATE TEMPORARY TABLE changes (
    card_id bigint NOT NULL, bytes bigint NOT NULL, load_id bigint NOT NULL, delta bigint NOT NULL,
    known boolean NOT NULL, unit text COLLATE "C" NOT NULL, carrier text NOT NULL
) ON COMMIT DROP
"""
"""``figures``: unit is the card's present one; row_no: of the load's file."""

_LOCK = """
SELECT set_config('lock_timeout', '0', true), set_config('work_mem', '64MB', true),
       pg_advisory_xact_lock(hashtextextended(current_schema() || '.usage', 0))
"""


def _places(day: str) -> str:
    return f"(SELECT DISTINCT ON (card_id) card_id, unit FROM past_places WHERE until > :{day} ORDER BY card_id, until)"


_PLACES = _places("day")
"""Where cards belonged on the day, if it was elsewhere than now: what happened to them later does not count yet."""
_NEW = """
(SELECT card_id, bytes, load_id, bytes AS delta, false AS known, unit, carrier FROM figures WHERE day = :day)
"""
"""What changes on a day of which nothing is known yet, and of which each card has one figure."""


def _changes(source: str) -> str:
    return f"""
INSERT INTO changes
SELECT DISTINCT ON (figures.card_id) figures.card_id, figures.bytes, figures.load_id,
       figures.bytes - coalesce(days.{source}_bytes, 0), days.{source}_load IS NOT NULL,
       coalesce(days.unit, place.unit, figures.unit), figures.carrier
FROM figures
LEFT JOIN usage_days AS days ON days.day = :day AND days.card_id = figures.card_id
LEFT JOIN {_PLACES} AS place ON place.card_id = figures.card_id
LEFT JOIN loads ON loads.id = days.{source}_load
WHERE figures.day = :day
  AND (days.{source}_load IS NULL OR (figures.as_of, figures.bytes) > (loads.as_of, days.{source}_bytes))
ORDER BY figures.card_id, figures.as_of DESC, figures.bytes DESC, figures.load_id
"""


_NEWEST_ROWS = "(SELECT * FROM usage_days WHERE day = :newest)"
_AT_HOME = f"""
changes LEFT JOIN {_NEWEST_ROWS} AS newest USING (card_id) LEFT JOIN {_places("newest")} AS place USING (card_id)
CROSS JOIN LATERAL (
    SELECT coalesce(newest.unit, place.unit, (SELECT owner_unit FROM cards WHERE id = card_id)) AS home
) AS its WHERE true
"""
"""``home``: where the card belongs on the newest day."""
_ODD_ROWS = """
(SELECT usage_days.* FROM usage_days JOIN odd USING (card_id) WHERE day = :newest)
"""
_NEW_OF_ODD = """
(SELECT card_id, bytes, load_id, bytes AS delta, false AS known, unit, carrier FROM figures JOIN odd USING (card_id)
 WHERE day = :day AND load_id = :load_id)
"""
_COME_BACK = """
DELETE FROM moved_usage AS moved USING usage_days AS days
WHERE moved.month = :month AND days.day = :day AND days.card_id = moved.card_id AND days.unit = moved.unit
"""


def _first(source: str) -> str:
    """The first day of its month with figures: the month is the day."""
    return f"""
INSERT INTO usage_days (day, card_id, unit, carrier, {source}_bytes, {source}_load, {source}_month)
SELECT :day, card_id, coalesce(place.unit, changes.unit), carrier, bytes, load_id, bytes
FROM {{changes}} AS changes LEFT JOIN {_PLACES} AS place USING (card_id) ORDER BY card_id
"""


def _carry(source: str) -> str:
    """The day is written with each card in the unit where it belongs now; what it has used until the newest day in a
    unit that it has left since is kept as moved."""
    other = other_source(source)
    return f"""
WITH known AS MATERIALIZED (
    SELECT card_id, coalesce(place.unit, changes.unit, (SELECT owner_unit FROM cards WHERE id = card_id), before.unit)
           AS unit, coalesce(changes.carrier, before.carrier) AS carrier, changes.bytes,
           changes.load_id, before.unit AS before_unit, before.carrier_month, before.terminal_month
    FROM {{changes}} AS changes FULL JOIN {{before}} AS before USING (card_id)
    LEFT JOIN {_PLACES} AS place USING (card_id)
), left_behind AS (
    INSERT INTO moved_usage (month, card_id, unit, carrier, carrier_month, terminal_month)
    SELECT :month, card_id, before_unit, carrier, carrier_month, terminal_month FROM known WHERE unit <> before_unit
)
INSERT INTO usage_days (day, card_id, unit, carrier, {source}_bytes, {source}_load, {source}_month, {other}_month)
SELECT :day, card_id, known.unit, known.carrier, bytes, load_id,
       CASE WHEN bytes IS NULL THEN so_far.{source}_month ELSE coalesce(so_far.{source}_month, 0) + bytes END,
       so_far.{other}_month
FROM known
LEFT JOIN (SELECT * FROM moved_usage WHERE month = :month) AS moved USING (card_id, unit)
CROSS JOIN LATERAL (
    SELECT CASE WHEN known.unit = before_unit THEN known.carrier_month ELSE moved.carrier_month END AS carrier_month,
           CASE WHEN known.unit = before_unit THEN known.terminal_month ELSE moved.terminal_month END AS terminal_month
) AS so_far
ORDER BY card_id
"""


def _late(source: str) -> str:
    return f"""
INSERT INTO usage_days AS days (day, card_id, unit, carrier, {source}_bytes, {source}_load)
SELECT :day, card_id, unit, carrier, bytes, load_id FROM changes ORDER BY card_id
ON CONFLICT (day, card_id) DO UPDATE
SET {source}_bytes = excluded.{source}_bytes, {source}_load = excluded.{source}_load
"""


def _late_of_newest(source: str) -> str:
    """The newest day's own row carries the month, so both change at once."""
    return f"""
INSERT INTO usage_days AS days (day, card_id, unit, carrier, {source}_bytes, {source}_load, {source}_month)
SELECT :day, card_id, unit, carrier, bytes, load_id, delta FROM changes ORDER BY card_id
ON CONFLICT (day, card_id) DO UPDATE
SET {source}_bytes = excluded.{source}_bytes, {source}_load = excluded.{source}_load,
    {source}_month = coalesce(days.{source}_month, 0) + excluded.{source}_month
"""


def _follow(source: str) -> str:
    return f"""
INSERT INTO usage_days AS days (day, card_id, unit, carrier, {source}_month)
SELECT :newest, card_id, changes.unit, changes.carrier, delta FROM {_AT_HOME} AND home = changes.unit ORDER BY card_id
ON CONFLICT (day, card_id) DO UPDATE SET {source}_month = coalesce(days.{source}_month, 0) + excluded.{source}_month
"""


def _follow_elsewhere(source: str) -> str:
    """A figure of a day on which the card was in a unit that it has left."""
    return f"""
INSERT INTO moved_usage AS moved (month, card_id, unit, carrier, {source}_month)
SELECT :month, card_id, changes.unit, changes.carrier, delta FROM {_AT_HOME} AND home <> changes.unit ORDER BY card_id
ON CONFLICT (month, card_id, unit) DO UPDATE
SET {source}_month = coalesce(moved.{source}_month, 0) + excluded.{source}_month
"""


def histogram_of(source: str, sums: str) -> str:
    """A month's distribution from ``sums`` per card and unit (``months.MonthOfUsage``)."""
    return f"""
SELECT CAST(:month AS date) AS month, unit, carrier, '{source}' AS source,
       (CAST(:starts AS bigint[]))[width_bucket({source}_month, CAST(:starts AS bigint[]))] AS at_least,
       count(*) AS cards, sum({source}_month) AS bytes, array_agg({source}_month) AS volumes
FROM ({sums}) AS sums WHERE {source}_month IS NOT NULL GROUP BY unit, carrier, 5
"""


_CHANGE, _FIRST, _CARRY, _LATE, _LATE_OF_NEWEST, _FOLLOW, _ELSEWHERE = (
    {source: made(source) for source in SOURCES}
    for made in (_changes, _first, _carry, _late, _late_of_newest, _follow, _follow_elsewhere)
)
_FORGET = "DELETE FROM usage_histogram WHERE month = :month AND source = :source"
_COUNT_AGAIN = "INSERT INTO usage_histogram (month, unit, carrier, source, at_least, cards, bytes, volumes)"
_ALL_DAYS = "SELECT DISTINCT day FROM figures"
_COUNT_DAY = """
INSERT INTO usage_day_counts AS known (day, carrier, source, cards) VALUES (:day, :carrier, :source, :cards)
ON CONFLICT (day, carrier, source) DO UPDATE SET cards = known.cards + excluded.cards
"""
_COUNT_OF_ODD = f"SELECT carrier, count(*) AS cards FROM {_NEW_OF_ODD} AS new GROUP BY carrier"
_NEW_OF_DAY = "SELECT carrier, count(*) AS cards FROM changes WHERE NOT known GROUP BY carrier"
_COUNT = "SELECT count(*), count(*) FILTER (WHERE known) FROM changes WHERE load_id = :load_id"
_TOLD = """
SELECT day, carrier, count(*) AS cards, sum(bytes) AS bytes FROM figures GROUP BY day, carrier ORDER BY day, carrier
"""
_SEVERAL = "SELECT EXISTS (SELECT FROM figures GROUP BY card_id, day HAVING count(*) > 1)"


class Told(NamedTuple):
    """What a load says of a day. ``cards``: its rows, each of another card once ``several`` is false."""

    day: date
    carrier: str
    cards: int
    bytes: int


@dataclass(frozen=True)
class Load:
    """Whose figures stand in ``figures``. ``told``: what they are when each card has one of a day and all are the
    load's own; else None."""

    id: int
    source: str
    told: Sequence[Told] | None


@dataclass(frozen=True)
class Outcome:
    """What became of a load's file. ``rows``: of the file; ``told``: figures of known cards; ``counts``: as
    ``finding.counts``; ``merged``: None when the load is held, for ``reasons``."""

    rows: int
    told: Sequence[Told]
    repeated: int
    counts: dict[str, Any]
    reasons: Sequence[Any]
    preview: dict[str, Any]
    merged: "Merged | None"


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


def several(tx: Tx) -> bool:
    """Has any card more than one row in ``figures`` for the same day?"""
    return bool(tx.execute(_SEVERAL).scalar_one())


def told(tx: Tx) -> list[Told]:
    """What stands in ``figures``, by days."""
    return [Told(row.day, row.carrier, row.cards, int(row.bytes)) for row in tx.execute(_TOLD)]


def together(told: Iterable[Told]) -> list[Told]:
    """One for each day and carrier, in their order."""
    found: dict[tuple[date, str], Told] = {}
    for it in told:
        so_far = found.get(it[:2], it._replace(cards=0, bytes=0))
        found[it[:2]] = so_far._replace(cards=so_far.cards + it.cards, bytes=so_far.bytes + it.bytes)
    return [found[key] for key in sorted(found)]


def make_day(tx: Tx, day: date) -> None:
    """The day's table is there from now on."""
    make(tx.connection, _ONE, day)


def merge(tx: Tx, load: Load) -> Merged:
    """Takes all rows of ``figures``. The caller holds the lock."""
    merged = Merged()
    _merge_days(tx, load, merged)
    return merged


def finish_new_day(tx: Tx, load: Load, day: date, before: date | None, written: Sequence[Told]) -> Merged:
    """Takes all rows of ``figures`` once the rows that went straight into the new ``day`` stand there (``written``).

    ``before``: the month's newest day until then. Cards in ``odd`` have no row of the day yet. The caller counts the
    month's distribution.
    """
    merged, month = Merged(), month_begin(day)
    asked = {"month": month, "day": day, "newest": before, "load_id": load.id, "source": load.source}
    _write_newest(tx, asked, changes=_NEW_OF_ODD, before=_ODD_ROWS)
    of_odd = [Told(day, row.carrier, row.cards, 0) for row in tx.execute(_COUNT_OF_ODD, asked)]
    for it in (*written, *of_odd):
        tx.execute(_COUNT_DAY, {**asked, "carrier": it.carrier, "cards": it.cards})
        merged.taken += it.cards
    _merge_days(tx, load, merged, but=month)
    return merged


def _write_newest(tx: Tx, asked: dict[str, Any], *, changes: str, before: str) -> None:
    sql = (_FIRST if asked["newest"] is None else _CARRY)[asked["source"]].format(changes=changes, before=before)
    tx.execute(sql, asked)
    tx.execute(_COME_BACK, asked)
    tx.execute(f"ANALYZE {_ONE.name(asked['day'])}")


def _merge_days(tx: Tx, load: Load, merged: Merged, *, but: date | None = None) -> None:
    """``but``: a month that is not counted here."""
    carried: dict[date, bool] = {}  # months whose days have changed > whether sums of both sources have
    days = tx.execute(_ALL_DAYS).scalars() if load.told is None else (it.day for it in load.told)
    for day in sorted(set(days)):
        month = month_begin(day)
        carried[month] = _merge_day(tx, load, day, merged) or carried.get(month, False)
    for month, all_sources in carried.items():
        if month == but:
            continue
        _count_again(tx, month, SOURCES if all_sources else (load.source,))


def _merge_day(tx: Tx, load: Load, day: date, merged: Merged) -> bool:
    """True when the day became the newest of its month."""
    month, source = month_begin(day), load.source
    folding.unfold(tx, month)
    make_day(tx, day)
    newest = months.find(tx, month).newest
    is_newest = newest is None or day > newest
    asked = {"month": month, "day": day, "newest": newest, "load_id": load.id, "source": source}
    new = load.told if is_newest else None
    if new is None:
        tx.execute("TRUNCATE changes")
        tx.execute(_CHANGE[source], asked)
    _count_day(tx, load, asked, merged, new)
    if is_newest:
        _write_newest(tx, asked, changes="changes" if new is None else _NEW, before=_NEWEST_ROWS)
        return True
    for late in [_LATE_OF_NEWEST] if day == newest else [_LATE, _FOLLOW, _ELSEWHERE]:
        tx.execute(late[source], asked)
    return False


def _count_day(tx: Tx, load: Load, asked: dict[str, Any], merged: Merged, new: Sequence[Told] | None) -> None:
    """``new``: what the load told, when nothing is known of the day yet, so that all of it changes."""
    if new is None:
        counted: Any = tx.execute(_COUNT, asked).one()
        merged.taken += counted[0]
        merged.replaced += counted[1]
        of_day = [(row.carrier, row.cards) for row in tx.execute(_NEW_OF_DAY)]
    else:
        of_day = [(it.carrier, it.cards) for it in new if it.day == asked["day"]]
        merged.taken += sum(cards for _, cards in of_day)
    for carrier, cards in of_day:
        tx.execute(_COUNT_DAY, {**asked, "carrier": carrier, "cards": cards})


def _count_again(tx: Tx, month: date, sources: tuple[str, ...]) -> None:
    found = months.find(tx, month)
    params = {**found.params, "starts": list(STARTS)}
    for source in sources:
        tx.execute(_FORGET, {"month": month, "source": source})
        tx.execute(f"{_COUNT_AGAIN} {histogram_of(source, found.sums)}", params)
