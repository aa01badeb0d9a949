"""The Nameko service of binding: entrypoints only."""

from kernel.chassis.bus.events import event_handler
from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.process.service import ChassisService
from kernel.contracts.envelope import Envelope
from kernel.contracts.inventory import events as inventory
from services.binding.cards import CARDS


class BindingService(ChassisService):
    """Terminals, readings, bindings of card and terminal, and their exceptions."""

    name = "binding"

    @event_handler("inventory", *inventory.MOVEMENTS)
    def cards_moved(self, tx: Tx, event: inventory.CardsMoved, envelope: Envelope) -> None:
        CARDS.apply(tx, event)
