"""A province with two years of cards, built set-wise: 100 units, 300 deliveries, cards, their ledger and its closings.

The same province for every number of cards: only the deliveries get larger. Its past is a plausible one: deliveries go
to the units in ranges, are issued in lots, installed some days later, and some of them end. Serial numbers follow each
other, so that month, carrier and spec lie in stretches, which is the hard case for lists in another order.
"""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import create_engine

from kernel.chassis.data.unit_of_work import UnitOfWork
from kernel.model.actor import system_actor
from kernel.model.period import business_date
from services.inventory.closing import rebuild

SOURCE = Path(__file__)
DELIVERIES, MONTHS, RANGES = 300, 24, 25
CITIES, COUNTIES = 11, 8


def unit_codes() -> list[str]:
    """The province, its cities, their counties."""
    cities = [f"99{city:02d}" for city in range(1, CITIES + 1)]
    return ["99", *cities, *[f"{city}{county:02d}" for city in cities for county in range(1, COUNTIES + 1)]]


def fill(url: str, cards: int) -> None:
    """Fills the empty database ``url`` with ``cards`` cards."""
    today = business_date(datetime.now(UTC))
    first = date(today.year - 2 + (today.month == 12), today.month % 12 + 1, 1)  # 24 months, this one included
    params = {"cards": cards, "per": cards // DELIVERIES, "first": first, "today": today, "units": unit_codes()}
    with psycopg.connect(url, options="-c search_path=inventory -c work_mem=512MB -c maintenance_work_mem=768MB") as db:
        for step in (DELIVERIES_SQL, PAST_SQL):
            _run(db, step, params)
        indexes = _drop_indexes(db, ("cards", "ledger"))
        _run(db, CARDS_SQL, params)
        _run(db, LEDGER_SQL, params)
        db.execute("DROP TABLE past")
        for statement in indexes:
            db.execute(statement)
        db.commit()
    _close(url, today)
    with psycopg.connect(url, autocommit=True, options="-c search_path=inventory") as db:
        db.execute("VACUUM (ANALYZE)")


def _run(db: psycopg.Connection[Any], statement: str, params: dict[str, Any]) -> None:
    for part in statement.split(";\n"):
        db.execute(part, params)
    db.commit()


def _drop_indexes(db: psycopg.Connection[Any], tables: tuple[str, ...]) -> list[str]:
    """Drops what is not a constraint's index; answers the statements that make them again."""
    found = db.execute(
        """
        SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'inventory' AND tablename = ANY(%s)
        AND indexname NOT IN (SELECT conname FROM pg_constraint)
        """,
        [list(tables)],
    ).fetchall()
    for name, _ in found:
        db.execute(f"DROP INDEX {name}")
    return [definition for _, definition in found]


def _close(url: str, today: date) -> None:
    engine = create_engine(
        url.replace("postgresql://", "postgresql+psycopg://", 1),
        connect_args={"options": "-c search_path=inventory -c work_mem=256MB"},
    )
    with UnitOfWork(engine).begin(system_actor("bench")) as tx:
        rebuild(tx, today - timedelta(days=1))
        tx.commit()
    engine.dispose()


DELIVERIES_SQL = """
INSERT INTO deliveries (carrier, batch_no, application_month, card_spec, owner_unit, state, source, expected_count,
                        received_count, unqualified_count, stocked_in_count, received_at)
SELECT (ARRAY['china_mobile','china_mobile','china_mobile','china_mobile','china_mobile',
              'china_unicom','china_unicom','china_unicom','china_telecom','china_telecom'])[d %% 10 + 1],
       'BENCH-' || d, to_char(%(first)s::date + make_interval(months => d * 24 / 300), 'YYYY-MM'),
       (ARRAY['plug_in','smd','nano','esim'])[d %% 4 + 1], '99', 'stocked_in', 'upload', %(per)s, %(per)s, 0, 0,
       (least(%(first)s::date + make_interval(months => d * 24 / 300) + make_interval(days => (d %% 12) * 2),
              %(today)s::date - 3) + time '09:00') AT TIME ZONE 'Asia/Shanghai'
FROM generate_series(0, 299) AS d ORDER BY d
"""

PAST_SQL = """
CREATE UNLOGGED TABLE past AS
WITH card AS (
    SELECT n, d.id AS delivery_id, d.carrier, d.card_spec, d.application_month, n %% %(per)s AS i,
           (n %% %(per)s) * 25 / %(per)s AS r, 23 - (n / %(per)s) * 24 / 300 AS age,
           (n::bigint * 7919 + n / %(per)s * 31) %% 1000 AS h,
           (d.received_at AT TIME ZONE 'Asia/Shanghai')::date AS received_on, %(today)s::date - 1 AS last,
           (%(units)s::text[])[((n / %(per)s) * 7 + (n %% %(per)s) * 25 / %(per)s * 11)
                               %% array_length(%(units)s::text[], 1) + 1] AS unit
    FROM generate_series(0, %(cards)s - 1) AS n
    JOIN (SELECT *, row_number() OVER (ORDER BY id) - 1 AS d FROM deliveries) AS d ON d.d = n / %(per)s
), become AS (
    SELECT card.*, CASE
        WHEN age = 0 THEN CASE WHEN h < 500 THEN 'received' WHEN h < 520 THEN 'unqualified' ELSE 'in_stock' END
        WHEN age < 3 THEN CASE WHEN h < 600 THEN 'in_stock' WHEN h < 850 THEN 'pending_install'
                               WHEN h < 980 THEN 'running' ELSE 'unqualified' END
        ELSE CASE WHEN h < 760 THEN 'running' WHEN h < 830 THEN 'pending_install' WHEN h < 900 THEN 'in_stock'
                  WHEN h < 930 THEN 'pending_scrap' WHEN h < 940 THEN 'terminating' WHEN h < 990 THEN 'terminated'
                  ELSE 'unqualified' END
        END AS state
    FROM card
)
SELECT n, delivery_id, carrier, card_spec, application_month, r, received_on, state,
       CASE WHEN opened THEN unit ELSE '99' END AS unit,
       CASE WHEN opened THEN least(received_on + 2, last) END AS opened_on,
       CASE WHEN opened AND unit <> '99' THEN least(received_on + 5, last) END AS allocated_on,
       CASE WHEN opened AND state <> 'in_stock' THEN least(received_on + 10 + lot, last) END AS issued_on,
       CASE WHEN state = 'running' THEN least(received_on + 12 + lot + r %% 5, last) END AS bound_on,
       CASE WHEN state IN ('pending_scrap', 'terminating', 'terminated')
           THEN least(received_on + 60 + lot + r, last) END AS scrapped_on,
       CASE WHEN state IN ('terminating', 'terminated') THEN least(received_on + 70 + lot + r, last) END AS form_on,
       CASE WHEN state = 'terminated' THEN least(received_on + 80 + lot + r, last) END AS ended_on
FROM become CROSS JOIN LATERAL
     (SELECT state NOT IN ('received', 'unqualified') AS opened, (r + (i %% 3) * 40)::int AS lot) AS so
"""

_AT = "({day} + time '09:00' + make_interval(secs => r * 60)) AT TIME ZONE 'Asia/Shanghai'"
_LAST_DAY = "coalesce(ended_on, form_on, scrapped_on, bound_on, issued_on, opened_on, received_on)"


def _at(day: str) -> str:
    return _AT.format(day=day)


CARDS_SQL = f"""
INSERT INTO cards (iccid, imsi, msisdn, carrier, card_spec, application_month, delivery_id, owner_unit, issued_to_unit,
    recipient, recipient_phone, terminal_asset_no, state, scrapped_from, version, state_since, received_at,
    stocked_in_at, allocated_at, issued_at, bound_at, pending_scrap_at, terminated_at, last_operation_at)
SELECT CASE carrier WHEN 'china_mobile' THEN '898600' WHEN 'china_unicom' THEN '898601' ELSE '898603' END
       || lpad(n::text, 14, '0'), '46000' || lpad(n::text, 10, '0'), '14' || lpad(n::text, 9, '0'), carrier, card_spec,
       application_month, delivery_id, unit, CASE WHEN issued_on IS NOT NULL THEN unit END,
       CASE WHEN issued_on IS NOT NULL THEN '王强' END, CASE WHEN issued_on IS NOT NULL THEN '13800000000' END,
       CASE WHEN bound_on IS NOT NULL THEN 'T' || lpad(n::text, 10, '0') END, state,
       CASE WHEN scrapped_on IS NOT NULL THEN 'pending_install' END,
       1 + num_nonnulls(opened_on, allocated_on, issued_on, bound_on, scrapped_on, form_on, ended_on)
         + (state = 'unqualified')::int,
       {_at(_LAST_DAY)}, {_at("received_on")}, {_at("opened_on")}, {_at("allocated_on")}, {_at("issued_on")},
       {_at("bound_on")}, {_at("scrapped_on")}, {_at("ended_on")}, {_at(_LAST_DAY)}
FROM past ORDER BY n;
UPDATE deliveries SET unqualified_count = batch.unqualified, stocked_in_count = batch.stocked
FROM (SELECT delivery_id, count(*) FILTER (WHERE state = 'unqualified') AS unqualified,
             count(*) FILTER (WHERE opened_on IS NOT NULL) AS stocked FROM past GROUP BY 1) AS batch
WHERE batch.delivery_id = deliveries.id
"""

LEDGER_SQL = """
INSERT INTO ledger (day, action, state, since, owner_unit, carrier, card_spec, application_month, opened_on, delta)
SELECT day, action, entry.state, since, owner, carrier, card_spec, application_month, opened, sum(cards * sign)::int
FROM (SELECT carrier, card_spec, application_month, unit, received_on, opened_on, allocated_on, issued_on, bound_on,
             scrapped_on, form_on, ended_on, CASE WHEN state = 'unqualified' THEN received_on END AS failed_on,
             count(*) AS cards
      FROM past GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13) AS lot
CROSS JOIN LATERAL (VALUES
    (received_on, 'receive', 'received', received_on, '99', NULL::date, 1),
    (failed_on, 'mark_unqualified', 'received', received_on, '99', NULL, -1),
    (failed_on, 'mark_unqualified', 'unqualified', received_on, '99', NULL, 1),
    (opened_on, 'stock_in', 'received', received_on, '99', NULL, -1),
    (opened_on, 'stock_in', 'in_stock', opened_on, '99', opened_on, 1),
    (allocated_on, 'allocate', 'in_stock', opened_on, '99', opened_on, -1),
    (allocated_on, 'allocate', 'in_stock', opened_on, unit, opened_on, 1),
    (issued_on, 'issue', 'in_stock', opened_on, unit, opened_on, -1),
    (issued_on, 'issue', 'pending_install', issued_on, unit, opened_on, 1),
    (bound_on, 'bind', 'pending_install', issued_on, unit, opened_on, -1),
    (bound_on, 'bind', 'running', bound_on, unit, opened_on, 1),
    (scrapped_on, 'mark_pending_scrap', 'pending_install', issued_on, unit, opened_on, -1),
    (scrapped_on, 'mark_pending_scrap', 'pending_scrap', scrapped_on, unit, opened_on, 1),
    (form_on, 'put_on_form', 'pending_scrap', scrapped_on, unit, opened_on, -1),
    (form_on, 'put_on_form', 'terminating', form_on, unit, opened_on, 1),
    (ended_on, 'terminate', 'terminating', form_on, unit, opened_on, -1),
    (ended_on, 'terminate', 'terminated', ended_on, unit, opened_on, 1)
) AS entry (day, action, state, since, owner, opened, sign)
WHERE day IS NOT NULL GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9 ORDER BY day
"""
