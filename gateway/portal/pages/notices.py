"""通知 and the whole of one form (WFL-01, WFL-03)."""

from gateway.portal.pages import forms as f
from gateway.portal.spec import Action, Column, Field, Page

NOTICES = Page(
    "notices",
    "通知",
    source="/notices",
    row_key="id",
    last=False,
    filters=(
        Field("unread", "仅未读", "select", options="yes_no"),
        Field("kind", "类别", "select", options="notice_kinds"),
    ),
    columns=(
        Column("at", "时间", "time", width=166, fixed=True),
        Column("kind", "类别", "choice", width=120, options="notice_kinds"),
        Column("text", "内容", width=440),
        Column("number", "申请单号", width=206, drill="form?number={number}"),
        Column("read", "已读", "tag", width=80, options="read_states"),
    ),
    toolbar=(Action("全部标为已读", "/notices/read"),),
    batch=(Action("标为已读", "/notices/read", needs="rows", ids="ids"),),
)

FORM = Page(
    "form", "申请单详情", "card.view", tab_of="notices", component="form", actions=(f.VIEW, f.SUBMIT, f.UPLOAD, f.CARDS)
)

OVERDUE = f.LIST(
    "overdue-forms",
    "超期申请单",
    tab_of="notices",
    hint="在同一状态停留超过规定天数、等待某级处理的申请单；天数由省公司在「设置申请时间」中设定。",
    filters=(
        Field("overdue", "仅超期", "select", options="yes_no", default="true"),
        Field("unit", "单位", "tree", options="units"),
        Field("kind", "申请单类别", "select", options="form_kinds", multiple=True),
        f.APPLICANT,
    ),
    columns=(
        f.FORM_COLUMN,
        Column("kind", "申请单类别", "choice", width=150, options="form_kinds"),
        f.UNIT_COLUMN,
        f.MONTH_COLUMN,
        f.STATE_COLUMN,
        f.SINCE_COLUMN,
        Column("quantity", "数量", "number", width=96),
        f.APPLICANT_COLUMN,
        f.PHONE_COLUMN,
        f.OPINION_COLUMN,
    ),
    actions=(f.DETAIL,),
)

PAGES = (NOTICES, FORM, OVERDUE)
