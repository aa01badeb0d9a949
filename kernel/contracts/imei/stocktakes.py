"""盘库: reminders of what is not redeemed, and spot checks in shops (IME-11)."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from kernel.contracts.imei.acts import MAX_SERIALS, RefusedSerial
from kernel.contracts.imei.service import IMEI
from kernel.contracts.method import Reply, Request, Unit
from kernel.contracts.paging import Page, PageRequest

ReminderState = Literal["open", "read", "settled"]
SpotCheckState = Literal["drawn", "counted"]
Outcome = Literal["found", "missing", "moved"]
MOST_DRAWN = 200


class ListReminders(PageRequest):
    """``sort``: id, newest first."""

    organisation: str | None = None
    state: ReminderState | None = None
    unit: Unit | None = None


class Reminder(Reply):
    """``devices`` and ``oldest_at`` as of ``last_at``; ``times``: nights in a row. ``can``: read."""

    reminder_id: int
    organisation: str
    unit: str
    state: ReminderState
    devices: int
    oldest_at: datetime
    times: int
    first_at: datetime
    last_at: datetime
    read_at: datetime | None
    read_by_name: str | None
    can: list[str]


class ReminderPage(Page[Reminder]):
    """Who has to redeem what is with customers."""


class ReadReminder(Request):
    """The organisation has seen it; as long as something is left, the next night reminds anew."""

    reminder_id: int


class DrawSpotCheck(Request):
    """``devices``: so many are drawn by lot of what the organisation has in stock."""

    organisation: str = Field(min_length=1, max_length=32)
    devices: int = Field(ge=1, le=MOST_DRAWN)
    reason: str = Field(min_length=1, max_length=500)


class SpotCheck(Reply):
    """``missing``: once it was counted. ``can``: count."""

    check_id: int
    organisation: str
    unit: str
    state: SpotCheckState
    devices: int
    missing: int | None
    reason: str
    drawn_at: datetime
    drawn_by_name: str
    counted_at: datetime | None
    counted_by_name: str | None
    can: list[str]


class ListSpotChecks(PageRequest):
    """``sort``: id, newest first."""

    organisation: str | None = None
    state: SpotCheckState | None = None
    unit: Unit | None = None


class SpotCheckPage(Page[SpotCheck]):
    """实物抽查."""


class ListSpotCheckDevices(PageRequest):
    """The drawn devices of one check."""

    check_id: int


class SpotCheckDevice(Reply):
    """``outcome`` moved: it was sold or went elsewhere after it was drawn."""

    serial: str
    maker: str | None
    model: str | None
    outcome: Outcome | None


class SpotCheckDevicePage(Page[SpotCheckDevice]):
    """What to look for."""


class CountSpotCheck(Request):
    """``serials``: what was seen in the shop; what was drawn and not seen is a finding."""

    check_id: int
    serials: list[str] = Field(default=[], max_length=MAX_SERIALS)


class CountedSpotCheck(Reply):
    """``refused``: codes that are none, or were not drawn."""

    found: int
    missing: int
    moved: int
    refused: list[RefusedSerial]


LIST_REMINDERS = IMEI.query("list_reminders", ListReminders, ReminderPage, "serial.view", consistent=True)
READ_REMINDER = IMEI.command("read_reminder", ReadReminder, Reminder, "serial.scan")
DRAW_SPOT_CHECK = IMEI.command("draw_spot_check", DrawSpotCheck, SpotCheck, "serial.inspect")
LIST_SPOT_CHECKS = IMEI.query("list_spot_checks", ListSpotChecks, SpotCheckPage, "serial.inspect", consistent=True)
LIST_SPOT_CHECK_DEVICES = IMEI.query(
    "list_spot_check_devices", ListSpotCheckDevices, SpotCheckDevicePage, "serial.inspect", consistent=True
)
COUNT_SPOT_CHECK = IMEI.command("count_spot_check", CountSpotCheck, CountedSpotCheck, "serial.inspect")
