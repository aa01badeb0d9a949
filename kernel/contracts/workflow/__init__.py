"""What workflow is asked and what it tells: applications, terminations, forms, notices, events.

``METHODS`` lists every RPC method; ``EVENTS`` every published fact.
"""

from typing import Any

from kernel.contracts.method import Method
from kernel.contracts.workflow import activation, events, forms, notices, termination

METHODS: tuple[Method[Any, Any], ...] = (
    *activation.METHODS,
    *termination.METHODS,
    *forms.METHODS,
    *notices.METHODS,
)
EVENTS = events.EVENTS

__all__ = ["EVENTS", "METHODS", "activation", "events", "forms", "notices", "termination"]
