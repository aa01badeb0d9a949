"""Terminals: how many in which state, which hold no card (BND-07)."""

from gateway.portal.pages.fields import UNIT
from gateway.portal.spec import Chart, Column, Field, Page

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
        EXACT,
    ),
    columns=_COLUMNS,
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
    export="binding/terminals",
)

PAGES = (BY_STATE, LIST, UNBOUND)
