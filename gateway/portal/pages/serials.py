"""串码管理: the pool, a device's history, lists, scanning, redemptions, organisations (IME-01 to IME-10)."""

from gateway.portal.pages.fields import REASON, UNIT
from gateway.portal.spec import About, Action, Column, Field, Page

SERIAL_FIELD = Field("serial", "串码", hint="IMEI、MEID 或 ESN，任一码可查")
ORGANISATION = Field("organisation", "库存组织", "select", options="serial_organisations")
ORGANISATION_NEEDED = Field("organisation", "库存组织", "select", options="serial_organisations", required=True)
SERIAL_COLUMN = Column("serial", "串码", width=160, fixed=True, copy=True, drill="serial?serial={serial}")
ORGANISATION_COLUMN = Column("organisation", "库存组织", "choice", width=150, options="serial_organisations")
UNIT_COLUMN = Column("unit_name", "单位", width=150)
_STATE_COLUMN = Column("state", "状态", "tag", width=124, options="serial_states")

POOL = Page(
    "serial-pool",
    "串码池",
    tab="串码",
    source="/serials",
    row_key="serial",
    filters=(
        SERIAL_FIELD,
        Field("state", "状态", "select", options="serial_states"),
        Field("pool", "串码池", "select", options="serial_pools"),
        ORGANISATION,
        Field("unplaced", "未归入组织", "select", options="yes_no"),
        Field("source", "来源", "select", options="serial_sources"),
        Field("age", "库龄", "select", options="serial_ages"),
        Field("model_differs", "型号与 TAC 不符", "select", options="yes_no"),
        UNIT,
        Field("unit_exact", "仅本级", "select", options="yes_no"),
    ),
    columns=(
        SERIAL_COLUMN,
        _STATE_COLUMN,
        Column("pool", "串码池", "choice", width=110, options="serial_pools"),
        ORGANISATION_COLUMN,
        UNIT_COLUMN,
        Column("maker", "厂商", width=110),
        Column("model", "型号", width=120),
        Column("model_differs", "型号与 TAC 不符", "choice", width=146, options="yes_no"),
        Column("source", "来源", "choice", width=130, options="serial_sources"),
        Column("state_since", "进入状态时间", "time", width=166, sort="state_since"),
        Column("sold_at", "销售时间", "time", width=166),
        Column("entered_at", "录入时间", "time", width=166),
    ),
    batch=(
        Action(
            "调拨", "/serial-transfers", needs="rows", ids="serials", can="transfer", answer="bulk",
            fields=(
                Field("to_organisation", "调入组织", "select", options="serial_transfer_targets", required=True),
                Field("reason", "原因", "textarea", max_length=200),
            ),
            useless="所选串码不在库存组织中，或当前状态不能调拨",
        ),
        Action(
            "冻结", "/serial-freezes", needs="rows", ids="serials", kind="danger", can="freeze", answer="bulk",
            fields=(Field("cause", "冻结原因", "select", options="freeze_causes_by_hand", required=True), REASON),
            useless="所选串码的当前状态不能冻结",
        ),
        Action(
            "解冻", "/serial-thaws", needs="rows", ids="serials", can="thaw", answer="bulk", fields=(REASON,),
            useless="所选串码没有被冻结",
        ),
        Action(
            "激活沉默", "/serial-wakes", needs="rows", ids="serials", can="wake", answer="bulk", fields=(REASON,),
            useless="所选串码不是沉默状态",
        ),
    ),
    actions=(
        Action(
            "修改", "/serials/{serial}/edit", needs="row", can="edit", load="/serials/{serial}", title="修改串码信息",
            fields=(
                Field("serials", "全部串码", "serials", required=True, hint="最多 4 个；录入时的串码必须保留"),
                Field("maker", "厂商", max_length=64),
                Field("model", "型号", max_length=64),
                REASON,
            ),
            note="修改前后的内容都会留存，见串码修改记录。",
        ),
    ),
    export="serials",
)

SERIAL = Page(
    "serial",
    "串码详情",
    tab_of="serial-pool",
    source="/serials/{serial}/events",
    row_key="version",
    about=About(
        "/serials/{serial}",
        facts=(
            Column("serials", "全部串码", "list"),
            _STATE_COLUMN,
            ORGANISATION_COLUMN,
            UNIT_COLUMN,
        ),
    ),
    columns=(
        Column("at", "时间", "time", width=166),
        Column("action", "操作", "choice", width=140, options="serial_actions"),
        Column("from_state", "原状态", "tag", width=124, options="serial_states"),
        Column("to_state", "新状态", "tag", width=124, options="serial_states"),
        ORGANISATION_COLUMN,
        UNIT_COLUMN,
        Column("by_name", "操作人", width=110),
        Column("reason", "原因", width=180),
        Column("document", "依据文件", width=160),
        Column("row", "清单行号", "number", width=90),
    ),
    list_title="流转记录",
    export="serial-events",
)

EDITS = Page(
    "serial-edits",
    "串码修改记录",
    tab="修改记录",
    tab_of="serial-pool",
    source="/serial-edits",
    row_key="id",
    filters=(
        SERIAL_FIELD,
        Field("field", "修改项", "select", options="serial_fields"),
        UNIT,
        Field("day_from", "修改日期", "days", until="day_to"),
    ),
    columns=(
        SERIAL_COLUMN,
        UNIT_COLUMN,
        Column("field", "修改项", "choice", width=110, options="serial_fields"),
        Column("before", "修改前", width=220),
        Column("after", "修改后", width=220),
        Column("at", "时间", "time", width=166, sort="id"),
        Column("by_name", "操作人", width=110),
        Column("reason", "原因", width=180),
    ),
    sort="-id",
    export="serial-edits",
)

ORGANISATIONS = Page(
    "serial-organisations",
    "库存组织",
    tab="库存组织",
    tab_of="serial-pool",
    source="/serial-organisations",
    row_key="code",
    filters=(
        Field("level", "级别", "select", options="organisation_levels"),
        Field("parent", "上级组织", "select", options="serial_organisations"),
    ),
    columns=(
        Column("code", "组织编码", width=150, fixed=True, copy=True, drill="serial-pool?organisation={code}"),
        Column("name", "组织名称", width=200),
        Column("level", "级别", "choice", width=120, options="organisation_levels"),
        Column("parent_name", "上级组织", width=180),
        UNIT_COLUMN,
    ),
    toolbar=(
        Action(
            "新增库存组织", "/serial-organisations", kind="primary",
            fields=(
                Field("code", "组织编码", required=True, max_length=32, hint="字母、数字、下划线和连字符"),
                Field("name", "组织名称", required=True, max_length=128),
                Field(
                    "parent", "上级组织", "select", options="serial_organisations",
                    hint="留空为终端管理中心；下级依次为销售单位、代理商、门店",
                ),
                Field("unit", "单位", "tree", options="units", required=True, default="$unit"),
            ),
        ),
    ),
    export="serial-organisations",
)

LISTS = Page(
    "serial-claims",
    "串码领用与下发",
    tab="清单",
    source="/serial-lists",
    row_key="id",
    filters=(
        Field("kind", "清单类型", "select", options="serial_list_kinds"),
        Field("state", "状态", "select", options="serial_list_states"),
    ),
    columns=(
        Column("id", "清单编号", width=90, fixed=True),
        Column("kind", "清单类型", "choice", width=190, options="serial_list_kinds"),
        Column("state", "状态", "tag", width=100, options="serial_list_states"),
        Column("rows", "行数", "number", width=100),
        Column("refused", "拒收行数", "number", width=100, drill="serial-refused?job_id=imei-{job_id}"),
        Column("entered", "录入数量", "number", width=100),
        Column("claimed", "领用数量", "number", width=100),
        Column("frozen", "冻结数量", "number", width=100),
        Column("removed", "移出数量", "number", width=100),
        Column("asked", "送审数量", "number", width=100, drill="serial-ownership?list_id={id}"),
        Column("held_because", "挂起原因", "choice", width=150, options="serial_list_doubts"),
        Column("province_name", "省份", width=120),
        Column("source", "来源", "choice", width=110, options="serial_sources"),
        Column("document", "依据文件", width=160),
        Column("at", "时间", "time", width=166, sort="id"),
        Column("by_name", "操作人", width=110),
    ),
    toolbar=(
        Action(
            "上传串码清单", "/serial-lists", kind="primary", answer="job", template="/serial-lists/template",
            fields=(
                Field("kind", "清单类型", "select", options="serial_list_kinds", required=True),
                Field("province", "省份", "tree", options="units", required=True, default="$unit"),
                Field("source", "来源", "select", options="serial_sources", required=True, default="other"),
                Field("document", "依据文件", max_length=128),
                Field(
                    "file", "串码清单", "file", required=True, accept=".csv,.txt,.xlsx",
                    hint="每行一台终端：串码，可另有串码2至串码4、厂商、型号；串码列请设为文本格式",
                ),
                Field("preview", "只试算，不生效", "check"),
            ),
            note="好的行全部生效，坏的行逐行说明原因和建议；全国清单缩水或将冻结过多时挂起，待人确认。",
        ),
    ),
    actions=(
        Action(
            "确认生效", "/serial-lists/{id}/release", needs="row", kind="primary", can="release", answer="job",
            confirm="清单 {id} 共 {rows} 行：录入 {entered}，领用 {claimed}，冻结 {frozen}，移出 {removed}。确认生效？",
        ),
    ),
    sort="-id",
    export="serial-lists",
)

REFUSED = Page(
    "serial-refused",
    "串码拒收明细",
    tab_of="serial-claims",
    source="/jobs/{job_id}/rows",
    row_key="row",
    columns=(
        Column("row", "行号", "number", width=100),
        Column("key", "串码", width=200, copy=True),
        Column("message", "原因", width=520),
    ),
    last=False,
)

REDEMPTIONS = Page(
    "serial-redemptions",
    "串码核销",
    tab="核销记录",
    source="/serial-redemptions",
    row_key="serial",
    filters=(
        SERIAL_FIELD,
        Field("order_no", "订单号"),
        Field("kind", "补贴类型", "select", options="redemption_kinds"),
        ORGANISATION,
        UNIT,
        Field("day_from", "核销日期", "dates", until="day_to"),
        Field("cancelled", "已取消", "select", options="yes_no"),
    ),
    columns=(
        Column("order_no", "订单号", width=170, fixed=True, copy=True),
        SERIAL_COLUMN,
        Column("kind", "补贴类型", "choice", width=100, options="redemption_kinds"),
        ORGANISATION_COLUMN,
        UNIT_COLUMN,
        Column("at", "核销时间", "time", width=166, sort="at"),
        Column("by_name", "操作人", width=110),
        Column("cancelled", "已取消", "choice", width=90, options="yes_no"),
    ),
    actions=(
        Action(
            "取消核销", "/serial-redemptions/cancel", needs="row", kind="danger", can="cancel", fields=(REASON,),
            carry=("serial", "order_no"), note="订单 {order_no}：串码 {serial} 恢复到核销之前的状态。",
        ),
    ),
    toolbar=(
        Action(
            "核销", "/serial-redemptions", kind="primary",
            fields=(
                Field("kind", "补贴类型", "select", options="redemption_kinds", required=True),
                Field("serial", "串码", required=True, max_length=64),
                ORGANISATION_NEEDED,
                Field("order_no", "订单号", required=True, max_length=64),
                Field("msisdn", "手机号", max_length=15, hint="填写后可核对该号码是否用于此终端"),
            ),
            confirm="核销后该终端不能再次补贴。",
        ),
    ),
    sort="-at",
    export="serial-redemptions",
)

RESERVATIONS = Page(
    "serial-reservations",
    "订单预留",
    tab="订单预留",
    tab_of="serial-redemptions",
    source="/serial-reservations",
    row_key="serial",
    filters=(SERIAL_FIELD, Field("order_no", "订单号"), ORGANISATION, UNIT),
    columns=(
        Column("order_no", "订单号", width=170, fixed=True, copy=True),
        SERIAL_COLUMN,
        Column("kind", "补贴类型", "choice", width=100, options="redemption_kinds"),
        ORGANISATION_COLUMN,
        UNIT_COLUMN,
        Column("at", "预留时间", "time", width=166),
        Column("expires_at", "到期时间", "time", width=166, sort="expires_at"),
        Column("by_name", "操作人", width=110),
    ),
    toolbar=(
        Action(
            "预留", "/serial-reservations", kind="primary",
            fields=(
                Field("kind", "补贴类型", "select", options="redemption_kinds", required=True),
                Field("serial", "串码", required=True, max_length=64),
                ORGANISATION_NEEDED,
                Field("order_no", "订单号", required=True, max_length=64),
                Field("days", "预留天数", "number", hint="留空为 3 天，最多 30 天；到期自动释放"),
            ),
        ),
    ),
    actions=(
        Action(
            "释放", "/serial-reservations/release", needs="row", can="release", carry=("serial", "order_no"),
            confirm="释放订单 {order_no} 对串码 {serial} 的预留？",
        ),
    ),
    export="serial-reservations",
)

SCANNING = Page("serial-scan", "扫码", "serial.scan", component="serial-scan")

PAGES = (POOL, SERIAL, EDITS, ORGANISATIONS, LISTS, REFUSED, REDEMPTIONS, RESERVATIONS, SCANNING)

ENGLISH = {
    "修改串码信息": "Edit a device",
    "最多 4 个；录入时的串码必须保留": "4 at most; the one it was entered by must stay",
    "修改前后的内容都会留存，见串码修改记录。": "What it was before is kept; see the edits.",
    "串码修改记录": "Edits of serials",
    "型号与 TAC 不符": "Contradicts the TAC table",
    "修改记录": "Edits",
    "修改项": "Field",
    "修改日期": "Edited on",
    "修改前": "Before",
    "修改后": "After",
}
