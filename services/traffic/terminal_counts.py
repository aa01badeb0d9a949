"""Terminals per range of what their cards used while on them (TRF-03).

Most terminals have one card that has been on them all month: its sums are counted as they stand. Only those of several
cards, and those that a card has left or come to meanwhile, are added up first.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, func, select

from kernel.chassis.data.unit_of_work import Tx
from services.traffic import terminals
from services.traffic.months import MonthOfUsage
from services.traffic.ranges import Ranges
from services.traffic.tables import cards

_ADDED_UP = """
SELECT width_bucket(used, CAST(:starts AS bigint[])) AS place, count(*) AS terminals, sum(used) AS terminal_bytes,
       coalesce(sum(billed), 0) AS carrier_bytes
FROM (
    SELECT sum(terminal_month)::bigint AS used, sum(carrier_month)::bigint AS billed
    FROM ({terminals}) AS used
    WHERE unit >= :first AND unit < :end AND (CAST(:carrier AS text) IS NULL OR carrier = :carrier)
      AND (CAST(:several AS text[]) IS NULL OR terminal = ANY(:several))
    GROUP BY terminal
) AS terminals WHERE used IS NOT NULL GROUP BY 1
"""
_HASHED = "SELECT set_config('enable_nestloop', 'off', true)"
"""A unit's cards are few of all, but looked up one by one they cost twice as much as its part of the day."""


class Counted(NamedTuple):
    """Of one range."""

    terminals: int = 0
    terminal_bytes: int = 0
    carrier_bytes: int = 0

    def and_(self, more: "Counted") -> "Counted":
        return Counted(*map(sum, zip(self, more, strict=True)))


def count(tx: Tx, month: MonthOfUsage, ranges: Ranges, where: dict[str, Any]) -> list[Counted]:
    """One per range, in their order. ``where``: first and end of the units, and the carrier."""
    changed, shared = terminals.changed(tx, month.month), terminals.shared(tx, where["first"])
    several = None if shared is None else sorted({*changed, *shared})
    counted = [Counted() for _ in ranges.starts]
    if several != []:
        asked = {**where, **month.params, "starts": list(ranges.starts), "several": several}
        for row in tx.execute(_ADDED_UP.format(terminals=month.terminals), asked):
            counted[row.place - 1] = Counted(row.terminals, int(row.terminal_bytes), int(row.carrier_bytes))
    if several is None:
        return counted
    tx.execute(_HASHED)
    alone = map(int, tx.execute(_alone(month, ranges, where, several)).one())
    return [it.and_(Counted(*more)) for it, more in zip(counted, zip(*[alone] * 3, strict=True), strict=True)]


def _alone(month: MonthOfUsage, ranges: Ranges, where: dict[str, Any], several: list[str]) -> Select[Any]:
    """Three numbers a range. In one row: for groups PostgreSQL expects as many as rows, and lets no workers help."""
    unit, carrier = cards.c.owner_unit, where["carrier"]
    rows = terminals.settled(month, _within(unit, where), but=several, walk=False).c
    # A row's unit is its card's; said of both, PostgreSQL may read either by its index.
    found = select(*_sums(ranges, rows)).where(rows.terminal_month.is_not(None), _within(rows.unit, where))
    return found if carrier is None else found.where(rows.carrier == carrier)


def _within(unit: Any, where: dict[str, Any]) -> Any:
    return (unit >= where["first"]) & (unit < where["end"])


def _sums(ranges: Ranges, rows: Any) -> Iterator[ColumnElement[Any]]:
    for place, start in enumerate(ranges.starts):
        end, used = ranges.end(place), rows.terminal_month
        within = used >= start if end is None else (used >= start) & (used < end)
        yield func.count().filter(within)
        yield func.coalesce(func.sum(used).filter(within), 0)
        yield func.coalesce(func.sum(rows.carrier_month).filter(within), 0)
