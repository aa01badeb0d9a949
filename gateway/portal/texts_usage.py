"""English for the words of the pages of usage and cost."""

USAGE: dict[str, str] = {
    # pages
    "SIM日流量明细": "Usage per card and day", "流量数据": "Usage data", "数据批次": "Loads",
    "流量数据预览": "Preview of a load", "账单预览": "Preview of a bill", "对比": "Compared",
    "待确认原因：{reasons}": "Held because: {reasons}",
    "流量拒收行": "Refused rows", "未知卡流量": "Usage of unknown cards",
    "流量核对": "Check of sums", "核对": "Checks",
    # fields and columns
    "运营商流量": "Carrier's figure", "终端流量": "Station's figure", "运营商流量（MB）": "Carrier (MB)",
    "终端流量（MB）": "Station (MB)", "差值（MB）": "Difference (MB)", "运营商数据时间": "Carrier's data of",
    "主站数据时间": "Station's data of", "流量单位": "Measured in", "是否全量": "All cards",
    "包含所列日期的全部卡片": "It tells of all cards of its days", "流量文件": "File of usage",
    "CSV 或 XLSX，须有 ICCID、日期、流量三列；ICCID 列请设为文本格式；选择文件后可以核对单位与合计":
        "CSV or XLSX with ICCID, day and volume; ICCIDs must be formatted as text",
    "编号": "No.", "首日": "First day", "末日": "Last day", "行数": "Rows", "更正": "Corrected",
    "重复": "Repeated", "未知卡": "Unknown cards", "数据时间": "Data of", "提交人": "Sent by", "提交时间": "Sent",
    "完成时间": "Ended", "确认人": "Decided by", "确认说明": "Remark", "日期或 ICCID": "Day or ICCID",
    "本次卡数": "Cards here", "其中已有数据": "Known already", "本次流量（MB）": "Here (MB)",
    "流量补采": "Usage from carriers", "补采": "From carriers", "方式": "How", "缺数": "Missing", "已取": "Came",
    "对方无此卡": "Not theirs", "调用次数": "Calls", "可查截止": "Can be had until", "预计完成": "Will be here",
    "赶不上": "Too late", "最近调用": "Last call", "暂停至": "Rests until", "立即补采": "Get it now",
    "缺哪一天多少卡、运营商还能查到何时、按其频率与配额何时取完。只在运营商允许的时段内调用。":
        "How many cards a day lacks, until when the carrier answers, and when all will be here at its rate and quota."
        " It is asked in its hours only.",
    "最近流量日期": "Last use", "最近月流量（MB）": "Month's use (MB)", "最近月费用（元）": "Month's cost (yuan)",
    "本月流量与费用": "Use and cost", "还没有流量数据": "No figures yet",
    "{count} 张卡有流量数据": "{count} cards with figures", "{month} 费用（元）": "Cost of {month} (yuan)",
    "已有流量（MB）": "Known (MB)", "不一致": "Differences",
    "流量区间": "Range", "卡数": "Cards", "卡数（运营商）": "Cards (carrier)", "卡数（主站）": "Cards (station)",
    "每卡平均（MB，运营商）": "Mean (MB, carrier)", "每卡平均（MB，主站）": "Mean (MB, station)",
    "终端数": "Terminals", "台": "terminals", "统计": "Ranges", "各单位": "By unit", "各单位流量": "Traffic by unit",
    "卡流量月明细": "Card traffic: months", "月明细": "Months", "终端流量明细": "Terminal traffic: list",
    "各流量区间卡数": "Cards by range", "各流量区间终端数": "Terminals by range",
    "各单位有流量数据的卡数": "Cards with traffic by unit",
    "留空为最近有数据的月份": "Empty: the newest with figures",
    "留空为最近的账单": "Empty: the newest bill",
    "MB，由小到大，用逗号分隔，如 1,5,10；留空为本省设置":
        "MB, rising, with commas, as 1,5,10; empty: those of the province",
    "主站数据可留空": "May be empty for the station's figures",
    "留空为最近有费用的月份": "Empty: the newest with cost", "口径": "View",
    "其中更正（元）": "Corrections (yuan)", "上月费用（元）": "Last month (yuan)",
    "去年同月费用（元）": "Last year (yuan)",
    "不应产生费用的卡（元）": "Cards that should not cost (yuan)", "不应产生费用的卡": "Should not cost",
    "各单位费用": "Cost by unit",
    "元": "yuan", "费用明细": "Entries of cost", "费用月份": "About month", "计入月份": "Posted in",
    "金额（元）": "Amount (yuan)",
    "天数": "Days", "流量池": "Pool", "更正编号": "Corrects", "更正原因": "Why corrected",
    "计算依据": "How it came about",
    "记账时间": "Posted", "账单费用（元）": "Billed (yuan)", "现知费用（元）": "Known (yuan)", "计算时间": "Rated",
    "关闭时间": "Closed", "资费": "Tariffs", "有效日期": "Holds on", "生效日期": "From", "失效日期": "Until",
    "月租（元）": "Monthly fee (yuan)", "包含流量（MB）": "Included (MB)", "包含流量（字节）": "Included (bytes)",
    "超出单价（元/MB）": "Price beyond (yuan/MB)", "沉默期月租（元）": "Silent fee (yuan)", "首末月按天": "By days",
    "某月 1 日": "The first of a month", "最多四位小数": "At most four digits",
    "某月 1 日，当日起不再适用；留空为长期": "The first of a month from which it no longer holds; empty: no end",
    "30 MB = 31457280": "30 MB = 31457280", "最多六位小数": "At most six digits",
    "当月没有流量的卡按此收取；留空则按月租": "Of a month without use; empty: the monthly fee",
    "同一运营商、同一流量池的卡共享包含流量": "Cards of the carrier with the same pool share what is included",
    "固定容量（MB）": "Fixed size (MB)", "固定容量（字节）": "Fixed size (bytes)", "新入按天": "Joining by days",
    "退出按天": "Leaving by days", "超出分摊": "Overage borne",
    "与资费中的流量池同名": "As it is called in the tariffs",
    "留空：各卡资费包含流量之和；1 GB = 1073741824":
        "Empty: what the cards' tariffs include, added up; 1 GB = 1073741824",
    "当月新入的卡按天计入容量": "A card that joins within the month counts by its days",
    "当月退出的卡按天计入容量；不选则保留全月":
        "A card that leaves within the month counts by its days; else the pool keeps its part",
    "自生效月份起适用，直到另有约定。没有约定的流量池，容量为各卡资费包含流量之和。":
        "Holds from that month on, until something else is agreed. Without any, a pool is what its cards' tariffs "
        "include, added up.",
    "登记约定": "Agree",
    "运营商账单": "Carriers' bills", "账单金额（元）": "Bill (yuan)", "我方费用（元）": "Ours (yuan)",
    "差额（元）": "Difference (yuan)",
    "账单文件": "Bill", "CSV 或 XLSX，须有 ICCID、费用（元）两列；ICCID 列请设为文本格式":
        "CSV or XLSX with ICCID and amount in yuan; ICCIDs must be formatted as text",
    "账单差异": "Differences to the bill", "元/MB": "yuan/MB",
    "非运行有流量": "Idle with traffic", "分析日期": "Day", "沉默卡": "Silent cards", "无流量月数": "Months",
    "终端自计流量（MB）": "Terminal's own (MB)", "终端计数疑点": "Doubtful counters", "已判定": "Decided",
    "上次读数（字节）": "Before (bytes)", "本次读数（字节）": "Now (bytes)", "按翻转计（MB）": "If it ran over (MB)",
    "按清零计（MB）": "If set back (MB)", "其他来源（MB）": "Other source (MB)", "判定": "Decision",
    "判定人": "Decided by", "判为翻转": "It ran over", "判为清零": "It was set back",
    "终端自计流量的读数比上次小，而无法判断是翻转（2^32）还是清零；判定后计入当月终端自计流量。":
        "A terminal's own counter went down, and it is not clear whether it ran over (2^32) or was set back; once "
        "decided it counts in the month's own figure.",
    "长期无流量": "Silent", "长期无流量卡": "Silent for long", "最近有流量": "Last traffic",
    "无流量天数": "Days of silence",
    "运行状态、最近数月运营商和主站都没有流量的卡，按单位统计。":
        "Running cards without traffic by carrier and station in the newest months, by unit.",
    "无流量起始": "Silent since", "流量差异卡": "Figures that differ", "双方差异": "Differences",
    "容差（%）": "Tolerance (%)", "留空为最近有数据的一天": "Empty: the newest with figures",
    # actions
    "计算费用": "Rate", "登记资费": "New tariff", "导入账单": "Import a bill", "逐卡核对": "Card by card",
    "设置区间": "Set ranges", "日明细": "Days", "各月": "Months",
    "上传流量文件": "Upload usage", "确认": "Decide", "放弃": "Drop",
    # sentences
    "1 MB = 1,048,576 字节（2^20）。": "1 MB = 1,048,576 bytes (2^20).",
    "各区间的起点，单位 MB，由小到大，用逗号分隔。修改后立即适用于所有月份。":
        "Where each range begins, in MB, rising, with commas. Applies to all months at once.",
    "月中换单位的卡在每个单位各有一行。1 MB = 1,048,576 字节（2^20）。":
        "A card that moved in mid-month has a line in each unit. 1 MB = 1,048,576 bytes (2^20).",
    "按主站统计的流量计数；终端上有多张卡的，流量相加。1 MB = 1,048,576 字节（2^20）。":
        "Counted by the station's figure; cards of one terminal are added up. 1 MB = 1,048,576 bytes (2^20).",
    "{data_of}": "{data_of}",
    "现在不是运行状态、分析日期当日有流量的卡。每次查询都按最新数据重新分析。":
        "Cards that do not run now and have traffic of the day; found anew at each question.",
    "运行状态、最近数月运营商和主站都没有流量的卡。":
        "Running cards without traffic for months, by either source.",
    "运营商与主站当月流量相差超过容差且不少于 1 MB 的卡，导出后可与运营商核对。":
        "Cards whose figures differ beyond the tolerance and by 1 MB at least; the file is for the carrier.",
    "按账单：计入该月账单的费用，含以前月份的更正；按现知：该月按最新流量应有的费用。":
        "As billed: what stands on the month's bill, with corrections of earlier months. As known: by today's figures.",
    "未计算 > 暂计 > 已关闭。关闭后流量再有更正，差额记入尚未关闭的月份，并注明原因。":
        "Open > provisional > closed. Later corrections of usage are posted in the open month with their reason.",
    "按最新流量和资费计算 {month} 的费用？": "Rate {month} by the present usage and tariffs?",
    "{month} 已关闭：差额记入尚未关闭的月份。": "{month} is closed: what differs is posted in the open month.",
    "关闭 {month}？关闭后该月账单不再变化。": "Close {month}? Its bill does not change any more.",
    "同一运营商、同一规格正在生效的资费在新资费生效时结束。1 MB = 1,048,576 字节（2^20）。":
        "The open tariff of the same cards ends where this one begins. 1 MB = 1,048,576 bytes (2^20).",
    "1 MB = 1,048,576 字节（2^20）。差值为运营商流量减主站流量。":
        "1 MB = 1,048,576 bytes (2^20). Difference: the carrier's figure less the station's.",
    "卡片行为每卡每日平均流量。1 MB = 1,048,576 字节（2^20）。":
        "Of cards the mean a day. 1 MB = 1,048,576 bytes (2^20).",
    "按日流量重算该月累计与分布，逐卡列出不一致。":
        "Recomputes the sums and the distribution of the month from its days; lists every difference.",
    "台账中没有这些卡。卡片入账后，随下一次流量数据自动入库。":
        "No card of the books has these numbers; taken with the first load after the card is known.",
}  # fmt: skip
