"""Words for what binding's codes mean."""

from kernel.contracts.words import vocabulary

EXCEPTION_KINDS = vocabulary(
    "exception_kinds",
    {
        "failed": ("召测失败", "No answer"),
        "malformed": ("卡号读错", "Garbled number"),
        "clock_off": ("终端时钟异常", "Clock is off"),
        "terminal_unknown": ("终端未上报", "Unknown terminal"),
        "card_elsewhere": ("卡已绑定其他终端", "Card is bound elsewhere"),
        "card_unknown": ("卡不在系统内", "Unknown card"),
        "card_never_issued": ("卡未领用", "Card never issued"),
        "card_terminated": ("卡已销", "Card is terminated"),
        "lock_breached": ("违反机卡锁定", "Lock was breached"),
        "imei_elsewhere": ("同一 IMEI 在多个终端", "One IMEI in two terminals"),
    },
)
HANDLING_STATES = vocabulary(
    "handling_states",
    {
        "open": ("待处理", "Open"),
        "in_hand": ("处理中", "In hand"),
        "closed": ("已关闭", "Closed"),
    },
)
CHANGE_KINDS = vocabulary(
    "change_kinds",
    {
        "added": ("新增", "Added"),
        "changed": ("变更", "Changed"),
        "removed": ("减少", "Removed"),
    },
)
CHANGE_CAUSES = vocabulary(
    "change_causes",
    {
        "first": ("首次绑定", "First binding"),
        "card_replaced": ("换卡", "Card replaced"),
        "terminal_replaced": ("换终端", "Terminal replaced"),
        "both": ("卡与终端均换", "Both replaced"),
        "module_changed": ("换模块", "Module changed"),
        "moved": ("卡移至其他终端", "Card moved away"),
        "gone": ("终端拆除", "Terminal removed"),
    },
)
READING_OUTCOMES = vocabulary(
    "reading_outcomes",
    {
        "read": ("读到卡号", "Read"),
        "failed": ("无应答", "No answer"),
        "malformed": ("卡号读错", "Garbled"),
        "clock_off": ("时钟异常", "Clock is off"),
    },
)
TERMINAL_STATES = vocabulary(
    "terminal_states",
    {
        "running": ("运行", "Running"),
        "stopped": ("停运", "Stopped"),
        "pending_install": ("待装", "Pending installation"),
        "removed": ("拆除", "Removed"),
    },
)
LOCK_HOLDS = vocabulary(
    "lock_holds",
    {
        "imei": ("当前模块 IMEI", "Its module (IMEI)"),
        "terminal": ("当前终端", "Its terminal"),
        "both": ("当前模块与终端", "Its module and terminal"),
    },
)
CORRECTION_SIDES = vocabulary(
    "correction_sides",
    {
        "card": ("卡改为终端的单位", "The card: to the terminal's unit"),
        "terminal": ("终端改为卡的单位", "The terminal: to the card's unit"),
    },
)
CORRECTION_STATES = vocabulary(
    "correction_states",
    {
        "asked": ("等待库存确认", "Waits for inventory"),
        "done": ("已更正", "Corrected"),
        "refused": ("未能更正", "Refused"),
    },
)
ON_DEMAND_STATES = vocabulary(
    "on_demand_states",
    {
        "waiting": ("等待主站", "Waits for the station"),
        "sent": ("主站召测中", "Being read"),
        "read": ("已读到", "Read"),
        "failed": ("未读到", "Not read"),
        "expired": ("已超时", "Timed out"),
        "cancelled": ("已取消", "Cancelled"),
    },
)
LIST_STATES = vocabulary(
    "terminal_list_states",
    {
        "receiving": ("接收中", "Arriving"),
        "held": ("待裁定", "Waits for a decision"),
        "applied": ("已采用", "Taken"),
        "discarded": ("已拒绝", "Refused"),
    },
)
COUNT_SOURCES = vocabulary(
    "count_sources",
    {
        "pushed": ("运营商推送", "Pushed by the carrier"),
        "file": ("文件上传", "Uploaded"),
        "pulled": ("从运营商获取", "Pulled from the carrier"),
    },
)
COUNT_PULL_STATES = vocabulary(
    "count_pull_states",
    {
        "asked": ("获取中", "Being pulled"),
        "good": ("成功", "Good"),
        "failed": ("失败", "Failed"),
    },
)
CLAIM_PARTIES = vocabulary(
    "claim_parties",
    {
        "this": ("本终端", "This terminal"),
        "other": ("对方终端", "The other terminal"),
        "third": ("第三终端", "A third terminal"),
    },
)
SETTLE_SIDES = vocabulary(
    "settle_sides",
    {
        "this": ("归本终端", "To this terminal"),
        "other": ("归对方终端", "To the other terminal"),
    },
)
