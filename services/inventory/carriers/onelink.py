"""A dialect shaped after China Mobile's OneLink (public documents of its v2 and v5 interfaces).

Taken from there: a token bought with appid and password, valid for the seconds it names, and code 12021 once it has
expired; a transaction id on every request (appid, YYYYMMDDHHMMSS, eight digits, never used twice); answers {"status":
"0", "message", "result": [...]}, status another number when refused; at most 100 cards an answer. The documents name no
operation for whole deliveries; ours (open-card-orders, order-cards) follow the same conventions.
"""

import secrets
import time
from datetime import datetime
from typing import Any

from kernel.model.period import BUSINESS_ZONE
from services.inventory.carriers.http import Again, CarrierClient
from services.inventory.carriers.orders import PAGE, OrderPlatform, Words, page_in
from services.inventory.carriers.pages import PageOf
from services.inventory.carriers.settings import Endpoint

OK, TOKEN_EXPIRED = "0", "12021"
BUSY = frozenset({"500", "11009", "12088"})
"""Inner error, system busy, too many requests: worth another try."""
_EARLY_SECONDS = 60


class OneLink(OrderPlatform):
    """``endpoint.key`` is the password."""

    words = Words(
        orders=("open-card-orders", "orderList", "afterOrderId"),
        cards=("order-cards", "cardList", "orderId"),
        order_id="orderId",
        month="applyMonth",
        spec="cardType",
        count="cardCount",
    )

    def __init__(self, endpoint: Endpoint, client: CarrierClient) -> None:
        super().__init__(endpoint, client)
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
        """A token that expires on the way is bought anew for the next try."""

        def make() -> dict[str, Any]:
            common = {"transid": self._transid(), "token": self._fresh_token()}
            return {"params": {**common, **params, "pageNum": number, "pageSize": PAGE}}

        def read(answer: dict[str, Any]) -> PageOf:
            self._check_status(answer)
            results = answer.get("result")
            return page_in(results[0] if isinstance(results, list) and results else None, items, number)

        return read(self._client.ask("GET", f"/v5/ec/query/{operation}", make=make, check=read))

    def _month(self, said: str) -> str:
        return f"{said[:4]}-{said[4:6]}"
