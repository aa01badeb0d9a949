"""What imei is asked: devices and their codes, organisations, scans, redemptions, freezes.

``METHODS`` lists every RPC method that a module here declares; it publishes no facts yet.
"""

from kernel.contracts.envelope import Event
from kernel.contracts.imei.service import IMEI

METHODS = IMEI.load(__name__, __path__)
EVENTS: tuple[type[Event], ...] = ()

__all__ = ["EVENTS", "METHODS"]
