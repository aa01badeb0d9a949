"""22号0时: what the counties applied for becomes the cities' summary, once per month whatever restarts (ACT-02).

Guarantee: the month's row in ``hand_overs``, which is the lines' new state, and the city lines are one statement
under the lock of the rules. A second hand-over of the month finds the row and does nothing; a county's edit is either
in the sums or refused.
"""

from datetime import datetime, timedelta

from kernel.chassis.data.unit_of_work import Tx
from kernel.contracts.workflow.notices import GetWindow, SetWindow, Window
from kernel.model.actor import Actor
from kernel.model.period import month_of, next_month
from kernel.model.unit import Level
from services.workflow import window
from services.workflow.lifecycles import APPLICATION_STEP, STEPS, FormAction, FormKind

_OPEN_AGAIN = window.OPEN_AGAIN.replace(":now", "CAST(:at AS timestamptz)")
# One look at the lines serves the months' rows, the cities' lines and what the cities are told. Only months whose row
# is new are summed: whoever comes second writes nothing. NOT IN, as the planner expects one line of NOT EXISTS and then
# sorts all of them in the order of a dictionary, which costs more than everything else.
_HAND_OVER = f"""
WITH summed AS MATERIALIZED (
    SELECT month COLLATE "C" AS month, left(unit, {int(Level.CITY)}) AS unit,
           carrier, card_spec, count(*) AS lines, sum(quantity) AS quantity
    FROM applications
    WHERE month <= :month AND month NOT IN (SELECT month FROM hand_overs) AND month NOT IN ({_OPEN_AGAIN})
    GROUP BY 1, 2, 3, 4
), claimed AS (
    INSERT INTO hand_overs (month, due_at, lines, cities, quantity)
    SELECT month, CAST(:at AS timestamptz), sum(lines), count(DISTINCT unit), sum(quantity)
    FROM (
        SELECT month, unit, lines, quantity FROM summed
        UNION ALL SELECT due.month, NULL, 0, 0 FROM (VALUES (CAST(:month AS text))) AS due (month)
        WHERE due.month NOT IN ({_OPEN_AGAIN})
    ) AS due GROUP BY month
    ON CONFLICT DO NOTHING RETURNING month COLLATE "C" AS month
), written AS (
    INSERT INTO city_lines (unit, month, carrier, card_spec, original_quantity, quantity, changed_at)
    SELECT unit, month, carrier, card_spec, quantity, quantity, CAST(:at AS timestamptz)
    FROM summed JOIN claimed USING (month)
), told AS (
    INSERT INTO notifications (unit, permission, kind, params, at)
    SELECT unit, :permission, 'handed_over',
           jsonb_build_object('month', month, 'lines', count(*), 'quantity', sum(quantity)),
           CAST(:at AS timestamptz)
    FROM summed JOIN claimed USING (month) GROUP BY month, unit
)
SELECT month FROM claimed ORDER BY month
"""

_REMIND = "INSERT INTO reminders (month, due_at) VALUES (:month, :due_at) ON CONFLICT DO NOTHING"
_TELL_COUNTIES = f"""
INSERT INTO notifications (unit, permission, kind, params, at)
SELECT county.unit, :permission, 'window_closes',
       jsonb_build_object('month', CAST(:month AS text), 'closes_at', CAST(:closes_at AS text),
                          'lines', count(applications.id)),
       CAST(:at AS timestamptz)
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
    permission = STEPS[FormKind.CITY_OPENING][FormAction.GENERATE].permission
    claimed = tx.execute(_HAND_OVER, {"month": latest, "at": due_at, "permission": permission})
    return [str(month) for month in claimed.scalars()]


def set_window(tx: Tx, request: SetWindow, *, by: Actor, now: datetime) -> Window:
    """New rules; a window that they have closed is handed over with them, not at the next midnight."""
    window.set_window(tx, request, by=by, now=now)
    hand_over(tx, due_at=now)
    return window.get_window(tx, GetWindow(), by=by, now=now)


def remind(tx: Tx, *, due_at: datetime) -> int:
    """Tells the counties once that the window closes soon, and how many lines they have; answers how many (WFL-03).

    Counties are those that ever applied or own cards: workflow does not know the tree of units.
    """
    rules, month = window.load(tx), window.month_applied_for(due_at)
    period = rules.window_in(month_of(due_at))
    closes_at = period.end
    if closes_at is None or due_at not in period or due_at < closes_at - timedelta(hours=rules.remind_hours):
        return 0
    if tx.execute(_REMIND, {"month": month, "due_at": due_at}).rowcount != 1:
        return 0
    told = {
        "permission": APPLICATION_STEP.permission, "month": month, "closes_at": window.local(closes_at), "at": due_at,
    }  # fmt: skip
    return tx.execute(_TELL_COUNTIES, told).rowcount
