"""English for the words of the pages of terminals and cards."""

BINDING: dict[str, str] = {
    # pages
    "终端SIM卡召测明细": "Readings", "召测明细": "Readings", "按单位与日期统计": "By unit and day",
    "自动绑定明细": "Binding changes: list", "绑定明细": "Changes", "绑定历史": "Binding history",
    "卡与终端的绑定历史": "History of a card or terminal", "异常": "Exceptions", "双方对照": "Both sides",
    "异常处理记录": "Handling of an exception", "绑定裁定记录": "Decisions", "裁定记录": "Decisions",
    # fields and columns
    "召测日期": "Read on", "绑定日期": "Bound on", "最近日期": "Last day", "首次日期": "First day",
    "留空为今天；最多 92 天": "Empty: today; at most 92 days", "模块槽位": "Slot", "召测总数": "Readings",
    "成功数": "Good", "异常数": "Abnormal", "失败数": "Failed", "成功率（%）": "Success (%)",
    "各单位召测结果": "Readings by unit", "次": "times", "采集成功": "Collected", "是否异常": "Abnormal",
    "抄读时间": "Read at", "主站接收时间": "Station's time", "召测结果": "Outcome", "失败代码": "Fault",
    "新增": "Added",
    "各单位绑定变更": "Changes by unit",
    "变更类型": "Change", "变更原因": "Cause", "原 ICCID": "Old ICCID", "新 ICCID": "New ICCID",
    "对方终端": "Other terminal", "填写完整的 ICCID 或终端资产编号。": "Give a whole ICCID or asset number.",
    "绑定时间": "Bound from", "解绑时间": "Bound to", "异常原因": "Reason", "处理状态": "Handling",
    "仍存在": "Still there", "抄读内容": "What was read", "出现次数": "Seen", "最近抄读时间": "Last read at",
    "处理人": "Handled by", "处理时间": "Handled", "处理说明": "What was done", "归属": "The card goes",
    "哪一方": "Side", "终端类型": "Kind of terminal", "终端状态": "Terminal's state", "首次抄到": "First read",
    "最近抄到": "Last read", "现绑定于此": "Bound here now", "原状态": "From", "新状态": "To", "裁定时间": "Decided",
    "裁定人": "Decided by", "撤销时间": "Undone", "撤销人": "Undone by", "撤销原因": "Why undone",
    "近 30 日召测成功率": "Success of 30 nights", "成功率趋势": "Trend",
    "近 30 日各单位召测成功率": "Success of 30 nights by unit",
    # terminals
    "终端明细": "Terminals", "未绑定终端明细": "Terminals without a card", "按单位统计": "By unit",
    "各单位终端数量": "Terminals by unit", "台": "terminals",
    "未绑卡": "Without a card", "模块槽位数": "Slots", "上报时间": "Reported", "采集主站": "Master station",
    "已绑卡": "Holds a card",
    # reads on demand and full lists
    "终端召测": "Read terminals now", "召测": "Read now", "召测编号": "No.",
    "召测时间": "Asked", "召测人": "Asked by", "等待至": "Waits until", "终端数": "Terminals",
    "等待中": "Waiting", "等待时间（分钟）": "Wait (minutes)",
    "主站离线时请求保留这么久；最长 10080 分钟（7 天）":
        "While the station is away the request is kept this long; at most 10,080 minutes (7 days)",
    "终端全量清单": "Full lists of terminals", "全量清单": "Full lists", "清单序号": "List no.",
    "清单编号": "List", "清单时间": "As of",
    "分段数": "Parts", "清单状态": "State", "缺少终端数": "Terminals missing", "接收时间": "Received",
    "清单缺少的终端超过主站在册终端的 10% 时待人裁定：采用则将其置为拆除，拒绝则忽略该清单。":
        "A list that lacks over 10% of a station's terminals waits for a person: taking it marks them removed,"
        " refusing forgets the list.",
    "查看缺少的终端": "What is missing", "清单缺少的终端": "Terminals that the list lacks",
    "采用": "Take",
    "清单 {list_id} 缺少 {missing} 台终端，采用后将全部置为拆除，其卡变为待装。请先查看缺少的终端。":
        "List {list_id} lacks {missing} terminals; all become removed and their cards pending. Look at them first.",
    "终端资产编号（可粘贴多行，或从表格复制一列）": "Asset numbers (paste lines, or a column of a table)",
    "从文件读入": "From a file", "已填 {count} 台，最多 {limit} 台": "{count} given, at most {limit}",
    "请填写终端资产编号": "Give asset numbers", "未能召测的终端": "Terminals that could not be asked",
    "采集主站离线（最近在线：{time}）。请求会保留到 {until}，主站恢复后自动召测。":
        "The master station is away (last heard of: {time}). It is kept until {until} and read when it is back.",
    "从未在线": "never", "共 {total} 台：已读到 {read}，未读到 {failed}，等待 {open}":
        "{total} terminals: {read} read, {failed} not read, {open} waiting",
    "取消未答复的召测": "Cancel what is open", "召测结果列表": "Answers", "与绑定一致": "As bound",
    "读到的 ICCID": "Read",
    "绑定的 ICCID": "Bound", "答复时间": "Answered", "文件中没有终端资产编号": "The file holds no asset number",
    "召测已完成": "All answered", "连接中断，正在重试": "The connection broke; trying again",
    # modules and locks
    "IMEI 变更记录": "IMEI changes", "IMEI 变更": "IMEI changes", "模块 IMEI 记录": "Modules (IMEI)",
    "卡与终端的 IMEI 记录": "Modules of a card or terminal", "IMEI 记录": "Modules", "卡原 IMEI": "Card's IMEI before",
    "卡原终端": "Card's terminal before", "槽位原 IMEI": "Slot's IMEI before", "截止时间": "Until",
    "只有抄到 IMEI 的召测才有记录。": "Only readings with an IMEI are recorded.", "机卡锁定": "Card locks",
    "锁定的卡只应在所锁的模块或终端中；在别处抄到即为绑定异常“违反机卡锁定”。":
        "A locked card belongs into its module or terminal only; read elsewhere, it is an exception.",
    "锁定中": "Stands", "已违反": "Breached", "锁定编号": "No.", "锁定 IMEI": "Held to IMEI",
    "锁定终端": "Held to terminal", "锁定时间": "Locked", "锁定人": "Locked by", "解除时间": "Released",
    "解除人": "Released by", "解除原因": "Why released", "锁定": "Lock", "锁定到": "Hold to",
    "解除锁定": "Release", "勾选的锁定已解除": "The chosen locks are released already",
    "只锁一张卡时可填写；留空为最近抄到的模块": "For one card only; empty: the module read last",
    "只锁一张卡时可填写；留空为现在绑定的终端": "For one card only; empty: the terminal it is bound in",
    # cards and terminals compared
    "从运营商获取": "Pull from the carrier", "留空为本月": "Empty: this month", "运营商卡数获取记录": "Pulls of counts",
    "每月初也会自动获取上月卡数；结果与失败原因见“获取记录”。":
        "The last month's counts are pulled by themselves, too; see “Pulls” for the outcome.",
    "获取记录": "Pulls", "获取结果": "Outcome", "获取时间": "Asked", "获取人": "Asked by", "失败原因": "Why it failed",
    "最近成功时间": "Last good", "最近成功月份": "Its month", "最近成功的统计日期": "Counted on", "单位数": "Units",
    "按单位与运营商比对": "By unit and carrier", "运营商卡数": "Carrier's count", "运行终端数": "Running terminals",
    "差值": "Difference", "差异（%）": "Difference (%)", "超过阈值": "Over the limit",
    "未在终端的卡": "Cards in no terminal",
    "数据来源": "Source", "差异阈值（%）": "Limit (%)",
    "仅显示超过阈值": "Only over the limit",
    "上传卡数": "Upload counts", "统计日": "Counted on",
    "文件": "File",
    "文件含单位编码与卡数两列；留空的统计日为今天":
        "The file has unit codes and numbers of cards; without a day it is today",
    "运营商卡数为运营商自己的统计；运行终端数为当前绑有该运营商卡的运行终端。":
        "The carrier's count is the carrier's own; running terminals are those that hold its cards now.",
    # units that differ
    "单位不一致": "Units that differ", "更正记录": "Corrections", "单位更正记录": "Unit corrections",
    "供电单位按终端或卡的单位查询；供电所与其所属县视为一致。":
        "The unit is the terminal's or the card's; a station counts as its county.",
    "终端单位": "Terminal's unit", "卡单位": "Card's unit", "单位更正": "Correct the unit",
    "更正对象": "What is corrected",
    "勾选的终端或卡涉及其他单位，请由上级单位更正":
        "Other units have a part in what is ticked; the unit above has to correct it",
    "更正状态": "State", "更正时间": "Corrected", "更正人": "By", "原单位": "From", "新单位": "To",
    "未能更正的原因": "Why not", "撤销的更正": "Undoes", "被何更正撤销": "Undone by", "撤销更正": "Undo",
    # actions
    "接手": "Take in hand", "裁定": "Settle", "关闭": "Close", "处理记录": "Notes",
    "撤销裁定": "Undo",
    "ICCID {iccid}：本终端 {terminal}，对方终端 {other_terminal}。请先查看双方对照。":
        "ICCID {iccid}: this terminal {terminal}, the other {other_terminal}. Look at both sides first.",
}  # fmt: skip
