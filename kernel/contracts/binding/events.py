"""Facts that binding publishes: where cards are, and what is wrong (BND-03, BND-10). At most SLICE cards an event."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from kernel.contracts.envelope import Event

SLICE = 1000


class _Card(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)
    iccid: str


class BoundCard(_Card):
    """``terminal``, ``slot``: where the card is since ``since``, by the clock of the terminal's own reading.

    ``unit``: the terminal's, None while no report told of it. ``from_terminal``: where it was until then, None when it
    was nowhere; another slot of the same terminal names the same.
    """

    terminal: str
    slot: int
    unit: str | None
    since: datetime
    from_terminal: str | None = None


class UnboundCard(_Card):
    """``terminal``, ``slot``: where the card was; it is nowhere since ``until``."""

    terminal: str
    slot: int
    until: datetime


class CardsBound(Event):
    """These cards are where they say. ``decision`` rises: of two facts about one card the higher holds.

    A card that moved from one terminal to another is told here only, once.
    """

    TYPE = "cards_bound"
    decision: int
    at: datetime
    station: str
    cards: list[BoundCard]


class CardsUnbound(Event):
    """These cards are in no terminal any more; ``decision`` as in CardsBound."""

    TYPE = "cards_unbound"
    decision: int
    at: datetime
    station: str
    cards: list[UnboundCard]


EVENTS: tuple[type[Event], ...] = (CardsBound, CardsUnbound)
