"""What workflow is asked and what it tells. ``METHODS`` lists every RPC method; ``EVENTS`` every published fact."""

from typing import Any

from kernel.contracts.method import Method
from kernel.contracts.workflow import events

METHODS: tuple[Method[Any, Any], ...] = ()
EVENTS = events.EVENTS

__all__ = ["EVENTS", "METHODS", "events"]
