"""核销 (IME-09): may a subsidy be paid for this device, and that it was."""

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from kernel.contracts.imei.acts import MAX_SERIALS, SerialAnswer
from kernel.contracts.imei.service import IMEI
from kernel.contracts.method import Reply, Request, Unit
from kernel.contracts.paging import Page, PageRequest
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
    """The order takes the subsidy for the device; refused with the reason when it may not.

    ``msisdn``: of the card that the subsidy is for; without it nobody can see later whether it was in the device.
    """

    kind: RedemptionKind
    serial: str
    organisation: str = Field(min_length=1, max_length=32)
    order_no: str = Field(min_length=1, max_length=64)
    msisdn: str | None = Field(default=None, pattern=r"^[0-9]{5,15}$")


class ListRedemptions(PageRequest):
    """``sort``: at, newest first. The days of redeeming are both included. ``serial``: any code of the device."""

    kind: RedemptionKind | None = None
    serial: str | None = None
    organisation: str | None = None
    order_no: str | None = None
    cancelled: bool | None = None
    unit: Unit | None = None
    day_from: date | None = None
    day_to: date | None = None


class Redemption(Reply):
    """``organisation`` and ``unit``: for whom it was redeemed; ``serial``: the code by which the device was entered."""

    serial: str
    kind: RedemptionKind
    organisation: str
    unit: str
    order_no: str
    at: datetime
    by_name: str
    cancelled: bool
    can: list[str]


class RedemptionPage(Page[Redemption]):
    """Subsidies that were paid."""


LIST_REDEMPTIONS = IMEI.query("list_redemptions", ListRedemptions, RedemptionPage, "serial.view", consistent=True)
CHECK_REDEMPTION = IMEI.query("check_redemption", CheckRedemption, Verdicts, "serial.redeem")
REDEEM_SERIAL = IMEI.command("redeem_serial", RedeemSerial, SerialAnswer, "serial.redeem")
