"""Words for what workflow's codes mean; states and messages as in the manual."""

from kernel.contracts.words import Word, part_of, vocabulary

FORM_KINDS = vocabulary(
    "form_kinds",
    {
        "city_opening": ("市级开卡申请单", "Activation form of a city"),
        "province_opening": ("省级开卡申请单", "Activation form of the province"),
        "county_termination": ("区县级销卡申请单", "Termination form of a county"),
        "city_termination": ("市级销卡申请单", "Termination form of a city"),
    },
)
FORM_STATES = vocabulary(
    "form_states",
    {
        "drafted": ("新建", "Drafted"),
        "city_summarised": ("市级汇总", "Summed up by the city"),
        "county_reviewing": ("区县级审核中", "In county review"),
        "city_reviewing": ("市级审核中", "In city review"),
        "city_approved": ("市级审核通过", "Approved by the city"),
        "submitted_to_city": ("提交市级", "Submitted to the city"),
        "submitted_to_province": ("提交省级", "Submitted to the province"),
        "sent_back_by_city": ("市级退回", "Sent back by the city"),
        "sent_back_by_province": ("省级退回", "Sent back by the province"),
        "province_summarised": ("省级汇总", "Summed up by the province"),
        "province_reviewing": ("省级审核中", "In province review"),
        "submitted_to_internet_department": ("提交互联网部", "Submitted to the internet department"),
        "completed": ("已完成", "Completed"),
        "dissolved": ("已作废", "Dissolved"),
    },
)
FORM_ACTIONS = vocabulary(
    "form_actions",
    {
        "generate": ("生成申请单", "generate"),
        "generate_again": ("重新生成申请单", "generate again"),
        "renew": ("修改申请单", "change"),
        "remove_cards": ("删除卡片", "remove cards"),
        "drop_refused_cards": ("删除不能销卡的卡片", "remove cards that cannot follow"),
        "submit_for_review": ("提交审核", "submit for review"),
        "return_unissued": ("申请单无法出具", "could not be issued"),
        "upload_signed_form": ("审核回传单", "upload the signed form"),
        "pass_signed_form": ("回传单校验通过", "pass the signed form"),
        "submit_to_province": ("提交省级", "submit to the province"),
        "send_back": ("退回", "send back"),
        "approve": ("审核通过", "approve"),
        "reject": ("审核不通过", "reject"),
        "pass_on_send_back": ("退回区县", "send back to the county"),
        "summarise": ("省级汇总", "sum up"),
        "record_answers": ("登记销卡结果", "record answers"),
        "complete": ("销卡完成", "complete"),
        "reopen": ("重新办理销卡", "open again"),
        "dissolve": ("作废", "dissolve"),
    },
)
_HANDED_OVER = Word("已提交市级", "Submitted to the city")
APPLICATION_STATES = part_of(
    "application_states", FORM_STATES, "drafted", "submitted_to_city", submitted_to_city=_HANDED_OVER,
)  # fmt: skip
CITY_LINE_STATES = part_of(
    "city_line_states", FORM_STATES, "submitted_to_city", "city_summarised", "city_reviewing", "city_approved",
    "sent_back_by_province", "province_summarised", submitted_to_city=_HANDED_OVER,
)  # fmt: skip
part_of(
    "city_opening_states", FORM_STATES, "city_summarised", "city_reviewing", "city_approved",
    "sent_back_by_province", "province_summarised",
)  # fmt: skip
part_of(
    "province_opening_states", FORM_STATES, "province_summarised", "province_reviewing",
    "submitted_to_internet_department",
)  # fmt: skip
part_of(
    "county_termination_states", FORM_STATES, "drafted", "county_reviewing", "submitted_to_city",
    "submitted_to_province", "sent_back_by_city", "sent_back_by_province", "submitted_to_internet_department",
    "completed", "dissolved",
)  # fmt: skip
part_of(
    "city_termination_states", FORM_STATES, "drafted", "city_reviewing", "submitted_to_province",
    "sent_back_by_province", "submitted_to_internet_department", "completed", "dissolved",
)  # fmt: skip
part_of(
    "termination_states", FORM_STATES, "drafted", "county_reviewing", "city_reviewing", "submitted_to_city",
    "submitted_to_province", "sent_back_by_city", "sent_back_by_province", "submitted_to_internet_department",
    "completed", "dissolved",
)  # fmt: skip
APPLICATION_ACTIONS = vocabulary(
    "application_actions",
    {"create": ("新增", "add"), "change": ("修改", "change"), "hand_over": ("汇总到市级", "hand over")},
)
TERMINATION_KINDS = vocabulary(
    "termination_kinds",
    {
        "county_termination": ("区县级销卡申请", "Termination of a county"),
        "city_termination": ("市级销卡申请", "Termination of a city"),
    },
)
ATTEMPT_STATES = vocabulary(
    "attempt_states",
    {
        "verifying": ("校验中", "Being verified"),
        "passed": ("校验通过", "Passed"),
        "differs": ("内容不一致", "Differs"),
        "unclear": ("待人工判定", "For a person to decide"),
        "refused": ("文件不合格", "File refused"),
        "outdated": ("已过时", "Outdated"),
    },
)
FOLLOW_STATES = vocabulary(
    "follow_states",
    {
        "listed": ("已添加", "Listed"),
        "waiting": ("转销卡中", "Being followed"),
        "settled": ("销卡中", "Terminating"),
        "refused": ("不能销卡", "Cannot follow"),
        "answered_done": ("已答复销卡", "Answered: done"),
        "answered_refused": ("运营商拒绝", "Refused by the carrier"),
        "terminated": ("已销卡", "Terminated"),
    },
)
NOTICE_KINDS = vocabulary(
    "notice_kinds",
    {
        "window_closes": ("申请即将截止", "Window closes soon"),
        "handed_over": ("汇总到市级", "Handed over"),
        "form_moved": ("申请单流转", "Form moved"),
        "form_not_issued": ("申请单未能出具", "Form not issued"),
        "signed_form_judged": ("回传单校验结果", "Signed form judged"),
        "cards_refused": ("不能销卡的卡", "Cards that cannot follow"),
        "cards_reopened": ("销卡后仍有流量", "Traffic after termination"),
        "month_reopened": ("重新开放申请", "Month opened again"),
        "usage_warned": ("流量告警", "Usage warning"),
    },
)
REVIEW_VERDICTS = vocabulary(
    "review_verdicts",
    {
        "pass": ("通过", "Pass"),
        "reject": ("不通过", "Reject"),
    },
)
CARRIER_ANSWERS = vocabulary(
    "carrier_answers",
    {
        "done": ("已销卡", "Terminated"),
        "refused": ("拒绝", "Refused"),
    },
)
ORDER_LEVELS = vocabulary(
    "order_levels",
    {
        "city": ("按市统计", "Per city"),
        "county": ("按区县统计", "Per county"),
        "province": ("全省合计", "Whole province"),
    },
)
CHANGED_FIELDS = vocabulary(
    "changed_fields",
    {
        "unit": ("单位", "Unit"),
        "state": ("状态", "State"),
    },
)
READ_STATES = vocabulary(
    "read_states",
    {
        "true": ("已读", "Read"),
        "false": ("未读", "Unread"),
    },
)
