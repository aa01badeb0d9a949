"""What the pages of both workflows share: the columns of a form and what may be done with one."""

from functools import partial

from gateway.portal.spec import Action, Column, Field, Page
from kernel.contracts.documents.scans import MAX_UPLOAD_BYTES

SCAN_HINT = f"PDF 文件，最大 {MAX_UPLOAD_BYTES >> 20} MB"
APPLICANT = Field("applicant", "申请人")
MONTH = Field("month", "月份", "month")
NEXT_MONTH = Field("month", "月份", "month", default="$next_month")
DRAFTED = Field("drafted_from", "日期", "dates", until="drafted_to")
NUMBER = Field("number", "批次号")
MINE = Field("mine", "仅待我处理", "select", options="yes_no")

APPLICANT_NEEDED = Field("applicant", "申请人", required=True, default="$name", max_length=20)
PHONE_NEEDED = Field("phone", "联系电话", required=True, default="$phone", max_length=20)
OPINION = Field("opinion", "审核说明", "textarea", max_length=500, needed_if=("verdict", "reject"))
OPINION_NEEDED = Field("opinion", "审核说明", "textarea", max_length=500, required=True)
REMARK = Field("remark", "说明", "textarea", max_length=500)
NOW = Field("at", "审核时间", "now")
REVIEWER = Field("reviewer", "审核人", required=True, default="$name", max_length=20)
VERDICT = Field("verdict", "审核意见", "select", options="review_verdicts", required=True)


def state(options: str) -> Field:
    """The filter by state, with the states that this kind of form can have."""
    return Field("state", "状态", "select", options=options, multiple=True)


_DETAIL = "form?number={number}"
BATCH_COLUMN = Column("number", "批次号", width=232, fixed=True, drill=_DETAIL, copy=True)
FORM_COLUMN = Column("number", "申请单号", width=206, fixed=True, drill=_DETAIL, copy=True)
STATE_COLUMN = Column("state", "状态", "tag", width=120, options="form_states")
UNIT_COLUMN = Column("unit_name", "单位", width=160)
MONTH_COLUMN = Column("month", "月份", "month", width=90)
DRAFTED_COLUMN = Column("drafted_on", "日期", "date", width=108, sort="drafted_on")
APPLICANT_COLUMN = Column("applicant", "申请人", width=90)
PHONE_COLUMN = Column("phone", "联系电话", width=130)
KINDS_COLUMN = Column("kinds", "各规格数量", "kinds", width=260)
SCAN_COLUMN = Column("last_attempt", "回传单校验", "tag", width=110, options="attempt_states")
PROBLEM_COLUMN = Column("issue_problem", "未能出单的原因", width=180, hidden=True)
SINCE_COLUMN = Column("state_since", "状态时间", "time", width=166, sort="state_since")
OPINION_COLUMN = Column("last_opinion", "审核说明", width=160)
REVIEWER_COLUMN = Column("reviewer", "审核人", width=90)
REVIEWED_COLUMN = Column("reviewed_at", "审核时间", "time", width=166)
CARD_COUNT_COLUMN = Column("quantity", "销卡数量", "number", width=96)
WAITING_COLUMN = Column("cards_waiting", "待转销卡中", "number", width=110)
REFUSED_COLUMN = Column(
    "cards_refused", "不能销卡", "number", width=100, drill="form-cards?number={number}&follow=refused"
)

CARDS_COLUMNS = (CARD_COUNT_COLUMN, WAITING_COLUMN, REFUSED_COLUMN)

LIST = partial(
    Page, source="/forms", row_key="number", last=False, sums=True, export="forms"
)
"""A page that lists forms."""

_FORM = "/forms/{number}"

VIEW = Action("查看", show=f"{_FORM}/pdf", needs="row")
"""Always offered: before 提交审核 it answers 请提交审核单, as the manual has it (ACT-04)."""
VIEW_SIGNED = Action("查看", show=f"{_FORM}/signed-form", needs="row")
SUBMIT = Action(
    "提交审核", f"{_FORM}/submit-for-review", needs="row", can="submit_for_review", load=_FORM, etag=True,
    confirm="提交申请单 {number} 审核？提交后内容不能再修改，并下载 PDF 格式的申请单。", answer="issued",
)
UPLOAD = Action(
    "审核回传单", f"{_FORM}/signed-forms", needs="row", can="upload_signed_form", answer="scan",
    note="将下载的申请单 {number} 打印、签字盖章后扫描成 PDF 文件上传，系统逐页校验内容和印章。",
    fields=(
        Field("file", "签字盖章后的扫描件", "file", required=True, accept=".pdf", hint=SCAN_HINT),
    ),
)
TO_PROVINCE = Action(
    "提交省级", f"{_FORM}/submit-to-province", needs="row", can="submit_to_province", load=_FORM, etag=True,
    confirm="将申请单 {number} 直接提交省级？提交后状态为市级审核通过。",
)
SEND_BACK = Action(
    "退回", f"{_FORM}/send-back", needs="row", can="send_back", kind="danger", load=_FORM, etag=True,
    confirm="是否确认退回？", yes_no=True, note="{unit_name} {month} 申请单 {number}", fields=(OPINION_NEEDED,),
)
RENEW = Action(
    "修改", _FORM, method="PATCH", needs="row", can="renew", load=_FORM, etag=True,
    fields=(APPLICANT_NEEDED, PHONE_NEEDED),
)
GENERATE_AGAIN = Action(
    "生成申请单", "/termination/forms/{number}/generate-again", needs="row", can="generate_again", load=_FORM,
    etag=True, fields=(APPLICANT_NEEDED, PHONE_NEEDED), kind="primary",
    note="批次号 {number} 不变，不受最少数量限制。",
)
DISSOLVE = Action(
    "作废", "/termination/forms/{number}/dissolve", needs="row", can="dissolve", kind="danger", load=_FORM, etag=True,
    confirm="作废申请单 {number}？单上的卡恢复为待报废。", fields=(REMARK,),
)
CARDS = Action("查看明细", needs="row", opens="form-cards?number={number}")
DETAIL = Action("详情", needs="row", opens=_DETAIL)

OPENING_ACTIONS = (VIEW, SUBMIT, UPLOAD, TO_PROVINCE, RENEW, DETAIL)
TERMINATION_ACTIONS = (VIEW, CARDS, SUBMIT, UPLOAD, RENEW, GENERATE_AGAIN, DISSOLVE, DETAIL)

