"""Figures over the stock of cards: INV-06 to INV-10. A number opens the list it counts."""

from gateway.portal.pages.fields import (
    CARD_SPEC,
    CARD_SPEC_COLUMN,
    CARRIER,
    CARRIER_COLUMN,
    ICCID,
    ICCID_COLUMN,
    ISSUED_TO_COLUMN,
    MONTH,
    MSISDN_COLUMN,
    OWNER_COLUMN,
    STATE_COLUMN,
    UNIT,
)
from gateway.portal.spec import Action, Chart, Column, Field, Page
from kernel.contracts.words import chinese
from kernel.contracts.words_inventory import CARD_STATES

# The numbers are counted under the page's own filters, so the list that a number opens must have them too.
_CARDS = (
    "cards?owner_unit={unit}&unit_exact={exact}&carrier={carrier}&card_spec={card_spec}"
    "&application_month={application_month}"
)


def _state_column(state: str, label: str) -> Column:
    return Column(state, label, "number", width=86, drill=f"{_CARDS}&state={state}", unless="as_of")


CARDS_BY_STATE = Page(
    "cards-by-state",
    "各状态SIM统计",
    source="/statistics/cards-by-state",
    row_key="unit",
    paged=False,
    sums=True,
    filters=(
        UNIT,
        CARRIER,
        CARD_SPEC,
        MONTH,
        Field("as_of", "统计日期", "date", hint="留空为当前；填写则按运行日志回溯到当日结束时"),
    ),
    columns=(
        Column("unit_name", "供电单位", width=200, fixed=True, drill="cards-by-state?unit={unit}"),
        *(_state_column(state, label) for state, label in chinese(CARD_STATES).items()),
        Column("total", "合计", "number", width=96, drill=_CARDS, unless="as_of"),
    ),
    chart=Chart("各单位卡片状态", "unit_name", tuple(CARD_STATES)),
    export="statistics/cards-by-state",
)

ACTIVATIONS_TERMINATIONS = Page(
    "activations-terminations",
    "开卡销卡数量统计",
    list_title="开/销卡数量统计",
    source="/statistics/activations-terminations",
    row_key="unit",
    paged=False,
    sums=True,
    filters=(UNIT, CARRIER, CARD_SPEC, Field("month", "统计月份", "month", default="$this_month")),
    columns=(
        Column("unit_name", "供电单位", width=200, fixed=True),
        CARRIER_COLUMN,
        CARD_SPEC_COLUMN,
        Column("opened_month", "当月开卡数量", "number", width=130),
        Column("opened_total", "累计开卡数量", "number", width=130),
        Column("terminated_month", "当月销卡数量", "number", width=130),
        Column("terminated_total", "累计销卡数量", "number", width=130),
    ),
    export="statistics/activations-terminations",
)

_ABNORMAL = Field("state", "卡片状态", "select", options="abnormal_states")

ABNORMAL = Page(
    "abnormal-cards",
    "长期异常状态卡",
    tab="按单位与状态统计",
    source="/statistics/abnormal-cards",
    row_key="unit",
    paged=False,
    filters=(UNIT, CARRIER, _ABNORMAL),
    columns=(
        Column("unit_name", "供电单位", width=200, fixed=True),
        Column("state", "卡片状态", "tag", width=120, options="card_states"),
        Column("limit_days", "时限（天）", "number", width=120),
        Column(
            "count", "超时卡数", "number", width=120,
            drill="abnormal-list?owner_unit={unit}&unit_exact={exact}&carrier={carrier}&state={state}&abnormal=true",
        ),
    ),
    toolbar=(
        Action(
            "设置时限", "/settings/abnormal-limits", method="PUT", load="/settings/abnormal-limits", etag=True,
            note="卡片在该状态停留达到天数即视为长期异常。",
            fields=(
                Field("unqualified", "不合格（天）", "number", required=True),
                Field("pending_install", "待装（天）", "number", required=True),
                Field("pending_scrap", "待报废（天）", "number", required=True),
            ),
        ),
    ),
    export="statistics/abnormal-cards",
)

ABNORMAL_LIST = Page(
    "abnormal-list",
    "长期异常状态卡明细",
    tab="明细",
    tab_of="abnormal-cards",
    source="/cards",
    row_key="iccid",
    filters=(
        Field("owner_unit", "供电单位", "tree", options="units"),
        ICCID,
        CARRIER,
        _ABNORMAL,
        Field("state_days_min", "停留天数", "days", until="state_days_max"),
        Field("abnormal", "仅超过时限", "select", options="yes_no", default="true"),
        Field("unit_exact", "仅本级", "select", options="yes_no"),
    ),
    columns=(
        ICCID_COLUMN,
        STATE_COLUMN,
        Column("state_days", "停留天数", "days", width=110, sort="state_days"),
        Column("state_since", "进入状态时间", "time", width=166, sort="state_since"),
        MSISDN_COLUMN,
        CARRIER_COLUMN,
        CARD_SPEC_COLUMN,
        OWNER_COLUMN,
        ISSUED_TO_COLUMN,
        Column("last_operation_at", "最近操作时间", "time", width=156),
    ),
    actions=(Action("运行日志", needs="row", opens="card?iccid={iccid}"),),
    export="cards",
)

LEDGER = Page("ledger", "卡片台账核对", "report.view", component="ledger")

PAGES = (
    CARDS_BY_STATE, ACTIVATIONS_TERMINATIONS, ABNORMAL, ABNORMAL_LIST, LEDGER,
)
