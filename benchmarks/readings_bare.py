"""What `readings` is measured against: the same night decided by plain SQL that knows that nothing goes wrong."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import psycopg

from kernel.model.period import business_date

BATCH = 5_000
Row = tuple[str, datetime, str | None]

_BIND = """
INSERT INTO bindings (asset_no, slot, first_read, iccid, bound_from, decided_at)
SELECT t.asset_no, 1, %(at)s, c.iccid, %(at)s, %(at)s
FROM (SELECT asset_no, row_number() OVER (ORDER BY asset_no) AS n FROM terminals ORDER BY asset_no LIMIT %(n)s) AS t
JOIN (SELECT iccid, row_number() OVER (ORDER BY iccid) AS n FROM cards ORDER BY iccid LIMIT %(n)s) AS c USING (n)
"""
_QUIET = """
INSERT INTO readings (day, asset_no, slot, read_at, outcome, iccid, unit, received_at, arrived_at, station)
SELECT %(day)s, asset_no, 1, %(at)s, 'read', iccid, t.unit, %(at)s, %(at)s, 'bench'
FROM bindings JOIN terminals AS t USING (asset_no)
"""
_TEMPORARY = (
    "CREATE TEMPORARY TABLE sent (asset_no text COLLATE \"C\", read_at timestamptz, iccid text COLLATE \"C\")"
    " ON COMMIT DELETE ROWS",
    "CREATE TEMPORARY TABLE moved (asset_no text COLLATE \"C\", read_at timestamptz, iccid text COLLATE \"C\","
    " old text COLLATE \"C\", unit text COLLATE \"C\") ON COMMIT DELETE ROWS",
)
_NIGHT = (
    """
    INSERT INTO readings (day, asset_no, slot, read_at, outcome, iccid, fault, unit, received_at, arrived_at, station)
    SELECT %(day)s, asset_no, 1, s.read_at, CASE WHEN s.iccid IS NULL THEN 'failed' ELSE 'read' END, s.iccid,
           CASE WHEN s.iccid IS NULL THEN 'E05' END, t.unit, s.read_at, now(), 'bench'
    FROM sent AS s JOIN terminals AS t USING (asset_no) ON CONFLICT DO NOTHING
    """,
    """
    INSERT INTO night_counts AS n (day, unit, succeeded, failed)
    SELECT %(day)s, t.unit, count(s.iccid), count(*) - count(s.iccid)
    FROM sent AS s JOIN terminals AS t USING (asset_no) GROUP BY 2
    ON CONFLICT (unit, day) DO UPDATE
    SET succeeded = n.succeeded + excluded.succeeded, failed = n.failed + excluded.failed
    """,
    """
    INSERT INTO moved SELECT s.asset_no, s.read_at, s.iccid, b.iccid, t.unit
    FROM sent AS s JOIN terminals AS t USING (asset_no)
    LEFT JOIN bindings AS b ON b.asset_no = s.asset_no AND b.slot = 1 AND b.bound_to IS NULL
    WHERE s.iccid IS NOT NULL AND b.iccid IS DISTINCT FROM s.iccid
    """,
    """
    UPDATE bindings AS b SET bound_to = m.read_at, ended_at = m.read_at FROM moved AS m
    WHERE b.asset_no = m.asset_no AND b.slot = 1 AND b.bound_to IS NULL AND m.old IS NOT NULL
    """,
    """
    INSERT INTO bindings (asset_no, slot, first_read, iccid, bound_from, decided_at)
    SELECT asset_no, 1, read_at, iccid, read_at, now() FROM moved
    """,
    """
    INSERT INTO binding_changes (asset_no, slot, at, day, unit, kind, cause, old_iccid, new_iccid)
    SELECT asset_no, 1, read_at, %(day)s, unit, CASE WHEN old IS NULL THEN 'added' ELSE 'changed' END,
           CASE WHEN old IS NULL THEN 'first' ELSE 'card_replaced' END, old, iccid FROM moved
    """,
    """
    INSERT INTO change_counts AS c (unit, day, kind, cause, changes)
    SELECT unit, %(day)s, CASE WHEN old IS NULL THEN 'added' ELSE 'changed' END,
           CASE WHEN old IS NULL THEN 'first' ELSE 'card_replaced' END, count(*) FROM moved GROUP BY 1, 3, 4
    ON CONFLICT (unit, day, kind, cause) DO UPDATE SET changes = c.changes + excluded.changes
    """,
    """
    UPDATE terminals AS t SET carriers = c.carrier FROM moved AS m JOIN cards AS c USING (iccid)
    WHERE t.asset_no = m.asset_no
    """,
    """
    INSERT INTO exceptions AS e (kind, asset_no, slot, unit, first_day, last_day, last_read_at, readings, sample)
    SELECT 'failed', asset_no, 1, t.unit, %(day)s, %(day)s, s.read_at, 1, 'E05'
    FROM sent AS s JOIN terminals AS t USING (asset_no) WHERE s.iccid IS NULL
    ON CONFLICT (asset_no, slot, kind, iccid) DO UPDATE
    SET last_day = excluded.last_day, last_read_at = excluded.last_read_at, readings = e.readings + 1
    """,
    """
    UPDATE exceptions AS e SET resolved_at = s.read_at FROM sent AS s
    WHERE e.asset_no = s.asset_no AND s.iccid IS NOT NULL AND e.resolved_at IS NULL AND e.kind = 'failed'
    """,
    """
    INSERT INTO outbox (message_id, type, version, payload)
    SELECT gen_random_uuid(), 'cards_bound', 1, json_agg(json_build_object('iccid', iccid, 'terminal', asset_no))
    FROM moved HAVING count(*) > 0
    """,
)


def _partition(db: psycopg.Connection[Any], at: datetime) -> None:
    day = business_date(at)
    db.execute(
        f"CREATE TABLE readings_{day:%Y%m%d} PARTITION OF readings"
        f" FOR VALUES FROM ('{day}') TO ('{day + timedelta(days=1)}')"
    )


def bind_all(db: psycopg.Connection[Any], terminals: int, at: datetime) -> None:
    """The first so many terminals hold the first so many cards."""
    db.execute(_BIND, {"n": terminals, "at": at})
    db.execute(
        "UPDATE terminals SET carriers = 'china_mobile' FROM bindings WHERE bindings.asset_no = terminals.asset_no"
    )


def quiet_night(db: psycopg.Connection[Any], at: datetime) -> None:
    """Every terminal reads the card that is bound there."""
    _partition(db, at)
    db.execute(_QUIET, {"day": business_date(at), "at": at})


def decide(url: str, rows: Sequence[Row], after: Sequence[str] = ()) -> None:
    """The night, a transaction per batch. ``after``: what else is done in it; cards that moved are in ``moved``."""
    with psycopg.connect(url) as db:
        db.execute("SET search_path = binding, extensions")
        for statement in _TEMPORARY:
            db.execute(statement)
        _partition(db, rows[0][1])
        db.commit()
        for start in range(0, len(rows), BATCH):
            batch = rows[start : start + BATCH]
            with db.cursor().copy("COPY sent FROM STDIN") as copy:
                for row in batch:
                    copy.write_row(row)
            for statement in (*_NIGHT, *after):
                db.execute(statement, {"day": business_date(rows[0][1])} if "%(day)s" in statement else None)
            db.commit()
