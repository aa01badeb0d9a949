"""The Nameko service of traffic: entrypoints only."""

from kernel.chassis.bus.events import event_handler
from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.process.service import ChassisService
from kernel.contracts.envelope import Envelope
from kernel.contracts.inventory import events as inventory
from services.traffic.cards import CARDS


class TrafficService(ChassisService):
    """Daily and monthly usage, tariffs, costs, anomalies and their rules."""

    name = "traffic"

    @event_handler("inventory", *inventory.MOVEMENTS)
    def cards_moved(self, tx: Tx, event: inventory.CardsMoved, envelope: Envelope) -> None:
        CARDS.apply(tx, event)
