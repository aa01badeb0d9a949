"""入库: deliveries from the carriers until their cards are in stock (INV-01, INV-02)."""

from gateway.portal.pages.fields import (
    CARD_SPEC_COLUMN,
    CARD_SPEC_NEEDED,
    CARRIER,
    CARRIER_COLUMN,
    CARRIER_NEEDED,
    MONTH,
    MONTH_COLUMN,
    MONTH_NEEDED,
    REASON,
)
from gateway.portal.spec import About, Action, Column, Field, Page

_INSPECTION = (
    Field("inspector", "检测人", required=True, default="$name", max_length=50),
    Field("inspected_on", "检测日期", "date", required=True, default="$today"),
    Field("result", "检测结果", "select", options="inspection_results", required=True, default="qualified"),
    Field(
        "remark", "检测说明", "textarea", max_length=200, needed_if=("result", "unqualified"),
        hint="结果为不合格时填写不合格原因",
    ),
)  # fmt: skip

_UPLOAD = Action(
    "上传到货清单",
    "/deliveries",
    fields=(
        CARRIER_NEEDED,
        Field("batch_no", "批次号", required=True, max_length=50),
        MONTH_NEEDED,
        CARD_SPEC_NEEDED,
        Field("expected_count", "送货单数量", "number", hint="填写后会与清单行数核对，不一致的批次将被挂起"),
        Field(
            "file", "到货清单", "file", required=True, accept=".csv,.txt,.xlsx",
            hint="CSV 或 XLSX，ICCID 列请设为文本格式；表头和各列在选择文件后可以核对和修改",
        ),
    ),
    look="/deliveries/look",
    template="/deliveries/template",
    kind="primary",
    answer="job",
)

_PULL = Action(
    "从运营商接口拉取",
    "/deliveries/pull",
    fields=(CARRIER_NEEDED,),
    answer="job",
    note="向所选运营商的接口查询新的开卡信息，已接收过的批次不会重复入账。",
)

STOCK_IN = Page(
    "stock-in",
    "入库",
    source="/deliveries",
    row_key="id",
    filters=(
        MONTH,
        Field("state", "状态", "select", options="delivery_states"),
        CARRIER,
        Field("batch_no", "批次号"),
        Field("received_from", "接收时间", "dates", until="received_to"),
    ),
    columns=(
        Column("batch_no", "批次号", width=170, fixed=True),
        CARRIER_COLUMN,
        MONTH_COLUMN,
        CARD_SPEC_COLUMN,
        Column("state", "状态", "tag", width=100, options="delivery_states"),
        Column("received_count", "接收数量", "number", width=100, drill="cards?delivery_id={id}"),
        Column(
            "qualified_count", "合格数量", "number", width=100,
            drill="cards?delivery_id={id}&state=received&state=in_stock&state=pending_install&state=running"
            "&state=pending_scrap&state=terminating&state=terminated",
        ),
        Column(
            "unqualified_count", "不合格数量", "number", width=106,
            drill="cards?delivery_id={id}&state=unqualified",
        ),
        Column("stocked_in_count", "已入库数量", "number", width=106),
        Column("refused_count", "拒收行数", "number", width=96, drill="refused-rows?id={id}"),
        Column("discrepancy_count", "差异", "number", width=76, drill="discrepancies?id={id}"),
        Column("source", "来源", "choice", width=96, options="delivery_sources"),
        Column("received_at", "接收时间", "time", width=156, sort="id"),
        Column("inspected_by", "检测人", width=96),
        Column("inspected_at", "检测时间", "time", width=156),
    ),
    toolbar=(_PULL, _UPLOAD),
    actions=(
        Action(
            "检测", "/deliveries/{id}/inspection", fields=_INSPECTION, needs="row", can="inspect",
            note="对批次 {batch_no} 待入库的 {waiting_count} 张卡录入检测信息。", answer="bulk",
            ask=("result", "unqualified", "批次 {batch_no} 待入库的 {waiting_count} 张卡将全部变为不合格，是否继续？"),
        ),
        Action("重新检测", needs="row", can="inspect_again", opens="cards?delivery_id={id}&state=unqualified"),
        Action(
            "入库", "/deliveries/{id}/stock-in", needs="row", kind="primary", can="stock_in",
            answer="bulk",
            confirm="将批次 {batch_no} 的 {qualified_count} 张合格卡入库？",
        ),
        Action(
            "放行", "/deliveries/{id}/release", needs="row", can="release",
            fields=(Field("remark", "放行说明", "textarea", required=True, max_length=200),),
            note="批次 {batch_no} 与送货单有差异，放行后可继续检测和入库。",
        ),
        Action("装箱与标签", needs="row", opens="boxes?id={id}"),
        Action("原始文件", needs="row", download="/deliveries/{id}/file", can="download"),
    ),
    sort="-id",
    export="deliveries",
)

_OF_BATCH = About(
    "/deliveries/{id}",
    (
        Column("batch_no", "批次号"),
        Column("carrier", "运营商", "choice", options="carriers"),
        Column("application_month", "申请月份", "month"),
        Column("state", "状态", "tag", options="delivery_states"),
        Column("received_count", "接收数量", "number"),
        Column("refused_count", "拒收行数", "number"),
    ),
)

REFUSED_ROWS = Page(
    "refused-rows",
    "拒收明细",
    about=_OF_BATCH,
    source="/deliveries/{id}/refused-rows",
    row_key="row",
    columns=(
        Column("row", "行号", "number", width=100),
        Column("iccid", "ICCID", width=240),
        Column("code", "原因代码", width=220),
        Column("message", "原因"),
    ),
    tab_of="stock-in",
)

DISCREPANCIES = Page(
    "discrepancies",
    "差异报告",
    about=_OF_BATCH,
    source="/deliveries/{id}/discrepancies",
    row_key="code",
    paged=False,
    columns=(Column("code", "差异类型", width=240), Column("message", "说明")),
    tab_of="stock-in",
)

_UNQUALIFIED_FIELDS = (
    Field("operator", "操作人", required=True, default="$name", max_length=50),
    Field("on", "日期", "date", required=True, default="$today"),
    Field("reason", "不合格原因", "textarea", required=True, max_length=200),
)

MARK_UNQUALIFIED = Action(
    "不合格", "/cards/mark-unqualified", fields=_UNQUALIFIED_FIELDS, needs="rows", ids="iccids", kind="danger",
    can="mark_unqualified", answer="bulk",
)
INSPECT_AGAIN = Action(
    "重新检测", "/cards/inspect-again", fields=(REASON,), needs="rows", ids="iccids",
    can="inspect_again", answer="bulk",
)

PAGES = (STOCK_IN, REFUSED_ROWS, DISCREPANCIES)
