"""The order system's calls. A clerk stands before it and waits, so it gives up after ``patience`` seconds.

A redemption that was not answered may have been done: call ``redeem`` again with the same ``key`` (your own number of
the attempt), now or after a restart, and you get the answer of the first; or ``cancel`` it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from simkeep_bus import BusClient

TERMINAL, AIRTIME = "terminal", "airtime"
METHODS = (
    "imei.check_redemption", "imei.reserve_serial", "imei.release_reservation", "imei.redeem_serial",
    "imei.cancel_redemption",
)  # fmt: skip
"""What the account is let in for: `./simkeep issuer add NAME --units 99 --methods` and these."""
MAX_SERIALS = 1_000


@dataclass(frozen=True)
class Verdict:
    """``code`` is stable, ``message`` for people; both None when the subsidy may be paid. ``repair``: what the serial
    most likely should be."""

    serial: str
    allowed: bool
    code: str | None = None
    message: str | None = None
    repair: str | None = None


class OrderClient(BusClient):
    """``url``, ``private_key``, ``unit`` as in BusClient; ``patience``: seconds that a call may take with all repeats.

    ``kind``: "terminal" (终补) or "airtime" (话补). Every call raises RefusedError with the reason, NotAllowedError, or
    NotAnsweredError.
    """

    def __init__(self, url: str, private_key: str, unit: str, *, patience: float = 5) -> None:
        super().__init__(url, private_key, unit, person="orders", timeout=patience, give_up_after=patience)

    def check(self, kind: str, organisation: str, serials: list[str]) -> list[Verdict]:
        """Whether each may be subsidised at this moment, at most MAX_SERIALS at once; changes nothing."""
        asked = {"kind": kind, "organisation": organisation, "serials": serials}
        return [
            Verdict(each["serial"], each["allowed"], each.get("code"), each.get("message"), each.get("repair"))
            for each in self.call("imei.check_redemption", asked)["items"]
        ]

    def reserve(
        self, kind: str, organisation: str, serial: str, order_no: str, *, days: int | None = None
    ) -> dict[str, Any]:
        """Only this order may redeem the device until the answer's ``expires_at``."""
        asked = {"kind": kind, "organisation": organisation, "serial": serial, "order_no": order_no}
        return self.call("imei.reserve_serial", {**asked, **({} if days is None else {"days": days})})

    def release(self, serial: str, order_no: str) -> None:
        """The order does not need it any more."""
        self.call("imei.release_reservation", {"serial": serial, "order_no": order_no})

    def redeem(
        self,
        kind: str,
        organisation: str,
        serial: str,
        order_no: str,
        *,
        msisdn: str | None = None,
        key: str | None = None,
    ) -> None:
        """The order takes the subsidy. When it returns, it is committed and no other order gets one for the device."""
        asked = {"kind": kind, "organisation": organisation, "serial": serial, "order_no": order_no}
        self.call("imei.redeem_serial", {**asked, **({} if msisdn is None else {"msisdn": msisdn})}, key=key)

    def cancel(self, serial: str, order_no: str, reason: str) -> None:
        """The device is exactly what it was before; refused when something followed."""
        self.call("imei.cancel_redemption", {"serial": serial, "order_no": order_no, "reason": reason})
