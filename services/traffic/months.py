"""Where a month's sums and days stand: in tables by day while it is open to change, in one row per card once folded."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, bindparam, select, union_all

from kernel.chassis.data.unit_of_work import Tx
from kernel.model.period import check_month, next_month
from services.traffic import folding
from services.traffic.tables import loads, moved_usage, usage_days, usage_histogram, usage_months

_NEWEST = """
SELECT max(day) FROM usage_days WHERE day >= :month AND day < CAST(:month AS date) + interval '1 month'
"""
_OPEN_SUMS = """
SELECT card_id, unit, carrier, carrier_month, terminal_month FROM usage_days WHERE day = :newest
UNION ALL
SELECT card_id, unit, carrier, carrier_month, terminal_month FROM moved_usage WHERE month = :month
"""
_FOLDED_SUMS = "SELECT card_id, unit, carrier, carrier_month, terminal_month FROM usage_months WHERE month = :month"
_OPEN_DAYS = """
SELECT day, card_id, unit, carrier, carrier_bytes, terminal_bytes, carrier_load, terminal_load FROM usage_days
WHERE day >= :month AND day < CAST(:month AS date) + interval '1 month'
"""
_FOLDED_DAYS = f"{folding.DAYS_OF_FOLDED} AND month = :month"
_TERMINALS = """
SELECT terminal_asset_no AS terminal, iccid, unit, sums.carrier, carrier_month, terminal_month
FROM ({sums}) AS sums JOIN cards ON cards.id = card_id
WHERE terminal_asset_no IS NOT NULL AND unit = owner_unit AND NOT EXISTS (
    SELECT FROM past_places AS past WHERE past.card_id = sums.card_id AND until >= :month)
UNION ALL
SELECT terminal, iccid, unit, min(carrier), sum(carrier_bytes)::bigint, sum(terminal_bytes)::bigint
FROM (
    SELECT CASE WHEN past.card_id IS NULL THEN terminal_asset_no ELSE past.terminal END AS terminal, iccid, days.unit,
           days.carrier, carrier_bytes, terminal_bytes
    FROM ({days}) AS days JOIN cards ON cards.id = days.card_id
    LEFT JOIN LATERAL (
        SELECT card_id, terminal FROM past_places WHERE past_places.card_id = days.card_id AND until > days.day
        ORDER BY until LIMIT 1
    ) AS past ON true
    WHERE days.card_id IN (SELECT card_id FROM past_places WHERE until >= :month)
      AND (carrier_load IS NOT NULL OR terminal_load IS NOT NULL)
) AS by_day WHERE terminal IS NOT NULL GROUP BY terminal, iccid, unit
"""


@dataclass(frozen=True)
class MonthOfUsage:
    """``newest``: the last day with figures; None for a month without any."""

    month: date
    newest: date | None
    folded: bool

    @property
    def params(self) -> dict[str, Any]:
        """What ``sums`` and ``days`` need."""
        return {"month": self.month, "newest": self.newest}

    @property
    def sums(self) -> str:
        """SQL: card_id, unit, carrier, carrier_month, terminal_month; one row per card and unit."""
        return _FOLDED_SUMS if self.folded else _OPEN_SUMS

    @property
    def days(self) -> str:
        """SQL: day, card_id, unit, carrier, both figures and their loads; one row per card and day."""
        return _FOLDED_DAYS if self.folded else _OPEN_DAYS

    @property
    def terminals(self) -> str:
        """SQL: terminal, iccid, unit, carrier, carrier_month, terminal_month: what each card used while it was on it.

        Cards that stayed where they are since the month began have the month's sums; of others each day counts for
        the terminal of that day. What a card used in another unit's stock before it came to a terminal counts for none.
        """
        return _TERMINALS.format(sums=self.sums, days=self.days)

    @property
    def rows(self) -> Select[Any]:
        """The same as ``sums``, to be put into a list's statement, with the month.

        No part of the union has conditions of its own: only so does PostgreSQL read the days in an index's order, and
        a page costs what its rows cost.
        """
        month = bindparam(None, self.month, type_=usage_histogram.c.month.type).label("month")
        if self.folded:
            return select(*_sums(usage_months), month).where(usage_months.c.month == self.month)
        newest = bindparam(None, self.newest, type_=usage_days.c.day.type)
        left = select(newest.label("day"), *_sums(moved_usage)).where(moved_usage.c.month == self.month)
        moved = left.cte(f"left_{self.month:%Y%m}")
        both = union_all(select(usage_days.c.day, *_sums(usage_days)), select(moved.c.day, *_sums(moved))).subquery()
        return select(*_sums(both), month).where(both.c.day == newest)


def _sums(table: Any) -> list[Any]:
    return [table.c[name] for name in ("card_id", "unit", "carrier", "carrier_month", "terminal_month")]


def first_of(month: str) -> date:
    """Its first day. Raises month_malformed."""
    return date.fromisoformat(f"{check_month(month)}-01")


def after(month: date) -> date:
    """The first day of the next month."""
    return date.fromisoformat(f"{next_month(month.strftime('%Y-%m'))}-01")


def days(month: date) -> dict[str, Any]:
    """A month as lists show it."""
    return {"month": month.strftime("%Y-%m"), "first_day": month, "last_day": after(month) - timedelta(days=1)}


def find(tx: Tx, month: date) -> MonthOfUsage:
    """Where the month stands."""
    folded = folding.folded_day(tx, month)
    if folded is not None:
        return MonthOfUsage(month, folded, folded=True)
    newest: date | None = tx.execute(_NEWEST, {"month": month}).scalar_one()
    return MonthOfUsage(month, newest, folded=False)


def asked(tx: Tx, month: str | None, now: datetime) -> MonthOfUsage:
    """The month asked for, or the newest that has figures. Raises month_malformed."""
    if month is not None:
        return find(tx, first_of(month))
    newest: date | None = tx.execute("SELECT max(month) FROM usage_histogram").scalar_one()
    return find(tx, newest or now.date().replace(day=1))


def all_of(tx: Tx) -> list[MonthOfUsage]:
    """Every month with figures, newest first."""
    found = tx.execute("SELECT DISTINCT month FROM usage_histogram ORDER BY month DESC").scalars().all()
    return [find(tx, month) for month in found]


def data_times(tx: Tx, month: MonthOfUsage) -> dict[str, datetime | None]:
    """Source > the newest data time of the loads that told of the month."""
    taken = loads.c.state == "taken"
    told = (loads.c.first_day < after(month.month)) & (loads.c.last_day >= month.month)
    query = select(loads.c.source, loads.c.as_of).where(taken, told).order_by(loads.c.as_of)
    times: dict[str, datetime | None] = dict.fromkeys(("carrier", "terminal"))
    return times | {row.source: row.as_of for row in tx.execute(query)}
