"""What imei is asked: devices and their codes, organisations, scans, redemptions, freezes.

``METHODS`` lists every RPC method that a module here declares, ``EVENTS`` the facts that it publishes.
"""

from kernel.contracts.imei.events import EVENTS
from kernel.contracts.imei.service import IMEI

METHODS = IMEI.load(__name__, __path__)

__all__ = ["EVENTS", "METHODS"]
