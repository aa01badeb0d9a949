"""售后换机: lists of swaps, which are printed, sealed and verified before the swaps are made (IME-08, DOC-01)."""

from gateway.portal.pages.fields import UNIT
from gateway.portal.pages.serials import ORGANISATION, ORGANISATION_COLUMN, ORGANISATION_NEEDED, UNIT_COLUMN
from gateway.portal.spec import Action, Column, Field, Page

SWAP_LISTS = Page(
    "serial-swap-lists",
    "售后换机清单",
    tab="售后换机",
    tab_of="serial-pool",
    source="/serial-swap-lists",
    row_key="number",
    filters=(
        Field("number", "清单编号"),
        Field("state", "状态", "select", options="swap_list_states"),
        ORGANISATION,
        UNIT,
    ),
    columns=(
        Column("number", "清单编号", width=180, fixed=True, copy=True, drill="serial-swap-pairs?number={number}"),
        ORGANISATION_COLUMN,
        UNIT_COLUMN,
        Column("state", "状态", "tag", width=120, options="swap_list_states"),
        Column("pairs", "换机数量", "number", width=100, drill="serial-swap-pairs?number={number}"),
        Column("problem", "说明", width=180),
        Column("drafted_at", "填报时间", "time", width=166, sort="drafted_at"),
        Column("drafted_by_name", "填报人", width=100),
        Column("judged_at", "核验时间", "time", width=166),
    ),
    toolbar=(
        Action(
            "填报换机清单", "/serial-swap-lists", kind="primary", answer="bulk",
            fields=(
                ORGANISATION_NEEDED,
                Field("serials", "退回与换出串码", "serials", required=True, hint="每行一对：退回串码 换出串码"),
                Field("applicant", "申请人", required=True, max_length=60),
                Field("phone", "联系电话", required=True, max_length=60),
            ),
            note="由终端管理中心在销售后 15 日内填报。签发后打印、盖章，在扫描件核验中按清单编号上传；通过后办理。",
        ),
    ),
    actions=(
        Action(
            "办理换机", "/serial-swap-lists/{number}/settle", needs="row", kind="primary", can="settle", answer="bulk",
            confirm="清单 {number} 共 {pairs} 对：退回的串码置坏，换出的串码记为已销售。确认办理？",
        ),
    ),
    sort="-drafted_at",
    export="serial-swap-lists",
)

SWAP_PAIRS = Page(
    "serial-swap-pairs",
    "换机明细",
    tab_of="serial-pool",
    source="/serial-swap-lists/{number}/pairs",
    row_key="row",
    columns=(
        Column("row", "序号", "number", width=80),
        Column("returned", "退回串码", width=170, copy=True, drill="serial?serial={returned}"),
        Column("replacement", "换出串码", width=170, copy=True, drill="serial?serial={replacement}"),
        Column("done", "已办理", "choice", width=100, options="yes_no"),
        Column("message", "未办原因", width=360),
    ),
    export="serial-swap-pairs",
)

PAGES = (SWAP_LISTS, SWAP_PAIRS)

ENGLISH = {
    "售后换机清单": "Lists of swaps",
    "换机数量": "Swaps",
    "填报时间": "Drafted",
    "填报人": "Drafted by",
    "填报换机清单": "Draft a list",
    "退回与换出串码": "Returned and replacement",
    "每行一对：退回串码 换出串码": "One pair a row: returned serial, replacement",
    "由终端管理中心在销售后 15 日内填报。签发后打印、盖章，在扫描件核验中按清单编号上传；通过后办理。":
        "By the terminal centre within 15 days of the sale. Print it, have it sealed, upload the scan; then swap.",
    "办理换机": "Make the swaps",
    "清单 {number} 共 {pairs} 对：退回的串码置坏，换出的串码记为已销售。确认办理？":
        "{pairs} pairs of {number}: returned devices are swapped out, replacements are sold. Go on?",
    "换机明细": "Swaps of a list",
    "已办理": "Done",
    "未办原因": "Why not",
}
