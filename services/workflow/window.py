"""The application window: from the 20th 00:00 until the 22nd 00:00 in Asia/Shanghai, days set by the province (ACT-01).

The one row of ``rules`` is also the lock between a county's edit and the hand-over: an edit holds it shared, the
hand-over and a change of the rules alone. Whoever comes second sees what the first has done.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from kernel.chassis.data.unit_of_work import Tx
from kernel.contracts.said import describe, say
from kernel.contracts.workflow.notices import GetWindow, SetWindow, Window
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from kernel.model.period import BUSINESS_ZONE, Period, check_month, month_of, next_month, start_of_day
from kernel.model.unit import Level
from services.workflow.lifecycles import APPLICATION_STEP
from services.workflow.steps import LEVEL_NAMES

_LOCKS = {"none": "", "share": " FOR SHARE", "update": " FOR UPDATE"}
_HANDED_OVER = "SELECT 1 FROM hand_overs WHERE month = :month"


@dataclass(frozen=True)
class Rules:
    """What the province set; days are those of the month before the one applied for."""

    opens_day: int
    closes_day: int
    remind_hours: int
    minimum_cards: int
    version: int

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
        "SELECT opens_day, closes_day, remind_hours, minimum_cards, version FROM rules" + _LOCKS[lock]
    ).one()
    return Rules(**row._mapping)


def month_applied_for(now: datetime) -> str:
    """The coming month: the only one that applications are taken for."""
    return next_month(month_of(now))


def local(moment: datetime) -> str:
    """For people: business time, to the minute."""
    return moment.astimezone(BUSINESS_ZONE).strftime("%Y-%m-%d %H:%M")


def closed(tx: Tx, rules: Rules, month: str, now: datetime) -> DomainError | None:
    """Why no line for ``month`` can be written at ``now``; None: it can."""
    allowed = month_applied_for(now)
    if month != allowed:
        return DomainError("application_month_refused", month=month, allowed=allowed)
    if tx.execute(_HANDED_OVER, {"month": month}).one_or_none():
        return DomainError("applications_handed_over", month=month)
    window = rules.window_in(month_of(now))
    if now not in window:
        assert window.start is not None and window.end is not None  # noqa: S101, PT018 (both ends are set above)
        return DomainError("window_closed", opens_at=local(window.start), closes_at=local(window.end))
    return None


def require_open(tx: Tx, month: str, now: datetime) -> None:
    """Holds the rules shared and raises why nothing can be written, if so."""
    refused = closed(tx, load(tx, "share"), check_month(month), now)
    if refused:
        raise refused


def get_window(tx: Tx, request: GetWindow, *, by: Actor, now: datetime) -> Window:
    """This month's window, whether it is open, and the rules."""
    rules, month = load(tx), month_applied_for(now)
    period = rules.window_in(month_of(now))
    refused = closed(tx, rules, month, now)
    handed_over = tx.execute(_HANDED_OVER, {"month": month}).one_or_none() is not None
    may = {
        "create": refused is None and len(by.unit) == Level.COUNTY and APPLICATION_STEP.permission in by.permissions,
        "set": len(by.unit) == Level.PROVINCE and "activation.province" in by.permissions,
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
        can=[name for name, yes in may.items() if yes],
        next_opens_at=None if refused is None else _next_opening(rules, now, handed_over=handed_over),
        effect=say("window_rules_later", {"month": next_month(month_of(now))}) if handed_over else None,
    )


def _next_opening(rules: Rules, now: datetime, *, handed_over: bool) -> datetime | None:
    """When the next window opens: this month's, if that still lies ahead, else the coming month's."""
    for month in (month_of(now), next_month(month_of(now))):
        window = rules.window_in(month)
        taken = window.start != window.end
        if taken and window.start is not None and window.start > now and not (handed_over and month == month_of(now)):
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
                         minimum_cards = :minimum_cards, version = version + 1
        """,
        request.model_dump(exclude={"version"}),
    )
    return get_window(tx, GetWindow(), by=by, now=now)
