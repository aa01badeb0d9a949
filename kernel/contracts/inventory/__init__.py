"""What inventory is asked and what it tells: deliveries, cards, acts on cards, statistics, events.

``METHODS`` lists every RPC method; ``EVENTS`` every fact that inventory publishes.
"""

from kernel.contracts.inventory import acts, cards, deliveries, events, statistics
from kernel.contracts.inventory.service import INVENTORY

METHODS = INVENTORY.methods
EVENTS = events.EVENTS

__all__ = ["EVENTS", "METHODS", "acts", "cards", "deliveries", "events", "statistics"]
