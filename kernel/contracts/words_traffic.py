"""Words for what traffic's codes mean."""

from kernel.contracts.words import vocabulary

USAGE_SOURCES = vocabulary("usage_sources", {"carrier": ("运营商", "Carrier"), "terminal": ("主站", "Master station")})
VOLUME_UNITS = vocabulary("volume_units", {unit: (unit, unit) for unit in ("B", "KB", "MB", "GB")})
MONTH_STATES = vocabulary(
    "month_states",
    {"open": ("未计算", "Open"), "provisional": ("暂计", "Provisional"), "closed": ("已关闭", "Closed")},
)
OVERAGES = vocabulary(
    "overages",
    {
        "excess": ("按各卡超出部分", "By each card's excess"),
        "usage": ("按各卡用量", "By each card's use"),
        "equal": ("按天数均摊", "Equally, by days"),
    },
)
COUNTER_DECISIONS = vocabulary(
    "counter_decisions", {"wrapped": ("翻转", "Ran over"), "reset": ("清零", "Was set back")}
)
COST_VIEWS = vocabulary("cost_views", {"billed": ("按账单", "As billed"), "known": ("按现知", "As known now")})
RULE_KINDS = vocabulary(
    "rule_kinds",
    {
        "plan_percent": ("达套餐百分比", "Percent of the plan"),
        "silent_days": ("连续无流量天数", "Days of silence"),
        "jump": ("流量突增", "Jump"),
    },
)
PULL_KINDS = vocabulary(
    "pull_kinds",
    {"day": ("按卡逐日", "Cards of a day"), "changes": ("增量", "Changes"), "file": ("文件", "File")},
)
PULL_STATES = vocabulary(
    "pull_states",
    {
        "open": ("待取", "To be had"),
        "done": ("已取完", "Done"),
        "short": ("仍有缺", "Gaps left"),
        "lost": ("已过期", "Window closed"),
    },
)
BILL_STATES = vocabulary(
    "bill_states",
    {
        "waiting": ("处理中", "In progress"),
        "held": ("待确认", "Waits for a person"),
        "taken": ("已导入", "Taken"),
        "replaced": ("已被替换", "Replaced"),
        "dropped": ("已放弃", "Dropped"),
        "failed": ("未导入", "Failed"),
    },
)
BILL_COMPARED = vocabulary(
    "bill_compared",
    {"bill": ("本次账单", "This bill"), "before": ("上一份账单", "The bill before"), "ours": ("我方费用", "Our costs")},
)
BILL_DIFFERENCES = vocabulary(
    "bill_differences",
    {
        "differs": ("金额不同", "Other amount"),
        "only_ours": ("账单没有", "Not on the bill"),
        "only_theirs": ("我方没有", "Not ours"),
    },
)
LOAD_STATES = vocabulary(
    "load_states",
    {
        "waiting": ("处理中", "In progress"),
        "held": ("待确认", "Waits for a person"),
        "taken": ("已入库", "Taken"),
        "dropped": ("已放弃", "Dropped"),
        "failed": ("未入库", "Failed"),
    },
)
