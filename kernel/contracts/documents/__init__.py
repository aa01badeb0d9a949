"""What documents is asked and what it tells. ``METHODS`` lists every RPC method; ``EVENTS`` every published fact."""

from typing import Any

from kernel.contracts.documents import events, forms, scans
from kernel.contracts.method import Method

METHODS: tuple[Method[Any, Any], ...] = (*forms.METHODS, *scans.METHODS)
EVENTS = events.EVENTS

__all__ = ["EVENTS", "METHODS", "events", "forms", "scans"]
