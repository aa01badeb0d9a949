"""Facts that binding publishes: where cards are, and what is wrong (BND-03, BND-10). At most SLICE cards an event."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from kernel.contracts.envelope import Event

SLICE = 1000


class _Card(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, defer_build=True)
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


class CorrectedCard(_Card):
    """``from_unit``: whose the card was when it was decided; if that is no longer so, it stays where it is."""

    from_unit: str
    to_unit: str


class CardUnitsCorrected(Event):
    """Somebody decided that these cards belong to the unit of their terminal (BND-08); inventory moves them.

    ``correction``: what cards_unit_corrected and cards_refused name in answer, as reference ``unit_correction``.
    ``by``, ``by_name``, ``by_unit``: who decided; the cards move within his units only.
    """

    TYPE = "card_units_corrected"
    correction: int
    at: datetime
    by: str
    by_name: str
    by_unit: str
    reason: str
    cards: list[CorrectedCard]


class UnitTerminals(BaseModel):
    """How many terminals the unit itself has, removed ones not counted."""

    model_config = ConfigDict(extra="ignore", frozen=True, defer_build=True)
    unit: str
    terminals: int


class TerminalsCounted(Event):
    """Units whose number of terminals is another than was told last. Of two facts the one with the higher number holds.

    At most SLICE units; a unit that was never named is unknown.
    """

    TYPE = "terminals_counted"
    number: int
    at: datetime
    counts: list[UnitTerminals]


class ChangedImei(_Card):
    """``imei``: of the module that the card was read in first at ``since``, 15 digits, in this slot of ``terminal``.

    ``card_imei_before``, ``terminal_before``: where the card was read before; None when it was read with no IMEI yet.
    ``slot_imei_before``: the module that this slot had before. At least one of the two is another than ``imei``.
    """

    imei: str
    terminal: str
    slot: int
    unit: str | None
    since: datetime
    card_imei_before: str | None
    terminal_before: str | None
    slot_imei_before: str | None


class ImeisChanged(Event):
    """Cards in another module than before, or slots with another one (BND-10). ``decision`` rises.

    A late reading may change what stood before a change; it is told again then: the same card, terminal, slot and
    ``since``, of which the higher decision holds.
    """

    TYPE = "imeis_changed"
    decision: int
    at: datetime
    changes: list[ChangedImei]


class DoubledImei(_Card):
    """One IMEI in two terminals at once: each read it after the other had read it first.

    ``since``, ``last_read``: of this terminal, the one that read it later. ``other_*``: of the one that had it before.
    """

    imei: str
    terminal: str
    unit: str | None
    since: datetime
    last_read: datetime
    other_iccid: str
    other_terminal: str
    other_unit: str | None
    other_since: datetime
    other_last_read: datetime


class ImeisDoubled(Event):
    """Clones (IME-15), each told once for two terminals while it stands; ``decision`` rises."""

    TYPE = "imeis_doubled"
    decision: int
    at: datetime
    clones: list[DoubledImei]


UNIT_CORRECTION = "unit_correction"

EVENTS: tuple[type[Event], ...] = (
    CardsBound,
    CardsUnbound,
    CardUnitsCorrected,
    TerminalsCounted,
    ImeisChanged,
    ImeisDoubled,
)
