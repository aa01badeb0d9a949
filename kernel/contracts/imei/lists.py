"""Lists of serials (IME-01, IME-03, IME-04, IME-05, IME-10): entered, claimed, pushed down, subsidised nationally."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from kernel.contracts.envelope import BlobRef
from kernel.contracts.files import FileChoice, FileTemplate, GetTemplate
from kernel.contracts.imei.devices import Source
from kernel.contracts.imei.service import IMEI
from kernel.contracts.method import Reply, Request, Unit
from kernel.contracts.paging import Page, PageRequest

ListKind = Literal["group_entry", "province_entry", "claim", "push_down", "national_full", "national_delta"]
ListState = Literal["published", "held", "previewed", "released"]


class ImportSerials(Request):
    """``province``: who owns the devices. ``preview``: only count what it would do. ``document``: behind the list."""

    kind: ListKind
    file: BlobRef
    province: Unit
    source: Source = "other"
    document: str | None = Field(default=None, max_length=128)
    preview: bool = False
    choice: FileChoice | None = None


class ImportAccepted(Reply):
    """The job takes the list in; its refused rows are the verdicts."""

    job_id: UUID


class ListSerialLists(PageRequest):
    """``sort``: id, newest first."""

    kind: ListKind | None = None
    state: ListState | None = None


class SerialList(Reply):
    """``held_because``: shrinks, freezes_many. Counts of a list that is not published are what it would do.

    ``asked``: rows of another province, for the group's review. ``job_id``: of the job that took it in, whose rows are
    the refused ones. ``can``: release.
    """

    id: int
    kind: ListKind
    state: ListState
    province: str
    source: Source
    document: str | None
    rows: int
    refused: int
    entered: int
    claimed: int
    frozen: int
    removed: int
    asked: int
    held_because: str | None
    at: datetime
    by_name: str
    job_id: UUID | None
    can: list[str]


class SerialListPage(Page[SerialList]):
    """Lists of the caller's province."""


class ReleaseSerialList(Request):
    """A person lets a held or previewed list be published."""

    list_id: int


IMPORT_SERIALS = IMEI.command("import_serials", ImportSerials, ImportAccepted, "serial.import")
GET_SERIAL_LIST_TEMPLATE = IMEI.query("get_serial_list_template", GetTemplate, FileTemplate, "serial.import")
LIST_SERIAL_LISTS = IMEI.query("list_serial_lists", ListSerialLists, SerialListPage, "serial.view", consistent=True)
RELEASE_SERIAL_LIST = IMEI.command("release_serial_list", ReleaseSerialList, ImportAccepted, "serial.import")
