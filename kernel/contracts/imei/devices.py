"""Devices of the pools with their codes and history (IME-01, IME-02, IME-17), and the organisations that hold them."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from kernel.contracts.imei.service import IMEI
from kernel.contracts.method import Reply, Request, Unit
from kernel.contracts.paging import Page, PageRequest

SerialState = Literal["unclaimed", "claimed", "sold", "subsidised", "silent", "frozen", "damaged"]
Pool = Literal["group", "province"]
Source = Literal["erp", "vendor", "partner", "other"]
Age = Literal["under_3", "from_3", "from_6", "from_12"]
"""Whole calendar months since the device was entered."""


class ListSerials(PageRequest):
    """``sort``: id, state_since. ``serial``: any code of the device.

    ``unit_exact``: in the unit itself, not below it; ``unplaced``: in no organisation; ``age``: since it was entered.
    ``model_differs``: maker or model contradict the TAC table.
    """

    serial: str | None = None
    state: SerialState | None = None
    pool: Pool | None = None
    organisation: str | None = None
    unplaced: bool = False
    source: Source | None = None
    age: Age | None = None
    model_differs: bool | None = None
    unit: Unit | None = None
    unit_exact: bool = False


class SerialView(Reply):
    """``serial``: the code by which it was entered; ``unit``: of its organisation, or the owning province.

    ``can``: what the caller may do with it as it is: transfer, freeze, thaw, wake, edit.
    """

    id: int
    serial: str
    state: SerialState
    held_from: SerialState | None
    pool: Pool
    unit: str
    organisation: str | None
    maker: str | None
    model: str | None
    model_differs: bool | None
    source: Source | None
    state_since: datetime
    entered_at: datetime
    sold_at: datetime | None
    version: int
    can: list[str]


class SerialPage(Page[SerialView]):
    """Devices."""


class GetSerial(Request):
    """``at``: as it stood then."""

    serial: str
    at: datetime | None = None


class SerialEvent(Reply):
    version: int
    at: datetime
    action: str
    from_state: SerialState | None
    to_state: SerialState
    organisation: str | None
    unit: str
    by: str
    by_name: str
    reason: str | None
    document: str | None
    row: int | None


class ListSerialEvents(PageRequest):
    """``serial``: any code of the device; its events, the oldest first."""

    serial: str


class SerialEventPage(Page[SerialEvent]):
    """What happened to one device."""


class SerialHistory(Reply):
    """``serials``: all codes of the device. ``state`` and ``organisation`` are those of the last event shown.

    ``maker`` and ``model`` are as they are now.
    """

    serials: list[str]
    maker: str | None
    model: str | None
    state: SerialState
    organisation: str | None
    unit: str
    events: list[SerialEvent]


class ListOrganisations(PageRequest):
    """``sort``: code."""

    level: int | None = Field(default=None, ge=1, le=4)
    parent: str | None = None


class Organisation(Reply):
    """``level``: 1 terminal centre, 2 sales unit, 3 dealer, 4 shop. ``parent_name`` is told to those below it too."""

    code: str
    name: str
    level: int
    parent: str | None
    parent_name: str | None
    unit: str


class OrganisationPage(Page[Organisation]):
    """Organisations of the caller's subtree."""


class GetTransferTargets(Request):
    """To whom the caller may transfer devices."""


class TransferTarget(Reply):
    code: str
    name: str


class TransferTargets(Reply):
    """Organisations of the province that take part; for who works in one organisation, those of its level."""

    items: list[TransferTarget]


class AddOrganisation(Request):
    """``parent``: an organisation one level above; the terminal centre has none."""

    code: str = Field(pattern=r"^[A-Za-z0-9_-]{1,32}$")
    name: str = Field(min_length=1, max_length=128)
    parent: str | None = None
    unit: Unit


LIST_SERIALS = IMEI.query("list_serials", ListSerials, SerialPage, "serial.view", consistent=True)
GET_SERIAL = IMEI.query("get_serial", GetSerial, SerialHistory, "serial.view", consistent=True)
LIST_SERIAL_EVENTS = IMEI.query(
    "list_serial_events", ListSerialEvents, SerialEventPage, "serial.view", consistent=True
)
LIST_ORGANISATIONS = IMEI.query(
    "list_organisations", ListOrganisations, OrganisationPage, "serial.view", consistent=True
)
GET_TRANSFER_TARGETS = IMEI.query(
    "get_transfer_targets", GetTransferTargets, TransferTargets, "serial.scan", consistent=True
)
ADD_ORGANISATION = IMEI.command("add_organisation", AddOrganisation, Organisation, "serial.organise")
