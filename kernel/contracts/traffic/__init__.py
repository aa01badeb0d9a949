"""What traffic is asked and what it answers: usage per card and day, its loads, and what it costs.

``METHODS`` lists every RPC method that a module here declares; ``EVENTS`` every fact that traffic publishes.
"""

from kernel.contracts.traffic.events import EVENTS
from kernel.contracts.traffic.service import TRAFFIC

METHODS = TRAFFIC.load(__name__, __path__)

__all__ = ["EVENTS", "METHODS"]
