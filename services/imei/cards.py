"""The read model of inventory's cards: whose card it is in which a serial was read."""

from kernel.chassis.data.read_models import ReadModel
from kernel.contracts.inventory import card_facts
from services.imei import tables

CARDS = ReadModel(card_facts.CARDS, tables.cards)
