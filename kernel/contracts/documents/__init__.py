"""What documents is asked and what it tells. ``METHODS`` lists every RPC method; ``EVENTS`` every published fact."""

from typing import Any

from kernel.contracts.documents import events
from kernel.contracts.method import Method

METHODS: tuple[Method[Any, Any], ...] = ()
EVENTS = events.EVENTS

__all__ = ["EVENTS", "METHODS", "events"]
