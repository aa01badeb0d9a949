"""Terminals of a province with the nights behind them, built set-wise: 12 cities of 9 counties, cards, readings.

The same province for every number of terminals: each county only gets more of them. Every terminal holds a card, save
each 20th; every fifth card is in none. Of each night's readings 1 % fail, 1 % bind nothing, and 1 % bind another card.
"""

from datetime import date, timedelta

import psycopg

from kernel.model.iccid import luhn_digit

_UNIT = "'99' || lpad((1 + n % 12)::text, 2, '0') || lpad((1 + n % 9)::text, 2, '0')"
_NUMBERS = 'CREATE TEMPORARY TABLE numbers (n int PRIMARY KEY, iccid text COLLATE "C") ON COMMIT DROP'
_FILL = (
    f"""
    INSERT INTO cards (iccid, owner_unit, carrier, card_spec, state, version, changed_at)
    SELECT iccid, {_UNIT}, 'china_mobile', 'plug_in',
           CASE WHEN n > {{terminals}} THEN 'pending_install' ELSE 'running' END, 1, timestamptz '{{first}} 00:00+08'
    FROM numbers
    """,
    """
    INSERT INTO card_counts (owner_unit, carrier, state, cards)
    SELECT owner_unit, carrier, state, count(*) FROM cards GROUP BY 1, 2, 3
    """,
    f"""
    INSERT INTO terminals (asset_no, unit, kind, state, reported_at, station, carriers)
    SELECT '33P' || lpad(n::text, 7, '0'), {_UNIT}, '集中器', CASE n % 40 WHEN 0 THEN 'stopped' ELSE 'running' END,
           timestamptz '{{first}} 00:00+08', 's', CASE n % 20 WHEN 0 THEN '' ELSE 'china_mobile' END
    FROM generate_series(1, {{terminals}}) AS n
    """,
    """
    INSERT INTO bindings (asset_no, slot, first_read, iccid, bound_from, decided_at)
    SELECT asset_no, 1, timestamptz '{first} 02:00+08', iccid, timestamptz '{first} 02:00+08', now()
    FROM terminals JOIN numbers ON n = right(asset_no, 7)::int
    WHERE carriers <> ''
    """,
    """
    INSERT INTO imei_runs (asset_no, slot, first_read, iccid, imei, unit, changed)
    SELECT asset_no, 1, first_read + (row_number() OVER ()) * interval '1 second', iccid,
           '86' || lpad(right(asset_no, 7), 13, '0'), terminals.unit, right(asset_no, 1) = '7'
    FROM bindings JOIN terminals USING (asset_no)
    """,
    """
    INSERT INTO binding_changes (asset_no, slot, at, day, unit, kind, cause, new_iccid)
    SELECT asset_no, 1, bound_from + day.n * interval '1 day', date '{first}' + day.n, unit, 'added', 'first', iccid
    FROM bindings JOIN terminals USING (asset_no), LATERAL (SELECT right(asset_no, 2)::int % {nights} AS n) AS day
    """,
    """
    INSERT INTO change_counts (unit, day, kind, cause, changes)
    SELECT unit, day, kind, cause, count(*) FROM binding_changes GROUP BY 1, 2, 3, 4
    """,
    """
    INSERT INTO exceptions (kind, asset_no, slot, unit, first_day, last_day, last_read_at, readings, sample)
    SELECT 'failed', asset_no, 1, unit, date '{first}', date '{last}' - (right(asset_no, 1))::int % {nights},
           timestamptz '{last} 02:00+08', 1, 'E05'
    FROM terminals
    """,
    """
    INSERT INTO unit_mismatches (asset_no, slot, iccid, terminal_unit, card_unit, bound_from)
    SELECT asset_no, slot, iccid, unit, '990101', bound_from FROM bindings JOIN terminals USING (asset_no)
    WHERE asset_no LIKE '%7' AND unit <> '990101'
    """,
    """
    INSERT INTO carrier_counts (carrier, month, unit, cards, counted_on, source, taken_at, by_name)
    SELECT 'china_mobile', to_char(date '{last}', 'YYYY-MM'), unit, count(*) * 3 / 2, date '{last}', 'pulled', now(),
           'x'
    FROM terminals GROUP BY unit
    """,
    """
    INSERT INTO card_locks (iccid, imei, asset_no, reason, set_at, set_by, set_by_name)
    SELECT iccid, imei, asset_no, 'x', first_read, 'p', 'p' FROM imei_runs WHERE asset_no LIKE '%77'
    """,
    """
    INSERT INTO settlements (iccid, asset_no, slot, decided_at, decided_by, decided_by_name, reason)
    SELECT iccid, asset_no, slot, first_read, 'p', 'p', 'x' FROM bindings WHERE asset_no LIKE '%99'
    """,
)
_NIGHT = (
    "CREATE TABLE readings_{name} PARTITION OF readings FOR VALUES FROM ('{day}') TO (date '{day}' + 1)",
    """
    INSERT INTO readings (day, asset_no, slot, read_at, outcome, iccid, abnormal, unit, received_at, arrived_at,
                          station)
    SELECT '{day}', asset_no, 1, timestamptz '{day} 02:00+08',
           CASE WHEN right(asset_no, 2) = '13' THEN 'failed' ELSE 'read' END, iccid, right(asset_no, 2) = '14', unit,
           now(), now(), 's'
    FROM bindings JOIN terminals USING (asset_no)
    """,
    """
    INSERT INTO night_counts (day, unit, succeeded, abnormal, failed)
    SELECT day, unit, count(*) FILTER (WHERE outcome = 'read' AND NOT abnormal), count(*) FILTER (WHERE abnormal),
           count(*) FILTER (WHERE outcome = 'failed')
    FROM readings WHERE day = '{day}' GROUP BY 1, 2
    """,
)


def card(number: int) -> str:
    """That terminal ``number`` holds; those above the number of terminals are in none."""
    body = f"898600{number:013d}"
    return body + luhn_digit(body)


def terminal(number: int) -> str:
    return f"33P{number:07d}"


def fill(url: str, terminals: int, nights: int, last: date) -> None:
    """``last``: the last night's day. Terminals count from 1."""
    first = last - timedelta(days=nights - 1)
    with psycopg.connect(url) as db:
        db.execute("SET search_path = binding, extensions")
        db.execute(_NUMBERS)
        with db.cursor().copy("COPY numbers FROM STDIN") as copy:
            for number in range(1, terminals * 5 // 4 + 1):
                copy.write_row((number, card(number)))
        for statement in _FILL:
            db.execute(statement.format(terminals=terminals, nights=nights, first=first, last=last))
        for night in range(nights):
            day = first + timedelta(days=night)
            for statement in _NIGHT:
                db.execute(statement.format(name=f"{day:%Y%m%d}", day=day))
            db.commit()
    with psycopg.connect(url, autocommit=True) as db:
        db.execute("SET search_path = binding, extensions")
        db.execute("VACUUM (ANALYZE)")
