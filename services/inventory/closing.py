"""Closing the books: every night the ledger's closed days are merged and summed up (INV-10).

Neither changes any answer. ``compact`` replaces rows that say the same of the same day by their sum. ``close``
writes down the sums at the end of a day, from the ledger alone, so that a later question adds only the days since;
in the order in which they are read, so that a thousand of them are a few pages. A wrong closing is found by the check
and mended by ``rebuild``.
"""

from datetime import date, datetime, timedelta

from kernel.chassis.data.unit_of_work import Tx
from kernel.model.period import business_date

KEPT_DAYS = (10, 20)
"""Closings of these days of a month and of its last day are kept, so that any past day has one near before it."""

COARSER = {1: "state, owner_unit", 2: "state, owner_unit, carrier, card_spec"}
"""Level of a closing > what it tells apart. Most questions need no more, and level 1 is a thousandth of level 3."""

_DIMENSIONS = "state, owner_unit, carrier, card_spec, application_month"
_ENTRY = f"day, action, since, opened_on, {_DIMENSIONS}"

_COMPACT = f"""
WITH alike AS (
    SELECT {_ENTRY}, sum(delta)::int AS delta, array_agg(id) AS ids
    FROM ledger WHERE day < :before
    GROUP BY {_ENTRY} HAVING count(*) > 1 OR sum(delta) = 0
), gone AS (
    DELETE FROM ledger USING (SELECT unnest(ids) AS id FROM alike) AS merged WHERE ledger.id = merged.id RETURNING 1
), put AS (
    INSERT INTO ledger ({_ENTRY}, delta) SELECT {_ENTRY}, delta FROM alike WHERE delta <> 0 RETURNING 1
)
SELECT (SELECT count(*) FROM gone) - (SELECT count(*) FROM put) AS saved
"""


def is_kept(day: date) -> bool:
    """True for a day whose closing stays when later ones are made."""
    return day.day in KEPT_DAYS or (day + timedelta(days=1)).day == 1


def compact(tx: Tx, before_day: date) -> int:
    """Merges rows of days before ``before_day``; says how many rows fewer there are. Today's rows are never touched."""
    return int(tx.execute(_COMPACT, {"before": before_day}).scalar_one())


def close(tx: Tx, day: date) -> None:
    """Writes the closing and the ages at the end of ``day``, which must be over: no act may still book on it."""
    tx.execute("SELECT pg_advisory_xact_lock(hashtext('inventory.closing'))")
    kept = [row.day for row in tx.execute("SELECT DISTINCT day FROM closings WHERE day < :day", {"day": day})]
    obsolete = [earlier for earlier in kept if not is_kept(earlier)]
    tx.execute("DELETE FROM closings WHERE day >= :day OR day = ANY(:obsolete)", {"day": day, "obsolete": obsolete})
    _write_closing(tx, day)
    tx.execute("DELETE FROM ages")
    tx.execute(
        f"""
        INSERT INTO ages (day, since, {_DIMENSIONS}, cards)
        SELECT :day, since, {_DIMENSIONS}, sum(delta) FROM ledger WHERE day <= :day
        GROUP BY since, {_DIMENSIONS} HAVING sum(delta) <> 0 ORDER BY state, since, owner_unit
        """,
        {"day": day},
    )


def _write_closing(tx: Tx, day: date, after: date | None = None) -> None:
    """The full detail from the ledger, the coarser levels from it. ``after``: go on from the closing of that day."""
    source = f"SELECT opened_on, {_DIMENSIONS}, delta AS cards FROM ledger WHERE day <= :day"
    if after is not None:
        source += (
            f" AND day > :after UNION ALL SELECT opened_on, {_DIMENSIONS}, cards FROM closings"
            " WHERE day = :after AND level = 3"
        )
    tx.execute(
        f"""
        INSERT INTO closings (day, level, opened_on, {_DIMENSIONS}, cards)
        SELECT :day, 3, opened_on, {_DIMENSIONS}, sum(cards) FROM ({source}) AS entry
        GROUP BY opened_on, {_DIMENSIONS} HAVING sum(cards) <> 0 ORDER BY owner_unit, opened_on
        """,
        {"day": day} if after is None else {"day": day, "after": after},
    )
    for level, dimensions in COARSER.items():
        tx.execute(
            f"""
            INSERT INTO closings (day, level, {dimensions}, cards)
            SELECT day, {level}, {dimensions}, sum(cards) FROM closings WHERE day = :day AND level = 3
            GROUP BY day, {dimensions} ORDER BY owner_unit, state
            """,
            {"day": day},
        )


def rebuild(tx: Tx, day: date) -> int:
    """Throws all closings away and makes them again from the ledger, up to ``day``; says how many (OPS-05)."""
    tx.execute("DELETE FROM closings")
    first = tx.execute("SELECT min(day) FROM ledger").scalar_one()
    made, before = 0, None
    for offset in range((day - first).days if first else 0):
        kept = first + timedelta(days=offset)
        if is_kept(kept):
            _write_closing(tx, kept, before)
            made, before = made + 1, kept
    close(tx, day)
    return made + 1


def nightly(tx: Tx, *, now: datetime) -> None:
    """The timer's work, some hours after midnight, when every act of the day before has ended."""
    today = business_date(now)
    # Sums over years of rows may take longer than an RPC's statement may.
    tx.execute("SET LOCAL statement_timeout = '15min'")
    compact(tx, today)
    close(tx, today - timedelta(days=1))
