"""What workflow is asked and what it tells: applications, terminations, forms, notices, events.

``METHODS`` lists every RPC method; ``EVENTS`` every published fact.
"""

from kernel.contracts.workflow import activation, events, forms, notices, termination
from kernel.contracts.workflow.service import WORKFLOW

METHODS = WORKFLOW.methods
EVENTS = events.EVENTS

__all__ = ["EVENTS", "METHODS", "activation", "events", "forms", "notices", "termination"]
