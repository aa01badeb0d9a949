"""The read model of inventory's cards: whose usage and cost it is, and which cards should have none."""

from typing import Any

from sqlalchemy import ColumnElement, select

from kernel.chassis.data.read_models import ReadModel
from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.conditions import Condition, begins
from kernel.contracts.inventory import card_facts
from services.traffic import tables

CARDS = ReadModel(card_facts.CARDS, tables.cards)
_FEW = 1000
_C = tables.cards.c


def named(iccid: str | None) -> list[Condition]:
    """``cards`` whose number is this or begins so."""
    return begins(_C.iccid, iccid)


def few_cards(tx: Tx, iccid: str | None) -> list[int] | None:
    """The ids of the cards so named; None without a name or for more than a few cards."""
    if not named(iccid):
        return None
    found = list(tx.execute(select(_C.id).where(*named(iccid)).limit(_FEW + 1)).scalars())
    return found if len(found) <= _FEW else None


def of_cards(tx: Tx, card_id: ColumnElement[Any], iccid: str | None) -> list[Condition]:
    """Rows of the cards so named; ``cards`` is joined to them.

    Usage is kept by the cards' ids: a few are looked up first, and their rows then found in every day's table.
    """
    few = few_cards(tx, iccid)
    return named(iccid) if few is None else [card_id.in_(few)]
