"""What inventory is asked and what it tells: deliveries, cards, acts on cards, statistics, events.

``METHODS`` lists every RPC method; ``EVENTS`` every fact that inventory publishes.
"""

from typing import Any

from kernel.contracts.inventory import acts, cards, deliveries, events, statistics
from kernel.contracts.method import Method

METHODS: tuple[Method[Any, Any], ...] = (*deliveries.METHODS, *cards.METHODS, *acts.METHODS, *statistics.METHODS)
EVENTS = events.EVENTS

__all__ = ["EVENTS", "METHODS", "acts", "cards", "deliveries", "events", "statistics"]
