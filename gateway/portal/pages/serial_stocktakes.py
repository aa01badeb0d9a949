"""盘库: reminders of what is not redeemed, and spot checks in shops (IME-11)."""

from gateway.portal.pages.fields import UNIT
from gateway.portal.pages.serials import ORGANISATION, ORGANISATION_COLUMN, ORGANISATION_NEEDED, UNIT_COLUMN
from gateway.portal.spec import Action, Column, Field, Page

REMINDERS = Page(
    "serial-reminders",
    "核销催办",
    tab="催办",
    tab_of="serial-stocktakes",
    source="/serial-reminders",
    row_key="reminder_id",
    filters=(ORGANISATION, Field("state", "状态", "select", options="reminder_states"), UNIT),
    columns=(
        Column("reminder_id", "编号", width=80, fixed=True),
        ORGANISATION_COLUMN,
        UNIT_COLUMN,
        Column(
            "devices", "未核销数量", "number", width=110, drill="serial-stocktakes?organisation={organisation}"
        ),
        Column("oldest_at", "最早售出时间", "time", width=166),
        Column("times", "连续催办次数", "number", width=120),
        Column("state", "状态", "tag", width=100, options="reminder_states"),
        Column("first_at", "首次催办时间", "time", width=166),
        Column("last_at", "最近催办时间", "time", width=166, sort="id"),
        Column("read_at", "阅知时间", "time", width=166),
        Column("read_by_name", "阅知人", width=100),
    ),
    actions=(
        Action(
            "已阅", "/serial-reminders/{reminder_id}/read", needs="row", can="read",
            confirm="确认已阅？仍有未核销的，次日继续催办。",
        ),
    ),
    sort="-id",
    export="serial-reminders",
)

SPOT_CHECKS = Page(
    "serial-spot-checks",
    "实物抽查",
    tab="实物抽查",
    tab_of="serial-stocktakes",
    source="/serial-spot-checks",
    row_key="check_id",
    filters=(ORGANISATION, Field("state", "状态", "select", options="spot_check_states"), UNIT),
    columns=(
        Column("check_id", "编号", width=80, fixed=True, drill="serial-spot-check?check_id={check_id}"),
        ORGANISATION_COLUMN,
        UNIT_COLUMN,
        Column("state", "状态", "tag", width=100, options="spot_check_states"),
        Column(
            "devices", "抽查数量", "number", width=100, drill="serial-spot-check?check_id={check_id}"
        ),
        Column("missing", "未见实物", "number", width=100),
        Column("reason", "原因", width=180),
        Column("drawn_at", "抽取时间", "time", width=166, sort="id"),
        Column("drawn_by_name", "抽取人", width=100),
        Column("counted_at", "登记时间", "time", width=166),
        Column("counted_by_name", "登记人", width=100),
    ),
    toolbar=(
        Action(
            "抽取", "/serial-spot-checks", kind="primary", title="抽取实物抽查",
            fields=(
                ORGANISATION_NEEDED,
                Field("devices", "抽查数量", "number", required=True, default="20", hint="1 至 200"),
                Field("reason", "原因", "textarea", required=True, max_length=200),
            ),
            note="从该组织的在库串码中随机抽取；到店逐台扫码后登记结果。",
        ),
    ),
    actions=(
        Action(
            "登记结果", "/serial-spot-checks/{check_id}/count", needs="row", kind="primary", can="count",
            fields=(Field("serials", "见到的串码", "serials", hint="逐台扫码；清单中没有扫到的记为未见实物"),),
            note="抽查 {check_id}，共 {devices} 台。登记后不能更改，未见实物的列入稽核发现。",
        ),
    ),
    sort="-id",
    export="serial-spot-checks",
)

SPOT_CHECK = Page(
    "serial-spot-check",
    "抽查清单",
    tab_of="serial-stocktakes",
    source="/serial-spot-checks/{check_id}/devices",
    row_key="serial",
    columns=(
        Column("serial", "串码", width=180, fixed=True, copy=True, drill="serial?serial={serial}"),
        Column("maker", "厂商", width=140),
        Column("model", "型号", width=160),
        Column("outcome", "结果", "tag", width=140, options="spot_check_outcomes"),
    ),
    export="serial-spot-check-devices",
)

PAGES = (REMINDERS, SPOT_CHECKS, SPOT_CHECK)

ENGLISH = {
    "核销催办": "Reminders",
    "催办": "Reminders",
    "未核销数量": "Not redeemed",
    "最早售出时间": "Oldest sale",
    "连续催办次数": "Nights",
    "首次催办时间": "First reminded",
    "最近催办时间": "Last reminded",
    "阅知时间": "Read",
    "阅知人": "Read by",
    "已阅": "I have seen it",
    "确认已阅？仍有未核销的，次日继续催办。": "Seen? As long as something is left, the next night reminds anew.",
    "实物抽查": "Spot checks",
    "抽查数量": "Devices",
    "未见实物": "Missing",
    "抽取时间": "Drawn",
    "抽取人": "Drawn by",
    "抽取": "Draw",
    "抽取实物抽查": "Draw a spot check",
    "1 至 200": "1 to 200",
    "从该组织的在库串码中随机抽取；到店逐台扫码后登记结果。":
        "Drawn by lot of what it has in stock; scan each in the shop, then enter what you saw.",
    "登记结果": "Enter the count",
    "见到的串码": "Seen serials",
    "逐台扫码；清单中没有扫到的记为未见实物": "Scan each; what was drawn and is not here counts as missing",
    "抽查 {check_id}，共 {devices} 台。登记后不能更改，未见实物的列入稽核发现。":
        "Check {check_id} of {devices} devices. It cannot be changed afterwards; what is missing is a finding.",
    "抽查清单": "Drawn devices",
}
