"""A month is rated, rated again, and closed; what differs is appended, and nothing is ever changed (TRF-05, TRF-09)."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.jobs import kinds as jobs
from kernel.chassis.jobs.context import JobContext
from kernel.contracts.traffic.tariffs import CloseMonth, CostMonth, RateMonth, RatingStarted
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from kernel.model.period import business_date
from services.traffic import cost_charging, cost_sums, months
from services.traffic.cost_months import month_view
from services.traffic.tariff_list import province_of

RATE_JOB = "rate_month"

_STATE = "SELECT state FROM cost_months WHERE province = :province AND month = :month FOR UPDATE"
_NOTE = """
INSERT INTO cost_months (province, month, state, rated_at, by_name) VALUES (:province, :month, 'provisional', :now, :by)
ON CONFLICT (province, month) DO UPDATE
SET rated_at = excluded.rated_at, by_name = excluded.by_name,
    state = CASE cost_months.state WHEN 'open' THEN 'provisional' ELSE cost_months.state END
"""
_NOTE_OPEN = """
INSERT INTO cost_months (province, month, state) VALUES (:province, :posted_in, 'open') ON CONFLICT DO NOTHING
"""
_CLOSE = """
UPDATE cost_months SET state = 'closed', closed_at = :now, by_name = :by WHERE province = :province AND month = :month
"""
_DUE = """
SELECT DISTINCT province, month FROM tariffs JOIN (SELECT DISTINCT month FROM usage_histogram) AS used
    ON valid_from <= month AND (valid_to IS NULL OR valid_to > month)
WHERE month + interval '1 month' <= :before
  AND NOT EXISTS (SELECT 1 FROM cost_months AS known WHERE known.province = tariffs.province
                  AND known.month = used.month AND known.state <> 'open')
  AND NOT EXISTS (SELECT 1 FROM loads WHERE loads.state = 'waiting')
  AND NOT EXISTS (SELECT 1 FROM jobs WHERE kind = :kind AND jobs.created_unit = tariffs.province
                  AND request ->> 'month' = to_char(month, 'YYYY-MM'))
ORDER BY province, month
"""
_EARLIER_OPEN = """
SELECT min(month) FROM (
    SELECT month FROM cost_months WHERE province = :province AND state = 'provisional'
    UNION ALL
    SELECT used.month FROM (
        SELECT DISTINCT month FROM usage_histogram WHERE starts_with(unit, :province) AND month < :month
    ) AS used JOIN tariffs ON tariffs.province = :province AND valid_from <= used.month
        AND (valid_to IS NULL OR valid_to > used.month)
) AS open
WHERE month < :month AND month > coalesce(
    (SELECT max(month) FROM cost_months WHERE province = :province AND state = 'closed'), '-infinity')
"""
"""Of the months since the latest closed one, the first that is rated, or has usage and tariffs, and is not closed."""
_LATEST_CLOSED = "SELECT max(month) FROM cost_months WHERE province = :province AND state = 'closed'"
_SAID = "SELECT EXISTS (SELECT FROM cost_entries WHERE about = :month)"
_ENTRIES = """
INSERT INTO cost_entries (iccid, unit, carrier, pool, line_spec, card_spec, about, posted_in, fen, corrects, reason,
                          tariff_id, used, days, fee, included, beyond_mb, per_mb, exact, posted_at, by_name)
"""
_POST_FIRST = f"""
{_ENTRIES}
SELECT iccid, unit, carrier, pool, line_spec, card_spec, :month, :posted_in, fen, NULL, NULL, tariff_id, used, days,
       fee, included, beyond_mb, per_mb, exact, :now, :by
FROM ({cost_charging.CHARGED}) AS charged ORDER BY iccid, unit
"""
"""When nothing has been said of the month."""
_POST = f"""
{_ENTRIES}
SELECT iccid, unit, carrier, pool, line_spec, coalesce(charged.card_spec, said.card_spec), :month, :posted_in,
       coalesce(charged.fen, 0) - coalesce(said.fen, 0), last.number,
       CASE WHEN last.number IS NOT NULL THEN :reason END,
       tariff_id, coalesce(used, 0), coalesce(days, 0), fee, included, beyond_mb, per_mb, exact, :now, :by
FROM ({cost_charging.CHARGED}) AS charged FULL JOIN (
    SELECT iccid, unit, carrier, pool, line_spec, min(card_spec) AS card_spec, sum(fen) AS fen
    FROM cost_entries WHERE about = :month AND unit >= :province AND unit < :end
    GROUP BY iccid, unit, carrier, pool, line_spec
) AS said USING (iccid, unit, carrier, pool, line_spec)
LEFT JOIN (
    SELECT iccid, max(number) AS number FROM cost_entries WHERE about = :month GROUP BY iccid
) AS last USING (iccid)
WHERE said.iccid IS NULL OR coalesce(charged.fen, 0) <> said.fen
ORDER BY iccid, unit
"""
_LOCK = """
SELECT set_config('work_mem', '64MB', true),
       pg_advisory_xact_lock(hashtextextended(current_schema() || '.rating ' || CAST(:province AS text), 0))
"""


def rate_month(tx: Tx, request: RateMonth, *, by: Actor, now: datetime) -> RatingStarted:
    """A job rates it. Raises month_malformed, month_not_over, reason_missing."""
    month = months.first_of(request.month)
    if month >= business_date(now):
        raise DomainError("month_not_over", month=request.month)
    state = tx.execute(_STATE, {"province": province_of(by), "month": month}).scalar_one_or_none()
    if state == "closed" and not request.reason:
        raise DomainError("cost_reason_missing", month=request.month)
    asked = {"month": request.month, "reason": request.reason}
    return RatingStarted(job_id=jobs.enqueue(tx, RATE_JOB, f"费用计算 {request.month}", asked, by))


def rate_due(tx: Tx, *, by: Actor, now: datetime, after_days: int) -> int:
    """The timer's act: months that ended ``after_days`` ago and were never rated; of one whose usage is still on its
    way later. Only of provinces with a tariff of the month. Answers how many jobs began."""
    due = tx.execute(_DUE, {"kind": RATE_JOB, "before": business_date(now) - timedelta(days=after_days)}).all()
    for row in due:
        name = row.month.strftime("%Y-%m")
        rater = replace(by, unit=row.province)
        jobs.enqueue(tx, RATE_JOB, f"费用计算 {name}", {"month": name, "reason": ""}, rater)
    return len(due)


def close_month(tx: Tx, request: CloseMonth, *, by: Actor, now: datetime) -> CostMonth:
    """Months close in their order, and only when they are over: what is rated later than the next month's close stands
    on a later bill. Raises month_not_provisional, month_not_over, month_earlier_open.
    """
    province, month = province_of(by), months.first_of(request.month)
    tx.execute(_LOCK, {"province": province})
    state = tx.execute(_STATE, {"province": province, "month": month}).scalar_one_or_none()
    if state != "provisional":
        raise DomainError("month_not_provisional", month=request.month)
    if months.after(month) > business_date(now):
        raise DomainError("month_not_over", month=request.month)
    earlier = tx.execute(_EARLIER_OPEN, {"province": province, "month": month}).scalar_one()
    if earlier is not None:
        raise DomainError("month_earlier_open", month=request.month, before=earlier.strftime("%Y-%m"))
    tx.execute(_CLOSE, {"province": province, "month": month, "now": now, "by": by.name})
    return month_view(tx, province, month, by)


def run_rating(job: JobContext) -> dict[str, Any]:
    """The job. Cards that cannot be rated are its rows; all others are."""
    with job.unit_of_work() as tx:
        month = months.first_of(job.request["month"])
        cards, posted = rate(tx, month, job.request.get("reason") or "", by=job.actor, now=job.now())
        cost_charging.refuse(tx, month, job.job_id)
        result = {"month": job.request["month"], "cards": cards, "entries": posted}
        job.complete(tx, result, done=cards)
    return result


def rate(tx: Tx, month: date, reason: str, *, by: Actor, now: datetime) -> tuple[int, int]:
    """Appends what makes the ledger say what the month costs; how many cards it is about, and how many entries.

    A closed month is corrected in the first month after it that is not closed. Raises rating_impossible.
    """
    province = province_of(by)
    tx.execute(_LOCK, {"province": province})
    cards = cost_charging.charge(tx, month, province)
    asked = {
        "month": month,
        "posted_in": posting_month(tx, province, month),
        "reason": reason or "按最新流量重新计算",
        "province": province,
        "end": province + ":",
        "now": now,
        "by": by.name,
    }
    posted = tx.execute(_POST if tx.execute(_SAID, asked).scalar_one() else _POST_FIRST, asked).rowcount
    cost_sums.count(tx, asked)
    tx.execute(_NOTE, asked)
    tx.execute(_NOTE_OPEN, asked)
    return cards, posted


def posting_month(tx: Tx, province: str, month: date) -> date:
    """The month itself, or the first that is open when it is closed."""
    closed: date | None = tx.execute(_LATEST_CLOSED, {"province": province}).scalar_one()
    return month if closed is None or closed < month else months.after(closed)
