"""What every carrier's interface can do for us, whatever it speaks."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from kernel.carriers.asking import CarrierClient
from kernel.carriers.settings import Endpoint
from kernel.contracts.inventory.deliveries import DeliveryNote

Card = tuple[str, str | None, str | None]
"""ICCID, IMSI, MSISDN as the carrier wrote them."""


@dataclass(frozen=True)
class Offer:
    """A delivery that the carrier has for us. ``reference``: its name there. ``cursor``: where to go on after it."""

    note: DeliveryNote
    reference: str
    cursor: str


class CarrierAdapter(Protocol):
    """Both methods ask the carrier while they are iterated, and raise DomainError carrier_failed with the reason.

    Whatever was yielded before that is complete and in order; nothing is yielded twice.
    """

    def __init__(self, endpoint: Endpoint, client: CarrierClient) -> None: ...

    def new_deliveries(self, cursor: str | None) -> Iterator[Offer]:
        """Deliveries after ``cursor`` (None: all), oldest first."""

    def cards(self, offer: Offer) -> Iterator[list[Card]]:
        """The delivery's cards, page by page."""

    def close(self) -> None: ...
