"""各市SIM卡费用统计, its entries, months, tariffs and the carriers' bills (TRF-05, TRF-09, TRF-10)."""

from gateway.portal.pages.fields import (
    CARD_SPEC,
    CARD_SPEC_COLUMN,
    CARD_SPEC_NEEDED,
    CARRIER,
    CARRIER_COLUMN,
    CARRIER_NEEDED,
    ICCID,
    ICCID_COLUMN,
    STATE_COLUMN,
    UNIT,
)
from gateway.portal.spec import About, Action, Chart, Column, Field, Page

_MONTH = Field("month", "月份", "month", hint="留空为最近有费用的月份", newest=True)
_VIEW = Field("view", "口径", "select", options="cost_views", default="billed")
_ENTRIES = "costs?month={month}&unit={unit}&carrier={carrier}&view={view}"

CITY_COSTS = Page(
    "city-costs",
    "各市SIM卡费用统计",
    tab="统计",
    source="/city-costs",
    row_key="unit",
    paged=False,
    sums=True,
    hint="按账单：计入该月账单的费用，含以前月份的更正；按现知：该月按最新流量应有的费用。",
    filters=(UNIT, CARRIER, _MONTH, _VIEW),
    columns=(
        Column(
            "unit_name", "供电单位", width=200, fixed=True,
            drill="city-costs?month={month}&unit={unit}&carrier={carrier}&view={view}",
        ),
        Column("cards", "卡数", "number", width=100, drill=_ENTRIES),
        Column("cost", "费用（元）", "yuan", width=130, drill=_ENTRIES),
        Column("corrections", "其中更正（元）", "yuan", width=130, drill=f"{_ENTRIES}&corrections=true"),
        Column("last_month", "上月费用（元）", "yuan", width=130),
        Column("last_year", "去年同月费用（元）", "yuan", width=156),
        Column("idle", "不应产生费用的卡（元）", "yuan", width=180, drill=f"{_ENTRIES}&idle=true"),
        Column("used", "流量（MB）", "volume", width=140),
    ),
    chart=Chart("各单位费用", "unit_name", ("cost", "last_month", "last_year"), stacked=False, unit="元"),
    export="city-costs",
)  # fmt: skip

COSTS = Page(
    "costs",
    "费用明细",
    tab="费用明细",
    tab_of="city-costs",
    source="/costs",
    row_key="number",
    filters=(
        UNIT,
        CARRIER,
        Field("month", "月份", "month"),
        _VIEW,
        ICCID,
        Field("idle", "不应产生费用的卡", "select", options="yes_no"),
        Field("corrections", "更正", "select", options="yes_no"),
    ),
    columns=(
        Column("number", "编号", "number", width=90, sort="number"),
        ICCID_COLUMN,
        Column("unit_name", "供电单位", width=150),
        CARRIER_COLUMN,
        CARD_SPEC_COLUMN,
        Column("about", "费用月份", "month", width=100),
        Column("posted_in", "计入月份", "month", width=100),
        Column("amount", "金额（元）", "yuan", width=124, sort="fen"),
        Column("used", "流量（MB）", "volume", width=120, drill="usage-months?iccid={iccid}&month={about}"),
        Column("days", "天数", "number", width=70),
        Column("pool", "流量池", width=100),
        STATE_COLUMN,
        Column("corrects", "更正编号", "number", width=100),
        Column("reason", "更正原因", width=160),
        Column("why", "计算依据", width=420),
        Column("posted_at", "记账时间", "time", width=166),
        Column("by_name", "操作人", width=110),
    ),
    sort="-number",
    export="costs",
)

COST_MONTHS = Page(
    "cost-months",
    "费用月份",
    tab="月份",
    tab_of="city-costs",
    source="/cost-months",
    row_key="month",
    hint="未计算 > 暂计 > 已关闭。关闭后流量再有更正，差额记入尚未关闭的月份，并注明原因。",
    columns=(
        Column("month", "月份", "month", width=100, fixed=True),
        Column("state", "状态", "tag", width=100, options="month_states"),
        Column("cards", "卡数", "number", width=100),
        Column("billed", "账单费用（元）", "yuan", width=140, drill="costs?month={month}&view=billed"),
        Column("corrections", "其中更正（元）", "yuan", width=130, drill="costs?month={month}&corrections=true"),
        Column("known", "现知费用（元）", "yuan", width=140, drill="costs?month={month}&view=known"),
        Column("rated_at", "计算时间", "time", width=166),
        Column("closed_at", "关闭时间", "time", width=166),
        Column("by_name", "操作人", width=110),
    ),
    actions=(
        Action(
            "计算费用", "/cost-months/{month}/rating", needs="row", can="rate", answer="job",
            confirm="按最新流量和资费计算 {month} 的费用？",
        ),
        Action(
            "更正", "/cost-months/{month}/rating", needs="row", can="correct", answer="job",
            note="{month} 已关闭：差额记入尚未关闭的月份。",
            fields=(Field("reason", "更正原因", "textarea", required=True, max_length=200),),
        ),
        Action(
            "关闭", "/cost-months/{month}/closing", needs="row", can="close", kind="danger",
            confirm="关闭 {month}？关闭后该月账单不再变化。",
        ),
    ),
    export="cost-months",
)  # fmt: skip

TARIFFS = Page(
    "tariffs",
    "资费",
    tab="资费",
    tab_of="city-costs",
    source="/tariffs",
    row_key="id",
    filters=(CARRIER, CARD_SPEC, Field("on", "有效日期", "date")),
    columns=(
        CARRIER_COLUMN,
        CARD_SPEC_COLUMN,
        Column("valid_from", "生效日期", "date", width=120, sort="valid_from"),
        Column("valid_to", "失效日期", "date", width=120),
        Column("monthly_fee", "月租（元）", width=110),
        Column("included", "包含流量（MB）", "volume", width=140),
        Column("per_mb", "超出单价（元/MB）", width=156),
        Column("silent_fee", "沉默期月租（元）", width=140),
        Column("pool", "流量池", width=110),
        Column("prorated", "首末月按天", "choice", width=110, options="yes_no"),
        Column("created_by_name", "登记人", width=110),
        Column("created_at", "登记时间", "time", width=166),
    ),
    toolbar=(
        Action(
            "登记资费", "/tariffs", kind="primary", success="新增成功",
            note="同一运营商、同一规格正在生效的资费在新资费生效时结束。1 MB = 1,048,576 字节（2^20）。",
            fields=(
                CARRIER_NEEDED,
                CARD_SPEC_NEEDED,
                Field("valid_from", "生效日期", "date", required=True, hint="某月 1 日"),
                Field("valid_to", "失效日期", "date", hint="某月 1 日，当日起不再适用；留空为长期"),
                Field("monthly_fee", "月租（元）", required=True, hint="最多四位小数"),
                Field("included", "包含流量（字节）", "number", required=True, hint="30 MB = 31457280"),
                Field("per_mb", "超出单价（元/MB）", required=True, hint="最多六位小数"),
                Field("silent_fee", "沉默期月租（元）", hint="当月没有流量的卡按此收取；留空则按月租"),
                Field("pool", "流量池", hint="同一运营商、同一流量池的卡共享包含流量", max_length=64),
                Field("prorated", "首末月按天", "check"),
            ),
        ),
    ),
    export="tariffs",
)  # fmt: skip

USAGE_POOLS = Page(
    "usage-pools",
    "流量池",
    tab="流量池",
    tab_of="city-costs",
    source="/usage-pools",
    row_key="id",
    filters=(CARRIER, Field("name", "流量池")),
    columns=(
        CARRIER_COLUMN,
        Column("name", "流量池", width=120),
        Column("valid_from", "生效日期", "date", width=108),
        Column("size", "固定容量（MB）", "volume", width=136),
        Column("joining_prorated", "新入按天", "choice", width=104, options="yes_no"),
        Column("leaving_shrinks", "退出按天", "choice", width=104, options="yes_no"),
        Column("overage", "超出分摊", "choice", width=136, options="overages"),
        Column("created_by_name", "登记人", width=110),
        Column("created_at", "登记时间", "time", width=166),
    ),
    toolbar=(
        Action(
            "登记约定", "/usage-pools", kind="primary", success="新增成功",
            note="自生效月份起适用，直到另有约定。没有约定的流量池，容量为各卡资费包含流量之和。",
            fields=(
                CARRIER_NEEDED,
                Field("name", "流量池", required=True, max_length=64, hint="与资费中的流量池同名"),
                Field("valid_from", "生效日期", "date", required=True, hint="某月 1 日"),
                Field("size", "固定容量（字节）", "number", hint="留空：各卡资费包含流量之和；1 GB = 1073741824"),
                Field("joining_prorated", "新入按天", "check", hint="当月新入的卡按天计入容量"),
                Field("leaving_shrinks", "退出按天", "check", hint="当月退出的卡按天计入容量；不选则保留全月"),
                Field("overage", "超出分摊", "select", required=True, options="overages"),
            ),
        ),
    ),
    export="usage-pools",
)  # fmt: skip

CARRIER_BILLS = Page(
    "carrier-bills",
    "运营商账单",
    tab="运营商账单",
    tab_of="city-costs",
    source="/carrier-bills",
    row_key="id",
    filters=(CARRIER, Field("month", "月份", "month")),
    columns=(
        Column("id", "编号", "number", width=80, drill="carrier-bill?bill_id={id}"),
        CARRIER_COLUMN,
        Column("month", "月份", "month", width=100),
        Column("state", "状态", "tag", width=100, options="bill_states"),
        Column("rows", "行数", "number", width=100),
        Column("refused", "拒收行数", "number", width=100, drill="usage-refused?job_id=traffic-{job}"),
        Column("billed", "账单金额（元）", "yuan", width=140),
        Column("ours", "我方费用（元）", "yuan", width=140),
        Column("difference", "差额（元）", "yuan", width=130, drill="bill-differences?carrier={carrier}&month={month}"),
        Column("asked_by_name", "提交人", width=110),
        Column("asked_at", "提交时间", "time", width=166),
        Column("decided_by", "确认人", width=110),
        Column("remark", "确认说明", width=200),
    ),
    toolbar=(
        Action(
            "导入账单", "/carrier-bills", kind="primary", answer="job", template="/carrier-bills/template",
            fields=(
                CARRIER_NEEDED,
                Field("month", "月份", "month", required=True),
                Field(
                    "file", "账单文件", "file", required=True, accept=".csv,.txt,.xlsx",
                    hint="CSV 或 XLSX，须有 ICCID、费用（元）两列；ICCID 列请设为文本格式",
                ),
            ),
        ),
    ),
    actions=(
        Action("确认", needs="row", can="decide", opens="carrier-bill?bill_id={id}"),
        Action("逐卡核对", needs="row", opens="bill-differences?carrier={carrier}&month={month}"),
    ),
    export="carrier-bills",
)  # fmt: skip

_DECIDE = "/carrier-bills/{bill_id}/decision"
_REMARK = Field("remark", "说明", "textarea", required=True, max_length=500)

CARRIER_BILL = Page(
    "carrier-bill",
    "账单预览",
    tab_of="city-costs",
    source="/carrier-bills/{bill_id}/preview",
    row_key="what",
    paged=False,
    about=About(
        "/carrier-bills/{bill_id}",
        facts=(
            Column("state", "状态", "tag", options="bill_states"),
            Column("carrier", "运营商", "choice", options="carriers"),
            Column("month", "月份", "month"),
            Column("rows", "行数", "number"),
            Column("refused", "拒收行数", "number"),
            Column("asked_by_name", "提交人"),
            Column("decided_by", "确认人"),
            Column("remark", "确认说明"),
        ),
        warning="待确认原因：{reasons}",
    ),
    columns=(
        Column("what", "对比", "choice", width=160, options="bill_compared"),
        Column("month", "月份", "month", width=110),
        Column("cards", "卡数", "number", width=120),
        Column("amount", "金额（元）", "yuan", width=160),
    ),
    toolbar=(
        Action("接收", _DECIDE, can="decide", kind="primary", data={"take": True}, fields=(_REMARK,)),
        Action("放弃", _DECIDE, can="decide", kind="danger", data={"take": False}, fields=(_REMARK,)),
    ),
)

BILL_DIFFERENCES = Page(
    "bill-differences",
    "账单差异",
    tab_of="city-costs",
    source="/bill-differences",
    row_key="iccid",
    filters=(
        Field("carrier", "运营商", "select", options="carriers", hint="留空为最近的账单", newest=True),
        Field("month", "月份", "month", hint="留空为最近的账单", newest=True),
        UNIT,
        Field("kind", "差异类型", "select", options="bill_differences"),
        ICCID,
    ),
    columns=(
        ICCID_COLUMN,
        CARRIER_COLUMN,
        Column("month", "月份", "month", width=100),
        Column("unit_name", "供电单位", width=160),
        Column("kind", "差异类型", "choice", width=120, options="bill_differences"),
        STATE_COLUMN,
        Column("billed", "账单金额（元）", "yuan", width=140),
        Column("ours", "我方费用（元）", "yuan", width=140, drill="costs?month={month}&iccid={iccid}"),
        Column("difference", "差额（元）", "yuan", width=130),
    ),
    export="bill-differences",
)

PAGES = (CITY_COSTS, COSTS, COST_MONTHS, TARIFFS, USAGE_POOLS, CARRIER_BILLS, CARRIER_BILL, BILL_DIFFERENCES)
