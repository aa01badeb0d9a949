"""A month is rated, rated again, and closed; what differs is appended, and nothing is ever changed (TRF-05, TRF-09)."""

import json
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.jobs import kinds as jobs
from kernel.chassis.jobs.context import JobContext
from kernel.contracts.traffic.tariffs import CloseMonth, CostMonth, RateMonth, RatingStarted
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from kernel.model.period import business_date
from services.traffic import months
from services.traffic.cost_months import month_view
from services.traffic.rating import CardMonth, Charge, RatingError, Tariff, rate, tariff_of
from services.traffic.tariff_list import province_of, tariffs_of

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
_LATEST_CLOSED = "SELECT max(month) FROM cost_months WHERE province = :province AND state = 'closed'"
_CARDS = """
SELECT cards.iccid, coalesce(first.unit, cards.owner_unit) AS unit, coalesce(first.carrier, cards.carrier) AS carrier,
       coalesce(first.card_spec, cards.card_spec) AS card_spec, coalesce(used.bytes, 0)::bigint AS used,
       coalesce(first.days, CASE
           WHEN cards.state = 'terminated' AND (cards.changed_at AT TIME ZONE 'Asia/Shanghai')::date < :after
               THEN greatest(extract(day FROM cards.changed_at AT TIME ZONE 'Asia/Shanghai')::int, 1)
           WHEN cards.application_month = :name AND used.first_day IS NOT NULL
               THEN :length - extract(day FROM used.first_day)::int + 1
           ELSE :length END) AS days
FROM cards
LEFT JOIN (
    SELECT sums.card_id, sum(carrier_month) AS bytes, min(first_day) AS first_day
    FROM ({sums}) AS sums LEFT JOIN (
        SELECT card_id, min(day) AS first_day FROM ({days}) AS days JOIN cards AS fresh ON fresh.id = card_id
        WHERE fresh.application_month = :name GROUP BY card_id
    ) AS began USING (card_id) GROUP BY sums.card_id
) AS used ON used.card_id = cards.id
LEFT JOIN (
    SELECT DISTINCT ON (iccid) iccid, unit, carrier, card_spec, days FROM cost_entries WHERE about = :month
    ORDER BY iccid, number
) AS first ON first.iccid = cards.iccid
WHERE cards.owner_unit >= :province AND cards.owner_unit < :end
  AND (first.iccid IS NOT NULL OR used.bytes > 0 OR (
      cards.application_month <= :name
      AND (cards.state <> 'terminated' OR (cards.changed_at AT TIME ZONE 'Asia/Shanghai')::date >= :month)))
ORDER BY cards.iccid
"""
"""Whom a month is about. What was known of a card when the month was rated first, stays: its unit, its days."""
_STAGING = """
CREATE TEMPORARY TABLE charged (
    iccid text COLLATE "C" NOT NULL, unit text COLLATE "C" NOT NULL, carrier text NOT NULL, pool text NOT NULL,
    line_spec text NOT NULL, card_spec text NOT NULL, fen bigint NOT NULL, tariff_id bigint, used bigint NOT NULL,
    days integer NOT NULL, detail jsonb NOT NULL
) ON COMMIT DROP
"""
_COPY = "COPY charged (iccid, unit, carrier, pool, line_spec, card_spec, fen, tariff_id, used, days, detail) FROM STDIN"
_POST = """
INSERT INTO cost_entries (iccid, unit, carrier, pool, line_spec, card_spec, about, posted_in, fen, corrects, reason,
                          tariff_id, used, days, detail, posted_at, by_name)
SELECT iccid, unit, carrier, pool, line_spec, coalesce(charged.card_spec, said.card_spec), :month, :posted_in,
       coalesce(charged.fen, 0) - coalesce(said.fen, 0), last.number,
       CASE WHEN last.number IS NOT NULL THEN :reason END,
       tariff_id, coalesce(used, 0), coalesce(days, 0), coalesce(detail, '{}'), :now, :by
FROM charged FULL JOIN (
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
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || '.rating ' || CAST(:province AS text), 0))"


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


def close_month(tx: Tx, request: CloseMonth, *, by: Actor, now: datetime) -> CostMonth:
    """Months close in their order, and only when they are over. Raises month_not_provisional, month_not_over."""
    province, month = province_of(by), months.first_of(request.month)
    tx.execute(_LOCK, {"province": province})
    state = tx.execute(_STATE, {"province": province, "month": month}).scalar_one_or_none()
    if state != "provisional":
        raise DomainError("month_not_provisional", month=request.month)
    if months.after(month) > business_date(now):
        raise DomainError("month_not_over", month=request.month)
    tx.execute(_CLOSE, {"province": province, "month": month, "now": now, "by": by.name})
    return month_view(tx, province, month, by)


def run_rating(job: JobContext) -> dict[str, Any]:
    """The job. Cards that cannot be rated are its rows; all others are."""
    with job.unit_of_work() as tx:
        month = months.first_of(job.request["month"])
        charges, refused = charge(tx, month, job.actor)
        posted = post(tx, charges, month, job.request.get("reason") or "", by=job.actor, now=job.now())
        for row_no, (iccid, code, params) in enumerate(refused, 1):
            job.refuse(row_no, iccid, code, **params)
        result = {"month": job.request["month"], "cards": len(charges), "entries": posted}
        job.complete(tx, result, done=len(charges))
    return result


Refusal = tuple[str, str, dict[str, Any]]


def charge(tx: Tx, month: date, by: Actor) -> tuple[list[Charge], list[Refusal]]:
    """What each card costs by the usage as known now; and whoever has no tariff."""
    province = province_of(by)
    tx.execute(_LOCK, {"province": province})
    tariffs = tariffs_of(tx, province)
    good: list[CardMonth] = []
    refused: list[Refusal] = []
    kinds: dict[tuple[str, str], Tariff | None] = {}
    name = month.strftime("%Y-%m")
    for card in _cards(tx, month, province):
        kind = (card.carrier, card.card_spec)
        if kind not in kinds:
            kinds[kind] = _tariff(tariffs, card, name)
        if kinds[kind] is None:
            refused.append((card.iccid, "tariff_missing", {"month": name, "card_spec": card.card_spec}))
        else:
            good.append(card)
    try:
        return rate(tariffs, good, name), refused
    except RatingError as error:
        raise DomainError("rating_impossible", reason=str(error)) from error


def _tariff(tariffs: Iterable[Tariff], card: CardMonth, month: str) -> Tariff | None:
    try:
        return tariff_of(tariffs, card, month)
    except RatingError:
        return None


def _cards(tx: Tx, month: date, province: str) -> Iterator[CardMonth]:
    found = months.find(tx, month)
    after = months.after(month)
    params = {
        **found.params,
        "name": month.strftime("%Y-%m"),
        "after": after,
        "length": (after - month).days,
        "province": province,
        "end": province + ":",
    }
    for row in tx.execute(_CARDS.format(sums=found.sums, days=found.days), params):
        yield CardMonth(row.iccid, row.unit, row.carrier, row.card_spec, row.used, row.days)


def post(tx: Tx, charges: Iterable[Charge], month: date, reason: str, *, by: Actor, now: datetime) -> int:
    """Appends what makes the ledger say ``charges`` of the month; how many entries.

    A closed month is corrected in the first month after it that is not closed.
    """
    province = province_of(by)
    tx.execute("DROP TABLE IF EXISTS charged")
    tx.execute(_STAGING)
    with tx.raw.cursor() as cursor, cursor.copy(_COPY) as copy:
        for one in charges:
            copy.write_row(_row(one))
    asked = {
        "month": month,
        "posted_in": posting_month(tx, province, month),
        "reason": reason or "按最新流量重新计算",
        "province": province,
        "end": province + ":",
        "now": now,
        "by": by.name,
    }
    posted = tx.execute(_POST, asked).rowcount
    tx.execute(_NOTE, asked)
    tx.execute(_NOTE_OPEN, asked)
    return posted


def posting_month(tx: Tx, province: str, month: date) -> date:
    """The month itself, or the first that is open when it is closed."""
    closed: date | None = tx.execute(_LATEST_CLOSED, {"province": province}).scalar_one()
    return month if closed is None or closed < month else months.after(closed)


def _row(one: Charge) -> tuple[Any, ...]:
    if one.card is None or one.why is None:
        raise ValueError(f"{one.iccid} does not say how it was charged")
    why = one.why
    detail = {
        "fee": _decimal(why.fee),
        "share": f"{why.share.numerator}/{why.share.denominator}",
        "included": int(why.included),
        "beyond": _decimal(why.beyond / (1 << 20)),
        "per_mb": str(why.tariff.per_mb),
        "exact": _decimal(why.exact),
    }
    line = one.line
    return (
        one.iccid, one.unit, line.carrier, line.pool, line.card_spec, one.card.card_spec, one.fen, why.tariff.number,
        one.card.usage, one.card.days, json.dumps(detail),
    )  # fmt: skip


def _decimal(value: Any) -> str:
    """For people: six digits behind the point."""
    return f"{round(value * 10**6) / 10**6:.6f}".rstrip("0").rstrip(".")
