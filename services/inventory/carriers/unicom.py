"""A dialect shaped after China Unicom's IoT gateway (雁飞智连, public manual and client code).

Taken from there: POST with {"app_id", "timestamp", "trans_id", "token", "data"}, where token signs the request: SHA-256
over the names and values of the other three in the names' order, then the secret; a trans_id that is never used twice;
answers with "status" "0000" and within "data" a "resultCode" "0000", other numbers when refused; pages. Two operations
on whole deliveries (wsGetOrders, wsGetOrderTerminals) follow the same conventions; the public ones know single cards.
"""

import hashlib
import secrets
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
OK = "0000"
BUSY = frozenset({"9999", "0001", "1429"})
"""System error, busy, too many requests: worth another try."""


def signature(fields: dict[str, str], secret: str) -> str:
    """SHA-256 (hex) over the fields' names and values in the names' order, then the secret."""
    text = "".join(f"{name}{fields[name]}" for name in sorted(fields)) + secret
    return hashlib.sha256(text.encode()).hexdigest()


class UnicomGateway:
    """See protocol.CarrierAdapter. ``endpoint.key`` is the app_secret."""

    def __init__(self, endpoint: Endpoint, client: CarrierClient) -> None:
        self._endpoint = endpoint
        self._client = client

    def _signed(self, data: dict[str, Any]) -> dict[str, Any]:
        now = datetime.now(BUSINESS_ZONE)
        fields = {
            "app_id": self._endpoint.app_id,
            "timestamp": f"{now:%Y-%m-%d %H:%M:%S} {now.microsecond // 1000:03d}",
            "trans_id": f"{now:%Y%m%d%H%M%S}{now.microsecond // 1000:03d}{secrets.randbelow(10**6):06d}",
        }
        token = signature(fields, self._endpoint.key.get_secret_value())
        return {"json": {**fields, "token": token, "data": data}}

    def _check_codes(self, answer: dict[str, Any]) -> None:
        data = answer.get("data")
        codes = [(str(answer.get("status")), str(answer.get("message", "")))]
        if isinstance(data, dict):
            codes.append((str(data.get("resultCode", OK)), str(data.get("resultDesc", ""))))
        for code, said in codes:
            if code in BUSY:
                raise Again(f"code {code} {said[:100]}")
            if code != OK:
                raise self._client.failed(f"code {code} {said[:100]}")

    def _query(self, operation: str, number: int, items: str, **data: str) -> PageOf:
        def check(answer: dict[str, Any]) -> None:
            self._check_codes(answer)
            check_size(_page(answer, items), number, PAGE)

        answer = self._client.ask(
            "POST",
            f"/api/{operation}/V1/1Main/vV1.1",
            make=lambda: self._signed(
                {"messageId": secrets.token_hex(8), "version": "1.0", **data, "pageNumber": number, "pageSize": PAGE}
            ),
            check=check,
        )
        return _page(answer, items)

    def new_deliveries(self, cursor: str | None) -> Iterator[Offer]:
        def fetch(number: int) -> PageOf:
            return self._query("wsGetOrders", number, "orders", afterOrder=cursor or "")

        for orders in read_pages(self._client, fetch):
            for order in orders:
                yield self._offer(order)

    def _offer(self, order: Any) -> Offer:
        try:
            spec, order_no = str(order["cardSpec"]), str(order["orderNo"])
            note = DeliveryNote(
                carrier=self._endpoint.carrier,
                batch_no=order["batchNo"],
                application_month=str(order["month"]),
                card_spec=self._endpoint.specs.get(spec, spec),
                expected_count=order.get("quantity"),
            )
            return Offer(note, order_no, order_no)
        except (LookupError, TypeError, ValidationError) as error:
            raise self._client.failed("an order is malformed, 订单格式错误") from error

    def cards(self, offer: Offer) -> Iterator[list[Card]]:
        def fetch(number: int) -> PageOf:
            return self._query("wsGetOrderTerminals", number, "terminals", orderNo=offer.reference)

        for page in read_pages(self._client, fetch):
            try:
                yield [as_card(item) for item in page]
            except Again as bad:
                raise self._client.failed(str(bad)) from bad

    def close(self) -> None:
        self._client.close()


def _page(answer: dict[str, Any], items: str) -> PageOf:
    try:
        data = answer["data"]
        return PageOf(list(data[items]), int(data["totalCount"]))
    except (LookupError, TypeError, ValueError) as error:
        raise Again("the answer lacks fields, 应答缺少字段") from error
