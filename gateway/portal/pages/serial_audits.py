"""冻结与申诉, 盘库与稽核: freezes, appeals, unredeemed devices, findings, sanctions (IME-11 to IME-13, IME-18)."""

from gateway.portal.pages.fields import REASON, UNIT
from gateway.portal.pages.serials import ORGANISATION, ORGANISATION_COLUMN, SERIAL_COLUMN, SERIAL_FIELD, UNIT_COLUMN
from gateway.portal.spec import Action, Column, Field, Page

FREEZES = Page(
    "serial-freezes",
    "冻结与申诉",
    tab="冻结记录",
    source="/serial-freezes",
    row_key="serial",
    filters=(
        SERIAL_FIELD,
        Field("cause", "冻结原因", "select", options="freeze_causes"),
        Field("standing", "仍冻结", "select", options="yes_no"),
        Field("overdue", "已超期", "select", options="yes_no"),
        UNIT,
    ),
    columns=(
        SERIAL_COLUMN,
        Column("cause", "冻结原因", "choice", width=130, options="freeze_causes"),
        Column("reason", "说明", width=180),
        Column("document", "依据文件", width=160),
        UNIT_COLUMN,
        Column("at", "冻结时间", "time", width=166, sort="at"),
        Column("observed_until", "申诉截止", "time", width=166),
        Column("decide_by", "处理期限", "time", width=166),
        Column("standing", "仍冻结", "choice", width=90, options="yes_no"),
        Column("overdue", "已超期", "choice", width=90, options="yes_no"),
    ),
    actions=(
        Action(
            "申诉", "/serial-appeals", needs="row", kind="primary", can="appeal", carry=("serial",),
            fields=(
                Field("grounds", "申诉理由", "textarea", required=True, max_length=1000),
                Field(
                    "evidence", "证据", "textarea", required=True, max_length=1000,
                    hint="发票、照片等的编号或存放处",
                ),
            ),
            note="串码 {serial}：申诉由他人复核，成立后恢复到冻结前的状态。",
        ),
        Action(
            "延长期限", "/serial-freezes/extend", needs="row", can="extend", carry=("serial",),
            fields=(Field("until", "处理期限", "date", required=True), REASON),
        ),
    ),
    sort="-at",
    export="serial-freezes",
)

APPEALS = Page(
    "serial-appeals",
    "冻结申诉",
    tab="申诉",
    tab_of="serial-freezes",
    source="/serial-appeals",
    row_key="appeal_id",
    filters=(SERIAL_FIELD, Field("state", "状态", "select", options="appeal_states"), UNIT),
    columns=(
        Column("appeal_id", "申诉编号", width=90, fixed=True),
        SERIAL_COLUMN,
        ORGANISATION_COLUMN,
        UNIT_COLUMN,
        Column("state", "状态", "tag", width=100, options="appeal_states"),
        Column("grounds", "申诉理由", width=220),
        Column("evidence", "证据", width=200),
        Column("at", "申诉时间", "time", width=166, sort="id"),
        Column("by_name", "申诉人", width=110),
        Column("reviewed_at", "复核时间", "time", width=166),
        Column("reviewer_name", "复核人", width=110),
        Column("outcome", "复核说明", width=220),
    ),
    actions=(
        Action(
            "申诉成立", "/serial-appeals/{appeal_id}/review", needs="row", kind="primary", can="review",
            data={"granted": True}, fields=(Field("outcome", "复核说明", "textarea", required=True, max_length=500),),
            note="串码 {serial} 将恢复到冻结前的状态。",
        ),
        Action(
            "驳回", "/serial-appeals/{appeal_id}/review", needs="row", kind="danger", can="review",
            data={"granted": False}, fields=(Field("outcome", "复核说明", "textarea", required=True, max_length=500),),
        ),
    ),
    sort="-id",
    export="serial-appeals",
)

UNREDEEMED = Page(
    "serial-stocktakes",
    "盘库与稽核",
    tab="已销售未核销",
    hint="天数自售出起算；未登记售出的，自首次自注册起算。",
    source="/serial-unredeemed",
    row_key="serial",
    filters=(
        ORGANISATION,
        Field("state", "状态", "select", options="unredeemed_states"),
        UNIT,
        Field("days", "未核销天数", "number", hint="至少这么多天"),
    ),
    columns=(
        SERIAL_COLUMN,
        Column("state", "状态", "tag", width=124, options="serial_states"),
        ORGANISATION_COLUMN,
        UNIT_COLUMN,
        Column("maker", "厂商", width=110),
        Column("model", "型号", width=120),
        Column("sold_at", "售出时间", "time", width=166),
        Column("registered_at", "首次自注册时间", "time", width=166),
        Column("since", "起算时间", "time", width=166, sort="since"),
        Column("days", "未核销天数", "days", width=110),
    ),
    export="serial-unredeemed",
)

REGISTRATIONS = Page(
    "serial-registrations",
    "自注册记录",
    tab="自注册记录",
    tab_of="serial-stocktakes",
    source="/serial-registrations",
    row_key="registered_at",
    filters=(
        SERIAL_FIELD,
        Field("msisdn", "手机号"),
        Field("known", "在串码池中", "select", options="yes_no"),
        UNIT,
        Field("day_from", "注册日期", "dates", until="day_to"),
    ),
    columns=(
        Column("serial", "串码", width=160, fixed=True, copy=True),
        Column("registered_at", "注册时间", "time", width=166, sort="registered_at"),
        Column("place_unit_name", "注册地", width=140),
        Column("msisdn", "手机号", width=130),
        Column("state", "状态", "tag", width=124, options="serial_states"),
        ORGANISATION_COLUMN,
        UNIT_COLUMN,
        Column("received_at", "接收时间", "time", width=166),
    ),
    sort="-registered_at",
    export="serial-registrations",
)

VIOLATIONS = Page(
    "serial-violations",
    "串码稽核发现",
    tab="稽核发现",
    tab_of="serial-stocktakes",
    source="/serial-violations",
    row_key="violation_id",
    filters=(
        Field("kind", "类型", "select", options="violation_kinds"),
        Field("state", "状态", "select", options="violation_states"),
        SERIAL_FIELD,
        ORGANISATION,
        UNIT,
        Field("day_from", "发生日期", "dates", until="day_to"),
    ),
    columns=(
        Column("violation_id", "编号", width=80, fixed=True),
        Column("kind", "类型", "choice", width=130, options="violation_kinds"),
        SERIAL_COLUMN,
        Column("state", "状态", "tag", width=100, options="violation_states"),
        Column("ours", "本方记录", width=260),
        Column("theirs", "对方记录", width=260),
        ORGANISATION_COLUMN,
        UNIT_COLUMN,
        Column("happened_at", "发生时间", "time", width=166),
        Column("found_at", "发现时间", "time", width=166, sort="id"),
        Column("decided_at", "认定时间", "time", width=166),
        Column("decided_by_name", "认定人", width=110),
        Column("remark", "认定说明", width=200),
    ),
    toolbar=(
        Action(
            "稽核分析", "/serial-analyses", kind="primary",
            fields=(Field("month", "月份", "month", required=True, default="$this_month"),),
            note="查找该月的二次补贴、窜货、非实物核销、当日未核销和疑似克隆；已发现的不会重复。",
        ),
    ),
    actions=(
        Action(
            "认定", "/serial-violations/{violation_id}/decision", needs="row", kind="primary", can="decide",
            data={"confirmed": True}, fields=(Field("remark", "认定说明", "textarea", required=True, max_length=500),),
            note="{ours}；{theirs}。认定后提出对库存组织的处罚。",
        ),
        Action(
            "不成立", "/serial-violations/{violation_id}/decision", needs="row", can="decide",
            data={"confirmed": False}, fields=(Field("remark", "认定说明", "textarea", required=True, max_length=500),),
            note="{ours}；{theirs}。",
        ),
    ),
    sort="-id",
    export="serial-violations",
)

SANCTIONS = Page(
    "serial-sanctions",
    "代理商处罚",
    tab="处罚",
    tab_of="serial-stocktakes",
    source="/serial-sanctions",
    row_key="sanction_id",
    filters=(ORGANISATION, Field("state", "状态", "select", options="sanction_states"), UNIT),
    columns=(
        Column("sanction_id", "编号", width=80, fixed=True),
        ORGANISATION_COLUMN,
        UNIT_COLUMN,
        Column("step", "措施", "choice", width=120, options="sanction_steps"),
        Column("state", "状态", "tag", width=100, options="sanction_states"),
        Column("violations", "一年内认定次数", "number", width=130),
        Column("proposed_at", "提出时间", "time", width=166, sort="id"),
        Column("proposed_by_name", "提出人", width=110),
        Column("hearing", "申辩内容", width=220),
        Column("heard_at", "申辩时间", "time", width=166),
        Column("decided_at", "决定时间", "time", width=166),
        Column("decided_by_name", "决定人", width=110),
        Column("remark", "决定说明", width=200),
    ),
    actions=(
        Action(
            "申辩", "/serial-sanctions/{sanction_id}/hearing", needs="row", can="hear",
            fields=(Field("statement", "申辩内容", "textarea", required=True, max_length=2000),),
        ),
        Action(
            "处罚决定", "/serial-sanctions/{sanction_id}/decision", needs="row", kind="danger",
            can="impose|drop|lift",
            fields=(
                Field("decision", "决定", "select", options="sanction_decisions", required=True, allowed=True),
                Field("remark", "决定说明", "textarea", required=True, max_length=500),
            ),
            note="处罚须先申辩，并由提出人以外的人决定；取消合作资格后该组织不能入库、销售、调入和核销。",
        ),
    ),
    sort="-id",
    export="serial-sanctions",
)

PAGES = (FREEZES, APPEALS, UNREDEEMED, REGISTRATIONS, VIOLATIONS, SANCTIONS)

ENGLISH = {
    "售出时间": "Sold", "起算时间": "Counted from",
    "天数自售出起算；未登记售出的，自首次自注册起算。":
    "From the sale; where none is entered, from the first registration.",
    "首次自注册时间": "First registered",
    "自注册记录": "Registrations",
    "在串码池中": "In a pool",
    "注册日期": "Registered on",
    "注册时间": "Registered",
    "注册地": "Place",
    "接收时间": "Received",
}
