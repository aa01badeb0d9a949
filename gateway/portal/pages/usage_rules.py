"""Rules that warn of a card's use, and what they found (TRF-07)."""

from gateway.portal.pages.fields import CARRIER_COLUMN, ICCID, ICCID_COLUMN, UNIT
from gateway.portal.spec import Action, Column, Field, Page

_THRESHOLD = Field(
    "threshold", "阈值", "number", required=True,
    hint="套餐百分比：如 90；连续无流量：天数；突增：超出平常波动的倍数，如 8",
)  # fmt: skip
_NAME = Field("name", "规则名称", required=True, max_length=60)
_ONLY = (
    Field("carrier", "运营商", "select", options="carriers", hint="留空为全部"),
    Field("card_spec", "卡片规格", "select", options="card_specs", hint="留空为全部"),
)

USAGE_RULES = Page(
    "usage-rules",
    "流量规则",
    tab="规则",
    tab_of="idle-usage",
    source="/usage-rules",
    row_key="id",
    hint="每张卡在每个周期内对同一规则只告警一次，告警同时发消息和回调。",
    filters=(UNIT, Field("kind", "类型", "select", options="rule_kinds")),
    columns=(
        Column("name", "规则名称", width=180, fixed=True),
        Column("unit_name", "供电单位", width=160),
        Column("kind", "类型", "choice", width=140, options="rule_kinds"),
        Column("threshold", "阈值", "number", width=80),
        CARRIER_COLUMN,
        Column("card_spec", "卡片规格", "choice", width=110, options="card_specs"),
        Column("enabled", "启用", "choice", width=80, options="yes_no"),
        Column("warned", "告警数", "number", width=90, drill="usage-warnings?rule_id={id}"),
        Column("changed_by_name", "修改人", width=110),
        Column("changed_at", "修改时间", "time", width=166),
    ),
    toolbar=(
        Action(
            "新建规则",
            "/usage-rules",
            kind="primary",
            fields=(
                _NAME,
                Field("unit", "供电单位", "tree", options="units", required=True),
                Field("kind", "类型", "select", options="rule_kinds", required=True),
                _THRESHOLD,
                *_ONLY,
            ),
        ),
    ),
    actions=(
        Action(
            "修改",
            "/usage-rules/{id}",
            method="PUT",
            needs="row",
            can="change",
            load="/usage-rules/{id}",
            etag=True,
            fields=(_NAME, _THRESHOLD, *_ONLY, Field("enabled", "启用", "select", options="yes_no", required=True)),
        ),
    ),
    export="usage-rules",
)

USAGE_WARNINGS = Page(
    "usage-warnings",
    "流量告警",
    tab="告警",
    tab_of="idle-usage",
    source="/usage-warnings",
    row_key="id",
    hint="数值与界限：突增和套餐百分比为字节，连续无流量为天数。",
    filters=(
        UNIT,
        Field("kind", "类型", "select", options="rule_kinds"),
        Field("rule_id", "规则编号", "number"),
        Field("period", "周期", hint="月份如 2026-11，突增为日期如 2026-11-26"),
        ICCID,
    ),
    columns=(
        ICCID_COLUMN,
        Column("unit_name", "供电单位", width=160),
        Column("name", "规则名称", width=180),
        Column("kind", "类型", "choice", width=140, options="rule_kinds"),
        Column("period", "周期", width=110),
        Column("value", "数值", "number", width=140),
        Column("limit_value", "界限", "number", width=140),
        Column("at", "告警时间", "time", width=166),
    ),
    actions=(Action("日明细", needs="row", opens="usage-days?iccid={iccid}"),),
    export="usage-warnings",
)

PAGES = (USAGE_RULES, USAGE_WARNINGS)

ENGLISH = {
    "流量规则": "Usage rules", "规则": "Rules", "告警": "Warnings", "流量告警": "Usage warnings",
    "修改人": "Changed by", "修改时间": "Changed",
    "规则名称": "Rule", "阈值": "Threshold", "告警数": "Warnings given", "新建规则": "New rule", "规则编号": "Rule no.",
    "周期": "Period", "数值": "Value", "界限": "Limit", "告警时间": "Warned", "留空为全部": "Empty: all", "启用": "On",
    "套餐百分比：如 90；连续无流量：天数；突增：超出平常波动的倍数，如 8":
        "Percent of the plan, as 90; days of silence; how many times the usual spread, as 8",
    "每张卡在每个周期内对同一规则只告警一次，告警同时发消息和回调。":
        "A card is warned of once per rule and period, by notice and webhook.",
    "数值与界限：突增和套餐百分比为字节，连续无流量为天数。": "Bytes for jumps and plans, days for silence.",
    "月份如 2026-11，突增为日期如 2026-11-26": "A month as 2026-11; of jumps a day as 2026-11-26",
}  # fmt: skip
