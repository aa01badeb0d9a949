"""非运行流量异常卡, silent cards, and figures to dispute with the carrier (TRF-04, TRF-06)."""

from gateway.portal.pages.fields import (
    CARD_SPEC_COLUMN,
    CARRIER,
    CARRIER_COLUMN,
    ICCID,
    ICCID_COLUMN,
    STATE_COLUMN,
    UNIT,
)
from gateway.portal.spec import Action, Column, Field, Page

_UNIT_NAME = Column("unit_name", "供电单位", width=160)
_TERMINAL = Column("terminal", "终端资产编号", width=150, drill="bindings?terminal={terminal}")

IDLE_USAGE = Page(
    "idle-usage",
    "非运行流量异常卡",
    tab="非运行有流量",
    source="/idle-usage",
    row_key="iccid",
    hint="现在不是运行状态、分析日期当日有流量的卡。每次查询都按最新数据重新分析。",
    filters=(
        UNIT,
        CARRIER,
        Field("day", "分析日期", "date", hint="留空为最近有数据的一天", newest=True),
        ICCID,
        Field("state", "卡片状态", "select", options="card_states"),
    ),
    columns=(
        ICCID_COLUMN,
        Column("day", "分析日期", "date", width=110),
        _UNIT_NAME,
        CARRIER_COLUMN,
        STATE_COLUMN,
        _TERMINAL,
        Column("carrier_bytes", "运营商流量（MB）", "volume", width=170, sort="carrier_bytes"),
        Column("terminal_bytes", "终端流量（MB）", "volume", width=150),
    ),
    actions=(Action("日明细", needs="row", opens="usage-days?iccid={iccid}"),),
    export="idle-usage",
)

SILENT_CARDS = Page(
    "silent-cards",
    "沉默卡",
    tab="沉默卡",
    tab_of="idle-usage",
    source="/silent-cards",
    row_key="iccid",
    hint="运行状态、最近数月运营商和主站都没有流量的卡。",
    filters=(UNIT, CARRIER, Field("months", "无流量月数", "number", default="2"), ICCID),
    columns=(
        ICCID_COLUMN,
        _UNIT_NAME,
        CARRIER_COLUMN,
        CARD_SPEC_COLUMN,
        _TERMINAL,
        Column("since", "无流量起始", "date", width=120),
        Column("last_use", "最近有流量", "date", width=120),
        Column("silent_days", "无流量天数", "days", width=120),
    ),
    actions=(Action("各月", needs="row", opens="usage-months?iccid={iccid}"),),
    export="silent-cards",
)

SILENT_COUNTS = Page(
    "silent-counts",
    "长期无流量卡",
    tab="长期无流量",
    tab_of="abnormal-cards",
    source="/silent-counts",
    row_key="unit",
    paged=False,
    hint="运行状态、最近数月运营商和主站都没有流量的卡，按单位统计。",
    filters=(UNIT, CARRIER, Field("months", "无流量月数", "number", default="2")),
    columns=(
        Column("unit_name", "供电单位", width=220, fixed=True),
        Column("months", "无流量月数", "number", width=130),
        Column(
            "cards", "卡数", "number", width=120, drill="silent-cards?unit={unit}&carrier={carrier}&months={months}"
        ),
    ),
    export="silent-counts",
)

USAGE_DIFFERENCES = Page(
    "usage-differences",
    "流量差异卡",
    tab="双方差异",
    tab_of="idle-usage",
    source="/usage-differences",
    row_key="iccid",
    hint="运营商与主站当月流量相差超过容差且不少于 1 MB 的卡，导出后可与运营商核对。",
    filters=(
        UNIT,
        CARRIER,
        Field("month", "月份", "month", hint="留空为最近有数据的月份", newest=True),
        ICCID,
        Field("percent", "容差（%）", "number", default="20"),
    ),
    columns=(
        ICCID_COLUMN,
        Column("month", "月份", "month", width=96),
        _UNIT_NAME,
        CARRIER_COLUMN,
        _TERMINAL,
        Column("carrier_month", "运营商流量（MB）", "volume", width=172),
        Column("terminal_month", "终端流量（MB）", "volume", width=156),
        Column("difference", "差值（MB）", "volume", width=130, sort="difference"),
    ),
    actions=(Action("日明细", needs="row", opens="usage-days?iccid={iccid}"),),
    export="usage-differences",
)

_DECIDE_COUNTER = "/counter-doubts/{id}/decision"
COUNTER_DOUBTS = Page(
    "counter-doubts",
    "终端计数疑点",
    tab="终端计数疑点",
    tab_of="idle-usage",
    source="/counter-doubts",
    row_key="id",
    hint="终端自计流量的读数比上次小，而无法判断是翻转（2^32）还是清零；判定后计入当月终端自计流量。",
    filters=(UNIT, ICCID, Field("decided", "已判定", "select", options="yes_no", default="false")),
    columns=(
        ICCID_COLUMN,
        _UNIT_NAME,
        Column("day", "日期", "date", width=110),
        Column("before", "上次读数（字节）", "number", width=150),
        Column("counter", "本次读数（字节）", "number", width=150),
        Column("wrapped", "按翻转计（MB）", "volume", width=140),
        Column("reset", "按清零计（MB）", "volume", width=140),
        Column("known", "其他来源（MB）", "volume", width=140),
        Column("decided", "判定", "choice", width=100, options="counter_decisions"),
        Column("decided_by_name", "判定人", width=110),
    ),
    actions=(
        Action("判为翻转", _DECIDE_COUNTER, needs="row", can="decide", data={"decision": "wrapped"}),
        Action("判为清零", _DECIDE_COUNTER, needs="row", can="decide", data={"decision": "reset"}),
    ),
    export="counter-doubts",
)

PAGES = (IDLE_USAGE, SILENT_CARDS, SILENT_COUNTS, USAGE_DIFFERENCES, COUNTER_DOUBTS)
