"""The TAC table: the first eight digits of an IMEI say maker and model (IME-15). People bring their own file."""

from datetime import datetime

from pydantic import Field

from kernel.contracts.envelope import BlobRef
from kernel.contracts.files import FileChoice, FileTemplate, GetTemplate
from kernel.contracts.imei.lists import ImportAccepted
from kernel.contracts.imei.service import IMEI
from kernel.contracts.method import Reply, Request
from kernel.contracts.paging import Page, PageRequest


class ImportTacs(Request):
    """Adds to the table, and replaces what it says of the same TACs; a job takes it in."""

    file: BlobRef
    choice: FileChoice | None = None


class ListTacs(PageRequest):
    """``sort``: tac. ``tac``: the whole or its beginning; ``maker``, ``model``: any part."""

    tac: str | None = Field(default=None, max_length=64)
    maker: str | None = Field(default=None, max_length=64)
    model: str | None = Field(default=None, max_length=64)


class Tac(Reply):
    tac: str
    maker: str
    model: str
    changed_at: datetime
    by_name: str


class TacPage(Page[Tac]):
    """What is known of IMEIs by their beginning."""


IMPORT_TACS = IMEI.command("import_tacs", ImportTacs, ImportAccepted, "serial.import")
GET_TAC_TEMPLATE = IMEI.query("get_tac_template", GetTemplate, FileTemplate, "serial.import")
LIST_TACS = IMEI.query("list_tacs", ListTacs, TacPage, "serial.view", consistent=True)
