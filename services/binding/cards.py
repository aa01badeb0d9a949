"""The read model of inventory's cards: which card there is, whose, in which state, and on which terminal."""

from kernel.chassis.data.read_models import ReadModel
from kernel.contracts.inventory import card_facts
from services.binding import tables

CARDS = ReadModel(card_facts.CARDS, tables.cards)
