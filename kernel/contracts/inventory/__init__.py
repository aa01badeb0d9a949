"""What inventory is asked and what it tells: deliveries, cards, acts on cards, statistics, events.

``METHODS`` lists every RPC method that a module here declares; ``EVENTS`` every fact that inventory publishes.
"""

from kernel.contracts.inventory.events import EVENTS
from kernel.contracts.inventory.service import INVENTORY

METHODS = INVENTORY.load(__name__, __path__)

__all__ = ["EVENTS", "METHODS"]
