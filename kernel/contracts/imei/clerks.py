"""店员: people who work in one organisation see and touch that one and what is below it (GTW-02, IME-07)."""

from datetime import datetime

from pydantic import Field

from kernel.contracts.imei.service import IMEI
from kernel.contracts.method import Reply, Request, Unit
from kernel.contracts.paging import Page, PageRequest


class BindClerk(Request):
    """``login``: with which he signs in, in any case; bound before, he works in this organisation from now on."""

    login: str = Field(min_length=1, max_length=50)
    organisation: str = Field(min_length=1, max_length=32)


class ReleaseClerk(Request):
    """He works for his whole unit again."""

    login: str = Field(min_length=1, max_length=50)


class ListClerks(PageRequest):
    """``sort``: login."""

    organisation: str | None = None
    unit: Unit | None = None


class Clerk(Reply):
    """``unit``: of the organisation. ``can``: release."""

    login: str
    organisation: str
    unit: str
    bound_at: datetime
    bound_by_name: str
    can: list[str]


class ClerkPage(Page[Clerk]):
    """People who work in one organisation."""


BIND_CLERK = IMEI.command("bind_clerk", BindClerk, Clerk, "serial.organise")
RELEASE_CLERK = IMEI.command("release_clerk", ReleaseClerk, Clerk, "serial.organise")
LIST_CLERKS = IMEI.query("list_clerks", ListClerks, ClerkPage, "serial.view", consistent=True)
