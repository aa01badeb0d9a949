"""串码的归属、人员与型号: people of organisations, moves between provinces, the TAC table (IME-03, 07, 15)."""

from gateway.portal.pages.fields import UNIT
from gateway.portal.pages.serials import (
    ORGANISATION,
    ORGANISATION_COLUMN,
    ORGANISATION_NEEDED,
    SERIAL_FIELD,
    UNIT_COLUMN,
)
from gateway.portal.spec import Action, Column, Field, Page

CLERKS = Page(
    "serial-clerks",
    "库存组织人员",
    tab="组织人员",
    tab_of="serial-pool",
    source="/serial-clerks",
    row_key="login",
    filters=(ORGANISATION, UNIT),
    columns=(
        Column("login", "登录名", width=150, fixed=True, copy=True),
        ORGANISATION_COLUMN,
        UNIT_COLUMN,
        Column("bound_at", "指定时间", "time", width=166),
        Column("bound_by_name", "指定人", width=110),
    ),
    toolbar=(
        Action(
            "指定人员", "/serial-clerks", kind="primary",
            fields=(Field("login", "登录名", required=True, max_length=50), ORGANISATION_NEEDED),
            note="指定后，该登录名只能查看和办理此组织及其下级组织的串码。",
        ),
    ),
    actions=(
        Action(
            "解除", "/serial-clerks/{login}/release", needs="row", kind="danger", can="release",
            confirm="解除“{login}”的指定？解除后可查看和办理所在单位的全部串码。",
        ),
    ),
    export="serial-clerks",
)

TACS = Page(
    "serial-tacs",
    "TAC 表",
    tab="TAC 表",
    tab_of="serial-pool",
    source="/serial-tacs",
    row_key="tac",
    filters=(
        Field("tac", "TAC", hint="8 位数字"),
        Field("maker", "厂商"),
        Field("model", "型号"),
    ),
    columns=(
        Column("tac", "TAC", width=120, fixed=True, copy=True),
        Column("maker", "厂商", width=180),
        Column("model", "型号", width=220),
        Column("changed_at", "更新时间", "time", width=166),
        Column("by_name", "操作人", width=110),
    ),
    toolbar=(
        Action(
            "导入 TAC 表", "/serial-tacs", kind="primary", answer="job", template="/serial-tacs/template",
            fields=(
                Field(
                    "file", "TAC 表", "file", required=True, accept=".csv,.txt,.xlsx",
                    hint="每行一个 TAC：TAC、厂商、型号",
                ),
            ),
            note="导入后，未填厂商、型号的终端按 TAC 补全；填写不一致的在串码池中标为“型号与 TAC 不符”。",
        ),
    ),
    export="serial-tacs",
)

_REMARK = Field("remark", "审核说明", "textarea", required=True, max_length=500)
_USELESS = "所选归属变更已审核，或由本人提交"
OWNERSHIP = Page(
    "serial-ownership",
    "归属变更",
    tab="归属变更",
    tab_of="serial-claims",
    source="/serial-ownership",
    row_key="move_id",
    filters=(
        Field("state", "状态", "select", options="ownership_states"),
        SERIAL_FIELD,
        Field("list_id", "清单编号", "number"),
    ),
    columns=(
        Column("move_id", "编号", width=80, fixed=True),
        Column("serial", "串码", width=160, copy=True),
        Column("from_province_name", "原归属省", width=140),
        Column("to_province_name", "申请归属省", width=140),
        Column("list_id", "清单编号", width=90),
        Column("row", "清单行号", width=90),
        Column("state", "状态", "tag", width=120, options="ownership_states"),
        Column("asked_at", "提交时间", "time", width=166, sort="id"),
        Column("asked_by_name", "提交人", width=100),
        Column("decided_at", "审核时间", "time", width=166),
        Column("decided_by_name", "审核人", width=100),
        Column("remark", "审核说明", width=200),
    ),
    batch=(
        Action(
            "通过", "/serial-ownership/review", needs="rows", ids="moves", can="review", answer="bulk", kind="primary",
            data={"approved": True}, fields=(_REMARK,), useless=_USELESS,
        ),
        Action(
            "不通过", "/serial-ownership/review", needs="rows", ids="moves", can="review", answer="bulk",
            data={"approved": False}, fields=(_REMARK,), useless=_USELESS,
        ),
    ),
    sort="-id",
    export="serial-ownership",
)

PAGES = (CLERKS, TACS, OWNERSHIP)

ENGLISH = {
    "TAC 表": "TAC table",
    "8 位数字": "8 digits",
    "更新时间": "Changed",
    "导入 TAC 表": "Upload a TAC table",
    "每行一个 TAC：TAC、厂商、型号": "One TAC a row: TAC, maker, model",
    "导入后，未填厂商、型号的终端按 TAC 补全；填写不一致的在串码池中标为“型号与 TAC 不符”。":
        "Devices without maker and model take them from here; those that say otherwise are marked in the pool.",
    "归属变更": "Changes of owner",
    "送审数量": "For review",
    "原归属省": "Owner",
    "申请归属省": "Wanted by",
    "所选归属变更已审核，或由本人提交": "These are decided already, or you asked yourself",
    "库存组织人员": "People of organisations",
    "组织人员": "People",
    "指定时间": "Since",
    "指定人": "By",
    "指定人员": "Bind a person",
    "指定后，该登录名只能查看和办理此组织及其下级组织的串码。":
        "From then on he sees and touches only this organisation and what is below it.",
    "解除": "Release",
    "解除“{login}”的指定？解除后可查看和办理所在单位的全部串码。":
        "Release {login}? He will work for his whole unit again.",
}
