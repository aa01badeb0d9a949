"""卡流量分布 and 终端流量分布: ranges, then cards and terminals, months and days (TRF-02, TRF-03)."""

from gateway.portal.pages.fields import CARRIER, CARRIER_COLUMN, ICCID, ICCID_COLUMN, UNIT
from gateway.portal.spec import Action, Chart, Column, Field, Page

_MONTH = Field("month", "月份", "month", hint="留空为最近有数据的月份", newest=True)
_RANGES = Field("ranges", "流量区间", hint="MB，由小到大，用逗号分隔，如 1,5,10；留空为本省设置")
_CARRIER_SPAN = Field("carrier_from", "运营商流量", "volumes", until="carrier_to")
_TERMINAL_SPAN = Field("terminal_from", "终端流量", "volumes", until="terminal_to")
_CARDS = "usage-months?month={month}&unit={unit}&carrier={carrier}"
_TERMINALS = "terminal-months?month={month}&unit={unit}&carrier={carrier}"
_DAYS = "usage-days?iccid={iccid}&day_from={first_day}&day_to={last_day}"
_MB = "1 MB = 1,048,576 字节（2^20）。"

_SET_RANGES = Action(
    "设置区间",
    "/settings/usage-ranges",
    method="PUT",
    load="/settings/usage-ranges",
    etag=True,
    note="各区间的起点，单位 MB，由小到大，用逗号分隔。修改后立即适用于所有月份。",
    fields=(Field("ranges", "流量区间", required=True, max_length=300),),
)

CARD_USAGE = Page(
    "card-usage",
    "卡流量分布",
    tab="SIM卡流量分布统计",
    source="/usage-distribution",
    row_key="at_least",
    paged=False,
    sums=True,
    hint=_MB,
    warning="{data_of}",
    filters=(UNIT, CARRIER, _MONTH, _RANGES),
    columns=(
        Column("label", "流量区间", width=150, fixed=True),
        Column(
            "carrier_cards", "卡数（运营商）", "number", width=130,
            drill=f"{_CARDS}&carrier_from={{at_least}}&carrier_to={{most}}",
        ),
        Column("carrier_bytes", "运营商流量（MB）", "volume", width=160),
        Column(
            "terminal_cards", "卡数（主站）", "number", width=130,
            drill=f"{_CARDS}&terminal_from={{at_least}}&terminal_to={{most}}",
        ),
        Column("terminal_bytes", "终端流量（MB）", "volume", width=160),
    ),
    toolbar=(_SET_RANGES,),
    chart=Chart("各流量区间卡数", "label", ("carrier_cards", "terminal_cards"), stacked=False),
    export="usage-distribution",
)  # fmt: skip

USAGE_BY_UNIT = Page(
    "usage-by-unit",
    "各单位流量",
    tab="各单位",
    tab_of="card-usage",
    source="/usage-by-unit",
    row_key="unit",
    paged=False,
    sums=True,
    hint=_MB,
    filters=(UNIT, CARRIER, _MONTH),
    columns=(
        Column(
            "unit_name", "供电单位", width=200, fixed=True,
            drill="usage-by-unit?unit={unit}&month={month}&carrier={carrier}",
        ),
        Column("carrier_cards", "卡数（运营商）", "number", width=130, drill=_CARDS),
        Column("carrier_bytes", "运营商流量（MB）", "volume", width=160),
        Column("carrier_mean", "每卡平均（MB，运营商）", "volume", width=190),
        Column("terminal_cards", "卡数（主站）", "number", width=130, drill=_CARDS),
        Column("terminal_bytes", "终端流量（MB）", "volume", width=160),
        Column("terminal_mean", "每卡平均（MB，主站）", "volume", width=180),
    ),
    chart=Chart("各单位有流量数据的卡数", "unit_name", ("carrier_cards", "terminal_cards"), stacked=False),
    export="usage-by-unit",
)  # fmt: skip

USAGE_MONTHS = Page(
    "usage-months",
    "SIM卡流量分布明细",
    tab="SIM卡流量分布明细",
    tab_of="card-usage",
    source="/usage-months",
    row_key="iccid",
    hint=f"月中换单位的卡在每个单位各有一行。{_MB}",
    filters=(UNIT, CARRIER, _MONTH, ICCID, _CARRIER_SPAN, _TERMINAL_SPAN),
    columns=(
        ICCID_COLUMN,
        Column("month", "月份", "month", width=96, sort="month"),
        Column("unit_name", "供电单位", width=160),
        CARRIER_COLUMN,
        Column("terminal", "终端资产编号", width=150, drill="bindings?terminal={terminal}"),
        Column("carrier_month", "运营商流量（MB）", "volume", width=172, sort="carrier_month", drill=_DAYS),
        Column("terminal_month", "终端流量（MB）", "volume", width=156, sort="terminal_month", drill=_DAYS),
        Column("difference", "差值（MB）", "volume", width=130),
        Column("own_month", "终端自计流量（MB）", "volume", width=160),
    ),
    actions=(
        Action("日明细", needs="row", opens=_DAYS),
        Action("各月", needs="row", opens="usage-months?iccid={iccid}"),
    ),
    export="usage-months",
)

TERMINAL_USAGE = Page(
    "terminal-usage",
    "终端流量分布",
    tab="终端流量分布统计",
    source="/terminal-distribution",
    row_key="at_least",
    paged=False,
    sums=True,
    hint=f"按主站统计的流量计数；终端上有多张卡的，流量相加。{_MB}",
    warning="{data_of}",
    filters=(UNIT, CARRIER, _MONTH, _RANGES),
    columns=(
        Column("label", "流量区间", width=150, fixed=True),
        Column(
            "terminals", "终端数", "number", width=130,
            drill=f"{_TERMINALS}&terminal_from={{at_least}}&terminal_to={{most}}",
        ),
        Column("terminal_bytes", "终端流量（MB）", "volume", width=160),
        Column("carrier_bytes", "运营商流量（MB）", "volume", width=160),
    ),
    toolbar=(_SET_RANGES,),
    chart=Chart("各流量区间终端数", "label", ("terminals",), unit="台"),
    export="terminal-distribution",
)  # fmt: skip

TERMINAL_MONTHS = Page(
    "terminal-months",
    "终端流量分布明细",
    tab="终端流量分布明细",
    tab_of="terminal-usage",
    source="/terminal-months",
    row_key="terminal",
    hint=_MB,
    filters=(UNIT, CARRIER, _MONTH, Field("terminal", "终端资产编号"), _TERMINAL_SPAN),
    columns=(
        Column(
            "terminal", "终端资产编号", width=170, fixed=True, copy=True, sort="terminal",
            drill="bindings?terminal={terminal}",
        ),
        Column("month", "月份", "month", width=96),
        Column("unit_name", "供电单位", width=160),
        Column("cards", "卡数", "number", width=80),
        Column("iccid", "ICCID", width=206, copy=True, drill="card?iccid={iccid}"),
        Column("terminal_month", "终端流量（MB）", "volume", width=156, sort="terminal_month", drill=_DAYS),
        Column("carrier_month", "运营商流量（MB）", "volume", width=172, sort="carrier_month", drill=_DAYS),
        Column("difference", "差值（MB）", "volume", width=130),
    ),
    actions=(Action("日明细", needs="row", opens=_DAYS),),
    export="terminal-months",
)  # fmt: skip

PAGES = (CARD_USAGE, USAGE_BY_UNIT, USAGE_MONTHS, TERMINAL_USAGE, TERMINAL_MONTHS)
