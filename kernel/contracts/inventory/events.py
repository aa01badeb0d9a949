"""Facts that inventory publishes. Every event tells of at most 1,000 cards that moved alike.

A large act makes many slices. Consumers keep, per ICCID, the highest ``version`` they have seen and drop older ones, so
that slices and retried messages may come in any order.
"""

from datetime import datetime
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from kernel.contracts.envelope import Event
from kernel.contracts.words_inventory import FACT_OF_ACTION

SLICE = 1000


class CardsMoved(Event):
    """``iccids[i]`` has version ``versions[i]`` now. All cards share the other fields.

    ``from_state`` and ``from_unit`` are None for arrivals. ``change_id`` groups the slices of one act.
    """

    TYPE: ClassVar[str] = ""
    change_id: int
    action: str
    at: datetime
    by: str
    reason: str | None = None
    reference_kind: str | None = None
    reference_id: str | None = None
    from_state: str | None
    to_state: str
    from_unit: str | None
    to_unit: str
    issued_to_unit: str | None = None
    carrier: str
    card_spec: str
    application_month: str
    iccids: list[str]
    versions: list[int]


class CardsReceived(CardsMoved):
    """``imsis[i]`` and ``msisdns[i]`` are those of ``iccids[i]``; older messages lack them."""

    TYPE = "cards_received"
    imsis: list[str | None] = Field(default_factory=list)
    msisdns: list[str | None] = Field(default_factory=list)


class CardsMarkedUnqualified(CardsMoved):
    TYPE = "cards_marked_unqualified"


class CardsToInspectAgain(CardsMoved):
    TYPE = "cards_to_inspect_again"


class CardsStockedIn(CardsMoved):
    TYPE = "cards_stocked_in"


class CardsAllocated(CardsMoved):
    TYPE = "cards_allocated"


class CardsIssued(CardsMoved):
    TYPE = "cards_issued"


class CardsBound(CardsMoved):
    """``terminals[i]``: asset number of the terminal that ``iccids[i]`` was read in; older messages lack them."""

    TYPE = "cards_bound"
    terminals: list[str | None] = Field(default_factory=list)


class CardsUnbound(CardsMoved):
    TYPE = "cards_unbound"


class CardsUnitCorrected(CardsMoved):
    """Running cards that belong to the unit of their terminal from now on (BND-08); ``terminals`` as in CardsBound."""

    TYPE = "cards_unit_corrected"
    terminals: list[str | None] = Field(default_factory=list)


class CardsReturnedToStock(CardsMoved):
    TYPE = "cards_returned_to_stock"


class CardsMarkedForScrap(CardsMoved):
    """``msisdns[i]``: the number of ``iccids[i]``, which a termination form must show; older messages lack them."""

    TYPE = "cards_marked_for_scrap"
    msisdns: list[str | None] = Field(default_factory=list)


class CardsRestored(CardsMoved):
    TYPE = "cards_restored"


class CardsPutOnForm(CardsMoved):
    TYPE = "cards_put_on_form"


class CardsTakenOffForm(CardsMoved):
    TYPE = "cards_taken_off_form"


class CardsTerminated(CardsMoved):
    TYPE = "cards_terminated"


class CardsReopened(CardsMoved):
    """Terminated cards that still had traffic or cost; ``reason`` names the month."""

    TYPE = "cards_reopened"


class RefusedCard(BaseModel):
    """``code`` is of the error catalogue; ``state`` is the card's own at that moment, None if it is unknown."""

    model_config = ConfigDict(extra="ignore", frozen=True, defer_build=True)
    iccid: str
    code: str
    state: str | None = None


class CardsRefused(Event):
    """Cards that could not follow another service's fact: ``action`` is the card action that was refused.

    ``reference_kind``/``reference_id`` name what asked for it (form, and its number). At most SLICE cards.
    """

    TYPE = "cards_refused"
    action: str
    reference_kind: str
    reference_id: str
    revision: int
    refused: list[RefusedCard]
    at: datetime


_BY_TYPE = {event.TYPE: event for event in CardsMoved.__subclasses__()}
CARD_EVENTS: dict[str, type[CardsMoved]] = {action: _BY_TYPE[fact] for action, fact in FACT_OF_ACTION.items()}
"""Card action > the event that tells of it."""

MOVEMENTS: tuple[type[CardsMoved], ...] = tuple(dict.fromkeys(CARD_EVENTS.values()))
"""What a read model of cards follows."""

EVENTS: tuple[type[Event], ...] = (*MOVEMENTS, CardsRefused)
