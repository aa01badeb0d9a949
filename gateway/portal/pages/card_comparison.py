"""卡数与终端数比对: the carriers' counts beside running terminals; the surplus opens as cards (BND-09)."""

from gateway.portal.pages.fields import UNIT
from gateway.portal.spec import Action, Column, Field, Page

_CARRIER = Field("carrier", "运营商", "select", options="carriers")
_MONTH = Field("month", "月份", "month", hint="留空为最近有数据的月份", newest=True)
_HERE = "unit={unit}&unit_exact={exact}"
_TERMINALS = f"terminals-list?carrier={{carrier}}&{_HERE}&state=running"
"""The carrier first: the sum over carriers opens nothing. It counts a terminal with cards of two carriers twice."""

COMPARISON = Page(
    "cards-terminals",
    "卡数与终端数比对",
    tab="按单位与运营商比对",
    source="/binding/statistics/cards-terminals",
    row_key="unit",
    paged=False,
    sums=True,
    hint="运营商卡数为运营商自己的统计；运行终端数为当前绑有该运营商卡的运行终端。",
    filters=(
        UNIT,
        _MONTH,
        _CARRIER,
        Field("threshold", "差异阈值（%）", "number", hint="30"),
        Field("over", "仅显示超过阈值", "select", options="yes_no"),
    ),
    columns=(
        Column("unit_name", "供电单位", width=220, fixed=True, drill="cards-terminals?unit={unit}&month={month}"),
        Column("carrier", "运营商", "choice", width=110, options="carriers"),
        Column("cards", "运营商卡数", "number", width=120),
        Column("terminals", "运行终端数", "number", width=150, drill=_TERMINALS),
        Column("difference", "差值", "number", width=100),
        Column("percent", "差异（%）", "number", width=120),
        Column("over", "超过阈值", "tag", width=100, options="yes_no"),
        Column("idle", "未在终端的卡", "number", width=160, drill=f"idle-cards?{_HERE}&carrier={{carrier}}"),
        Column("counted_on", "统计日期", "date", width=120),
        Column("source", "数据来源", "choice", width=130, options="count_sources"),
    ),
    toolbar=(
        Action(
            "从运营商获取",
            "/binding/carrier-counts/pull",
            kind="primary",
            fields=(
                Field("carrier", "运营商", "select", options="carriers", required=True),
                Field("month", "月份", "month", hint="留空为本月"),
            ),
            answer="job",
            note="每月初也会自动获取上月卡数；结果与失败原因见“获取记录”。",
        ),
        Action(
            "上传卡数",
            "/binding/carrier-counts/upload",
            template="/binding/carrier-counts/template",
            fields=(
                Field("carrier", "运营商", "select", options="carriers", required=True),
                Field("month", "月份", "month", required=True, default="$this_month"),
                Field("counted_on", "统计日", "date"),
                Field(
                    "file", "文件", "file", required=True, accept=".csv,.xlsx",
                    hint="文件含单位编码与卡数两列；留空的统计日为今天",
                ),
            ),
            answer="bulk",
        ),
    ),
    export="binding/statistics/cards-terminals",
)  # fmt: skip

IDLE = Page(
    "idle-cards",
    "未在终端的卡",
    tab="未在终端的卡",
    tab_of="cards-terminals",
    source="/binding/idle-cards",
    row_key="iccid",
    filters=(UNIT, _CARRIER, Field("iccid", "ICCID"), Field("unit_exact", "仅本级", "select", options="yes_no")),
    columns=(
        Column("iccid", "ICCID", width=206, fixed=True, copy=True, drill="card?iccid={iccid}"),
        Column("msisdn", "MSISDN", width=150, copy=True),
        Column("unit_name", "供电单位", width=180),
        Column("carrier", "运营商", "choice", width=110, options="carriers"),
        Column("card_spec", "卡片规格", "choice", width=110, options="card_specs"),
        Column("state", "状态", "tag", width=110, options="card_states"),
    ),
    export="binding/idle-cards",
)

PULLS = Page(
    "carrier-pulls",
    "运营商卡数获取记录",
    tab="获取记录",
    tab_of="cards-terminals",
    source="/binding/carrier-pulls",
    row_key="carrier",
    columns=(
        Column("carrier", "运营商", "choice", width=120, options="carriers", fixed=True),
        Column("state", "获取结果", "tag", width=110, options="count_pull_states"),
        Column("month", "月份", width=100),
        Column("asked_at", "获取时间", "time", width=166),
        Column("asked_by_name", "获取人", width=120),
        Column("message", "失败原因", width=320),
        Column("good_at", "最近成功时间", "time", width=166),
        Column("good_month", "最近成功月份", width=120, drill="cards-terminals?month={good_month}&carrier={carrier}"),
        Column("counted_on", "最近成功的统计日期", "date", width=160),
        Column("units", "单位数", "number", width=100),
    ),
    export="binding/carrier-pulls",
)

PAGES = (COMPARISON, IDLE, PULLS)
