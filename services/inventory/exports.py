"""All lists and statistics of inventory, declared where their topic stands; those with columns have a file (导出)."""

from kernel.chassis.lists.spec import exports_of
from services.inventory.act_cards import ACT_CARDS
from services.inventory.allocation import ALLOCATIONS
from services.inventory.boxes import BOXES, LABEL_CARDS
from services.inventory.card_lists.card_list import CARDS
from services.inventory.deliveries.batch_list import DELIVERIES, REFUSED_ROWS
from services.inventory.redirection import PENDING_INSTALL
from services.inventory.requisition import REQUISITIONS
from services.inventory.statistics.abnormal_cards import ABNORMAL_CARDS
from services.inventory.statistics.activations import ACTIVATIONS
from services.inventory.statistics.cards_by_state import CARDS_BY_STATE

LISTS = (
    CARDS,
    DELIVERIES,
    REFUSED_ROWS,
    ALLOCATIONS,
    REQUISITIONS,
    ACT_CARDS,
    BOXES,
    LABEL_CARDS,
    CARDS_BY_STATE,
    PENDING_INSTALL,
    ACTIVATIONS,
    ABNORMAL_CARDS,
)
EXPORTS = exports_of(LISTS)
"""Resource > list; the gateway's list of that name has the same conditions and order."""
