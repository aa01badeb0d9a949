"""长期异常状态卡 (INV-09), and the limits from which on a card is one."""

from datetime import datetime

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.columns import Column, number
from kernel.chassis.lists.spec import Statistic
from kernel.contracts.inventory.statistics import (
    COUNT_ABNORMAL,
    AbnormalCounts,
    AbnormalLimits,
    AbnormalRow,
    CountAbnormal,
    GetAbnormalLimits,
    SetAbnormalLimits,
)
from kernel.contracts.words import chinese
from kernel.contracts.words_inventory import CARD_STATES
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from kernel.model.period import business_date
from services.inventory import books
from services.inventory.books import RECENT, Stock
from services.inventory.card_lists.conditions import load_limits, state_days
from services.inventory.statistics.scope import UNIT_COLUMNS, scope


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


def set_abnormal_limits(tx: Tx, request: SetAbnormalLimits) -> AbnormalLimits:
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


ABNORMAL_CARDS = Statistic(
    method=COUNT_ABNORMAL,
    title="长期异常状态卡",
    resource="statistics/abnormal-cards",
    act=count_abnormal,
    columns=(
        *UNIT_COLUMNS,
        Column("state", "状态", words=chinese(CARD_STATES), width=10),
        number("limit_days", "期限天数"),
        number("count", "数量", total=True),
    ),
)
