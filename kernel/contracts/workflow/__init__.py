"""What workflow is asked and what it tells: applications, terminations, forms, notices, events.

``METHODS`` lists every RPC method that a module here declares; ``EVENTS`` every published fact.
"""

from kernel.contracts.workflow.events import EVENTS
from kernel.contracts.workflow.service import WORKFLOW

METHODS = WORKFLOW.load(__name__, __path__)

__all__ = ["EVENTS", "METHODS"]
