"""22号0时: what the counties applied for becomes the cities' summary, once per month whatever restarts (ACT-02).

Guarantee: the month's row in ``hand_overs``, which is the lines' new state, and the city lines are one transaction
under the lock of the rules. A second hand-over of the month finds the row and does nothing; a county's edit is either
in the sums or refused.
"""

from datetime import datetime, timedelta

from kernel.chassis.unit_of_work import Tx
from kernel.contracts.workflow.notices import GetWindow, SetWindow, Window
from kernel.model.actor import Actor
from kernel.model.period import month_of, next_month
from kernel.model.unit import Level
from services.workflow import notices, window
from services.workflow.lifecycles import APPLICATION_STEP, STEPS, FormAction, FormKind

_LEFT = """
SELECT DISTINCT month FROM applications
WHERE month < :month AND NOT EXISTS (SELECT FROM hand_overs WHERE hand_overs.month = applications.month) ORDER BY month
"""

# The month's row first: whoever does not get it sums nothing.
_HAND_OVER = f"""
WITH booked AS (
    SELECT count(*) AS lines, count(DISTINCT left(unit, {int(Level.CITY)})) AS cities,
           coalesce(sum(quantity), 0) AS quantity
    FROM applications WHERE month = :month
), claimed AS (
    INSERT INTO hand_overs (month, due_at, lines, cities, quantity)
    SELECT :month, CAST(:at AS timestamptz), lines, cities, quantity FROM booked
    ON CONFLICT DO NOTHING RETURNING month
), summed AS (
    INSERT INTO city_lines (unit, month, carrier, card_spec, original_quantity, quantity, changed_at)
    SELECT left(unit, {int(Level.CITY)}), month, carrier, card_spec, sum(quantity), sum(quantity),
           CAST(:at AS timestamptz)
    FROM applications JOIN claimed USING (month) GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
    RETURNING unit, quantity
), told AS (
    INSERT INTO notifications (unit, permission, kind, params, at)
    SELECT unit, :permission, 'handed_over',
           jsonb_build_object('month', CAST(:month AS text), 'lines', count(*), 'quantity', sum(quantity)),
           CAST(:at AS timestamptz)
    FROM summed GROUP BY unit
)
SELECT month FROM claimed
"""

_REMIND = "INSERT INTO reminders (month, due_at) VALUES (:month, :due_at) ON CONFLICT DO NOTHING"
_COUNTIES = f"""
SELECT county.unit, count(applications.id) AS lines
FROM (
    SELECT DISTINCT unit FROM applications
    UNION SELECT DISTINCT owner_unit FROM card_counts WHERE length(owner_unit) = {int(Level.COUNTY)} AND cards > 0
) AS county
LEFT JOIN applications ON applications.unit = county.unit AND applications.month = :month
GROUP BY county.unit ORDER BY county.unit
"""


def hand_over(tx: Tx, *, due_at: datetime) -> list[str]:
    """Hands over every month whose window had closed by ``due_at`` and was not handed over; answers which."""
    rules = window.load(tx, "update")
    here = month_of(due_at)
    closes_at = rules.window_in(here).end
    latest = next_month(here) if closes_at is not None and closes_at <= due_at else here
    months = [*tx.execute(_LEFT, {"month": latest}).scalars(), latest]
    return [month for month in months if _hand_over(tx, month, due_at)]


def set_window(tx: Tx, request: SetWindow, *, by: Actor, now: datetime, language: str = "zh") -> Window:
    """New rules; a window that they have closed is handed over with them, not at the next midnight."""
    window.set_window(tx, request, by=by, now=now, language=language)
    hand_over(tx, due_at=now)
    return window.get_window(tx, GetWindow(), by=by, now=now, language=language)


def _hand_over(tx: Tx, month: str, due_at: datetime) -> bool:
    permission = STEPS[FormKind.CITY_OPENING][FormAction.GENERATE].permission
    claimed = tx.execute(_HAND_OVER, {"month": month, "at": due_at, "permission": permission})
    return claimed.one_or_none() is not None


def remind(tx: Tx, *, due_at: datetime) -> int:
    """Tells the counties once that the window closes soon, and how many lines they have; answers how many (WFL-03).

    Counties are those that ever applied or own cards: workflow does not know the tree of units.
    """
    rules, month = window.load(tx), window.month_applied_for(due_at)
    closes_at = rules.window_in(month_of(due_at)).end
    if closes_at is None or not closes_at - timedelta(hours=rules.remind_hours) <= due_at < closes_at:
        return 0
    if tx.execute(_REMIND, {"month": month, "due_at": due_at}).rowcount != 1:
        return 0
    counties = tx.execute(_COUNTIES, {"month": month}).all()
    for county in counties:
        params = {"month": month, "closes_at": window.local(closes_at), "lines": county.lines}
        notices.notify(
            tx, "window_closes", [(county.unit, APPLICATION_STEP.permission)], now=due_at, params=params
        )
    return len(counties)
