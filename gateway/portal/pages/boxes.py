"""箱和标签 (INV-11): packing a batch, printing labels, scanning them."""

from gateway.portal.pages.cards import OPERATOR, RECIPIENT
from gateway.portal.pages.fields import CARDS_OPENED
from gateway.portal.spec import About, Action, Column, Field, Page

_LAYOUT = Field("layout", "标签纸", "select", options="label_layouts", required=True, default="a4_3x8")
_START = Field(
    "start", "起始位置", "number", required=True, default="1",
    hint="从第几个标签开始打印：从左到右、从上到下数，用过的标签不再打印",
)  # fmt: skip

BOXES = Page(
    "boxes",
    "装箱与标签",
    source="/deliveries/{id}/boxes",
    row_key="id",
    tab_of="stock-in",
    about=About(
        "/deliveries/{id}",
        (
            Column("batch_no", "批次号"),
            Column("carrier", "运营商", "choice", options="carriers"),
            Column("card_spec", "卡片规格", "choice", options="card_specs"),
            Column("application_month", "申请月份", "month"),
            Column("received_count", "接收数量", "number"),
        ),
    ),
    columns=(
        Column("box_no", "箱号", "number", width=90, fixed=True),
        Column("first_iccid", "开始号段", width=196),
        Column("last_iccid", "结束号段", width=196),
        Column("card_count", "数量", "number", width=96, drill="box?code={code}"),
        Column("code", "箱码", width=176, copy=True),
        Column("packed_at", "装箱时间", "time", width=166),
        Column("packed_by", "装箱人", width=110),
    ),
    toolbar=(
        Action(
            "装箱", "/deliveries/{id}/boxes", kind="primary", answer="bulk",
            fields=(Field("size", "每箱张数", "number", required=True, default="100"),),
            insist=("delivery_packed", "again"),
            note="按 ICCID 顺序将批次 {batch_no} 的卡分箱，最后一箱装余下的卡。",
        ),
        Action(
            "打印批次标签", "/deliveries/{id}/labels", data={"kind": "batch"}, fields=(_LAYOUT, _START), answer="file",
        ),
        Action(
            "打印全部箱标签", "/deliveries/{id}/labels", data={"kind": "box"}, fields=(_LAYOUT, _START), answer="file",
        ),
    ),
    batch=(
        Action(
            "打印箱标签", "/deliveries/{id}/labels", data={"kind": "box"}, fields=(_LAYOUT, _START), needs="rows",
            ids="box_ids", answer="file",
        ),
    ),
)  # fmt: skip

BOX_SCAN = Page(
    "box-scan",
    "扫箱码",
    "card.view",
    component="box-scan",
    batch=(
        Action("领用", "/boxes/issue", title="扫码领用", fields=RECIPIENT, needs="rows", ids="codes", kind="primary"),
        Action(
            "分卡", "/boxes/allocate", title="扫码分卡", needs="rows", ids="codes",
            fields=(
                Field("to_unit", "接收单位", "tree", options="units", required=True),
                OPERATOR,
                Field("contact", "联系方式", required=True, default="$phone", max_length=50),
            ),
            note="每一箱要么全部变更资产单位，要么都不变更。",
        ),
    ),
)  # fmt: skip

BOX = Page(
    "box",
    "箱内的卡",
    source="/boxes/{code}/cards",
    row_key="iccid",
    tab_of="box-scan",
    about=About(
        "/boxes/{code}",
        (
            Column("kind", "标签", "choice", options="label_kinds"),
            Column("batch_no", "批次号"),
            Column("box_no", "箱号", "number"),
            Column("boxes", "批次箱数", "number"),
            Column("carrier", "运营商", "choice", options="carriers"),
            Column("card_spec", "卡片规格", "choice", options="card_specs"),
            Column("application_month", "申请月份", "month"),
            Column("first_iccid", "开始号段"),
            Column("last_iccid", "结束号段"),
            Column("card_count", "数量", "number"),
            Column("in_stock", "库存", "number"),
        ),
    ),
    hint="列出其中属于本单位及下级的卡。",
    columns=CARDS_OPENED,
    actions=(Action("运行日志", needs="row", opens="card?iccid={iccid}"),),
)

PAGES = (BOXES, BOX_SCAN, BOX)
