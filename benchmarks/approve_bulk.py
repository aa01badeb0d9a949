"""approve-bulk: a termination form of 2,000 cards, and the hand-over of 200 counties, against bare SQL.

The form: from 生成申请单 over REST until inventory holds all its cards as 销卡中, which is two services, two
transactions and the broker between them. Bare: the same rows of both schemas, written by plain statements on one
connection per side. The hand-over: the act in one transaction, against the INSERT ... SELECT of the city lines.
"""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from statistics import median
from typing import Any

import psycopg

from benchmarks.lines import Line
from benchmarks.stack import BenchStack
from kernel.chassis.data.database import create_engine
from kernel.chassis.data.unit_of_work import Tx, UnitOfWork
from kernel.chassis.process.settings import DatabaseSettings
from services.workflow.hand_over import hand_over

CARDS, ROUNDS = 2_000, 5
HAND_OVERS = 40
COUNTY, PREFIX, BY = "990101", "898600", "bench"
HAND_OVER = datetime(2026, 11, 21, 16, 0, tzinfo=UTC)


def run(stack: BenchStack) -> Iterator[Line]:
    """Milliseconds of both."""
    with stack.database() as url:
        _fill(url, CARDS * 2 * ROUNDS)
        with (
            stack.system(url, ("inventory", "workflow", "gateway")) as system,
            system.client("county") as client,
            psycopg.connect(url, autocommit=True) as db,
        ):
            ours, bare = [], []
            for number in range(ROUNDS):
                _enlist(db, 2 * number)
                db.execute("CHECKPOINT")
                ours.append(_generate(client, db, 2 * number))
                _enlist(db, 2 * number + 1)
                db.execute("CHECKPOINT")
                bare.append(_bare(url, 2 * number + 1))
        yield Line("approve-bulk", median(map(sum, ours)) * 1000, "ms", median(map(sum, bare)) * 1000, at_most=1.6)
        for side, name in enumerate(("form", "cards")):  # what the time goes into
            spent, least = (median(each[side] for each in times) * 1000 for times in (ours, bare))
            yield Line(f"approve-bulk.{name}", spent, "ms", least)
    with stack.database() as url:
        yield from _hand_over(url)


def _ends(number: int) -> dict[str, str]:
    """First and last ICCID of a round's cards."""
    return {"first": f"{PREFIX}{number * CARDS:014d}", "last": f"{PREFIX}{(number + 1) * CARDS - 1:014d}"}


_FILL = """
INSERT INTO inventory.deliveries (carrier, batch_no, application_month, card_spec, owner_unit, state, source,
                                  received_count, stocked_in_count, received_at)
VALUES ('china_mobile', 'BENCH', '2026-06', 'plug_in', '99', 'stocked_in', 'upload', %(count)s, %(count)s, now());
INSERT INTO inventory.cards (iccid, msisdn, carrier, card_spec, application_month, delivery_id, owner_unit, state,
                             scrapped_from, version, state_since, received_at, stocked_in_at, pending_scrap_at,
                             last_operation_at)
SELECT %(prefix)s || lpad(n::text, 14, '0'), '14' || lpad(n::text, 9, '0'), 'china_mobile', 'plug_in', '2026-06',
       (SELECT id FROM inventory.deliveries), %(unit)s, 'pending_scrap', 'in_stock', 4,
       now(), now(), now(), now(), now()
FROM generate_series(0, %(count)s - 1) AS n;
INSERT INTO workflow.cards (iccid, owner_unit, carrier, card_spec, application_month, state, version, changed_at,
                            msisdn)
SELECT iccid, owner_unit, carrier, card_spec, application_month, state, version, now(), msisdn FROM inventory.cards;
INSERT INTO workflow.card_counts (owner_unit, state, carrier, card_spec, application_month, cards)
VALUES (%(unit)s, 'pending_scrap', 'china_mobile', 'plug_in', '2026-06', %(count)s)
"""


def _fill(url: str, count: int) -> None:
    """待报废 cards of one county, known to both services."""
    with psycopg.connect(url) as db:
        for statement in _FILL.split(";\n"):
            db.execute(statement, {"count": count, "prefix": PREFIX, "unit": COUNTY})
    with psycopg.connect(url, autocommit=True) as db:
        db.execute("VACUUM (ANALYZE)")


def _enlist(db: "psycopg.Connection[Any]", number: int) -> None:
    """A round's cards on the open list."""
    db.execute(
        "INSERT INTO workflow.form_cards (unit, iccid, added_at, added_by)"
        " SELECT %(unit)s, iccid, now(), %(by)s FROM workflow.cards WHERE iccid BETWEEN %(first)s AND %(last)s",
        {"unit": COUNTY, "by": BY, **_ends(number)},
    )


_TERMINATING = """
SELECT count(*) FROM inventory.cards WHERE state = 'terminating' AND iccid BETWEEN %(first)s AND %(last)s
"""


Sides = tuple[float, float]
"""Seconds for workflow's side, until the form is answered for, and for inventory's, until its cards have followed."""


def _generate(client: Any, db: "psycopg.Connection[Any]", number: int) -> Sides:
    headers = {"Idempotency-Key": f"bench-{number}-{time.time_ns()}"}
    started = time.perf_counter()
    answer = client.post("termination/forms", json={"phone": "13800001111"}, headers=headers)
    if answer.status_code not in (200, 201) or answer.json()["form"]["quantity"] != CARDS:
        raise RuntimeError(f"{answer.status_code} {answer.text[:500]}")
    answered = time.perf_counter()
    while db.execute(_TERMINATING, _ends(number)).fetchone() != (CARDS,):
        if time.perf_counter() - started > 60:
            raise RuntimeError("inventory did not follow within a minute")
        time.sleep(0.005)
    spent = answered - started, time.perf_counter() - answered
    _until_quiet(db)
    return spent


def _until_quiet(db: "psycopg.Connection[Any]") -> None:
    """Until workflow has heard of it, so that its work is not in the next round's time."""
    while db.execute("SELECT 1 FROM workflow.form_cards WHERE follow = 'waiting' LIMIT 1").fetchone():
        time.sleep(0.02)


_BARE_WORKFLOW = """
INSERT INTO forms (number, kind, unit, month, drafted_on, state, state_since, applicant, phone, quantity, kinds,
                   drafted_by, drafted_by_name)
VALUES (%(number)s, 'county_termination', %(unit)s, '2026-11', now(), 'drafted', now(), %(by)s, '13800001111', 2000,
        '[]', %(by)s, %(by)s);
UPDATE form_cards SET form_id = (SELECT max(id) FROM forms), row_no = 1, follow = 'settled'
WHERE unit = %(unit)s AND open AND form_id IS NULL;
INSERT INTO decisions (form_id, step, action, to_state, revision, by, by_name, by_unit, at)
SELECT max(id), 1, 'generate', 'drafted', 1, %(by)s, %(by)s, %(unit)s, now() FROM forms
"""
_BARE_INVENTORY = """
INSERT INTO changes (action, at, by, by_name, by_unit) VALUES ('put_on_form', now(), %(by)s, %(by)s, %(unit)s);
UPDATE cards SET state = 'terminating', state_since = now(), last_operation_at = now(), version = version + 1
WHERE iccid BETWEEN %(first)s AND %(last)s;
INSERT INTO run_log (card_id, version, change_id, from_state, to_state, from_unit, to_unit)
SELECT id, version, (SELECT max(id) FROM changes), 'pending_scrap', 'terminating', owner_unit, owner_unit
FROM cards WHERE iccid BETWEEN %(first)s AND %(last)s
"""


def _bare(url: str, number: int) -> Sides:
    """What the change itself costs on both sides."""
    params = {"unit": COUNTY, "by": BY, "number": f"XQ-BENCH-{number}", **_ends(number)}
    sides = []
    for schema, statements in (("workflow", _BARE_WORKFLOW), ("inventory", _BARE_INVENTORY)):
        sides.append((psycopg.connect(url, options=f"-c search_path={schema}"), statements))
    spent = []
    for db, statements in sides:
        started = time.perf_counter()
        for statement in statements.split(";\n"):
            db.execute(statement, params)
        db.commit()
        spent.append(time.perf_counter() - started)
    for db, _ in sides:
        db.close()
    return spent[0], spent[1]


_APPLY = """
INSERT INTO applications (unit, month, carrier, card_spec, quantity, applicant, phone, created_by,
                          created_by_name, created_at, changed_at)
SELECT '99' || lpad(city::text, 2, '0') || lpad(county::text, 2, '0'), '2026-12', kind.carrier, kind.card_spec,
       10 + kind.n, '王县', '13800001111', 'bench', '王县', now(), now()
FROM generate_series(1, 20) AS city, generate_series(1, 10) AS county,
     (SELECT c.code AS carrier, s.code AS card_spec, row_number() OVER () AS n
      FROM catalogue AS c CROSS JOIN catalogue AS s WHERE c.kind = 'carrier' AND s.kind = 'card_spec' LIMIT 10) AS kind
"""
_SUM = """
INSERT INTO city_lines (unit, month, carrier, card_spec, original_quantity, quantity, changed_at)
SELECT left(unit, 4), month, carrier, card_spec, sum(quantity), sum(quantity), now()
FROM applications WHERE month = '2026-12' GROUP BY 1, 2, 3, 4
"""
_FORGET = "TRUNCATE applications, city_lines, hand_overs, notifications, notification_reads"
# TRUNCATE and ANALYZE make every connection forget what it knew of the tables; a month of use does not.
_LOOK = """
SELECT (SELECT count(*) FROM applications), (SELECT count(*) FROM city_lines), (SELECT count(*) FROM hand_overs),
       (SELECT count(*) FROM notifications), (SELECT count(*) FROM rules)
"""


def _hand_over(url: str) -> Iterator[Line]:
    """Both write the same city lines from the same applications; ours also the month's row and the cities' notices."""
    engine = create_engine("workflow", "write", DatabaseSettings(database_url=url))
    options = "-c search_path=workflow"
    with (
        psycopg.connect(url, options=options, autocommit=True) as desk,
        psycopg.connect(url, options=options) as bare,
    ):

        def ours(work: Callable[[Tx], object]) -> None:
            with UnitOfWork(engine).begin() as tx:
                work(tx)
                tx.commit()

        def plainly(statement: str) -> None:
            bare.execute(statement)
            bare.commit()

        looks = {"ours": lambda: ours(lambda tx: tx.execute(_LOOK)), "bare": lambda: plainly(_LOOK)}
        works = {"ours": lambda: ours(lambda tx: hand_over(tx, due_at=HAND_OVER)), "bare": lambda: plainly(_SUM)}
        spent: dict[str, list[float]] = {name: [] for name in works}
        for number in range(HAND_OVERS):
            for name in sorted(works, reverse=number % 2 == 1):
                for statement in (_FORGET, _APPLY, "ANALYZE applications"):
                    desk.execute(statement)
                looks[name]()
                started = time.perf_counter()
                works[name]()
                spent[name].append(time.perf_counter() - started)
    engine.dispose()
    times = {name: median(values) * 1000 for name, values in spent.items()}
    yield Line("approve-bulk.hand-over", times["ours"], "ms", times["bare"], at_most=1.4)
