"""The generic dialect: HTTP, JSON, a bearer key. What the demo carrier speaks, and what we ask of a new carrier.

GET /deliveries?after=<cursor>           {"items": [{"reference", "batch_no", "application_month", "card_spec",
                                           "count", "cursor"}]}: at most 100, oldest first, [] when there are no more
GET /deliveries/<reference>/cards?page=1&size=1000
                                         {"total": n, "cards": [{"iccid", "imsi", "msisdn"}]}
"""

from collections.abc import Iterator
from functools import partial
from typing import Any
from urllib.parse import quote

from pydantic import ValidationError

from kernel.carriers.asking import Again, CarrierClient
from kernel.carriers.pages import PageOf, check_size, read_pages
from kernel.carriers.settings import Endpoint
from kernel.contracts.inventory.deliveries import DeliveryNote
from services.inventory.carriers.protocol import Card, Offer
from services.inventory.carriers.rows import as_card

PAGE = 1000


class GenericHttp:
    """See protocol.CarrierAdapter."""

    def __init__(self, endpoint: Endpoint, client: CarrierClient) -> None:
        self._endpoint = endpoint
        self._client = client

    def _arguments(self, **params: Any) -> dict[str, Any]:
        return {"params": params, "headers": {"Authorization": f"Bearer {self._endpoint.key.get_secret_value()}"}}

    def new_deliveries(self, cursor: str | None) -> Iterator[Offer]:
        seen: set[str] = set()
        while True:
            make = partial(self._arguments, after=cursor or "")
            answer = self._client.ask("GET", "/deliveries", make=make, check=_items)
            if not answer["items"]:
                return
            for item in answer["items"]:
                offer = self._offer(item)
                if offer.reference in seen:
                    raise self._client.failed(f"delivery {offer.reference} is listed for ever, 批次列表重复")
                seen.add(offer.reference)
                cursor = offer.cursor
                yield offer

    def _offer(self, item: dict[str, Any]) -> Offer:
        try:
            spec = str(item["card_spec"])
            note = DeliveryNote(
                carrier=self._endpoint.carrier,
                batch_no=item["batch_no"],
                application_month=item["application_month"],
                card_spec=self._endpoint.specs.get(spec, spec),
                expected_count=item.get("count"),
            )
            return Offer(note, str(item["reference"]), str(item["cursor"]))
        except (KeyError, TypeError, ValidationError) as error:
            raise self._client.failed("a delivery note is malformed, 交货单格式错误") from error

    def cards(self, offer: Offer) -> Iterator[list[Card]]:
        def fetch(number: int) -> PageOf:
            answer = self._client.ask(
                "GET",
                f"/deliveries/{quote(offer.reference, safe='')}/cards",
                make=lambda: self._arguments(page=number, size=PAGE),
                check=lambda answer: check_size(_page(answer), number, PAGE),
            )
            return _page(answer)

        yield from read_pages(self._client, fetch)

    def close(self) -> None:
        self._client.close()


def _items(answer: dict[str, Any]) -> None:
    if not isinstance(answer.get("items"), list):
        raise Again("the answer has no items, 应答缺少 items")


def _page(answer: dict[str, Any]) -> PageOf:
    cards, total = answer.get("cards"), answer.get("total")
    if not isinstance(cards, list) or not isinstance(total, int):
        raise Again("the answer has no cards or no total, 应答缺少字段")
    return PageOf([as_card(card) for card in cards], total)
