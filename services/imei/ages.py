"""库龄: how many calendar months ago a device was entered, in bands (IME-16)."""

from datetime import datetime

from sqlalchemy import ColumnElement

from kernel.chassis.lists.conditions import Condition
from kernel.model.period import month_of, month_period, months_before

AGES = {"under_3": 0, "from_3": 3, "from_6": 6, "from_12": 12}
"""Band > its least age in months. It ends where the next begins."""


def first_months(now: datetime) -> dict[str, str]:
    """Band > the first month (YYYY-MM) in which its devices were entered; the last band has none."""
    this_month = month_of(now)
    return {age: months_before(this_month, least - 1) for age, least in zip(AGES, [*AGES.values()][1:], strict=False)}


def entered_at_age(
    column: ColumnElement[datetime], since: ColumnElement[datetime], age: str | None, now: datetime
) -> list[Condition]:
    """Condition of a list: entered so long ago. ``since``: a later moment of the same device, which has an index."""
    if age is None:
        return []
    first = first_months(now).get(age)
    found: list[Condition] = [] if first is None else [c >= month_period(first).start for c in (column, since)]
    if not AGES[age]:
        return found
    return [*found, column < month_period(months_before(month_of(now), AGES[age])).end]
