"""盘库与稽核: registrations, sold and not redeemed, violations with both claims, sanctions (IME-11 to IME-13)."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from kernel.contracts.imei.acts import MAX_SERIALS, SerialAnswer
from kernel.contracts.imei.devices import SerialState
from kernel.contracts.imei.service import IMEI
from kernel.contracts.method import Reply, Request, Unit
from kernel.contracts.paging import Page, PageRequest
from kernel.contracts.plain import Plain, RawRow
from kernel.contracts.said import Text

ViolationKind = Literal["double_subsidy", "diversion", "phantom", "not_redeemed_same_day", "clone", "missing_stock"]
ViolationState = Literal["open", "confirmed", "dismissed"]
SanctionStep = Literal["criticism", "disqualification"]
SanctionState = Literal["proposed", "heard", "imposed", "dropped", "lifted"]
Remark = Annotated[str, StringConstraints(min_length=1, max_length=500)]


class RegistrationRow(Plain):
    """A device announced itself. ``place``: code of the province or city; ``msisdn``: the card that was in it."""

    serial: str = Field(max_length=64)
    registered_at: AwareDatetime
    place: str = Field(pattern=r"^[0-9]{2}([0-9]{2}){0,2}$")
    msisdn: str | None = Field(default=None, pattern=r"^[0-9]{5,15}$")


class ReportRegistrations(Request):
    """Rows as `RegistrationRow`, each taken or refused by itself; what is known already adds nothing."""

    rows: list[RawRow] = Field(min_length=1, max_length=MAX_SERIALS)


class ListRegistrations(PageRequest):
    """``sort``: registered_at, newest first. ``serial``: any code of the device. ``known``: whether a pool has it.

    ``unit``: of the device; of one that nobody knows, where it registered. The days are those of registering.
    """

    serial: str | None = None
    msisdn: str | None = Field(default=None, max_length=15)
    known: bool | None = None
    unit: Unit | None = None
    day_from: date | None = None
    day_to: date | None = None


class Registration(Reply):
    """``place_unit``: where it registered. ``state`` and ``organisation`` are those of the device now; null when nobody
    knows it."""

    serial: str
    registered_at: datetime
    place_unit: str
    msisdn: str | None
    received_at: datetime
    state: SerialState | None
    organisation: str | None
    unit: str


class RegistrationPage(Page[Registration]):
    """What the self-registration platform told."""


class ListUnredeemed(PageRequest):
    """已销售未核销: sold or registered, and no subsidy paid. ``days``: at least so many since then.

    ``sort``: since. ``state`` claimed: registered, while the books say that it is still in stock.
    """

    unit: Unit | None = None
    organisation: str | None = None
    state: Literal["sold", "claimed"] | None = None
    days: int | None = Field(default=None, ge=0, le=3650)


class Unredeemed(Reply):
    """``since``: the sale, or the first registration where no sale was entered; ``days`` count from it."""

    serial: str
    state: SerialState
    organisation: str | None
    unit: str
    maker: str | None
    model: str | None
    sold_at: datetime | None
    registered_at: datetime | None
    since: datetime
    days: int


class UnredeemedPage(Page[Unredeemed]):
    """Devices that dealers have to redeem."""


class AnalyseMonth(Request):
    """Looks for violations of a month, and of nothing later; found again, they are not written again."""

    month: str = Field(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$")


class Analysis(Reply):
    """How many new ones of each kind."""

    found: dict[str, int]


class ListViolations(PageRequest):
    """``sort``: id, newest first. The days are those on which it happened."""

    kind: ViolationKind | None = None
    state: ViolationState | None = None
    serial: str | None = None
    organisation: str | None = None
    unit: Unit | None = None
    day_from: date | None = None
    day_to: date | None = None


class Violation(Reply):
    """``ours`` and ``theirs``: both claims in words. ``can``: decide."""

    violation_id: int
    kind: ViolationKind
    serial: str
    organisation: str | None
    unit: str
    happened_at: datetime
    ours: Text
    theirs: Text
    found_at: datetime
    state: ViolationState
    decided_at: datetime | None
    decided_by_name: str | None
    remark: str | None
    can: list[str]


class ViolationPage(Page[Violation]):
    """What the analysis found."""


class DecideViolation(Request):
    """A person has looked at it. Confirmed, the next step against the organisation is proposed."""

    violation_id: int
    confirmed: bool
    remark: Remark


class ListSanctions(PageRequest):
    """``sort``: id, newest first."""

    organisation: str | None = None
    state: SanctionState | None = None
    unit: Unit | None = None


class Sanction(Reply):
    """``violations``: confirmed within a year when it was proposed. ``can``: hear, impose, drop, lift."""

    sanction_id: int
    organisation: str
    unit: str
    step: SanctionStep
    state: SanctionState
    violations: int
    proposed_at: datetime
    proposed_by_name: str
    hearing: str | None
    heard_at: datetime | None
    decided_at: datetime | None
    decided_by_name: str | None
    remark: str | None
    can: list[str]


class SanctionPage(Page[Sanction]):
    """通报批评 and 取消合作资格."""


class HearSanction(Request):
    """What the organisation says to it; before that nothing is imposed."""

    sanction_id: int
    statement: str = Field(min_length=1, max_length=2000)


class DecideSanction(Request):
    """``impose``: by somebody else than who proposed it; ``drop`` ends it, ``lift`` takes an imposed one back."""

    sanction_id: int
    decision: Literal["impose", "drop", "lift"]
    remark: Remark


REPORT_REGISTRATIONS = IMEI.command("report_registrations", ReportRegistrations, SerialAnswer, "serial.register")
LIST_REGISTRATIONS = IMEI.query(
    "list_registrations", ListRegistrations, RegistrationPage, "serial.view", consistent=True
)
LIST_UNREDEEMED = IMEI.query("list_unredeemed", ListUnredeemed, UnredeemedPage, "serial.view", consistent=True)
ANALYSE_MONTH = IMEI.command("analyse_month", AnalyseMonth, Analysis, "serial.audit")
LIST_VIOLATIONS = IMEI.query("list_violations", ListViolations, ViolationPage, "serial.view", consistent=True)
DECIDE_VIOLATION = IMEI.command("decide_violation", DecideViolation, Violation, "serial.audit")
LIST_SANCTIONS = IMEI.query("list_sanctions", ListSanctions, SanctionPage, "serial.view", consistent=True)
HEAR_SANCTION = IMEI.command("hear_sanction", HearSanction, Sanction, "serial.scan")
DECIDE_SANCTION = IMEI.command("decide_sanction", DecideSanction, Sanction, "serial.audit")
