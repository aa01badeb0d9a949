"""Words for what traffic's codes mean."""

from kernel.contracts.words import vocabulary

USAGE_SOURCES = vocabulary("usage_sources", {"carrier": ("运营商", "Carrier"), "terminal": ("主站", "Master station")})
VOLUME_UNITS = vocabulary("volume_units", {unit: (unit, unit) for unit in ("B", "KB", "MB", "GB")})
MONTH_STATES = vocabulary(
    "month_states",
    {"open": ("未计算", "Open"), "provisional": ("暂计", "Provisional"), "closed": ("已关闭", "Closed")},
)
COST_VIEWS = vocabulary("cost_views", {"billed": ("按账单", "As billed"), "known": ("按现知", "As known now")})
BILL_STATES = vocabulary(
    "bill_states",
    {"waiting": ("处理中", "In progress"), "taken": ("已导入", "Taken"), "replaced": ("已被替换", "Replaced")},
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
    },
)
