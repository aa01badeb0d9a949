"""开卡申请 (ACT-01 to ACT-12): county lines, city lines, the province's summary, and what became of an order.

Forms (generated here) are listed, submitted, uploaded and moved by ``forms``.
"""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from kernel.contracts.method import Reply, Request, Unit
from kernel.contracts.paging import Page, PageRequest
from kernel.contracts.said import Text
from kernel.contracts.workflow.fields import Code, FormNumber, Part, Person, Phone, Quantity
from kernel.contracts.workflow.forms import FormAnswer, FormState, KindQuantity
from kernel.contracts.workflow.service import WORKFLOW

ApplicationState = Literal["drafted", "submitted_to_city"]
Version = Annotated[int, Field(ge=1)]


class CreateApplication(Request):
    """新建 by a county, while the window is open. ``month``: only the coming one (the default)."""

    month: str | None = None
    carrier: Code
    card_spec: Code
    quantity: Quantity
    applicant: Person | None = None
    phone: Phone


class ChangeApplication(Request):
    """修改 of one's own county's line in state 新建; None leaves a field. ``version``: as read."""

    id: int
    version: Version
    quantity: Quantity | None = None
    applicant: Person | None = None
    phone: Phone | None = None


class DeleteApplication(Request):
    """删除 in state 新建."""

    id: int
    version: Version


class ApplicationView(Reply):
    """A county's line. ``city_line_id`` and the form numbers: where it went (ACT-12). ``can``: change, delete."""

    id: int
    unit: str
    month: str
    carrier: str
    card_spec: str
    quantity: int
    applicant: str
    phone: str
    state: ApplicationState
    version: int
    created_by: str
    created_at: datetime
    changed_at: datetime
    city_line_id: int | None
    city_form: str | None
    province_form: str | None
    can: list[str]


class ApplicationAnswer(Reply):
    """``message``: 新增成功, 修改成功 in the caller's language."""

    message: Text
    application: ApplicationView


class Deleted(Reply):
    """``message``: 删除成功 in the caller's language."""

    message: Text


class GetApplication(Request):
    id: int


class ListApplications(PageRequest):
    """County lines in the actor's units. ``sort``: id (newest first by default), month, unit, quantity.

    ``applicant``: any part of the name. ``unit``: it and everything below it.
    """

    month: str | None = None
    carrier: str | None = None
    card_spec: str | None = None
    applicant: str | None = Field(default=None, max_length=60)
    state: ApplicationState | None = None
    unit: Unit | None = None
    city_line_id: int | None = None
    city_form: FormNumber | None = None
    province_form: FormNumber | None = None


class ApplicationPage(Page[ApplicationView]):
    """``quantity``: sum over all that match."""

    quantity: int = 0


class GetCityLine(Request):
    id: int


class ListCityLines(PageRequest):
    """市级汇总, one line per city x month x carrier x spec. ``sort``: unit (default), month, quantity.

    ``state``: the form's, submitted_to_city before there is one.
    """

    month: str | None = None
    carrier: str | None = None
    card_spec: str | None = None
    applicant: str | None = Field(default=None, max_length=60)
    state: FormState | None = None
    unit: Unit | None = None
    form: FormNumber | None = None
    province_form: FormNumber | None = None


class CityLineView(Reply):
    """``original_quantity``: sum of the counties' lines, never changed; ``quantity``: as the city has it now.

    ``replacement`` (旧卡更换数量) + ``new_quantity`` = ``quantity`` once a form was generated. ``can``: change.
    """

    id: int
    unit: str
    month: str
    carrier: str
    card_spec: str
    original_quantity: int
    quantity: int
    replacement: int | None
    new_quantity: int | None
    applicant: str | None
    phone: str | None
    state: FormState
    version: int
    county_lines: int
    form: str | None
    province_form: str | None
    changed_at: datetime
    can: list[str]


class CityLinePage(Page[CityLineView]):
    """Sums over all that match. ``can``: generate_form or generate_again: of the month asked for, by this city."""

    original_quantity: int = 0
    quantity: int = 0
    replacement: int = 0
    new_quantity: int = 0
    can: list[str] = Field(default_factory=list)


class ChangeCityLine(Request):
    """修改 of a summary line before its form is generated or after 省级退回 (ACT-03, ACT-07)."""

    id: int
    version: Version
    quantity: Quantity | None = None
    applicant: Person | None = None
    phone: Phone | None = None


class CityLineAnswer(Reply):
    message: Text
    line: CityLineView


class LineSplit(Request):
    """``replacement`` + ``new_quantity`` must be the line's quantity, else the request is refused."""

    line_id: int
    replacement: Part
    new_quantity: Part


class GenerateCityForm(Request):
    """生成申请单 of the actor's city for ``month``; again under the same number after 省级退回 (ACT-03, ACT-07).

    ``lines`` left out: those lines are new cards only. ``version``: of the existing form, when it is generated again.
    """

    month: str
    applicant: Person | None = None
    phone: Phone
    lines: list[LineSplit] = Field(default_factory=list, max_length=200)
    version: Version | None = None


class GetProvinceSummary(Request):
    """省级汇总 of a month: approved city lines that stand on no province form yet, per carrier x spec."""

    month: str
    carrier: str | None = None
    card_spec: str | None = None
    applicant: str | None = Field(default=None, max_length=60)


class ProvinceSummary(Reply):
    """``missing``: cities with lines of this month that are not 市级审核通过. ``can``: generate_form."""

    month: str
    items: list[KindQuantity]
    quantity: int
    approved: list[str]
    missing: list[str]
    can: list[str]


class GenerateProvinceForm(Request):
    """生成申请单 of the province (ACT-09). Cities not approved yet: refused with their list, or ``confirm_missing``."""

    month: str
    applicant: Person | None = None
    phone: Phone
    confirm_missing: bool = False


class ListFulfilment(PageRequest):
    """Ordered against arrived, per month x carrier x spec x unit (ACT-12). ``sort``: month (newest first).

    ``level``: province rows, or one row per city or county; None: per county for a county, else per city. What a
    county has ordered are its own lines, once the city's form of them is ordered. ``month_from``: this month and
    later. ``open``: only lines to which cards are still to come.
    """

    month: str | None = None
    carrier: str | None = None
    card_spec: str | None = None
    unit: Unit | None = None
    level: Literal["province", "city", "county"] | None = None
    month_from: str | None = None
    open: bool = False


class FulfilmentRow(Reply):
    """``applied``: the counties' wish; ``ordered``: on forms with the internet department. ``delivered``: cards of this
    application month that the unit has; ``stocked_in``: those of them that were stocked in; ``open``: still to come."""

    month: str
    carrier: str
    card_spec: str
    unit: str
    applied: int
    ordered: int
    delivered: int
    stocked_in: int
    open: int


class FulfilmentPage(Page[FulfilmentRow]):
    """Sums over all that match."""

    sums: dict[str, int] = Field(default_factory=dict)


CREATE_APPLICATION = WORKFLOW.command("create_application", CreateApplication, ApplicationAnswer, "activation.apply")
CHANGE_APPLICATION = WORKFLOW.command("change_application", ChangeApplication, ApplicationAnswer, "activation.apply")
DELETE_APPLICATION = WORKFLOW.command("delete_application", DeleteApplication, Deleted, "activation.apply")
GET_APPLICATION = WORKFLOW.query("get_application", GetApplication, ApplicationView, "card.view")
LIST_APPLICATIONS = WORKFLOW.query("list_applications", ListApplications, ApplicationPage, "card.view", consistent=True)
GET_CITY_LINE = WORKFLOW.query("get_city_line", GetCityLine, CityLineView, "card.view")
LIST_CITY_LINES = WORKFLOW.query("list_city_lines", ListCityLines, CityLinePage, "card.view", consistent=True)
CHANGE_CITY_LINE = WORKFLOW.command("change_city_line", ChangeCityLine, CityLineAnswer, "activation.city")
GENERATE_CITY_FORM = WORKFLOW.command("generate_city_form", GenerateCityForm, FormAnswer, "activation.city")
GET_PROVINCE_SUMMARY = WORKFLOW.query(
    "get_province_summary", GetProvinceSummary, ProvinceSummary, "card.view", consistent=True
)
GENERATE_PROVINCE_FORM = WORKFLOW.command(
    "generate_province_form", GenerateProvinceForm, FormAnswer, "activation.province"
)
LIST_FULFILMENT = WORKFLOW.query("list_fulfilment", ListFulfilment, FulfilmentPage, "report.view", consistent=True)
