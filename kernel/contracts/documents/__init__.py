"""What documents is asked and what it tells.

``METHODS`` lists every RPC method that a module here declares; ``EVENTS`` every published fact.
"""

from kernel.contracts.documents.events import EVENTS
from kernel.contracts.documents.service import DOCUMENTS

METHODS = DOCUMENTS.load(__name__, __path__)

__all__ = ["EVENTS", "METHODS"]
