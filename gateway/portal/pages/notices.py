"""通知 and the whole of one form (WFL-01, WFL-03)."""

from gateway.portal.pages import forms as f
from gateway.portal.spec import Action, Column, Field, Page

NOTICES = Page(
    "notices",
    "通知",
    source="/notifications",
    row_key="id",
    last=False,
    filters=(
        Field("unread", "仅未读", "select", options="yes_no"),
        Field("kind", "类别", "select", options="notice_kinds"),
    ),
    columns=(
        Column("at", "时间", "time", width=166, fixed=True),
        Column("kind", "类别", "choice", width=130, options="notice_kinds"),
        Column("text", "内容", width=520),
        Column("number", "申请单号", width=196, drill="form?number={number}"),
        Column("read", "已读", "tag", width=80, options="read_states"),
    ),
    toolbar=(Action("全部标为已读", "/notifications/read"),),
    batch=(Action("标为已读", "/notifications/read", needs="rows", ids="ids"),),
)

FORM = Page(
    "form", "申请单详情", "card.view", tab_of="notices", component="form", actions=(f.VIEW, f.SUBMIT, f.UPLOAD, f.CARDS)
)

PAGES = (NOTICES, FORM)
