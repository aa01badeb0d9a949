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
        Field("day", "分析日期", "date", hint="留空为最近有数据的一天"),
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
        Column("carrier_bytes", "运营商流量（MB）", "volume", width=150, sort="carrier_bytes"),
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
    ),
    actions=(Action("各月", needs="row", opens="usage-months?iccid={iccid}"),),
    export="silent-cards",
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
        Field("month", "月份", "month", hint="留空为最近有数据的月份"),
        ICCID,
        Field("percent", "容差（%）", "number", default="20"),
    ),
    columns=(
        ICCID_COLUMN,
        Column("month", "月份", "month", width=96),
        _UNIT_NAME,
        CARRIER_COLUMN,
        _TERMINAL,
        Column("carrier_month", "运营商流量（MB）", "volume", width=150),
        Column("terminal_month", "终端流量（MB）", "volume", width=150),
        Column("difference", "差值（MB）", "volume", width=130, sort="difference"),
    ),
    actions=(Action("日明细", needs="row", opens="usage-days?iccid={iccid}"),),
    export="usage-differences",
)

PAGES = (IDLE_USAGE, SILENT_CARDS, USAGE_DIFFERENCES)
