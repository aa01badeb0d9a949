"""What the operators' platforms have in common: a list of orders in pages, each order with its cards in pages.

A dialect says how a page is asked for, signed and refused (``_query``), and what its fields are called (``Words``).
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from pydantic import ValidationError

from kernel.carriers.asking import Again, CarrierClient
from kernel.carriers.pages import PageOf, read_pages
from kernel.carriers.settings import Endpoint
from kernel.contracts.inventory.deliveries import DeliveryNote
from services.inventory.carriers.protocol import Card, Offer
from services.inventory.carriers.rows import as_card

PAGE = 100


@dataclass(frozen=True)
class Words:
    """Names of a dialect.

    ``orders``, ``cards``: operation, field with the items, parameter that says where to go on or of which order.
    ``order_id`` ... ``count``: fields of an order; the batch is batchNo everywhere.
    """

    orders: tuple[str, str, str]
    cards: tuple[str, str, str]
    order_id: str
    month: str
    spec: str
    count: str


class OrderPlatform(ABC):
    """See protocol.CarrierAdapter."""

    words: Words

    def __init__(self, endpoint: Endpoint, client: CarrierClient) -> None:
        self._endpoint = endpoint
        self._client = client

    @abstractmethod
    def _query(self, operation: str, number: int, items: str, **params: str) -> PageOf:
        """Page ``number`` of ``operation``, whole; ``items`` is the field that holds its rows."""

    def _month(self, said: str) -> str:
        """YYYY-MM of the month as the carrier writes it."""
        return said

    def new_deliveries(self, cursor: str | None) -> Iterator[Offer]:
        operation, items, after = self.words.orders
        fetch = partial(self._page, operation, items, {after: cursor or ""})
        for orders in read_pages(self._client, fetch):
            yield from map(self._offer, orders)

    def cards(self, offer: Offer) -> Iterator[list[Card]]:
        operation, items, order = self.words.cards
        for page in read_pages(self._client, partial(self._page, operation, items, {order: offer.reference})):
            try:
                yield [as_card(item) for item in page]
            except Again as bad:
                raise self._client.failed(str(bad)) from bad

    def close(self) -> None:
        self._client.close()

    def _page(self, operation: str, items: str, params: dict[str, str], number: int) -> PageOf:
        return self._query(operation, number, items, **params)

    def _offer(self, order: Any) -> Offer:
        words = self.words
        try:
            spec, order_id = str(order[words.spec]), str(order[words.order_id])
            note = DeliveryNote(
                carrier=self._endpoint.carrier,
                batch_no=order["batchNo"],
                application_month=self._month(str(order[words.month])),
                card_spec=self._endpoint.specs.get(spec, spec),
                expected_count=order.get(words.count),
            )
            return Offer(note, order_id, order_id)
        except (LookupError, TypeError, ValidationError) as error:
            raise self._client.failed("an order is malformed, 订单格式错误") from error
