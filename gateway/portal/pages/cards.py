"""The life of cards after delivery: 分卡, 领用, 查询 (INV-03 to INV-05)."""

from gateway.portal.pages.deliveries import INSPECT_AGAIN, MARK_UNQUALIFIED
from gateway.portal.pages.fields import (
    CARD_SPEC,
    CARD_SPEC_COLUMN,
    CARD_SPEC_NEEDED,
    CARDS_OPENED,
    CARRIER,
    CARRIER_COLUMN,
    CARRIER_NEEDED,
    ICCID,
    ICCID_COLUMN,
    ISSUED_TO_COLUMN,
    MONTH,
    MONTH_COLUMN,
    MONTH_NEEDED,
    MSISDN,
    MSISDN_COLUMN,
    OWNER_COLUMN,
    REASON,
    STATE,
    STATE_COLUMN,
    STOCKED_IN,
)
from gateway.portal.spec import About, Action, Column, Field, Page

_OWNER_UNIT = Field("owner_unit", "资产单位", "tree", options="units")
OPERATOR = Field("operator", "操作人", required=True, default="$name", max_length=50)
_START = Field("start_iccid", "开始号段", required=True, hint="起止号段的 ICCID 均包含在内")
_END = Field("end_iccid", "结束号段", required=True)

ALLOCATIONS = Page(
    "allocations",
    "分卡",
    source="/allocations",
    row_key="id",
    filters=(MONTH, CARRIER, CARD_SPEC, Field("unit", "接收单位", "tree", options="units")),
    columns=(
        Column("allocated_at", "分卡时间", "time", width=166, fixed=True),
        MONTH_COLUMN,
        CARRIER_COLUMN,
        CARD_SPEC_COLUMN,
        Column("start_iccid", "开始号段", width=196),
        Column("end_iccid", "结束号段", width=196),
        Column("card_count", "数量", "number", width=96, drill="act-cards?kind=allocation&act_id={id}"),
        Column("from_unit_name", "分出单位", width=160),
        Column("to_unit_name", "接收单位", width=160),
        Column("operator", "操作人", width=100),
        Column("contact", "联系方式", width=130),
    ),
    toolbar=(
        Action(
            "新建",
            "/allocations",
            title="新建分卡记录",
            fields=(
                MONTH_NEEDED,
                CARRIER_NEEDED,
                CARD_SPEC_NEEDED,
                _START,
                _END,
                Field("to_unit", "接收单位", "tree", options="units", required=True),
                OPERATOR,
                Field("contact", "联系方式", required=True, default="$phone", max_length=50),
            ),
            kind="primary",
            preview="/allocations/preview",
            preview_without=("operator", "contact"),
            note="号段内的卡必须全部为库存状态、同一月份、运营商和规格，且资产属于本单位；资产单位要么全部变更，要么都不变更。",
        ),
    ),
    export="allocations",
)

RECIPIENT = (
    Field("unit", "领用单位", "tree", options="units", required=True, default="$unit"),
    Field("recipient", "领用人", required=True, max_length=50),
    Field("phone", "联系电话", required=True, max_length=30),
)

ISSUE = Page(
    "issue",
    "领用",
    tab="待领用卡",
    source="/cards",
    row_key="iccid",
    fixed={"state": "in_stock"},
    filters=(ICCID, STOCKED_IN, CARRIER, CARD_SPEC, MONTH, _OWNER_UNIT),
    columns=(
        ICCID_COLUMN,
        MSISDN_COLUMN,
        CARRIER_COLUMN,
        CARD_SPEC_COLUMN,
        MONTH_COLUMN,
        Column("batch_no", "批次号", width=150),
        OWNER_COLUMN,
        Column("stocked_in_at", "入库时间", "time", width=166, sort="stocked_in_at"),
        Column("state_days", "在库天数", "days", width=110, sort="state_days"),
    ),
    toolbar=(
        Action(
            "按号段领用", "/requisitions", fields=(_START, _END, *RECIPIENT), answer="bulk",
        ),
        Action(
            "粘贴号码领用", "/requisitions", answer="bulk",
            fields=(Field("iccids", "ICCID 清单", "iccids", required=True), *RECIPIENT),
        ),
        Action(
            "上传清单领用", "/requisitions/upload", answer="bulk",
            fields=(
                Field(
                    "file", "领用清单", "file", required=True, accept=".csv,.txt,.xlsx",
                    hint="CSV、TXT 或 XLSX，一行一个 ICCID",
                ),
                *RECIPIENT,
            ),
            look="/requisitions/look",
            template="/requisitions/template",
        ),
    ),
    batch=(
        Action(
            "批量领用", "/requisitions", fields=RECIPIENT, needs="rows", ids="iccids", kind="primary", can="issue",
            answer="bulk",
        ),
    ),
    export="cards",
)

REQUISITIONS = Page(
    "requisitions",
    "领用记录",
    tab="领用记录",
    tab_of="issue",
    source="/requisitions",
    row_key="id",
    filters=(Field("unit", "领用单位", "tree", options="units"), Field("recipient", "领用人")),
    columns=(
        Column("issued_at", "领用时间", "time", width=166, fixed=True),
        Column("unit_name", "领用单位", width=180),
        Column("recipient", "领用人", width=110),
        Column("phone", "联系电话", width=140),
        Column("card_count", "数量", "number", width=90, drill="act-cards?kind=requisition&act_id={id}"),
        Column("recorded_by", "登记人", width=110),
    ),
    export="requisitions",
)

_RETURN = Action(
    "返库", "/cards/return-to-stock", fields=(REASON,), needs="rows", ids="iccids",
    can="return_to_stock", answer="bulk",
)
_SCRAP = Action(
    "待报废", "/cards/mark-pending-scrap", fields=(REASON,), needs="rows", ids="iccids", kind="danger",
    can="mark_pending_scrap", answer="bulk",
)
_RESTORE = Action(
    "撤销待报废", "/cards/restore", fields=(REASON,), needs="rows", ids="iccids",
    can="restore", answer="bulk",
)

CARDS = Page(
    "cards",
    "查询",
    source="/cards",
    row_key="iccid",
    filters=(
        ICCID,
        CARRIER,
        STOCKED_IN,
        _OWNER_UNIT,
        STATE,
        MSISDN,
        Field("imsi", "IMSI"),
        Field("terminal_asset_no", "终端资产编号"),
        Field("issued_to_unit", "领用单位", "tree", options="units"),
        CARD_SPEC,
        MONTH,
        Field("state_days_min", "状态天数", "days", until="state_days_max"),
        Field("iccids", "ICCID 清单", "iccids", hint="每行一个，最多 200 个"),
        Field("unit_exact", "仅本级", "select", options="yes_no"),
        Field("delivery_id", "到货批次", "given", shown_by=("batch_no",)),
    ),
    columns=(
        ICCID_COLUMN,
        STATE_COLUMN,
        MSISDN_COLUMN,
        CARRIER_COLUMN,
        CARD_SPEC_COLUMN,
        MONTH_COLUMN,
        OWNER_COLUMN,
        ISSUED_TO_COLUMN,
        Column("recipient", "领用人", width=130),
        Column("terminal_asset_no", "终端资产编号", width=150),
        Column("stocked_in_at", "入库时间", "time", width=166, sort="stocked_in_at"),
        Column("state_days", "状态天数", "days", width=110, sort="state_days"),
        Column("state_since", "进入状态时间", "time", width=166, sort="state_since"),
        Column("last_operation_at", "最近操作时间", "time", width=166),
        Column("imsi", "IMSI", width=150, hidden=True),
        Column("batch_no", "批次号", width=150, hidden=True),
        Column("recipient_phone", "领用人电话", width=130, hidden=True),
        Column("received_at", "接收时间", "time", width=156, hidden=True),
        Column("issued_at", "领用时间", "time", width=156, hidden=True),
    ),
    batch=(_RETURN, _SCRAP, _RESTORE, MARK_UNQUALIFIED, INSPECT_AGAIN),
    actions=(
        Action("运行日志", needs="row", opens="card?iccid={iccid}"),
        Action("绑定历史", needs="row", opens="bindings?iccid={iccid}"),
        Action("IMEI 记录", needs="row", opens="imeis?iccid={iccid}"),
    ),
    export="cards",
)

CARD = Page("card", "卡片详情", "card.view", component="card", tab_of="cards")

ACT_CARDS = Page(
    "act-cards",
    "分卡、领用的卡",
    source="/acts/{kind}/{act_id}/cards",
    row_key="iccid",
    tab_of="issue",
    about=About(
        "/acts/{kind}/{act_id}",
        (
            Column("at", "办理时间", "time"),
            Column("unit_name", "接收或领用单位"),
            Column("recipient", "领用人"),
            Column("phone", "联系电话"),
            Column("start_iccid", "开始号段"),
            Column("end_iccid", "结束号段"),
            Column("card_count", "数量", "number"),
            Column("recorded_by", "登记人"),
        ),
    ),
    hint="列出当时办理、现在仍属本单位及下级的卡。",
    columns=CARDS_OPENED,
    actions=(Action("运行日志", needs="row", opens="card?iccid={iccid}"),),
)

PAGES = (ALLOCATIONS, ISSUE, REQUISITIONS, ACT_CARDS, CARDS, CARD)
