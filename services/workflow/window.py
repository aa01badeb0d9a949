"""The application window: from the 20th 00:00 until the 22nd 00:00 in Asia/Shanghai, days set by the province (ACT-01).

The one row of ``rules`` is also the lock between a county's edit and the hand-over: an edit holds it shared, the
hand-over and a change of the rules alone. Whoever comes second sees what the first has done.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from kernel.chassis.data.unit_of_work import Tx
from kernel.contracts.said import Said, describe, say
from kernel.contracts.workflow.notices import GetWindow, MonthReopened, SetWindow, Window
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from kernel.model.period import BUSINESS_ZONE, Period, check_month, month_of, next_month, start_of_day
from kernel.model.unit import Level
from services.workflow.lifecycles import APPLICATION_STEP
from services.workflow.steps import LEVEL_NAMES

_LOCKS = {"none": "", "share": " FOR SHARE", "update": " FOR UPDATE"}
_HANDED_OVER = "SELECT 1 FROM hand_overs WHERE month = :month"
_REOPENED = """
SELECT month, reason, by_name, at, closes_at FROM month_reopenings WHERE month = :month ORDER BY id DESC LIMIT 1
"""
OPEN_AGAIN = "SELECT month FROM month_reopenings WHERE closes_at > :now AND month NOT IN (SELECT month FROM hand_overs)"
_OPEN_AGAIN = f"{OPEN_AGAIN} LIMIT 1"
# The latest: one of an earlier month is opened again by naming it.
_REOPENABLE = """
SELECT max(month) FROM hand_overs WHERE month >= :first AND month NOT IN (
    SELECT month FROM forms WHERE kind IN ('city_opening', 'province_opening')
)
"""


@dataclass(frozen=True)
class Rules:
    """What the province set; days are those of the month before the one applied for."""

    opens_day: int
    closes_day: int
    remind_hours: int
    minimum_cards: int
    version: int
    overdue_days: int

    def window_in(self, month: str) -> Period:
        """The window that lies in ``month`` (YYYY-MM); it takes applications for the month after.

        A closing day beyond the month's last one means the month's end; one that is the opening day, that nothing is
        taken.
        """
        first = date(int(month[:4]), int(month[5:]), 1)
        ends = date.fromisoformat(f"{next_month(month)}-01")
        closes = min(first + timedelta(days=self.closes_day - 1), ends)
        return Period(start_of_day(first.replace(day=self.opens_day)), start_of_day(closes))


def load(tx: Tx, lock: Literal["none", "share", "update"] = "none") -> Rules:
    """The rules in force, locked as asked until the transaction ends."""
    row = tx.execute(
        "SELECT opens_day, closes_day, remind_hours, minimum_cards, version, overdue_days FROM rules" + _LOCKS[lock]
    ).one()
    return Rules(**row._mapping)


def month_applied_for(now: datetime) -> str:
    """The coming month: the only one that applications are taken for."""
    return next_month(month_of(now))


def local(moment: datetime) -> str:
    """For people: business time, to the minute."""
    return moment.astimezone(BUSINESS_ZONE).strftime("%Y-%m-%d %H:%M")


def month_open(tx: Tx, now: datetime) -> str:
    """The month that applications are about: one that is open again, else the coming one."""
    month = tx.execute(_OPEN_AGAIN, {"now": now}).scalar_one_or_none()
    return month_applied_for(now) if month is None else str(month)


def is_handed_over(tx: Tx, month: str) -> bool:
    """True once its lines are the cities'."""
    return tx.execute(_HANDED_OVER, {"month": month}).one_or_none() is not None


def reopened(tx: Tx, month: str) -> MonthReopened | None:
    """The last time that the month was opened again, also when it has closed since."""
    row = tx.execute(_REOPENED, {"month": month}).one_or_none()
    return None if row is None else MonthReopened(**row._mapping)


def period_of(tx: Tx, rules: Rules, month: str, now: datetime) -> Period:
    """When lines for ``month`` are taken: its window, or since and until it was opened again."""
    again = reopened(tx, month)
    if again is None or is_handed_over(tx, month):
        return rules.window_in(month_of(now))
    return Period(again.at, again.closes_at)


def closed(tx: Tx, rules: Rules, month: str, now: datetime) -> DomainError | None:
    """Why no line for ``month`` can be written at ``now``; None: it can."""
    allowed = month_open(tx, now)
    if month != allowed:
        return DomainError("application_month_refused", month=month, allowed=allowed)
    if is_handed_over(tx, month):
        return DomainError("applications_handed_over", month=month)
    window = period_of(tx, rules, month, now)
    if now not in window:
        assert window.start is not None and window.end is not None  # noqa: S101, PT018 (both ends are set above)
        return DomainError("window_closed", opens_at=local(window.start), closes_at=local(window.end))
    return None


def reopenable(tx: Tx, now: datetime) -> str | None:
    """The latest month that was handed over, is not past and stands on no form."""
    month = tx.execute(_REOPENABLE, {"first": month_of(now)}).scalar_one_or_none()
    return None if month is None else str(month)


def cannot_reopen(tx: Tx, rules: Rules, month: str, now: datetime) -> DomainError | None:
    """Why the province cannot open ``month`` again, whatever stands on forms; None: it can."""
    if month < month_of(now):
        return DomainError("month_over", month=month)
    current = month_open(tx, now)
    if closed(tx, rules, current, now) is None:
        closes_at = period_of(tx, rules, current, now).end
        assert closes_at is not None  # noqa: S101 (an open window has both ends)
        return DomainError("other_month_open", month=current, closes_at=local(closes_at))
    if not is_handed_over(tx, month):
        return DomainError("month_not_handed_over", month=month)
    return None


def require_open(tx: Tx, month: str, now: datetime) -> None:
    """Holds the rules shared and raises why nothing can be written, if so."""
    refused = closed(tx, load(tx, "share"), check_month(month), now)
    if refused:
        raise refused


def get_window(tx: Tx, request: GetWindow, *, by: Actor, now: datetime) -> Window:
    """This month's window, whether it is open, and the rules."""
    rules, month = load(tx), month_open(tx, now)
    period = period_of(tx, rules, month, now)
    refused = closed(tx, rules, month, now)
    handed_over, again = is_handed_over(tx, month), reopened(tx, month)
    is_province = len(by.unit) == Level.PROVINCE and "activation.province" in by.permissions
    again_possible = reopenable(tx, now) if refused else None
    may = {
        "create": refused is None and len(by.unit) == Level.COUNTY and APPLICATION_STEP.permission in by.permissions,
        "set": is_province,
        "reopen": is_province and again_possible is not None,
    }
    return Window(
        month=month,
        opens_at=period.start,
        closes_at=period.end,
        is_open=refused is None,
        handed_over=handed_over,
        closed_reason=describe(refused) if refused else None,
        opens_day=rules.opens_day,
        closes_day=rules.closes_day,
        remind_hours=rules.remind_hours,
        minimum_cards=rules.minimum_cards,
        version=rules.version,
        overdue_days=rules.overdue_days,
        can=[name for name, yes in may.items() if yes],
        next_opens_at=None if refused is None else next_opening(rules, now, after=month_of(now) if handed_over else ""),
        effect=say("window_rules_later", {"month": next_month(month_of(now))}) if handed_over or again else None,
        reopened=again,
        reopened_note=_told(again) if again else None,
        reopenable=again_possible,
    )


def _told(again: MonthReopened) -> Said:
    at, until = local(again.at), local(again.closes_at)
    return Said(
        f"{again.by_name} 于 {at} 重新开放，截止 {until}，原因：{again.reason}",
        f"Opened again by {again.by_name} at {at} until {until}: {again.reason}",
    )


def next_opening(rules: Rules, now: datetime, *, after: str = "") -> datetime | None:
    """When the next window opens, of this month or the coming one; ``after``: not the window in this month."""
    for month in (month_of(now), next_month(month_of(now))):
        window = rules.window_in(month)
        taken = window.start != window.end
        if taken and window.start is not None and window.start > now and month > after:
            return window.start
    return None


def set_window(tx: Tx, request: SetWindow, *, by: Actor, now: datetime) -> Window:
    """The province changes the rules. Raises level_refused, version_stale, window_days_reversed."""
    if len(by.unit) != Level.PROVINCE:
        raise DomainError("level_refused", level=LEVEL_NAMES[Level.PROVINCE], unit=by.unit)
    if request.opens_day > request.closes_day:
        raise DomainError("window_days_reversed", opens_day=request.opens_day, closes_day=request.closes_day)
    if load(tx, "update").version != request.version:
        raise DomainError("version_stale")
    tx.execute(
        """
        UPDATE rules SET opens_day = :opens_day, closes_day = :closes_day, remind_hours = :remind_hours,
                         minimum_cards = :minimum_cards, version = version + 1,
                         overdue_days = coalesce(CAST(:overdue_days AS smallint), overdue_days)
        """,
        request.model_dump(exclude={"version"}),
    )
    return get_window(tx, GetWindow(), by=by, now=now)
