"""号段台账 (INV-10): for any unit and day, what was delivered equals what stands in the eight states; and its proof.

The check reads cards, run log, ledger and closings, each for itself, in one snapshot, and names the cards that break
the book. It trusts no sum that another part of the system keeps.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.jobs import kinds as jobs
from kernel.chassis.jobs.context import JobContext
from kernel.contracts.inventory.deliveries import JobAccepted
from kernel.contracts.inventory.statistics import CheckLedger, GetLedger, Ledger
from kernel.model.actor import Actor
from kernel.model.period import BUSINESS_ZONE, business_date
from kernel.model.unit import check_unit
from services.inventory import books
from services.inventory.books import Stock, unit_condition
from services.inventory.statistics.scope import scope
from services.inventory.tables import STATES

CHECK_KIND = "check_ledger"
SLICE = 100_000
"""Cards per step of the check: its memory, and how often it says how far it is."""

MAX_FINDINGS = 10_000
"""A book broken in more places is not told place by place."""


def get_ledger(tx: Tx, request: GetLedger, *, by: Actor, now: datetime) -> Ledger:
    """The range ledger of a unit's subtree at the end of ``day``; today's is the present one."""
    unit, today = scope(by, request.unit), business_date(now)
    day = min(request.day or today, today)
    counts = dict.fromkeys(STATES, 0)
    counts |= {
        row.state: row.cards for row in books.sums(tx, Stock(unit), ("state",), as_of=day if day < today else None)
    }
    where, params = unit_condition(unit, False)
    crossed = tx.execute(
        f"""
        SELECT coalesce(sum(delta), 0) FROM ledger
        WHERE action IN ('receive', 'allocate', 'correct_unit') AND {where} AND day <= :day
        """,
        params | {"day": day},
    ).scalar_one()
    return Ledger(unit=unit, day=day, delivered=crossed, counts=counts, balanced=crossed == sum(counts.values()))


def check_ledger(tx: Tx, request: CheckLedger, *, by: Actor) -> JobAccepted:
    """Begins the proof as a job; its refused rows are what breaks the book."""
    unit = scope(by, request.unit)
    return JobAccepted(job_id=jobs.enqueue(tx, CHECK_KIND, f"台账核对 {unit}", {"unit": unit}, by))


Finding = tuple[str | None, str, dict[str, Any]]
"""ICCID, code, params."""


def run_check(job: JobContext) -> dict[str, Any]:
    """The job. Result: ``cards`` checked, ``findings``, ``complete`` (False: there were more than MAX_FINDINGS)."""
    unit = check_unit(job.request["unit"]) if job.request["unit"] else ""
    findings: list[Finding] = []
    with job.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        tx = Tx(connection, job.actor, job.correlation_id, writable=False)
        checked = 0
        total = int(tx.execute("SELECT coalesce(max(id), 0) FROM cards").scalar_one())
        for low in range(0, total + 1, SLICE):
            findings += _cards_against_log(tx, unit, low)
            checked = min(low + SLICE, total)
            job.progress(checked, total)
            if len(findings) > MAX_FINDINGS:
                break
        else:
            findings += [*_log_without_cards(tx, unit), *_cards_against_ledger(tx, unit), *_closings(tx, unit)]
    _keep(job, findings[:MAX_FINDINGS])
    for number, (iccid, code, params) in enumerate(findings[:MAX_FINDINGS], 1):
        job.refuse(number, iccid, code, **params)
    return {"cards": checked, "findings": len(findings), "complete": len(findings) <= MAX_FINDINGS}


def _keep(job: JobContext, findings: list[Finding]) -> None:
    """Writes the findings down, in place of those of an earlier attempt."""
    with job.unit_of_work() as tx:
        tx.execute("DELETE FROM ledger_findings WHERE job_id = :job_id", {"job_id": job.job_id})
        if findings:
            tx.execute(_FINDING, [_finding(job.job_id, *finding) for finding in findings])
        tx.commit()


_FINDING = """
INSERT INTO ledger_findings (job_id, iccid, code, params) VALUES (:job_id, :iccid, :code, CAST(:params AS jsonb))
"""


def _finding(job_id: UUID, iccid: str | None, code: str, params: dict[str, Any]) -> dict[str, Any]:
    return {"job_id": job_id, "iccid": iccid, "code": code, "params": orjson.dumps(params, default=str).decode()}


_LOG = """
WITH one AS (
    SELECT id, iccid, state, owner_unit, version FROM cards
    WHERE id > :low AND id <= :high AND {where}
), entry AS (
    SELECT card_id, version, to_state, to_unit,
           from_state IS DISTINCT FROM lag(to_state) OVER step
           OR from_unit IS DISTINCT FROM lag(to_unit) OVER step
           OR version <> coalesce(lag(version) OVER step, 0) + 1 AS breaks
    FROM run_log WHERE card_id > :low AND card_id <= :high
    WINDOW step AS (PARTITION BY card_id ORDER BY version)
), told AS (
    SELECT card_id, count(*) AS entries, max(version) AS version, count(*) FILTER (WHERE breaks) AS breaks,
           (array_agg(to_state ORDER BY version DESC))[1] AS state,
           (array_agg(to_unit ORDER BY version DESC))[1] AS unit
    FROM entry GROUP BY card_id
)
SELECT one.*, told.entries, told.breaks, told.version AS log_version, told.state AS log_state, told.unit AS log_unit
FROM one LEFT JOIN told ON told.card_id = one.id
WHERE told.card_id IS NULL OR told.breaks > 0
   OR (told.version, told.state, told.unit) IS DISTINCT FROM (one.version, one.state, one.owner_unit)
ORDER BY one.id LIMIT :most
"""


def _cards_against_log(tx: Tx, unit: str, low: int) -> Iterator[Finding]:
    """Cards whose last log entry says something else, or whose log has a gap."""
    where, params = unit_condition(unit, False)
    params |= {"low": low, "high": low + SLICE, "most": MAX_FINDINGS + 1}
    for row in tx.execute(_LOG.format(where=where), params):
        if row.entries is None:
            yield row.iccid, "ledger_card_without_log", {}
        elif (row.log_version, row.log_state, row.log_unit) != (row.version, row.state, row.owner_unit):
            yield (
                row.iccid,
                "ledger_card_differs",
                {
                    "state": row.state,
                    "unit": row.owner_unit,
                    "version": row.version,
                    "log_state": row.log_state,
                    "log_unit": row.log_unit,
                    "log_version": row.log_version,
                },
            )
        else:
            broken = {"entries": row.entries, "log_version": row.log_version, "breaks": row.breaks}
            yield row.iccid, "ledger_log_broken", broken


def _log_without_cards(tx: Tx, unit: str) -> Iterator[Finding]:
    """Run log entries that no card belongs to; the unit they last speak of tells whose they are."""
    where, params = unit_condition(unit, False, "to_unit")
    rows = tx.execute(
        f"""
        SELECT DISTINCT card_id FROM run_log WHERE version = 1 AND {where}
        AND NOT EXISTS (SELECT FROM cards WHERE cards.id = run_log.card_id) ORDER BY card_id LIMIT :most
        """,
        params | {"most": MAX_FINDINGS + 1},
    )
    for row in rows:
        yield None, "ledger_log_without_card", {"card_id": row.card_id}


_PLACE = "state, owner_unit, carrier, card_spec, application_month"
_SUMS = f"""
WITH counted AS (
    SELECT {_PLACE}, (state_since AT TIME ZONE '{BUSINESS_ZONE.key}')::date AS since,
           (stocked_in_at AT TIME ZONE '{BUSINESS_ZONE.key}')::date AS opened_on, count(*) AS cards
    FROM cards WHERE {{where}} GROUP BY 1, 2, 3, 4, 5, 6, 7
), booked AS (
    SELECT {_PLACE}, since, opened_on, sum(delta) AS cards
    FROM ledger WHERE {{where}} GROUP BY 1, 2, 3, 4, 5, 6, 7 HAVING sum(delta) <> 0
)
SELECT {_PLACE}, since, opened_on, sum(cards) AS cards, sum(booked) AS booked
FROM (SELECT {_PLACE}, since, opened_on, cards, 0 AS booked FROM counted
      UNION ALL SELECT {_PLACE}, since, opened_on, 0, cards FROM booked) AS side
GROUP BY 1, 2, 3, 4, 5, 6, 7 HAVING sum(cards) <> sum(booked) ORDER BY 1, 2, 3, 4, 5, 6, 7 LIMIT :most
"""


def _cards_against_ledger(tx: Tx, unit: str) -> Iterator[Finding]:
    """Places where the ledger says another number of cards than there are."""
    where, params = unit_condition(unit, False)
    for row in tx.execute(_SUMS.format(where=where), params | {"most": MAX_FINDINGS + 1}):
        yield (
            None,
            "ledger_sum_differs",
            {
                "unit": row.owner_unit,
                "state": row.state,
                "carrier": row.carrier,
                "card_spec": row.card_spec,
                "month": row.application_month,
                "since": row.since,
                "opened_on": row.opened_on,
                "booked": int(row.booked),
                "cards": int(row.cards),
            },
        )


_CLOSED = f"""
SELECT day, owner_unit, state, sum(closed) AS closed, sum(booked) AS booked
FROM (SELECT day, 3 AS level, {_PLACE}, opened_on, NULL::date AS since, cards AS closed, 0 AS booked
      FROM closings WHERE level = 3 AND {{where}}
      UNION ALL
      SELECT closed.day, 3, {_PLACE}, opened_on, NULL, 0, delta
      FROM ledger JOIN (SELECT DISTINCT day FROM closings) AS closed ON ledger.day <= closed.day WHERE {{where}}
      UNION ALL
      SELECT day, level, {_PLACE}, NULL, NULL, cards, 0 FROM closings WHERE level < 3 AND {{where}}
      UNION ALL
      SELECT day, 2, state, owner_unit, carrier, card_spec, NULL, NULL, NULL, 0, cards
      FROM closings WHERE level = 3 AND {{where}}
      UNION ALL
      SELECT day, 1, state, owner_unit, NULL, NULL, NULL, NULL, NULL, 0, cards
      FROM closings WHERE level = 3 AND {{where}}
      UNION ALL
      SELECT day, 0, {_PLACE}, NULL, since, cards, 0 FROM ages WHERE {{where}}
      UNION ALL
      SELECT closed.day, 0, {_PLACE}, NULL, since, 0, delta
      FROM ledger JOIN (SELECT DISTINCT day FROM ages) AS closed ON ledger.day <= closed.day WHERE {{where}}
     ) AS side
GROUP BY day, level, {_PLACE}, opened_on, since HAVING sum(closed) <> sum(booked) ORDER BY 1, 2, 3 LIMIT :most
"""


def _closings(tx: Tx, unit: str) -> Iterator[Finding]:
    """Closings and ages that the ledger does not bear out."""
    where, params = unit_condition(unit, False)
    for row in tx.execute(_CLOSED.format(where=where), params | {"most": MAX_FINDINGS + 1}):
        yield (
            None,
            "ledger_closing_differs",
            {
                "day": row.day,
                "unit": row.owner_unit,
                "state": row.state,
                "closed": int(row.closed),
                "booked": int(row.booked),
            },
        )
