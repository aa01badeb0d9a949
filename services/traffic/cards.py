"""The read model of inventory's cards: whose usage and cost it is, and which cards should have none."""

from kernel.chassis.data.read_models import ReadModel
from kernel.contracts.inventory import card_facts
from services.traffic import tables

CARDS = ReadModel(card_facts.CARDS, tables.cards)
