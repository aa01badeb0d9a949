"""What an order system asks SimKeep: may this device be subsidised, keep it, redeem it, take that back."""

from simkeep_bus import NotAllowedError, NotAnsweredError, RefusedError
from simkeep_orders.client import METHODS, OrderClient, Verdict

__all__ = ["METHODS", "NotAllowedError", "NotAnsweredError", "OrderClient", "RefusedError", "Verdict"]
