"""重新开放申请: a month that was handed over takes applications again, while no form of it exists (ACT-01, ACT-02).

Guarantees. The month's row in ``hand_overs`` goes, so its lines are 新建 again; the cities' lines go with it and are
kept in the log as they were. A city that makes its form at the same moment either finds no line any more or is found:
both lock the lines first. When the month closes, the next midnight hands it over like any other.
"""

from datetime import date, datetime, timedelta
from typing import Any

from kernel.chassis.data.unit_of_work import Tx
from kernel.contracts.workflow.notices import GetWindow, ReopenMonth, Window
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from kernel.model.period import business_date, check_month, month_of, start_of_day
from kernel.model.unit import Level
from services.workflow import window
from services.workflow.lifecycles import APPLICATION_STEP, STEPS, FormAction, FormKind
from services.workflow.steps import LEVEL_NAMES

DAY = timedelta(days=1)
LONGEST = timedelta(days=31)
_CITY_STEP = STEPS[FormKind.CITY_OPENING][FormAction.GENERATE]

# In the order in which a city locks its own, before anything is read: whoever comes second sees what the first did.
_LOCK = "SELECT id FROM city_lines WHERE month = :month ORDER BY id FOR UPDATE"
_FORMS = """
SELECT number FROM forms WHERE month = :month AND kind IN ('city_opening', 'province_opening') ORDER BY number
"""
_REOPEN = """
WITH withdrawn AS (
    DELETE FROM city_lines WHERE month = :month
    RETURNING unit, carrier, card_spec, original_quantity, quantity, applicant, phone
), opened AS (
    DELETE FROM hand_overs WHERE month = :month
)
INSERT INTO month_reopenings (month, reason, by, by_name, at, closes_at, withdrawn)
SELECT :month, :reason, :by, :by_name, :at, :closes_at, coalesce(jsonb_agg(to_jsonb(withdrawn)), '[]') FROM withdrawn
"""
_TELL = f"""
INSERT INTO notifications (unit, permission, kind, params, at)
SELECT unit, CASE length(unit) WHEN {int(Level.CITY)} THEN :city ELSE :county END, 'month_reopened',
       jsonb_build_object('month', CAST(:month AS text), 'closes_at', CAST(:until AS text),
                          'by_name', CAST(:by_name AS text), 'reason', CAST(:reason AS text)),
       CAST(:at AS timestamptz)
FROM (
    SELECT unit FROM applications UNION SELECT left(unit, {int(Level.CITY)}) FROM applications
    UNION SELECT owner_unit FROM card_counts
    WHERE length(owner_unit) IN ({int(Level.CITY)}, {int(Level.COUNTY)}) AND cards > 0
) AS told (unit) ORDER BY unit
"""


def reopen(tx: Tx, request: ReopenMonth, *, by: Actor, now: datetime) -> Window:
    """Raises level_refused, month_malformed, month_over, other_month_open, month_not_handed_over, month_on_form,
    reopening_days_refused."""
    if len(by.unit) != Level.PROVINCE:
        raise DomainError("level_refused", level=LEVEL_NAMES[Level.PROVINCE], unit=by.unit)
    rules = window.load(tx, "update")
    month = check_month(request.month or window.reopenable(tx, now) or window.month_applied_for(now))
    tx.execute(_LOCK, {"month": month})
    if refused := window.cannot_reopen(tx, rules, month, now):
        raise refused
    if numbers := list(tx.execute(_FORMS, {"month": month}).scalars()):
        raise DomainError("month_on_form", month=month, count=len(numbers), numbers="、".join(numbers[:3]))
    closes_at = _closes_at(rules, request.until, now)
    said: dict[str, Any] = {"month": month, "reason": request.reason.strip(), "by_name": by.name, "at": now}
    tx.execute(_REOPEN, {**said, "by": by.id, "closes_at": closes_at})
    parties = {"city": _CITY_STEP.permission, "county": APPLICATION_STEP.permission}
    tx.execute(_TELL, {**said, **parties, "until": window.local(closes_at)})
    return window.get_window(tx, GetWindow(), by=by, now=now)


def _closes_at(rules: window.Rules, until: date, now: datetime) -> datetime:
    """00:00 after ``until``: at most a month ahead, and before the next window opens."""
    first = business_date(now)
    last = first + LONGEST
    opening = window.next_opening(rules, now, after=month_of(now))
    if opening is not None:
        last = min(last, business_date(opening) - DAY)
    if not first <= until <= last:
        raise DomainError(
            "reopening_days_refused", field="until", first=first.isoformat(), last=last.isoformat()
        )
    return start_of_day(until + DAY)
