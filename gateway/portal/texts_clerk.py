"""English of what helps through an ordinary day: search, menus of rows, the first page, labels."""

CLERK: dict[str, str] = {
    "更多": "More", "下次开放": "Opens next",
    "不再限定{label}": "No longer only this: {label}",
    "领用人 {name}": "to {name}", "分卡、领用的卡": "Cards of one act", "办理时间": "At",
    "接收或领用单位": "Receiving unit", "修改开卡申请": "Change the application",
    "生成市级开卡申请单": "Generate the city's form", "修改市级汇总": "Change the city's line",
    "生成省级开卡申请单": "Generate the province's form", "生成销卡申请单": "Generate a termination form",
    "审核销卡申请单 {number}": "Review {number}",
    "列出当时办理、现在仍属本单位及下级的卡。": "Cards that it moved and that are in your units now.",
    # the manual's names of statistics and their details
    "终端SIM卡召测统计": "Readings by unit and day", "自动绑定变更统计": "Changes by unit and day",
    "自动绑定变更明细": "Binding changes: list", "SIM卡流量分布统计": "By range",
    "SIM卡流量分布明细": "Card traffic: months",
    "终端流量分布统计": "By range", "终端流量分布明细": "Terminal traffic: list",
    "开/销卡数量统计": "Cards opened and terminated",
    # a month opened again
    "重新开放申请": "Open a month again", "重新开放": "Opened again",
    "重新开放 {reopenable} 的开卡申请？各市的汇总将撤回，截止时重新汇总。":
        "Open the applications for {reopenable} again? The cities' summaries are withdrawn and made anew at its end.",
    "截止日当日 24 时截止。只有尚未生成申请单的月份可以重新开放，原因会记录并通知各市县。":
        "Closes at the end of that day. Only months without a form; the reason is kept and told to all units.",
    # the first page
    "{days} 天": "{days} days", "今天": "today", "超过 {days} 天": "for more than {days} days",
    "本月开卡申请": "Card applications", "受理中": "Open", "未开放": "Closed", "申请时间": "Taken",
    "到货与订单": "Deliveries against orders", "近 12 个月没有订单": "No orders in the last 12 months",
    "{count} 项未到齐": "{count} not complete", "还差 {count} 张": "{count} cards to come",
    "已到货 {percent}%": "{percent}% delivered",
    "超期申请单": "Overdue forms", "没有超期的申请单": "No form is overdue", "{count} 份": "{count}",
    "最久停留": "Oldest", "在同一状态停留超过 {days} 天的申请单": "Forms in one state for more than {days} days",
    "库存可用月数": "Months of stock", "没有库存，近期也没有领用": "No stock, and nothing issued lately",
    "按近 {days} 天的领用速度计算，最紧张的排在前面。": "At the pace of the last {days} days; the scarcest first.",
    "近期领用": "Issued lately", "月均需求": "Need a month", "可用月数": "Lasts", "近期无领用": "Nothing issued lately",
    "{months} 个月": "{months} months", "不足": "Short", "偏少": "Low",
    "近 12 个月趋势": "Trend of 12 months", "近 12 个月": "The last 12 months",
    "近 12 个月没有卡片": "No cards in 12 months",
    "开卡": "Opened", "月末库存": "Stock at month's end",
    "仅超期": "Overdue only", "申请单类别": "Kind of form", "申请单超期天数": "Days until a form is overdue",
    "停留超过此天数的申请单在首页提示": "Forms in one state for longer are shown on the first page",
    "在同一状态停留超过规定天数、等待某级处理的申请单；天数由省公司在「设置申请时间」中设定。":
        "Forms that have waited in one state for longer than the province allows (under Set the window).",
    "起始月份": "From month", "仅未到齐": "Incomplete only",
    # the search box
    "终端": "Terminals", "查找": "Find", "查找结果": "Found",
    "页面": "Pages", "人员": "People", "卡片": "Cards", "尾号": "last digits",
    "没有找到，请核对号码是否完整": "Nothing found; is the number complete?",
    "ICCID 或末 6 位、手机号、IMSI、终端、批次、申请单、人员、页面":
        "ICCID or its last 6 digits, MSISDN, IMSI, terminal, batch, form, person, page",
    "部分服务暂时没有应答，结果可能不全": "A service has not answered in time; something may be missing",
}
