"""Which terminals have one card that has been on them all month, so that its sums are theirs (TRF-03)."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, false, func, select

from kernel.chassis.data.unit_of_work import Tx
from kernel.model.unit import prefix_end
from services.traffic.months import MonthOfUsage
from services.traffic.tables import cards

MANY = 200_000
"""Terminals with several cards: more of them are not told apart, all are added up."""
_CHANGED = """
SELECT terminal FROM past_places WHERE until >= :month AND terminal IS NOT NULL
UNION
SELECT terminal_asset_no FROM past_places JOIN cards ON cards.id = card_id
WHERE until >= :month AND terminal_asset_no IS NOT NULL
"""
_SHARED = f"""
SELECT terminal_asset_no FROM cards
WHERE terminal_asset_no IS NOT NULL AND owner_unit >= :first AND owner_unit < :end
GROUP BY terminal_asset_no HAVING count(*) > 1 LIMIT {MANY + 1}
"""
_UNITS = """
WITH RECURSIVE found (unit) AS (
    SELECT min(owner_unit) FROM cards WHERE owner_unit >= :first AND owner_unit < :end
    UNION ALL
    SELECT (SELECT min(owner_unit) FROM cards WHERE owner_unit > found.unit AND owner_unit < :end)
    FROM found WHERE found.unit IS NOT NULL
)
SELECT unit FROM found WHERE unit IS NOT NULL LIMIT :most
"""


def changed(tx: Tx, month: date) -> list[str]:
    """Terminals with a card that has been elsewhere since the month began, or that a card has left since."""
    return list(tx.execute(_CHANGED, {"month": month}).scalars())


def shared(tx: Tx, unit: str) -> list[str] | None:
    """Terminals with several cards of the unit and those below; None for more than ``MANY``."""
    found = list(tx.execute(_SHARED, {"first": unit, "end": prefix_end(unit)}).scalars())
    return found if len(found) <= MANY else None


def units(tx: Tx, unit: str, most: int) -> list[str] | None:
    """Where cards of the unit and those below belong; None for more than ``most`` units. Reads a row a unit."""
    found = list(tx.execute(_UNITS, {"first": unit, "end": prefix_end(unit), "most": most + 1}).scalars())
    return found if len(found) <= most else None


def settled(month: MonthOfUsage, *conditions: ColumnElement[bool], but: Sequence[str], walk: bool = True) -> Any:
    """As ``month.terminals``, of cards on terminals other than ``but``, which are those where something has changed.

    ``conditions`` on ``cards``: a row's unit is its card's. ``walk``: along an index of cards, until there are
    enough; else all of them.
    """
    used, terminal = month.rows.subquery("used"), cards.c.terminal_asset_no
    sums = [used.c[name] for name in ("unit", "carrier", "carrier_month", "terminal_month")]
    at_home: Any = used.c.unit == cards.c.owner_unit
    if walk:  # PostgreSQL would take that for rare, and gather all rows before the first; of coalesce it makes no guess
        at_home = func.coalesce(at_home, false())
    others = [terminal != func.all(list(but))] if but else []
    return (
        select(terminal.label("terminal"), cards.c.iccid, *sums)
        .join_from(used, cards, cards.c.id == used.c.card_id)
        .where(terminal.is_not(None), at_home, *others, *conditions)
        .subquery("sums")
    )
