"""The Nameko service of imei: entrypoints only."""

from kernel.chassis.bus.events import event_handler
from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.process.service import ChassisService
from kernel.contracts.envelope import Envelope
from kernel.contracts.inventory import events as inventory
from services.imei.cards import CARDS


class ImeiService(ChassisService):
    """Serials, pools, organisations, redemptions, lists, violations."""

    name = "imei"

    @event_handler("inventory", *inventory.MOVEMENTS)
    def cards_moved(self, tx: Tx, event: inventory.CardsMoved, envelope: Envelope) -> None:
        CARDS.apply(tx, event)
