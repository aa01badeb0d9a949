"""Manners of a platform shaped after China Unicom's IoT gateway (雁飞智连, public manual and client code).

Taken from there: POST with {"app_id", "timestamp", "trans_id", "token", "data"}, where token signs the request: SHA-256
over the names and values of the other three in the names' order, then the secret; a trans_id that is never used twice;
answers with "status" "0000" and within "data" a "resultCode" "0000", other numbers when refused; pages.
"""

import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any

from kernel.carriers.asking import Again, CarrierClient
from kernel.carriers.settings import Endpoint
from kernel.model.period import BUSINESS_ZONE

OK = "0000"
BUSY = frozenset({"9999", "0001", "1429"})
"""System error, busy, too many requests: worth another try."""


def signature(fields: dict[str, str], secret: str) -> str:
    """SHA-256 (hex) over the fields' names and values in the names' order, then the secret."""
    text = "".join(f"{name}{fields[name]}" for name in sorted(fields)) + secret
    return hashlib.sha256(text.encode()).hexdigest()


class UnicomSession:
    """``endpoint.key`` is the app_secret."""

    def __init__(self, endpoint: Endpoint, client: CarrierClient) -> None:
        self._endpoint = endpoint
        self._client = client

    def query(self, operation: str, params: dict[str, Any], read: Callable[[Any], object]) -> dict[str, Any]:
        """``read`` gets the answer's data and raises Again when they will not do."""

        def make() -> dict[str, Any]:
            return self._signed({"messageId": secrets.token_hex(8), "version": "1.0", **params})

        def check(answer: dict[str, Any]) -> None:
            self._check_codes(answer)
            read(answer.get("data"))

        return self._client.ask("POST", f"/api/{operation}/V1/1Main/vV1.1", make=make, check=check)

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
