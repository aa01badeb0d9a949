"""Tells the others how many terminals each unit has, when that has changed (ACT-10)."""

from datetime import datetime

from kernel.chassis.data.unit_of_work import Tx
from kernel.contracts.binding.events import TerminalsCounted, UnitTerminals
from services.binding.telling import slices

_CHANGED = """
INSERT INTO told_terminals AS t (unit, terminals)
SELECT unit, coalesce(sum(terminals) FILTER (WHERE state <> 'removed'), 0)
FROM terminal_counts GROUP BY 1 ORDER BY 1
ON CONFLICT (unit) DO UPDATE SET terminals = excluded.terminals WHERE t.terminals <> excluded.terminals
RETURNING unit, terminals
"""


def tell_counts(tx: Tx, *, now: datetime) -> None:
    """Publishes terminals_counted for the units whose number is another than the last time."""
    changed = [UnitTerminals(unit=row.unit, terminals=row.terminals) for row in tx.execute(_CHANGED)]
    if changed:
        number = tx.execute("SELECT nextval('decisions')").scalar_one()
        tx.publish(*(TerminalsCounted(number=number, at=now, counts=list(part)) for part in slices(changed)))
