"""allocate-range: 100,000 cards in one range over REST, against the bare UPDATE and INSERT of the log rows.

Both move ranges of the same table in turns, each range once, in one transaction; the medians are compared. Ours also
checks every card, books the ledger, publishes the events and keeps the command's receipt.
"""

import time
from collections.abc import Iterator
from statistics import median
from typing import Any

import psycopg

from benchmarks.lines import Line
from benchmarks.stack import BenchStack, System, peak_memory_mib
from kernel.model.iccid import luhn_digit

CARDS, ROUNDS = 100_000, 5
MONTH, CARRIER, SPEC, PREFIX = "2026-06", "china_mobile", "plug_in", "898600"


def run(stack: BenchStack) -> Iterator[Line]:
    """Milliseconds of both for one range, and cards per second."""
    with stack.database() as url:
        _fill(url, CARDS * 2 * ROUNDS)
        with stack.system(url) as system, system.client() as client:
            ours, bare = [], []
            for number in range(ROUNDS):
                _settle(url)
                ours.append(_allocate(client, 2 * number))
                _settle(url)
                bare.append(_bare(url, 2 * number + 1))
            yield Line("allocate-range", median(ours) * 1000, "ms", median(bare) * 1000, at_most=1.1)
            yield Line("allocate-range.rate", CARDS / median(ours), "cards/s", CARDS / median(bare))
            yield Line("allocate-range.memory", _memory(system), "MiB")


def _ends(number: int) -> tuple[str, str]:
    """First and last ICCID of a range."""
    return _iccid(number * CARDS), _iccid((number + 1) * CARDS - 1)


def _iccid(number: int) -> str:
    """With its Luhn digit: the ends of a range are checked."""
    body = f"{PREFIX}{number:013d}"
    return body + luhn_digit(body)


def _fill(url: str, count: int) -> None:
    """One delivery in stock, with its log and its ledger."""
    with psycopg.connect(url, options="-c search_path=inventory") as db:
        params = {"count": count, "month": MONTH, "carrier": CARRIER, "spec": SPEC}
        db.execute("CREATE TEMPORARY TABLE numbers (n bigint, iccid text) ON COMMIT DROP")
        with db.cursor().copy("COPY numbers FROM STDIN") as copy:
            copy.write("".join(f"{number}\t{_iccid(number)}\n" for number in range(count)))
        for statement in _FILL.split(";\n"):
            db.execute(statement, params)
    with psycopg.connect(url, autocommit=True) as db:
        db.execute("VACUUM (ANALYZE)")


_FILL = """
INSERT INTO deliveries (carrier, batch_no, application_month, card_spec, owner_unit, state, source, received_count,
                        stocked_in_count, received_at)
VALUES (%(carrier)s, 'BENCH', %(month)s, %(spec)s, '99', 'stocked_in', 'upload', %(count)s, %(count)s, now());
INSERT INTO cards (iccid, imsi, msisdn, carrier, card_spec, application_month, delivery_id, owner_unit, state, version,
                   state_since, received_at, stocked_in_at, last_operation_at)
SELECT iccid, '46000' || lpad(n::text, 10, '0'), '14' || lpad(n::text, 9, '0'),
       %(carrier)s, %(spec)s, %(month)s, (SELECT id FROM deliveries), '99', 'in_stock', 2, now(), now(), now(), now()
FROM numbers ORDER BY n;
INSERT INTO changes (action, at, by, by_name, by_unit)
VALUES ('receive', now(), 'bench', 'bench', '99'), ('stock_in', now(), 'bench', 'bench', '99');
INSERT INTO run_log (card_id, version, change_id, from_state, to_state, from_unit, to_unit)
SELECT id, step, step, CASE step WHEN 2 THEN 'received' END, CASE step WHEN 1 THEN 'received' ELSE 'in_stock' END,
       CASE step WHEN 2 THEN '99' END, '99' FROM cards CROSS JOIN generate_series(1, 2) AS step ORDER BY 1, 2;
INSERT INTO ledger (day, action, state, since, owner_unit, carrier, card_spec, application_month, opened_on, delta)
SELECT today, action, state, today, '99', %(carrier)s, %(spec)s, %(month)s, opened, delta
FROM (SELECT (now() AT TIME ZONE 'Asia/Shanghai')::date AS today) AS d CROSS JOIN LATERAL (VALUES
    ('receive', 'received', NULL::date, %(count)s), ('stock_in', 'received', NULL, -%(count)s),
    ('stock_in', 'in_stock', today, %(count)s)) AS entry (action, state, opened, delta)
"""


def _settle(url: str) -> None:
    """What the last round left dirty is written now, so that neither side pays for the other."""
    with psycopg.connect(url, autocommit=True) as db:
        db.execute("CHECKPOINT")


def _allocate(client: Any, number: int) -> float:
    first, last = _ends(number)
    asked = {
        "application_month": MONTH, "carrier": CARRIER, "card_spec": SPEC, "start_iccid": first, "end_iccid": last,
        "to_unit": "9901",
    }  # fmt: skip
    started = time.perf_counter()
    answer = client.post("allocations", json=asked, headers={"Idempotency-Key": f"bench-{number}-{time.time_ns()}"})
    spent = time.perf_counter() - started
    if answer.status_code != 201 or answer.json()["card_count"] != CARDS:
        raise RuntimeError(f"{answer.status_code} {answer.text[:500]}")
    return spent


def _bare(url: str, number: int) -> float:
    """What the change itself costs: the rows of the cards and of their log."""
    first, last = _ends(number)
    started = time.perf_counter()
    with psycopg.connect(url, options="-c search_path=inventory") as db:
        db.execute(
            """
            UPDATE cards SET owner_unit = '9901', allocated_at = now(), last_operation_at = now(), version = version + 1
            WHERE iccid BETWEEN %s AND %s
            """,
            [first, last],
        )
        db.execute(
            """
            INSERT INTO run_log (card_id, version, change_id, from_state, to_state, from_unit, to_unit)
            SELECT id, version, 0, 'in_stock', 'in_stock', '99', '9901' FROM cards WHERE iccid BETWEEN %s AND %s
            """,
            [first, last],
        )
    return time.perf_counter() - started


def _memory(system: System) -> float:
    """The most that a process of the service has held."""
    return max(peak_memory_mib(pid) for pid in system.pids("inventory"))
