"""Terminals: how many in which state, which hold no card (BND-07); and whose card is of another unit (BND-08)."""

from gateway.portal.pages.fields import REASON, UNIT
from gateway.portal.spec import Action, Chart, Column, Field, Page

TERMINAL = Field("terminal", "终端资产编号")
EXACT = Field("unit_exact", "仅本级", "select", options="yes_no")
UNIT_NAME = Column("unit_name", "供电单位", width=160)
TERMINAL_COLUMN = Column(
    "terminal", "终端资产编号", width=150, fixed=True, copy=True, drill="bindings?terminal={terminal}"
)

_LIST = "terminals-list?unit={unit}&unit_exact={exact}"
_UNBOUND = "terminals-unbound?unit={unit}&unit_exact={exact}"


def _of_state(state: str, label: str) -> Column:
    return Column(state, label, "number", width=110, drill=f"{_LIST}&state={state}")


BY_STATE = Page(
    "terminals-by-state",
    "各状态终端数量统计",
    tab="按单位统计",
    source="/binding/statistics/terminals",
    row_key="unit",
    paged=False,
    sums=True,
    filters=(UNIT,),
    columns=(
        Column("unit_name", "供电单位", width=200, fixed=True, drill="terminals-by-state?unit={unit}"),
        _of_state("running", "运行"),
        _of_state("stopped", "停运"),
        _of_state("pending_install", "待装"),
        _of_state("removed", "拆除"),
        Column("total", "合计", "number", width=110, drill=_LIST),
        Column("unbound", "未绑卡", "number", width=110, drill=_UNBOUND),
    ),
    chart=Chart("各单位终端数量", "unit_name", ("running", "stopped", "pending_install", "removed"), unit="台"),
    export="binding/statistics/terminals",
)

_COLUMNS = (
    TERMINAL_COLUMN,
    UNIT_NAME,
    Column("kind", "终端类型", width=120),
    Column("state", "终端状态", "tag", width=100, options="terminal_states"),
    Column("slots", "模块槽位数", "number", width=100),
    Column("carriers", "运营商", "list", width=130, options="carriers"),
    Column("iccids", "ICCID", "list", width=206),
    Column("reported_at", "上报时间", "time", width=166),
    Column("station", "采集主站", width=130),
)

_READ_NOW = Action(
    "召测",
    "/binding/reads",
    fields=(
        Field(
            "minutes", "等待时间（分钟）", "number", default="10", required=True,
            hint="主站离线时请求保留这么久；最长 10080 分钟（7 天）",
        ),
    ),
    needs="rows", ids="terminals", kind="primary", answer="reads",
)  # fmt: skip

LIST = Page(
    "terminals-list",
    "终端明细",
    tab="终端明细",
    tab_of="terminals-by-state",
    source="/binding/terminals",
    row_key="terminal",
    filters=(
        UNIT,
        TERMINAL,
        Field("state", "终端状态", "select", options="terminal_states"),
        Field("bound", "已绑卡", "select", options="yes_no"),
        Field("carrier", "运营商", "select", options="carriers"),
        EXACT,
    ),
    columns=_COLUMNS,
    batch=(_READ_NOW,),
    export="binding/terminals",
)

UNBOUND = Page(
    "terminals-unbound",
    "未绑定终端明细",
    tab="未绑定终端明细",
    tab_of="terminals-by-state",
    source="/binding/terminals",
    row_key="terminal",
    fixed={"bound": "false"},
    filters=(UNIT, TERMINAL, Field("state", "终端状态", "select", options="terminal_states"), EXACT),
    columns=tuple(column for column in _COLUMNS if column.name not in ("carriers", "iccids")),
    batch=(_READ_NOW,),
    export="binding/terminals",
)

_ICCID = Field("iccid", "ICCID")
_SLOT = Column("slot", "模块槽位", "number", width=90)
_CARD = Column("iccid", "ICCID", width=206, copy=True, drill="card?iccid={iccid}")

MISMATCHES = Page(
    "unit-mismatches",
    "终端与卡单位不一致",
    tab="单位不一致",
    source="/binding/mismatches",
    row_key="mismatch_id",
    hint="供电单位按终端或卡的单位查询；供电所与其所属县视为一致。",
    filters=(UNIT, TERMINAL, _ICCID),
    columns=(
        TERMINAL_COLUMN,
        _SLOT,
        Column("terminal_unit_name", "终端单位", width=160, sort="terminal_unit"),
        _CARD,
        Column("card_unit_name", "卡单位", width=160),
        Column("carrier", "运营商", "choice", width=110, options="carriers"),
        Column("since", "绑定时间", "time", width=166, sort="since"),
    ),
    batch=(
        Action(
            "单位更正",
            "/binding/mismatches/correct",
            fields=(Field("side", "更正对象", "select", options="correction_sides", required=True), REASON),
            needs="rows", ids="mismatches", kind="primary", can="correct", answer="bulk",
            useless="勾选的终端或卡涉及其他单位，请由上级单位更正",
        ),
    ),
    export="binding/mismatches",
)  # fmt: skip

CORRECTIONS = Page(
    "unit-corrections",
    "单位更正记录",
    tab="更正记录",
    tab_of="unit-mismatches",
    source="/binding/corrections",
    row_key="correction_id",
    filters=(
        UNIT,
        TERMINAL,
        _ICCID,
        Field("side", "更正对象", "select", options="correction_sides"),
        Field("state", "更正状态", "select", options="correction_states"),
    ),
    columns=(
        Column("correction_id", "更正编号", width=100),
        Column("at", "更正时间", "time", width=166),
        Column("by_name", "更正人", width=110),
        Column("side", "更正对象", "choice", width=150, options="correction_sides"),
        Column("terminal", "终端资产编号", width=150, copy=True, drill="bindings?terminal={terminal}"),
        _CARD,
        Column("from_unit_name", "原单位", width=150),
        Column("to_unit_name", "新单位", width=150),
        Column("state", "更正状态", "tag", width=120, options="correction_states"),
        Column("message", "未能更正的原因", width=180),
        Column("reason", "原因", width=180),
        Column("undoes", "撤销的更正", width=110),
        Column("undone_by", "被何更正撤销", width=120),
    ),
    actions=(
        Action(
            "撤销更正",
            "/binding/corrections/{correction_id}/undo",
            needs="row",
            can="undo",
            kind="danger",
            fields=(REASON,),
        ),
    ),
    export="binding/corrections",
)

READS = Page("reads", "终端召测", permission="reading.ask", tab="召测", tab_of="readings", component="reads")

ASKINGS = Page(
    "read-askings",
    "召测记录",
    tab="召测记录",
    tab_of="readings",
    source="/binding/reads",
    row_key="read_id",
    filters=(UNIT, Field("day_from", "召测日期", "dates", until="day_to")),
    columns=(
        Column("read_id", "召测编号", width=110, fixed=True, drill="reads?read_id={read_id}"),
        Column("asked_at", "召测时间", "time", width=166),
        Column("asked_by_name", "召测人", width=120),
        UNIT_NAME,
        Column("until", "等待至", "time", width=166),
        Column("total", "终端数", "number", width=100),
        Column("answered", "已读到", "number", width=100),
        Column("failed", "未读到", "number", width=100),
        Column("open", "等待中", "number", width=100),
    ),
    export="binding/reads",
)

_DECIDE = "/binding/terminal-lists/{number}/decide"

TERMINAL_LISTS = Page(
    "terminal-lists",
    "终端全量清单",
    tab="全量清单",
    tab_of="terminals-by-state",
    source="/binding/terminal-lists",
    row_key="number",
    hint="清单缺少的终端超过主站在册终端的 10% 时待人裁定：采用则将其置为拆除，拒绝则忽略该清单。",
    filters=(Field("state", "清单状态", "select", options="terminal_list_states"),),
    columns=(
        Column("station", "采集主站", width=160, fixed=True),
        Column("list_id", "清单编号", width=150),
        Column("as_of", "清单时间", "time", width=166),
        Column("parts", "分段数", "number", width=90),
        Column("state", "清单状态", "tag", width=110, options="terminal_list_states"),
        Column("missing", "缺少终端数", "number", width=120),
        Column("received_at", "接收时间", "time", width=166),
        Column("decided_at", "裁定时间", "time", width=166),
        Column("decided_by_name", "裁定人", width=110),
        Column("reason", "原因", width=200),
    ),
    actions=(
        Action("查看缺少的终端", needs="row", can="preview", opens="missing-terminals?number={number}"),
        Action(
            "采用", _DECIDE, needs="row", can="decide", data={"decision": "apply"}, kind="danger", fields=(REASON,),
            note="清单 {list_id} 缺少 {missing} 台终端，采用后将全部置为拆除，其卡变为待装。请先查看缺少的终端。",
        ),
        Action("拒绝", _DECIDE, needs="row", can="decide", data={"decision": "discard"}, fields=(REASON,)),
    ),
    export="binding/terminal-lists",
)  # fmt: skip

MISSING = Page(
    "missing-terminals",
    "清单缺少的终端",
    tab_of="terminals-by-state",
    source="/binding/missing-terminals",
    row_key="terminal",
    filters=(Field("number", "清单序号", required=True),),
    columns=(
        TERMINAL_COLUMN,
        UNIT_NAME,
        Column("kind", "终端类型", width=120),
        Column("state", "终端状态", "tag", width=100, options="terminal_states"),
        Column("reported_at", "上报时间", "time", width=166),
        Column("iccids", "ICCID", "list", width=206),
    ),
    export="binding/missing-terminals",
)

PAGES = (BY_STATE, LIST, UNBOUND, TERMINAL_LISTS, MISSING, MISMATCHES, CORRECTIONS, READS, ASKINGS)
