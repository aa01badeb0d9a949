"""What binding is asked, what it answers and what it tells: terminals, readings, bindings, exceptions.

``METHODS`` lists every RPC method that a module here declares; ``EVENTS`` every fact that binding publishes.
"""

from kernel.contracts.binding.events import EVENTS
from kernel.contracts.binding.service import BINDING

METHODS = BINDING.load(__name__, __path__)

__all__ = ["EVENTS", "METHODS"]
