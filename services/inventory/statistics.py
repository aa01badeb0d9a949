"""各状态SIM统计, 待装卡分流, 开卡销卡数量统计, 长期异常状态卡 (INV-06..INV-09): counts from the books, per unit.

A statistic of a unit has one row for what the unit itself owns (市级直属, ``exact``) and one per child for its whole
subtree. Cards count for their owner unit. Every number is the total of the list of cards with the same conditions.
"""

from collections import defaultdict
from dataclasses import replace
from datetime import date, datetime, timedelta

from kernel.chassis.unit_of_work import Tx
from kernel.contracts.inventory.statistics import (
    AbnormalCounts,
    AbnormalLimits,
    AbnormalRow,
    ActivationCounts,
    ActivationRow,
    CountAbnormal,
    CountActivations,
    CountByState,
    CountPendingInstall,
    CountsByState,
    GetAbnormalLimits,
    PendingInstallCounts,
    PendingInstallRow,
    SetAbnormalLimits,
    UnitCounts,
)
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from kernel.model.period import business_date, check_month, month_of, next_month
from kernel.model.unit import check_unit
from services.inventory import books
from services.inventory.books import OPENED, RECENT, Days, Stock
from services.inventory.card_filter import entered, load_limits, state_days
from services.inventory.lifecycle import CardState
from services.inventory.tables import STATES

AGES: dict[str, tuple[int, int | None]] = {
    "d0_7": (0, 7),
    "d8_30": (8, 30),
    "d31_90": (31, 90),
    "d91_plus": (91, None),
}
"""Columns of 待装卡分流 > days in the state, both included."""

_PER_UNIT = ("owner_unit", "state")


def scope(by: Actor, unit: str | None) -> str:
    """The unit that is asked for, else the actor's own. Raises unit_malformed, unit_out_of_scope."""
    if unit is None:
        return by.unit
    check_unit(unit)
    by.require_within(unit)
    return unit


def count_by_state(tx: Tx, request: CountByState, *, by: Actor, now: datetime) -> CountsByState:
    """各状态SIM统计 (INV-07), now or at the end of a past day."""
    unit = scope(by, request.unit)
    if request.application_month is not None:
        check_month(request.application_month, "application_month")
    stock = Stock(
        unit, carrier=request.carrier, card_spec=request.card_spec, application_month=request.application_month
    )
    as_of = request.as_of if request.as_of is not None and request.as_of < business_date(now) else None
    counted: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(STATES, 0))
    totals = dict.fromkeys(STATES, 0)
    for row in books.sums(tx, stock, ("state",), as_of=as_of, rollup=unit):
        counted[row.unit][row.state] += row.cards
        totals[row.state] += row.cards
    items = [
        UnitCounts(unit=one, exact=one == unit, counts=counts, total=sum(counts.values()))
        for one, counts in sorted(counted.items())
    ]
    return CountsByState(items=items, totals=totals, total=sum(totals.values()))


def count_pending_install(tx: Tx, request: CountPendingInstall, *, by: Actor, now: datetime) -> PendingInstallCounts:
    """待装卡分流 (INV-06): pending_install cards per unit and age."""
    unit = scope(by, request.unit)
    pending, today = CardState.PENDING_INSTALL.value, business_date(now)
    stock = Stock(unit, states=(pending,))
    counted: dict[str, dict[str, int]] = {}
    for row in books.sums(tx, stock, (), rollup=unit):
        counted[row.unit] = dict.fromkeys(AGES, 0) | {_OLDEST: row.cards}
    # What is not recent is the rest, and need not be added up.
    recent = replace(stock, since={pending: entered(today, None, AGES[_OLDEST][0] - 1)})
    for row in books.sums(tx, recent, ("since",), rollup=unit, bands=_ages_begin(today)):
        ages = counted.setdefault(row.unit, dict.fromkeys(AGES, 0))
        ages[_RECENT[row.since]] += row.cards
        ages[_OLDEST] -= row.cards
    items = [_pending_row(one, one == unit, ages) for one, ages in sorted(counted.items())]
    totals = {column: sum(ages[column] for ages in counted.values()) for column in AGES}
    return PendingInstallCounts(items=items, totals=_pending_row(unit, False, totals))


_OLDEST, *_RECENT = reversed(AGES)
"""The recent ages from the longest to the shortest: their days rise."""


def _ages_begin(today: date) -> list[date]:
    """First days of the recent ages, without the first age's, before which nothing is asked for."""
    return [today - timedelta(days=AGES[column][1] or 0) for column in _RECENT[1:]]


def _pending_row(unit: str, exact: bool, ages: dict[str, int]) -> PendingInstallRow:
    return PendingInstallRow(
        unit=unit,
        exact=exact,
        d0_7=ages["d0_7"],
        d8_30=ages["d8_30"],
        d31_90=ages["d31_90"],
        d91_plus=ages["d91_plus"],
        total=sum(ages.values()),
    )


def count_activations(tx: Tx, request: CountActivations, *, by: Actor, now: datetime) -> ActivationCounts:
    """开卡销卡数量统计 (INV-08) per unit, carrier and spec: of the month, and from the beginning to its end.

    A card was opened on the day it was stocked in and counts for the unit that owns it now.
    """
    unit = scope(by, request.unit)
    month = check_month(request.month) if request.month is not None else month_of(now)
    first, last = month_days(month)
    stock = Stock(unit, carrier=request.carrier, card_spec=request.card_spec, recent=business_date(now) - RECENT)
    terminated = CardState.TERMINATED.value
    counted: dict[tuple[str, str, str], dict[str, int]] = defaultdict(lambda: dict.fromkeys(_ACTIVATIONS, 0))
    for column, days in (("month", Days(first, last)), ("total", Days(None, last))):
        opened = replace(stock, states=OPENED, opened=days)
        ended = replace(stock, states=(terminated,), since={terminated: days})
        for kind, counting in (("opened", opened), ("terminated", ended)):
            for row in books.sums(tx, counting, ("carrier", "card_spec"), rollup=unit):
                counted[row.unit, row.carrier, row.card_spec][f"{kind}_{column}"] = row.cards
    items = [
        ActivationRow(unit=one, exact=one == unit, carrier=carrier, card_spec=card_spec, **counts)
        for (one, carrier, card_spec), counts in sorted(counted.items())
    ]
    totals = {column: sum(counts[column] for counts in counted.values()) for column in _ACTIVATIONS}
    return ActivationCounts(items=items, totals=totals)


_ACTIVATIONS = ("opened_month", "opened_total", "terminated_month", "terminated_total")


def month_days(month: str) -> tuple[date, date]:
    """First and last day of a month (YYYY-MM)."""
    following = next_month(month)
    return date.fromisoformat(f"{month}-01"), date.fromisoformat(f"{following}-01") - timedelta(days=1)


def count_abnormal(tx: Tx, request: CountAbnormal, *, by: Actor, now: datetime) -> AbnormalCounts:
    """长期异常状态卡 (INV-09) per unit and state: cards longer in the state than its limit."""
    unit = scope(by, request.unit)
    limits = load_limits(tx)
    states = tuple(limits) if request.state is None else (request.state,)
    since = state_days(states, business_date(now), None, None, limits)
    if not since:
        return AbnormalCounts(items=[], total=0)
    recent = business_date(now) - RECENT
    stock = Stock(unit, states=tuple(since), carrier=request.carrier, since=since, recent=recent)
    items = [
        AbnormalRow(
            unit=row.unit, exact=row.unit == unit, state=row.state, limit_days=limits[row.state], count=row.cards
        )
        for row in books.sums(tx, stock, ("state",), rollup=unit)
    ]
    items.sort(key=lambda item: (item.unit, item.state))
    return AbnormalCounts(items=items, total=sum(item.count for item in items))


def get_abnormal_limits(tx: Tx, request: GetAbnormalLimits | None = None) -> AbnormalLimits:
    """The limits in force. They change together: all rows carry the same version."""
    rows = tx.execute("SELECT state, days, version FROM abnormal_limits ORDER BY state").all()
    return AbnormalLimits(
        limits={row.state: row.days for row in rows}, version=max((row.version for row in rows), default=0)
    )


def set_abnormal_limits(tx: Tx, request: SetAbnormalLimits, *, by: Actor, now: datetime) -> AbnormalLimits:
    """Replaces all limits (INV-09). Raises version_stale, request_invalid."""
    if negative := [state for state, days in request.limits.items() if days < 0]:
        errors = [{"field": f"limits.{state}", "message": "must not be negative"} for state in negative]
        raise DomainError("request_invalid", errors=errors)
    tx.execute("LOCK TABLE abnormal_limits IN SHARE ROW EXCLUSIVE MODE")
    if get_abnormal_limits(tx).version != request.version:
        raise DomainError("version_stale")
    tx.execute("DELETE FROM abnormal_limits")
    tx.execute(
        "INSERT INTO abnormal_limits (state, days, version) VALUES (:state, :days, :version)",
        [
            {"state": state, "days": days, "version": request.version + 1}
            for state, days in sorted(request.limits.items())
        ],
    )
    return get_abnormal_limits(tx)
