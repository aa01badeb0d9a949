"""English of what helps through an ordinary day: search, menus of rows, the first page, labels."""

CLERK: dict[str, str] = {
    "更多": "More", "下次开放": "Opens next",
    "不再限定{label}": "No longer only this: {label}", "到货批次": "Delivery", "市级汇总": "City line",
    "领用人 {name}": "to {name}", "分卡、领用的卡": "Cards of one act", "办理时间": "At",
    "接收或领用单位": "Receiving unit", "登记人": "Recorded by", "修改开卡申请": "Change the application",
    "生成市级开卡申请单": "Generate the city's form", "修改市级汇总": "Change the city's line",
    "生成省级开卡申请单": "Generate the province's form", "生成销卡申请单": "Generate a termination form",
    "审核销卡申请单 {number}": "Review {number}",
    "列出当时办理、现在仍属本单位及下级的卡。": "Cards that it moved and that are in your units now.",
    # the search box
    "终端": "Terminals", "查找": "Find", "查找结果": "Found",
    "页面": "Pages", "人员": "People", "卡片": "Cards", "尾号": "last digits",
    "没有找到，请核对号码是否完整": "Nothing found; is the number complete?",
    "ICCID 或末 6 位、手机号、IMSI、终端、批次、申请单、人员、页面":
        "ICCID or its last 6 digits, MSISDN, IMSI, terminal, batch, form, person, page",
    "部分服务暂时没有应答，结果可能不全": "A service has not answered in time; something may be missing",
}
