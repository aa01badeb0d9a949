"""Rules that warn of a card's use (TRF-07), and what they found."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from kernel.contracts.carriers import Carrier
from kernel.contracts.method import Reply, Request, Unit
from kernel.contracts.paging import Page, PageRequest
from kernel.contracts.traffic.service import TRAFFIC
from kernel.contracts.words import also

RuleKind = Literal["plan_percent", "silent_days", "jump"]
also("permissions", {"usage.rule": ("设置流量规则", "Set rules of usage")})


class RuleFields(Request):
    """``threshold``: percent of what the tariff includes, days without any use, or how many times the card's own usual
    spread a day lies above its own usual use. ``carrier``, ``card_spec``: only cards of these.
    """

    name: str = Field(min_length=1, max_length=60)
    threshold: int = Field(ge=1, le=1000)
    carrier: Carrier | None = None
    card_spec: str | None = Field(default=None, min_length=1, max_length=64)


class CreateRule(RuleFields):
    """Watches the cards of ``unit`` and all below it."""

    unit: Unit
    kind: RuleKind


class ChangeRule(RuleFields):
    """A rule that is not ``enabled`` warns of nothing. What it found stays."""

    rule_id: int
    version: int
    enabled: bool


class GetRule(Request):
    rule_id: int


class ListRules(PageRequest):
    """Newest first."""

    unit: Unit | None = None
    kind: RuleKind | None = None
    enabled: bool | None = None


class RuleView(Reply):
    """``warned``: warnings so far. ``can``: change."""

    id: int
    version: int
    unit: str
    name: str
    kind: RuleKind
    threshold: int
    carrier: str | None
    card_spec: str | None
    enabled: bool
    warned: int
    changed_by_name: str
    changed_at: datetime
    can: list[str]


class RulePage(Page[RuleView]):
    """Newest first."""


class ListWarnings(PageRequest):
    """Newest first."""

    unit: Unit | None = None
    rule_id: int | None = None
    kind: RuleKind | None = None
    period: str | None = None
    iccid: str | None = None


class Warned(Reply):
    """``period``: the month, of a jump the day. ``value``, ``limit_value``: bytes, or days of silence."""

    id: int
    rule_id: int
    name: str
    kind: RuleKind
    iccid: str
    unit: str
    period: str
    value: int
    limit_value: int
    at: datetime


class WarningPage(Page[Warned]):
    """Each card once per rule and period."""


CREATE_RULE = TRAFFIC.command("create_usage_rule", CreateRule, RuleView, "usage.rule")
CHANGE_RULE = TRAFFIC.command("change_usage_rule", ChangeRule, RuleView, "usage.rule")
GET_RULE = TRAFFIC.query("get_usage_rule", GetRule, RuleView, "usage.view")
LIST_RULES = TRAFFIC.query("list_usage_rules", ListRules, RulePage, "usage.view", consistent=True)
LIST_WARNINGS = TRAFFIC.query("list_usage_warnings", ListWarnings, WarningPage, "usage.view", consistent=True)
