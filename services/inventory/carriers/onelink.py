"""A dialect shaped after China Mobile's OneLink (public documents of its v2 and v5 interfaces).

Taken from there: a token bought with appid and password, valid for the seconds it names, and code 12021 once it has
expired; a transaction id on every request (appid, YYYYMMDDHHMMSS, eight digits, never used twice); answers {"status":
"0", "message", "result": [...]}, status another number when refused; at most 100 cards an answer. The documents name no
operation for whole deliveries; ours (open-card-orders, order-cards) follow the same conventions.
"""

import secrets
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from kernel.contracts.inventory.deliveries import DeliveryNote
from kernel.model.period import BUSINESS_ZONE
from services.inventory.carriers.http import Again, CarrierClient
from services.inventory.carriers.pages import PageOf, as_card, check_size, read_pages
from services.inventory.carriers.protocol import Card, Offer
from services.inventory.carriers.settings import Endpoint

PAGE = 100
OK, TOKEN_EXPIRED = "0", "12021"
BUSY = frozenset({"500", "11009", "12088"})
"""Inner error, system busy, too many requests: worth another try."""
_EARLY_SECONDS = 60


class OneLink:
    """See protocol.CarrierAdapter. ``endpoint.key`` is the password."""

    def __init__(self, endpoint: Endpoint, client: CarrierClient) -> None:
        self._endpoint = endpoint
        self._client = client
        self._token = ""
        self._token_until = 0.0

    def _transid(self) -> str:
        return f"{self._endpoint.app_id}{datetime.now(BUSINESS_ZONE):%Y%m%d%H%M%S}{secrets.randbelow(10**8):08d}"

    def _fresh_token(self) -> str:
        if time.monotonic() < self._token_until:
            return self._token
        answer = self._client.ask(
            "GET",
            "/v5/ec/get/token",
            make=lambda: {
                "params": {
                    "appid": self._endpoint.app_id,
                    "password": self._endpoint.key.get_secret_value(),
                    "transid": self._transid(),
                }
            },
            check=self._check_status,
        )
        try:
            bought = answer["result"][0]
            self._token = str(bought["token"])
            self._token_until = time.monotonic() + max(0, int(bought["ttl"]) - _EARLY_SECONDS)
        except (LookupError, TypeError, ValueError) as error:
            raise self._client.failed("the token's answer is malformed, 令牌应答格式错误") from error
        return self._token

    def _check_status(self, answer: dict[str, Any]) -> None:
        status, message = str(answer.get("status")), str(answer.get("message", ""))[:100]
        if status == TOKEN_EXPIRED:
            self._token_until = 0.0
            raise Again("the token expired, 令牌过期")
        if status in BUSY:
            raise Again(f"code {status} {message}")
        if status != OK:
            raise self._client.failed(f"code {status} {message}")

    def _query(self, operation: str, number: int, items: str, **params: str) -> PageOf:
        """Page ``number`` of a list. A token that expires on the way is bought anew for the next try."""

        def make() -> dict[str, Any]:
            common = {"transid": self._transid(), "token": self._fresh_token()}
            return {"params": {**common, **params, "pageNum": number, "pageSize": PAGE}}

        def check(answer: dict[str, Any]) -> None:
            self._check_status(answer)
            check_size(_page(answer, items), number, PAGE)

        return _page(self._client.ask("GET", f"/v5/ec/query/{operation}", make=make, check=check), items)

    def new_deliveries(self, cursor: str | None) -> Iterator[Offer]:
        def fetch(number: int) -> PageOf:
            return self._query("open-card-orders", number, "orderList", afterOrderId=cursor or "")

        for orders in read_pages(self._client, fetch):
            for order in orders:
                yield self._offer(order)

    def _offer(self, order: Any) -> Offer:
        try:
            month, spec, order_id = str(order["applyMonth"]), str(order["cardType"]), str(order["orderId"])
            note = DeliveryNote(
                carrier=self._endpoint.carrier,
                batch_no=order["batchNo"],
                application_month=f"{month[:4]}-{month[4:6]}",
                card_spec=self._endpoint.specs.get(spec, spec),
                expected_count=order.get("cardCount"),
            )
            return Offer(note, order_id, order_id)
        except (LookupError, TypeError, ValidationError) as error:
            raise self._client.failed("an order is malformed, 订单格式错误") from error

    def cards(self, offer: Offer) -> Iterator[list[Card]]:
        def fetch(number: int) -> PageOf:
            return self._query("order-cards", number, "cardList", orderId=offer.reference)

        for page in read_pages(self._client, fetch):
            try:
                yield [as_card(item) for item in page]
            except Again as bad:
                raise self._client.failed(str(bad)) from bad

    def close(self) -> None:
        self._client.close()


def _page(answer: dict[str, Any], items: str) -> PageOf:
    try:
        result = answer["result"][0]
        return PageOf(list(result[items]), int(result["totalCount"]))
    except (LookupError, TypeError, ValueError) as error:
        raise Again("the answer lacks fields, 应答缺少字段") from error
