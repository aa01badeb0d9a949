"""Which module (IMEI) a card was read in, and which modules a terminal's slot had (BND-10)."""

from datetime import date, datetime

from pydantic import Field

from kernel.contracts.binding.service import BINDING
from kernel.contracts.method import Reply, Unit
from kernel.contracts.paging import Page, PageRequest


class ListImeis(PageRequest):
    """What was read where, from when on, the latest first; ``changed``: the card or the slot had another IMEI before.

    ``terminal``, ``iccid``: how the number begins. ``imei``: 14 to 16 digits of one device, however it is written.
    The days are those of the first reading, both included.
    """

    unit: Unit | None = None
    unit_exact: bool | None = None
    day_from: date | None = None
    day_to: date | None = None
    terminal: str | None = Field(default=None, max_length=32)
    iccid: str | None = Field(default=None, max_length=20)
    imei: str | None = Field(default=None, max_length=24)
    changed: bool | None = None


class ListedImei(Reply):
    """``since``: first read so. ``until``: when the slot was first read with another card or IMEI, None: it is so now.

    ``card_imei_before``, ``terminal_before``: where the card was read before. ``slot_imei_before``: of this slot.
    """

    iccid: str
    imei: str
    terminal: str
    slot: int
    unit: str | None
    since: datetime
    until: datetime | None
    card_imei_before: str | None
    terminal_before: str | None
    slot_imei_before: str | None


class ImeiPage(Page[ListedImei]):
    pass


LIST_IMEIS = BINDING.query("list_imeis", ListImeis, ImeiPage, "card.view", consistent=True)
