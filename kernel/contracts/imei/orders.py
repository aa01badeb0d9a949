"""Orders keep a device for a while, and give a subsidy back when they are cancelled (IME-19)."""

from datetime import datetime

from pydantic import Field

from kernel.contracts.imei.acts import SerialAnswer
from kernel.contracts.imei.redemption import RedemptionKind
from kernel.contracts.imei.service import IMEI
from kernel.contracts.method import Reply, Request, Unit
from kernel.contracts.paging import Page, PageRequest

MAX_DAYS = 30


class OrderRequest(Request):
    """``serial``: any code of the device."""

    serial: str
    order_no: str = Field(min_length=1, max_length=64)


class ReserveSerial(OrderRequest):
    """Only this order may redeem the device until then; it frees itself. Again: the time begins anew.

    ``days``: a setting where it is not said.
    """

    kind: RedemptionKind
    organisation: str = Field(min_length=1, max_length=32)
    days: int | None = Field(default=None, ge=1, le=MAX_DAYS)


class ReleaseReservation(OrderRequest):
    """The order does not need the device any more."""


class CancelRedemption(OrderRequest):
    """The order is cancelled: the device is exactly what it was before, or the call is refused."""

    reason: str = Field(min_length=1, max_length=500)


class Reservation(Reply):
    """``expires_at``: from then on anybody may have the device."""

    serial: str
    kind: RedemptionKind
    organisation: str
    unit: str
    order_no: str
    at: datetime
    expires_at: datetime
    by_name: str
    can: list[str]


class ListReservations(PageRequest):
    """Those that still hold, the next to expire first. ``serial``: any code of the device."""

    serial: str | None = None
    organisation: str | None = None
    order_no: str | None = None
    unit: Unit | None = None


class ReservationPage(Page[Reservation]):
    """Devices that are kept for orders."""


RESERVE_SERIAL = IMEI.command("reserve_serial", ReserveSerial, Reservation, "serial.redeem")
RELEASE_RESERVATION = IMEI.command("release_reservation", ReleaseReservation, SerialAnswer, "serial.redeem")
CANCEL_REDEMPTION = IMEI.command("cancel_redemption", CancelRedemption, SerialAnswer, "serial.redeem")
LIST_RESERVATIONS = IMEI.query(
    "list_reservations", ListReservations, ReservationPage, "serial.view", consistent=True
)
