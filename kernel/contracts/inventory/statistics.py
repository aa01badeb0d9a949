"""Counts of cards (INV-06..INV-10). They come from the ledger; a drill-down into the cards counts the same."""

from datetime import date, datetime

from pydantic import Field

from kernel.contracts.inventory.cards import State
from kernel.contracts.inventory.deliveries import JobAccepted
from kernel.contracts.inventory.service import INVENTORY
from kernel.contracts.method import Reply, Request, Unit

StateCounts = dict[str, int]


class CountByState(Request):
    """各状态SIM统计. ``unit``: default the actor's own. One row for the unit itself and one per child's subtree.

    ``as_of``: a past business day, at its end; default: now. The filters narrow what is counted.
    """

    unit: Unit | None = None
    as_of: date | None = None
    carrier: str | None = None
    card_spec: str | None = None
    application_month: str | None = None


class UnitCounts(Reply):
    """``exact``: the row counts what the unit itself owns (市级直属), not its subtree."""

    unit: str
    exact: bool
    counts: StateCounts
    total: int


class CountsByState(Reply):
    items: list[UnitCounts]
    totals: StateCounts
    total: int


class CountActivations(Request):
    """开卡销卡数量统计. ``month`` (YYYY-MM): default the present one; cumulative counts run to its end.

    Opened (开卡) counts cards stocked in; terminated (销卡) cards terminated, and not opened again since (TER-08).
    """

    unit: Unit | None = None
    carrier: str | None = None
    card_spec: str | None = None
    month: str | None = None


class ActivationRow(Reply):
    unit: str
    exact: bool
    carrier: str
    card_spec: str
    opened_month: int
    opened_total: int
    terminated_month: int
    terminated_total: int


class ActivationCounts(Reply):
    items: list[ActivationRow]
    totals: dict[str, int]


class CountAbnormal(Request):
    """长期异常状态卡 per unit and state: cards longer in the state than its limit."""

    unit: Unit | None = None
    carrier: str | None = None
    state: State | None = None


class AbnormalRow(Reply):
    unit: str
    exact: bool
    state: State
    limit_days: int
    count: int


class AbnormalCounts(Reply):
    items: list[AbnormalRow]
    total: int


class GetAbnormalLimits(Request):
    """The limits in force."""


class AbnormalLimits(Reply):
    """``limits``: state > days. ``version``: for If-Match."""

    limits: dict[str, int]
    version: int


class SetAbnormalLimits(Request):
    """Replaces all limits. Refused with version_stale unless ``version`` is the one in force."""

    limits: dict[State, int] = Field(min_length=1)
    version: int


class GetLedger(Request):
    """Range ledger (INV-10) of a unit's subtree at the end of a business day (default: now)."""

    unit: Unit | None = None
    day: date | None = None


class Ledger(Reply):
    """``delivered`` = sum of ``counts`` when ``balanced``.

    ``delivered`` counts arrivals less what was allocated to outside plus what came from outside the unit.
    """

    unit: str
    day: date
    delivered: int
    counts: StateCounts
    balanced: bool


class CheckLedger(Request):
    """Job: proves that cards, run log and ledger say the same, and names the cards that break it."""

    unit: Unit | None = None


class GetDashboard(Request):
    """What waits for the actor: the portal's first page."""


class Waiting(Reply):
    """``page`` and ``params``: where the portal goes when the line is clicked; its list's total equals ``count``.

    ``since``: when the oldest began to wait; ``limit_days``: all of them have waited for more than so many days.
    """

    key: str
    count: int
    page: str
    params: dict[str, str]
    since: datetime | None = None
    limit_days: int | None = None


class Dashboard(Reply):
    counts: StateCounts
    total: int
    waiting: list[Waiting]


COUNT_BY_STATE = INVENTORY.query("count_by_state", CountByState, CountsByState, "report.view", consistent=True)
COUNT_ACTIVATIONS = INVENTORY.query(
    "count_activations", CountActivations, ActivationCounts, "report.view", consistent=True
)
COUNT_ABNORMAL = INVENTORY.query("count_abnormal", CountAbnormal, AbnormalCounts, "report.view", consistent=True)
GET_ABNORMAL_LIMITS = INVENTORY.query("get_abnormal_limits", GetAbnormalLimits, AbnormalLimits, "report.view")
SET_ABNORMAL_LIMITS = INVENTORY.command("set_abnormal_limits", SetAbnormalLimits, AbnormalLimits, "limits.set")
GET_LEDGER = INVENTORY.query("get_ledger", GetLedger, Ledger, "report.view", consistent=True)
CHECK_LEDGER = INVENTORY.command("check_ledger", CheckLedger, JobAccepted, "report.view")
GET_DASHBOARD = INVENTORY.query("get_dashboard", GetDashboard, Dashboard, "card.view", consistent=True)
