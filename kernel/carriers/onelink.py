"""Manners of a platform shaped after China Mobile's OneLink (public documents of its v2 and v5 interfaces).

Taken from there: a token bought with appid and password, valid for the seconds it names, and code 12021 once it has
expired; a transaction id on every request (appid, YYYYMMDDHHMMSS, eight digits, never used twice); answers {"status":
"0", "message", "result": [...]}, status another number when refused; at most 100 cards an answer.
"""

import secrets
import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from kernel.carriers.asking import Again, CarrierClient
from kernel.carriers.settings import Endpoint
from kernel.model.period import BUSINESS_ZONE

OK, TOKEN_EXPIRED = "0", "12021"
BUSY = frozenset({"500", "11009", "12088"})
"""Inner error, system busy, too many requests: worth another try."""
_EARLY_SECONDS = 60


class OneLinkSession:
    """``endpoint.key`` is the password. May be used by several threads."""

    def __init__(self, endpoint: Endpoint, client: CarrierClient) -> None:
        self._endpoint = endpoint
        self._client = client
        self._token = ""
        self._token_until = 0.0
        self._buying = threading.Lock()

    def query(self, operation: str, params: dict[str, Any], read: Callable[[Any], object]) -> dict[str, Any]:
        """``read`` gets the first result and raises Again when it will not do.

        A token that expires on the way is bought anew for the next try.
        """

        def make() -> dict[str, Any]:
            return {"params": {"transid": self._transid(), "token": self._fresh_token(), **params}}

        def check(answer: dict[str, Any]) -> None:
            self._check_status(answer)
            results = answer.get("result")
            read(results[0] if isinstance(results, list) and results else None)

        return self._client.ask("GET", f"/v5/ec/query/{operation}", make=make, check=check)

    def _transid(self) -> str:
        return f"{self._endpoint.app_id}{datetime.now(BUSINESS_ZONE):%Y%m%d%H%M%S}{secrets.randbelow(10**8):08d}"

    def _fresh_token(self) -> str:
        with self._buying:
            if time.monotonic() >= self._token_until:
                self._buy()
            return self._token

    def _buy(self) -> None:
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

    def _check_status(self, answer: dict[str, Any]) -> None:
        status, message = str(answer.get("status")), str(answer.get("message", ""))[:100]
        if status == TOKEN_EXPIRED:
            self._token_until = 0.0
            raise Again("the token expired, 令牌过期")
        if status in BUSY:
            raise Again(f"code {status} {message}")
        if status != OK:
            raise self._client.failed(f"code {status} {message}")
