"""串码提供人: people who may report serials for vendors, and what each of them reported (IME-06)."""

from gateway.portal.spec import Action, Column, Field, Page

_DECISION = Field("remark", "审核说明", "textarea", required=True, max_length=500)

REPORTS = Page(
    "serial-reports",
    "串码报送",
    source="/serial-reports",
    row_key="id",
    filters=(Field("state", "状态", "select", options="serial_list_states"),),
    columns=(
        Column("id", "清单编号", width=90, fixed=True),
        Column("state", "状态", "tag", width=100, options="serial_list_states"),
        Column("document", "依据文件", width=220),
        Column("rows", "行数", "number", width=100),
        Column("refused", "拒收行数", "number", width=100),
        Column("entered", "录入数量", "number", width=100),
        Column("at", "时间", "time", width=166, sort="id"),
    ),
    toolbar=(
        Action(
            "报送串码", "/serial-reports", kind="primary", answer="job", template="/serial-reports/template",
            fields=(
                Field("document", "依据文件", max_length=128),
                Field(
                    "file", "串码清单", "file", required=True, accept=".csv,.txt,.xlsx",
                    hint="每行一台终端：串码，可另有串码2至串码4、厂商、型号；串码列请设为文本格式",
                ),
            ),
            note="由登记并审核的串码提供人报送；终端管理中心确认后录入省串码池。",
        ),
    ),
    sort="-id",
    export="serial-reports",
)

CONTACTS = Page(
    "serial-contacts",
    "串码提供人",
    tab="串码提供人",
    tab_of="serial-claims",
    source="/serial-contacts",
    row_key="contact_id",
    filters=(Field("vendor", "厂商或国代"), Field("state", "状态", "select", options="contact_states")),
    columns=(
        Column("vendor", "厂商或国代", width=180, fixed=True),
        Column("name", "联系人", width=100),
        Column("login", "登录名", width=120),
        Column("phone", "联系电话", width=140),
        Column("mail", "邮箱", width=200),
        Column("address", "地址", width=200),
        Column("state", "状态", "tag", width=100, options="contact_states"),
        Column("registered_at", "登记时间", "time", width=166, sort="id"),
        Column("registered_by_name", "登记人", width=100),
        Column("decided_at", "审核时间", "time", width=166),
        Column("decided_by_name", "审核人", width=100),
        Column("remark", "审核说明", width=200),
    ),
    toolbar=(
        Action(
            "登记串码提供人", "/serial-contacts", kind="primary",
            fields=(
                Field("vendor", "厂商或国代", required=True, max_length=128),
                Field("name", "联系人", required=True, max_length=64),
                Field("login", "登录名", required=True, max_length=64),
                Field("phone", "联系电话", required=True, max_length=20),
                Field("mail", "邮箱", required=True, max_length=128),
                Field("address", "地址", max_length=256),
                Field("unit", "省份", "tree", options="units", required=True, default="$unit"),
            ),
            note="登记后须由他人审核；审核通过后，该登录名可为厂商报送串码。",
        ),
    ),
    actions=(
        Action(
            "通过", "/serial-contacts/{contact_id}/decision", needs="row", kind="primary", can="approve",
            data={"decision": "approve"}, fields=(_DECISION,),
        ),
        Action(
            "不通过", "/serial-contacts/{contact_id}/decision", needs="row", can="refuse",
            data={"decision": "refuse"}, fields=(_DECISION,),
        ),
        Action(
            "停用", "/serial-contacts/{contact_id}/decision", needs="row", kind="danger", can="revoke",
            data={"decision": "revoke"}, fields=(_DECISION,),
        ),
    ),
    sort="-id",
    export="serial-contacts",
)

PAGES = (REPORTS, CONTACTS)
