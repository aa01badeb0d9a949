"""Usage as it comes in, and what each card used on each day (TRF-01, TRF-04)."""

from gateway.portal.pages.fields import CARRIER, CARRIER_COLUMN, ICCID, ICCID_COLUMN, UNIT
from gateway.portal.spec import About, Action, Column, Field, Page

_REMARK = Field("remark", "说明", "textarea", required=True, max_length=500)

USAGE_DAYS = Page(
    "usage-days",
    "SIM日流量明细",
    source="/usage-days",
    row_key="iccid",
    hint="1 MB = 1,048,576 字节（2^20）。差值为运营商流量减主站流量。",
    filters=(
        UNIT,
        CARRIER,
        Field("day_from", "日期", "dates", until="day_to"),
        ICCID,
        Field("carrier_from", "运营商流量", "volumes", until="carrier_to"),
        Field("terminal_from", "终端流量", "volumes", until="terminal_to"),
    ),
    columns=(
        ICCID_COLUMN,
        Column("day", "日期", "date", width=110, sort="day"),
        Column("unit_name", "供电单位", width=160),
        CARRIER_COLUMN,
        Column("carrier_bytes", "运营商流量（MB）", "volume", width=170),
        Column("terminal_bytes", "终端流量（MB）", "volume", width=140),
        Column("difference", "差值（MB）", "volume", width=120),
        Column("carrier_as_of", "运营商数据时间", "time", width=166),
        Column("terminal_as_of", "主站数据时间", "time", width=166),
    ),
    export="usage-days",
)

_UPLOAD = Action(
    "上传流量文件",
    "/usage-loads",
    kind="primary",
    template="/usage-loads/template",
    fields=(
        Field(
            "carrier", "运营商", "select", options="carriers", needed_if=("source", "carrier"), hint="主站数据可留空",
        ),
        Field("source", "来源", "select", options="usage_sources", default="carrier"),
        Field("measured_in", "流量单位", "select", options="volume_units", default="B"),
        Field("whole", "是否全量", "select", options="yes_no", default="true", hint="包含所列日期的全部卡片"),
        Field(
            "file", "流量文件", "file", required=True, accept=".csv,.txt,.xlsx",
            hint="CSV 或 XLSX，须有 ICCID、日期、流量三列；ICCID 列请设为文本格式；选择文件后可以核对单位与合计",
        ),
    ),
    look="/usage-loads/look",
    look_with=("carrier", "source", "measured_in"),
    answer="job",
)  # fmt: skip

_CHECK = Action(
    "流量核对",
    "/usage-checks",
    fields=(Field("month", "月份", "month", required=True, default="$this_month"),),
    note="按日流量重算该月累计与分布，逐卡列出不一致。",
    answer="job",
)

_DECIDE = "/usage-loads/{load_id}/decision"

USAGE_LOADS = Page(
    "usage-loads",
    "流量数据",
    tab="数据批次",
    source="/usage-loads",
    row_key="id",
    filters=(
        Field("state", "状态", "select", options="load_states"),
        Field("source", "来源", "select", options="usage_sources"),
        CARRIER,
    ),
    columns=(
        Column("id", "编号", "number", width=80, fixed=True, drill="usage-load?load_id={id}"),
        Column("source", "来源", "choice", width=90, options="usage_sources"),
        CARRIER_COLUMN,
        Column("state", "状态", "tag", width=90, options="load_states"),
        Column("first_day", "首日", "date", width=110),
        Column("last_day", "末日", "date", width=110),
        Column("rows", "行数", "number", width=90),
        Column("taken", "入库", "number", width=90),
        Column("replaced", "更正", "number", width=80),
        Column("repeated", "重复", "number", width=80),
        Column("unknown", "未知卡", "number", width=80, drill="unknown-usage?load_id={id}"),
        Column("refused", "拒收行数", "number", width=90, drill="usage-refused?job_id=traffic-{job}"),
        Column("as_of", "数据时间", "time", width=166),
        Column("asked_by_name", "提交人", width=110),
        Column("asked_at", "提交时间", "time", width=166),
        Column("ended_at", "完成时间", "time", width=166),
        Column("decided_by", "确认人", width=110),
        Column("remark", "确认说明", width=200),
    ),
    toolbar=(_UPLOAD, _CHECK),
    actions=(Action("确认", needs="row", can="decide", opens="usage-load?load_id={id}"),),
    export="usage-loads",
)

USAGE_LOAD = Page(
    "usage-load",
    "流量数据预览",
    tab_of="usage-loads",
    source="/usage-loads/{load_id}/preview",
    row_key="what",
    paged=False,
    hint="卡片行为每卡每日平均流量。1 MB = 1,048,576 字节（2^20）。",
    about=About(
        "/usage-loads/{load_id}",
        facts=(
            Column("state", "状态", "tag", options="load_states"),
            Column("source", "来源", "choice", options="usage_sources"),
            Column("carrier", "运营商", "choice", options="carriers"),
            Column("rows", "行数", "number"),
            Column("unknown", "未知卡", "number"),
            Column("refused", "拒收行数", "number"),
            Column("as_of", "数据时间", "time"),
            Column("asked_by_name", "提交人"),
            Column("decided_by", "确认人"),
            Column("remark", "确认说明"),
        ),
        warning="待确认原因：{reasons}",
    ),
    columns=(
        Column("what", "日期或 ICCID", width=220, fixed=True),
        Column("cards", "本次卡数", "number", width=110),
        Column("known_cards", "其中已有数据", "number", width=130),
        Column("now_bytes", "本次流量（MB）", "volume", width=150),
        Column("known_bytes", "已有流量（MB）", "volume", width=150),
    ),
    toolbar=(
        Action("接收", _DECIDE, can="decide", kind="primary", data={"take": True}, fields=(_REMARK,)),
        Action("放弃", _DECIDE, can="decide", kind="danger", data={"take": False}, fields=(_REMARK,)),
    ),
)

USAGE_REFUSED = Page(
    "usage-refused",
    "流量拒收行",
    tab_of="usage-loads",
    source="/jobs/{job_id}/rows",
    row_key="row",
    columns=(
        Column("row", "行号", "number", width=100),
        Column("key", "ICCID", width=240),
        Column("code", "原因代码", width=220),
        Column("message", "原因"),
    ),
)

UNKNOWN_USAGE = Page(
    "unknown-usage",
    "未知卡流量",
    tab="未知卡流量",
    tab_of="usage-loads",
    source="/unknown-usage",
    row_key="id",
    hint="台账中没有这些卡。卡片入账后，随下一次流量数据自动入库。",
    filters=(ICCID, Field("load_id", "数据批次", "number")),
    columns=(
        Column("iccid", "ICCID", width=220, fixed=True, copy=True),
        Column("day", "日期", "date", width=110),
        Column("source", "来源", "choice", width=90, options="usage_sources"),
        Column("usage_bytes", "流量（MB）", "volume", width=130),
        Column("load_id", "数据批次", "number", width=110, drill="usage-load?load_id={load_id}"),
    ),
    export="unknown-usage",
)

USAGE_CHECKS = Page(
    "usage-checks",
    "流量核对",
    permission="usage.view",
    tab="核对",
    tab_of="usage-loads",
    source="/jobs",
    row_key="id",
    fixed={"service": "traffic", "kind": "usage_check"},
    columns=(
        Column("title", "核对", width=220, drill="usage-refused?job_id={id}"),
        Column("state", "状态", "tag", width=100, options="job_states"),
        Column("refused_count", "不一致", "number", width=110, drill="usage-refused?job_id={id}"),
        Column("created_at", "提交时间", "time", width=166),
        Column("finished_at", "完成时间", "time", width=166),
    ),
    toolbar=(_CHECK,),
)

USAGE_PULLS = Page(
    "usage-pulls",
    "流量补采",
    tab="补采",
    tab_of="usage-loads",
    source="/usage-pulls",
    row_key="id",
    hint="缺哪一天多少卡、运营商还能查到何时、按其频率与配额何时取完。只在运营商允许的时段内调用。",
    filters=(
        CARRIER,
        Field("kind", "方式", "select", options="pull_kinds"),
        Field("state", "状态", "select", options="pull_states"),
    ),
    columns=(
        Column("subject", "内容", width=220, fixed=True),
        CARRIER_COLUMN,
        Column("kind", "方式", "choice", width=90, options="pull_kinds"),
        Column("state", "状态", "tag", width=90, options="pull_states"),
        Column("wanted", "缺数", "number", width=90),
        Column("answered", "已取", "number", width=90),
        Column("strangers", "对方无此卡", "number", width=100),
        Column("calls", "调用次数", "number", width=90),
        Column("closes_at", "可查截止", "time", width=166),
        Column("ready_at", "预计完成", "time", width=166),
        Column("late", "赶不上", "choice", width=80, options="yes_no"),
        Column("asked_at", "最近调用", "time", width=166),
        Column("ended_at", "完成时间", "time", width=166),
        Column("rests_until", "暂停至", "time", width=166),
        Column("error", "原因", width=260),
    ),
    toolbar=(
        Action(
            "立即补采",
            "/usage-pulls",
            kind="primary",
            fields=(Field("carrier", "运营商", "select", options="carriers", required=True),),
            answer="job",
        ),
    ),
    export="usage-pulls",
)

PAGES = (USAGE_DAYS, USAGE_LOADS, USAGE_LOAD, USAGE_REFUSED, UNKNOWN_USAGE, USAGE_CHECKS, USAGE_PULLS)
