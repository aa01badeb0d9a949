"""Asks SimKeep over RabbitMQ as an account of one's own: what all its correspondents have in common."""

from simkeep_bus.client import BusClient
from simkeep_bus.errors import NotAllowedError, NotAnsweredError, RefusedError

__all__ = ["BusClient", "NotAllowedError", "NotAnsweredError", "RefusedError"]
