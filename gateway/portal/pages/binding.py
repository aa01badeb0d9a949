"""Terminals and cards: readings, binding changes, exceptions (BND-04 to BND-06). A number opens the list it counts."""

from gateway.portal.pages.fields import REASON, UNIT
from gateway.portal.spec import Action, Chart, Column, Field, Page

_DAYS = Field("day_from", "召测日期", "dates", until="day_to", hint="留空为今天；最多 92 天")
_BINDING_DAYS = Field("day_from", "绑定日期", "dates", until="day_to", hint="留空为今天；最多 92 天")
_LAST_DAYS = Field("day_from", "最近日期", "dates", until="day_to")
_EXACT = Field("unit_exact", "仅本级", "select", options="yes_no")
_TERMINAL = Field("terminal", "终端资产编号")
_ICCID = Field("iccid", "ICCID")

_UNIT_NAME = Column("unit_name", "供电单位", width=160)
_TERMINAL_COLUMN = Column(
    "terminal", "终端资产编号", width=150, fixed=True, copy=True, drill="bindings?terminal={terminal}"
)
_SLOT = Column("slot", "模块槽位", "number", width=90)
_CARD = Column("iccid", "ICCID", width=206, copy=True, drill="card?iccid={iccid}")

_READINGS = "readings-list?unit={unit}&unit_exact={exact}&day_from={day}&day_to={day}"

READINGS = Page(
    "readings",
    "终端SIM卡召测查询",
    tab="终端SIM卡召测统计",
    source="/binding/statistics/readings",
    row_key="unit",
    paged=False,
    sums=True,
    filters=(UNIT, _DAYS),
    columns=(
        Column(
            "unit_name",
            "供电单位",
            width=200,
            fixed=True,
            drill="readings?unit={unit}&day_from={day_from}&day_to={day_to}",
        ),
        Column("day", "召测日期", "date", width=120),
        Column("total", "召测总数", "number", width=120, drill=_READINGS),
        Column("succeeded", "成功数", "number", width=120, drill=f"{_READINGS}&collected=true&abnormal=false"),
        Column("abnormal", "异常数", "number", width=120, drill=f"{_READINGS}&abnormal=true"),
        Column("failed", "失败数", "number", width=120, drill=f"{_READINGS}&collected=false"),
        Column("rate", "成功率（%）", "number", width=120),
    ),
    chart=Chart("各单位召测结果", "unit_name", ("succeeded", "abnormal", "failed"), unit="次"),
    export="binding/statistics/readings",
)

READINGS_TREND = Page(
    "readings-trend",
    "近 30 日召测成功率",
    tab="成功率趋势",
    tab_of="readings",
    source="/binding/statistics/readings",
    row_key="unit",
    paged=False,
    sums=True,
    fixed={"nights": "30"},
    filters=(UNIT,),
    columns=(
        Column("unit_name", "供电单位", width=200, fixed=True, drill="readings-trend?unit={unit}"),
        Column("day", "召测日期", "date", width=120),
        Column("total", "召测总数", "number", width=120, drill=_READINGS),
        Column("succeeded", "成功数", "number", width=120, drill=f"{_READINGS}&collected=true&abnormal=false"),
        Column("abnormal", "异常数", "number", width=120, drill=f"{_READINGS}&abnormal=true"),
        Column("failed", "失败数", "number", width=120, drill=f"{_READINGS}&collected=false"),
        Column("rate", "成功率（%）", "number", width=120),
    ),
    chart=Chart("近 30 日各单位召测成功率", "day", ("rate",), unit="%", lines="unit_name"),
    export="binding/statistics/readings",
)

READINGS_LIST = Page(
    "readings-list",
    "终端SIM卡召测明细",
    tab="终端SIM卡召测明细",
    tab_of="readings",
    source="/binding/readings",
    row_key="terminal",
    filters=(
        UNIT,
        _DAYS,
        _TERMINAL,
        _ICCID,
        Field("collected", "采集成功", "select", options="yes_no"),
        Field("abnormal", "是否异常", "select", options="yes_no"),
        _EXACT,
    ),
    columns=(
        _TERMINAL_COLUMN,
        _SLOT,
        _UNIT_NAME,
        Column("day", "召测日期", "date", width=120),
        Column("read_at", "抄读时间", "time", width=166, sort="read_at"),
        Column("received_at", "主站接收时间", "time", width=166),
        Column("collected", "采集成功", "tag", width=100, options="yes_no"),
        Column("abnormal", "是否异常", "choice", width=100, options="yes_no"),
        Column("outcome", "召测结果", "choice", width=110, options="reading_outcomes"),
        _CARD,
        Column("fault", "失败代码", width=110),
    ),
    export="binding/readings",
)

_CHANGES = "binding-changes-list?unit={unit}&unit_exact={exact}&day_from={day}&day_to={day}"


def _counted(name: str, label: str, by: str) -> Column:
    return Column(name, label, "number", width=110, drill=f"{_CHANGES}&{by}={name}")


BINDING_CHANGES = Page(
    "binding-changes",
    "自动绑定记录",
    tab="自动绑定变更统计",
    source="/binding/statistics/changes",
    row_key="unit",
    paged=False,
    sums=True,
    filters=(UNIT, _BINDING_DAYS),
    columns=(
        Column(
            "unit_name",
            "供电单位",
            width=200,
            fixed=True,
            drill="binding-changes?unit={unit}&day_from={day_from}&day_to={day_to}",
        ),
        Column("day", "绑定日期", "date", width=120),
        _counted("added", "新增", "kind"),
        _counted("removed", "减少", "kind"),
        _counted("changed", "变更", "kind"),
        Column("total", "合计", "number", width=110, drill=_CHANGES),
        _counted("card_replaced", "换卡", "cause"),
        _counted("terminal_replaced", "换终端", "cause"),
        _counted("both", "卡与终端均换", "cause"),
        _counted("module_changed", "换模块", "cause"),
    ),
    chart=Chart("各单位绑定变更", "unit_name", ("added", "removed", "changed"), unit="次"),
    export="binding/statistics/changes",
)

BINDING_CHANGES_LIST = Page(
    "binding-changes-list",
    "自动绑定变更明细",
    tab="自动绑定变更明细",
    tab_of="binding-changes",
    source="/binding/changes",
    row_key="terminal",
    filters=(
        UNIT,
        _BINDING_DAYS,
        _TERMINAL,
        _ICCID,
        Field("kind", "变更类型", "select", options="change_kinds"),
        Field("cause", "变更原因", "select", options="change_causes"),
        _EXACT,
    ),
    columns=(
        _TERMINAL_COLUMN,
        _SLOT,
        _UNIT_NAME,
        Column("day", "绑定日期", "date", width=120),
        Column("at", "抄读时间", "time", width=166, sort="at"),
        Column("kind", "变更类型", "tag", width=100, options="change_kinds"),
        Column("cause", "变更原因", "choice", width=130, options="change_causes"),
        Column("old_iccid", "原 ICCID", width=206, copy=True, drill="card?iccid={old_iccid}"),
        Column("new_iccid", "新 ICCID", width=206, copy=True, drill="card?iccid={new_iccid}"),
        Column("other_terminal", "对方终端", width=150, drill="bindings?terminal={other_terminal}"),
    ),
    export="binding/changes",
)

BINDINGS = Page(
    "bindings",
    "绑定历史",
    tab="卡与终端的绑定历史",
    tab_of="binding-changes",
    source="/binding/bindings",
    row_key="terminal",
    hint="填写完整的 ICCID 或终端资产编号。",
    filters=(_ICCID, _TERMINAL),
    columns=(
        Column("iccid", "ICCID", width=206, copy=True, drill="bindings?iccid={iccid}"),
        _TERMINAL_COLUMN,
        _SLOT,
        _UNIT_NAME,
        Column("bound_from", "绑定时间", "time", width=166, sort="bound_from"),
        Column("bound_to", "解绑时间", "time", width=166),
    ),
    actions=(Action("IMEI 记录", needs="row", opens="imeis?iccid={iccid}"),),
    export="binding/bindings",
)

_HANDLE = "/binding/exceptions/{exception_id}/handle"

BINDING_EXCEPTIONS = Page(
    "binding-exceptions",
    "绑定异常查看",
    tab="异常",
    source="/binding/exceptions",
    row_key="exception_id",
    filters=(
        UNIT,
        _LAST_DAYS,
        _TERMINAL,
        _ICCID,
        Field("kind", "异常原因", "select", options="exception_kinds"),
        Field("state", "处理状态", "select", options="handling_states"),
        Field("standing", "仍存在", "select", options="yes_no"),
        _EXACT,
    ),
    columns=(
        _TERMINAL_COLUMN,
        _SLOT,
        _UNIT_NAME,
        Column("kind", "异常原因", "choice", width=150, options="exception_kinds"),
        _CARD,
        Column("other_terminal", "对方终端", width=150, drill="bindings?terminal={other_terminal}"),
        Column("sample", "抄读内容", width=130),
        Column("readings", "出现次数", "number", width=110, sort="readings"),
        Column("first_day", "首次日期", "date", width=120),
        Column("last_day", "最近日期", "date", width=120, sort="last_day"),
        Column("last_read_at", "最近抄读时间", "time", width=166),
        Column("standing", "仍存在", "choice", width=90, options="yes_no"),
        Column("state", "处理状态", "tag", width=100, options="handling_states"),
        Column("handler_name", "处理人", width=110),
        Column("handled_at", "处理时间", "time", width=166),
        Column("note", "处理说明", width=200),
    ),
    actions=(
        Action("接手", _HANDLE, needs="row", can="take", data={"state": "in_hand"}, kind="primary"),
        Action("双方对照", needs="row", can="settle", opens="binding-claims?exception_id={exception_id}"),
        Action(
            "裁定",
            "/binding/exceptions/{exception_id}/settle",
            needs="row",
            can="settle",
            note="ICCID {iccid}：本终端 {terminal}，对方终端 {other_terminal}。请先查看双方对照。",
            fields=(Field("to", "归属", "select", options="settle_sides", required=True), REASON),
        ),
        Action(
            "关闭",
            _HANDLE,
            needs="row",
            can="close",
            data={"state": "closed"},
            fields=(Field("note", "处理说明", "textarea", required=True, max_length=500),),
        ),
        Action(
            "退回",
            _HANDLE,
            needs="row",
            can="give_back",
            data={"state": "open"},
            fields=(Field("note", "处理说明", "textarea", max_length=500),),
        ),
        Action("处理记录", needs="row", opens="binding-notes?exception_id={exception_id}"),
    ),
    export="binding/exceptions",
)

BINDING_CLAIMS = Page(
    "binding-claims",
    "双方对照",
    tab_of="binding-exceptions",
    source="/binding/exceptions/{exception_id}/claims",
    row_key="terminal",
    paged=False,
    columns=(
        Column("party", "哪一方", "choice", width=110, options="claim_parties"),
        _TERMINAL_COLUMN,
        _SLOT,
        _UNIT_NAME,
        Column("kind", "终端类型", width=120),
        Column("state", "终端状态", "tag", width=100, options="terminal_states"),
        _CARD,
        Column("first_read", "首次抄到", "time", width=166),
        Column("last_read", "最近抄到", "time", width=166),
        Column("bound_from", "绑定时间", "time", width=166),
        Column("holds", "现绑定于此", "choice", width=110, options="yes_no"),
    ),
)

BINDING_NOTES = Page(
    "binding-notes",
    "异常处理记录",
    tab_of="binding-exceptions",
    source="/binding/exceptions/{exception_id}/notes",
    row_key="at",
    columns=(
        Column("at", "时间", "time", width=166),
        Column("by_name", "处理人", width=130),
        Column("from_state", "原状态", "tag", width=110, options="handling_states"),
        Column("to_state", "新状态", "tag", width=110, options="handling_states"),
        Column("note", "处理说明", width=360),
    ),
)

SETTLEMENTS = Page(
    "binding-settlements",
    "绑定裁定记录",
    tab="裁定记录",
    tab_of="binding-exceptions",
    source="/binding/settlements",
    row_key="settlement_id",
    filters=(UNIT, _TERMINAL, _ICCID),
    columns=(
        _CARD,
        _TERMINAL_COLUMN,
        _SLOT,
        _UNIT_NAME,
        Column("decided_at", "裁定时间", "time", width=166),
        Column("decided_by_name", "裁定人", width=110),
        Column("reason", "原因", width=200),
        Column("undone_at", "撤销时间", "time", width=166),
        Column("undone_by_name", "撤销人", width=110),
        Column("undo_reason", "撤销原因", width=200),
    ),
    actions=(
        Action(
            "撤销裁定",
            "/binding/settlements/{settlement_id}/undo",
            needs="row",
            can="undo",
            kind="danger",
            fields=(REASON,),
        ),
    ),
    export="binding/settlements",
)

PAGES = (
    READINGS, READINGS_TREND, READINGS_LIST, BINDING_CHANGES, BINDING_CHANGES_LIST, BINDINGS, BINDING_EXCEPTIONS,
    BINDING_CLAIMS, BINDING_NOTES, SETTLEMENTS,
)  # fmt: skip
