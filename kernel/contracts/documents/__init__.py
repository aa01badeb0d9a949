"""What documents is asked and what it tells. ``METHODS`` lists every RPC method; ``EVENTS`` every published fact."""

from kernel.contracts.documents import events, forms, scans
from kernel.contracts.documents.service import DOCUMENTS

METHODS = DOCUMENTS.methods
EVENTS = events.EVENTS

__all__ = ["EVENTS", "METHODS", "events", "forms", "scans"]
