"""串码提供人 (IME-06): vendors name people, who are reviewed; only they report serials for the vendor."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from kernel.contracts.envelope import BlobRef
from kernel.contracts.files import FileChoice, FileTemplate, GetTemplate
from kernel.contracts.imei.lists import ImportAccepted, ListState
from kernel.contracts.imei.service import IMEI
from kernel.contracts.method import Reply, Request, Unit
from kernel.contracts.paging import Page, PageRequest

ContactState = Literal["pending", "approved", "refused", "revoked"]


class RegisterContact(Request):
    """``login``: with which the contact signs in; ``unit``: the province that he reports to."""

    vendor: str = Field(min_length=1, max_length=128)
    login: str = Field(min_length=1, max_length=64)
    name: str = Field(min_length=1, max_length=64)
    phone: str = Field(pattern=r"^[0-9+() -]{5,20}$")
    mail: str = Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$", max_length=128)
    address: str | None = Field(default=None, max_length=256)
    unit: Unit


class Contact(Reply):
    """``can``: approve, refuse, revoke."""

    contact_id: int
    vendor: str
    login: str
    name: str
    phone: str
    mail: str
    address: str | None
    unit: str
    state: ContactState
    registered_at: datetime
    registered_by_name: str
    decided_at: datetime | None
    decided_by_name: str | None
    remark: str | None
    can: list[str]


class ListContacts(PageRequest):
    """``sort``: id, newest first. ``vendor``: any part of its name."""

    vendor: str | None = Field(default=None, max_length=128)
    state: ContactState | None = None


class ContactPage(Page[Contact]):
    """Contacts of the caller's units."""


class DecideContact(Request):
    """``approve`` or ``refuse`` by somebody else than who registered him; ``revoke`` ends it at once."""

    contact_id: int
    decision: Literal["approve", "refuse", "revoke"]
    remark: str = Field(min_length=1, max_length=500)


class ReportSerials(Request):
    """The vendor's contact reports serials: they wait in a list until the terminal centre lets them in."""

    file: BlobRef
    document: str | None = Field(default=None, max_length=128)
    choice: FileChoice | None = None


class ListReports(PageRequest):
    """``sort``: id, newest first: the caller's own reports."""

    state: ListState | None = None


class Report(Reply):
    """``job_id``: whose rows are the refused ones."""

    id: int
    state: ListState
    document: str | None
    rows: int
    refused: int
    entered: int
    at: datetime
    job_id: str | None


class ReportPage(Page[Report]):
    """What the caller reported."""


REGISTER_CONTACT = IMEI.command("register_contact", RegisterContact, Contact, "serial.organise")
LIST_CONTACTS = IMEI.query("list_contacts", ListContacts, ContactPage, "serial.organise", consistent=True)
DECIDE_CONTACT = IMEI.command("decide_contact", DecideContact, Contact, "serial.organise")
REPORT_SERIALS = IMEI.command("report_serials", ReportSerials, ImportAccepted, "serial.report")
GET_REPORT_TEMPLATE = IMEI.query("get_report_template", GetTemplate, FileTemplate, "serial.report")
LIST_REPORTS = IMEI.query("list_reports", ListReports, ReportPage, "serial.report", consistent=True)
