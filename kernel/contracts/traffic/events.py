"""Facts that traffic publishes: what rules found, and terminated cards that are still used."""

from datetime import datetime
from decimal import Decimal

from pydantic import BaseModel, ConfigDict, Field

from kernel.contracts.envelope import Event

SLICE = 1000
"""Cards in one event at most."""


class CardUsed(BaseModel):
    """``value``, ``limit_value``: bytes, or days of silence."""

    model_config = ConfigDict(extra="ignore", frozen=True, defer_build=True)
    iccid: str
    unit: str
    value: int
    limit_value: int


class UsageWarned(Event):
    """A rule found these cards, each for the first time in the period (TRF-07). ``unit``: whose rule it is."""

    TYPE = "usage_warned"
    rule_id: int
    name: str
    kind: str
    unit: str
    period: str
    cards: list[CardUsed] = Field(max_length=SLICE)
    at: datetime


class StillUsed(BaseModel):
    """A terminated card that had traffic, in MB, or cost, in yuan, after its termination."""

    model_config = ConfigDict(extra="ignore", frozen=True, defer_build=True)
    iccid: str
    unit: str
    traffic_mb: Decimal
    cost: Decimal


class TerminatedCardsUsed(Event):
    """These cards of a province had traffic or cost in ``month``, after they were terminated (TER-08)."""

    TYPE = "terminated_cards_used"
    province: str
    month: str
    cards: list[StillUsed] = Field(max_length=SLICE)
    at: datetime


EVENTS: tuple[type[Event], ...] = (UsageWarned, TerminatedCardsUsed)
