"""What is missing and can still be had: written down as pulls, before anything is asked for (TRF-01).

A day is looked at again when its figures have arrived and its time (``next_at``) has come: every hour first, then ever
more rarely. While a load of it waits, or is held for a person, nothing of it is asked for again.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from kernel.carriers.settings import Endpoint, UsageManners
from kernel.chassis.data.unit_of_work import Tx
from kernel.model.period import BUSINESS_ZONE, business_date, start_of_day
from services.traffic import months
from services.traffic.carriers import Dropped, UsageAdapter
from services.traffic.merging import month_begin

IN_THE_FIELD = ("pending_install", "running", "pending_scrap", "terminating", "terminated")
"""Cards in store have no use yet; a terminated one that has some is what must be seen."""

_CARRIER = """
INSERT INTO pull_carriers (carrier, unit, size, manners, seen_at)
VALUES (:carrier, :unit, :size, CAST(:manners AS jsonb), :now)
ON CONFLICT (carrier) DO UPDATE
SET unit = excluded.unit, size = excluded.size, manners = excluded.manners, seen_at = excluded.seen_at
RETURNING *
"""
_MISSING = """
SELECT count(*) FROM cards
WHERE carrier = :carrier AND starts_with(owner_unit, :unit) AND state = ANY(:states)
  AND NOT EXISTS (
    SELECT 1 FROM ({days}) AS known
    WHERE known.day = :day AND known.card_id = cards.id AND known.carrier_load IS NOT NULL)
"""
NEXT_CARDS = """
SELECT iccid FROM cards
WHERE carrier = :carrier AND starts_with(owner_unit, :unit) AND state = ANY(:states) AND iccid > :reached
  AND NOT EXISTS (
    SELECT 1 FROM ({days}) AS known
    WHERE known.day = :day AND known.card_id = cards.id AND known.carrier_load IS NOT NULL)
ORDER BY iccid LIMIT :count
"""
_DUE_DAYS = """
SELECT CAST(day AS date) FROM generate_series(CAST(:first AS date), CAST(:last AS date), interval '1 day') AS s (day)
WHERE NOT EXISTS (
    SELECT 1 FROM pulls WHERE carrier = :carrier AND kind = 'day' AND pulls.day = CAST(s.day AS date)
      AND (state = 'open' OR next_at > :now
           OR EXISTS (SELECT 1 FROM loads WHERE loads.id = ANY(pulls.loads) AND loads.state IN ('waiting', 'held'))))
ORDER BY 1
"""
_DAY = """
INSERT INTO pulls (carrier, unit, kind, subject, day, state, wanted, closes_at, next_at, planned_at, ended_at)
VALUES (:carrier, :unit, 'day', :subject, :day, :state, :wanted, :closes_at, :next_at, :now, :ended_at)
ON CONFLICT (carrier, kind, subject) DO UPDATE
SET state = excluded.state, wanted = excluded.wanted, next_at = excluded.next_at, planned_at = excluded.planned_at,
    ended_at = excluded.ended_at, reached = '', pages = 0, answered = 0, strangers = 0, error = NULL,
    rounds = pulls.rounds + CASE WHEN excluded.state = 'open' THEN 1 ELSE 0 END
"""
_SPAN = """
INSERT INTO pulls (carrier, unit, kind, subject, since, until, state, next_at, planned_at)
SELECT :carrier, :unit, 'changes', :subject, coalesce(last.until, :since), :now, 'open', :now, :now
FROM (SELECT max(until) AS until, count(*) FILTER (WHERE state = 'open') AS open, max(planned_at) AS planned_at
      FROM pulls WHERE carrier = :carrier AND kind = 'changes') AS last
WHERE last.open = 0 AND (last.planned_at IS NULL OR last.planned_at <= :before)
ON CONFLICT DO NOTHING
"""
_FILE = """
INSERT INTO pulls (carrier, unit, kind, subject, day, size, sha256, state, wanted, next_at, planned_at)
VALUES (:carrier, :unit, 'file', :subject, :day, :size, :sha256, 'open', 1, :now, :now)
ON CONFLICT DO NOTHING
"""
_LOST = """
UPDATE pulls SET state = 'lost', ended_at = :now
WHERE carrier = :carrier AND state IN ('open', 'short') AND closes_at <= :now
"""
_DUE = """
SELECT * FROM pulls WHERE carrier = :carrier AND state = 'open' AND next_at <= :now
ORDER BY closes_at NULLS LAST, id
"""
CHANGES_EVERY = timedelta(hours=1)
_FULL_AGAIN, _SHORT_AGAIN = timedelta(hours=6), timedelta(hours=1)


def note_carrier(tx: Tx, endpoint: Endpoint, adapter: UsageAdapter, now: datetime) -> Any:
    """The carrier's row, with what it bears as set now; pages tell when gaps are filled from it."""
    manners = manners_of(endpoint).model_dump_json()
    asked = {"carrier": endpoint.carrier, "unit": endpoint.unit, "size": adapter.size, "manners": manners, "now": now}
    return tx.execute(_CARRIER, asked).one()


def manners_of(endpoint: Endpoint) -> UsageManners:
    """What its interface for usage bears."""
    return endpoint.usage or UsageManners()


def plan(tx: Tx, endpoint: Endpoint, adapter: UsageAdapter, dropped: Sequence[Dropped], now: datetime) -> None:
    """Writes down what is missing now. ``dropped``: the files that the carrier has."""
    asked = {"carrier": endpoint.carrier, "unit": endpoint.unit, "now": now}
    tx.execute(_LOST, asked)
    if adapter.kind == "day":
        _plan_days(tx, endpoint, asked, now)
    elif adapter.kind == "changes":
        since = now - timedelta(days=manners_of(endpoint).days_back)
        until = f"{now.astimezone(BUSINESS_ZONE):%Y-%m-%d %H:%M:%S}"
        tx.execute(_SPAN, {**asked, "since": since, "subject": until, "before": now - CHANGES_EVERY})
    for file in dropped:
        subject = f"{file.name} {file.sha256[:12]}"
        tx.execute(_FILE, {**asked, "subject": subject, "day": file.day, "size": file.size, "sha256": file.sha256})


def _plan_days(tx: Tx, endpoint: Endpoint, asked: dict[str, Any], now: datetime) -> None:
    days_back, today = manners_of(endpoint).days_back, business_date(now)
    span = {"first": today - timedelta(days=days_back), "last": today - timedelta(days=1)}
    for day in tx.execute(_DUE_DAYS, {**asked, **span}).scalars().all():
        missing = int(tx.execute(*missing_statement(tx, _MISSING, day, asked)).scalar_one())
        tx.execute(
            _DAY,
            {
                **asked,
                "day": day,
                "subject": day.isoformat(),
                "state": "open" if missing else "done",
                "wanted": missing,
                "closes_at": start_of_day(day + timedelta(days=days_back + 1)),
                "next_at": now if missing else now + _FULL_AGAIN,
                "ended_at": None if missing else now,
            },
        )


def missing_statement(tx: Tx, statement: str, day: Any, asked: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The statement over the days of the day's month, folded or not, and its parameters."""
    month = months.find(tx, month_begin(day))
    return statement.format(days=month.days), {**asked, **month.params, "day": day, "states": list(IN_THE_FIELD)}


def again_after(rounds: int) -> timedelta:
    """How long until a day with gaps is looked at again."""
    return _SHORT_AGAIN * int(2 ** min(rounds, 5))


def due(tx: Tx, carrier: str, now: datetime) -> list[Any]:
    """Open pulls, the one first whose window closes first."""
    return list(tx.execute(_DUE, {"carrier": carrier, "now": now}).all())
