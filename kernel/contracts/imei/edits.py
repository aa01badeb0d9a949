"""Editing a device by hand: a permission of its own; before and after are kept (IME-14)."""

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from kernel.contracts.imei.service import IMEI
from kernel.contracts.method import Reply, Request, Unit
from kernel.contracts.paging import Page, PageRequest

MOST_CODES = 4
EditedField = Literal["serials", "maker", "model"]


class EditSerial(Request):
    """``serials``: all codes that the device has afterwards; the one by which it was entered stays among them.

    What is left out stays as it is; null takes ``maker`` or ``model`` away.
    """

    serial: str
    serials: list[str] | None = Field(default=None, min_length=1, max_length=MOST_CODES)
    maker: str | None = Field(default=None, max_length=64)
    model: str | None = Field(default=None, max_length=64)
    reason: str = Field(min_length=1, max_length=500)


class EditedSerial(Reply):
    """The device as it is now. ``changed``: the fields that an edit changed."""

    serials: list[str]
    maker: str | None
    model: str | None
    changed: list[EditedField]


class ListEdits(PageRequest):
    """``sort``: id, newest first. ``serial``: any code of the device."""

    serial: str | None = None
    field: EditedField | None = None
    unit: Unit | None = None
    day_from: date | None = None
    day_to: date | None = None


class SerialEdit(Reply):
    """One field that was changed. ``serial``: the code by which the device was entered; ``unit``: its unit then."""

    id: int
    serial: str
    unit: str
    field: EditedField
    before: str | None
    after: str | None
    at: datetime
    by_name: str
    reason: str


class EditPage(Page[SerialEdit]):
    """Edits of devices."""


EDIT_SERIAL = IMEI.command("edit_serial", EditSerial, EditedSerial, "serial.edit")
LIST_SERIAL_EDITS = IMEI.query("list_serial_edits", ListEdits, EditPage, "serial.view", consistent=True)
