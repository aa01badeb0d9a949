"""All lists and statistics of binding, each declared where its topic stands; those with columns have a file (导出)."""

from kernel.chassis.lists.spec import exports_of
from services.binding.pages.askings import ASKINGS
from services.binding.pages.changes import BINDINGS, CHANGE_COUNTS, CHANGES
from services.binding.pages.comparison import COMPARISON, IDLE_CARDS
from services.binding.pages.exceptions import EXCEPTIONS, NOTES, SETTLEMENTS
from services.binding.pages.held_lists import MISSING_TERMINALS, TERMINAL_LISTS
from services.binding.pages.imeis import IMEIS
from services.binding.pages.locks import LOCKS
from services.binding.pages.mismatches import CORRECTIONS, MISMATCHES
from services.binding.pages.nights import NIGHTS, READINGS
from services.binding.pages.registry import TERMINAL_COUNTS, TERMINALS
from services.binding.pulling import PULLS

LISTS = (
    NIGHTS,
    READINGS,
    CHANGE_COUNTS,
    CHANGES,
    BINDINGS,
    EXCEPTIONS,
    NOTES,
    SETTLEMENTS,
    TERMINAL_COUNTS,
    TERMINALS,
    MISMATCHES,
    CORRECTIONS,
    ASKINGS,
    COMPARISON,
    IDLE_CARDS,
    TERMINAL_LISTS,
    MISSING_TERMINALS,
    IMEIS,
    LOCKS,
    PULLS,
)
EXPORTS = exports_of(LISTS)
"""Resource > list; the gateway's list of that name has the same conditions and order."""
