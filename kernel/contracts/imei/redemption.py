"""核销 (IME-09): may a subsidy be paid for this device, and that it was."""

from typing import Literal

from pydantic import Field

from kernel.contracts.imei.acts import MAX_SERIALS, SerialAnswer
from kernel.contracts.imei.service import IMEI
from kernel.contracts.method import Reply, Request
from kernel.contracts.said import Text

RedemptionKind = Literal["terminal", "airtime"]


class CheckRedemption(Request):
    """``kind`` terminal (终补): the organisation must hold the device and it must be sellable; airtime (话补): it must
    be sold and not subsidised, wherever it was."""

    kind: RedemptionKind
    serials: list[str] = Field(min_length=1, max_length=MAX_SERIALS)
    organisation: str = Field(min_length=1, max_length=32)


class Verdict(Reply):
    """``code``, ``message``: why not."""

    row: int
    serial: str
    allowed: bool
    code: str | None = None
    message: Text | None = None
    repair: str | None = None


class Verdicts(Reply):
    items: list[Verdict]
    allowed_count: int


class RedeemSerial(Request):
    """The order takes the subsidy for the device; refused with the reason when it may not."""

    kind: RedemptionKind
    serial: str
    organisation: str = Field(min_length=1, max_length=32)
    order_no: str = Field(min_length=1, max_length=64)


CHECK_REDEMPTION = IMEI.query("check_redemption", CheckRedemption, Verdicts, "serial.redeem", consistent=True)
REDEEM_SERIAL = IMEI.command("redeem_serial", RedeemSerial, SerialAnswer, "serial.redeem")
